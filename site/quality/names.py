"""Names of people that stand beside an identity number: 张三，身份证号 …, or … 张三."""

import re
from collections.abc import Iterable

# The hundred-odd surnames that cover nearly everyone, and the usual double ones.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈"
    "钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康施牛"
    "温芦葛洪樊兰殷庄章鲁倪邢翟焦俞童柴裴阎褚窦古欧聂齐乔伍庞关阮季包左岳梅路甘祝凌霍娄柯桂喻翁鲍"
)
DOUBLE_SURNAMES = "欧阳|上官|司马|诸葛|慕容|司徒|夏侯|皇甫|尉迟|令狐|东方|公孙|端木"
_NAME = rf"(?:(?:{DOUBLE_SURNAMES})[\u4e00-\u9fff]{{1,2}}|[{SURNAMES}][\u4e00-\u9fff]{{1,2}})"
_HAN = r"[\u4e00-\u9fff]"
# What may stand between a name and the number.
_BETWEEN = (
    r"(?:[ \t,，、:;；(/|]|\0+|男|女|汉族|[一-龥]族|先生|女士|同志|[0-9]{1,3}岁?|出生|性别|民族"
    r"|(?:其|的|居民|公民|本人)|身份证件?|证件|号码?|编号|为|是|ID|id)"
)
_BEFORE = re.compile(
    rf"(?:(?<!{_HAN})|(?<=姓名)|(?<=居民)|(?<=村民)|(?<=业主)|(?<=申请人)|(?<=当事人)|(?<=户主)|(?<=党员)|(?<=患者)"
    rf"|(?<=联系人)|(?<=经办人)|(?<=负责人)|(?<=代表人)|(?<=配偶)|(?<=之子)|(?<=之女)|(?<=叫)|(?<=兹有)|(?<=群众))"
    rf"({_NAME}){_BETWEEN}{{1,8}}$"
)
_AFTER = re.compile(rf"[ \t,，、:(/|]{{1,3}}({_NAME})(?!{_HAN})")
_NO_NAMES = re.compile(
    "高中|金额|时间|方式|余额|常住|全日|任职|关于|于[是今]|万元|向[我您本]|程度|石材|金融|白天"
)
_REACH = 40


def names_beside(numbers: Iterable[tuple[int, int]], *, plain: str) -> list[tuple[int, int]]:
    """Spans of the names right before or right after the identity numbers at these spans."""
    found = set()
    for start, end in numbers:
        before = _BEFORE.search(plain[max(0, start - _REACH) : start])
        if before and not _NO_NAMES.match(before[1]):
            offset = max(0, start - _REACH)
            found.add((before.start(1) + offset, before.end(1) + offset))
            continue
        after = _AFTER.match(plain, end)
        if after and not _NO_NAMES.match(after[1]):
            found.add(after.span(1))
    return sorted(found)
