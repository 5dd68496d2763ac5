"""All checks of content: each a small function that says what to mend in a page or an edition."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.contenttypes.models import ContentType

from content_models.base.checks import Finding
from quality.models import Override, RuleSetting

Ask = Callable[[Any], Iterable[Finding]]
OFF = RuleSetting.Level.OFF


@dataclass(frozen=True)
class Check:
    """A named check: its code, what it is called in the admin, and the question it asks of a thing."""

    code: str
    name: Any  # a lazy text
    ask: Ask
    level: str


CHECKS: dict[str, Check] = {}


def check(code: str, name: Any, *, level: str = "warning") -> Callable[[Ask], Ask]:
    """Make a function a check under ``code``; editors may give it another level, or switch it off."""

    def register(ask: Ask) -> Ask:
        CHECKS[code] = Check(code, name, ask, level)
        return ask

    return register


def review(thing: Any) -> Iterator[Finding]:
    """What the checks find in ``thing``, at the level that is set for each; without what was overridden."""
    levels = dict(RuleSetting.objects.values_list("code", "level"))
    found = [
        replace(finding, level=levels.get(each.code) or finding.level)  # type: ignore[arg-type]  # not OFF
        for each in CHECKS.values()
        if levels.get(each.code) != OFF
        for finding in each.ask(thing)
    ]
    if not found:
        return
    overridden = overridden_in(thing) if any(finding.may_be_overridden for finding in found) else set()
    yield from (finding for finding in found if finding.key not in overridden)


def overridden_in(thing: Any) -> set[str]:
    """Keys of the findings that a named person let pass for ``thing``."""
    if thing.pk is None:
        return set()
    kind = ContentType.objects.get_for_model(thing)
    passed = Override.objects.filter(content_type=kind, object_id=thing.pk)
    return set(passed.values_list("finding", flat=True))
