"""证明索要反映: what residents reported, as a listing, a file, and one screen on which to handle each."""

import io
from collections.abc import Iterator
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.reports import ReportView
from wagtail.admin.viewsets.base import ViewSet

from content_models.base.rights import explorable_pages
from content_models.base.spreadsheets import OutColumn, OutSheet, as_download, write_csv, write_xlsx
from content_models.certificates.models import Certificate
from content_models.home.models import StreetPage
from feedback import reports
from feedback.models import DemandReport
from feedback.rights import handlers, handlers_of, keeps_district, keeps_pages, reports_of
from quality import personal_data

STYLE = forms.Media(css={"all": ["feedback/admin.css"]})


class KeeperMenuItem(MenuItem):
    """Shown to those who speak for some part of the site."""

    def is_shown(self, request: HttpRequest) -> bool:
        return keeps_pages(request.user) or keeps_district(request.user)


class ForKeepers:
    """A screen for those who speak for some part of the site."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not (keeps_pages(request.user) or keeps_district(request.user)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # a mixin


class Streets:
    """The names of streets by what lies in them."""

    def __init__(self) -> None:
        self.names = dict(StreetPage.objects.values_list("path", "title"))

    def of(self, path: str | None) -> str:
        steps = range(4, len(path or "") + 1, 4)
        return next((self.names[found] for end in steps if (found := (path or "")[:end]) in self.names), "")


def own_streets(request: Any) -> Any:
    return explorable_pages(request.user).filter(content_type__model="streetpage").order_by("path")


def _reported_certificates(request: Any) -> Any:
    return Certificate.objects.filter(demand_reports__in=reports_of(request.user)).distinct()


class ReportFilters(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("状态"), choices=DemandReport.State.choices, widget=forms.CheckboxSelectMultiple
    )
    wait = django_filters.ChoiceFilter(
        label=gettext_lazy("时限"),
        choices=[("open", gettext_lazy("还没办结")), ("overdue", gettext_lazy("已超期"))],
        method="by_wait",
        widget=forms.RadioSelect,
        empty_label=gettext_lazy("全部"),
    )
    assigned = django_filters.ChoiceFilter(
        label=gettext_lazy("由谁处理"),
        choices=[("me", gettext_lazy("我")), ("nobody", gettext_lazy("还没有人"))],
        method="by_assigned",
        widget=forms.RadioSelect,
        empty_label=gettext_lazy("全部"),
    )
    certificate = django_filters.ModelChoiceFilter(
        label=gettext_lazy("证明"), queryset=_reported_certificates, empty_label=gettext_lazy("全部")
    )
    unit = django_filters.CharFilter(label=gettext_lazy("谁要的"), lookup_expr="icontains")
    street = django_filters.ModelChoiceFilter(
        label=gettext_lazy("街道"), queryset=own_streets, method="by_street", empty_label=gettext_lazy("全部")
    )

    class Meta:
        model = DemandReport
        fields: list[str] = []

    def by_wait(self, queryset: Any, name: str, value: str) -> Any:
        return reports.overdue(queryset) if value == "overdue" else queryset.open()

    def by_assigned(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(assigned_to=self.request.user if value == "me" else None)

    def by_street(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.filter(office__path__startswith=value.path)


class ReportPaginator(WagtailPaginator):
    verbose_name = verbose_name_plural = gettext_lazy("条反映")


class Reports(ForKeepers, ReportView):
    """All that the user may handle, newest first; as a page, .xlsx or .csv."""

    page_title = gettext_lazy("证明索要反映")
    header_icon = "comment"
    results_template_name = "feedback/reports_results.html"
    index_url_name = "demand-reports:index"
    index_results_url_name = "demand-reports:results"
    filterset_class = ReportFilters
    paginator_class = ReportPaginator
    is_searchable = True
    default_ordering = "-reported_at"
    list_export = ["unit"]  # what Wagtail offers its buttons for; the columns are the table's

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "unit",
                label=gettext_lazy("谁要的"),
                get_url=lambda report: reverse("demand-reports:handle", args=[report.pk]),
                sort_key="unit",
            ),
            Column("certificate_name", label=gettext_lazy("要的证明"), sort_key="certificate_name"),
            Column("street", label=gettext_lazy("街道"), accessor=self._street),
            Column("state_text", label=gettext_lazy("状态"), accessor=self._state, sort_key="state"),
            Column(
                "assigned_to", label=gettext_lazy("由谁处理"), accessor=lambda each: each.assigned_to or ""
            ),
            DateColumn("reported_at", label=gettext_lazy("反映时间"), sort_key="reported_at"),
        ]

    @cached_property
    def streets(self) -> Streets:
        return Streets()

    @cached_property
    def late(self) -> set[int]:
        return set(reports.overdue(reports_of(self.request.user)).values_list("pk", flat=True))

    def _street(self, report: DemandReport) -> str:
        return self.streets.of(report.office.path if report.office is not None else None)

    def _state(self, report: DemandReport) -> str:
        is_late = report.pk in self.late
        return (
            _("%(state)s · 已超期") % {"state": report.get_state_display()}
            if is_late
            else report.get_state_display()
        )

    def get_base_queryset(self) -> Any:
        return reports_of(self.request.user).select_related("office", "assigned_to")

    def order_queryset(self, queryset: Any) -> Any:
        return queryset.order_by(self.ordering, "-pk")

    def search_queryset(self, queryset: Any) -> Any:
        if not self.is_searching:
            return queryset
        words = self.search_query
        return queryset.filter(unit__icontains=words) | queryset.filter(certificate_name__icontains=words)

    @property
    def no_results_message(self) -> Any:
        if self.is_searching or self.is_filtering:
            return _("没有符合条件的反映。")
        return _("还没有居民反映有人索要不再出具的证明。")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = reports_of(self.request.user)
        context: dict[str, Any] = super().get_context_data(
            **kwargs,
            waiting=mine.open().count(),
            overdue=len(self.late),
            due_workdays=reports.DUE_WORKDAYS,
            keeps_district=keeps_district(self.request.user),
        )
        context["media"] += STYLE
        return context

    # The file

    def as_spreadsheet(self, found: Any, form: str) -> HttpResponse:
        """With the project's own writer, since a resident's words may be a formula."""
        name = f"{self.page_title} {timezone.localdate().isoformat()}"
        titles: list[Any] = list(EXPORTED)
        if keeps_district(self.request.user):
            titles.append(_("联系方式"))
        columns = [OutColumn(str(title), width=20) for title in titles]
        sheet = OutSheet(str(self.page_title), columns, self._cells(found))
        file = io.BytesIO()
        write_xlsx([sheet], file) if form == self.FORMAT_XLSX else write_csv(sheet, file)
        response = as_download(file.getvalue(), f"{name}.{form}")
        response["Cache-Control"] = "private, no-store"
        return response

    def _cells(self, found: Any) -> Iterator[list[Any]]:
        has_contacts = keeps_district(self.request.user)
        for report in found:
            cells = [
                report.receipt,
                f"{timezone.localtime(report.reported_at):%Y-%m-%d %H:%M}",
                report.certificate_name,
                report.unit,
                report.office.title if report.office is not None else "",
                self._street(report),
                report.happened_on.isoformat() if report.happened_on else "",
                report.said,
                self._state(report),
                str(report.assigned_to or ""),
                report.answer,
            ]
            yield [*cells, report.contact] if has_contacts else cells


EXPORTED = [
    gettext_lazy("回执编号"), gettext_lazy("反映时间"), gettext_lazy("要的证明"), gettext_lazy("谁要的"),
    gettext_lazy("办事场所"), gettext_lazy("街道"), gettext_lazy("哪一天"), gettext_lazy("他们怎么说"),
    gettext_lazy("状态"), gettext_lazy("由谁处理"), gettext_lazy("给居民的答复"),
]  # fmt: skip


class HandleForm(forms.Form):
    """What is done with a report."""

    state = forms.ChoiceField(
        label=gettext_lazy("状态"), choices=DemandReport.State.choices, widget=forms.RadioSelect
    )
    office: Any = forms.ModelChoiceField(
        label=gettext_lazy("对应的办事场所"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("不清楚，或者不在名单里（由区里处理）"),
        help_text=gettext_lazy("选好以后，由这个场所所在街道、社区的编辑处理。"),
    )
    assigned_to: Any = forms.ModelChoiceField(
        label=gettext_lazy("由谁处理"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("还没有指定"),
    )
    answer = forms.CharField(
        label=gettext_lazy("给居民的答复"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("凭回执编号可以看到。不要写姓名、电话和证件号码。"),
    )
    note = forms.CharField(
        label=gettext_lazy("内部说明"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("只有同事看得到，记在下面的处理记录里。"),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, report: DemandReport, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.report = report
        offices: Any = self.fields["office"]
        offices.queryset = reports.known_offices()
        people: Any = self.fields["assigned_to"]
        # The district may give it to another place in the same step.
        people.queryset = handlers() if keeps_district(user) else handlers_of(report)

    def clean_answer(self) -> str:
        answer: str = self.cleaned_data["answer"].strip()
        if found := personal_data.find(answer):
            masked = "、".join(dict.fromkeys(finding.masked for finding in found))
            raise forms.ValidationError(
                _("答复里有%(label)s，请改成 %(masked)s，或者去掉。")
                % {"label": found[0].label, "masked": masked}
            )
        return answer

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        is_answered = cleaned.get("state") == DemandReport.State.ANSWERED
        if is_answered and not cleaned.get("answer") and "answer" not in self.errors:
            self.add_error("answer", _("状态是“已答复”，请写明答复了什么。"))
        person = cleaned.get("assigned_to")
        if person is not None:
            self.report.office = cleaned.get("office")
            if not handlers_of(self.report).filter(pk=person.pk).exists():
                self.add_error(
                    "assigned_to",
                    _("这位同事不负责这个场所所在的区域，看不到这条反映。请换一位，或者先选对场所。"),
                )
        return cleaned


class HandleReport(ForKeepers, WagtailAdminTemplateMixin, View):
    """One report: what was said, what was done so far, and what to do next."""

    header_icon = "comment"
    template_name = "feedback/handle_report.html"

    @property
    def page_title(self) -> str:
        return str(self.report)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": reverse("demand-reports:index"), "label": _("证明索要反映")},
            {"url": "", "label": self.page_title},
        ]

    def dispatch(self, request: HttpRequest, pk: int) -> Any:
        self.pk = pk
        return super().dispatch(request)

    @cached_property
    def report(self) -> DemandReport:
        return get_object_or_404(
            reports_of(self.request.user).select_related("certificate__owner"), pk=self.pk
        )

    @property
    def last_event(self) -> int:
        return self.report.events.order_by("-pk").values_list("pk", flat=True).first() or 0

    def get(self, request: HttpRequest) -> HttpResponse:
        report = self.report
        initial = {
            "state": report.state,
            "office": report.office_id,
            "assigned_to": report.assigned_to_id,
            "answer": report.answer,
            "seen": self.last_event,
        }
        return self._show(HandleForm(initial=initial, report=report, user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        report = self.report
        form = HandleForm(request.POST, report=report, user=request.user)
        if not form.is_valid():
            return self._show(form)
        done = {
            name: form.cleaned_data[name] for name in ("state", "office", "assigned_to", "answer", "note")
        }
        try:
            reports.handle(report, by=request.user, seen=form.cleaned_data["seen"] or 0, **done)
        except reports.HandledMeanwhile:
            form.add_error(
                None, _("刚才有同事处理过这一条，最新情况见下面的处理记录。还要改的话，请再按一次保存。")
            )
            form.data = {**request.POST.dict(), "seen": str(self.last_event)}
            return self._show(form)
        messages.success(request, _("已保存：%(state)s。") % {"state": report.get_state_display()})
        if not reports_of(request.user).filter(pk=report.pk).exists():
            return redirect("demand-reports:index")
        return redirect("demand-reports:handle", report.pk)

    def _show(self, form: HandleForm) -> HttpResponse:
        report = reports_of(self.request.user).select_related("certificate__owner").get(pk=self.pk)
        number = 0
        if report.certificate is not None:
            number = reports.still_demanded(report.certificate.owner_id, report.certificate.key)
        context = self.get_context_data(
            report=report,
            form=form,
            events=report.events.all(),
            is_overdue=reports.overdue(DemandReport.objects.filter(pk=report.pk)).exists(),
            number=number,
            kept_days=reports.CONTACT_KEPT.days,
            street=Streets().of(report.office.path if report.office is not None else None),
        )
        context["media"] = context.get("media", forms.Media()) + STYLE
        return self.render_to_response(context)


class ReportsViewSet(ViewSet):
    """The listing, and the screen of one report."""

    name = "demand-reports"
    icon = "comment"
    menu_label = gettext_lazy("证明索要反映")
    menu_name = "demand-reports"
    menu_item_class = KeeperMenuItem

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", Reports.as_view(), name="index"),
            path("results/", Reports.as_view(results_only=True), name="results"),
            path("<int:pk>/", HandleReport.as_view(), name="handle"),
        ]
