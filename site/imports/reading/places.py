"""Cell addresses: C12 and its row and column, counted from 1."""

import re
from functools import lru_cache
from typing import NamedTuple

_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")


@lru_cache(maxsize=20_000)
def letters(column: int) -> str:
    """3 → C, 28 → AB."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


@lru_cache(maxsize=20_000)
def column_number(name: str) -> int:
    """C → 3, AB → 28."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number


def address(row: int, column: int) -> str:
    return f"{letters(column)}{row}"


def split_address(text: str) -> tuple[int, int] | None:
    """C12 → (12, 3); None for what is no address."""
    match = _ADDRESS.fullmatch(text)
    return (int(match[2]), column_number(match[1])) if match else None


class Merge(NamedTuple):
    """Cells shown as one; only the first holds a value."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    def covers(self, row: int, column: int) -> bool:
        return self.first_row <= row <= self.last_row and self.first_column <= column <= self.last_column


def merge_of(text: str) -> Merge | None:
    """A1:C2 → Merge(1, 1, 2, 3)."""
    first, _colon, last = text.partition(":")
    start, end = split_address(first), split_address(last or first)
    if start is None or end is None or start > end or start[1] > end[1]:
        return None
    return Merge(*start, *end)
