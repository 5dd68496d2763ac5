"""What is on the schedule, what is late and what failed, as the people who look after it see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.ui.components import Component
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import Revision

from publishing import troubles
from publishing.bundles import rights
from publishing.bundles.models import Bundle, content_type_of
from publishing.models import Trouble

LATE_AFTER = timedelta(minutes=5)
SHOWN = 200


@dataclass(frozen=True)
class Waiting:
    """Something with a time, and where to change that."""

    at: datetime
    work: str
    title: str
    url: str

    @property
    def is_late(self) -> bool:
        return timezone.now() - self.at > LATE_AFTER


@dataclass(frozen=True)
class Failed:
    """Something that did not happen at its time: its title, why, and what to do."""

    trouble: Trouble
    url: str


class OnSchedule:
    """What of the schedule one person may know of."""

    def __init__(self, user: Any) -> None:
        self.user, self.finder = user, AdminURLFinder(user)

    @cached_property
    def failed(self) -> list[Failed]:
        found = list(Trouble.objects.all()[:SHOWN])
        if not found:
            return []
        seen = set(
            rights.seen_among(self.user, [(each.content_type_id, int(each.object_id)) for each in found])
        )
        kind = content_type_of(Bundle).pk
        seen |= {(kind, pk) for pk in rights.visible_bundles(self.user).values_list("pk", flat=True)}
        mine = [each for each in found if (each.content_type_id, int(each.object_id)) in seen]
        return [Failed(each, self._url(each.thing)) for each in troubles.still_open(mine)]

    @cached_property
    def waiting(self) -> list[Waiting]:
        """By time; what failed is told of there."""
        told = {
            (failed.trouble.content_type_id, int(failed.trouble.object_id), failed.trouble.due_at)
            for failed in self.failed
        }
        revisions = Revision.objects.filter(approved_go_live_at__isnull=False)
        due = {
            (kind, int(pk)): at
            for kind, pk, at in revisions.order_by("-approved_go_live_at").values_list(
                "base_content_type_id", "object_id", "approved_go_live_at"
            )
        }
        things = rights.seen_among(self.user, due) if due else {}
        found = [
            Waiting(due[key], str(Trouble.Work.PUBLISH.label), _title(thing), self._url(thing))
            for key, thing in things.items()
            if (*key, due[key]) not in told
        ]
        for bundle in rights.visible_bundles(self.user).filter(state=Bundle.State.SCHEDULED):
            if (content_type_of(Bundle).pk, bundle.pk, bundle.go_live_at) not in told:
                work = str(Trouble.Work.BUNDLE.label)
                found.append(Waiting(bundle.go_live_at, work, bundle.name, self._url(bundle)))  # type: ignore[arg-type]  # has a time
        return sorted(found, key=lambda each: (each.at, each.title))[:SHOWN]

    @property
    def late(self) -> list[Waiting]:
        return [each for each in self.waiting if each.is_late]

    def _url(self, thing: Any) -> str:
        if isinstance(thing, Bundle):
            return reverse("bundles:detail", args=[thing.pk])
        return self.finder.get_edit_url(thing) or ""


def _title(thing: Any) -> str:
    return str(getattr(thing, "draft_title", "") or thing)


class ScheduleScreen(WagtailAdminTemplateMixin, View):
    """定时发布: what failed and why, what is late, what is to come."""

    page_title = gettext_lazy("定时发布")
    header_icon = "calendar-alt"
    template_name = "publishing/schedule.html"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": "", "label": str(self.page_title)},
        ]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not user_has_any_page_permission(request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render_to_response(self.get_context_data(schedule=OnSchedule(request.user)))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take a failure off the list: whoever may see it knows of it now."""
        asked = request.POST.get("trouble", "")
        for failed in OnSchedule(request.user).failed:
            if str(failed.trouble.pk) == asked and failed.trouble.next_try_at is None:
                failed.trouble.delete()
                messages.success(request, _("已从列表里去掉。"))
        return self.get(request)


class ScheduleNotice(Component):
    """On the first screen of those who look after it: what did not happen at its time."""

    order = 10
    template_name = "publishing/panels/schedule_notice.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        schedule = OnSchedule(parent_context["request"].user)
        return {"failed": schedule.failed, "late": schedule.late}


class BundlesToReview(Component):
    """Bundles that wait for this person's decision."""

    order = 110
    template_name = "publishing/panels/bundles_to_review.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        user = parent_context["request"].user
        waiting = rights.visible_bundles(user).filter(state=Bundle.State.IN_REVIEW)
        return {"bundles": [bundle for bundle in waiting if rights.is_reviewed_by(user, bundle)]}
