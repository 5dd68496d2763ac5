"""信息公开目录: every notice that is public, by number, publisher, year, category and validity."""

import django_filters
from django.apps import apps
from django.db.models import Q
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from wagtail.models import Site

from content_models.base.filters import counted
from content_models.base.listing import Listing
from content_models.base.spreadsheets import OutColumn, OutSheet, as_download, write_csv
from content_models.notices.filters import NoticeFilters

PER_PAGE = 30
MOST_PUBLISHERS = 300


def disclosed(request):
    """Public notices of this site, newest first."""
    site = Site.find_for_request(request)
    notices = apps.get_model("notices", "NoticePage").objects.live().public()
    notices = notices.descendant_of(site.root_page) if site is not None else notices.none()
    return notices.order_by("-first_published_at", "-pk")


def _publishers():
    names = apps.get_model("notices", "NoticePage").objects.live().public()
    names = names.order_by("publisher").values_list("publisher", flat=True).distinct()[:MOST_PUBLISHERS]
    return [(name, name) for name in names]


class DisclosureFilters(NoticeFilters):
    """How residents narrow the catalogue."""

    search_fields = ["title", "publisher", "doc_no", "index_no"]

    publisher = django_filters.ChoiceFilter(label=gettext_lazy("发布机构"), choices=_publishers)
    validity = django_filters.ChoiceFilter(
        label=gettext_lazy("有效性"),
        method="standing",
        choices=[
            ("in_force", gettext_lazy("有效")),
            ("expired", gettext_lazy("失效")),
            ("repealed", gettext_lazy("废止")),
        ],
    )

    def standing(self, notices, name, value):
        """As ``NoticePage.state`` says it of one."""
        is_past = Q(expires_on__isnull=False, expires_on__lt=timezone.localdate())
        if value == "in_force":
            return notices.filter(validity=value).exclude(is_past)
        if value == "expired":
            return notices.filter(Q(validity=value) | Q(is_past, validity="in_force"))
        return notices.filter(validity=value)

    def count_publisher(self, queryset):
        return counted(queryset, "publisher")


def _listing(request):
    notices = disclosed(request).select_related("topic_term")
    return Listing(notices, request=request, filterset_class=DisclosureFilters, page_size=PER_PAGE)


@require_safe
def catalogue(request):
    """The catalogue as a page."""
    return render(
        request,
        "notices/disclosure.html",
        {
            "listing": _listing(request),
            "column_name": _("信息公开目录"),
            "column_text": _("主动公开的文件和公告，按索引号、文号、发布机构、年份和有效性查找。"),
        },
    )


@require_safe
def download(request):
    """What the page lists with the filters at hand, on all its pages, as a spreadsheet."""
    columns = [
        _("索引号"),
        _("文号"),
        _("名称"),
        _("发布机构"),
        _("主题分类"),
        _("发布日期"),
        _("有效性"),
        _("网址"),
    ]
    sheet = OutSheet(
        _("信息公开目录"),
        [OutColumn(label) for label in columns],
        (_row(notice, request) for notice in _listing(request).queryset.iterator(chunk_size=500)),
    )
    response = as_download(b"", _("信息公开目录") + ".csv")
    write_csv(sheet, response)
    return response


def _row(notice, request):
    return [
        notice.index_no,
        notice.doc_no,
        notice.title,
        notice.publisher,
        notice.topic_term.name if notice.topic_term else "",
        f"{timezone.localtime(notice.first_published_at):%Y-%m-%d}" if notice.first_published_at else "",
        str(notice.state_label),
        request.build_absolute_uri(notice.get_url(request)),
    ]
