"""What a picture tells of who took it, where and how; uploads lose it, older pictures may have it still."""

from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

GPS = 0x8825
NAMES = {0x013B: _("作者姓名"), 0x9C9D: _("作者姓名"), 0xA430: _("相机主人的姓名"), 0x8298: _("版权人")}
KEPT = 24 * 3600  # seconds


def told_by(image: Any) -> list[Any]:
    """The kinds of personal data in the metadata of a picture, as phrases; opens each picture once a day."""
    try:
        digest = image.file_hash or image.get_file_hash()
    except OSError:  # the file is gone, and what it told with it
        return []
    key = f"quality.picture.{digest}"
    codes = cache.get(key)
    if codes is None:
        codes = _codes(image)
        cache.set(key, codes, KEPT)
    return list(dict.fromkeys(_("拍摄地点") if code == GPS else NAMES[code] for code in codes))


def _codes(image: Any) -> list[int]:
    """Which of the telling entries the head of the file has; none where it is no picture any more."""
    try:
        with image.open_file() as file, Image.open(file.file) as picture:
            entries = picture.getexif()
            found = [code for code in NAMES if str(entries.get(code) or "").strip("\0 ")]
            return [*([GPS] if entries.get_ifd(GPS) else []), *found]
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError):
        return []
