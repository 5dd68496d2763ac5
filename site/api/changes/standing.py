"""What each row of the outbox means to outsiders, decided when it is committed (docs/decisions/0011).

Afterwards nobody could tell: a page that is not public now may have been, or may never have been.
"""

from collections.abc import Iterable
from itertools import count

from content_models.base import memo
from live.topics import is_topic, public_among
from publishing.clock import CLOCK
from publishing.models import OutboxEntry
from publishing.outbox import TOLD

Standing = OutboxEntry.Standing
AT_ONCE = 500  # rows, and topics in one question
LATER = 1 << 62  # than any version that a row may have


def judge(entries: list[OutboxEntry]) -> None:
    """Set the ``standing`` of rows by what is public now.

    A topic that is not public is only told of once, when outsiders may still hold it.
    """
    memo.forget("restricted paths")  # which this very request may have changed
    topics = {entry.topic for entry in entries if is_topic(entry.topic)}
    public = {topic for some in _batches(topics) for topic in public_among(some)}
    in_doubt = {entry.topic for entry in entries if entry.topic not in public or _takes_page_away(entry)}
    told = _told(in_doubt)
    for entry, later in zip(entries, count(LATER), strict=False):
        version = entry.version or later
        if entry.detail.get("action") == CLOCK:
            entry.standing = Standing.HIDDEN  # nothing that is stored has changed
        elif entry.topic in public and not _takes_page_away(entry):
            entry.standing = Standing.PUBLIC
        else:
            entry.standing = Standing.GONE if _is_held(told[entry.topic], version) else Standing.HIDDEN
        if entry.topic in told and entry.standing in TOLD:
            told[entry.topic].append((version, entry.standing))


def settle() -> int:
    """Judge the rows of before the upgrade, and those for which that failed; returns how many."""
    unjudged = OutboxEntry.objects.filter(standing="", sequence__isnull=False).order_by("sequence")
    entries = list(unjudged[:AT_ONCE])
    judge(entries)
    return OutboxEntry.objects.bulk_update(entries, ["standing"], batch_size=AT_ONCE)


def _takes_page_away(entry: OutboxEntry) -> bool:
    """Whether the topic's own page goes with this; one that is being deleted still stands in the database."""
    is_withdrawn = entry.what == OutboxEntry.What.TAKEN_BACK
    return is_withdrawn and entry.topic.endswith(f":{entry.detail.get('page')}")


def _told(topics: Iterable[str]) -> dict[str, list[tuple[int, str]]]:
    """What was told of each topic before, by version."""
    told: dict[str, list[tuple[int, str]]] = {topic: [] for topic in topics}
    for some in _batches(told):
        rows = OutboxEntry.objects.filter(topic__in=some, standing__in=TOLD).order_by("version")
        for topic, version, standing in rows.values_list("topic", "version", "standing"):
            told[topic].append((version or 0, standing))
    return told


def _is_held(told: list[tuple[int, str]], version: int) -> bool:
    """Whether the last that was told before ``version`` was that there is something."""
    before = [each for each in told if each[0] < version]
    return bool(before) and max(before)[1] == Standing.PUBLIC


def _batches(topics: Iterable[str]) -> Iterable[list[str]]:
    some = list(topics)
    return (some[start : start + AT_ONCE] for start in range(0, len(some), AT_ONCE))
