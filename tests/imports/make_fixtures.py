"""Makes the files in fixtures/spreadsheets, by several writers: not all are of one library's hand.

Run by hand when a file is added: ``python -m tests.imports.make_fixtures``. The files are kept in the
repository; only ``by_office`` needs LibreOffice.
"""

import datetime
import io
import random
import shutil
import struct
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import xlwt  # type: ignore[import-untyped]  # carries no types
from openpyxl.styles import Alignment, Font, PatternFill
from xlwt.CompoundDoc import XlsDoc  # type: ignore[import-untyped]  # carries no types

FOLDER = Path(__file__).parents[2] / "fixtures" / "spreadsheets"
HOSTILE = FOLDER / "hostile"

# A directory as offices print it: title, two header rows, a total, full-width digits, dates with dots.
DIRECTORY_TITLE = "春风街道基层政务公开标准目录（2022年版）"
DIRECTORY_HEADER = [
    ("序号", ""), ("公开事项", "一级事项"), ("公开事项", "二级事项"), ("公开内容", ""), ("公开时限", ""),
    ("公开对象", "全社会"), ("公开对象", "特定群体"), ("户数", ""), ("更新日期", ""),
]  # fmt: skip
DIRECTORY_ROWS = [
    ["１", "养老服务", "高龄津贴", "对象、标准、流程", "２０个工作日", "√", "", "１２３", "2022.6.20"],
    ["２", "养老服务", "老年优惠证", "对象、材料", "即时", "√", "", "３,０００户", "2022.6.21"],
    ["３", "社会救助", "最低生活保障", "对象、标准、名单", "7个工作日", "", "√", "约1.5万", "2022.7.1"],
    ["４", "残疾人服务", "困难残疾人生活补贴", "对象、标准", "即时", "■", "□", "88", "2022年7月2日"],
]
DIRECTORY_TOTAL = ["合计", "", "", "", "", "", "", "18211", ""]
DIRECTORY_NOTE = "注：本目录由春风街道党政综合办公室负责解释。"


def directory_grid() -> list[list[str]]:
    """The directory as plain rows, without merged cells."""
    width = len(DIRECTORY_HEADER)
    upper = [
        top if at == 0 or DIRECTORY_HEADER[at - 1][0] != top else ""
        for at, (top, _) in enumerate(DIRECTORY_HEADER)
    ]
    lower = [bottom for _, bottom in DIRECTORY_HEADER]
    return [
        [DIRECTORY_TITLE, *[""] * (width - 1)], upper, lower, *DIRECTORY_ROWS, DIRECTORY_TOTAL,
        [DIRECTORY_NOTE, *[""] * (width - 1)],
    ]  # fmt: skip


def directory_merges() -> list[tuple[int, int, int, int]]:
    """First row, last row, first column, last column, from 0."""
    width = len(DIRECTORY_HEADER)
    down = [(1, 2, at, at) for at, (_, bottom) in enumerate(DIRECTORY_HEADER) if not bottom]
    return [(0, 0, 0, width - 1), (1, 1, 1, 2), (1, 1, 5, 6), (8, 8, 0, width - 1), *down]


def directory_xlsx() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "公开目录"
    for row in directory_grid():
        sheet.append([value or None for value in row])
    for first, last, left, right in directory_merges():
        sheet.merge_cells(start_row=first + 1, end_row=last + 1, start_column=left + 1, end_column=right + 1)
    sheet["A1"].font = Font(size=18, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    book.save(FOLDER / "directory.xlsx")


def directory_xls() -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("公开目录")
    merged = {(first, left): (first, last, left, right) for first, last, left, right in directory_merges()}
    for row, values in enumerate(directory_grid()):
        for column, value in enumerate(values):
            if (row, column) in merged:
                sheet.write_merge(*merged[row, column], value)
            elif value:
                sheet.write(row, column, value)
    book.save(FOLDER / "directory.xls")


def directory_csv() -> None:
    lines = [",".join(f'"{value}"' if "," in value else value for value in row) for row in directory_grid()]
    text = "\r\n".join(lines) + "\r\n"
    (FOLDER / "directory.csv").write_bytes(text.encode("gb18030"))


def community_list_xlsx() -> None:
    """Merged cells meaning "as above", groups, notes, a signature, formatted columns, a hidden sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "事项清单"
    sheet.append(["社区工作事项准入清单"])
    sheet.append(["填报单位：花苑社区居委会", None, None, None, "填报日期：2022年6月20日"])
    sheet.append(["序号", "类别", "事项名称", "申请部门", "准入日", "状态"])
    sheet.append([1, 2, 3, 4, 5, 6])
    sheet.append(["一、巡查检查类（2项）"])
    sheet.append([1, "巡查检查", "消防安全巡查", "应急办", datetime.date(2022, 6, 20), "准入"])
    sheet.append([2, None, "房屋安全巡查", "城建办", "2022.6.21", "退出"])
    sheet.append(["小  计", None, None, None, None, 2])
    sheet.append(["二、报表类（2项）"])
    sheet.append([3, "报表", "月度报表", "统计站", "2022-06-22", "准入"])
    sheet.append(["序号", "类别", "事项名称", "申请部门", "准入日", "状态"])
    sheet.append([4, None, "季度报表", None, 44735, "准入"])
    sheet.append(["总计", None, None, None, None, 4])
    sheet.append(["注：1.“状态”填准入或退出；"])
    sheet.append(["2.退出的事项不再下达社区。"])
    sheet.append(["填表人：张某", None, "审核人：李某"])
    for cells in ("A1:F1", "A5:F5", "A9:F9", "B6:B7", "A14:F14", "A15:F15"):
        sheet.merge_cells(cells)
    sheet.merge_cells("D10:D10")
    for column in "ABCDEF":
        sheet.column_dimensions[column].fill = PatternFill("solid", fgColor="FFFFEE")
    for row in range(17, 3000):
        sheet.cell(row, 16_384).fill = PatternFill("solid", fgColor="FFFFEE")
    sheet.cell(1_048_576, 1).fill = PatternFill("solid", fgColor="FFFFEE")
    hidden = book.create_sheet("代码")
    hidden.sheet_state = "hidden"
    hidden.append(["准入", "退出"])
    book.save(FOLDER / "community-list.xlsx")


GUIDE_TABLE = ["序号", "材料名称", "必要性", "规格份数", "材料来源", "审查要点"]


def guides_xlsx() -> None:
    """Three guides one under another, each with its own table of materials."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["春风街道办事指南汇编"])
    sheet.merge_cells("A1:F1")
    row = 3
    for number, name in enumerate(["老年优惠证办理", "困难残疾人生活补贴申请", "生育登记"], 1):
        sheet.cell(row, 1, f"{'一二三'[number - 1]}、{name}")
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=6)
        sheet.cell(row + 1, 1, "事项名称")
        sheet.cell(row + 1, 2, name)
        sheet.merge_cells(start_row=row + 1, end_row=row + 1, start_column=2, end_column=6)
        for column, value in enumerate(["实施主体", "春风街道办事处", None, "办件类型", "承诺件"], 1):
            sheet.cell(row + 2, column, value)
        sheet.cell(row + 3, 1, "受理条件")
        sheet.merge_cells(start_row=row + 3, end_row=row + 4, start_column=1, end_column=1)
        sheet.cell(row + 3, 2, "本街道户籍；")
        sheet.cell(row + 4, 2, "年满60周岁。")
        sheet.cell(row + 5, 1, "咨询电话")
        sheet.cell(row + 5, 4, "监督电话")
        sheet.cell(row + 5, 5, "12345")
        sheet.cell(row + 6, 1, "申请材料")
        for column, value in enumerate(GUIDE_TABLE, 1):
            sheet.cell(row + 7, column, value)
        for at in range(number):
            values = [at + 1, f"材料{number}-{at + 1}", "必要", "原件1份", "申请人自备", "在有效期内"]
            for column, content in enumerate(values, 1):
                sheet.cell(row + 8 + at, column, content)
        row += 10 + number
    book.save(FOLDER / "guides.xlsx")


def formulas_xlsx() -> None:
    """Formulas that no spreadsheet program has computed yet, as many exports have them."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["名称", "户数", "合并户数"])
    sheet.append(["江苏路社区", 3000, "=B2*2"])
    sheet.append(["金口路社区", "=1/0", None])
    sheet["C3"] = "#N/A"
    sheet["C3"].data_type = "e"
    book.save(FOLDER / "formulas.xlsx")


def numbers_xlsx() -> None:
    """Codes and dates as number cells, and what no calendar has; NaN as some programs write it."""
    rows = [
        '<row r="1"><c r="A1" t="inlineStr"><is><t>代码</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>日期</t></is></c></row>'
    ]
    codes = [
        "350203011001",
        "3.50203011001E11",
        "4.4052418800101e+17",
        "1234567890123456",
        "NaN",
        "0.1",
        "123.0",
    ]
    days = ["0", "60", "-1", "2958466", "44732", "44732.5", "1"]
    for at, (code, day) in enumerate(zip(codes, days, strict=True), 2):
        rows.append(f'<row r="{at}"><c r="A{at}"><v>{code}</v></c><c r="B{at}" s="1"><v>{day}</v></c></row>')
    write_xlsx(FOLDER / "numbers.xlsx", sheet_xml("".join(rows)))
    write_xlsx(FOLDER / "numbers-1904.xlsx", sheet_xml("".join(rows)), is_1904=True)


def numbers_xls() -> None:
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = False
    sheet = book.add_sheet("数")
    day = xlwt.easyxf(num_format_str="yyyy/m/d")
    sheet.write(0, 0, "代码")
    sheet.write(0, 1, "日期")
    codes: list[Any] = [
        350203011001,
        3.50203011001e11,
        4.4052418800101e17,
        1234567890123456,
        None,
        0.1,
        123.0,
    ]
    days = [0, 60, -1, 2958466, 44732, 44732.5, 1]
    for at, (code, number) in enumerate(zip(codes, days, strict=True), 1):
        if code is None:
            sheet.row(at).set_cell_number(0, float("nan"))
        else:
            sheet.write(at, 0, code)
        sheet.write(at, 1, number, day)
    sheet.row(8).set_cell_error(0, 42)
    sheet.write(8, 1, True)
    book.save(FOLDER / "numbers.xls")


def other_xml_xlsx() -> None:
    """Legal XML as few programs write it: prefixes, no addresses, comments, CDATA, runs, escapes."""
    sheet = (
        "<?xml version='1.0' encoding='UTF-8'?>"
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        "<!-- <x:row r='1'><x:c r='A1'><x:v>1</x:v></x:c></x:row> -->"
        "<x:row><x:c t='inlineStr'><x:is><x:t>名称</x:t></x:is></x:c><x:c t='s'><x:v>0</x:v></x:c></x:row>"
        "<x:row r='3'><x:c r='B3'><x:v>12</x:v></x:c>"
        "<x:c t='str'><x:f>A1</x:f><x:v><![CDATA[a<b]]></x:v></x:c></x:row>"
        "</x:sheetData><x:mergeCells><x:mergeCell ref='B3:B4'/></x:mergeCells></x:worksheet>"
    )
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount="1">'
        '<si><r><rPr><b/></rPr><t>户</t></r><r><t xml:space="preserve">数 &amp;_x0041_</t></r>'
        '<rPh sb="0" eb="1"><t>hu</t></rPh></si></sst>'
    )
    write_xlsx(FOLDER / "other-xml.xlsx", sheet, strings=strings)


def texts_csv() -> None:
    """The same three rows in each encoding and with each line end."""
    text = '名称,代码,说明\n𠮷祥社区,350203011001,"第一行\n第二行"\n镕城社区,="350203011002",4.40524E+17\n'
    (FOLDER / "utf8.csv").write_bytes(text.encode())
    (FOLDER / "utf8-bom.csv").write_bytes(text.encode("utf-8-sig"))
    (FOLDER / "gb18030.csv").write_bytes(text.replace("\n", "\r\n").encode("gb18030"))
    (FOLDER / "cr-only.csv").write_bytes(text.replace("\n", "\r").encode())


def by_office() -> None:
    """What LibreOffice makes of the files above: its own .xls of BIFF8, which is also what .et files are."""
    if shutil.which("soffice") is None:
        print("LibreOffice is not installed; its files stay as they are.")
        return
    for source, target in [("directory.xlsx", "directory.et"), ("community-list.xlsx", "community-list.xls")]:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile",
                 "--convert-to", "xls", "--outdir", folder, str(FOLDER / source)],
                check=True, capture_output=True,
            )  # fmt: skip
            shutil.copy(Path(folder) / f"{Path(source).stem}.xls", FOLDER / target)


def hostile() -> None:
    """Files that are meant to hurt whoever opens them."""
    good = (FOLDER / "directory.xlsx").read_bytes()
    cell = '<row r="1"><c r="A1"><v>1</v></c></row>'
    write_xlsx(HOSTILE / "bomb.xlsx", sheet_xml(cell), more={"xl/media/zeros.bin": bytes(200 << 20)})
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]>'
    laughing = sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>')
    write_xlsx(HOSTILE / "laughs.xlsx", laughing.replace("<worksheet", doctype + "<worksheet", 1))
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    write_xlsx(HOSTILE / "corner.xlsx", sheet_xml(cell + corner))
    wide = "".join(f'<c r="{letters(n)}1"><v>1</v></c>' for n in range(1, 16_385))
    write_xlsx(HOSTILE / "columns.xlsx", sheet_xml(f'<row r="1">{wide}</row>'))
    write_xlsx(HOSTILE / "outside.xlsx", sheet_xml('<row r="1"><c r="XFE1"><v>1</v></c></row>'))
    write_xlsx(HOSTILE / "order.xlsx", sheet_xml('<row r="9"><c r="A9"><v>1</v></c></row>' + cell))
    (HOSTILE / "renamed.csv").write_bytes(good)
    (HOSTILE / "renamed.xls").write_bytes(good)
    (HOSTILE / "picture.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    (HOSTILE / "truncated.xlsx").write_bytes(good[: len(good) // 2])
    write_truncated_inside(HOSTILE / "cut-part.xlsx", good)
    junk = random.Random(1).randbytes(6000)
    (HOSTILE / "junk.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + junk)
    (HOSTILE / "page.xls").write_text("<html><table><tr><td>名称</td></tr></table></html>", encoding="utf-8")
    (HOSTILE / "encrypted.xlsx").write_bytes(
        compound_file({"EncryptionInfo": bytes(5000), "EncryptedPackage": junk})
    )
    (HOSTILE / "encrypted.xls").write_bytes(
        compound_file(
            {
                "Workbook": record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
                + record(0x2F, bytes(54))
                + bytes(5000)
            }
        )
    )
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="4294967295" '
        'uniqueCount="4294967295"><si><t>一</t></si></sst>'
    )
    write_xlsx(HOSTILE / "false-count.xlsx", sheet_xml(cell), strings=strings)
    write_xlsx(
        HOSTILE / "duplicate.xlsx", sheet_xml(cell), more={"XL/Worksheets/Sheet1.xml": b"<worksheet/>"}
    )
    write_xlsx(HOSTILE / "parts.xlsx", sheet_xml(cell), more={f"xl/media/{n}.png": b"" for n in range(600)})
    merges = "".join(f'<mergeCell ref="A1:XFD{n}"/>' for n in range(1, 2000))
    write_xlsx(HOSTILE / "merges.xlsx", sheet_xml(cell, f"<mergeCells>{merges}</mergeCells>"))
    deep = "<a>" * 200_000
    write_xlsx(HOSTILE / "deep.xlsx", sheet_xml(cell).replace("</worksheet>", f"{deep}</worksheet>"))
    far = xlwt.Workbook()
    sheet = far.add_sheet("s")
    sheet.write(0, 0, 1)
    sheet.write(65_535, 255, 1)
    far.save(HOSTILE / "corner.xls")
    (HOSTILE / "utf16.csv").write_bytes("名称,代码\n一,1\n".encode("utf-16"))
    (HOSTILE / "mixed.csv").write_bytes(
        "名称,说明\n一,两种编码混在一起了\n".encode() + "二,国标编码\n".encode("gb18030")
    )
    (HOSTILE / "nul.csv").write_bytes("名称,代码\n一,\0".encode())
    (HOSTILE / "bytes.csv").write_bytes("名称,代码\n".encode() + b"\xff\xff\n")
    (HOSTILE / "quotes.csv").write_text('名称,代码\n"一,1\n' + "二,2\n" * 10, encoding="utf-8")


def letters(column: int) -> str:
    return openpyxl.utils.get_column_letter(column)


def sheet_xml(rows: str, after: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData>{after}</worksheet>"
    )


def write_xlsx(
    path: Path, sheet: str, *, strings: str = "", is_1904: bool = False, more: dict[str, bytes] | None = None
) -> None:
    """An .xlsx written by hand, part by part."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{head}<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/></Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{head}<workbook xmlns="{main}" xmlns:r="{office}">'
        f'<workbookPr date1904="{int(is_1904)}"/>'
        '<sheets><sheet name="数据" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{office}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId3" Type="{office}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
        "</Relationships>",
        "xl/styles.xml": f'{head}<styleSheet xmlns="{main}"><numFmts count="1">'
        '<numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/></numFmts>'
        '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="176"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": sheet,
        **({"xl/sharedStrings.xml": strings} if strings else {}),
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in {**parts, **(more or {})}.items():
            archive.writestr(zipfile.ZipInfo(name, (2022, 6, 20, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def write_truncated_inside(path: Path, good: bytes) -> None:
    """A sound zip file around a sheet whose XML stops in the middle."""
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            data = old.read(part)
            new.writestr(part.filename, data[: len(data) // 2] if "sheet1" in part.filename else data)


def record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def compound_file(streams: dict[str, bytes]) -> bytes:
    """A compound file with the longest of these streams, under its name instead of xlwt's."""
    name, data = max(streams.items(), key=lambda item: len(item[1]))
    out = io.BytesIO()
    XlsDoc().save(out, data)
    entry = "Workbook\0".encode("utf-16-le")
    named = f"{name}\0".encode("utf-16-le")
    whole = out.getvalue()
    at = whole.index(entry)
    return whole[:at] + named.ljust(64, b"\0") + struct.pack("<H", len(named)) + whole[at + 66 :]


def main() -> None:
    HOSTILE.mkdir(parents=True, exist_ok=True)
    directory_xlsx()
    directory_xls()
    directory_csv()
    community_list_xlsx()
    guides_xlsx()
    formulas_xlsx()
    numbers_xlsx()
    numbers_xls()
    other_xml_xlsx()
    texts_csv()
    by_office()
    hostile()


if __name__ == "__main__":
    main()
