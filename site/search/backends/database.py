"""Wagtail's search in SQLite and PostgreSQL, made to understand Chinese; the same on both.

Texts go into Wagtail's own index as words of ``search.words``, and queries become conditions on these
(``search.query``). What is best stands first by one rule: found by name before found by text, then what
weighs more and has the shorter name, then the newest.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.db import connection
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Count,
    Func,
    IntegerField,
    Model,
    Q,
    Value,
)
from django.db.models.functions import Cast
from modelsearch.backends.base import BaseSearchQueryCompiler, BaseSearchResults
from modelsearch.conf import get_app_config
from modelsearch.index import AutocompleteField, SearchField
from modelsearch.utils import get_content_type_pk, get_descendants_content_types_pks

from content_models.base.inserts import insert, reserve_keys
from search.backends.facets import facet_field
from search.query import (
    EVERYTHING,
    NOTHING,
    Begun,
    Condition,
    Without,
    Words,
    condition_of,
    has_negation,
    holds,
    settled,
)
from search.query import All as AllOf
from search.query import Any as AnyOf
from search.texts import Columns, texts_of, weight_of, words_of_field

if connection.vendor == "postgresql":
    from modelsearch.backends.database.postgres.postgres import PostgresIndex as StockIndex
    from modelsearch.backends.database.postgres.postgres import PostgresSearchBackend as StockBackend
    from modelsearch.backends.database.postgres.postgres import PostgresSearchRebuilder as StockRebuilder
else:
    from modelsearch.backends.database.sqlite.sqlite import SQLiteIndex as StockIndex
    from modelsearch.backends.database.sqlite.sqlite import SQLiteSearchBackend as StockBackend
    from modelsearch.backends.database.sqlite.sqlite import SQLiteSearchRebuilder as StockRebuilder

IndexEntry = get_app_config().get_model("IndexEntry", require_ready=False)
MOST_RANKED = 5_000  # found things that are put in order, more than anybody looks through
COLUMNS = ("title", "body", "autocomplete")
BATCH = 500


class Matches(Func):
    """Whether an entry of the index meets a condition by the words of one of its columns."""

    def __init__(self, column: str, condition: Condition) -> None:
        place = "pk" if connection.vendor == "sqlite" else column
        super().__init__(place, output_field=BooleanField())
        self.column, self.condition = column, condition

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        place, parameters = compiler.compile(self.source_expressions[0])
        return f"{place} @@ %s::tsquery", [*parameters, in_postgresql(self.condition)]

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        place, parameters = compiler.compile(self.source_expressions[0])
        table = f"{IndexEntry._meta.db_table}_fts"
        sql = f"{place} IN (SELECT rowid FROM {table} WHERE {table} MATCH %s)"
        return sql, [*parameters, f"{{{self.column}}} : ({in_sqlite(self.condition)})"]


def in_postgresql(condition: Condition) -> str:
    match condition:
        case Begun():
            return f"'{condition.text}':*"
        case AllOf():
            return "(" + " & ".join(map(in_postgresql, condition.parts)) + ")"
        case AnyOf():
            return "(" + " | ".join(map(in_postgresql, condition.parts)) + ")"
    return f"'{condition}'"


def in_sqlite(condition: Condition) -> str:
    match condition:
        case Begun():
            return f'"{condition.text}" *'
        case AllOf():
            return "(" + " AND ".join(map(in_sqlite, condition.parts)) + ")"
        case AnyOf():
            return "(" + " OR ".join(map(in_sqlite, condition.parts)) + ")"
    return f'"{condition}"'


def as_filter(condition: Condition, columns: Iterable[str]) -> Q:
    """``condition`` on entries of the index, met within any one of ``columns``."""
    match condition:
        case Without():
            return ~as_filter(condition.part, columns)
        case AllOf() if has_negation(condition):
            return _joined(Q.AND, [as_filter(part, columns) for part in condition.parts])
        case AnyOf() if has_negation(condition):
            return _joined(Q.OR, [as_filter(part, columns) for part in condition.parts])
    return _joined(Q.OR, [Q(Matches(column, condition)) for column in columns])


def _joined(how: str, filters: list[Q]) -> Q:
    return Q(*filters, _connector=how)


class Compiler(BaseSearchQueryCompiler):
    """A query on one model: which objects meet it, and in which order."""

    DEFAULT_OPERATOR = "and"
    HANDLES_ORDER_BY_EXPRESSIONS = True
    columns: tuple[str, ...] = ("title", "body")
    field_class: type[Any] = SearchField
    is_begun = False

    @property
    def condition(self) -> Condition:
        return settled(condition_of(self.query, is_begun=self.is_begun))

    def entries(self) -> Any:
        """Entries of the index that meet the query, each with its ``key``, the object's."""
        columns = self._columns()
        model = self.queryset.model
        entries = IndexEntry.objects.filter(content_type__in=get_descendants_content_types_pks(model))
        condition = self.condition
        if condition != EVERYTHING:
            entries = entries.filter(as_filter(condition, columns))
        return entries.annotate(key=Cast("object_id", _key_field(model)))

    def _columns(self) -> tuple[str, ...]:
        if isinstance(self.query, Words):
            return ("title",) if self.query.of_names else ("body",)
        return ("title",) if set(self.fields or ()) == {"title"} else self.columns

    def found(self) -> Any:
        """The queryset narrowed to what meets the query."""
        condition = self.condition
        if condition == EVERYTHING:
            return self.queryset.all()
        if condition == NOTHING:
            return self.queryset.none()
        if self._asks_for_other_fields:
            return self.queryset.filter(pk__in=self._found_in_fields())
        return self.queryset.filter(pk__in=self.entries().values("key"))

    @property
    def _asks_for_other_fields(self) -> bool:
        return bool(self.fields) and self.columns != ("autocomplete",) and set(self.fields) != {"title"}

    def _found_in_fields(self) -> list[Any]:
        """Keys of what meets the query by the asked fields alone, which the index does not keep apart."""
        wanted = set(self.fields)
        found = []
        candidates = self.queryset.filter(pk__in=self.entries().values("key"))
        for thing in candidates.iterator(chunk_size=BATCH):
            words = set()
            for field, text in texts_of(thing, self.field_class):
                if field.field_name in wanted:
                    words |= words_of_field(field.field_name, text)
            if holds(self.condition, words):
                found.append(thing.pk)
        return found

    def keys(self, most: int) -> list[Any]:
        """Keys of up to ``most`` objects that meet the query, best first, whatever the queryset filters."""
        if self.condition in (EVERYTHING, NOTHING):
            return []
        return list(self.ranked(most))

    def ranked(self, most: int) -> dict[Any, float]:
        """Keys of up to ``most`` entries that meet the query with their scores, best first."""
        is_either = self._columns() == ("title", "body")
        is_named: Any = as_filter(self.condition, ["title"]) if is_either else Value(True)
        entries = self.entries().annotate(is_named=is_named)
        best = entries.order_by(*["-is_named"] * is_either, "-title_norm", "-key")[:most]
        found = best.values_list("key", "is_named", "title_norm")
        return {key: 1000.0 * named + weight for key, named, weight in found}


class AutocompleteCompiler(Compiler):
    """The same while the last word is still being typed."""

    columns = ("autocomplete",)
    field_class = AutocompleteField
    is_begun = True


def _key_field(model: Any) -> Any:
    key = model._meta.pk
    while key.remote_field:
        key = key.target_field
    return BigIntegerField() if isinstance(key, IntegerField) else type(key)()


class Results(BaseSearchResults):
    """Found objects: by relevance as scored, else as the queryset says."""

    supports_facet = True

    def keys(self, most: int) -> list[Any]:
        """Keys of the best objects, without the objects."""
        return cast(Compiler, self.query_compiler).keys(most)

    def _do_search(self) -> list[Model]:
        compiler = cast(Compiler, self.query_compiler)
        found = compiler.found()
        if not compiler.order_by_relevance or compiler.condition in (EVERYTHING, NOTHING):
            if not found.query.order_by and not found.query.default_ordering:
                found = found.order_by("-pk")
            return list(found[self.start : self.stop])
        is_narrowed = compiler.queryset.query.where or compiler._asks_for_other_fields
        scores = compiler.ranked(MOST_RANKED if is_narrowed or self.stop is None else self.stop)
        if is_narrowed:
            kept = set(found.values_list("pk", flat=True))
            scores = {key: score for key, score in scores.items() if key in kept}
        keys = list(scores)[self.start : self.stop]
        things = compiler.queryset.order_by().in_bulk(keys) if keys else {}
        ordered = [things[key] for key in keys if key in things]
        if self._score_field:
            for thing in ordered:
                setattr(thing, self._score_field, scores[thing.pk])
        return ordered

    def _do_count(self) -> int:
        found = cast(Compiler, self.query_compiler).found()[self.start : self.stop]
        return int(found.count())

    def facet(self, field_name: str) -> OrderedDict[Any, int]:
        compiler = cast(Compiler, self.query_compiler)
        facet_field(compiler, field_name)
        rows = compiler.found().order_by().values(field_name).annotate(count=Count("pk"))
        return OrderedDict((row[field_name], row["count"]) for row in rows.order_by("-count", field_name))


class Index(StockIndex):
    """Writes objects into Wagtail's index, many in one statement."""

    def add_items(self, model: Any, objs: Iterable[Any]) -> None:
        if not model.get_search_fields():
            return
        content_type = get_content_type_pk(model)
        entries = [self._entry(content_type, thing) for thing in objs]
        IndexEntry.objects.bulk_create(
            entries,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["content_type", "object_id"],
            update_fields=[*COLUMNS, "title_norm"],
        )

    def add_new(self, model: Any, objs: Sequence[Any]) -> None:
        """As ``add_items``, for many objects that the index does not have; within a transaction."""
        content_type = get_content_type_pk(model)
        entries = [self._entry(content_type, thing) for thing in objs]
        for entry, key in zip(entries, reserve_keys(IndexEntry, len(entries)), strict=True):
            entry.pk = key
        insert(IndexEntry, entries)

    def _entry(self, content_type: int, thing: Any) -> Any:
        columns = Columns.of(thing)
        return IndexEntry(
            content_type_id=content_type,
            object_id=str(thing.pk),
            title=columns.names,
            body=columns.words,
            autocomplete=columns.begun,
            title_norm=weight_of(thing),
        )

    def delete_keys(self, model: Any, keys: Iterable[int]) -> None:
        entries = IndexEntry.objects.filter(
            content_type=get_content_type_pk(model), object_id__in=[str(key) for key in keys]
        )
        entries._raw_delete(using=self.write_connection.alias)

    def _refresh_title_norms(self, full: bool = False) -> None:
        """Nothing: each weight stands on its own, so that no save looks through the whole index."""


class Rebuilder(StockRebuilder):
    """Writes over what is there, a batch at a time, so that readers search on meanwhile."""


class SearchBackend(StockBackend):
    """Wagtail's database backend with our words."""

    query_compiler_class = Compiler
    autocomplete_query_compiler_class = AutocompleteCompiler
    index_class = Index
    results_class = Results
    rebuilder_class = Rebuilder
    atomic_rebuilder_class = Rebuilder

    def delete_keys(self, model: Any, keys: Iterable[int]) -> None:
        """Take objects out of the index that may be gone by now."""
        self.get_index_for_model(model).delete_keys(model, keys)
