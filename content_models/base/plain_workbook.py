"""Large workbooks of plain cells: one header row, texts and numbers, several sheets.

openpyxl, which writes everything that people fill in, needs half a minute for a hundred thousand rows; here
a row is one piece of text, and no more than one is held. The same content makes the same bytes.
"""

from collections.abc import Iterator, Sequence
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.utils import get_column_letter

from content_models.base.spreadsheets import CELL_LIMIT, OutSheet, clean, kept_number, sheet_name

START = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEADER, TEXT = 1, 2  # places among the cell styles below
STYLES = (
    f'{START}<styleSheet xmlns="{MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE7EEF3"/></patternFill></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf/><xf fontId="1" fillId="2" applyFont="1" applyFill="1"/>'
    '<xf numFmtId="49" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
ROWS_AT_ONCE = 500


def write_plain_xlsx(sheets: Sequence[OutSheet], file: IO[bytes]) -> None:
    """Sheets as .xlsx; what is no plain number of a number column is text, whatever it begins with."""
    names = [sheet_name(sheet.name) for sheet in sheets]
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=4) as package:
        for name, text in parts_beside(names).items():
            package.writestr(part(name), text)
        for number, sheet in enumerate(sheets, 1):
            with package.open(part(f"xl/worksheets/sheet{number}.xml"), "w") as out:
                for piece in sheet_pieces(sheet):
                    out.write(piece.encode("utf-8", "replace"))


def part(name: str) -> ZipInfo:
    """A part of the package without a time, which would make each file another one."""
    info = ZipInfo(name)
    info.compress_type = ZIP_DEFLATED
    return info


def parts_beside(names: Sequence[str]) -> dict[str, str]:
    """Everything but the sheets."""
    numbers = range(1, len(names) + 1)
    sheet_types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{TYPE}.worksheet+xml"/>'
        for n in numbers
    )
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, names, strict=True)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    return {
        "[Content_Types].xml": (
            f'{START}<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/>{sheet_types}</Types>'
        ),
        "_rels/.rels": (
            f'{START}<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>"
        ),
        "xl/workbook.xml": (
            f'{START}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{START}<Relationships xmlns="{PACKAGE}/relationships">{links}'
            f'<Relationship Id="rId{len(names) + 1}" Type="{OFFICE}/styles" Target="styles.xml"/>'
            "</Relationships>"
        ),
        "xl/styles.xml": STYLES,
    }


def sheet_pieces(sheet: OutSheet) -> Iterator[str]:
    letters = [get_column_letter(place) for place in range(1, len(sheet.columns) + 1)]
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{column.width}" style="{TEXT}" customWidth="1"/>'
        for place, column in enumerate(sheet.columns, 1)
    )
    yield (
        f'{START}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>"
    )
    titles = [
        text_cell(f"{letter}1", column.title, HEADER)
        for letter, column in zip(letters, sheet.columns, strict=True)
    ]
    rows = [f'<row r="1">{"".join(titles)}</row>']
    are_numbers = [column.is_number for column in sheet.columns]
    for number, row in enumerate(sheet.rows, 2):
        cells = [
            number_or_text(f"{letter}{number}", value)
            if is_number
            else text_cell(f"{letter}{number}", value, TEXT)
            for letter, value, is_number in zip(letters, row, are_numbers, strict=False)
            if value is not None and value != ""
        ]
        rows.append(f'<row r="{number}">{"".join(cells)}</row>')
        if len(rows) == ROWS_AT_ONCE:
            yield "".join(rows)
            rows = []
    yield "".join([*rows, "</sheetData></worksheet>"])


def text_cell(address: str, value: Any, style: int) -> str:
    text = value if type(value) is str else str(value)
    if not text.isprintable() or len(text) > CELL_LIMIT:
        text = clean(text).replace("\r\n", "\n").replace("\r", "\n")
    kept = "" if text == text.strip() else ' xml:space="preserve"'
    return f'<c r="{address}" s="{style}" t="inlineStr"><is><t{kept}>{escape(text)}</t></is></c>'


def number_or_text(address: str, value: Any) -> str:
    number = kept_number(value)
    return text_cell(address, value, TEXT) if number is None else f'<c r="{address}"><v>{number}</v></c>'
