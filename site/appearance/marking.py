"""Says of a page whose words are English which of its text is Chinese, for whoever has it read aloud.

Days and punctuation are written as English has them where the text around them is English.
"""

import datetime
import re

from django.utils.formats import date_format

from appearance.markup import HAN, IS_HAN, Piece, pieces

_RUN = re.compile(rf"[{HAN}](?:[^A-Za-z&<>]*[{HAN}])?[，。、；：？！）》”」』〕】]*")
_UNMARKABLE = {"title", "option"}  # hold text alone
_DRAWN = "svg"  # holds no other elements
_VERBATIM = {"code", "pre", "kbd", "samp"}
_DAY = re.compile(r"(?<![\w/.-])(\d{4})-(\d\d)-(\d\d)(?![\w/-])", re.ASCII)
# 2017年9月, 2017年9月6日: alone, or after an English word.
_MONTH = re.compile(
    rf"(?:^\s*|(?<=[A-Za-z]\s))(\d{{4}})年(\d\d?)月(?:(\d\d?)日)?(?=\s*$|[^\d{HAN}])", re.ASCII
)
_SIGN = re.compile(r"(?P<space>\s?)(?P<sign>[，、；：。？！（）])(?P<more>\s?)")
_SIGNS = {"，": ",", "、": ",", "；": ";", "：": ":", "。": ".", "？": "?", "！": "!", "）": ")"}
LANG = ' lang="zh-Hans"'


def in_english(html: str) -> str:
    """The page with ``lang`` on each element, or around each run of text, that is Chinese."""
    found = list(pieces(html, keeps_untranslated=False))
    is_drawn = False
    for place, piece in enumerate(found):
        if piece.tag in (_DRAWN, f"/{_DRAWN}"):
            is_drawn = piece.tag == _DRAWN and not piece.text.endswith("/>")
        elif piece.tag == "img" and piece.is_open:
            _mark_picture(piece)
        if piece.tag or not piece.is_open:
            continue
        before = found[place - 1] if place else Piece("")
        if before.tag not in _VERBATIM:
            piece.text = _MONTH.sub(_english_month, piece.text)
        if IS_HAN.search(piece.text):
            after = found[place + 1] if place + 1 < len(found) else Piece("")
            is_alone = bool(before.tag) and after.tag == f"/{before.tag}"
            _mark(piece, before, is_alone=is_alone, is_drawn=is_drawn)
        elif before.tag not in _VERBATIM:
            piece.text = _as_english(piece.text)
    return "".join(piece.text for piece in found)


def _mark(piece: Piece, before: Piece, *, is_alone: bool, is_drawn: bool) -> None:
    if is_alone and before.tag != "html" and not re.search(r"[A-Za-z]{2}", piece.text):
        before.text = f"{before.text[:-1]}{LANG}>"
    elif before.tag not in _UNMARKABLE and not is_drawn:
        piece.text = _with_marked_runs(piece.text)


def _with_marked_runs(text: str) -> str:
    written, at = [], 0
    for run in _RUN.finditer(text):
        said = run[0]
        while said.endswith("）") and said.count("（") < said.count("）"):  # it closes what English opened
            said = said[:-1]
        written += [_as_english(text[at : run.start()]), f"<span{LANG}>{said}</span>"]
        at = run.start() + len(said)
    return "".join([*written, _as_english(text[at:])])


def _mark_picture(piece: Piece) -> None:
    said = re.search(r'\salt="([^"]*)"', piece.text)
    if said and IS_HAN.search(said[1]) and " lang=" not in piece.text:
        piece.text = f"<img{LANG}{piece.text[4:]}"


def _as_english(text: str) -> str:
    return _SIGN.sub(_english_sign, _DAY.sub(_english_day, text))


def _english_sign(found: re.Match[str]) -> str:
    if found["sign"] == "（":
        return f"{found['space'] or ' '}("
    after = found.string[found.end() : found.end() + 1]
    is_tight = found["sign"] == "）" and (not after or after in _SIGNS)
    return f"{_SIGNS[found['sign']]}{found['more'] or ('' if is_tight else ' ')}"


def _english_day(found: re.Match[str]) -> str:
    try:
        return date_format(datetime.date(*map(int, found.groups())), "j F Y")
    except ValueError:
        return found[0]


def _english_month(found: re.Match[str]) -> str:
    year, month, day = found.groups()
    try:
        written = date_format(datetime.date(int(year), int(month), int(day or 1)), "j F Y" if day else "F Y")
    except ValueError:
        return found[0]
    return f"{found[0][: found.start(1) - found.start()]}{written}"
