"""What staff upload: files that are what they say, pictures without a word about who took them where."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, CollectionViewRestriction

from staff import uploads
from tests import factories

Picture = get_image_model()
Document = get_document_model()
SECRET = "某人家门口"
MARKER = SECRET.encode()
ORIENTATION, DESCRIPTION, GPS, LATITUDE = 0x0112, 0x010E, 0x8825, 2


def picture(form: str = "JPEG", *, size: tuple[int, int] = (60, 30), turned: bool = False) -> bytes:
    """A picture, red above and left, whose metadata say who, where and (where turned) which side is up."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    exif = Image.Exif()
    exif[DESCRIPTION] = "taken by somebody"
    exif.get_ifd(GPS)[LATITUDE] = (36.0, 4.0, 0.0)
    if turned:
        exif[ORIENTATION] = 6  # to be turned clockwise
    written = io.BytesIO()
    options: dict[str, Any] = {"exif": exif} if form != "GIF" else {"comment": MARKER}
    if form == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_text("Author", "somebody")
    if form in ("JPEG", "WEBP"):
        options["xmp"] = b"<x:xmpmeta>" + MARKER + b"</x:xmpmeta>"
    if form == "JPEG":
        options["comment"] = MARKER
    image.save(written, form, **options)
    return written.getvalue()


def bomb(width: int = 6000, height: int = 6000) -> bytes:
    """Few bytes that would unpack into many."""
    written = io.BytesIO()
    Image.new("1", (width, height)).save(written, "PNG")
    return written.getvalue()


def office_file(folder: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(f"{folder}document.xml", "<x/>")
    return written.getvalue()


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(factories.user("administrator"))
    return client


# The doors of the admin: each gives the errors it shows

ROOMS = {"images": "wagtailimages", "documents": "wagtaildocs"}


def content_of(stored: Any) -> bytes:
    with stored.file.open() as file:
        return file.read()


def one_by_one(client: Client, name: str, content: bytes, kind: str = "images") -> str:
    data = {"title": "上传", "file": SimpleUploadedFile(name, content), "collection": "1"}
    answer = client.post(reverse(f"{ROOMS[kind]}:add"), data)
    return "" if answer.status_code == 302 else str(answer.context["form"].errors)


def many_at_once(client: Client, name: str, content: bytes, kind: str = "images") -> str:
    data = {"title": "上传", "files[]": SimpleUploadedFile(name, content), "collection": "1"}
    answer = client.post(reverse(f"{ROOMS[kind]}:add_multiple"), data)
    told = json.loads(answer.content)
    return "" if told["success"] else told["error_message"]


def in_the_chooser(client: Client, name: str, content: bytes, kind: str = "images") -> str:
    data = {"title": "上传", "file": SimpleUploadedFile(name, content), "collection": "1"}
    prefix = {"images": "image", "documents": "document"}[kind]
    fields = {f"{prefix}-chooser-upload-{field}": value for field, value in data.items()}
    answer = client.post(reverse(f"{ROOMS[kind]}_chooser:create"), fields)
    told = json.loads(answer.content)
    return "" if told["step"] == "chosen" else told.get("htmlFragment", "") + told.get("html", "")


DOORS = [one_by_one, many_at_once, in_the_chooser]
Door = Callable[..., str]
every_door = pytest.mark.parametrize("door", DOORS)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Wagtail's small pictures
@every_door
@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
@pytest.mark.django_db
def test_a_picture_is_stored_without_its_metadata(door: Door, form: str, admin: Client) -> None:
    content = picture(form)
    assert b"somebody" in content or MARKER in content

    assert door(admin, f"photo.{form.lower()}", content) == ""

    stored = Picture.objects.get()
    kept = content_of(stored)
    for word in (b"somebody", MARKER, b"Exif", b"xmpmeta"):
        assert word not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert not image.getexif()
        assert image.size == (60, 30)
        assert image.convert("RGB").getpixel((5, 5))[0] > 200  # type: ignore[index]  # three bands
    assert stored.file_size == len(kept)
    assert (stored.width, stored.height) == (60, 30)


@pytest.mark.django_db
def test_a_picture_on_its_side_is_stored_upright(admin: Client) -> None:
    assert one_by_one(admin, "photo.jpg", picture(turned=True)) == ""

    stored = Picture.objects.get()
    assert (stored.width, stored.height) == (30, 60)
    with Image.open(io.BytesIO(content_of(stored))) as image:
        red, green, _blue = image.convert("RGB").getpixel((25, 5))  # type: ignore[misc]  # three bands
    assert red > 200
    assert green < 100


@pytest.mark.django_db
def test_an_animation_keeps_its_pictures(admin: Client) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    written = io.BytesIO()
    frames[0].save(
        written, "GIF", save_all=True, append_images=frames[1:], duration=200, loop=0, comment=MARKER
    )

    assert one_by_one(admin, "moving.gif", written.getvalue()) == ""

    with Image.open(io.BytesIO(content_of(Picture.objects.get()))) as image:
        assert (image.n_frames, image.info["duration"]) == (3, 200)  # type: ignore[attr-defined]  # of a GIF
        assert "comment" not in image.info


@pytest.mark.django_db
def test_a_picture_that_comes_no_form_is_made_plain_as_well() -> None:
    stored = Picture.objects.create(title="照片", file=ContentFile(picture(turned=True), name="photo.jpg"))

    assert b"somebody" not in content_of(stored)
    assert (stored.width, stored.height) == (30, 60)
    before = stored.file.name
    stored.title = "改了标题"
    stored.save()
    assert stored.file.name == before


@every_door
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("page.jpg", b"<!doctype html><script>alert(1)</script>"),
        ("page.html", b"<!doctype html><script>alert(1)</script>"),
        ("photo.png", picture("JPEG")),
        ("photo.jpg", picture("JPEG")[:300]),
        ("bomb.png", bomb()),
        ("photo.tiff", picture("TIFF")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.django_db
def test_what_is_no_picture_of_its_kind_is_refused(
    door: Door, name: str, content: bytes, admin: Client
) -> None:
    assert door(admin, name, content) != ""

    assert not Picture.objects.exists()


@pytest.mark.django_db
def test_a_picture_of_too_many_pixels_is_refused_by_its_head(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: Any, **_more: Any) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never)

    with pytest.raises(ValidationError, match="最多 2500 万"):
        uploads.plain_picture(io.BytesIO(bomb()), "bomb.png")
    with pytest.raises(Image.DecompressionBombError):
        Picture(title="大", file=ContentFile(bomb(), name="bomb.png"))


# Documents


GOOD = {
    "表.pdf": b"%PDF-1.7\n%...",
    "表.docx": office_file("word/"),
    "表.xlsx": office_file("xl/"),
    "表.pptx": office_file("ppt/"),
    "表.zip": office_file("word/"),
    "表.doc": uploads.OLE + b"\x00" * 600,
    "表.csv": "姓名,电话\n".encode("gb18030"),
    "表.txt": "\ufeff说明".encode(),
}
BAD = {
    "假.pdf": b"<!doctype html><script>alert(1)</script>",
    "假2.pdf": b"\n<html>%PDF-1.4",
    "假.docx": office_file("xl/"),
    "假.xlsx": b"<html><table></table></html>",
    "假.xls": b"<html><table></table></html>",
    "假.doc": office_file("word/"),
    "假.zip": b"not at all",
    "假.csv": b"  <html><script>alert(1)</script>",
    "假.txt": b"MZ\x90\x00\x03",
    "假2.txt": "\ufeff<svg onload=alert(1)>".encode(),
    "页.html": b"<p>",
    "图.svg": b"<svg/>",
    "程序.exe": b"MZ",
    "无后缀": b"%PDF-1.7",
}


@every_door
@pytest.mark.parametrize("name", GOOD)
@pytest.mark.django_db
def test_a_document_that_is_what_it_says_is_taken(door: Door, name: str, admin: Client) -> None:
    assert door(admin, name, GOOD[name], "documents") == ""

    assert content_of(Document.objects.get()) == GOOD[name]


@every_door
@pytest.mark.parametrize("name", BAD)
@pytest.mark.django_db
def test_a_document_that_is_something_else_is_refused_in_clear_words(
    door: Door, name: str, admin: Client
) -> None:
    said = door(admin, name, BAD[name], "documents")

    assert "这种格式后再上传" in said or "这里不能上传" in said, said
    assert "“”" not in said  # of a file that was refused nothing else is said
    assert not Document.objects.exists()


@pytest.mark.django_db
def test_a_document_that_comes_no_form_is_held_to_the_same() -> None:
    with pytest.raises(ValidationError, match=r"不是 \.pdf 格式"):
        Document.objects.create(title="假", file=ContentFile(BAD["假.pdf"], name="假.pdf"))


@pytest.mark.django_db
def test_a_document_larger_than_allowed_is_refused(admin: Client, settings: Any) -> None:
    settings.WAGTAILDOCS_MAX_UPLOAD_SIZE = 1000

    assert one_by_one(admin, "大.txt", b"a" * 1001, "documents") != ""
    assert one_by_one(admin, "小.txt", b"a" * 1000, "documents") == ""


# Giving out


def fetch(client: Client, address: str) -> Any:
    """An answer whose file is closed, without ending the request (and with it the database)."""
    answer: Any = client.get(address)
    for close in answer._resource_closers:
        close()
    return answer


def document(name: str = "表.pdf", **fields: Any) -> Any:
    file = ContentFile(GOOD.get(name, b""), name=name)
    return Document.objects.create(title="申请表", file=file, **fields)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.django_db
def test_a_document_is_a_file_to_keep_and_never_a_page(name: str, client: Client) -> None:
    answer = fetch(client, document(name).url)

    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert "no-store" not in answer.get("Cache-Control", "")


@pytest.mark.django_db
def test_a_restricted_document_is_kept_by_nobody_on_the_way(client: Client) -> None:
    inside = Collection.get_first_root_node().add_child(name="内部")
    CollectionViewRestriction.objects.create(collection=inside, restriction_type="login")
    kept = document(collection=inside)

    refused = client.get(kept.url)
    client.force_login(factories.user("auditor"))
    given = fetch(client, kept.url)

    assert refused.status_code == 302
    assert given.status_code == 200
    assert given["Cache-Control"] == refused["Cache-Control"] == "private, no-store"


@pytest.mark.django_db
def test_below_media_there_are_pictures_and_nothing_else(client: Client, settings: Any) -> None:
    stored = Picture.objects.create(title="照片", file=ContentFile(picture("PNG"), name="a.png"))
    root = stored.file.storage
    for name in ("documents/a.pdf", "original_images/a.svg", "original_images/a.html", "images/a.xhtml"):
        root.save(name, ContentFile(base64.b64decode("PGh0bWw+")))
    paper = document()

    seen = fetch(client, stored.file.url)

    assert (seen.status_code, seen["Content-Type"]) == (200, "image/png")
    assert seen["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in seen["Content-Security-Policy"]
    for name in (
        "documents/a.pdf",
        "original_images/a.svg",
        "original_images/a.html",
        "images/a.xhtml",
        "original_images/../documents/a.pdf",
        paper.file.name,
    ):
        assert client.get(f"/media/{name}").status_code == 404, name
