"""Every text of a page, edition or banner that residents get to read, and every file it offers them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from modelcluster.models import get_all_child_relations
from wagtail import blocks
from wagtail.documents import get_document_model
from wagtail.fields import RichTextField, StreamField
from wagtail.images import get_image_model
from wagtail.rich_text import extract_references_from_rich_text

from content_models.base.checks import Mend
from content_models.base.fields import CodeField, CodesField, LinesField
from content_models.base.models import Edition
from content_models.policy_lists.models import ListEdition
from quality.rich import Change, changed, changed_html, shown

CODES = ("path", "_code", "_no", "uscc", "url_path", "slug", "sort_name", "digest", "key")
BATCH = 2000


@dataclass(frozen=True)
class Passage:
    """One text as it is kept, where it stands and what it is called there.

    ``field`` and ``row`` are those of a Finding; ``mended`` is the editor's field that a Mend writes into,
    empty where there is none. ``url`` leads to the form of a row of a list.
    """

    label: str
    text: str
    field: str = ""
    row: int | None = None
    mended: str = ""
    is_rich: bool = False
    is_contact: bool = False
    url: str = ""

    @property
    def shown(self) -> str:
        return shown(self.text) if self.is_rich else self.text

    def changed(self, changes: Sequence[Change]) -> str:
        return (changed_html if self.is_rich else changed)(self.text, changes)

    def mend(self, label: Any, changes: Sequence[Change]) -> Mend | None:
        """What one click writes, with these changes of the shown text; None where no field takes it."""
        if not self.mended:
            return None
        return Mend(str(label), self.mended, self.changed(changes), self.row)


@dataclass(frozen=True)
class Attached:
    """A document or picture that a thing shows or offers, and where."""

    model: str  # document or image
    pk: Any
    label: str
    field: str = ""
    row: int | None = None


Part = Passage | Attached


def is_contact(name: str) -> bool:
    """Whether a field is there for residents to call or write to: a mobile number in it is meant for them."""
    return name.endswith(("phone", "contact", "hotline"))


def passages_of(thing: Any) -> Iterator[Passage]:
    return (part for part in parts_of(thing) if isinstance(part, Passage))


def parts_of(thing: Any) -> Iterator[Part]:
    """All texts and files of a thing itself and of its parts, as they would go public."""
    yield from _parts(thing)
    if isinstance(thing, models.Model) and not isinstance(thing, Edition):
        for name, heading in _lists(type(thing)):
            for row, child in enumerate(getattr(thing, name).all()):
                yield from _parts(child, name=name, row=row, heading=f"{heading} {row + 1} ")


def _parts(thing: Any, *, name: str = "", row: int | None = None, heading: str = "") -> Iterator[Part]:
    for field in _fields(thing.__class__):
        place = f"{name}.{field.name}" if name else field.name
        label = f"{heading}{field.verbose_name}"
        if field.many_to_one:
            if key := getattr(thing, field.attname):
                yield Attached(_kinds(field.related_model)[0], key, label, place, row)
            continue
        value = field.value_from_object(thing)
        if not value:
            continue
        if isinstance(field, StreamField):
            yield from _blocks(value, place, label)
        elif isinstance(field, RichTextField):
            yield from _rich(str(value), label, place, row, place)
        else:
            text = "\n".join(value) if isinstance(field, LinesField) else str(value)
            yield Passage(label, text, place, row, place, is_contact=is_contact(field.name))


def _rich(html: str, label: str, field: str, row: int | None, mended: str) -> Iterator[Part]:
    yield Passage(label, html, field, row, mended, is_rich=True)
    if "linktype" in html or "embedtype" in html:
        for model, key, *_paths in extract_references_from_rich_text(html):
            yield from (Attached(kind, key, label, field, row) for kind in _kinds(model))


def _blocks(stream: Any, name: str, label: str) -> Iterator[Part]:
    """The blocks of a body; the n-th is ``name.value`` of row n."""
    child_blocks = stream.stream_block.child_blocks
    for row, raw in enumerate(stream.raw_data):
        if raw["type"] in child_blocks:
            block = child_blocks[raw["type"]]
            yield from _block(block, raw["value"], f"{label} {row + 1} {block.label}", f"{name}.value", row)


def _block(block: Any, raw: Any, label: str, field: str, row: int) -> Iterator[Part]:
    if isinstance(block, blocks.RichTextBlock):
        yield from _rich(str(raw or ""), label, field, row, field)
    elif isinstance(block, blocks.FieldBlock) and isinstance(raw, str):
        yield Passage(label, raw, field, row, field)
    elif isinstance(block, blocks.ChooserBlock):
        yield from (Attached(kind, raw, label, field, row) for kind in _kinds(block.model_class) if raw)
    elif isinstance(raw, dict) and isinstance(raw.get("data"), list):
        lines = ["\t".join(str(cell or "") for cell in line) for line in raw["data"]]
        yield Passage(label, "\n".join([*lines, str(raw.get("table_caption") or "")]), field, row)
    elif isinstance(raw, dict):
        for key, child in getattr(block, "child_blocks", {}).items():
            yield from _block(child, raw.get(key), label, field, row)
        if raw.get("image"):
            yield Attached("image", raw["image"], label, field, row)
            yield Passage(label, str(raw.get("alt_text") or ""), field, row)


def _file_models() -> list[tuple[str, Any]]:
    return [("document", get_document_model()), ("image", get_image_model())]


def _kinds(model: Any) -> list[str]:
    """document or image, where a model holds such files."""
    return [kind for kind, files in _file_models() if issubclass(model, files)]


@lru_cache(maxsize=128)
def _fields(model: Any) -> list[Any]:
    """The fields of a model that hold texts for residents, or a file."""
    return [field for field in model._meta.concrete_fields if _is_text(field) or _is_file(field)]


def _is_text(field: Any) -> bool:
    if isinstance(field, CodeField | CodesField | models.URLField | models.SlugField) or field.choices:
        return False
    return isinstance(field, models.CharField | models.TextField | StreamField) and (
        field.editable and not field.name.endswith(CODES)
    )


def _is_file(field: Any) -> bool:
    return bool(field.many_to_one) and bool(_kinds(field.related_model))


@lru_cache(maxsize=128)
def _lists(model: type[models.Model]) -> list[tuple[str, str]]:
    """The lists of parts that belong to a model, what one of them is called; not what Wagtail keeps."""
    return [
        (relation.get_accessor_name(), str(relation.related_model._meta.verbose_name))
        for relation in get_all_child_relations(model)
        if not relation.related_model.__module__.startswith("wagtail")
    ]


class Contents:
    """All that residents get of a thing; gathered once for all checks that ask."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    @cached_property
    def parts(self) -> list[Part]:
        return list(parts_of(self.thing))

    @property
    def passages(self) -> list[Passage]:
        return [part for part in self.parts if isinstance(part, Passage)]

    @cached_property
    def rows(self) -> list["Row"]:
        """The rows of an edition."""
        return list(rows_of(self.thing)) if isinstance(self.thing, Edition) and self.thing.pk else []

    @cached_property
    def files(self) -> list[Attached]:
        """Every document and picture once, at the first place where it stands."""
        found = [part for part in self.parts if isinstance(part, Attached)]
        found += [file for row in self.rows for file in row.files]
        return list({(each.model, str(each.pk)): each for each in reversed(found)}.values())[::-1]

    @cached_property
    def documents(self) -> list[tuple[Attached, Any]]:
        return self._stored("document", get_document_model())

    @cached_property
    def images(self) -> list[tuple[Attached, Any]]:
        return self._stored("image", get_image_model())

    def _stored(self, kind: str, model: Any) -> list[tuple[Attached, Any]]:
        wanted = {str(each.pk): each for each in self.files if each.model == kind}
        keys = [key for key in wanted if key.isascii() and key.isdecimal() and len(key) < 19]
        stored = model.objects.in_bulk([int(key) for key in keys]) if keys else {}
        return [(wanted[key], stored[int(key)]) for key in keys if int(key) in stored]


# Rows of editions


@dataclass(frozen=True)
class Row:
    """One row of an edition as residents read it: its texts, each by its field, and its files."""

    pk: int
    order: int
    texts: tuple[Passage, ...]
    files: tuple[Attached, ...] = ()

    @property
    def whole(self) -> str:
        """All of it as one line of a table."""
        return "\t".join(passage.shown.replace("\n", " ") for passage in self.texts)


def rows_of(edition: Edition) -> Iterator[Row]:
    """The rows of an edition in their order, in a few questions however many they are."""
    if isinstance(edition, ListEdition):
        yield from _entries(edition)
        return
    model = edition.row_model
    fields = _fields(model)
    names = [field.attname for field in fields]
    found = edition.rows.order_by("order", "pk").values_list("pk", "order", *names)
    for pk, order, *values in found.iterator(chunk_size=BATCH):
        yield _row(edition, pk, order, zip(fields, values, strict=True))
    for relation in get_all_child_relations(model):
        child = relation.related_model
        fields = _fields(child)
        names = [field.attname for field in fields]
        kept = child._default_manager.filter(**{f"{relation.field.name}__edition": edition}).order_by("pk")
        found = kept.values_list(relation.field.attname, f"{relation.field.name}__order", *names)
        for pk, order, *values in found.iterator(chunk_size=BATCH):
            yield _row(edition, pk, order, zip(fields, values, strict=True))


def _row(edition: Edition, pk: int, order: int, values: Iterable[tuple[Any, Any]]) -> Row:
    texts, files = [], []
    for field, value in values:
        if not value:
            continue
        label = str(field.verbose_name)
        if field.many_to_one:
            files.append(Attached(_kinds(field.related_model)[0], value, label))
        else:
            text = "\n".join(value) if isinstance(value, list) else str(value)
            is_rich = isinstance(field, RichTextField)
            texts.append(Passage(label, text, is_rich=is_rich, is_contact=is_contact(field.name)))
    return Row(pk, order, tuple(texts), tuple(files))


def _entries(edition: ListEdition) -> Iterator[Row]:
    columns = edition.public_columns
    found = edition.rows.order_by("order", "pk").values_list("pk", "order", "values")
    for pk, order, values in found.iterator(chunk_size=BATCH):
        texts = [(column.label, values.get(column.key)) for column in columns]
        yield Row(pk, order, tuple(Passage(label, str(text)) for label, text in texts if text))


def row_url(edition: Edition, pk: int) -> str:
    """The form of a row in the admin."""
    return str(edition.snippet_viewset.url("row_edit", edition, pk))


def named(row: Row, passage: Passage) -> str:
    """A text of a row, as a finding names it."""
    return _("第 %(order)d 条 %(label)s") % {"order": row.order, "label": passage.label}
