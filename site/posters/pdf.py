"""Sheets as PDF, with only those characters of the font that stand on them."""

from collections.abc import Iterable

from fpdf import FPDF
from fpdf.errors import FPDFException

from posters.fonts import NoFont, font
from posters.layout import HEIGHT, WIDTH, Box, Mark, Sheet, Text

POINT = 25.4 / 72  # millimetres


class MissingCharacters(LookupError):
    """The font has not all characters that are to be printed; ``characters`` are those it lacks."""

    def __init__(self, characters: str) -> None:
        super().__init__(characters)
        self.characters = characters


def pdf_of(sheets: Iterable[Sheet], *, title: str) -> bytes:
    """One page for each sheet. Raises NoFont, and MissingCharacters before anything would be left out."""
    sheets = list(sheets)
    pdf = FPDF(unit="mm", format=(WIDTH, HEIGHT))
    pdf.set_auto_page_break(False)
    pdf.set_title(title)
    pdf.set_lang("zh-CN")
    wanted = {each for sheet in sheets for mark in sheet if isinstance(mark, Text) for each in mark.text}
    for style, is_bold in (("", False), ("B", True)):
        found = font(is_bold=is_bold)
        try:
            pdf.add_font("poster", style, found.file, collection_font_number=found.number)
        except (FPDFException, OSError, ValueError, KeyError) as error:
            raise NoFont(found.file) from error
    _require(pdf, wanted)
    for sheet in sheets:
        pdf.add_page()
        for mark in sheet:
            _draw(pdf, mark)
    return bytes(pdf.output())


def _require(pdf: FPDF, wanted: set[str]) -> None:
    known = [set(each.cmap) for each in pdf.fonts.values()]  # type: ignore[union-attr]  # of files, all of them
    if not all(ord("办") in each for each in known):
        raise NoFont
    missing = {each for each in wanted if not all(ord(each) in characters for characters in known)}
    if missing:
        raise MissingCharacters("".join(sorted(missing)))


def _draw(pdf: FPDF, mark: Mark) -> None:
    if isinstance(mark, Box):
        if mark.is_cut:
            pdf.set_draw_color(mark.colour)
            pdf.set_line_width(0.2)
            pdf.set_dash_pattern(dash=2, gap=2)
            pdf.rect(mark.x, mark.y, mark.width, mark.height)
            pdf.set_dash_pattern()
        else:
            pdf.set_fill_color(mark.colour)
            pdf.rect(mark.x, mark.y, mark.width, mark.height, style="F")
        return
    pdf.set_text_color(mark.colour)
    pdf.set_font("poster", "B" if mark.is_bold else "", mark.size / POINT)
    before = pdf.get_string_width(mark.text) / 2 if mark.anchor == "middle" else 0
    pdf.text(mark.x - before, mark.y, mark.text)
