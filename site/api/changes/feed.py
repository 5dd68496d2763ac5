"""The outbox for outsiders: what was published and withdrawn, in commit order, as far as they may know."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Site

from api.changes.standing import judge
from live.topics import BANNER, MODELS, public_pages, split
from publishing import outbox
from publishing.models import OutboxEntry

KINDS = [*MODELS, split(BANNER)[0]]
MOST = 1000  # rows in one answer
USUAL = 200
SCANNED = 2000  # rows at most that are looked at for one answer of few kinds
Standing, What = OutboxEntry.Standing, OutboxEntry.What

Absolute = Callable[[str], str]  # makes a whole address of a path of this site


class Ahead(ValueError):
    """A number that this feed has not come to: it was given out before a backup was put back."""


@dataclass(frozen=True)
class Part:
    """A stretch of the feed: its rows, the number to go on from, and the newest there is."""

    changes: list[dict[str, Any]]
    last: int
    newest: int

    @property
    def is_all(self) -> bool:
        return self.last >= self.newest


def read(after: int, *, absolute: Absolute, limit: int = USUAL, kinds: Collection[str] = ()) -> Part:
    """What follows the number ``after``, of these kinds or of all.

    ``last`` also passes by rows that the reader is not told of. Numbers grow in commit order, so whoever
    goes on from there misses nothing and is told nothing twice. Raises Ahead.
    """
    # Read before the rows: whatever has a number up to it can be seen.
    newest = outbox.newest()
    if after > newest:
        raise Ahead
    later = OutboxEntry.objects.filter(sequence__gt=after).order_by("sequence")
    if kinds:
        entries, last = _of_kinds(later, kinds, limit)
    else:
        entries = list(later[:limit])
        last = entries[-1].sequence if len(entries) == limit else None
    if last is None:  # there is nothing more
        last = max(newest, *(entry.sequence or 0 for entry in entries[-1:]), 0)
    return Part(describe(entries, absolute), last, max(newest, last))


def _of_kinds(
    later: QuerySet[OutboxEntry], kinds: Collection[str], limit: int
) -> tuple[list[OutboxEntry], int | None]:
    """The next rows of these kinds, and the last number looked at; None for it where that was all."""
    looked_at = max(limit, SCANNED)
    numbers: Any = later.values_list("sequence", "topic")
    scanned: list[tuple[int, str]] = list(numbers[:looked_at])
    chosen = [number for number, topic in scanned if topic.partition(":")[0] in kinds]
    entries = list(later.filter(sequence__in=chosen[:limit])) if chosen else []
    if len(chosen) >= limit:
        return entries, chosen[limit - 1]
    return entries, scanned[-1][0] if len(scanned) == looked_at else None


def describe(entries: list[OutboxEntry], absolute: Absolute) -> list[dict[str, Any]]:
    """Rows as outsiders get them; those of pages that have been hidden since are left out.

    That they were is told by a later row.
    """
    judge([entry for entry in entries if not entry.standing])
    told = [entry for entry in entries if entry.standing in outbox.TOLD]
    paths = _public_paths(entry.topic for entry in told if entry.standing == Standing.PUBLIC)
    guides = _public_guides(told)
    return [
        _row(entry, paths, guides, absolute)
        for entry in told
        if entry.standing == Standing.GONE or entry.topic in paths
    ]


def _row(
    entry: OutboxEntry, paths: dict[str, str | None], guides: set[int], absolute: Absolute
) -> dict[str, Any]:
    kind, number = split(entry.topic)
    is_gone = entry.standing == Standing.GONE
    path, api_path = (None if is_gone else paths[entry.topic]), _api_path(kind, number)
    row: dict[str, Any] = {
        "sequence": entry.sequence,
        "topic": entry.topic,
        "kind": kind,
        "id": number,
        "version": entry.version,
        "what": What.TAKEN_BACK if is_gone else entry.what,
        "at": timezone.localtime(entry.at).isoformat(),
        "url": absolute(path) if path else None,
        "api_url": absolute(api_path) if api_path else None,
    }
    if kind == "provisions":
        row["guides"] = [key for key in entry.detail.get("guides", []) if key in guides]
    return row


def _api_path(kind: str, number: int) -> str | None:
    """Where the content API has, or had, what a topic stands for."""
    match kind:
        case "guides" | "communities" | "offices" | "lists":
            return f"/api/v1/{kind}/{number}/"
        case "notices":
            return f"/api/v1/notices/?channel={number}"
        case "provisions":
            return f"/api/v1/provisions/?place={number}"
        case "certificates":
            return f"/api/v1/certificates/?list={number}"
        case "banner":
            return "/api/v1/banners/"
    return None


def _public_paths(topics: Iterable[str]) -> dict[str, str | None]:
    """Paths of the pages behind those topics that residents may see now; the banner has none."""
    keys: dict[str, set[int]] = {}
    paths: dict[str, str | None] = {}
    for topic in topics:
        kind, number = split(topic)
        if topic == BANNER:
            paths[topic] = None
        else:
            keys.setdefault(kind, set()).add(number)
    # As Wagtail's ``get_url`` does, without making a page object of each.
    roots = [site.root_path for site in Site.get_site_root_paths()] if keys else []
    home = reverse("wagtail_serve", args=[""])
    for kind, some in keys.items():
        for key, place in public_pages(kind, some).values_list("pk", "url_path"):
            root = next((root for root in roots if place.startswith(root)), None)
            if root is not None:
                paths[f"{kind}:{key}"] = home + place[len(root) :]
    return paths


def _public_guides(entries: Iterable[OutboxEntry]) -> set[int]:
    named = {key for entry in entries for key in entry.detail.get("guides", [])}
    return set(public_pages("guides", named).values_list("pk", flat=True)) if named else set()
