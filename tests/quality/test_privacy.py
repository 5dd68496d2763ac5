"""Personal data never goes public unmasked: not in texts, not in rows, not in what is attached."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image as Picture
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import ReferenceIndex

from content_models.base.checks import NotPublishable, findings_in
from content_models.guides.models import Material
from content_models.notices.models import NoticeAttachment
from publishing.publish import publish
from quality.models import FileScan, WordList
from quality.overrides import let_pass
from tests import factories

pytestmark = pytest.mark.django_db

ID, ID_MASKED = "11010519491231002X", "110105********002X"
MOBILE, MOBILE_MASKED = "13812343210", "138****3210"
CARD, CARD_MASKED = "6222021234567890128", "6222***********0128"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

COMMENT = f'<w:c xmlns:w="{WORD}"><w:p><w:r><w:t>{MOBILE}</w:t></w:r></w:p></w:c>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def editors_list(code: str, *some: str) -> None:
    words: Any = some
    WordList.objects.create(code=code, words=words)


def said(thing: Any) -> list[str]:
    return [finding.message for finding in findings_in(thing) if finding.rule == "personal-data"]


def refusal(thing: Any) -> str:
    with pytest.raises(NotPublishable) as refused:
        publish(thing)
    return "\n".join(refused.value.problems)


def document(name: str, content: bytes) -> Any:
    made = get_document_model()(title=name)
    made.file.save(name, ContentFile(content), save=False)
    made.save()
    return made


def status(client: Client, asked: Any) -> int:
    """Of the answer to who asks for a document."""
    answer = client.get(asked.url)
    answer.getvalue()  # to its end, at which the file is closed
    return answer.status_code


def notice_with(attached: Any, **fields: Any) -> Any:
    page = factories.notice(live=False, **fields)
    page.attachments = [NoticeAttachment(document=attached)]
    page.save_revision()
    return page


def docx(*paragraphs: str, table: tuple[str, ...] = (), **parts: str) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    cells = "".join(f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>" for text in table)
    rows = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>" if table else ""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(
            "word/document.xml", f'<w:document xmlns:w="{WORD}"><w:body>{body}{rows}</w:body></w:document>'
        )
        for name, content in parts.items():
            package.writestr(name.replace("__", "/") + ".xml", content)
    return written.getvalue()


def xlsx(**cells: Any) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "名单"
    for address, value in cells.items():
        sheet[address] = value
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def pdf(*pages: str) -> bytes:
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(width=200, height=200)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 10 100 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


# Texts


@pytest.mark.parametrize(
    ("number", "masked"), [(ID, ID_MASKED), (MOBILE, MOBILE_MASKED), (CARD, CARD_MASKED)]
)
def test_a_pasted_number_is_stopped_with_its_masked_form_offered(number: str, masked: str) -> None:
    page = factories.notice(live=False, body=[("text", f"<p>请联系 {number[:6]}<b>{number[6:]}</b>。</p>")])

    refused = refusal(page)

    assert masked in refused
    assert number not in refused
    [finding] = [finding for finding in findings_in(page) if finding.rule == "personal-data"]
    assert (finding.field, finding.row, finding.level, finding.may_be_overridden) == (
        "body.value", 0, "error", True,
    )  # fmt: skip
    assert finding.mend is not None
    assert finding.mend.text == f"<p>请联系 {masked}<b></b>。</p>"
    assert not factories.fresh(page).live


def test_the_mended_text_may_go_public() -> None:
    page = factories.notice(
        live=False, body=[("text", f"<p>申请人张三，身份证号 {ID}，住江苏路 3 号楼 2 单元 501 室</p>")]
    )
    for finding in findings_in(page):
        if finding.rule == "personal-data":
            assert finding.mend is not None
            page.body = [("text", finding.mend.text)]
    page.save_revision()

    published = publish(page)

    assert published.live
    assert str(published.body[0].value).count("*") > 0


@pytest.mark.parametrize(
    "body",
    [
        [("heading", f"联系 {MOBILE}")],
        [("table", {"data": [["姓名", "电话"], ["张三", MOBILE]], "first_row_is_table_header": True})],
        [("text", "<p>低保户：张三、李四</p>")],
        [("text", "<p>张三，住江苏路 12 号</p>")],
    ],
)
def test_every_block_of_a_body_is_looked_at(body: Any) -> None:
    assert said(factories.notice(live=False, body=body)) != []


def test_every_field_and_part_of_a_guide_is_looked_at() -> None:
    guide = factories.guide(live=False, materials=[Material(name="身份证", fill_note=f"样例 {ID}")])
    guide.conditions = f"<p>联系 {MOBILE}</p>"

    found = [finding for finding in findings_in(guide) if finding.rule == "personal-data"]

    assert [(finding.field, finding.row) for finding in found] == [
        ("conditions", None),
        ("materials.fill_note", 0),
    ]
    assert found[1].mend is not None
    assert (found[1].mend.field, found[1].mend.row, found[1].mend.text) == (
        "materials.fill_note", 0, f"样例 {ID_MASKED}",
    )  # fmt: skip


def test_numbers_that_residents_are_to_call_are_left_alone() -> None:
    office = factories.office(phone=MOBILE)
    notice = factories.notice(live=False, feedback_contact=f"王工 {MOBILE}，xinfang@163.com")
    community = factories.community(intro="<p>江苏路社区，江苏路 12 号 3 号楼 201 室，残疾人服务站。</p>")

    assert said(office) == said(notice) == said(community) == []


def test_editors_words_count_beside_names() -> None:
    page = factories.notice(live=False, body=[("text", "<p>欠费户：张三</p>")])
    assert said(page) == []

    editors_list("sensitive-words", "欠费")

    assert len(said(page)) == 1


# Rows


def test_public_columns_of_a_list_are_looked_at_and_internal_ones_are_not() -> None:
    columns = [
        factories.column("事项名称", is_title=True),
        factories.column("说明"),
        factories.column("内部", is_public=False),
    ]
    rows = [
        {"事项名称": "低保申报", "说明": "无", "内部": MOBILE},
        {"事项名称": "走访", "说明": f"联系 {MOBILE}", "内部": ""},
    ]
    edition = factories.list_edition(factories.policy_list(columns=columns), rows)

    [finding] = [finding for finding in findings_in(edition) if finding.rule == "personal-data"]

    assert finding.message == f"“第 2 条 说明”里有手机号码 {MOBILE_MASKED}。请改成“联系 {MOBILE_MASKED}”。"
    assert finding.url.endswith(f"/{edition.pk}/{edition.rows.get(order=2).pk}/")
    assert MOBILE_MASKED in refusal(edition)


def test_a_name_in_one_cell_and_its_case_in_another_are_found() -> None:
    columns = [factories.column("姓名", is_title=True), factories.column("情况")]
    edition = factories.list_edition(
        factories.policy_list(columns=columns), [{"姓名": "张小明", "情况": "残疾二级"}]
    )

    assert said(edition) == ["“第 1 条 姓名”里有与敏感情况写在一起的姓名 张**。请改成“张**”。"]


def test_rows_of_certificates_and_provisions_are_looked_at() -> None:
    certificates = factories.certificate_edition(factories.certificate_list())
    factories.certificate_item(certificates, name="亲属关系证明", conditions=f"样例 {ID}")
    provisions = factories.provision_edition(factories.community())
    factories.office()
    factories.provision(provisions, factories.guide(), note=f"找老王 {MOBILE}", phone=MOBILE)

    assert [ID_MASKED in message for message in said(certificates)] == [True]
    assert [MOBILE_MASKED in message for message in said(provisions)] == [True]


def test_questions_do_not_grow_with_rows(django_assert_max_num_queries: Any) -> None:
    page = factories.policy_list()
    few = factories.list_edition(page, [{"事项名称": f"走访 {MOBILE}"}] * 2)
    many = factories.list_edition(page, [{"事项名称": f"走访 {MOBILE}"}] * 60, title="第二批")

    numbers = []
    for edition in (few, many):
        edition = factories.fresh(edition)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert len(said(edition)) == edition.rows.count()
        numbers.append(len(asked))

    assert numbers[0] == numbers[1]


def test_many_findings_are_one_more_together() -> None:
    edition = factories.list_edition(factories.policy_list(), [{"事项名称": f"走访 {MOBILE}"}] * 205)

    found = said(edition)

    assert len(found) == 201
    assert found[-1] == "还有 5 处个人信息，改好上面这些后再检查。"


# Attachments


@pytest.mark.parametrize(
    ("name", "content", "where"),
    [
        ("名单.docx", docx("公示", f"张三 {ID}"), "第 2 段"),
        ("名单.docx", docx("公示", table=("张三", "低保")), "第 2 段"),
        ("名单.docx", docx("公示", word__comments=COMMENT), "批注"),
        ("名单.xlsx", xlsx(A1="公示", B3="张三", C3=int(MOBILE)), "工作表“名单”C3"),
        ("名单.pdf", pdf("nothing here", f"call {MOBILE}"), "第 2 页"),
        ("名单.csv", f"姓名,号码\n张三,{ID}\n".encode("gb18030"), "第 2 行"),
        ("名单.txt", f"张三\n{MOBILE}".encode(), "第 2 行"),
        ("名单.doc", OLE + f"联系人李四电话{MOBILE}谢谢".encode("utf-16-le"), "文中"),
    ],
)  # fmt: skip
def test_personal_data_in_an_attachment_is_stopped(name: str, content: bytes, where: str) -> None:
    page = notice_with(document(name, content))

    found = said(page)

    assert found
    assert all(f"（{where}）" in message and "请打码后换一个文件" in message for message in found)
    assert not any(number in "".join(found) for number in (ID, MOBILE, "张三"))
    assert found[0] in refusal(page)


def test_a_document_with_personal_data_is_for_staff_until_it_was_let_pass(
    client: Client, admin_client: Client
) -> None:
    made, harmless = document("名单.csv", f"张三,{ID}".encode()), document("说明.txt", "请带户口簿".encode())
    page = notice_with(made)

    assert status(client, harmless) == 200
    assert status(client, made) == 404
    assert status(admin_client, made) == 200

    found = [finding for finding in findings_in(page) if finding.rule == "personal-data"]
    let_pass(page, found, by=factories.user("district_editor", factories.home()), reason="依法公示名单")
    publish(page)

    assert status(client, made) == 200


def test_a_document_in_use_is_not_read_for_a_reader(client: Client) -> None:
    made = document("说明.txt", "请带户口簿".encode())
    ReferenceIndex.create_or_update_for_object(publish(notice_with(made)))  # which a task does
    FileScan.objects.all().delete()

    assert status(client, made) == 200

    assert not FileScan.objects.exists()


def test_a_sample_form_of_a_material_is_looked_through() -> None:
    form = document("样表.docx", docx(f"姓名：张三，身份证号 {ID}"))
    guide = factories.guide(live=False, materials=[Material(name="申请表", sample_form=form)])

    [*found] = [finding for finding in findings_in(guide) if finding.rule == "personal-data"]

    assert {(finding.field, finding.row) for finding in found} == {("materials.sample_form", 0)}


def test_a_linked_document_and_a_block_are_looked_through() -> None:
    made = document("名单.txt", MOBILE.encode())
    linked = factories.notice(
        live=False, body=[("text", f'<p><a linktype="document" id="{made.pk}">名单</a></p>')]
    )
    block = factories.notice(live=False, body=[("attachment", made)])

    assert len(said(linked)) == len(said(block)) == 1


def test_an_attachment_is_read_once_and_its_numbers_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    page = notice_with(document("名单.docx", docx(f"张三 {ID}")))
    first = said(page)

    monkeypatch.setattr("quality.attachments.scan.PROCESS", ["/nonexistent"])

    assert said(page) == first
    kept = json.dumps(FileScan.objects.values_list("report", flat=True).get(), ensure_ascii=False)
    assert ID_MASKED in kept
    assert ID not in kept


def test_other_words_read_the_attachment_anew() -> None:
    page = notice_with(document("名单.txt", "欠费户：张三".encode()))
    assert said(page) == []

    editors_list("sensitive-words", "欠费")

    assert len(said(page)) == 1


def bomb() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", b" " * (200 << 20))
    return written.getvalue()


LAUGHS = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><w>&b;</w>'


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("炸弹.docx", bomb(), "展开后太大"),
        ("实体.docx", docx("好", word__header1=LAUGHS), "已损坏"),
        ("半截.docx", docx("好")[:200], "已损坏"),
        ("半截.pdf", pdf("half a file")[:300], "已损坏"),
        ("假的.xlsx", b"PK\x03\x04 no sheet", "已损坏"),
        ("加密.docx", OLE + bytes(600), "设了密码"),
    ],
)
def test_a_hostile_attachment_is_a_finding(
    name: str, content: bytes, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("staff.uploads.checked_document", lambda file, name: file)

    [message] = said(notice_with(document(name, content)))

    assert f"附件“{get_document_model().objects.get().filename}”读不出来" in message
    assert why in message


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("while True: pass", "读的时间太长"),
        ("import os; os.abort()", "太大"),
        ("import os; os.kill(os.getpid(), 11)", "已损坏"),
    ],
)
def test_a_reader_that_hangs_or_dies_ends_as_a_finding(
    script: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys  # noqa: PLC0415  only what the process is started with

    monkeypatch.setattr("quality.attachments.scan.PROCESS", [sys.executable, "-c", script])
    monkeypatch.setattr("quality.attachments.scan.STARTS_IN", 1)

    [message] = said(notice_with(document("名单.txt", b"nothing")))

    assert why in message


def test_a_file_that_is_gone_is_a_finding_until_it_is_back() -> None:
    made = document("名单.txt", b"nothing")
    page = notice_with(made)
    Path(made.file.path).unlink()

    [message] = said(page)

    assert "文件不在服务器上" in message
    assert not FileScan.objects.exists()


def test_scans_are_said_to_be_looked_at_by_people() -> None:
    page = notice_with(document("扫描件.pdf", pdf("")))

    found = [finding for finding in findings_in(page) if finding.rule == "unread-attachments"]

    assert [finding.level for finding in found] == ["hint"]
    assert said(page) == []


# Pictures


def test_where_a_picture_was_taken_is_found_in_old_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("staff.uploads.plain_picture", lambda file, name: file)
    about = Picture.Exif()
    about[0x013B] = "Zhang San"
    about.get_ifd(0x8825)[1] = "N"
    about._ifds[0x8825] = {1: "N", 2: (36.0, 4.0, 0.0)}
    written = io.BytesIO()
    Picture.new("RGB", (8, 8)).save(written, "JPEG", exif=about)
    image = get_image_model()(title="现场", width=8, height=8)
    image.file.save("现场.jpg", ContentFile(written.getvalue()), save=False)
    image.width = image.height = 8
    image.save()
    page = factories.notice(
        live=False, body=[("image", {"image": image, "alt_text": "现场", "decorative": False})]
    )

    found = said(page)

    assert len(found) == 2
    assert "拍摄地点" in found[0]
    assert "作者姓名" in found[1]
    assert "Zhang San" not in "".join(found)


def test_a_picture_whose_file_is_gone_tells_nothing_and_stops_nothing() -> None:
    image = get_image_model().objects.create(
        title="不在了", file="original_images/none.jpg", width=8, height=8
    )
    body = [("image", {"image": image, "alt_text": "现场", "decorative": False})]

    assert said(factories.notice(live=False, body=body)) == []
