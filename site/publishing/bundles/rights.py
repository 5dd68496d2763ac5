"""Who may see and do what with a bundle: what they may do with everything in it."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from wagtail.models import Page
from wagtail.permission_policies.base import ModelPermissionPolicy
from wagtail.permissions import page_permission_policy

from content_models.base.drafts import Publishable
from content_models.base.edition_rights import EditionPermissionPolicy
from content_models.base.models import Edition
from content_models.base.pages import ContentPage
from publishing.bundles.models import Bundle, BundleItem, content_type_of
from staff.workflow import covers

ON_PAGES = {"add", "change", "publish", "lock", "unlock"}


def kinds() -> list[type[Any]]:
    """What may belong to a bundle beside pages: each kind of edition, and banners."""
    return [model for model in apps.get_models() if issubclass(model, Publishable)]


def may_belong(thing: Any) -> bool:
    """Whether it is published as everything else is: by revisions, and told under a topic of its own."""
    return isinstance(thing, (ContentPage, Publishable)) and hasattr(thing, "topic")


def may(user: Any, action: str, thing: Any) -> bool:
    """Whether ``user`` may "view", "change" or "publish" a page, an edition or a banner."""
    if isinstance(thing, Page):
        rights = page_permission_policy
        asked = ON_PAGES if action == "view" else {action}
        if rights.user_has_any_permission_for_instance(user, asked, thing):
            return True
        return action == "change" and thing.permissions_for_user(user).can_edit()
    if isinstance(thing, Edition):
        return EditionPermissionPolicy(type(thing)).user_has_permission_for_instance(user, action, thing)
    if action == "view":
        return may(user, "change", thing) or may(user, "publish", thing) or covers(user, thing)
    return ModelPermissionPolicy(type(thing)).user_has_permission(user, action)


def seen_by(user: Any) -> Q:
    """Items that ``user`` may know of."""
    pages = page_permission_policy.instances_user_has_any_permission_for(user, ON_PAGES)
    seen = Q(content_type=content_type_of(Page), object_id__in=pages.values("pk"))
    for model in kinds():
        mine = Q(content_type=content_type_of(model))
        if issubclass(model, Edition):
            editions = EditionPermissionPolicy(model).instances_user_has_any_permission_for(user, ["view"])
            seen |= mine & Q(object_id__in=editions.order_by().values("pk"))
        elif may(user, "view", model()):
            seen |= mine
    return seen


def visible_bundles(user: Any) -> QuerySet[Bundle]:
    """Bundles of which ``user`` may see every item, and their own."""
    bundles = Bundle.objects.select_related("made_by")
    if user.is_superuser:
        return bundles
    unseen = BundleItem.objects.exclude(seen_by(user)).values("bundle")
    filled = BundleItem.objects.values("bundle")
    return bundles.filter(Q(made_by=user) | (Q(pk__in=filled) & ~Q(pk__in=unseen)))


def things_of(items: Iterable[BundleItem]) -> dict[int, Any]:
    """``{item id: thing}`` as the database has them, by one question for each kind; without what is gone."""
    items = list(items)
    found: dict[tuple[int, int], Any] = {}
    for content_type in {item.content_type_id: item.content_type for item in items}.values():
        model: Any = content_type.model_class()
        keys = [item.object_id for item in items if item.content_type_id == content_type.pk]
        things = model._default_manager.filter(pk__in=keys)
        if model is Page:
            things = things.specific()
        elif issubclass(model, Edition):
            things = things.select_related("owner", "latest_revision")
        found |= {(content_type.pk, thing.pk): thing for thing in things}
    keyed = ((item.pk, found.get((item.content_type_id, item.object_id))) for item in items)
    return {pk: thing for pk, thing in keyed if thing is not None}


def seen_among(user: Any, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    """``{(content type, id): thing}`` of those that ``user`` may know of."""
    wanted: dict[int, list[int]] = {}
    for kind, pk in keys:
        wanted.setdefault(kind, []).append(pk)
    found: dict[tuple[int, int], Any] = {}
    for model in (Page, *kinds()):
        kind = content_type_of(model).pk
        if kind in wanted:
            things = _seen_of(model, user).filter(pk__in=wanted[kind])
            found |= {(kind, thing.pk): thing for thing in things}
    return found


def _seen_of(model: Any, user: Any) -> Any:
    if model is Page:
        return page_permission_policy.instances_user_has_any_permission_for(user, ON_PAGES).specific()
    if issubclass(model, Edition):
        policy = EditionPermissionPolicy(model)
        return policy.instances_user_has_any_permission_for(user, ["view"]).select_related("owner")
    things = model._default_manager.all()
    return things if may(user, "view", model()) else things.none()


def is_reviewed_by(user: Any, bundle: Bundle) -> bool:
    """Whether ``user`` is responsible for all of it and wrote, added and handed in none of it."""
    items = list(bundle.items.select_related("revision", "content_type"))
    things = things_of(items)
    if user.pk in (bundle.made_by_id, bundle.handed_in_by_id) or not items or len(things) < len(items):
        return False
    return all(
        covers(user, things[item.pk]) and user.pk not in _authors(item, things[item.pk]) for item in items
    )


def _authors(item: BundleItem, thing: Any) -> set[Any]:
    return {
        item.added_by_id,
        item.revision.user_id if item.revision else None,
        getattr(thing, "created_by_id", None),
    } - {None}
