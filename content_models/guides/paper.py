"""How large a guide's sheet may be printed so that all of it stands on one side of A4."""

import math
import re
import unicodedata
from dataclasses import dataclass

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

WIDTH, HEIGHT = 186, 268  # millimetres within the margins; a little is kept for fonts that run wide
POINT = 0.3528  # millimetres
CODE_WIDTH, CODE_HEIGHT = 36, 44
SKETCH_HEIGHT = 56


@dataclass(frozen=True)
class Print:
    """One way to print, as sheet.css has it: sizes in points, ``gap`` in millimetres, ``look`` as classes."""

    look: str
    text: float
    small: float
    large: float
    title: float
    leading: float
    gap: float
    columns: int = 1
    has_sketch: bool = False
    has_notes: bool = True

    def lines(self, text, width, *, size):
        """The height of ``text`` that runs over a column of ``width``."""
        return math.ceil(_ems(text) * size * POINT / width) * size * self.leading * POINT

    def plain(self, text, width=WIDTH):
        return self.lines(text, width, size=self.text)

    def fine(self, text, width=WIDTH):
        return self.lines(text, width, size=self.small)

    @property
    def heading(self):
        return self.large * 1.4 * POINT + 3.2 * self.gap


_LARGE = {"text": 15, "small": 12.5, "large": 17, "title": 24, "leading": 1.5, "gap": 2}
_ROOMY = {"text": 12, "small": 10.5, "large": 14, "title": 20, "leading": 1.5, "gap": 2}
_FULL = {"text": 11, "small": 10, "large": 12, "title": 16, "leading": 1.4, "gap": 1.2, "columns": 2}
_TIGHT = {"text": 10, "small": 9, "large": 11, "title": 14, "leading": 1.3, "gap": 1, "columns": 2}
# The best first: what gives way is the sketch, then the size, last where materials come from.
PRINTS = [
    Print("", **_ROOMY, has_sketch=True),
    Print("sheet--bare", **_ROOMY),
    Print("sheet--bare sheet--full", **_FULL),
    Print("sheet--bare sheet--tight", **_TIGHT),
    Print("sheet--bare sheet--tight sheet--terse", **_TIGHT, has_notes=False),
]
LARGE_PRINTS = [
    Print("sheet--large", **_LARGE, has_sketch=True),
    Print("sheet--bare sheet--large", **_LARGE),
    *PRINTS,
]


def look_of(sheet, context, *, prints):
    """The classes of the best way to print that fits; of the smallest where none does."""
    return next((each.look for each in prints if height(sheet, context, each) <= HEIGHT), prints[-1].look)


def height(sheet, context, shape):
    """How high, in millimetres, the sheet will be."""
    page = context["page"]
    parts = [_head(context, shape), _materials(context, shape), _steps(page, context, shape)]
    parts.append(shape.heading + _places(sheet, context, shape) + 2 * shape.fine("　"))
    if sheet.sketch and shape.has_sketch:
        parts.append(SKETCH_HEIGHT)
    parts.append(3 * shape.gap + shape.fine(_("的内容，以网页为准。") + sheet.address))
    if context["leading"]:
        parts.append(3 * shape.fine("　"))  # of when it was translated
    return sum(parts)


def _head(context, shape):
    page, offer = context["page"], context["offer"]
    beside = WIDTH - CODE_WIDTH
    leading = context["leading"]
    shown = leading.title if leading else page.title
    title = math.ceil(_ems(shown) * shape.title * POINT / beside) * shape.title * 1.35 * POINT
    if leading:
        title += shape.plain(page.title, beside)
    written = shape.large * shape.leading * POINT + title + 5 * shape.gap
    notes = [page.unavailable_text]
    if offer.is_refused:
        notes.append(f"{offer.place.title}{offer.provision.reason}" + "　" * 8)
    if page.is_demo:
        notes.append(_("演示数据") + _("这里的内容是示例，只用来演示，不能当作办事依据。"))
    written += sum(5 + shape.plain(note, beside - 9) for note in notes if note)
    return max(written, CODE_HEIGHT)


def _materials(context, shape):
    between = 6 * (shape.columns - 1)
    column = (WIDTH - between) / shape.columns - 1.85 * shape.text * POINT
    shown = [material for material in context["materials"] if not material.is_spared]
    heights = [_material(material, column, shape) for material in shown]
    rows = [heights[at : at + shape.columns] for at in range(0, len(heights), shape.columns)]
    spared = _("、").join(material.name for material in context["spared"])
    total = shape.heading + sum(max(row) for row in rows) + shape.gap * max(0, len(rows) - 1)
    if context["leading"] and context["leading"].materials:
        total = shape.heading + _told(context["leading"].materials, shape)
    if spared:
        total += shape.gap + shape.plain(_("不用带：") + spared)
    return total if context["materials"] else total + shape.plain("　")


def _material(material, column, shape):
    words = [material.name, material.amount_text, material.spec]
    if not material.is_brought:
        words.append(material.necessity_text)
    notes = [material.condition and _("适用：") + material.condition]
    if material.asks_for_refused:
        notes.append(_("社区不再出具这份证明，改用什么材料请扫右上角的码看网页。"))
    elif shape.has_notes:
        notes.append(material.source_text and _("从哪里来：") + material.source_text)
    return shape.plain("　".join(filter(None, words)), column) + sum(
        shape.fine(note, column) for note in notes if note
    )


def _steps(page, context, shape):
    column = (WIDTH - 8) / 2 - 1.5 * shape.text * POINT
    steps = [
        shape.plain(f"{step.name} {step.who or ''}{step.limit or ''}", column) for step in page.steps.all()
    ]
    tallest = max(steps, default=0)
    half = sum(steps) / 2 + tallest / 2
    if context["leading"] and context["leading"].steps:
        half = _told(context["leading"].steps, shape)
    fees = [f"{fee.name} {fee.standard}" for fee in page.fees.all()] if page.is_charged else []
    key = f"{context['offer'].promised_limit or page.legal_limit}" + "；".join(fees) + "　" * 16
    return shape.heading + half + 2 * shape.gap + shape.plain(key)


def _told(html, shape):
    """What a translation says in paragraphs and lists."""
    parts = (strip_tags(part).strip() for part in re.split(r"</(?:li|p|h\d)>", html))
    return sum(shape.plain(part, WIDTH - 1.5 * shape.text * POINT) for part in parts if part)


def _places(sheet, context, shape):
    if not sheet.places:
        return 2 * shape.plain("　")
    columns = min(2, len(sheet.places))
    column = (WIDTH - 8 * (columns - 1)) / columns
    heights = [sum(shape.plain(text, column) for text in _of(place)) for place in sheet.places]
    rows = [heights[at : at + columns] for at in range(0, len(heights), columns)]
    return sum(max(row) for row in rows) + 1.5 * shape.gap * (len(rows) - 1)


def _of(place):
    walk = getattr(place.office, "walk", None)
    return [
        f"　　{place.office.title} {place.window}",
        _("地址：") + place.office.address + (walk.text if walk else ""),
        _("时间：") + place.hours if place.hours else "",
        _("电话：") + str(place.phone),
    ]


def _ems(text):
    """The width of ``text`` in widths of a Chinese character."""
    return sum(1 if unicodedata.east_asian_width(sign) in "WFA" else 0.55 for sign in str(text))
