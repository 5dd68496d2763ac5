"""Letting a finding pass: by a named person, for a reason, until the text says something else."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from content_models.base.checks import Finding, findings_in
from content_models.base.edition_rights import EditionPermissionPolicy
from content_models.base.models import Edition
from content_models.base.pages import ContentPage
from content_models.notices.models import EmergencyBanner
from quality.models import Override
from staff import audit

SHORTEST_REASON = 5  # characters
WORKS = {"change", "publish"}


def find_thing(app_label: str, model_name: str, pk: int) -> Any:
    """The page, edition or banner of that name and key; Http404 where there is none."""
    kind = ContentType.objects.filter(app_label=app_label, model=model_name).first()
    model: Any = kind.model_class() if kind else None
    if model is None or not issubclass(model, ContentPage | Edition | EmergencyBanner):
        raise Http404
    thing = model._default_manager.filter(pk=pk).first()
    if thing is None:
        raise Http404
    return thing


def may_let_pass(user: Any, thing: Any) -> bool:
    """Whether somebody who may publish it there asks."""
    if thing.pk is None:
        return False
    if isinstance(thing, Page):
        return bool(thing.permissions_for_user(user).can_publish())
    if isinstance(thing, Edition):
        policy = EditionPermissionPolicy(type(thing))
        return bool(policy.user_has_permission_for_instance(user, "publish", thing))
    return bool(user.has_perm("notices.publish_emergencybanner"))


def address_of(thing: Any) -> str:
    """The screen on which findings in a thing are let pass; empty for one that was never saved."""
    if thing.pk is None:
        return ""
    kind = thing._meta
    return reverse("quality_let_pass", args=[kind.app_label, kind.model_name, thing.pk])


def edit_address_of(thing: Any) -> str:
    if isinstance(thing, Page):
        return reverse("wagtailadmin_pages:edit", args=[thing.pk])
    return reverse(thing.snippet_viewset.get_url_name("edit"), args=[thing.pk])


def passable(thing: Any) -> list[Finding]:
    """What may be let pass in the draft of ``thing`` as it was last saved."""
    draft = thing.get_latest_revision_as_object()
    return [finding for finding in findings_in(draft) if finding.may_be_overridden]


@transaction.atomic
def let_pass(thing: Any, findings: Sequence[Finding], *, reason: str, by: Any) -> None:
    """Let these findings pass in ``thing`` from now on, with an audit record for each."""
    kind = ContentType.objects.get_for_model(thing)
    for finding in findings:
        given = {"message": finding.message, "reason": reason, "by": by, "at": timezone.now()}
        Override.objects.update_or_create(
            content_type=kind, object_id=str(thing.pk), finding=finding.key, defaults=given
        )
        audit.record("override_finding", thing, by=by, finding=finding.message, reason=reason)


@transaction.atomic
def withdraw(override: Override, *, by: Any) -> None:
    """Stop again what was let pass, from the next publish on."""
    audit.record(
        "withdraw_override",
        override.thing or override,
        by=by,
        finding=override.message,
        reason=override.reason,
    )
    override.delete()


def seen_by(user: Any) -> QuerySet[Override]:
    """What was let pass where ``user`` works, newest first."""
    found = Override.objects.select_related("by", "content_type").order_by("-at", "-pk")
    if user.is_superuser:
        return found
    pages = page_permission_policy.instances_user_has_any_permission_for(user, WORKS)
    wanted = Q(pk__in=[])
    for kind in _kinds(found):
        model: Any = kind.model_class()
        if model is not None and issubclass(model, Page):
            own = model.objects.filter(pk__in=pages.values("pk"))
        elif model is not None and issubclass(model, Edition):
            own = model.objects.filter(owner__in=pages.values("pk"))
        elif user.has_perm("notices.publish_emergencybanner"):
            wanted |= Q(content_type=kind)
            continue
        else:
            continue
        keys = own.order_by().annotate(as_text=Cast("pk", CharField())).values("as_text")
        wanted |= Q(content_type=kind, object_id__in=keys)
    return found.filter(wanted)


def _kinds(found: QuerySet[Override]) -> Iterable[ContentType]:
    return ContentType.objects.filter(pk__in=found.order_by().values("content_type").distinct())
