"""Putting a bundle together: its name, what belongs to it, and in which order."""

from typing import Any

from django.utils.translation import gettext as _

from publishing.bundles import rights
from publishing.bundles.models import Bundle, BundleItem, content_type_of
from publishing.bundles.obstacles import name_of
from publishing.outbox import publication
from staff import audit

MOST = 100


class NotNow(Exception):
    """What cannot be done with a bundle as it stands; the message is for the person who tried."""


@publication()
def make(*, name: str, note: str = "", by: Any) -> Bundle:
    """A new, empty bundle."""
    bundle = Bundle.objects.create(name=name, note=note, made_by=by)
    audit.record("create_bundle", bundle, by=by)
    return bundle


@publication()
def rename(bundle: Bundle, *, name: str, note: str, by: Any) -> Bundle:
    """Give it another name or description."""
    bundle = open_for_changes(bundle)
    before, bundle.name, bundle.note = bundle.name, name, note
    bundle.save(update_fields=["name", "note"])
    audit.record("change_bundle", bundle, by=by, changes={"name": [before, name]} if before != name else {})
    return bundle


@publication()
def add(bundle: Bundle, thing: Any, *, by: Any) -> BundleItem | None:
    """Put ``thing`` at its end; None where it is in it already. Raises NotNow."""
    bundle = open_for_changes(bundle)
    if not rights.may_belong(thing) or not may_change(by, thing):
        raise NotNow(_("您不能把“%(thing)s”加入这一批。") % {"thing": thing})
    items, kind = bundle.items, content_type_of(type(thing))
    if items.filter(content_type=kind, object_id=thing.pk).exists():
        return None
    if items.count() >= MOST:
        raise NotNow(_("一批最多 %(most)d 项。请另建一批。") % {"most": MOST})
    last = items.order_by("position").values_list("position", flat=True).last() or 0
    item = BundleItem(
        bundle=bundle, position=last + 1, content_type=kind, object_id=thing.pk, added_by=by
    )  # fmt: skip
    item.label = name_of(item, thing)[:300]
    item.save()
    audit.record("change_bundle", bundle, by=by, added=[item.label])
    return item


def may_change(user: Any, thing: Any) -> bool:
    return rights.may(user, "change", thing) or rights.may(user, "publish", thing)


@publication()
def remove(item: BundleItem, *, by: Any) -> None:
    """Take a thing out; it stays as it is."""
    bundle = open_for_changes(item.bundle)
    audit.record("change_bundle", bundle, by=by, removed=[item.label])
    item.delete()


@publication()
def move(item: BundleItem, *, up: bool) -> None:
    """Change places with the one before or after it."""
    bundle = open_for_changes(item.bundle)
    items = list(bundle.items.all())
    here = items.index(item)
    there = here - 1 if up else here + 1
    if 0 <= there < len(items):
        items[here], items[there] = items[there], items[here]
        for position, each in enumerate(items, 1):
            each.position = position
        BundleItem.objects.bulk_update(items, ["position"])


@publication()
def delete(bundle: Bundle, *, by: Any) -> None:
    """Remove a bundle that was never published; what it held stays as it is."""
    bundle = open_for_changes(bundle)
    if bundle.published_at is not None:
        raise NotNow(_("发布过的一批作为记录保留，不能删除。"))
    audit.record("delete_bundle", bundle, by=by, title=bundle.name)
    bundle.delete()


def open_for_changes(bundle: Bundle) -> Bundle:
    """The bundle as the database has it, behind its lock. Raises NotNow where it may not change."""
    bundle = held(bundle)
    if not bundle.is_open:
        raise NotNow(
            _("“%(bundle)s”%(state)s，现在不能改。请先撤回。")
            % {"bundle": bundle, "state": bundle.state_label}
        )
    return bundle


def held(bundle: Bundle) -> Bundle:
    return Bundle.objects.select_for_update(of=("self",)).get(pk=bundle.pk)
