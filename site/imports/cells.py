"""Reading cells column by column, each different value once.

A column of a spreadsheet repeats itself: what a value means is worked out when it is first met, and looked
up after that. A value that cannot be used becomes an ``Unusable`` with the sentence for its author.
"""

from collections.abc import Callable, Sequence
from typing import Any

from imports.reading import packed
from imports.reading.workbook import Cell, cell_of, has_unseen

MOST_KEPT = 50_000  # different values of one column
MANY = 64  # new values at once for which a glance at all of them pays
NOT_IN_FILE = -1  # the place of a column that the file does not have


class Unusable:
    """A cell that cannot be taken over, and why."""

    __slots__ = ("message", "raw")

    def __init__(self, raw: str, message: str) -> None:
        self.raw, self.message = raw, message


# Takes many different texts and says what those mean that it is sure of, exactly as reading each would.
Glance = Callable[[Sequence[str]], dict[str, Any]]


class Column(dict[Any, Any]):
    """What each value of one column means, by ``read``; ValueError in it makes the value unusable.

    ``glance`` spares most values of a column of names or numbers being read one by one.
    """

    texts = frozenset({str, type(None)})

    def __init__(
        self, title: str, place: int, read: Callable[[Any], Any], *, glance: Glance | None = None
    ) -> None:
        super().__init__()
        self.title, self.place, self.read, self.glance = title, place, read, glance
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

    def of(self, values: Sequence[Any]) -> list[Any]:
        """The meanings of these cells."""
        if self.texts.issuperset(map(type, values)):
            if self.glance is not None and (told := self._told_at_a_glance(values)):
                return [told[value] if value in told else self[value] for value in values]
            return list(map(self.__getitem__, values))
        return [self[value] if type(value) in self.texts else self._odd(value) for value in values]

    def _told_at_a_glance(self, values: Sequence[str | None]) -> dict[str, Any]:
        """The meanings of new texts, where there are many; such a column repeats little, so none is kept."""
        new = set(values).difference(self)
        new.discard(None)
        return self.glance(list(new)) if self.glance and len(new) > MANY else {}  # type: ignore[arg-type]

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
