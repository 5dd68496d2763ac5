"""Review of a bundle as one: by somebody who is responsible for all of it and wrote none of it."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from content_models.base.side_by_side import fingerprint
from publishing import tell_people
from publishing.bundles import rights
from publishing.bundles.compose import NotNow, held
from publishing.bundles.models import Bundle
from publishing.bundles.obstacles import mark_of
from publishing.bundles.release import State, freeze, publish_bundle, thaw
from publishing.outbox import publication, take_turn
from staff import audit
from staff.models import User
from staff.roles import Role


@publication()
def hand_in(bundle: Bundle, *, by: Any, at: Any = None, seen: str = "") -> Bundle:
    """Ask for review of everything as it stands now, to go public at ``at`` or once approved.

    Raises NotNow and NotPublishable.
    """
    take_turn()
    bundle = held(bundle)
    if not bundle.is_open:
        raise NotNow(_("“%(bundle)s”%(state)s，不能送审。") % {"bundle": bundle, "state": bundle.state_label})
    if seen and seen != mark_of(bundle):
        raise NotNow(_("您看过之后，这一批里的内容又被改过。请再看一遍，再送审。"))
    freeze(bundle, by=by, is_approved=True)
    bundle.state, bundle.go_live_at = State.IN_REVIEW, at
    bundle.handed_in_by, bundle.handed_in_at, bundle.answer, bundle.problem = by, timezone.now(), "", ""
    bundle.save()
    audit.record("submit_bundle", bundle, by=by)
    _tell(_reviewers(bundle), bundle, _("“%(bundle)s”等您审核"), _("%(who)s 送审了一批内容。") % {"who": by})
    return bundle


@publication()
def approve(bundle: Bundle, *, by: Any) -> Bundle:
    """Let exactly what was handed in go public, at once or at its time. Raises NotNow and NotPublishable."""
    take_turn()
    bundle = _in_review(bundle, by)
    audit.record("approve_bundle", bundle, by=by)
    if bundle.go_live_at is not None and bundle.go_live_at > timezone.now():
        _require_unchanged(bundle)
        bundle.state = State.SCHEDULED
        bundle.save(update_fields=["state"])
    else:
        bundle = publish_bundle(bundle, by=by, is_approved=True)
    _tell([bundle.handed_in_by], bundle, _("“%(bundle)s”已通过审核"), _("%(who)s 通过了审核。") % {"who": by})
    return bundle


def _require_unchanged(bundle: Bundle) -> None:
    items = list(bundle.items.select_related("content_type"))
    things = rights.things_of(items)
    changed = [item.label for item in items if _is_changed(item, things.get(item.pk))]
    if changed:
        raise NotNow(
            _("送审之后又被改过：%(items)s。请退回，由送审的人再送一次。") % {"items": "、".join(changed)}
        )


def _is_changed(item: Any, thing: Any) -> bool:
    return thing is None or fingerprint(thing) != item.fingerprint


@publication()
def send_back(bundle: Bundle, *, by: Any, comment: str) -> Bundle:
    """Give it back to who handed it in, with what there is to mend. Raises NotNow."""
    bundle = _in_review(bundle, by)
    thaw(bundle, State.DRAFT)
    bundle.answer = comment
    bundle.save(update_fields=["answer"])
    audit.record("send_back_bundle", bundle, by=by, reason=comment)
    said = _("%(who)s 退回了：%(comment)s") % {"who": by, "comment": comment}
    _tell([bundle.handed_in_by], bundle, _("“%(bundle)s”被退回修改"), said)
    return bundle


def _in_review(bundle: Bundle, by: Any) -> Bundle:
    bundle = held(bundle)
    if bundle.state != State.IN_REVIEW:
        raise NotNow(_("“%(bundle)s”已经不在审核中。") % {"bundle": bundle})
    if not rights.is_reviewed_by(by, bundle):
        raise NotNow(_("这一批不由您审核：要负责其中每一项，而且没有写过、加过或送审过它们。"))
    return bundle


def _reviewers(bundle: Bundle) -> list[Any]:
    """Who may decide on it; administrators look after themselves."""
    people = User.objects.filter(is_active=True, posts__role=Role.REVIEWER).exclude(email="").distinct()
    return [person for person in people if rights.is_reviewed_by(person, bundle)]


def _tell(people: list[Any], bundle: Bundle, subject: str, text: str) -> None:
    address = reverse("bundles:detail", args=[bundle.pk])
    told = {"subject": subject % {"bundle": bundle}, "text": text, "address": address}
    transaction.on_commit(lambda: tell_people.write(people, **told), robust=True)
