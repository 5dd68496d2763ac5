"""What an object gives to be found by, read from its ``search_fields`` as Wagtail's own backends do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Manager
from modelsearch.index import AutocompleteField, RelatedFields, SearchField

from search.words import words_of_names, words_of_text


def texts_of(thing: Any, kind: type[Any]) -> Iterator[tuple[Any, str]]:
    """``(field, text)`` of every search field of ``kind``, those of related objects as well."""
    for field in thing.get_search_fields():
        yield from _texts(thing, field, kind)


def _texts(thing: Any, field: Any, kind: type[Any]) -> Iterator[tuple[Any, str]]:
    if isinstance(field, kind):
        yield field, text_of(thing, field)
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


def text_of(thing: Any, field: Any) -> str:
    """What one field of an object says, each of several values on a line of its own."""
    return _as_text(field.get_value(thing))


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


@dataclass(frozen=True)
class Columns:
    """The words that an object is found by, with a blank between."""

    names: str
    words: str  # of names as well, so that one word may be in a name and another in the text
    begun: str  # what is completed while it is typed

    @classmethod
    def of(cls, thing: Any) -> "Columns":
        names, texts = names_and_texts(thing)
        begun = [text for _field, text in texts_of(thing, AutocompleteField)]
        return cls(
            names=line(words_of_names(names)),
            words=line(words_of_text("\n".join([*names, *texts]))),
            begun=line(words_of_names(begun)),
        )


def words_of_field(name: str, text: str) -> set[str]:
    """What one field of an object is found by, where that field alone is asked for."""
    return words_of_names(text.splitlines()) if name == "title" else words_of_text(text)


def line(words: Iterable[str]) -> str:
    return " ".join(sorted(words))
