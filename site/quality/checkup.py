"""All checks over everything that is public: nightly, from the command line, and when somebody asks."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task
from modelcluster.models import get_all_child_m2m_relations, get_all_child_relations

from content_models.base import memo
from content_models.base.checks import Finding, findings_in
from content_models.base.editions import Edition
from content_models.base.pages import ContentPage
from content_models.guides.models import GuidePage
from quality.guide_rules import completeness, of_page
from quality.models import Checked, Checkup, KeptFinding

logger = logging.getLogger("quality")
BATCH = 500
NIGHT = range(1, 6)  # hours at which a checkup disturbs nobody
LATEST = timedelta(hours=30)  # after which it is made at any hour
SILENT = timedelta(minutes=10)  # after which one that says nothing counts as dead


@dataclass(frozen=True)
class Result:
    """What was found in one page or edition."""

    thing: Any
    findings: list[Finding]
    percent: int | None = None
    missing: tuple[str, ...] = ()

    @property
    def counts(self) -> Counter[str]:
        return Counter(finding.level or "warning" for finding in self.findings)


@cache
def _kinds(base: type) -> list[Any]:
    return [model for model in apps.get_models() if issubclass(model, base) and not model._meta.abstract]


def public_things() -> list[Any]:
    """Querysets of everything that residents may read."""
    pages = [model._default_manager.filter(live=True, alias_of=None) for model in _kinds(ContentPage)]
    editions = [model.objects.current().select_related("owner") for model in _kinds(Edition)]
    return [*pages, *editions]


def number_of_public_things() -> int:
    return sum(things.count() for things in public_things())


def results(*, told: Callable[[int], None] = lambda done: None) -> Iterator[Result]:
    """What the checks find in everything public, some hundred at a time; ``told`` hears how many are done."""
    done = 0
    with memo.kept():
        for things in public_things():
            keys = list(things.order_by("pk").values_list("pk", flat=True))
            for start in range(0, len(keys), BATCH):
                batch = list(things.filter(pk__in=keys[start : start + BATCH]))
                _read_parts(batch)
                yield from map(_result, batch)
                done += len(batch)
                told(done)


def _read_parts(things: list[Any]) -> None:
    """What checks ask of pages, read for all of them at once."""
    kind = type(things[0]) if things else None
    if kind is None or not issubclass(kind, ContentPage):
        return
    names = [relation.get_accessor_name() for relation in get_all_child_relations(kind)]
    names += [field.name for field in get_all_child_m2m_relations(kind)]
    if kind is GuidePage:
        names += ["department", "offices__hours"]
    prefetch_related_objects(things, *names)


def _findings(thing: Any) -> list[Finding]:
    """What the checks find; one thing that cannot be read does not keep the others from being checked."""
    try:
        return findings_in(thing)
    except Exception:
        logger.exception("Could not be checked: %s", thing)
        said = _("这一项没能检查，可能是里面的文件丢失了。请打开看看，找不到原因就告诉管理员。")
        return [Finding("unchecked", said, level="warning")]


def _result(thing: Any) -> Result:
    findings = _findings(thing)
    if not isinstance(thing, GuidePage):
        return Result(thing, findings)
    score = completeness(of_page(thing))
    return Result(thing, findings, score.percent, score.missing)


def begin(*, by: Any = None) -> Checkup | None:
    """Leave a checkup to the worker; None where one is under way."""
    with transaction.atomic():
        if under_way() is not None:
            return None
        checkup = Checkup.objects.create(by=by, total=number_of_public_things())
        run.enqueue(checkup.pk)
    return checkup


def under_way() -> Checkup | None:
    waiting = Checkup.objects.filter(finished_at=None, has_failed=False)
    return waiting.filter(seen_at__gt=timezone.now() - SILENT).first()


def last_finished() -> Checkup | None:
    return Checkup.objects.exclude(finished_at=None).order_by("-finished_at").first()


@task
def run(pk: int) -> None:
    """Check everything and keep what was found, in place of what was found before."""
    mine = Checkup.objects.filter(pk=pk)

    def tell(done: int) -> None:
        mine.update(done=done, seen_at=timezone.now())

    try:
        keep(list(results(told=tell)))
    except Exception:
        mine.update(has_failed=True)
        raise
    mine.update(finished_at=timezone.now(), seen_at=timezone.now())


@transaction.atomic
def keep(found: list[Result]) -> None:
    """Put these results in the place of those before."""
    KeptFinding.objects.all().delete()
    Checked.objects.all().delete()
    rows = Checked.objects.bulk_create([_row(result) for result in found], batch_size=BATCH)
    KeptFinding.objects.bulk_create(
        [
            KeptFinding(
                checked=row,
                rule=finding.rule,
                level=finding.level or "warning",
                message=finding.message,
                field=finding.field,
            )
            for row, result in zip(rows, found, strict=True)
            for finding in result.findings
        ],
        batch_size=BATCH,
    )


def _row(result: Result) -> Checked:
    thing, counts = result.thing, result.counts
    page = thing.owner if isinstance(thing, Edition) else thing
    missing: Any = list(result.missing)
    return Checked(
        content_type=ContentType.objects.get_for_model(thing),
        object_id=str(thing.pk),
        title=str(thing)[:400],
        path=page.path,
        percent=result.percent,
        missing=missing,
        errors=counts["error"],
        warnings=counts["warning"],
        hints=counts["hint"],
    )


def check_nightly() -> int:
    """Begin the night's checkup, once by whichever scheduler comes first; returns how many were begun."""
    now = timezone.localtime()
    last = Checkup.objects.order_by("-started_at").first()
    since = now - last.started_at if last is not None else None
    is_due = since is None or since > LATEST or (since > timedelta(hours=12) and now.hour in NIGHT)
    return int(is_due and begin() is not None)
