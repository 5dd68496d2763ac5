"""A .json file of the national interface as sheets: an array of tasks, each with arrays of its parts.

Tasks become the first sheet, each array of objects within them (MATERIALS) a further one, whose rows name
their task by what is always there. A whole number keeps all its digits; nothing else is made of a value.
"""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from imports.reading import limits, packed, places
from imports.reading.refusals import Refused

# What a row of a further sheet calls its task by, and what of the task that is.
OWNER = "TASK_GUID"
NAMES = ("ROWGUID", "TASK_HANDLE_ITEM", "TASK_CODE", "CATALOG_CODE", "TASK_NAME")
SEPARATOR = "；"

Table = tuple[list[str], list[list[Any]]]


def survey(file: BinaryIO) -> list[dict]:
    """The sheets, as those of a workbook are told."""
    return [
        {
            "name": name,
            "rows": len(rows) + 1 if rows else 0,
            "columns": len(labels),
            "hidden": False,
            "merges": [],
        }
        for name, (labels, rows) in tables(file).items()
    ]


def read(file: BinaryIO, index: int) -> Iterator[tuple[int, list]]:
    """The rows of one sheet with their numbers; the first holds the names."""
    labels, rows = list(tables(file).values())[index]
    if rows:
        yield 1, list(labels)
    for number, row in enumerate(rows, 2):
        values = row + [None] * (len(labels) - len(row))
        while values and values[-1] is None:
            values.pop()
        if values:
            yield number, values


def tables(file: BinaryIO) -> dict[str, Table]:
    """``{sheet: (names, rows)}``; the sheet of the tasks has no name."""
    found: dict[str, Table] = {"": ([], [])}
    for number, task in enumerate(tasks(file), 1):
        if not isinstance(task, dict):
            raise Refused("json_shape")
        own: dict[str, Any] = {}
        parts: dict[str, list[Any]] = {}
        for name, value in task.items():
            if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
                parts[name] = value
            elif value != []:
                own[name] = value
        add(found[""], own, number)
        called = next((str(own[name]) for name in NAMES if own.get(name)), "")
        for name, rows in parts.items():
            for row in rows:
                add(found.setdefault(name, ([], [])), {OWNER: called, **row}, number)
    return found


def tasks(file: BinaryIO) -> list[Any]:
    """The array of tasks: the file itself, or the only array of objects in it."""
    file.seek(0)
    try:
        text = file.read(limits.OBJECTS_FILE + 1).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("encoding", line=error.object[: error.start].count(b"\n") + 1) from None
    try:
        content = json.loads(text, object_pairs_hook=once, parse_constant=no_number, parse_int=whole)
    except json.JSONDecodeError as error:
        raise Refused("json", line=error.lineno) from None
    except RecursionError:
        raise Refused("json_shape") from None
    if isinstance(content, dict):
        arrays = [value for value in content.values() if isinstance(value, list)]
        content = arrays[0] if len(arrays) == 1 else None
    if not isinstance(content, list):
        raise Refused("json_shape")
    return content


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Refused("json_repeat", column=twice[:60])
    return found


def no_number(text: str) -> Any:
    """NaN and Infinity are no values of an interface."""
    raise Refused("json_shape")


def whole(text: str) -> Any:
    """A whole number; a long one is a code, of which every digit counts."""
    return int(text) if len(text) < 16 else text


def add(table: Table, row: dict[str, Any], number: int) -> None:
    labels, rows = table
    for name in row:
        if name not in labels:
            labels.append(name)
    if len(labels) > limits.COLUMNS:
        raise Refused(
            "too_many_columns", sheet="JSON", column=places.letters(len(labels)), most=limits.COLUMNS
        )
    if len(rows) >= limits.ROWS:
        raise Refused("too_many_rows", sheet="JSON", most=limits.ROWS)
    rows.append([cell_of(row[name], name, number) if name in row else None for name in labels])


def cell_of(value: Any, name: str, number: int) -> Any:
    if isinstance(value, list) and all(isinstance(each, str | int) for each in value):
        value = SEPARATOR.join(map(str, value))
    if isinstance(value, str):
        if len(value) > limits.CELL_TEXT:
            raise Refused("json_value", number=number, column=name[:60])
        return value.replace("\r\n", "\n").replace("\r", "\n") if not value.isspace() and value else None
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return packed.pack_number(repr(value))
    raise Refused("json_value", number=number, column=name[:60])
