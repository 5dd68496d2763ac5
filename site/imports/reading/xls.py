"""The rows of an .xls or .et: texts and plain numbers by python-calamine, the rest from its records.

Calamine turns errors into empty cells and impossible days into other days (60 into 28 February, −1 into
midnight), so days, times and errors follow the rules of .xlsx instead.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import python_calamine

from imports.reading import compound, packed
from imports.reading.refusals import Refused


def read(file: BinaryIO, index: int) -> Iterator[tuple[int, list]]:
    """The rows of one sheet that hold something."""
    book = compound.Book(file)
    name, _is_hidden, offset = book.sheets[index]
    odd = compound.Cells(book, name, offset).odd
    del book
    file.seek(0)
    try:
        sheet = python_calamine.load_workbook(file).get_sheet_by_name(name)
    except python_calamine.PasswordError:
        raise Refused("encrypted") from None
    except python_calamine.CalamineError:
        raise Refused("damaged") from None
    first_row, first_column = sheet.start or (0, 0)
    # Rows of nothing but errors are no rows to calamine: those before, and after, its own.
    for row in sorted(row for row in odd if row < first_row):
        yield from filled(row, [], odd.pop(row))
    for row, cells in enumerate(sheet.iter_rows(), first_row):
        yield from filled(row, [None] * first_column + [plain(value) for value in cells], odd.pop(row, {}))
    for row in sorted(odd):
        yield from filled(row, [], odd[row])


def plain(value: Any) -> Any:
    """A text, number or yes/no; days and times come from the records."""
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if isinstance(value, float):
        return packed.pack_number(f"{value:.15g}")
    return value if isinstance(value, bool | int) else None


def filled(row: int, values: list, odd: dict[int, Any]) -> Iterator[tuple[int, list]]:
    """The row with its odd cells laid over, unless nothing is in it."""
    if odd:
        values += [None] * (max(odd) + 1 - len(values))
    for column, value in odd.items():
        values[column] = value
    while values and values[-1] is None:
        values.pop()
    if values:
        yield row + 1, values
