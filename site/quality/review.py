"""All checks of content: each a small function that says what to mend in a page or an edition."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.contenttypes.models import ContentType

from content_models.base import memo
from content_models.base.checks import Finding, Level, Mend
from quality.models import Override, RuleSetting

Ask = Callable[[Any], Iterable[Finding]]
OFF = RuleSetting.Level.OFF


def itself(thing: Any) -> Any:
    return thing


@dataclass(frozen=True)
class Check:
    """A named check: its code, what it is called in the admin, and the question it asks of a thing.

    ``wants`` says in a sentence what content should be like. ``of`` makes of a thing what is asked about,
    once for all checks that share it; None where there is nothing to ask.
    """

    code: str
    name: Any  # a lazy text
    ask: Ask
    level: Level
    wants: Any = ""
    of: Callable[[Any], Any] = itself


CHECKS: dict[str, Check] = {}


def check(
    code: str, name: Any, *, level: Level = "warning", wants: Any = "", of: Callable[[Any], Any] = itself
) -> Callable[[Ask], Ask]:
    """Make a function a check under ``code``; editors may give it another level, or switch it off."""

    def register(ask: Ask) -> Ask:
        CHECKS[code] = Check(code, name, ask, level, wants, of)
        return ask

    return register


def found(
    message: str, field: str = "", *, row: int | None = None, mend: Mend | None = None, **further: Any
) -> Finding:
    """What a check found; the review adds which check it is, and its level."""
    return Finding("", message, field=field, row=row, mend=mend, **further)


def review(thing: Any) -> Iterator[Finding]:
    """What the checks find in ``thing``, at the level that is set for each; without what was overridden."""
    findings = list(_ask_all(thing))
    passed = overridden_in(thing) if any(finding.may_be_overridden for finding in findings) else set()
    yield from (finding for finding in findings if finding.key not in passed)


def _ask_all(thing: Any) -> Iterator[Finding]:
    levels = set_levels()
    told: dict[Any, Any] = {}
    for each in CHECKS.values():
        if levels.get(each.code) == OFF:
            continue
        if each.of not in told:
            told[each.of] = each.of(thing)
        if (subject := told[each.of]) is None:
            continue
        for finding in each.ask(subject):
            level: Any = levels.get(each.code) or finding.level or each.level
            yield replace(finding, rule=each.code, level=level)


def set_levels() -> dict[str, str]:
    """The levels that editors have set, by code."""
    return memo.remember("quality.levels", lambda: dict(RuleSetting.objects.values_list("code", "level")))


def overridden_in(thing: Any) -> set[str]:
    """Keys of the findings that a named person let pass for ``thing``."""
    if thing.pk is None:
        return set()
    kind = ContentType.objects.get_for_model(thing)
    passed = Override.objects.filter(content_type=kind, object_id=thing.pk)
    return set(passed.values_list("finding", flat=True))
