"""The menu 居民反馈, and the lines on the dashboard that lead to what waits there."""

from typing import Any, ClassVar

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component

from content_models.base.admin_views import JobGroup
from feedback import reports, usefulness
from feedback.report_admin import ReportsViewSet
from feedback.rights import keeps_district, keeps_pages, reports_of
from feedback.usefulness_admin import UsefulnessViewSet

PAGES_SHOWN = 5


class FeedbackGroup(JobGroup):
    menu_label = _("居民反馈")
    menu_name = "feedback-group"
    menu_icon = "comment"
    menu_order = 167
    items = (ReportsViewSet, UsefulnessViewSet)


@hooks.register("register_admin_viewset")
def register_feedback_screens() -> FeedbackGroup:
    return FeedbackGroup()


class WhatResidentsSay(Component):
    """Reports that wait for the user, and remarks on pages that the user answers for."""

    order = 62
    template_name = "feedback/panels/what_residents_say.html"

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["feedback/admin.css"]}

    def __init__(self, user: Any) -> None:
        self.mine = reports_of(user)
        self.waiting = self.mine.open().count()
        self.assigned = self.mine.open().filter(assigned_to=user).count()
        self.remarks = usefulness.unread_of(user)

    @property
    def says_anything(self) -> bool:
        return bool(self.waiting or self.remarks)

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        listing = reverse("demand-reports:index")
        pages: dict[tuple[int, str], Any] = {}
        for remark in self.remarks:
            row = {
                "title": remark.page.title,
                "number": 0,
                "url": usefulness.screen_of(remark.page_id, remark.key),
            }
            pages.setdefault((remark.page_id, remark.key), row)["number"] += 1
        return {
            "waiting": self.waiting,
            "waiting_url": f"{listing}?wait=open",
            "overdue": reports.overdue(self.mine).count(),
            "overdue_url": f"{listing}?wait=overdue",
            "assigned": self.assigned,
            "assigned_url": f"{listing}?wait=open&assigned=me",
            "remarks": len(self.remarks),
            "remarks_url": f"{reverse('usefulness:index')}?remarks=unread",
            "pages": list(pages.values())[:PAGES_SHOWN],
        }


@hooks.register("construct_homepage_panels")
def add_what_residents_say(request: HttpRequest, panels: list[Any]) -> None:
    if keeps_pages(request.user) or keeps_district(request.user):
        panel = WhatResidentsSay(request.user)
        if panel.says_anything:
            panels.append(panel)
