"""Readable addresses for Chinese titles."""

from django.utils.text import slugify
from pypinyin import lazy_pinyin

MAX_LENGTH = 60


def slug_of(text):
    """Pinyin address of a title: 护理补贴 → hu-li-bu-tie; empty when nothing readable is left."""
    return slugify("-".join(lazy_pinyin(text)))[:MAX_LENGTH].strip("-")


def sort_key(text):
    """Pinyin key by which people expect names to be sorted; the same on every database."""
    return " ".join(lazy_pinyin(text))[:255].lower()
