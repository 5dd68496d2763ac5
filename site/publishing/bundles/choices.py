"""What a person could put into a bundle: what they work on and nobody can read yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from content_models.base.edition_rights import EditionPermissionPolicy
from content_models.base.models import Edition
from content_models.base.pages import ContentPage
from publishing.bundles import rights
from publishing.bundles.models import Bundle, content_type_of

SHOWN = 50


@dataclass(frozen=True)
class Choice:
    """One line of the list; ``value`` is ``content type:id``."""

    value: str
    title: str
    kind: str
    place: str


def value_of(thing: Any) -> str:
    return f"{content_type_of(type(thing)).pk}:{thing.pk}"


def find(value: str, user: Any) -> Any:
    """The thing that a value names, if ``user`` may see it; None otherwise."""
    kind, _colon, pk = value.partition(":")
    if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (kind, pk)):
        return None
    for model in (Page, *rights.kinds()):
        if content_type_of(model).pk == int(kind):
            thing = model._default_manager.filter(pk=int(pk)).first()
            thing = thing.specific if isinstance(thing, Page) else thing
            return thing if thing is not None and rights.may(user, "view", thing) else None
    return None


def choices(bundle: Bundle, user: Any, text: str) -> list[Choice]:
    """Unpublished things that ``user`` may change and that are not in ``bundle``, the newest first."""
    taken = {f"{item.content_type_id}:{item.object_id}" for item in bundle.items.all()}
    found = [*_pages(user, text), *_editions(user, text), *_others(user, text)]
    listed = [
        Choice(value_of(thing), title, str(thing._meta.verbose_name), place) for thing, title, place in found
    ]
    return [choice for choice in listed if choice.value not in taken]


def _pages(user: Any, text: str) -> Iterator[tuple[Any, str, str]]:
    pages = page_permission_policy.instances_user_has_any_permission_for(user, {"change", "publish"})
    pages = pages.filter(has_unpublished_changes=True, depth__gt=1)
    if text:
        pages = pages.filter(Q(draft_title__icontains=text) | Q(title__icontains=text))
    found = [
        page
        for page in pages.order_by("-latest_revision_created_at", "pk").specific(defer=True)[:SHOWN]
        if isinstance(page, ContentPage) and rights.may_belong(page)
    ]
    above = {page.path[: -Page.steplen] for page in found}
    places = dict(Page.objects.filter(path__in=above).values_list("path", "title"))
    for page in found:
        yield page, page.get_admin_display_title(), places.get(page.path[: -Page.steplen], "")


def _editions(user: Any, text: str) -> Iterator[tuple[Any, str, str]]:
    for model in rights.kinds():
        if issubclass(model, Edition):
            mine = EditionPermissionPolicy(model).instances_user_has_any_permission_for(
                user, ["change", "publish"]
            )
            drafts = mine.filter(live=False).select_related("owner")
            if text:
                drafts = drafts.filter(Q(title__icontains=text) | Q(owner__title__icontains=text))
            for edition in drafts.order_by("-created_at", "-pk")[:SHOWN]:
                yield edition, edition.title, edition.owner.title


def _others(user: Any, text: str) -> Iterator[tuple[Any, str, str]]:
    for model in rights.kinds():
        if issubclass(model, Edition) or not rights.may(user, "change", model()):
            continue
        drafts = model._default_manager.filter(Q(live=False) | Q(has_unpublished_changes=True))
        for thing in drafts.order_by("-pk")[:SHOWN]:
            if text in str(thing):
                yield thing, str(thing), ""
