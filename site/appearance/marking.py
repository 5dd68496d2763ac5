"""Says of a page whose words are English which of its text is Chinese, for whoever has it read aloud.

Days are written as English has them where the text around them is English.
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
        if IS_HAN.search(piece.text):
            after = found[place + 1] if place + 1 < len(found) else Piece("")
            is_alone = bool(before.tag) and after.tag == f"/{before.tag}"
            _mark(piece, before, is_alone=is_alone, is_drawn=is_drawn)
        elif before.tag not in _VERBATIM:
            piece.text = _with_english_days(piece.text)
    return "".join(piece.text for piece in found)


def _mark(piece: Piece, before: Piece, *, is_alone: bool, is_drawn: bool) -> None:
    if is_alone and before.tag != "html" and not re.search(r"[A-Za-z]{2}", piece.text):
        before.text = f"{before.text[:-1]}{LANG}>"
    elif before.tag not in _UNMARKABLE and not is_drawn:
        piece.text = _with_marked_runs(piece.text)


def _with_marked_runs(text: str) -> str:
    written, at = [], 0
    for run in _RUN.finditer(text):
        written += [_with_english_days(text[at : run.start()]), f"<span{LANG}>{run[0]}</span>"]
        at = run.end()
    return "".join([*written, _with_english_days(text[at:])])


def _mark_picture(piece: Piece) -> None:
    said = re.search(r'\salt="([^"]*)"', piece.text)
    if said and IS_HAN.search(said[1]) and " lang=" not in piece.text:
        piece.text = f"<img{LANG}{piece.text[4:]}"


def _with_english_days(text: str) -> str:
    return _DAY.sub(_english_day, text)


def _english_day(found: re.Match[str]) -> str:
    try:
        return date_format(datetime.date(*map(int, found.groups())), "j F Y")
    except ValueError:
        return found[0]
