"""Review before publishing: by somebody who is responsible for that part of the site and did not write it."""

from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Site, Task, TaskState, WorkflowMixin

from content_models.base.models import Edition
from staff.roles import Role

Action = tuple[str, Any, bool]


class ReviewTask(Task):
    """Reviewers whose post covers the content decide; nobody decides on what they wrote or handed in."""

    class Meta:
        verbose_name = _("按岗位审核")
        verbose_name_plural = _("按岗位审核")

    @classmethod
    def get_description(cls) -> str:
        return str(_("由负责这一区域的审核员审核，本人不能审核自己的稿件"))

    def user_can_access_editor(self, obj: Model, user: Any) -> bool:
        return covers(user, obj)

    def locked_for_user(self, obj: Model, user: Any) -> bool:
        return not covers(user, obj)

    def user_can_lock(self, obj: Model, user: Any) -> bool:
        return covers(user, obj)

    def get_actions(self, obj: Any, user: Any) -> list[Action]:
        state = obj.current_workflow_task_state
        if state is None or not covers(user, obj) or is_own(state, user):
            return []
        return [
            ("reject", _("退回修改"), True),
            ("approve", _("通过"), False),
            ("approve", _("写意见后通过"), True),
        ]

    def get_task_states_user_can_moderate(self, user: Any, **kwargs: Any) -> QuerySet[TaskState]:
        waiting = self.task_states.filter(status=TaskState.STATUS_IN_PROGRESS)
        if not user.is_superuser:
            waiting = waiting.filter(_within(paths_reviewed_by(user)))
        return waiting.exclude(revision__user=user).exclude(workflow_state__requested_by=user)


def is_own(state: TaskState, user: Any) -> bool:
    """Whether ``user`` wrote or handed in what ``state`` waits for."""
    return user.pk in (state.revision.user_id, state.workflow_state.requested_by_id)


def covers(user: Any, obj: Any) -> bool:
    """Whether one of the user's reviewer posts is responsible for ``obj``."""
    return user.is_superuser or any(path_of(obj).startswith(path) for path in paths_reviewed_by(user))


def paths_reviewed_by(user: Any) -> list[str]:
    """Tree paths of the places the user reviews."""
    return list(user.posts.filter(role=Role.REVIEWER).values_list("place__path", flat=True))


def path_of(obj: Any) -> str:
    """Where content belongs in the tree; what belongs nowhere (a banner) is the district's."""
    if isinstance(obj, Page):
        return obj.path
    if isinstance(obj, Edition):
        return obj.owner.path
    return _district_path()


def _district_path() -> str:
    return Site.objects.select_related("root_page").get(is_default_site=True).root_page.path


def _within(paths: list[str]) -> Q:
    """Task states whose content lies in one of the subtrees."""
    found = Q(pk__in=[])
    for path in paths:
        pages = Page.objects.filter(path__startswith=path)
        found |= _is_about(Page, pages)
        for model in _other_reviewed_models():
            if issubclass(model, Edition):
                found |= _is_about(model, model.objects.filter(owner__path__startswith=path))
            elif _district_path().startswith(path):
                found |= _is_about(model, model._default_manager.all())
    return found


def _is_about(model: type[Model], things: QuerySet[Any]) -> Q:
    # Revisions name their object by text, so numbers are compared as text.
    ids = things.annotate(id_text=Cast("pk", CharField())).values("id_text")
    content_type = ContentType.objects.get_for_model(model)
    return Q(revision__base_content_type=content_type, revision__object_id__in=ids)


def _other_reviewed_models() -> list[Any]:
    return [
        model
        for model in apps.get_models()
        if issubclass(model, WorkflowMixin) and not issubclass(model, Page)
    ]
