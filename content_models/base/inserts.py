"""Writing rows of any table fast: keys reserved beforehand, COPY on PostgreSQL, a prepared INSERT on SQLite.

For rows that nobody else can know yet. Neither ``save`` nor signals are called.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models

# Values that fields hand on as they are, so that most need not be asked; JSON has words of its own for them.
PLAIN = frozenset({str, bool, int, type(None)})
PLAIN_JSON = frozenset({type(None)})


def reserve_keys(model: type[models.Model], number: int) -> Sequence[int]:
    """So many primary keys that no other row of ``model`` has or will have; within a transaction."""
    table, column = model._meta.db_table, model._meta.pk.column
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
            cursor.execute(sequence, [f'"{table}"', column, number])
            return [key for (key,) in cursor.fetchall()]
        # Whoever writes on SQLite is alone, and an inserted key is counted on from.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or [0])[0]
        return range(last + 1, last + 1 + number)


def insert(model: type[models.Model], things: Sequence[Any]) -> None:
    """Write the rows that ``things`` have in the table of ``model``, which may be a base of theirs."""
    if not things:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    quote = connection.ops.quote_name
    fields = model._meta.local_concrete_fields
    table, columns = quote(model._meta.db_table), ", ".join(quote(field.column) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in _rows(fields, things, connection):
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
            cursor.executemany(statement, list(_rows(fields, things, connection)))


def values_of(fields: Sequence[Any]) -> Callable[[Any], Sequence[Any]]:
    """What gets the values of ``fields`` from a thing, all in one call."""
    get = attrgetter(*(field.attname for field in fields))
    return get if len(fields) > 1 else lambda thing: (get(thing),)


def _rows(fields: Sequence[Any], things: Iterable[Any], connection: Any) -> Iterable[list[Any]]:
    """The values of each thing as the database takes them."""
    values = values_of(fields)
    filled = [field for field in fields if type(field).pre_save is not models.Field.pre_save]
    plains = [PLAIN_JSON if isinstance(field, models.JSONField) else PLAIN for field in fields]
    for thing in things:
        for field in filled:
            field.pre_save(thing, True)
        yield [
            value if type(value) in plain else field.get_db_prep_save(value, connection)
            for value, plain, field in zip(values(thing), plains, fields, strict=True)
        ]
