"""Codes that places carry: region codes and unified social credit codes (DOMAIN: GB 32100)."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
REGION_CODE = r"^[0-9]{12}$"

# Digits that a region shares with everything below it.
PREFIX_OF_DISTRICT, PREFIX_OF_STREET = 6, 9


def check_uscc(value):
    """Raise unless ``value`` is an 18-character unified social credit code with a right check character."""
    if len(value) != 18 or any(char not in USCC_ALPHABET for char in value):
        raise ValidationError(_("统一社会信用代码是 18 位数字和大写字母（不含 I、O、S、V、Z）。"))
    total = sum(USCC_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(value[:17]))
    if USCC_ALPHABET[(31 - total % 31) % 31] != value[17]:
        raise ValidationError(_("统一社会信用代码的最后一位校验码不对，请核对。"))


def check_region_code(value):
    """Raise unless ``value`` is a 12-digit region code."""
    if not re.fullmatch(r"[0-9]{12}", value):
        raise ValidationError(_("区划代码是 12 位数字。"))


def region_level(code):
    """Level of a 12-digit code: district, street (乡级) or community (村级)."""
    if code[9:] != "000":
        return "community"
    return "street" if code[6:9] != "000" else "district"


def shared_prefix(parent_code):
    """The digits that codes below ``parent_code`` must start with."""
    level = region_level(parent_code)
    return parent_code[: PREFIX_OF_DISTRICT if level == "district" else PREFIX_OF_STREET]
