"""Finds and masks personal data in text before it goes public (THREATS 19).

Text in, findings out. A number is looked for within one line: callers join cells with a line break or a tab,
so that digits of neighbours never add up. Markup is the caller's to strip.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from quality.homes import homes, may_hold_home
from quality.names import Sensitive, names_beside
from quality.numbers import is_bank_card, is_date, is_old_resident_id, is_resident_id, is_uscc
from quality.plain import DIGIT, GAP, LETTER, make_plain


class Kind(models.TextChoices):
    RESIDENT_ID = "resident_id", _("居民身份证号码")
    OLD_RESIDENT_ID = "old_resident_id", _("15 位旧身份证号码")
    MOBILE = "mobile", _("手机号码")
    BANK_CARD = "bank_card", _("银行卡号")
    PASSPORT = "passport", _("护照或通行证号码")
    EMAIL = "email", _("个人电子邮箱")
    PLATE = "plate", _("车牌号码")
    ADDRESS = "address", _("与姓名写在一起的住址")
    NAME = "name", _("与身份证号码写在一起的姓名")
    CASE = "case", _("与敏感情况写在一起的姓名")


@dataclass(frozen=True, order=True)
class Finding:
    """Personal data at ``text[start:end]`` and the form in which it may be shown."""

    start: int
    end: int
    kind: Kind
    text: str
    masked: str

    @property
    def label(self) -> str:
        return str(self.kind.label)


Span = tuple[int, int]

# What nobody is to read beside a name, where editors have not listed other words.
_WORDS = (
    "吸毒 涉毒 戒毒 残疾 低保 特困 五保 精神病 精神障碍 精神残疾 精神分裂 精神疾病 精神异常 抑郁症 智力障碍"
    " 艾滋 性病 梅毒 乙肝 肺结核 癌症 肿瘤 尿毒症 白血病 刑满释放 社区矫正 服刑 判刑 犯罪 前科 邪教 上访 信访"
    " 失独 离异 孤儿 困境儿童 家暴"
)
SENSITIVE_WORDS = _WORDS.split(" ")
_SENSITIVE = Sensitive(SENSITIVE_WORDS)

PLACE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使]"
# One scan for the first digit of seven in a row, of eleven with gaps, or of those of a licence plate.
_PLATE_SIGN = "|".join(
    f"(?<={PLACE}{LETTER}{gap}{LETTER * letters}{DIGIT})" for gap in ("", GAP) for letters in range(3)
)
_SIGN = re.compile(
    f"(?<![0-9]){DIGIT}(?:{DIGIT}{{6}}|(?:{GAP}{{0,3}}{DIGIT}){{10}}|(?<=[^\u4e00-\u9fff0-9]{DIGIT})(?:{_PLATE_SIGN}))"
)

# Below, all patterns read text made plain.
_CHAIN = re.compile(r"[0-9][0-9 .\-]{9,}[0-9]")
_RUN = re.compile(r"[0-9]+")
_GAPS = {"", "-", "."}
_END_X = re.compile(r" ?[ .\-]? ?[Xx](?![A-Za-z0-9])")
_ID_START = re.compile(r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}[01]")
_OLD_ID_START = re.compile(r"[1-8][0-9]{7}[01]")
_CARD_START = re.compile(r"[34569][0-9]{15}")
_MOBILE_START = re.compile(r"(?:(?:00)?86)?1[3-9]")
_COUNTRY_CODE = re.compile(r"(?:00)?86(?=1[3-9])")
_MOBILE_GROUPS = {(11,), (3, 4, 4), (3, 8), (7, 4), (3, 3, 5)}
_OLD_ID_GROUPS = {(15,), (6, 6, 3)}
_CARD_GROUPS = {(4, 4, 4, 4), (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3)}
_CARD_GROUPS |= {(6, rest) for rest in range(10, 14)} | {(whole,) for whole in range(16, 20)}
# What makes a number an amount: cents after it, a unit after it, or a currency before it.
_AMOUNT = re.compile(
    r"\.[0-9]{2}(?![0-9])|(?:\.[0-9]{1,6})?(?:[万亿]?元|[万亿][人户]|美元|人次|㎡|平方|吨|千瓦|公里)"
)
_CURRENCY = ("¥", "￥", "$")
# Letters before a number that name what it is; any others make it part of a code.
_SPOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:tel|phone|mobile|mob|cell|wechat|wx|vx|v|qq|no|sj|dh|card|id)$", re.IGNORECASE
)
_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]+$")
# Numbers of cases, items and licences, whatever they look like.
_CODE_LABEL = re.compile(
    r"(?:信用|事项|实施|办理项|受理|办件|项目|流水|订单|发票|招标|采购|注册|许可证|执照|备案)"
    r"[^0-9，。；\s证人]{0,4}(?:编码|代码|编号|单号|号)\)?[ :为是]{0,3}$"
)
_LABEL_LENGTH = 24
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])([A-Za-z0-9_][A-Za-z0-9._%+\-]{0,63})"
    r"@((?:[A-Za-z0-9][A-Za-z0-9\-]{0,62}\.){1,4}[A-Za-z]{2,18})(?![A-Za-z0-9\-])"
)
# Mailboxes of offices: on a government's domain, or named for a task.
_OFFICE_DOMAIN = re.compile(r"(?:^|\.)(?:gov|mil)(?:\.[a-z]{2})?$", re.IGNORECASE)
_OFFICE_BOX = re.compile(
    r"(?:info|services?|admin|webmaster|postmaster|contact|support|office|mail|hr|help|kefu|fuwu|no-?reply"
    r"|bangongshi|bgs|xxgk|zwgk|xinxiang|jubao|tousu|12345)[0-9]{0,3}",
    re.IGNORECASE,
)
_PASSPORT = re.compile(
    r"(?<![A-Za-z0-9])(?:[EGDSPCHMLTegdspchmlt][A-Za-z]?[0-9]{7,10}|1[45][0-9]{7})(?![A-Za-z0-9])"
)
_PASSPORT_LABEL = re.compile(r"(?:护照|通行证|旅行证|证件|passport)[^\n。；]{0,14}$", re.IGNORECASE)
_BARE_PASSPORT = re.compile(r"[EGeg][0-9]{8}|[Ee][A-HJ-NP-Za-hj-np-z][0-9]{7}|[DSPdsp][Ee][0-9]{7}")
_PLATE = re.compile(
    f"{PLACE}[A-HJ-NP-Za-hj-np-z][ .\\-]?"
    r"(?=[A-Za-z]{0,2}[0-9])(?=(?:[A-Za-z]*[0-9]){3})[A-HJ-NP-Za-hj-np-z0-9]{5,6}(?![A-Za-z0-9])"
)
_PLATE_LABEL = re.compile(r"车[^\n。；]{0,8}$|[号牌]牌?[为是: ]{0,3}$")
_HAN = re.compile(r"[\u4e00-\u9fff]")


def may_hold(text: str, *, sensitive: Sensitive = _SENSITIVE) -> bool:
    """Whether ``text`` is worth a look: cheap, and never False where ``find`` finds something."""
    if _SIGN.search(text) is not None or "@" in text or "＠" in text:
        return True
    return may_hold_home(text) or sensitive.may_name(text)


def find(text: str, *, sensitive: Sensitive = _SENSITIVE) -> list[Finding]:
    """All personal data in ``text``, in order, never overlapping; names also beside ``sensitive`` words."""
    if not may_hold(text, sensitive=sensitive):
        return []
    plain = left = make_plain(text)
    spans: dict[Kind, list[Span]] = {}
    # The surest kinds first: what one takes is closed to the next.
    for kind, search in _SEARCHES.items():
        spans[kind] = list(search(left))
        left = _without(left, spans[kind])
    spans[Kind.NAME] = names_beside(spans[Kind.RESIDENT_ID] + spans[Kind.OLD_RESIDENT_ID], plain=left)
    left = _without(left, spans[Kind.NAME])
    spans[Kind.ADDRESS] = list(homes(left))
    spans[Kind.CASE] = sensitive.names(_without(left, spans[Kind.ADDRESS]))
    return sorted(
        Finding(start, end, kind, text[start:end], masked_form(kind, plain[start:end]))
        for kind, found in spans.items()
        for start, end in found
    )


def mask(text: str, *, sensitive: Sensitive = _SENSITIVE) -> str:
    """The text with all personal data in it masked, so that nothing more is found."""
    while findings := find(text, sensitive=sensitive):
        parts, done = [], 0
        for finding in findings:
            parts += [text[done : finding.start], finding.masked]
            done = finding.end
        # What is masked may lay bare what it hid: a@qq.com@qq.com.
        text = "".join(parts) + text[done:]
    return text


def mark(finding: Finding) -> str:
    """What tells one piece of personal data from others without telling it."""
    return salted_hmac("quality.personal_data", make_plain(finding.text)).hexdigest()[:16]


def masked_form(kind: Kind, text: str) -> str:
    """How personal data may be shown: 110105********002X, 138****3210, 张*."""
    if kind == Kind.ADDRESS:
        return "***"
    if kind in (Kind.NAME, Kind.CASE):
        return text[0] + "*" * (len(text) - 1)
    if kind == Kind.EMAIL:
        return f"{text[0]}***{text[text.index('@') :]}"
    bare = re.sub(r"[ .\-]", "", text).upper()
    shown_first, shown_last = _SHOWN[kind]
    return bare[:shown_first] + "*" * (len(bare) - shown_first - shown_last) + bare[-shown_last:]


_SHOWN = {
    Kind.RESIDENT_ID: (6, 4),
    Kind.OLD_RESIDENT_ID: (6, 3),
    Kind.MOBILE: (3, 4),
    Kind.BANK_CARD: (4, 4),
    Kind.PASSPORT: (2, 2),
    Kind.PLATE: (2, 2),
}


def _without(plain: str, spans: list[Span]) -> str:
    """The text with these spans closed: nothing is found in or across them."""
    if not spans:
        return plain
    parts, done = [], 0
    for start, end in spans:
        parts += [plain[done:start], "\0" * (end - start)]
        done = end
    return "".join(parts) + plain[done:]


@dataclass(frozen=True)
class _Number:
    """Digits that may be read as one number: how they are grouped, and what they stand in."""

    digits: str
    start: int
    end: int
    sizes: tuple[int, ...]
    plain: str

    @property
    def span(self) -> Span:
        return self.start, self.end

    @property
    def is_in_code(self) -> bool:
        """Whether letters make it part of a longer code; letters that name a number do not."""
        before, after = self.plain[self.start - 1 : self.start], self.plain[self.end : self.end + 1]
        if _is_latin(after):
            return True
        return _is_latin(before) and not _SPOKEN.search(self.before(12))

    @property
    def is_labelled_code(self) -> bool:
        return bool(_CODE_LABEL.search(self.before(_LABEL_LENGTH)))

    @property
    def is_amount(self) -> bool:
        if _AMOUNT.match(self.plain, self.end):
            return True
        return self.before(2).rstrip(" ").endswith(_CURRENCY)

    @property
    def is_joined(self) -> bool:
        """Whether numbers of its groups' size go on before or after it, as in a row of figures."""
        before = _FIGURE_BEFORE.search(self.before(10)) and not _MOBILE_BEFORE.search(self.before(18))
        return bool(before or _FIGURE_AFTER.match(self.plain, self.end))

    def before(self, length: int) -> str:
        return self.plain[max(0, self.start - length) : self.start]


_SPACED_MOBILE = r"1[3-9][0-9][ \-][0-9]{4}[ \-][0-9]{4}"
_MOBILE_BEFORE = re.compile(_SPACED_MOBILE + r"[ .\-]{1,3}$")
_FIGURE_BEFORE = re.compile(r"(?<![0-9])(?!0086)[0-9]{3,6}[ .\-]{1,3}$")
_FIGURE_AFTER = re.compile(rf"[ .\-]{{1,3}}(?!{_SPACED_MOBILE})[0-9]{{3,6}}(?![0-9])")


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _chains(plain: str) -> Iterator[list[Span]]:
    """Lists of digit runs that stand near enough to be read as one number."""
    for chain in _CHAIN.finditer(plain):
        runs: list[Span] = []
        for run in _RUN.finditer(plain, chain.start(), chain.end()):
            if runs and not _is_gap(plain[runs[-1][1] : run.start()]):
                yield runs
                runs = []
            runs.append(run.span())
        yield runs


def _is_gap(between: str) -> bool:
    return len(between) <= 3 and between.strip(" ") in _GAPS


def _numbers(
    plain: str, read: Callable[[_Number], Span | None], *, start: re.Pattern[str], lengths: range, groups: int
) -> Iterator[Span]:
    """What ``read`` makes of each number that begins like ``start``, from left to right, shortest first."""
    for runs in _chains(plain):
        joined = "".join(plain[begin:end] for begin, end in runs)
        free_from = read_until = 0
        for first, (begin, end) in enumerate(runs):
            place, read_until = read_until, read_until + end - begin
            if begin < free_from or not start.match(joined, place):
                continue
            span = _first_read(
                plain, runs[first : first + groups], joined[place : place + lengths.stop], read, lengths
            )
            if span:
                yield span
                free_from = span[1]


def _first_read(
    plain: str, runs: list[Span], digits: str, read: Callable[[_Number], Span | None], lengths: range
) -> Span | None:
    sizes: tuple[int, ...] = ()
    for begin, end in runs:
        sizes += (end - begin,)
        length = sum(sizes)
        if length >= lengths.stop:
            return None
        span = length in lengths and read(_Number(digits[:length], runs[0][0], end, sizes, plain))
        if span:
            return span
    return None


def _resident_ids(plain: str) -> Iterator[Span]:
    return _numbers(plain, _resident_id, start=_ID_START, lengths=range(17, 19), groups=18)


def _resident_id(number: _Number) -> Span | None:
    digits, end = number.digits, number.end
    if len(digits) == 17:
        ending = _END_X.match(number.plain, end)
        if not ending:
            return None
        digits, end = digits + "X", ending.end()
    elif _is_latin(number.plain[end : end + 1]):
        return None
    if not is_resident_id(digits):
        return None
    # Its check character tells it from codes: any word may stand before it, but not half a code.
    if _is_latin(number.before(1)) and not _WORD.search(number.before(12)):
        return None
    if number.is_labelled_code and (is_uscc(digits) or "信用" not in number.before(_LABEL_LENGTH)):
        return None
    return number.start, end


def _old_resident_ids(plain: str) -> Iterator[Span]:
    return _numbers(plain, _old_resident_id, start=_OLD_ID_START, lengths=range(15, 16), groups=3)


def _old_resident_id(number: _Number) -> Span | None:
    if number.sizes not in _OLD_ID_GROUPS or not is_old_resident_id(number.digits):
        return None
    if number.is_in_code or number.is_labelled_code or number.is_amount:
        return None
    return None if number.is_joined and len(number.sizes) > 1 else number.span


def _bank_cards(plain: str) -> Iterator[Span]:
    return _numbers(plain, _bank_card, start=_CARD_START, lengths=range(16, 20), groups=5)


def _bank_card(number: _Number) -> Span | None:
    if number.sizes not in _CARD_GROUPS or not is_bank_card(number.digits):
        return None
    if number.is_in_code or number.is_labelled_code or number.is_amount:
        return None
    return None if number.is_joined and len(number.sizes) > 1 else number.span


def _mobiles(plain: str) -> Iterator[Span]:
    return _numbers(plain, _mobile, start=_MOBILE_START, lengths=range(11, 16), groups=4)


def _mobile(number: _Number) -> Span | None:
    """Without its country code, which may stay."""
    country = _COUNTRY_CODE.match(number.digits)
    skipped = len(country[0]) if country else 0
    sizes = (number.sizes[0] - skipped, *number.sizes[1:])
    if number.digits[skipped] != "1" or number.digits[skipped + 1] < "3" or sizes not in _MOBILE_GROUPS:
        return None
    if number.is_in_code or number.is_labelled_code or number.is_amount:
        return None
    return None if number.is_joined and len(sizes) > 1 else (number.start + skipped, number.end)


def _emails(plain: str) -> Iterator[Span]:
    if "@" in plain:
        for found in _EMAIL.finditer(plain):
            if not _OFFICE_DOMAIN.search(found[2]) and not _OFFICE_BOX.fullmatch(found[1]):
                yield found.span()


def _passports(plain: str) -> Iterator[Span]:
    for found in _PASSPORT.finditer(plain):
        before = plain[max(0, found.start() - _LABEL_LENGTH) : found.start()]
        is_dated = len(found[0]) == 9 and found[0][1:3] == "20" and is_date(found[0][1:])
        is_bare = _BARE_PASSPORT.fullmatch(found[0]) and not is_dated and not _CODE_LABEL.search(before)
        if is_bare or _PASSPORT_LABEL.search(before):
            yield found.span()


def _plates(plain: str) -> Iterator[Span]:
    """A place's sign is also part of many words (高新, 青年): beside other characters it needs a label."""
    for found in _PLATE.finditer(plain):
        start = found.start()
        before = plain[max(0, start - 12) : start]
        if not _HAN.match(before[-1:]) or _PLATE_LABEL.search(before):
            yield found.span()


_SEARCHES: dict[Kind, Callable[[str], Iterator[Span]]] = {
    Kind.RESIDENT_ID: _resident_ids,
    Kind.EMAIL: _emails,
    Kind.BANK_CARD: _bank_cards,
    Kind.OLD_RESIDENT_ID: _old_resident_ids,
    Kind.MOBILE: _mobiles,
    Kind.PASSPORT: _passports,
    Kind.PLATE: _plates,
}
