"""页面评价: which pages readers found useful, which not, and what they wrote."""

import io
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, NumberColumn, TitleColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.reports import ReportView
from wagtail.admin.viewsets.base import ViewSet
from wagtail.models import Page

from content_models.base.spreadsheets import OutColumn, OutSheet, as_download, write_csv, write_xlsx
from content_models.certificates.models import Certificate, CertificateListPage
from content_models.guides.models import GuidePage
from content_models.places.models import OfficePage
from feedback.models import Rating, Remark
from feedback.report_admin import STYLE, ForKeepers, KeeperMenuItem, Streets, own_streets
from feedback.rights import own_pages
from feedback.usefulness import screen_of
from staff import audit

PERIODS = [("30", gettext_lazy("30 天")), ("90", gettext_lazy("90 天")), ("365", gettext_lazy("一年"))]
KINDS: dict[str, tuple[type[Page], Any]] = {
    "guides": (GuidePage, gettext_lazy("办事指南")),
    "certificates": (CertificateListPage, gettext_lazy("证明事项")),
    "offices": (OfficePage, gettext_lazy("办事场所")),
}
REMARKS_SHOWN = 50
EXPORTED_AT_ONCE = 500


class RatingFilters(WagtailFilterSet):
    days = django_filters.ChoiceFilter(
        label=gettext_lazy("时间"),
        choices=PERIODS,
        method="by_days",
        widget=forms.RadioSelect,
        empty_label=gettext_lazy("全部"),
    )
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("类型"),
        choices=[(name, label) for name, (_model, label) in KINDS.items()],
        method="by_kind",
        widget=forms.RadioSelect,
        empty_label=gettext_lazy("全部"),
    )
    street = django_filters.ModelChoiceFilter(
        label=gettext_lazy("街道"), queryset=own_streets, method="by_street", empty_label=gettext_lazy("全部")
    )
    remarks = django_filters.ChoiceFilter(
        label=gettext_lazy("留言"),
        choices=[("unread", gettext_lazy("有没看过的留言"))],
        method="by_remarks",
        widget=forms.RadioSelect,
        empty_label=gettext_lazy("全部"),
    )

    class Meta:
        model = Rating
        fields: list[str] = []

    def by_days(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(day__gt=timezone.localdate() - timedelta(days=int(value)))

    def by_kind(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(page__content_type=ContentType.objects.get_for_model(KINDS[value][0]))

    def by_street(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.filter(page__path__startswith=value.path)

    def by_remarks(self, queryset: Any, name: str, value: str) -> Any:
        either = Q(pk__in=[])
        for page, key in Remark.objects.unread().order_by().values_list("page", "key").distinct():
            either |= Q(page=page, key=key)
        return queryset.filter(either)


class JudgedPaginator(WagtailPaginator):
    verbose_name = verbose_name_plural = gettext_lazy("个页面")


class Usefulness(ForKeepers, ReportView):
    """Pages of one's own that were judged, with what was said of each; as a page, .xlsx or .csv."""

    page_title = gettext_lazy("页面评价")
    header_icon = "pick"
    index_url_name = "usefulness:index"
    index_results_url_name = "usefulness:results"
    filterset_class = RatingFilters
    paginator_class = JudgedPaginator
    is_searchable = True
    default_ordering = "-no_sum"
    list_export = ["title"]  # what Wagtail offers its buttons for; the columns are the table's
    columns = (
        TitleColumn(
            "title",
            label=gettext_lazy("页面"),
            get_url=lambda row: screen_of(row["page"], row["key"]),
        ),
        Column("kind", label=gettext_lazy("类型")),
        Column("street", label=gettext_lazy("街道")),
        NumberColumn("yes_sum", label=gettext_lazy("有帮助"), sort_key="yes_sum", classname="number"),
        NumberColumn("no_sum", label=gettext_lazy("没帮助"), sort_key="no_sum", classname="number"),
        Column("percent", label=gettext_lazy("有帮助的占"), classname="number"),
        NumberColumn("remarks", label=gettext_lazy("留言"), classname="number"),
        Column("unread", label=gettext_lazy("没看过的"), classname="number"),
    )

    def get_base_queryset(self) -> Any:
        mine = Rating.objects.filter(page__in=own_pages(self.request.user).values("pk"))
        return mine.order_by().values("page", "key").annotate(yes_sum=Sum("yes"), no_sum=Sum("no"))

    def order_queryset(self, queryset: Any) -> Any:
        return queryset.order_by(self.ordering, "page", "key")

    def search_queryset(self, queryset: Any) -> Any:
        return queryset.filter(page__title__icontains=self.search_query) if self.is_searching else queryset

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        paginator, page, rows, is_paginated = super().paginate_queryset(queryset, page_size)
        page.object_list = complete(rows)
        return paginator, page, page.object_list, is_paginated

    @property
    def no_results_message(self) -> Any:
        if self.is_searching or self.is_filtering:
            return _("没有符合条件的页面。")
        return _("还没有居民评价过页面。办事指南、证明和办事场所的页面下方都可以评价。")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["media"] += STYLE
        return context

    def as_spreadsheet(self, rows: Any, form: str) -> HttpResponse:
        name = f"{self.page_title} {timezone.localdate().isoformat()}"
        outs = [
            OutColumn(str(column.label), width=30 if column.name == "title" else 14)
            for column in self.columns
        ]
        sheet = OutSheet(str(self.page_title), outs, self._cells(rows))
        file = io.BytesIO()
        write_xlsx([sheet], file) if form == self.FORMAT_XLSX else write_csv(sheet, file)
        response = as_download(file.getvalue(), f"{name}.{form}")
        response["Cache-Control"] = "private, no-store"
        return response

    def _cells(self, rows: Any) -> Iterator[list[Any]]:
        for start in range(0, len(rows), EXPORTED_AT_ONCE):
            for row in complete(rows[start : start + EXPORTED_AT_ONCE]):
                yield [row[column.name] for column in self.columns]


def complete(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a listing with the names of their pages, and how many remarks there are."""
    found = [dict(row) for row in rows]
    pages = Page.objects.in_bulk({row["page"] for row in found})
    keyed = [row for row in found if row["key"]]
    named = Certificate.objects.filter(
        owner__in={row["page"] for row in keyed}, key__in={row["key"] for row in keyed}
    )
    names = {(owner, key): name for owner, key, name in named.values_list("owner", "key", "name")}
    remarks = Remark.objects.filter(page__in=pages).order_by().values_list("page", "key")
    written = {
        (page, key): (number, unread)
        for page, key, number, unread in remarks.annotate(
            all=Count("pk"), unread=Count("pk", filter=Q(read_at=None))
        )
    }
    kinds = {ContentType.objects.get_for_model(model).pk: label for model, label in KINDS.values()}
    streets = Streets()
    for row in found:
        page, total = pages[row["page"]], row["yes_sum"] + row["no_sum"]
        number, unread = written.get((row["page"], row["key"]), (0, 0))
        row |= {
            "title": names.get((page.pk, row["key"]), page.title),
            "kind": str(kinds.get(page.content_type_id, "")),
            "street": streets.of(page.path),
            "percent": f"{row['yes_sum'] * 100 // total}%" if total else "—",
            "remarks": number,
            "unread": unread or "",
        }
    return found


class OfPage(ForKeepers, WagtailAdminTemplateMixin, View):
    """What was said of one page; remarks can be marked as read, and deleted."""

    header_icon = "pick"
    template_name = "feedback/of_page.html"

    def dispatch(self, request: HttpRequest, page_id: int) -> Any:
        self.page_id, self.key = page_id, request.GET.get("key", "").replace("\0", "")
        return super().dispatch(request)

    @cached_property
    def page(self) -> Any:
        page = own_pages(self.request.user).filter(pk=self.page_id).first()
        if page is None:
            raise Http404
        return page

    @property
    def page_title(self) -> str:
        if not self.key:
            return str(self.page.title)
        named = Certificate.objects.filter(owner=self.page_id, key=self.key).values_list("name", flat=True)
        return named.first() or str(self.page.title)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": reverse("usefulness:index"), "label": _("页面评价")},
            {"url": "", "label": self.page_title},
        ]

    @property
    def remarks(self) -> Any:
        return Remark.objects.filter(page=self.page, key=self.key).select_related("read_by")

    def get(self, request: HttpRequest) -> HttpResponse:
        listed = Paginator(self.remarks, REMARKS_SHOWN).get_page(request.GET.get("p"))
        context = self.get_context_data(
            listed=listed,
            has_unread=any(remark.read_at is None for remark in listed),
            sums=self._sums(),
            key=self.key,
            public_url=self._public_url(),
            edit_url=reverse("wagtailadmin_pages:edit", args=[self.page.pk]),
        )
        context["media"] = context.get("media", forms.Media()) + STYLE
        return self.render_to_response(context)

    def post(self, request: HttpRequest) -> HttpResponse:
        remarks = self.remarks
        if remove := request.POST.get("remove", ""):
            remark = remarks.filter(pk=int(remove) if remove.isdecimal() and len(remove) < 19 else 0).first()
            if remark is not None:
                self._remove(remark)
                messages.success(request, _("留言已删除。"))
        elif up_to := request.POST.get("read", ""):
            number = int(up_to) if up_to.isdecimal() and len(up_to) < 19 else 0
            unread = remarks.unread().filter(pk__lte=number)
            unread.update(read_at=timezone.now(), read_by=request.user)
            messages.success(request, _("已标为看过。"))
        return redirect(screen_of(self.page.pk, self.key))

    def _remove(self, remark: Remark) -> None:
        """For good: that it was deleted is noted, and not what it said."""
        moment = timezone.localtime(remark.at)
        nameless = Remark(pk=remark.pk, text=f"{self.page_title} {moment:%Y-%m-%d %H:%M}")
        audit.record("delete_message", nameless, by=self.request.user)
        remark.delete()

    def _sums(self) -> list[dict[str, Any]]:
        """How often yes and no, in each period."""
        sums = []
        of_page = Rating.objects.filter(page=self.page, key=self.key).order_by()
        for days, label in [*PERIODS, ("", _("全部"))]:
            since = timezone.localdate() - timedelta(days=int(days)) if days else None
            rows = of_page.filter(day__gt=since) if since else of_page
            added = rows.aggregate(yes=Sum("yes"), no=Sum("no"))
            yes, no = added["yes"] or 0, added["no"] or 0
            percent = f"{yes * 100 // (yes + no)}%" if yes + no else "—"
            sums.append({"label": label, "yes": yes, "no": no, "percent": percent})
        return sums

    def _public_url(self) -> str:
        page = self.page.specific
        return (page.entry_url(self.key) if self.key else page.url) if page.live else ""


class UsefulnessViewSet(ViewSet):
    """The listing, and the screen of one page."""

    name = "usefulness"
    icon = "pick"
    menu_label = gettext_lazy("页面评价")
    menu_name = "usefulness"
    menu_item_class = KeeperMenuItem

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", Usefulness.as_view(), name="index"),
            path("results/", Usefulness.as_view(results_only=True), name="results"),
            path("<int:page_id>/", OfPage.as_view(), name="page"),
        ]
