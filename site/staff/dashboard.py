"""What staff meet after signing in: quick ways to their jobs, their own drafts, what waits for review."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import WorkflowObjectsToModeratePanel
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from content_models.base.models import Edition
from content_models.certificates.models import CertificateChannel, CertificateListPage
from content_models.communities.models import CommunityPage
from content_models.guides.models import GuideChannel, GuidePage
from content_models.notices.models import NoticeChannel
from content_models.places.models import OfficePage
from content_models.places.window_status import keeps_offices
from content_models.policy_lists.models import ListChannel, PolicyListPage
from staff.roles import Role
from staff.workflow import paths_reviewed_by

DRAFTS_SHOWN = 10
WAITING = "?reviewable=true"


def _may_add(user: Any) -> bool:
    return page_permission_policy.user_has_permission(user, "add")


def _may_import(user: Any) -> bool:
    return page_permission_policy.user_has_any_permission(user, ["add", "change"])


def _reviews(user: Any) -> bool:
    return user.is_superuser or bool(paths_reviewed_by(user))


def _is_administrator(user: Any) -> bool:
    return user.is_superuser


def _may_publish(user: Any) -> bool:
    return page_permission_policy.user_has_permission(user, "publish")


def _reads_audit(user: Any) -> bool:
    return user.has_perm("staff.view_auditentry")


def _works_on(*models: type[Page]) -> Callable[[Any], bool]:
    """Whether there are pages of these types in the user's own parts of the site."""

    def is_for(user: Any) -> bool:
        own = page_permission_policy.instances_user_has_any_permission_for(user, {"add"})
        return _may_add(user) and own.type(models).exists()

    return is_for


@dataclass(frozen=True)
class Job:
    """One thing people come to do."""

    label: Any
    url_name: str
    icon: str
    is_for: Callable[[Any], bool]
    query: str = ""
    first_for: Role | None = None


JOBS = [
    Job(
        _("我要审核待发布的内容"), "wagtailadmin_reports:workflow_tasks", "clipboard-list", _reviews, WAITING
    ),
    Job(_("我要设置窗口状态"), "window_status:index", "time", keeps_offices),
    Job(_("我要发布一条公告"), "notices:choose_parent", "doc-full", _works_on(NoticeChannel)),
    Job(_("我要修改办事指南"), "guides:index", "form", _works_on(GuideChannel, GuidePage)),
    Job(_("我要更新清单"), "policy-lists:index", "list-ul", _works_on(ListChannel, PolicyListPage)),
    Job(
        _("我要核对证明"),
        "certificate-lists:index",
        "check",
        _works_on(CertificateChannel, CertificateListPage),
    ),
    Job(_("我要改场所的办公时间"), "offices:index", "home", _works_on(OfficePage)),
    Job(_("我要更新社区情况"), "communities:index", "group", _works_on(CommunityPage)),
    Job(_("等我办理的评定与准入"), "procedures:index", "tasks", _may_import, "?show=mine"),
    Job(_("我要处理居民反映"), "demand-reports:index", "comment", _may_publish),
    Job(_("我要导入表格"), "imports:start", "upload", _may_import, first_for=Role.IMPORTER),
    Job(_("我要几处内容一起发布"), "bundles:index", "folder-open-inverse", _may_import),
    Job(_("我要安排同事的岗位"), "posts:index", "key", _is_administrator),
    Job(_("我要查操作记录"), "audit:index", "history", _reads_audit),
]


class QuickLinks(Component):
    """Short ways to the jobs the user may do."""

    order = 50
    template_name = "staff/panels/quick_links.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        user = parent_context["request"].user
        roles = set(user.posts.values_list("role", flat=True))
        jobs = [job for job in JOBS if job.is_for(user)]
        jobs.sort(key=lambda job: job.first_for not in roles)
        return {"jobs": [(job.label, reverse(job.url_name) + job.query, job.icon) for job in jobs]}


class ToReview(WorkflowObjectsToModeratePanel):
    """What waits for the user's review; reviewers are also told when nothing does."""

    template_name = "staff/panels/to_review.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return super().get_context_data(parent_context) | {
            "reviews": _reviews(parent_context["request"].user)
        }


class MyDrafts(Component):
    """What the user has written and nobody can read yet."""

    order = 230
    template_name = "staff/panels/my_drafts.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        user = parent_context["request"].user
        return {"pages": self._pages(user), "editions": list(self._editions(user)), "writes": _may_add(user)}

    def _pages(self, user: Any) -> Iterable[Page]:
        if not user_has_any_page_permission(user):
            return []
        return (
            page_permission_policy.explorable_instances(user)
            .filter(has_unpublished_changes=True, latest_revision__user=user)
            .order_by("-latest_revision_created_at")
            .specific(defer=True)[:DRAFTS_SHOWN]
        )

    def _editions(self, user: Any) -> Iterable[tuple[Edition, str]]:
        finder = AdminURLFinder(user)
        for model in apps.get_models():
            if issubclass(model, Edition):
                drafts: Any = model.objects.filter(created_by=user, live=False, taken_back_at=None)
                for edition in drafts.select_related("owner").order_by("-created_at")[:DRAFTS_SHOWN]:
                    if url := finder.get_edit_url(edition):
                        yield edition, url
