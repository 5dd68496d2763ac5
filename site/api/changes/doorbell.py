"""Lets the hub of each process know how far the feed has come, as topics of its own: ``changes:guides``."""

from collections.abc import Iterable
from typing import Any

from api.changes.standing import Standing
from live import announce
from live.versions import Version
from publishing.models import OutboxEntry

KIND, ALL = "changes", "all"
TAIL = 200  # rows


def name_of(kind: str = ALL) -> str:
    return f"{KIND}:{kind}"


def ring(entries: list[OutboxEntry]) -> None:
    """Follow the outbox: whoever waits for the feed may ask again."""
    told = [(e.sequence or 0, e.topic) for e in entries if e.standing != Standing.HIDDEN]
    if newest := _newest(told):
        announce.hint(newest)


def versions_of(names: Iterable[str]) -> dict[str, Version]:
    """The newest numbers by kind, for the hub's own looks into the database.

    Only the end of the feed is looked at; where a kind does not come up there it counts as changed up to it,
    and who is that far behind just asks.
    """
    rows = OutboxEntry.objects.filter(sequence__gt=0).order_by("-sequence")
    numbers: Any = rows.values_list("sequence", "topic", "standing")
    tail: list[tuple[int, str, str]] = list(numbers[:TAIL])
    floor = tail[-1][0] - 1 if len(tail) == TAIL else 0
    newest = _newest((number, topic) for number, topic, standing in tail if standing != Standing.HIDDEN)
    return {name: newest.get(name, Version("", floor)) for name in names}


def _newest(told: Iterable[tuple[int, str]]) -> dict[str, Version]:
    numbers: dict[str, int] = {}
    for number, topic in told:
        for kind in (ALL, topic.partition(":")[0]):
            name = name_of(kind)
            numbers[name] = max(number, numbers.get(name, 0))
    return {name: Version("", number) for name, number in numbers.items()}
