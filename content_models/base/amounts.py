"""Numbers as people read them: written out, compared with what they were, and drawn as bars."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

MINUS, NOTHING = "−", "—"
_HUNDREDTH, _TENTH = Decimal("0.01"), Decimal("0.1")


def number_text(value: Any) -> str:
    """13200.00 → 13,200; 1.75 → 1.75; -5 → −5; nothing → —."""
    if value is None:
        return NOTHING
    text = f"{Decimal(value).quantize(_HUNDREDTH, ROUND_HALF_UP):,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", MINUS)


@dataclass(frozen=True)
class Change:
    """What a number was and what it became; either may be unknown."""

    before: Any
    after: Any

    @property
    def difference(self) -> Any:
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def percent(self) -> Decimal | None:
        """The difference in percent of what it was, to one decimal; of nothing there is no percentage."""
        if self.difference is None or self.before <= 0:
            return None
        return (Decimal(self.difference) * 100 / Decimal(self.before)).quantize(_TENTH, ROUND_HALF_UP)

    @property
    def before_text(self) -> str:
        return number_text(self.before)

    @property
    def after_text(self) -> str:
        return number_text(self.after)

    @property
    def difference_text(self) -> str:
        """−12, +3, 没有变化."""
        if self.difference is None:
            return NOTHING
        if not self.difference:
            return _("没有变化")
        return ("+" if self.difference > 0 else "") + number_text(self.difference)

    @property
    def percent_text(self) -> str:
        """−36.4%; a dash where there is none to give."""
        if self.percent is None or not self.difference:
            return NOTHING
        if not self.percent:
            return _("不到 0.1%")
        return ("+" if self.percent > 0 else MINUS) + f"{abs(self.percent):,f}%"

    @property
    def both_text(self) -> str:
        """−12（−36.4%）; the difference alone where there is no percentage."""
        if self.percent_text == NOTHING:
            return self.difference_text
        return f"{self.difference_text}（{self.percent_text}）"

    @property
    def text(self) -> str:
        """33 → 21，−36.4%."""
        how = self.difference_text if self.percent_text == NOTHING else self.percent_text
        return f"{self.before_text} → {self.after_text}" + ("" if how == NOTHING else f"，{how}")


@dataclass(frozen=True)
class Bar:
    """A number with its length in hundredths of the longest bar beside it, as a picture wants it."""

    name: str
    text: str
    length: str
    look: str = ""

    @property
    def classes(self) -> str:
        return f"bar bar--{self.look}" if self.look else "bar"


def bars(numbers: Sequence[tuple[str, str, Any, str]], *, longest: Any = None) -> list[Bar]:
    """A bar for each (name, text, number, look); what has no number, or one below nothing, has no length."""
    if longest is None:
        longest = largest(number for _name, _text, number, _look in numbers)
    return [
        Bar(name, text, _length(number, longest), look=look if number is not None else "none")
        for name, text, number, look in numbers
    ]


def largest(numbers: Iterable[Any]) -> Any:
    """The largest of ``numbers`` that are known; 0 where none is."""
    return max((number for number in numbers if number is not None), default=0)


def _length(number: Any, longest: Any) -> str:
    if number is None or number <= 0 or longest <= 0:
        return "0"
    return str((Decimal(number) * 100 / Decimal(longest)).quantize(_HUNDREDTH, ROUND_HALF_UP))
