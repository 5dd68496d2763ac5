"""What is recorded wherever it is done: accounts, rights, deletions, restrictions.

Publishing, imports and the like are recorded by the verbs that do them. These have many doors (Wagtail's own
screens, bulk actions, commands), which all end in the signals heard here.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import models
from django.db.models.signals import m2m_changed, post_delete, post_init, post_save, pre_delete
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.log_actions import get_active_log_context
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    PageLogEntry,
    PageViewRestriction,
)

from staff import audit, roles

# What makes an account what it is; a change of any other field (the last sign-in) is none of the account's.
ACCOUNT_FIELDS = ["username", "display_name", "email", "phone", "is_active", "is_superuser", "password"]
UNTOLD = {"password", "email", "phone"}  # that they changed is recorded, not from what to what
PAGE_ACTIONS = {"wagtail.delete": "delete_page", "wagtail.move": "move_page"}


def _record(action: str, thing: models.Model, **detail: Any) -> None:
    audit.record(action, thing, by=get_active_log_context().user, **detail)


# Accounts


def remember_account(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Keep what an account was when it was read, to tell what a save changes."""
    instance._as_read = _account(instance)


def _account(user: Any) -> dict[str, Any]:
    there = user.__dict__
    return {name: there[name] for name in ACCOUNT_FIELDS if name in there}


def on_account_saved(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    if kwargs.get("raw"):
        return
    before, now = instance._as_read, _account(instance)
    written = kwargs.get("update_fields")
    instance._as_read = now
    if created:
        _record("create_account", instance, username=instance.username)
        return
    changed = [
        name
        for name, value in now.items()
        if before.get(name, value) != value and (written is None or name in written)
    ]
    if "password" in changed and instance._password is None and instance.has_usable_password():
        changed.remove("password")  # the same one, hashed anew on signing in
    if changed:
        said = {name: [before[name], now[name]] for name in changed if name not in UNTOLD}
        _record("change_account", instance, fields=changed, changes=said)


def on_account_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    _record("delete_account", instance, username=instance.username)


# Rights


def on_groups_changed(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: set[Any] | None, **kwargs: Any
) -> None:
    """Groups given by hand; those that follow from posts are recorded as posts."""
    if action not in ("post_add", "post_remove", "pre_clear") or roles.is_following_posts():
        return
    if reverse:
        people = instance.user_set.all() if pk_set is None else get_user_model().objects.filter(pk__in=pk_set)
        groups, people = [instance.name], list(people)
    else:
        found = instance.groups.all() if pk_set is None else Group.objects.filter(pk__in=pk_set)
        groups, people = sorted(found.values_list("name", flat=True)), [instance]
    if groups:
        for person in people:
            _record("change_groups", person, **{"added" if action == "post_add" else "removed": groups})


def on_permissions_changed(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: set[Any] | None, **kwargs: Any
) -> None:
    if action not in ("post_add", "post_remove", "pre_clear") or reverse or roles.is_following_posts():
        return
    found = instance.permissions.all() if pk_set is None else Permission.objects.filter(pk__in=pk_set)
    names = sorted(
        ".".join(pair) for pair in found.order_by().values_list("content_type__app_label", "codename")
    )
    if names:
        _record("give_right" if action == "post_add" else "take_right", instance, rights=names)


def on_group_right_saved(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    if not kwargs.get("raw") and not roles.is_following_posts():
        _record("give_right", instance.group, **_right(instance))


def on_group_right_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    group = Group.objects.filter(pk=instance.group_id).first()  # deleting a group takes its rights along
    if group is not None and not roles.is_following_posts():
        _record("take_right", group, **_right(instance))


def _right(instance: Any) -> dict[str, Any]:
    right = {"rights": [instance.permission.codename] if instance.permission else []}
    if isinstance(instance, GroupPagePermission):
        return right | {"page": instance.page_id, "title": instance.page.title}
    return right | {"collection": instance.collection_id, "title": instance.collection.name}


def on_group_saved(sender: Any, instance: Group, created: bool, **kwargs: Any) -> None:
    if not kwargs.get("raw") and not roles.is_following_posts():
        _record("create_group" if created else "change_group", instance)


def on_group_deleted(sender: Any, instance: Group, **kwargs: Any) -> None:
    _record("delete_group", instance)


# Deletions, moves and restrictions


def on_file_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    action = "delete_image" if isinstance(instance, get_image_model()) else "delete_document"
    _record(action, instance, file=instance.file.name, hash=instance.file_hash)


def on_page_logged(sender: Any, instance: PageLogEntry, **kwargs: Any) -> None:
    """Wagtail notes deletions and moves of pages, by whichever screen; here they are kept."""
    action = PAGE_ACTIONS.get(instance.action)
    if action is None or kwargs.get("raw"):
        return
    page = Page.objects.filter(pk=instance.page_id).first() or Page(pk=instance.page_id, title=instance.label)
    user = instance.user or get_active_log_context().user
    audit.record(action, page, by=user, title=instance.label, **instance.data)


def on_restricted(sender: Any, instance: Any, **kwargs: Any) -> None:
    if not kwargs.get("raw"):
        _record("restrict", _place(instance), to=instance.restriction_type)


def on_unrestricted(sender: Any, instance: Any, **kwargs: Any) -> None:
    model: Any = Page if isinstance(instance, PageViewRestriction) else Collection
    place = model.objects.filter(pk=_place_id(instance)).first()  # deleting the place takes them along
    if place is not None:
        _record("unrestrict", place, to=instance.restriction_type)


def _place(instance: Any) -> Any:
    return instance.page if isinstance(instance, PageViewRestriction) else instance.collection


def _place_id(instance: Any) -> Any:
    return instance.page_id if isinstance(instance, PageViewRestriction) else instance.collection_id


def connect() -> None:
    user = get_user_model()
    post_init.connect(remember_account, user, dispatch_uid="staff.account_read")
    post_save.connect(on_account_saved, user, dispatch_uid="staff.account_saved")
    # Before, since the record still names the number that is gone after.
    pre_delete.connect(on_account_deleted, user, dispatch_uid="staff.account_deleted")
    m2m_changed.connect(on_groups_changed, user.groups.through, dispatch_uid="staff.groups_changed")
    m2m_changed.connect(on_permissions_changed, Group.permissions.through, dispatch_uid="staff.permissions")
    for right in (GroupPagePermission, GroupCollectionPermission):
        post_save.connect(on_group_right_saved, right, dispatch_uid=f"staff.{right.__name__}_saved")
        post_delete.connect(on_group_right_deleted, right, dispatch_uid=f"staff.{right.__name__}_deleted")
    post_save.connect(on_group_saved, Group, dispatch_uid="staff.group_saved")
    pre_delete.connect(on_group_deleted, Group, dispatch_uid="staff.group_deleted")
    for file in (get_image_model(), get_document_model()):
        pre_delete.connect(on_file_deleted, file, dispatch_uid=f"staff.{file.__name__}_deleted")
    post_save.connect(on_page_logged, PageLogEntry, dispatch_uid="staff.page_logged")
    for restriction in (PageViewRestriction, CollectionViewRestriction):
        post_save.connect(on_restricted, restriction, dispatch_uid=f"staff.{restriction.__name__}_saved")
        post_delete.connect(
            on_unrestricted, restriction, dispatch_uid=f"staff.{restriction.__name__}_deleted"
        )
