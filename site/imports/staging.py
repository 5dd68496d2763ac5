"""Writing staged rows fast: COPY on PostgreSQL, one prepared INSERT on SQLite."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection, transaction

from imports.models import ImportRun, StagedRow

TABLE = StagedRow._meta.db_table
COLUMNS = ("run_id", "part", "number", "owner", "key", "digest", "status", "data", "problems")
NO_PROBLEMS = "[]"
PIECE = 500  # rows handed to COPY at once
SPECIAL = re.compile(r"[\\\t\n\r]")  # what COPY reads as its own marks


class Staged(NamedTuple):
    """A row as it is written; ``data`` and ``problems`` are JSON texts."""

    number: int
    owner: int
    key: str
    digest: str
    status: str
    data: str
    problems: str = NO_PROBLEMS
    part: str = ""


def clear(run: ImportRun) -> None:
    """Forget what an earlier check of this run staged."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE run_id = %s", [run.pk])


def write(run: ImportRun, rows: Iterable[Staged]) -> None:
    """Stage a batch in a transaction of its own; rows that are made on the way must not ask the database."""
    if connection.vendor == "postgresql":
        lines = _copy_lines(run.pk, rows)
        statement = f"COPY {TABLE} ({', '.join(COLUMNS)}) FROM STDIN"
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
            # The database takes in each piece while the next is made.
            while piece := "".join(islice(lines, PIECE)):
                copy.write(piece)
    else:
        marks = ", ".join(["%s"] * len(COLUMNS))
        values = [
            (run.pk, row.part, row.number, row.owner, row.key, row.digest, row.status, row.data, row.problems)
            for row in rows
        ]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {TABLE} ({', '.join(COLUMNS)}) VALUES ({marks})", values)


def _copy_lines(run: int, rows: Iterable[Staged]) -> Iterator[str]:
    special = SPECIAL.search
    for number, owner, key, digest, status, data, problems, part in rows:
        if special(key):
            key = key.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
        if "\\" in data:
            data = data.replace("\\", "\\\\")
        if problems is not NO_PROBLEMS:
            problems = problems.replace("\\", "\\\\")
        yield f"{run}\t{part}\t{number}\t{owner}\t{key}\t{digest}\t{status}\t{data}\t{problems}\n"


def analyze() -> None:
    """Tell PostgreSQL's planner of the rows that have just come."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {TABLE} (run_id, part, number, owner, key, status)")


def refuse_duplicates(run: ImportRun, sentence: Any) -> int:
    """Refuse rows whose key stands in the file twice; ``sentence(other lines)`` is the word on each."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT part, owner, key, COUNT(*) FROM {TABLE} "
            "WHERE run_id = %s AND key <> '' GROUP BY part, owner, key HAVING COUNT(*) > 1",
            [run.pk],
        )
        groups = cursor.fetchall()
    refused = 0
    for part, owner, key, _count in groups:
        rows = list(run.rows.filter(part=part, owner=owner, key=key).order_by("number"))
        numbers = [row.number for row in rows]
        for row in rows:
            others = [number for number in numbers if number != row.number]
            errors = row.problems if row.status == StagedRow.Status.REFUSED else []
            row.problems = [*errors, ["", key, sentence(others[:5])]]
            row.status = StagedRow.Status.REFUSED
            run.rows.filter(part=part, number=row.number).update(problems=row.problems, status=row.status)
            refused += 1
    return refused


def counts(run: ImportRun) -> dict[str, int]:
    """How many rows of the main sheet have which status."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT status, COUNT(*) FROM {TABLE} WHERE run_id = %s AND part = '' GROUP BY status", [run.pk]
        )
        return dict(cursor.fetchall())


def total(run: ImportRun) -> int:
    """How many rows of the main sheet are staged."""
    return run.rows.filter(part="").count()


def warned(run: ImportRun) -> Any:
    """Rows of the main sheet that can be written and yet have something to mend."""
    return run.rows.filter(part="").exclude(status=StagedRow.Status.REFUSED).exclude(problems=[])


def refused_parts(run: ImportRun) -> int:
    """How many rows of further sheets are refused."""
    return run.rows.exclude(part="").filter(status=StagedRow.Status.REFUSED).count()


def among(column: str) -> str:
    """SQL for "one of many" with one parameter, however many: SQLite counts its parameters."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)"
    return f"{column} IN (SELECT value FROM json_each(%s))"


def listed(values: Iterable[Any]) -> Any:
    """The parameter of ``among``."""
    return list(values) if connection.vendor == "postgresql" else dump(list(values))


def json_text(name: str) -> str:
    """SQL for the text of a staged row's field."""
    if connection.vendor == "postgresql":
        return f"(s.data->>'{name}')"
    return f"json_extract(s.data, '$.{name}')"


def dump(value: Any) -> str:
    """JSON as the database keeps it; what it cannot hold is refused when a cell is read."""
    return json.dumps(value, ensure_ascii=False)
