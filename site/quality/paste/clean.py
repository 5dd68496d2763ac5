"""Cleans what is pasted into formatted text, and says what it changed.

Pasted text comes as HTML, of Word and of web pages, or as lines. It becomes paragraphs, headings and lists of
characters with their weight and link; each step takes some characters away or puts others in their place,
and has a name. No other visible character is lost.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import Any

from django.utils.translation import gettext_lazy as _

from quality.rich import Change
from quality.wording import HAN, ascii_marks, hidden, page_marks

MOST = 300_000  # characters; more is pasted as it is
SHORT = 20  # characters: a line that is shorter may be a heading

Style = tuple[bool, bool, str]  # bold, italic, link
PLAIN: Style = (False, False, "")


@dataclass
class Block:
    """A paragraph, heading (h3, h4) or item of a list (ul, ol)."""

    kind: str
    chars: list[tuple[str, Style]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(char for char, _style in self.chars)

    def change(self, changes: list[Change]) -> None:
        for change in sorted(changes, key=lambda change: change.start, reverse=True):
            style = self.chars[change.start][1] if change.start < len(self.chars) else PLAIN
            self.chars[change.start : change.end] = [(char, style) for char in change.new]


Step = Callable[[list[Block]], int]  # changes the blocks, and says how often


@dataclass(frozen=True)
class Cleaned:
    """Pasted text as it is to go in; ``changes`` names what was changed and how often."""

    html: str
    before: str
    after: str
    changes: tuple[tuple[Any, int], ...] = ()


def clean(html: str, text: str) -> Cleaned:
    """What is pasted, cleaned; ``text`` is the same without formatting, and counts where there is no HTML."""
    if len(html) > MOST or len(text) > MOST:
        return Cleaned(html, text, text)
    blocks = (
        read(html) if html.strip() else [Block("p", [(char, PLAIN) for char in line]) for line in lines(text)]
    )
    before = shown(blocks)
    counts: dict[Any, int] = {}
    while sum(_apply(step, name, blocks, counts) for step, name in STEPS):
        continue  # what one step took away may lay bare something for another
    return Cleaned(written(blocks), before, shown(blocks), tuple(counts.items()))


def _apply(step: Step, name: Any, blocks: list[Block], counts: dict[Any, int]) -> int:
    number = step(blocks)
    if number:
        counts[name] = counts.get(name, 0) + number
    return number


def lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if text else []


def shown(blocks: list[Block]) -> str:
    return "\n".join(block.text for block in blocks)


# Reading


HEADINGS = {"h1": "h3", "h2": "h3", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
APART = {
    "p",
    "div",
    "table",
    "tr",
    "blockquote",
    "section",
    "article",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "pre",
    "hr",
    "body",
}
SILENT = {"style", "script", "head", "title", "template", "noscript", "xml", "svg", "iframe", "object"}
VOID = {"br", "hr", "img", "meta", "link", "input", "col", "area", "base", "wbr", "embed", "source"}
_UNSEEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s*:\s*(bold|[6-9]00)", re.IGNORECASE)
_NOT_BOLD = re.compile(r"font-weight\s*:\s*(normal|[1-5]00)", re.IGNORECASE)
_SLANTED = re.compile(r"font-style\s*:\s*(italic|oblique)", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:|/(?!/))[^\s\"'<>]+", re.IGNORECASE)


def read(html: str) -> list[Block]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.finished()


class _Reader(HTMLParser):
    """Blocks of any HTML; whitespace counts as browsers count it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.open: Block | None = None
        self.tags: list[tuple[str, Style, str, bool]] = []  # with what held before it: style, block, silence
        self.style, self.kind, self.is_silent = PLAIN, "p", False
        self.lists: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._end()
            return
        if tag in APART or tag in HEADINGS or tag == "li":
            self._end()
        elif tag in ("td", "th") and self.open is not None and self.open.chars:
            self._add(" ")
        if tag in VOID:
            return
        self.tags.append((tag, self.style, self.kind, self.is_silent))
        given = {name: value or "" for name, value in attrs}
        self.is_silent = self.is_silent or tag in SILENT or bool(_UNSEEN.search(given.get("style", "")))
        self.style = _styled(tag, given, self.style)
        if tag in ("ul", "ol"):
            self.lists.append(tag)
        if tag in HEADINGS:
            self.kind = HEADINGS[tag]
        elif tag == "li":
            self.kind = self.lists[-1] if self.lists else "ul"

    def handle_endtag(self, tag: str) -> None:
        if tag not in {opened[0] for opened in self.tags}:
            return
        if tag in APART or tag in HEADINGS or tag == "li":
            self._end()
        while self.tags:
            opened, self.style, self.kind, self.is_silent = self.tags.pop()
            if opened in ("ul", "ol") and self.lists:
                self.lists.pop()
            if opened == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self.is_silent:
            self._add(_SPACE.sub(" ", data))

    def _add(self, text: str) -> None:
        if self.open is None:
            text = text.lstrip(" ")
            if not text:
                return
            self.open = Block(self.kind)
            self.blocks.append(self.open)
        if text.startswith(" ") and self.open.text.endswith(" "):
            text = text[1:]
        self.open.chars += [(char, self.style) for char in text]

    def _end(self) -> None:
        while self.open is not None and self.open.chars and self.open.chars[-1][0] == " ":
            self.open.chars.pop()
        self.open = None

    def finished(self) -> list[Block]:
        self._end()
        return [block for block in self.blocks if block.chars]


def _styled(tag: str, given: dict[str, str], style: Style) -> Style:
    bold, italic, link = style
    css = given.get("style", "")
    bold = (bold or tag in ("b", "strong") or bool(_BOLD.search(css))) and not _NOT_BOLD.search(css)
    italic = italic or tag in ("i", "em") or bool(_SLANTED.search(css))
    if tag == "a" and _ADDRESS.fullmatch(given.get("href", "")):
        link = given["href"]
    return bold, italic, link


# Writing


def written(blocks: list[Block]) -> str:
    parts: list[str] = []
    within = ""
    for block in blocks:
        if within and block.kind != within:
            parts.append(f"</{within}>")
            within = ""
        if block.kind in ("ul", "ol"):
            if not within:
                parts.append(f"<{block.kind}>")
                within = block.kind
            parts.append(f"<li>{_inner(block)}</li>")
        else:
            parts.append(f"<{block.kind}>{_inner(block)}</{block.kind}>")
    return "".join([*parts, f"</{within}>" if within else ""])


def _inner(block: Block) -> str:
    return "".join(_tagged(text, style) for text, style in _runs(block))


def _runs(block: Block) -> Iterator[tuple[str, Style]]:
    text, style = "", PLAIN
    for char, its in block.chars:
        if text and its != style:
            yield text, style
            text = ""
        text, style = text + char, its
    if text:
        yield text, style


def _tagged(text: str, style: Style) -> str:
    bold, italic, link = style
    html = escape(text, quote=False)
    html = f"<em>{html}</em>" if italic else html
    html = f"<strong>{html}</strong>" if bold else html
    return f'<a href="{escape(link)}">{html}</a>' if link else html


# Steps: each changes the blocks and says how often


def _everywhere(find: Callable[[str], list[Change]]) -> Step:
    def step(blocks: list[Block]) -> int:
        number = 0
        for block in blocks:
            changes = find(block.text)
            block.change(changes)
            number += len(changes)
        return number

    return step


_PAGE = re.compile(
    r"[\s—–\-－·]*(?:第?\s*[0-9０-９]{1,3}\s*页?|第\s*[0-9]{1,3}\s*页.{0,3}共\s*[0-9]{1,3}\s*页)[\s—–\-－·]*"
)
_MARKED = re.compile(r"[—–\-－页]")


def without_pages(blocks: list[Block]) -> int:
    """Paragraphs that are nothing but the number of a page."""
    kept = [
        block
        for block in blocks
        if not (block.kind == "p" and _MARKED.search(block.text) and _PAGE.fullmatch(block.text))
    ]
    gone = len(blocks) - len(kept)
    blocks[:] = kept
    return gone


def without_empty(blocks: list[Block]) -> int:
    kept = [block for block in blocks if block.text.strip()]
    gone = len(blocks) - len(kept)
    blocks[:] = kept
    return gone


_WIDE_SPACES = "\u00a0\u3000\u2000-\u200a\u202f\t\v\f"
_FULL = f"{HAN}\u3001-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff60“”‘’…—"
_SPACES = re.compile(
    rf"^[ {_WIDE_SPACES}]+|[ {_WIDE_SPACES}]+$|(?<=[{_FULL}])[ {_WIDE_SPACES}]+(?=[{_FULL}])"
    rf"|[{_WIDE_SPACES}]+[ {_WIDE_SPACES}]*| [ {_WIDE_SPACES}]+"
)


def spaces(text: str) -> list[Change]:
    """Indents, spaces between Chinese characters, and wide or many spaces elsewhere."""
    return [
        Change(match.start(), match.end(), "" if _goes(text, match) else " ")
        for match in _SPACES.finditer(text)
    ]


def _goes(text: str, spaces_found: re.Match[str]) -> bool:
    start, end = spaces_found.span()
    if start == 0 or end == len(text):
        return True
    return re.fullmatch(f"[{_FULL}]{{2}}", text[start - 1] + text[end]) is not None


_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")


def wide_letters(text: str) -> list[Change]:
    """１２３ and ＡＢＣ."""
    return [Change(match.start(), match.end(), chr(ord(match[0]) - 0xFEE0)) for match in _WIDE.finditer(text)]


_UNFINISHED = re.compile(rf"[{HAN}，、,0-9A-Za-z（《“]$")
_TITLE = re.compile(
    r"(?:通知|公告|通告|公示|意见|办法|方案|细则|规定|决定|函|表|清单|指南|须知|制度|规则|名单|公开信)$"
)
_STARTS = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}[、.．是]|[（(][一二三四五六七八九十0-9]{1,3}[）)]|[0-9]{1,3}[、.．)）]"
    r"|[①-⑳●■◆·•*-]|第[一二三四五六七八九十百0-9]{1,5}[条章节款]|附件|附：|附表"
    r"|注[:：]|[0-9]{4} ?年[^，。]{0,8}日$|联系(?:人|电话))"
)


_ADDRESSEE = re.compile(".{1,39}[:：]")


def joined(blocks: list[Block]) -> int:
    """Lines that break off within a sentence go on with the next."""
    kept: list[Block] = []
    for block in blocks:
        if kept and _goes_on(kept[-1], block):
            gap = " " if re.fullmatch("[A-Za-z0-9,]{2}", kept[-1].text[-1:] + block.text[:1]) else ""
            kept[-1].chars += [(char, PLAIN) for char in gap] + block.chars
        else:
            kept.append(block)
    number = len(blocks) - len(kept)
    blocks[:] = kept
    return number


def _goes_on(line: Block, following: Block) -> bool:
    first, second = line.text, following.text
    if line.kind != "p" or following.kind != "p" or not second or len(first) < SHORT:
        return False
    if not _UNFINISHED.search(first) or _TITLE.search(first):
        return False
    return not _STARTS.match(second) and not _ADDRESSEE.fullmatch(second)


STEPS: list[tuple[Step, Any]] = [
    (_everywhere(hidden), _("看不见的字符")),
    (without_pages, _("页码")),
    (_everywhere(page_marks), _("页码")),
    (_everywhere(spaces), _("多余的空格")),
    (without_empty, _("空行")),
    (_everywhere(wide_letters), _("全角的数字和字母")),
    (joined, _("句子中间的断行")),
    (_everywhere(ascii_marks), _("汉字之间的英文标点")),
]
