"""How far topics have come, as the outbox has it."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from live.topics import public_among
from publishing.models import OutboxEntry, TopicVersion


class Version(NamedTuple):
    """Where a topic stands: ``number`` counts changes within ``epoch``, which a rebuilt database renews."""

    epoch: str
    number: int

    def is_after(self, other: "Version") -> bool:
        """Whether whoever knows ``other`` misses something; a number without an epoch fits any."""
        return self.number > other.number or bool(self.epoch and other.epoch and self.epoch != other.epoch)


NEVER = Version("", 0)
Source = Callable[[list[str]], dict[str, Version]]
_sources: dict[str, Source] = {}


def source(kind: str, read: Source) -> None:
    """Let the hub follow topics that are not published: ``read`` gives versions of those that exist.

    Residents cannot ask for them; whoever lets staff follow one sees to their rights.
    """
    _sources[kind] = read


def state(names: Iterable[str], unsure: Iterable[str]) -> tuple[dict[str, Version], set[str]]:
    """Versions of ``names``, and those of ``unsure`` that may be followed now."""
    names, own = set(names), set()
    by_kind: dict[str, list[str]] = {}
    for name in names:
        kind = name.partition(":")[0]
        if kind in _sources:
            by_kind.setdefault(kind, []).append(name)
            own.add(name)
    versions, there = stored(names - own), public_among(set(unsure) - own)
    for kind, some in by_kind.items():
        found = _sources[kind](some)
        versions |= {name: found.get(name, NEVER) for name in some}
        there |= found.keys()
    return versions, there


def stored(names: Iterable[str]) -> dict[str, Version]:
    """The present version of each published topic; NEVER for one that nothing was told of yet."""
    names = list(names)
    rows = TopicVersion.objects.filter(topic__in=names).values_list("topic", "epoch", "version")
    found = {topic: Version(epoch, number) for topic, epoch, number in rows}
    return {name: found.get(name, NEVER) for name in names}


def shown_since(newest: int, names: Iterable[str]) -> dict[str, Version]:
    """The versions that content surely shows which was read after the outbox stood at ``newest``.

    What was published while it was being read may be in it or not, so it does not count: the page asks for
    it and corrects itself.
    """
    names = list(names)
    later = OutboxEntry.objects.filter(topic=OuterRef("topic"), sequence__gt=newest).order_by("sequence")
    rows = (
        TopicVersion.objects.filter(topic__in=names)
        .annotate(next=Subquery(later.values("version")[:1]))
        .values_list("topic", "epoch", "version", "next")
    )
    found = {
        topic: Version(epoch, number if following is None else following - 1)
        for topic, epoch, number, following in rows
    }
    return {name: found.get(name, NEVER) for name in names}
