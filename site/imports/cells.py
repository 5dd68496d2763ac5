"""Reading cells column by column, each different value once.

A column of a spreadsheet repeats itself: what a value means is worked out when it is first met, and looked
up after that. A value that cannot be used becomes an ``Unusable`` with the sentence for its author.
"""

from collections.abc import Callable, Sequence
from typing import Any

from imports.reading import packed
from imports.reading.workbook import Cell, cell_of, has_unseen

MOST_KEPT = 50_000  # different values of one column
NOT_IN_FILE = -1  # the place of a column that the file does not have


class Unusable:
    """A cell that cannot be taken over, and why."""

    __slots__ = ("message", "raw")

    def __init__(self, raw: str, message: str) -> None:
        self.raw, self.message = raw, message


class Column(dict[Any, Any]):
    """What each value of one column means, by ``read``; ValueError in it makes the value unusable."""

    texts = frozenset({str, type(None)})

    def __init__(self, title: str, place: int, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self.title, self.place, self.read = title, place, read
        self.has_unusable = False

    def __missing__(self, value: str | None) -> Any:
        if value is None or has_unseen(value):
            meaning = self._read_cell(value)
        else:
            try:
                meaning = self.read(value)
            except ValueError as error:
                self.has_unusable = True
                meaning = Unusable(value, str(error))
        if len(self) < MOST_KEPT:
            self[value] = meaning
        return meaning

    def of_batch(self, by_column: Sequence[Sequence[Any]], count: int) -> list[Any]:
        """The meanings of this column's cells in ``count`` rows, which may all end before it."""
        here = 0 <= self.place < len(by_column)
        return self.of(by_column[self.place] if here else (None,) * count)

    def of(self, values: Sequence[Any]) -> list[Any]:
        """The meanings of these cells."""
        if self.texts.issuperset(map(type, values)):
            return list(map(self.__getitem__, values))
        return [self[value] if type(value) in self.texts else self._odd(value) for value in values]

    def _odd(self, value: Any) -> Any:
        """What is no text; kept apart from texts, since True, 1 and 1.0 are one key."""
        key = (type(value), value.kind, value.raw) if isinstance(value, Cell) else (type(value), value)
        if key not in self:
            meaning = self._read_cell(value)
            if len(self) >= MOST_KEPT:
                return meaning
            self[key] = meaning
        return self.get(key)

    def _read_cell(self, value: Any) -> Any:
        cell = value if isinstance(value, Cell) else cell_of(0, 0, value)
        try:
            if cell.problem:
                raise ValueError(cell.problem)
            return self.read(cell.value)
        except ValueError as error:
            self.has_unusable = True
            return Unusable(cell.raw, str(error))


def raw(value: Any) -> str:
    """A cell as its author wrote it."""
    if value is None:
        return ""
    if isinstance(value, Cell | packed.Odd):
        return str(value.raw)
    return cell_of(0, 0, value).raw
