"""Pages of a long answer by position, not by number: what is added or removed meanwhile shifts nothing.

A cursor says after which row to go on, by the values that rows are sorted by. Any database finds the place
by its index, however far in it is.
"""

import base64
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

LONGEST = 1_000  # characters


class BadCursor(ValueError):
    """A text that no answer of ours gave out as a cursor."""


def place_of(row: Any, order: Sequence[str]) -> str:
    """The cursor of a row."""
    values = [_value(row, name.removeprefix("-")) for name in order]
    packed = json.dumps(values, ensure_ascii=False, default=_plain, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _value(row: Any, lookup: str) -> Any:
    for name in lookup.split("__"):
        row = getattr(row, name)
    return row


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(value)


def after(rows: Any, cursor: str, order: Sequence[str]) -> Any:
    """``rows`` (a queryset) that come after the cursor in ``order``."""
    try:
        if len(cursor) > LONGEST:
            raise ValueError
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(order):
            raise ValueError
        if any(not isinstance(value, str | int) or "\0" in str(value) for value in values):
            raise ValueError
        if any(isinstance(value, int) and abs(value) >= 2**63 for value in values):
            raise ValueError
        return rows.filter(_beyond(order, values))
    except (ValueError, TypeError, ValidationError, RecursionError) as error:
        raise BadCursor from error


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Later by the first name, or equal there and later by the next, and so on."""
    found, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        lookup = name.removeprefix("-")
        found |= equal & Q(**{f"{lookup}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{lookup: value})
    return found
