"""The rows that belong to pages (materials, steps, offices …), those of many pages by one question."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Aggregate, CharField, F, JSONField, Model, QuerySet, Value
from django.db.models.functions import JSONObject
from wagtail.models import Page

from content_models.base.managers import is_restricted, leave_out_restricted
from content_models.base.serializers import Part

Rows = dict[str, list[dict[str, Any]]]
ORDER, KEY = "order_of_row", "key_of_row"


class JsonRows(Aggregate):
    """The JSON objects of a group as one array: read and decoded at once."""

    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **options: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **options)


@dataclass(frozen=True)
class Relation:
    """Rows of ``model`` under ``name``: children by their foreign key, or what a many-to-many names."""

    name: str
    serializer: type[Part]
    order: str = "sort_order"
    # What a row has to be to be shown, beside being public where it is a page.
    only: Mapping[str, Any] = field(default_factory=dict)


def read_parts(model: type[Model], keys: Sequence[int], relations: Iterable[Relation]) -> dict[int, Rows]:
    """``{page id: {relation: rows}}`` of the pages of ``model`` with these ids; rows are cells by lookup."""
    found: dict[int, Rows] = defaultdict(dict)
    queries = [_query(model, keys, relation) for relation in relations]
    if not queries or not keys:
        return found
    rows = queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]
    for row in rows:
        found[row["page_key"]][row["part"]] = sorted(row["cells"], key=_place)
    return found


def _place(cells: dict[str, Any]) -> tuple[Any, ...]:
    return cells[ORDER] is None, cells[ORDER], cells[KEY]


def _query(model: type[Model], keys: Sequence[int], relation: Relation) -> QuerySet[Any, dict[str, Any]]:
    to = model._meta.get_field(relation.name)
    if to.many_to_many:
        rows = to.remote_field.through._default_manager.all()
        owner, prefix = f"{to.m2m_field_name()}_id", f"{to.m2m_reverse_field_name()}__"
    else:
        rows, owner, prefix = to.related_model._default_manager.all(), to.field.attname, ""
    rows = rows.filter(**{f"{prefix}{name}": value for name, value in relation.only.items()})
    if issubclass(to.related_model, Page):
        rows = rows.filter(**{f"{prefix}live": True})
        rows = leave_out_restricted(rows, f"{prefix}path")
    cells = {name: F(f"{prefix}{name}") for name in cells_of(relation.serializer)}
    cells |= {ORDER: F(f"{prefix}{relation.order}"), KEY: F("pk")}
    rows = rows.filter(**{f"{owner}__in": keys}).order_by()
    grouped = rows.values(part=Value(relation.name, output_field=CharField()), page_key=F(owner))
    return grouped.annotate(cells=JsonRows(JSONObject(**cells)))


@cache
def cells_of(serializer: type[Part]) -> tuple[str, ...]:
    """The lookups that rows shown so are made of."""
    return tuple(serializer().cells())


def parts_of(page: Any, relations: Iterable[Relation]) -> Rows:
    """The same of one page in memory, as an unpublished revision is."""
    found: Rows = {}
    for relation in relations:
        rows = [row for row in getattr(page, relation.name).all() if _is_shown(row, relation)]
        found[relation.name] = [_cells(row, relation) for row in rows]
    return found


def _is_shown(row: Any, relation: Relation) -> bool:
    is_hidden = isinstance(row, Page) and (not row.live or is_restricted(row.path))
    return not is_hidden and all(getattr(row, name) == value for name, value in relation.only.items())


def _cells(row: Any, relation: Relation) -> dict[str, Any]:
    return {name: _follow(row, name) for name in cells_of(relation.serializer)}


def _follow(row: Any, lookup: str) -> Any:
    for name in lookup.split("__"):
        row = None if row is None else getattr(row, name)
    return row
