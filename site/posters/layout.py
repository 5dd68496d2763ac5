"""Where everything stands on a poster or a card, in millimetres; the same for screen, SVG and PDF.

A Chinese character is as wide as it is high and a Latin one a little over half of that, so that lines can be
broken without asking any font. Names are never cut: what is long gets smaller.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from content_models.base.qr import code_of
from posters.things import Poster

WIDTH, HEIGHT = 210.0, 297.0  # A4
BRAND, INK, SOFT, WHITE = "#0e4a50", "#17211f", "#46544f", "#ffffff"
LEADING = 1.3
SHAPES = {"poster": 1, "cards": 8}  # how many stand on a sheet
COLUMNS, CARD_WIDTH, CARD_HEIGHT = 2, 95.0, 68.0
QUIET = 4  # modules around a code, which readers need
_WORDS = re.compile(r"[!-~]+|\s+|.", re.S)
_NEVER_FIRST = set("，。、；：？！）》”』」〕】·…—,.;:?!)")


@dataclass(frozen=True)
class Text:
    """One line: ``x`` and ``y`` of its baseline, ``anchor`` where on it ``x`` is: start or middle."""

    x: float
    y: float
    size: float
    text: str
    colour: str = INK
    is_bold: bool = False
    anchor: str = "middle"


@dataclass(frozen=True)
class Box:
    """A filled rectangle, or a dashed one to cut along."""

    x: float
    y: float
    width: float
    height: float
    colour: str = BRAND
    is_cut: bool = False


Mark = Text | Box
Sheet = list[Mark]


def width_of(text: str) -> float:
    """How wide a line is, in times its size."""
    return sum(1.0 if east_asian_width(each) in "WFA" else 0.62 for each in text)


def lines_of(text: str, most: float) -> list[str]:
    """``text`` in lines at most ``most`` wide, in times the size; long words and addresses are broken too."""
    lines, line = [], ""
    for word in _WORDS.findall(" ".join(text.split())):
        for piece in [word] if width_of(word) <= most else list(word):
            if line and width_of(line + piece) > most and piece not in _NEVER_FIRST:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def fitted(text: str, width: float, height: float, sizes: Sequence[float]) -> tuple[float, list[str]]:
    """The largest of ``sizes`` at which ``text`` fits, and its lines."""
    for size in sizes:
        lines = lines_of(text, width / size - 1)  # a closing mark may stand beyond the end
        if len(lines) * size * LEADING <= height:
            break
    even = lines_of(text, width_of(text) / max(len(lines), 1) + 1)
    return size, even if len(even) == len(lines) else lines


def sheets_of(posters: Sequence[Poster], *, shape: str, site_name: str) -> list[Sheet]:
    """The sheets of paper on which ``posters`` stand."""
    if shape == "poster":
        return [_poster(poster, site_name) for poster in posters]
    number = SHAPES[shape]
    return [_cards(posters[first : first + number], site_name) for first in range(0, len(posters), number)]


def _poster(poster: Poster, site_name: str) -> Sheet:
    middle = WIDTH / 2
    marks: Sheet = [
        Box(0, 0, WIDTH, 30),
        Text(middle, 19.5, 11, site_name, WHITE, is_bold=True),
        Text(middle, 48, 7.5, poster.kind, BRAND),
    ]
    facts = [each for fact in poster.facts for each in lines_of(fact, 170 / 6)]
    room = 86 - len(facts) * 6 * LEADING
    size, lines = fitted(poster.title, 178, room, (19, 16, 13, 10.5, 8.5, 7, 6, 5))
    y = 55 + (room - len(lines) * size * LEADING) / 2
    marks += _stacked(lines, middle, y, size, is_bold=True)
    marks += _stacked(facts, middle, 56 + room, 6, colour=SOFT)
    marks += _code(poster.address, middle - 52, 144, 104)
    lead, leads = fitted(poster.lead, 186, 18, (8, 7, 6))
    marks += _stacked(leads, middle, 252, lead, is_bold=True)
    small, address = fitted(poster.address, 186, 14, (4.5, 4, 3.4))
    return [*marks, *_stacked(address, middle, 274, small, colour=SOFT), Box(0, 291, WIDTH, 6)]


def _cards(posters: Sequence[Poster], site_name: str) -> Sheet:
    marks: Sheet = []
    left, top = (WIDTH - COLUMNS * CARD_WIDTH) / 2, (HEIGHT - 4 * CARD_HEIGHT) / 2
    for number, poster in enumerate(posters):
        x = left + number % COLUMNS * CARD_WIDTH
        y = top + number // COLUMNS * CARD_HEIGHT
        marks += _card(poster, site_name, x, y)
    return marks


def _card(poster: Poster, site_name: str, x: float, y: float) -> Sheet:
    beside, wide = x + 50, CARD_WIDTH - 55
    facts = [each for fact in poster.facts for each in lines_of(fact, wide / 2.8 - 1)]
    room = 45 - len(facts) * 2.8 * LEADING
    size, lines = fitted(poster.title, wide, room, (6, 5.2, 4.5, 3.8, 3.2, 2.7))
    _small, leads = fitted(poster.lead, CARD_WIDTH - 10, 5, (3.1, 2.8))
    return [
        Box(x, y, CARD_WIDTH, CARD_HEIGHT, SOFT, is_cut=True),
        Text(beside, y + 10, 3.2, f"{site_name} · {poster.kind}", BRAND, anchor="start"),
        *_stacked(lines, beside, y + 13, size, is_bold=True, anchor="start"),
        *_stacked(facts, beside, y + 13 + room, 2.8, colour=SOFT, anchor="start"),
        *_code(poster.address, x + 3, y + 5, 45),
        *_stacked(leads, x + CARD_WIDTH / 2, y + 59, _small, colour=INK),
    ]


def _stacked(
    lines: Sequence[str],
    x: float,
    y: float,
    size: float,
    *,
    colour: str = INK,
    is_bold: bool = False,
    anchor: str = "middle",
) -> Sheet:
    return [
        Text(x, y + size * (number * LEADING + 1), size, line, colour, is_bold, anchor)
        for number, line in enumerate(lines)
    ]


def _code(address: str, x: float, y: float, size: float) -> Sheet:
    """The QR code of an address with its quiet border: each run of dark modules is one box."""
    matrix = code_of(address).matrix
    module = size / (len(matrix) + 2 * QUIET)
    boxes: Sheet = []
    for number, row in enumerate(matrix):
        start = None
        for place, is_dark in enumerate([*row, 0]):
            if is_dark and start is None:
                start = place
            elif not is_dark and start is not None:
                across = x + (start + QUIET) * module
                down = y + (number + QUIET) * module
                boxes.append(Box(across, down, (place - start) * module, module, "#000000"))
                start = None
    return boxes
