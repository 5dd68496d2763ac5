"""Writing staged rows fast: COPY on PostgreSQL, one prepared INSERT on SQLite."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction

from imports.models import ImportRun, StagedRow

TABLE = StagedRow._meta.db_table
COLUMNS = ("run_id", "part", "number", "owner", "key", "digest", "status", "data", "problems")
NO_PROBLEMS = "[]"


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


def write(run: ImportRun, rows: Sequence[Staged]) -> None:
    """Stage a batch in a transaction of its own."""
    if not rows:
        return
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            statement = f"COPY {TABLE} ({', '.join(COLUMNS)}) FROM STDIN"
            with cursor.copy(statement) as copy:
                copy.write("".join(_copy_lines(run.pk, rows)))
    else:
        marks = ", ".join(["%s"] * len(COLUMNS))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {TABLE} ({', '.join(COLUMNS)}) VALUES ({marks})",
                [
                    (run.pk, row.part, row.number, row.owner, row.key, row.digest, row.status, row.data,
                     row.problems)
                    for row in rows
                ],
            )  # fmt: skip


def _copy_lines(run: int, rows: Sequence[Staged]) -> Iterable[str]:
    for row in rows:
        key = row.key.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
        data = row.data.replace("\\", "\\\\") if "\\" in row.data else row.data
        problems = row.problems.replace("\\", "\\\\") if "\\" in row.problems else row.problems
        yield (
            f"{run}\t{row.part}\t{row.number}\t{row.owner}\t{key}\t{row.digest}\t{row.status}\t{data}"
            f"\t{problems}\n"
        )


def analyze() -> None:
    """Tell PostgreSQL's planner of the rows that have just come."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {TABLE}")


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


def dump(value: Any) -> str:
    """JSON as the database keeps it; what it cannot hold is refused when a cell is read."""
    return json.dumps(value, ensure_ascii=False)
