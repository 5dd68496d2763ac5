"""What a page is made from, told from the questions that the database was asked while it was rendered.

Each answer is a set of keys, of which a publication drops some (see ``changes``):

- ``page:12`` and ``path:00010001`` – the question was about this page and what belongs to it alone;
- ``url:/x/`` – about whatever stands at this address; ``children:0001`` – about all right below a page;
- ``rows:guides_guidepage`` – about some rows of a group of tables: any change to the group may matter;
- ``tree`` – about pages of whatever kind; ``topic:guides:12`` – it told its version.

What cannot be told from a question counts as the wider one, so that nothing is missed.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from asgiref.local import Local
from django.apps import apps
from django.db import connection
from django.db.models.signals import post_init
from wagtail.models import Page

from delivery.sources import SILENT, Source, sources

PAGES, TOPICS = "wagtailcore_page", "publishing_topicversion"
TREE = "tree"
_NAME = r'"?(\w+)"?'
_TABLES = re.compile(
    rf'(?:FROM|JOIN) "(\w+)"(?: (?!ON\b|WHERE\b|LEFT\b|INNER\b|ORDER\b|GROUP\b|LIMIT\b)({_NAME}))?'
)
_ASKED = re.compile(rf'(?<![\w"]){_NAME}\."(\w+)"(?:::text)? (?:(=) %s|IN \((%s(?:, %s)*)\)|(LIKE) %s)')
_JOINED = re.compile(rf'ON \({_NAME}\."(\w+)" = {_NAME}\."(\w+)"\)')
_NOT = re.compile(r"NOT \((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
_CONDITIONS = re.compile(r" WHERE (.*?)(?: GROUP BY | ORDER BY |$)", re.S)
_VERSIONS = re.compile(rf'"{TOPICS}"\."topic" IN \((%s(?:, %s)*)\)')
# The number of a page's parent, asked for along with the page: it changes only when the page is moved.
_PARENT = re.compile(
    r'\(SELECT U0\."id" AS "\w+" FROM "wagtailcore_page" U0 WHERE U0\."path" = '
    r'\(SUBSTR\w*\("\w+"\."path", %s, \(LENGTH\("\w+"\."path"\) - %s\)\)\)(?: ORDER BY U0\."path" ASC)?\)'
)


@dataclass(frozen=True)
class Shape:
    """What a statement's text says of its keys: fixed ones, and ones made of its parameters."""

    keys: frozenset[str]
    asked: tuple[tuple[str, int, int], ...]  # prefix, first parameter, how many
    unfollowed: frozenset[str] = frozenset()


@dataclass
class Reading:
    """The keys of everything that was read."""

    keys: set[str]
    unfollowed: set[str]

    def note(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        shape = shape_of(sql)
        self.keys |= shape.keys
        self.unfollowed |= shape.unfollowed
        for prefix, first, count in shape.asked:
            self.keys.update(f"{prefix}{_plain(value)}" for value in params[first : first + count])
        return execute(sql, params, many, context)

    def note_page(self, page: Page) -> None:
        if page.pk:
            self.keys.add(f"page:{page.pk}")


_now = Local()


def note_page(sender: Any, instance: Page, **kwargs: Any) -> None:
    """A page was made of a row; heard of every model of pages."""
    reading = getattr(_now, "reading", None)
    if reading is not None:
        reading.note_page(instance)


def connect() -> None:
    for model in page_columns():
        post_init.connect(note_page, model, dispatch_uid="delivery.note_page")


@cache
def page_columns() -> dict[Any, frozenset[str]]:
    """The columns of each page model's own table."""
    models = [model for model in apps.get_models() if issubclass(model, Page)]
    return {
        model: frozenset(field.column for field in model._meta.local_concrete_fields if field.column)
        for model in models
    }


@cache
def _columns_of(table: str) -> frozenset[str]:
    return next(columns for model, columns in page_columns().items() if model._meta.db_table == table)


def _plain(value: Any) -> str:
    return str(value).removesuffix("%")


@contextmanager
def recorded() -> Iterator[Reading]:
    """Collects what is read inside, on this thread."""
    outer = getattr(_now, "reading", None)
    _now.reading = reading = Reading(set(), set())
    try:
        with connection.execute_wrapper(reading.note):
            yield reading
    finally:
        _now.reading = outer


@lru_cache(4096)
def shape_of(sql: str) -> Shape:
    """How to tell from a statement what it read."""
    sql = _NOT.sub(_parameters_only, _PARENT.sub(_parameters_only, sql))
    tables = {(alias or table): table for table, alias in _aliases(sql)}
    if not tables or next(iter(tables.values())) in SILENT:
        return Shape(frozenset(), tuple(_topics(sql)))
    # Alternatives and questions within questions say nothing for sure of the whole.
    is_simple = sql.startswith("SELECT") and "(SELECT" not in sql and " UNION " not in sql
    is_sure = is_simple and " OR " not in sql
    asked = _asked(sql, tables) if is_sure else {}
    closed = _closed(sql, tables, asked) if is_sure else set()
    keys: set[str] = set()
    unfollowed: set[str] = set()
    for alias, table in tables.items():
        source = sources().get(table)
        if source is None:
            if table not in SILENT:
                unfollowed.add(table)
        elif alias not in closed and not (is_simple and _is_named(sql, alias, tables, closed)):
            if table != PAGES:
                keys.add(f"rows:{source.group}")
            elif not _is_part(sql, tables, alias):
                keys.add(TREE)
    told = (*(each for some in asked.values() for each in some), *_topics(sql))
    return Shape(frozenset(keys), told, frozenset(unfollowed))


def _topics(sql: str) -> Iterator[tuple[str, int, int]]:
    """The parameters that name topics whose versions are told."""
    for each in _VERSIONS.finditer(sql):
        yield "topic:", sql.count("%s", 0, each.start()), each[1].count("%s")


def _is_named(sql: str, alias: str, tables: dict[str, str], closed: set[str]) -> bool:
    """Whether pages were only joined to what was asked for, and read whole: each of them notes itself."""
    table = tables[alias]
    if not sources()[table].is_page or (f'FROM "{table}"' in sql and not _is_joined_to(sql, alias, closed)):
        return False
    selected = sql[: sql.index(" FROM ")]
    where = _CONDITIONS.search(sql)
    names = "|".join([alias, *_other_parts(sql, tables, alias)])
    mention = re.compile(rf'(?<!\w)"?(?:{names})"?\."')
    is_whole = _columns_of(table) <= set(re.findall(rf'(?<!\w)"?{alias}"?\."(\w+)"', selected))
    return is_whole and not (where and mention.search(where[1]))


def _other_parts(sql: str, tables: dict[str, str], alias: str) -> set[str]:
    """The tables beside this one that hold further parts of the same pages."""
    parts, is_growing = {alias}, True
    while is_growing:
        found = {
            other[0]
            for one, other in _joins(sql)
            if one[0] in parts and _is_identity(tables, one) and _is_identity(tables, other)
        }
        is_growing = not found <= parts
        parts |= found
    return parts - {alias}


def _is_joined_to(sql: str, alias: str, closed: set[str]) -> bool:
    """Whether only those rows are taken that others refer to, which are known."""
    return any(one == alias and other in closed for (one, _column), (other, _identity) in _joins(sql))


def _parameters_only(found: re.Match[str]) -> str:
    return " ".join(["%s"] * found[0].count("%s"))


def _aliases(sql: str) -> Iterator[tuple[str, str]]:
    for found in _TABLES.finditer(sql):
        yield found[1], (found[3] or "")


def _asked(sql: str, tables: dict[str, str]) -> dict[str, list[tuple[str, int, int]]]:
    """By table in the statement: which parameters say whose rows were asked for."""
    found: dict[str, list[tuple[str, int, int]]] = {}
    below: dict[str, tuple[int, bool]] = {}
    for each in _conditions(sql):
        alias, column, equal, several, like = each.groups()
        table = tables.get(alias, "")
        first = sql.count("%s", 0, each.start())
        count = several.count("%s") if several else 1
        if like or (table == PAGES and column == "depth"):
            place, has_depth = below.get(alias, (-1, False))
            below[alias] = (first, has_depth) if like else (place, bool(equal))
            continue
        prefix = _prefix(table, column)
        if prefix is not None:
            found.setdefault(alias, []).append((prefix, first, count))
    for alias, (place, has_depth) in below.items():
        if place >= 0 and has_depth and alias not in found and tables.get(alias) == PAGES:
            found[alias] = [("children:", place, 1)]
    return found


def _conditions(sql: str) -> Iterator[re.Match[str]]:
    """What has to hold for every row, as ``column = value`` or ``column IN (values)``."""
    where = _CONDITIONS.search(sql)
    return _ASKED.finditer(sql, where.start(1), where.end(1)) if where else iter(())


def _prefix(table: str, column: str) -> str | None:
    """What the values of a column name, where they settle whose rows are asked for."""
    if table == PAGES:
        return {"id": "page:", "path": "path:", "url_path": "url:"}.get(column)
    source = sources().get(table, Source(""))
    if column in source.by_page:
        return "page:"
    return None


def _closed(sql: str, tables: dict[str, str], asked: dict[str, Any]) -> set[str]:
    """The tables of which only rows of named pages were asked for, also by way of what they belong to."""
    closed = {alias for alias in asked if alias in tables}
    closed |= {each[1] for each in _conditions(sql) if not each[5] and _is_by_edition(tables, each)}
    is_growing = True
    while is_growing:
        found = {
            one
            for (one, column), (other, identity) in _joins(sql)
            if other in closed and _belongs(tables, one, column, other, identity)
        }
        is_growing = not found <= closed
        closed |= found
    return closed


def _joins(sql: str) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Which columns (table in the statement, column) are joined to which, each pair in both directions."""
    for left, left_column, right, right_column in (found.groups() for found in _JOINED.finditer(sql)):
        yield (left, left_column), (right, right_column)
        yield (right, right_column), (left, left_column)


def _is_identity(tables: dict[str, str], column: tuple[str, str]) -> bool:
    """Whether a column is the number of the page itself."""
    source = sources().get(tables.get(column[0], ""), Source(""))
    return source.is_page and column[1] in source.by_page


def _is_by_edition(tables: dict[str, str], condition: re.Match[str]) -> bool:
    """Whether rows of one edition were asked for: what is published does not change any more."""
    return condition[2] in sources().get(tables.get(condition[1], ""), Source("")).by_edition


def _belongs(tables: dict[str, str], one: str, column: str, other: str, identity: str) -> bool:
    """Whether ``one.column`` says to which page or edition rows belong, by its number ``other.identity``."""
    source = sources().get(tables.get(one, ""), Source(""))
    whole = sources().get(tables.get(other, ""), Source(""))
    if column in source.by_page:
        return whole.is_page and identity in whole.by_page
    return column in source.by_edition and identity == "id"


def _is_part(sql: str, tables: dict[str, str], alias: str) -> bool:
    """Whether this is the general part of a page whose own table stands beside it."""
    return bool(_other_parts(sql, tables, alias))
