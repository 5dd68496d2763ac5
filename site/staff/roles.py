"""Roles and the rights that follow from them; rights on content are given per subtree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group, Permission
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

if TYPE_CHECKING:
    from staff.models import User


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("管理员")
    DISTRICT_EDITOR = "district_editor", _("区编辑")
    STREET_EDITOR = "street_editor", _("街道编辑")
    COMMUNITY_EDITOR = "community_editor", _("社区编辑")
    IMPORTER = "importer", _("导入员")
    REVIEWER = "reviewer", _("审核员")
    AUDITOR = "auditor", _("审计员")


WITHOUT_PLACE = [Role.ADMINISTRATOR, Role.AUDITOR]

# The level of region an editor's post is for; other roles may look after any.
LEVELS: dict[str, str] = {
    Role.DISTRICT_EDITOR: "district",
    Role.STREET_EDITOR: "street",
    Role.COMMUNITY_EDITOR: "community",
}

EDITOR_PAGE_RIGHTS = ["add_page", "change_page", "publish_page", "lock_page", "unlock_page"]
# An importer prepares drafts; a reviewer looks at what others wrote and decides in the workflow.
PAGE_RIGHTS: dict[str, list[str]] = {
    Role.DISTRICT_EDITOR: EDITOR_PAGE_RIGHTS,
    Role.STREET_EDITOR: EDITOR_PAGE_RIGHTS,
    Role.COMMUNITY_EDITOR: EDITOR_PAGE_RIGHTS,
    Role.IMPORTER: ["add_page", "change_page"],
    Role.REVIEWER: ["change_page", "lock_page", "unlock_page"],
}

# Shared vocabulary and site-wide things that a district's editors look after.
DISTRICT_MODELS = [
    ("base", "topic"),
    ("base", "audience"),
    ("base", "code"),
    ("places", "department"),
    ("places", "calendaryear"),
    ("policy_lists", "listtype"),
    ("notices", "emergencybanner"),
    ("search", "synonymgroup"),
    ("search", "missing"),
    ("feedback", "demandreport"),
    ("appearance", "districtlook"),
    ("appearance", "traditionalname"),
]
MODEL_RIGHTS: dict[str, list[tuple[str, str]]] = {Role.DISTRICT_EDITOR: DISTRICT_MODELS}
FILE_RIGHTS = [
    "add_image",
    "change_image",
    "choose_image",
    "add_document",
    "change_document",
    "choose_document",
]


_following: ContextVar[bool] = ContextVar("following_posts", default=False)


@contextmanager
def _following_posts() -> Iterator[None]:
    token = _following.set(True)
    try:
        yield
    finally:
        _following.reset(token)


def is_following_posts() -> bool:
    """Whether rights are being given that follow from posts, which are recorded themselves."""
    return _following.get()


def group_name(role: str, place: Page | None) -> str:
    label = str(Role(role).label)
    return f"{label} · {place.title}（{place.pk}）" if place is not None else label


def group_for(role: str, place: Page | None = None) -> Group:
    """The group that carries ``role`` for the subtree of ``place``, made with its rights when new."""
    with _following_posts():
        group, created = Group.objects.get_or_create(name=group_name(role, place))
        if created:
            _give_rights(group, role, place)
    return group


def apply_posts(user: User) -> None:
    """Bring a user's groups in line with their posts; groups given by hand are left alone."""
    posts = list(user.posts.select_related("place"))
    mine = {group_for(post.role, post.place).pk for post in posts if post.role != Role.ADMINISTRATOR}
    ours = Group.objects.filter(_is_role_group()).values_list("pk", flat=True)
    with _following_posts():
        user.groups.remove(*(set(ours) - mine))
        user.groups.add(*mine)
    is_administrator = any(post.role == Role.ADMINISTRATOR for post in posts)
    if user.is_superuser != is_administrator:
        user.is_superuser = user.is_staff = is_administrator
        user.save(update_fields=["is_superuser", "is_staff"])


def _is_role_group() -> models.Q:
    either = models.Q(pk__in=[])
    for role in Role:
        either |= models.Q(name=role.label) | models.Q(name__startswith=f"{role.label} · ")
    return either


def _give_rights(group: Group, role: str, place: Page | None) -> None:
    group.permissions.add(_permission("wagtailadmin", "access_admin"))
    for app, model in MODEL_RIGHTS.get(role, []):
        for action in _actions(app, model):
            group.permissions.add(_permission(app, f"{action}_{model}"))
    if role == Role.AUDITOR:
        group.permissions.add(_permission("staff", "view_auditentry"))
    if place is not None:
        _give_page_rights(group, role, place)


def _give_page_rights(group: Group, role: str, place: Page) -> None:
    for codename in PAGE_RIGHTS.get(role, []):
        GroupPagePermission.objects.create(
            group=group, page=place, permission=_permission("wagtailcore", codename)
        )
    root = Collection.get_first_root_node()
    for codename in FILE_RIGHTS:
        app = "wagtailimages" if codename.endswith("image") else "wagtaildocs"
        GroupCollectionPermission.objects.create(
            group=group, collection=root, permission=_permission(app, codename)
        )


def _actions(app: str, model: str) -> list[str]:
    codenames = Permission.objects.filter(content_type__app_label=app, content_type__model=model)
    return [codename.removesuffix(f"_{model}") for codename in codenames.values_list("codename", flat=True)]


def _permission(app: str, codename: str) -> Any:
    return Permission.objects.get(content_type__app_label=app, codename=codename)
