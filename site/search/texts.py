"""What an object gives to be found by, read from its ``search_fields`` as Wagtail's own backends do."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Manager
from modelsearch.index import RelatedFields, SearchField


def texts_of(thing: Any, kind: type[Any]) -> Iterator[tuple[Any, str]]:
    """``(field, text)`` of every search field of ``kind``, those of related objects as well."""
    for field in thing.get_search_fields():
        yield from _texts(thing, field, kind)


def _texts(thing: Any, field: Any, kind: type[Any]) -> Iterator[tuple[Any, str]]:
    if isinstance(field, kind):
        yield field, _as_text(field.get_value(thing))
    elif isinstance(field, RelatedFields):
        related = field.get_value(thing)
        if isinstance(related, Manager):
            related = related.all()
        elif callable(related):
            related = related()
        if related is None:
            return
        for each in related if hasattr(related, "__iter__") else [related]:
            for part in field.fields:
                yield from _texts(each, part, kind)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple, set)):
        return str(value)
    return "\n".join(map(_as_text, value))


def names_and_texts(thing: Any) -> tuple[list[str], list[str]]:
    """The names of an object (fields called ``title``), one a line, and its other texts."""
    names: list[str] = []
    texts: list[str] = []
    for field, text in texts_of(thing, SearchField):
        (names if field.field_name == "title" else texts).append(text)
    return [line for text in names for line in text.splitlines() if line.strip()], texts


def weight_of(thing: Any) -> float:
    """What an object counts for among others: its own weight, less where its name is long."""
    weight = getattr(thing, "search_weight", 1.0)
    return float(weight / (1 + len(str(getattr(thing, "title", ""))) / 20))
