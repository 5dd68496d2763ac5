"""Which column of a file fills which column of the site: by name, by another name, else by likeness."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from content_models.base.resources import SheetField, SheetResource
from content_models.base.widgets import fold
from imports.reading.layout import JOIN

SURE = 100
REMEMBERED = 99
ALIAS = 95
LIKELY = 60  # below it a guess would more often mislead than help


@dataclass(frozen=True)
class Target:
    """A column of the site that a column of a file may fill."""

    title: str
    names: tuple[str, ...] = ()
    help_text: str = ""
    example: str = ""
    is_required: bool = False
    is_read: bool = True  # False: known, and of no use (serial numbers, names beside codes)


@dataclass(frozen=True)
class Match:
    """What a column of the file was taken for; ``target`` is empty where nothing fits."""

    label: str
    target: str = ""
    score: int = 0

    @property
    def is_sure(self) -> bool:
        return self.score >= ALIAS


def targets_of(resource: SheetResource) -> list[Target]:
    """What a file of this resource may hold, in the order of its template."""
    found = []
    for name, field in resource.fields.items():
        if isinstance(field, SheetField):
            found.append(
                Target(
                    field.title,
                    tuple(field.names(name)),
                    str(field.help_text),
                    field.example,
                    field.is_required,
                )
            )
    taken = {target.title for target in found}
    further = [name for columns in resource.joined_columns.values() for name in columns]
    found += [Target(name, (name,)) for name in dict.fromkeys(further) if name not in taken]
    taken |= set(further)
    ignored = [name for name in (*resource.ignored_columns, "序号") if name not in taken]
    found += [Target(name, (name,), is_read=False) for name in dict.fromkeys(ignored)]
    return found


def match(
    labels: Iterable[str], targets: Sequence[Target], remembered: Mapping[str, str] | None = None
) -> list[Match]:
    """One match per label, each target taken once; certain ones are given out before guesses.

    ``remembered`` is ``{folded label: target}`` from what the same person chose before.
    """
    labels = [label for label in labels if label]
    titles = {target.title for target in targets}
    by_title = {fold(target.title): target.title for target in targets}
    by_alias: dict[str, str] = {}
    for target in targets:
        for name in target.names:
            by_alias.setdefault(fold(name), target.title)
    found: dict[str, Match] = {}
    taken: set[str] = set()

    def give(label: str, target: str, score: int) -> None:
        if label not in found and target not in taken:
            found[label] = Match(label, target, score)
            taken.add(target)

    for label in labels:
        chosen = (remembered or {}).get(fold(label))
        if chosen == "":
            found[label] = Match(label, "", REMEMBERED)
        elif chosen in titles:
            give(label, chosen, REMEMBERED)
    for known, score in ((by_title, SURE), (by_alias, ALIAS)):
        for label in labels:
            for name in names_in(label):
                if name in known:
                    give(label, known[name], score)
                    break
    guesses = [
        (likeness(label, target), label, target.title)
        for label in labels
        if label not in found
        for target in targets
        if target.title not in taken and target.is_read
    ]
    for score, label, title in sorted(guesses, key=lambda guess: -guess[0]):
        if score >= LIKELY:
            give(label, title, score)
    return [found.get(label, Match(label)) for label in labels]


def names_in(label: str) -> list[str]:
    """The whole label, and the lower half of one that stands on two levels (联系方式·电话)."""
    names = [fold(label)]
    if JOIN in label:
        names.append(fold(label.rpartition(JOIN)[2]))
    return names


def likeness(label: str, target: Target) -> int:
    """How alike a label and the names of a target are, 0 to 90."""
    return max((_alike(name, fold(other)) for name in names_in(label) for other in target.names), default=0)


def _alike(one: str, other: str) -> int:
    if not one or not other:
        return 0
    if min(len(one), len(other)) >= 2 and (one in other or other in one):
        return int(60 + 30 * min(len(one), len(other)) / max(len(one), len(other)))
    return int(90 * SequenceMatcher(None, one, other, autojunk=False).ratio())


def sure_columns(found: Iterable[Match]) -> dict[str, str]:
    """``{label: column}`` of what is certain; a column left out before is certain too, and empty."""
    return {each.label: each.target for each in found if each.is_sure}
