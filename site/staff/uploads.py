"""What members of staff upload: files that are what they say they are, and pictures that tell nothing more.

The forms say what is wrong; what comes another way than through them is held to the same when it is saved.
"""

import codecs
import io
import re
import warnings
import zipfile
from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.signals import pre_save
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError
from wagtail.documents import get_document_model
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images import get_image_model
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

# Pictures

FORMATS = {"avif": "AVIF", "gif": "GIF", "jpeg": "JPEG", "jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
ORIENTATION = 0x0112  # in the metadata
# What makes a picture look as it does; all else that comes with it is about who took it, where and how.
LOOKS = {"icc_profile", "transparency", "background", "duration", "loop", "disposal", "blend", "gamma"}


class PlainPicture(SimpleUploadedFile):
    """A picture that holds nothing but the picture."""


def plain_picture(file: IO[bytes], name: str) -> PlainPicture:
    """The picture upright and without metadata; ValidationError where it is too large or none of its kind."""
    suffix = _suffix(name)
    if suffix not in settings.WAGTAILIMAGES_EXTENSIONS:
        raise ValidationError(_not_allowed(suffix, settings.WAGTAILIMAGES_EXTENSIONS))
    file.seek(0)
    try:
        with Image.open(file, formats=[FORMATS[suffix]]) as picture:  # which reads no more than its head
            if _pixels(picture) > settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS:
                raise Image.DecompressionBombError
            content = _rewritten(picture, FORMATS[suffix])
    except Image.DecompressionBombError as error:
        sentence = _("图片的像素太多，最多 %(most)d 万。请缩小后再上传。")
        most = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS // 10_000
        raise ValidationError(sentence % {"most": most}) from error
    except UnidentifiedImageError as error:
        raise ValidationError(_not_what_it_says(suffix)) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ValidationError(_("这张图片已损坏，打不开。请重新保存后再上传。")) from error
    finally:
        file.seek(0)
    return PlainPicture(name, content, Image.MIME[FORMATS[suffix]])


def _pixels(picture: Image.Image) -> int:
    return picture.width * picture.height * getattr(picture, "n_frames", 1)


def _rewritten(picture: Image.Image, form: str) -> bytes:
    """The picture's bytes anew: its frames, its colours, and no word about it."""
    options: dict[str, Any] = {"format": form} | ({"quality": 90} if form in ("WEBP", "AVIF") else {})
    if form != "JPEG" and getattr(picture, "is_animated", False):
        options["save_all"] = True
    elif picture.getexif().get(ORIENTATION, 1) != 1:  # it lies on its side, which the metadata say
        picture = ImageOps.exif_transpose(picture)
        options["quality"] = 92
    else:
        picture.load()
        if form == "JPEG":
            options["quality"] = "keep" if picture.format == form else 92
    picture.info = {key: value for key, value in picture.info.items() if key in LOOKS}
    written = io.BytesIO()
    picture.save(written, exif=b"", **options)
    return written.getvalue()


class PictureField(WagtailImageField):
    """Takes a picture only as it may be kept; Wagtail's field would unpack it first."""

    def to_python(self, data: Any) -> Any:
        if not data:
            return super().to_python(data)
        self.check_image_file_size(data)
        return super().to_python(plain_picture(data, data.name))


class PictureForm(BaseImageForm):
    """Every form of the admin through which a picture comes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("file"):
            self.fields["file"] = PictureField(
                label=field.label, required=field.required, widget=field.widget
            )


def before_picture_saved(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Make plain what did not come through a form."""
    file = instance.file
    if kwargs.get("raw") or not file or file._committed or isinstance(file.file, PlainPicture):
        return
    instance.file = plain_picture(file.file, file.name)
    if instance.file_hash:  # it was of the file as it came
        instance._set_image_file_metadata()


# Documents

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PACKAGES = {"docx": "word/", "pptx": "ppt/", "xlsx": "xl/"}
OTHERS = (OLE, b"%PDF", b"PK\x03\x04", b"MZ", b"\x7fELF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"#!")
HEAD = 8192  # bytes that tell what a file is
_MARKUP = re.compile(r"\s*<(?:!|\?|html|head|body|script|svg|iframe|table|meta|style|xml)", re.IGNORECASE)


def checked_document(file: Any, name: str) -> Any:
    """The file, if it is of an allowed kind and what its name says; ValidationError where it is not.

    A picture, such as a sample of a form, is made plain.
    """
    suffix = _suffix(name)
    if suffix not in settings.WAGTAILDOCS_EXTENSIONS:
        raise ValidationError(_not_allowed(suffix, settings.WAGTAILDOCS_EXTENSIONS))
    if suffix in FORMATS:
        return plain_picture(file, name)
    file.seek(0)
    try:
        is_so = _is_document(file, suffix)
    finally:
        file.seek(0)
    if not is_so:
        raise ValidationError(_not_what_it_says(suffix))
    return file


def _is_document(file: IO[bytes], suffix: str) -> bool:
    head = file.read(HEAD)
    match suffix:
        case "pdf":
            return head.startswith(b"%PDF-")
        case "doc" | "xls" | "ppt":
            return head.startswith(OLE)
        case "zip":
            return zipfile.is_zipfile(file)
        case "docx" | "pptx" | "xlsx":
            return _is_package(file, PACKAGES[suffix])
        case _:
            return _is_text(head)


def _is_package(file: IO[bytes], folder: str) -> bool:
    try:
        with zipfile.ZipFile(file) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)


def _is_text(head: bytes) -> bool:
    """Text without markup at its beginning, which an older browser might take for a page."""
    if head.startswith(OTHERS):
        return False
    for coding in ("utf-16",) if head.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030"):
        try:
            text = codecs.getincrementaldecoder(coding)().decode(head)
        except UnicodeDecodeError:
            continue
        return "\x00" not in text and _MARKUP.match(text) is None
    return False


class DocumentForm(BaseDocumentForm):
    """Every form of the admin through which a document comes."""

    def clean_file(self) -> Any:
        file = self.cleaned_data.get("file")
        if not file or "file" not in self.changed_data:
            return file
        return checked_document(file, file.name)

    def _post_clean(self) -> None:
        """Tell one reason: the model asks for the kind of a file that was refused, and so is not there."""
        refused = self.errors.get("file")
        reasons = refused.copy() if refused else None
        super()._post_clean()
        if reasons:
            self.errors["file"] = reasons


def before_document_saved(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Refuse what did not come through a form and is not what it says."""
    file = instance.file
    if kwargs.get("raw") or not file or file._committed or isinstance(file.file, PlainPicture):
        return
    checked = checked_document(file.file, file.name)
    if checked is not file.file:
        instance.file = checked
        if instance.file_hash:  # it was of the file as it came
            instance._set_document_file_metadata()


def _suffix(name: str) -> str:
    return PurePath(name).suffix.lower().removeprefix(".")


def _not_allowed(suffix: str, kinds: list[str]) -> str:
    return _("这里不能上传 .%(suffix)s 文件。可以上传：%(kinds)s。") % {
        "suffix": suffix, "kinds": "、".join(kinds),
    }  # fmt: skip


def _not_what_it_says(suffix: str) -> str:
    return _("文件的内容不是 .%(suffix)s 格式。请用原来的程序打开，另存为这种格式后再上传。") % {
        "suffix": suffix
    }


def connect() -> None:
    """Hear of every picture and document that is saved; and open none, for whatever end, that is too large.

    Pillow refuses by the head what is more than twice its figure, and warns of less, which is allowed here.
    """
    Image.MAX_IMAGE_PIXELS = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS // 2
    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
    pre_save.connect(before_picture_saved, get_image_model(), dispatch_uid="staff.picture_saved")
    pre_save.connect(before_document_saved, get_document_model(), dispatch_uid="staff.document_saved")
