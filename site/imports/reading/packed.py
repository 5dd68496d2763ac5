"""How cells travel from the reading process to the site: plain values as they are, others as (kind, text).

Text, whole numbers, floats, yes/no and nothing are msgpack's own; the kinds below are extension types.
"""

import datetime
from typing import Any, NamedTuple

from msgpack import ExtType  # type: ignore[import-untyped]  # carries no types

DATE, MOMENT, TIME, ERROR, FORMULA, DAMAGED, BAD_DATE = range(1, 8)

DAYS_1900 = datetime.date(1899, 12, 31)
DAYS_1904 = datetime.date(1904, 1, 1)
LAST_DAY = datetime.date(9999, 12, 31)
DAMAGED_FROM = 10**15  # a spreadsheet keeps 15 digits of a number; longer codes have lost their end


class Odd(NamedTuple):
    """A cell that is no plain value."""

    kind: int
    raw: str


def pack(kind: int, raw: str) -> ExtType:
    return ExtType(kind, raw.encode())


def unpack(kind: int, raw: bytes) -> Odd:
    return Odd(kind, raw.decode("utf-8", "replace"))


def pack_number(raw: str) -> Any:
    """A number as the file writes it; one of 16 digits or more has been rounded: no number to rely on."""
    number = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 16 else float(raw)
    if number != number or number in (float("inf"), float("-inf")):
        return pack(ERROR, raw)
    return pack(DAMAGED, raw) if abs(number) >= DAMAGED_FROM else number


def pack_serial(raw: str, shows: str, *, is_1904: bool) -> Any:
    """A number shown as a day (``date``) or a time of day (``time``): what it means, or nothing.

    Day 60 of the 1900 calendar is a 29 February that never was; 0 and below are no days at all.
    """
    serial = float(raw)
    if shows == "elapsed":
        minutes, rest = divmod(round(serial * 86_400), 60) if 0 <= serial < 1e6 else (0, 0)
        if not 0 <= serial < 1e6:
            return pack(BAD_DATE, raw)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{rest:02}" if rest else "")
    if not 0 <= serial < 3_000_000:
        return pack(BAD_DATE, raw)
    days, moment = divmod(round(serial * 86_400), 86_400)
    time = datetime.time(moment // 3600, moment // 60 % 60, moment % 60)
    if days == 0 and shows == "time":
        return pack(TIME, time.isoformat())
    if not is_1904 and days in (0, 60):
        return pack(BAD_DATE, raw)
    if is_1904:
        first, count = DAYS_1904, days
    else:
        first, count = DAYS_1900, days - (days > 60)
    if count > (LAST_DAY - first).days:
        return pack(BAD_DATE, raw)
    day = first + datetime.timedelta(days=count)
    if moment:
        return pack(MOMENT, datetime.datetime.combine(day, time).isoformat(" "))
    return pack(DATE, day.isoformat())
