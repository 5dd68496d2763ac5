"""Where somebody lives: an address below its street that stands next to a name."""

import re
from collections.abc import Iterator

from quality.names import STANDING_NAME, is_name

_HAN = r"[\u4e00-\u9fff]"
_NO = r"[0-9一二三四五六七八九十]{1,4}"
_ROOM = r"(?:[0-9]{3,4}(?: ?[室户房])?|[0-9]{1,2} ?[室户])(?![0-9栋幢座楼号单元平米层])"
# 3号楼2单元501室, 12栋301, 2单元301, 5-2-501 after a place's name, 12号301室.
_HOME = (
    rf"(?:{_NO} ?(?:号楼|号院|栋|幢|座|弄|#楼?)[ ,\-]?(?:{_NO} ?(?:单元|号|层|楼)[ \-]?)?{_ROOM}"
    rf"|{_NO} ?(?:单元|门洞?)[ \-]?{_ROOM}"
    rf"|(?<={_HAN})[0-9]{{1,3}}-[0-9]{{1,2}}-[0-9]{{3,4}}(?:室|户)?(?![0-9\-])"
    rf"|{_NO} ?号[ \-]?[0-9]{{3,4}} ?(?:室|户))"
)
_HOUSE = r"(?<=[路街巷弄里村庄屯组]) ?[0-9]{1,4}(?: ?号|-[0-9]{1,3}号)(?!楼|[0-9])"
_ADDRESS = re.compile(
    rf"(?:(?<=[路街巷弄里村道]) ?[0-9]{{1,4}} ?号(?:院|大院)?[ ,，]?)?(?P<home>{_HOME})|(?P<house>{_HOUSE})"
)
_SIGN = re.compile(
    r"[0-9０-９一二三四五六七八九十] ?(?:号楼|号院|栋|幢|座|单元|弄|室|[#＃\-－])"
    r"|[住籍][^\n。]{0,30}?[0-9０-９]"
)
_LIVES = re.compile(r"住|户籍|籍贯|家庭地址|家在")
# People who stand there for others to call on them.
_ON_DUTY = re.compile(
    r"(?:联系人|负责人|网格[长员]|协管员|主任|书记|站长|院长|经理|法人|经办人|代表人|社工|民警|医生|所长|工作人员|咨询人|管家)"
    r"[\s:：(]{0,3}$"
)
_STOP = re.compile(r"[。；;\n]")
_REACH = 40
_AFTER = re.compile(r"[ \t,，:：(]{1,3}(?:户主|业主|居民|姓名)?[:：]?")


def may_hold_home(text: str) -> bool:
    return _SIGN.search(text) is not None


def homes(plain: str) -> Iterator[tuple[int, int]]:
    """Spans of house numbers and what is below them, where a name says whose home it is."""
    for found in _ADDRESS.finditer(plain):
        if _named_before(plain, found) or (found["home"] and _named_after(plain, found.end())):
            yield found.span()


def _named_before(plain: str, found: re.Match[str]) -> bool:
    start = max(0, found.start() - _REACH)
    between = plain[start : found.start()]
    stops = [stop.end() for stop in _STOP.finditer(between)]
    clause = start + (stops[-1] if stops else 0)
    for name in STANDING_NAME.finditer(plain, clause, found.start()):
        lives = _LIVES.search(plain, name.end(), found.start())
        on_duty = _ON_DUTY.search(plain[max(0, name.start() - 12) : name.start()])
        if is_name(name[1]) and (lives or (found["home"] and not on_duty)) and _is_free(plain, name.end(1)):
            return True
    return False


def _named_after(plain: str, end: int) -> bool:
    gap = _AFTER.match(plain, end)
    name = gap and STANDING_NAME.match(plain, gap.end())
    return bool(name and is_name(name[1]) and not re.match(_HAN, plain[name.end(1) :]))


def _is_free(plain: str, end: int) -> bool:
    """Whether the name ends there: at a stop, or before a word that says something of the person."""
    return re.match(rf"(?!{_HAN})|住|家住|户籍|籍贯|男|女|现住|同志|的住|系|家", plain[end:]) is not None
