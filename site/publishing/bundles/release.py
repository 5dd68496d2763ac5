"""A bundle goes public, at once or at its time, and comes back: all of it, or nothing."""

import logging
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import LogContext

from content_models.base.checks import NotPublishable
from content_models.base.models import Edition
from content_models.base.side_by_side import fingerprint
from publishing.bundles import rights
from publishing.bundles.compose import NotNow, held
from publishing.bundles.models import Bundle, BundleItem
from publishing.bundles.obstacles import look, mark_of, name_for, name_of, standing_in_the_way
from publishing.outbox import publication, take_turn
from publishing.publish import take_back
from staff import audit

logger = logging.getLogger("publishing")
State = Bundle.State


@publication()
def publish_bundle(bundle: Bundle, *, by: Any = None, seen: str = "", is_approved: bool = False) -> Bundle:
    """Make everything in it public in its order, in one batch of the outbox, or nothing at all.

    ``by`` needs the right to publish each; with ``is_approved`` those who reviewed it have decided. ``seen``
    is the mark of what that person looked at. Raises NotNow, and NotPublishable that names what stops it.
    """
    bundle = _in_turn(bundle)
    if bundle.state == State.PUBLISHED:
        return bundle
    if not (bundle.is_open or is_approved):
        raise NotNow(_("“%(bundle)s”%(state)s，不能直接发布。") % _said(bundle))
    if seen and seen != mark_of(bundle):
        raise NotNow(_("您看过之后，这一批里的内容又被改过。请再看一遍，再发布。"))
    items = _items(bundle)
    things = _checked(bundle, items, by=by, is_approved=is_approved)
    with LogContext(user=by):
        for item in items:
            _publish_item(item, things[item.pk], by)
    bundle.state, bundle.published_by, bundle.published_at = State.PUBLISHED, by, timezone.now()
    bundle.problem = ""
    bundle.save(update_fields=["state", "published_by", "published_at", "problem"])
    audit.record("publish_bundle", bundle, by=by, count=len(items), entries=[item.label for item in items])
    return bundle


def _in_turn(bundle: Bundle) -> Bundle:
    take_turn()
    return held(bundle)


def _said(bundle: Bundle) -> dict[str, Any]:
    return {"bundle": bundle, "state": bundle.state_label}


def _items(bundle: Bundle) -> list[BundleItem]:
    items = list(bundle.items.select_related("content_type", "revision"))
    if not items:
        raise NotNow(_("这一批还是空的。请先加入页面或版本。"))
    return items


def _checked(bundle: Bundle, items: list[BundleItem], *, by: Any, is_approved: bool) -> dict[int, Any]:
    """The things behind their locks; raises NotPublishable with everything that stands in the way."""
    things = rights.things_of(items)
    for thing in things.values():
        if isinstance(thing, Edition):  # whoever changes its rows waits
            type(thing).objects.select_for_update(of=("self",)).get(pk=thing.pk)
    problems = []
    for item in items:
        thing = things.get(item.pk)
        problems += [_("“%(item)s”：%(problem)s") % {"item": name_for(by, item, thing), "problem": problem}
                     for problem in _in_the_way(bundle, item, thing, by, is_approved)]  # fmt: skip
    owners = [thing.owner_id for thing in things.values() if isinstance(thing, Edition)]
    if len(owners) > len(set(owners)):
        problems.append(_("同一份清单有两个版本在这一批里，只能留一个。"))
    if problems:
        raise NotPublishable(bundle, problems)
    return things


def _in_the_way(bundle: Bundle, item: BundleItem, thing: Any, by: Any, is_approved: bool) -> list[str]:
    if thing is None:
        return [_("它已经被删除，请移出这一批。")]
    if not is_approved and not rights.may(by, "publish", thing):
        return [_("您没有发布它的权限，可以送审。")]
    if bundle.is_frozen and fingerprint(thing) != item.fingerprint:
        return [_("送审或定时之后，它又被改过。请先撤回，看过新的内容后再送审或定时。")]
    return standing_in_the_way(thing, item, None if is_approved else by)


def _publish_item(item: BundleItem, thing: Any, by: Any) -> None:
    revision = item.revision if item.fingerprint else thing.latest_revision
    if revision is None:
        revision = thing.save_revision(user=by, clean=False)
    item.was_live, item.before_id = thing.live, thing.live_revision_id
    require_readable(item, revision)
    try:
        revision.publish(user=by, skip_permission_checks=True)
    except NotPublishable as error:
        said = [_("“%(item)s”：%(problem)s") % {"item": name_of(item, thing), "problem": problem}
                for problem in error.problems]  # fmt: skip
        raise NotPublishable(item.bundle, said) from error
    item.published_revision, item.label = revision, name_of(item, thing)[:300]
    item.revision, item.fingerprint = None, ""
    item.save()


def require_readable(item: BundleItem, revision: Any) -> None:
    """Raise NotPublishable that names the item where nothing can be made of what was saved."""
    try:
        revision.as_object()
    except DatabaseError:
        raise
    except Exception as error:
        logger.exception("What a bundle would publish cannot be read: %r", item)
        said = _("“%(item)s”保存的内容读不出来。请打开它重新保存；还不行，请找管理员。") % {
            "item": item.label
        }
        raise NotPublishable(item.bundle, [said]) from error


@publication()
def schedule_bundle(bundle: Bundle, *, at: datetime, by: Any, seen: str = "") -> Bundle:
    """Have it published at ``at`` exactly as it stands now. Raises NotNow and NotPublishable."""
    bundle = _in_turn(bundle)
    if not bundle.is_open:
        raise NotNow(_("“%(bundle)s”%(state)s，不能定时。") % _said(bundle))
    if at <= timezone.now():
        raise NotNow(_("发布时间要晚于现在。"))
    if seen and seen != mark_of(bundle):
        raise NotNow(_("您看过之后，这一批里的内容又被改过。请再看一遍，再定时。"))
    freeze(bundle, by=by, is_approved=False)
    bundle.state, bundle.go_live_at, bundle.handed_in_by, bundle.problem = State.SCHEDULED, at, by, ""
    bundle.save(update_fields=["state", "go_live_at", "handed_in_by", "problem"])
    audit.record("schedule_bundle", bundle, by=by, at=at.isoformat(timespec="minutes"))
    return bundle


def freeze(bundle: Bundle, *, by: Any, is_approved: bool) -> None:
    """Keep for each item what it is now. Raises NotPublishable with all that keeps it from going public."""
    items = _items(bundle)
    things = _checked(bundle, items, by=by, is_approved=is_approved)
    problems = [
        _("“%(item)s”：%(problem)s") % {"item": line.title, "problem": problem}
        for line in look(bundle, by)
        for problem in line.stops
    ]
    if problems:
        raise NotPublishable(bundle, problems)
    for item in items:
        thing = things[item.pk]
        if thing.latest_revision is None:
            thing.save_revision(user=by, clean=False)
        item.revision, item.fingerprint = thing.latest_revision, fingerprint(thing)
    BundleItem.objects.bulk_update(items, ["revision", "fingerprint"])


@publication()
def reopen(bundle: Bundle, *, by: Any) -> Bundle:
    """Take it off the schedule or out of review: it is a draft again, and nothing is frozen."""
    bundle = held(bundle)
    if not bundle.is_frozen:
        return bundle
    action = "unschedule_bundle" if bundle.state == State.SCHEDULED else "withdraw_bundle"
    thaw(bundle, State.DRAFT)
    audit.record(action, bundle, by=by)
    return bundle


def thaw(bundle: Bundle, state: str, *, problem: str = "") -> None:
    bundle.state, bundle.go_live_at, bundle.problem = state, None, problem
    bundle.save(update_fields=["state", "go_live_at", "problem"])
    bundle.items.update(revision=None, fingerprint="")


@publication()
def take_bundle_back(bundle: Bundle, *, by: Any) -> Bundle:
    """Give each thing back what stood before, the last one first, or leave everything as it is.

    Raises NotPublishable that names what has moved on since and stays.
    """
    bundle = _in_turn(bundle)
    if bundle.state != State.PUBLISHED:
        return bundle
    items = list(bundle.items.select_related("content_type", "before"))
    things = rights.things_of(items)
    if problems := problems_of_taking_back(items, things, by):
        raise NotPublishable(bundle, problems)
    with LogContext(user=by):
        for item in reversed(items):
            _take_item_back(item, things[item.pk], by)
    bundle.state = State.TAKEN_BACK
    bundle.save(update_fields=["state"])
    audit.record("take_back_bundle", bundle, by=by, count=len(items), entries=[item.label for item in items])
    return bundle


def problems_of_taking_back(items: list[BundleItem], things: dict[int, Any], by: Any) -> list[str]:
    """Sentences that name what cannot go back to what stood before."""
    found = (
        (name_for(by, item, things.get(item.pk)), _stays(item, things.get(item.pk), by)) for item in items
    )
    return [_("“%(item)s”%(why)s") % {"item": name, "why": why} for name, why in found if why]


def _stays(item: BundleItem, thing: Any, by: Any) -> str:
    if thing is None:
        return _("已经被删除，整批不能一起撤回。")
    if by is not None and not rights.may(by, "publish", thing):
        return _("不在您可以发布的范围里，整批不能由您撤回。")
    if thing.locked and (by is None or thing.locked_by_id != by.pk):
        return _("被锁定，请先解锁。")
    if isinstance(thing, Edition):
        return "" if thing.is_current else _("已不是现行版本，后来的版本替换了它，整批不能一起撤回。")
    if not thing.live:
        return _("已经单独撤下，整批不能一起撤回。")
    if thing.live_revision_id != item.published_revision_id:
        return _("之后又发布过新的内容，整批不能一起撤回。请单独处理它。")
    if item.was_live and item.before is None:
        return _("发布前的内容没有留存，不能恢复。请单独处理它。")
    return ""


def _take_item_back(item: BundleItem, thing: Any, by: Any) -> None:
    if isinstance(thing, Edition) or not item.was_live:
        take_back(thing, by=by)
        return
    assert item.before is not None
    try:
        item.before.publish(user=by, skip_permission_checks=True)
    except NotPublishable as error:
        said = {"item": name_of(item, thing), "problem": " ".join(error.problems)}
        sentence = _("“%(item)s”原来的内容现在不能再发布：%(problem)s") % said
        raise NotPublishable(item.bundle, [sentence]) from error
