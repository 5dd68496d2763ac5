"""Wording that tells a resident nothing (rule 12 of the guides, DOMAIN 4)."""

import re
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from quality.words import word_list, words

EMPTY = word_list(
    "empty-words",
    _("空话"),
    (  # noqa: SIM905  one below another they would fill a page
        "按|按照|依照|依|依据|根据|参照|符合|满足|以|详见|见|参见|请见|另行|由|等|及|和|与|的|为|为准|执行|办理|提交|提供"
        "|收取|其他|其它|相关|有关|所需|必要|相应|具体|实际|上述|国家|法律|法规|政策|规定|标准|要求|条件|情况|情形|材料"
        "|证明|证件|文件|资料|部门|通知|公告|附件|网站|官网|指南|办事|待定|暂无|待补充|另定|视|而定|咨询|窗口|需要"
    ).split("|"),
    about=_("一栏里全是这些词，就等于没写，例如“按有关规定办理”。"),
)
POINTING_AWAY = word_list(
    "pointing-words",
    _("推到别处的词"),
    "按|依|根据|参照|符合|满足|见|另|其他|其它|相关|有关|所需|相应|上述|规定|待定|暂无|待补充|视".split("|"),  # noqa: SIM905
    about=_("一栏里全是空话，又有这些词当中的一个，才算没写清。"),
)
CATCH_ALLS = word_list(
    "catch-alls",
    _("兜底的说法"),
    ("其他需要提供的材料", "其他有关材料", "其他相关材料", "法律法规规定的其他条件", "需要的其他材料"),
    about=_("出现就提醒。“法律、法规规定的其他……”这一类写法不用列，会自动认出。"),
)
ALLOWED = word_list(
    "allowed-catch-alls",
    _("不算兜底的说法"),
    (),
    about=_("这些说法虽然像兜底，但在本地有明确含义，不提醒。"),
)
# A list that ends so is no list. Real rules name what they mean.
_CATCH_ALL = re.compile(
    r"(?:法律|法规|行政法规|规章|政策|国家|有关部门|部门)[^。；;\n]{0,12}(?:规定|要求|认为)[^。；;\n]{0,8}(?:的)?(?:其他|其它)[^。；;，,\n]{0,12}"
    r"|(?:其他|其它)(?:相关|有关|必要|需要|所需|应当|依法)[^。；;，,\n]{0,10}(?:材料|证明|证件|文件|资料|条件|情形|手续)"
)


def is_vague(text: str) -> bool:
    """Whether the whole value says nothing: 按规定, 符合条件, 相关材料, 详见附件, 待定."""
    bare = re.sub(r"[\W_]+", "", text)
    return any(word in bare for word in words(POINTING_AWAY.code)) and _is_made_of(bare, words(EMPTY.code))


def _is_made_of(text: str, some: tuple[str, ...]) -> bool:
    """Whether ``text`` is nothing but these words, one after another."""
    ends = {0}
    for place in range(len(text)):
        if place in ends:
            ends.update(place + len(word) for word in some if text.startswith(word, place))
    return bool(text) and len(text) in ends


def catch_alls(text: str) -> list[str]:
    """Phrases that leave everything open: 法律、法规规定的其他条件."""
    pattern = _phrases(words(CATCH_ALLS.code))
    spans = [match.span() for match in (*_CATCH_ALL.finditer(text), *pattern.finditer(text))]
    allowed = words(ALLOWED.code)
    found: list[str] = []
    end = -1
    for start, stop in sorted(spans):
        phrase = text[start:stop].strip()
        if start >= end and not any(word in phrase for word in allowed):
            found.append(phrase)
            end = stop
    return found


@lru_cache(maxsize=4)
def _phrases(some: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(some, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first)) if some else "(?!)")
