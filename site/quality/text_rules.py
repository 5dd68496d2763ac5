"""Wording that tells a resident nothing (rule 12 of the guides, DOMAIN 4)."""

import re

_EMPTY_WORDS = (
    "按|按照|依照|依|依据|根据|参照|符合|满足|以|详见|见|参见|请见|另行|由|等|及|和|与|的|为|为准|执行|办理|提交|提供|收取"
    "|其他|其它|相关|有关|所需|必要|相应|具体|实际|上述|国家|法律|法规|政策|规定|标准|要求|条件|情况|情形|材料|证明|证件"
    "|文件|资料|部门|通知|公告|附件|网站|官网|指南|办事|待定|暂无|待补充|另定|视|而定|咨询|窗口|需要"
)
_POINTING_AWAY = "按|依|根据|参照|符合|满足|见|另|其他|其它|相关|有关|所需|相应|上述|规定|待定|暂无|待补充|视"
_VAGUE = re.compile(rf"(?=.*(?:{_POINTING_AWAY}))(?:{_EMPTY_WORDS})+", re.DOTALL)
# A list that ends so is no list. Real rules name what they mean.
_CATCH_ALL = re.compile(
    r"(?:法律|法规|行政法规|规章|政策|国家|有关部门|部门)[^。；;\n]{0,12}(?:规定|要求|认为)[^。；;\n]{0,8}(?:的)?(?:其他|其它)[^。；;，,\n]{0,12}"
    r"|(?:其他|其它)(?:相关|有关|必要|需要|所需|应当|依法)[^。；;，,\n]{0,10}(?:材料|证明|证件|文件|资料|条件|情形|手续)"
)


def is_vague(text: str) -> bool:
    """Whether the whole value says nothing: 按规定, 符合条件, 相关材料, 详见附件, 待定."""
    bare = re.sub(r"[\W_]+", "", text)
    return bool(_VAGUE.fullmatch(bare)) if bare else False


def catch_alls(text: str) -> list[str]:
    """Phrases that leave everything open: 法律、法规规定的其他条件."""
    return [found[0].strip() for found in _CATCH_ALL.finditer(text)]
