"""What is wrong with how a text is typed: hidden characters, suspicious links, wrong words, stray marks."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base.checks import Finding, Level
from quality.review import check, found
from quality.rich import Change
from quality.texts import Contents, Passage, named, row_url
from quality.words import word_list, words

SHOWN = 3  # examples in a sentence
AROUND = 6  # characters beside an example
HAN = r"\u3400-\u9fff"

WRONG_WORDS = word_list(
    "wrong-words",
    gettext_lazy("错别字"),
    [
        "帐号 → 账号",
        "帐户 → 账户",
        "登陆网站 → 登录网站",
        "登陆系统 → 登录系统",
        "按装 → 安装",
        "渡过假期 → 度过假期",
        "迫不急待 → 迫不及待",
        "再接再励 → 再接再厉",
        "一如继往 → 一如既往",
        "身分证 → 身份证",
        "户藉 → 户籍",
        "既使 → 即使",
        "截止到目前为止 → 截至目前",
        "做为 → 作为",
        "复盖 → 覆盖",
        "布署 → 部署",
        "座落 → 坐落",
        "幅射 → 辐射",
        "粘帖 → 粘贴",
        "既往不究 → 既往不咎",
    ],
    about=gettext_lazy("每行一对，写成“错 → 对”，例如“帐号 → 账号”。"),
)
SPAM_WORDS = word_list(
    "spam-words",
    gettext_lazy("垃圾链接里的词"),
    [
        "博彩",
        "赌场",
        "赌球",
        "彩票平台",
        "真人荷官",
        "百家乐",
        "老虎机",
        "六合彩",
        "时时彩",
        "棋牌游戏",
        "代开发票",
        "办证刻章",
        "裸聊",
        "成人视频",
        "色情",
        "一夜情",
        "贷款秒批",
        "私服",
        "外挂",
        "casino",
        "betting",
        "porn",
        "viagra",
    ],
    about=gettext_lazy("链接的文字或地址里有这些词，多半是被人塞进来的。"),
)
BLOCKED_SITES = word_list(
    "blocked-sites",
    gettext_lazy("不许链接的网站"),
    (),
    about=gettext_lazy("每行一个域名，例如 example.com，它的下级域名也算。"),
)
ALLOWED_SITES = word_list(
    "allowed-sites",
    gettext_lazy("放心的网站"),
    (),
    about=gettext_lazy("每行一个域名或 IP 地址。链接到这里的不再检查。"),
)

Find = Callable[[str], list[Change]]
Say = Callable[[Passage, list[str]], str]


def text_check(
    code: str, name: Any, find: Find, *, says: str, label: Any, level: Level = "warning", wants: Any = ""
) -> None:
    """A check of every text by ``find``, which says what is to stand instead; one finding for each text.

    ``says`` is a sentence with the gaps ``where`` and ``what``.
    """

    @check(code, name, level=level, wants=wants, of=Contents)
    def ask(contents: Contents) -> Iterator[Finding]:
        for passage in contents.passages:
            text = passage.shown
            if changes := find(text):
                told = {"where": passage.label, "what": _examples(text, changes)}
                yield found(_(says) % told, passage.field, row=passage.row, mend=passage.mend(label, changes))
        if not find("\n".join(row.whole for row in contents.rows)):
            return
        for row in contents.rows:
            for passage in row.texts:
                text = passage.shown
                if changes := find(text):
                    told = {"where": named(row, passage), "what": _examples(text, changes)}
                    yield found(_(says) % told, url=row_url(contents.thing, row.pk))


def _examples(text: str, changes: Iterable[Change]) -> str:
    """The first places with a little around them, as they can be seen."""
    changes = list(changes)
    said = []
    for change in changes[:SHOWN]:
        piece = text[max(0, change.start - AROUND) : change.end + AROUND].strip()
        said.append("“" + "".join(f"〔{NAMES[char]}〕" if char in NAMES else char for char in piece) + "”")
    more = _("等 %(number)d 处") % {"number": len(changes)} if len(changes) > SHOWN else ""
    return "、".join(dict.fromkeys(" ".join(one.split()) for one in said)) + more


# Hidden characters

NAMES = dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u180e", "零宽") | {"\u00ad": "软连字"}
NAMES |= dict.fromkeys("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "变向")
_HIDDEN = re.compile(f"[{''.join(NAMES)}]+")
# What keeps a joined picture together: a joiner between two signs that are no letters.
_PICTURE = "\u2600-\u27bf\U0001f000-\U0001faff"
_JOINED = re.compile(f"(?<=[\ufe0f{_PICTURE}])\u200d(?=[{_PICTURE}])")
_HIDING = (
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|opacity\s*:\s*0\s*[;\"']"
    r"|(?<!-)color\s*:\s*(?:#fff(?:fff)?\b|white|transparent|rgb\(\s*255\s*,\s*255\s*,\s*255\s*\))"
)
_HIDING_STYLE = re.compile(
    rf"<[^>]*?(?:style\s*=\s*[\"'][^\"']*?(?:{_HIDING})|\shidden(?=[\s>=]))[^>]*>", re.IGNORECASE
)


def hidden(text: str) -> list[Change]:
    joined = {match.start() for match in _JOINED.finditer(text)} if "\u200d" in text else set()
    found_here = (match.span() for match in _HIDDEN.finditer(text))
    return [Change(start, end, "") for start, end in found_here if start not in joined]


text_check(
    "hidden-characters",
    gettext_lazy("看不见的字符"),
    hidden,
    says="“%(where)s”里有看不见的字符：%(what)s。它们会打断搜索和复制，也可能藏着别的文字。",
    label=gettext_lazy("去掉"),
    wants=gettext_lazy("文字里没有看不见的字符。"),
)


@check(
    "hidden-text",
    gettext_lazy("藏起来的文字"),
    level="error",
    wants=gettext_lazy("粘贴进来的文字没有被样式藏起来。"),
    of=Contents,
)
def hidden_text(contents: Contents) -> Iterator[Finding]:
    for passage in contents.passages:
        if passage.is_rich and _HIDING_STYLE.search(passage.text):
            said = _("“%(where)s”里有用样式藏起来的文字（白底白字或不显示）。请在编辑框里重新输入这一段。")
            yield found(
                said % {"where": passage.label}, passage.field, row=passage.row, may_be_overridden=True
            )


# Links

_LINK = re.compile(r"<a\b[^>]*?\bhref\s*=\s*[\"']?([^\"'\s>]+)[^>]*>(.*?)</a>", re.IGNORECASE | re.DOTALL)
_BARE_LINK = re.compile(r"(?:https?:)?//[^\s\"'<>，。；、）（】《》]+", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")


@check(
    "suspicious-links",
    gettext_lazy("可疑链接"),
    level="error",
    wants=gettext_lazy("没有赌博、色情等垃圾链接，也没有指向 IP 地址或仿冒域名的链接。"),
    of=Contents,
)
def suspicious_links(contents: Contents) -> Iterator[Finding]:
    rows = [(named(row, passage), passage, row) for row in contents.rows for passage in row.texts]
    for where, passage, row in [*((passage.label, passage, None) for passage in contents.passages), *rows]:
        if "//" not in passage.text:
            continue
        for address, words_shown in links_in(passage):
            if why := suspicion(address, words_shown):
                told = {"where": where, "address": address[:80], "why": why}
                yield found(
                    _("“%(where)s”里的链接 %(address)s 可疑：%(why)s。请核对后删除或更换。") % told,
                    passage.field,
                    row=passage.row,
                    may_be_overridden=True,
                    url=row_url(contents.thing, row.pk) if row else "",
                )


def links_in(passage: Passage) -> Iterator[tuple[str, str]]:
    """Addresses in a text, each with the words that lead there."""
    if passage.is_rich:
        for link in _LINK.finditer(passage.text):
            yield link[1], _TAGS.sub("", link[2])
    for bare in _BARE_LINK.finditer(passage.shown):
        yield bare[0].rstrip(".,;:!?)"), ""


def suspicion(address: str, said: str) -> str:
    """Why a link is not to be trusted; empty where nothing speaks against it."""
    try:
        host = (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return _("地址不完整")
    if not host or _is_listed(host, words(ALLOWED_SITES.code)):
        return ""
    if _is_listed(host, words(BLOCKED_SITES.code)):
        return _("在“不许链接的网站”里")
    if spam := next(
        (word for word in words(SPAM_WORDS.code) if word.lower() in f"{unquote(address)} {said}".lower()), ""
    ):
        return _("有“%(word)s”") % {"word": spam}
    if _is_ip(host):
        return _("用的是 IP 地址，不是域名")
    if not host.isascii() or "xn--" in host:
        return "" if _is_plain_han(host) else _("域名里混着别国字母，可能仿冒别的网站")
    return ""


def _is_listed(host: str, sites: Iterable[str]) -> bool:
    return any(host == site or host.endswith(f".{site}") for site in map(str.lower, sites) if site)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return re.fullmatch(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+)){0,3}", host) is not None
    return True


def _is_plain_han(host: str) -> bool:
    """Whether each label is Chinese or ASCII and none mixes in other letters, as 政务.中国."""
    try:
        labels = [
            label.encode().decode("idna") if label.startswith("xn--") else label for label in host.split(".")
        ]
    except UnicodeError:
        return False
    return all(re.fullmatch(rf"[{HAN}0-9\-]+[{HAN}0-9a-z\-]*|[a-z0-9\-]+", label) for label in labels)


# Wrong words

_PAIR = re.compile(r"\s*(.+?)\s*(?:→|->|＝＞|=>|,|，|\t)\s*(.*?)\s*")


@lru_cache(maxsize=4)
def _pairs(lines: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds the wrong words of the list, and the right one for each."""
    pairs = [pair.groups() for line in lines if (pair := _PAIR.fullmatch(line))]
    right = {wrong: instead for wrong, instead in pairs if wrong not in instead}
    longest_first = sorted(right, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) if right else "(?!)"), right


def wrong_words(text: str) -> list[Change]:
    pattern, right = _pairs(words(WRONG_WORDS.code))
    return [Change(match.start(), match.end(), right[match[0]]) for match in pattern.finditer(text)]


text_check(
    "wrong-words",
    gettext_lazy("错别字"),
    wrong_words,
    says="“%(where)s”里有错别字：%(what)s。",
    label=gettext_lazy("改正"),
    wants=gettext_lazy("没有“错别字”词表里的写法。"),
)


# Punctuation

PAIRS = {"《": "》", "（": "）", "“": "”", "〔": "〕", "【": "】", "「": "」"}
_ITEM_NUMBER = re.compile(
    r"(?:^|(?<=[\s：:；;。，、,]))(?:[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3}|[a-zA-Z])$"
)


def unpaired(text: str) -> list[Change]:
    """Brackets and quotes without their other half, within a line; 1） is a number."""
    lost = []
    start = 0
    for line in text.split("\n"):
        waiting: list[tuple[str, int]] = []
        for place, char in enumerate(line):
            if char in PAIRS:
                waiting.append((char, place))
            elif char in PAIRS.values():
                if waiting and PAIRS[waiting[-1][0]] == char:
                    waiting.pop()
                elif not (char == "）" and _ITEM_NUMBER.search(line[:place])):
                    lost.append(start + place)
        lost += [start + place for _char, place in waiting]
        start += len(line) + 1
    return [Change(place, place + 1, text[place]) for place in sorted(lost)]


@check(
    "unpaired-marks",
    gettext_lazy("不成对的标点"),
    wants=gettext_lazy("《》（）“”成对出现。"),
    of=Contents,
)
def unpaired_marks(contents: Contents) -> Iterator[Finding]:
    for passage in contents.passages:
        text = passage.shown
        if lost := unpaired(text):
            told = {"where": passage.label, "what": _examples(text, lost)}
            said = _("“%(where)s”里有不成对的标点：%(what)s。请补上另一半，或删去多余的。") % told
            yield found(said, passage.field, row=passage.row)


_COMMA = re.compile(rf"(?<=[{HAN}」》）”])[ ]?([,;:?!])[ ]?(?=[{HAN}「《（“])")
FULL = str.maketrans(",;:?!", "，；：？！")


def ascii_marks(text: str) -> list[Change]:
    return [Change(match.start(), match.end(), match[1].translate(FULL)) for match in _COMMA.finditer(text)]


text_check(
    "ascii-punctuation",
    gettext_lazy("汉字之间的英文标点"),
    ascii_marks,
    says="“%(where)s”里汉字之间用了英文标点：%(what)s。建议改成中文标点。",
    label=gettext_lazy("改成中文标点"),
    level="hint",
    wants=gettext_lazy("汉字之间用中文标点。"),
)

# Marks of pages that came along when text was copied from a document.
_PAGE_MARK = re.compile(
    rf"[ \t]*(?:[—–\-－]{{1,2}} ?[0-9０-９]{{1,3}} ?[—–\-－]{{1,2}}(?![0-9\-])"
    rf"|第 ?[0-9]{{1,3}} ?页[ ，,/]*共 ?[0-9]{{1,3}} ?页|共 ?[0-9]{{1,3}} ?页[ ，,/]*第 ?[0-9]{{1,3}} ?页"
    rf"|(?<=[{HAN}，、])第 ?[0-9]{{1,3}} ?页(?=[{HAN}]{{0}}(?:\n|$)))[ \t]*"
)
_NUMBER_BEFORE = re.compile(r"[0-9A-Za-z]$")


def page_marks(text: str) -> list[Change]:
    """— 3 — and 第3页 共5页, but no number between hyphens such as 0592-2-1."""
    return [
        Change(match.start(), match.end(), "")
        for match in _PAGE_MARK.finditer(text)
        if not _NUMBER_BEFORE.search(text[: match.start()][-1:])
    ]


text_check(
    "page-marks",
    gettext_lazy("页码混进正文"),
    page_marks,
    says="“%(where)s”里混进了原文件的页码：%(what)s。",
    label=gettext_lazy("去掉页码"),
    wants=gettext_lazy("从文件里复制来的页码不留在句子中间。"),
)
