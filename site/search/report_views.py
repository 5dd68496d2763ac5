"""搜索情况: what was searched for and what came of it, with a way from each failure to its remedy."""

import io
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, NumberColumn, TitleColumn
from wagtail.admin.views.reports import ReportView

from content_models.base.spreadsheets import OutColumn, OutSheet, as_download, write_csv, write_xlsx
from search.folding import fold
from search.report import PERIODS, Report, Show
from search.teach import may_teach_names, may_teach_synonyms

EXPORTED_AT_ONCE = 500
STYLE = forms.Media(css={"all": ["search/admin.css"]})
SYNONYM_ADD = "wagtailsnippets_search_synonymgroup:add"
LEADS = {
    Show.ASKED: _("居民搜得最多的词。"),
    Show.FAILED: _(
        "搜了，一条结果也没有。把它加为同义词，或者加为某份指南的俗称，下次就能搜到；加过的会从这里消失。"
    ),
    Show.UNOPENED: _("有结果，但没有人点开过，多半不是居民要找的。"),
    Show.OPENED: _("居民搜了以后打开了什么。"),
}
EMPTY = {
    Show.ASKED: _("这段时间还没有人搜索。"),
    Show.FAILED: _("很好：这段时间没有搜不到的词。"),
    Show.UNOPENED: _("很好：有结果的词都有人点开。"),
    Show.OPENED: _("这段时间还没有人点开搜索结果。"),
}


def public_search(text: str) -> str:
    """Where residents search for ``text``."""
    return f"{reverse('search')}?{urlencode({'q': text})}"


class TeachColumn(Column):
    """The ways from a text to what answers it, as far as whoever sees it may use them."""

    cell_template_name = "search/tables/teach_cell.html"

    def __init__(self, request: HttpRequest, accessor: Any = "text") -> None:
        super().__init__("teach", label=_("怎么办"), accessor=accessor)
        self.next = _address_of(request)
        self.may_synonyms, self.may_names = may_teach_synonyms(request.user), may_teach_names(request.user)

    @property
    def leads_anywhere(self) -> bool:
        return self.may_synonyms or self.may_names

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        query = urlencode({"text": context["value"], "next": self.next})
        synonym, name = reverse(SYNONYM_ADD), reverse("searches:add_name")
        return context | {
            "synonym_url": f"{synonym}?{query}" if self.may_synonyms else "",
            "name_url": f"{name}?{query}" if self.may_names else "",
        }


def _address_of(request: HttpRequest) -> str:
    """The screen that ``request`` asks for, or for a part of, as an address to come back to."""
    kept = {name: value for name, value in request.GET.dict().items() if not name.startswith("_")}
    address = request.path.removesuffix("results/")
    return f"{address}?{urlencode(kept)}" if kept else address


class ResultsColumn(Column):
    """What was opened most after searching for a text."""

    cell_template_name = "search/tables/results_cell.html"


TEXT = TitleColumn("text", label=_("搜索词"), get_url=lambda row: public_search(row["text"]))
ASKED = NumberColumn("asked", label=_("次数"), sort_key="asked", classname="number")
FOUND = NumberColumn("found", label=_("结果数"), classname="number")
OPENED = NumberColumn("opened", label=_("点开"), sort_key="opened", classname="number")
RESULTS = ResultsColumn("results", label=_("点开最多的"))
LAST_DAY = Column(
    "last_day", label=_("最近搜索"), sort_key="last_day", accessor="last_day.isoformat", classname="day"
)
COLUMNS = {
    Show.ASKED: [TEXT, ASKED, FOUND, OPENED, LAST_DAY],
    Show.FAILED: [TEXT, ASKED, LAST_DAY],
    Show.UNOPENED: [TEXT, ASKED, FOUND, LAST_DAY],
    Show.OPENED: [TEXT, ASKED, OPENED, RESULTS, LAST_DAY],
}


class TextPaginator(WagtailPaginator):
    verbose_name = verbose_name_plural = _("个词")


class Searches(ReportView):
    """Texts of a period that were asked, failed, were not opened or were; as a page, .xlsx or .csv."""

    page_title = _("搜索情况")
    header_icon = "glasses"
    template_name = "search/report.html"
    results_template_name = "search/report_results.html"
    index_url_name = "searches:index"
    index_results_url_name = "searches:results"
    is_searchable = True
    paginator_class = TextPaginator
    list_export = ["text"]  # what Wagtail offers its buttons for; the columns are the table's

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not user_has_any_page_permission(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def show(self) -> Show:
        asked = self.request.GET.get("show", "")
        return Show(asked) if asked in Show.values else Show.ASKED

    @property
    def default_ordering(self) -> str:
        return "-opened" if self.show == Show.OPENED else "-asked"

    @cached_property
    def report(self) -> Report:
        asked = self.request.GET.get("days", "")
        return Report(int(asked) if asked in map(str, PERIODS) else 30)

    @cached_property
    def columns(self) -> list[Column]:
        columns: list[Column] = COLUMNS[self.show]
        if self.show in (Show.FAILED, Show.UNOPENED) and not self.is_export:
            teach = TeachColumn(self.request)
            return [*columns, teach] if teach.leads_anywhere else columns
        return columns

    def get_base_queryset(self) -> Any:
        return self.report.texts(self.show)

    def order_queryset(self, queryset: Any) -> Any:
        return queryset.order_by(self.ordering, "text")

    def search_queryset(self, queryset: Any) -> Any:
        return queryset.filter(text__icontains=fold(self.search_query)) if self.is_searching else queryset

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        paginator, page, texts, is_paginated = super().paginate_queryset(queryset, page_size)
        page.object_list = self._complete(texts)
        return paginator, page, page.object_list, is_paginated

    def _complete(self, texts: Any) -> list[dict[str, Any]]:
        return self.report.complete(texts, with_results=self.show == Show.OPENED)

    @property
    def no_results_message(self) -> Any:
        return _("没有符合的词。") if self.is_searching else EMPTY[self.show]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(
            **kwargs,
            totals=self.report.totals(),
            lead=LEADS[self.show],
            show=self.show.value,
            days=self.report.days,
            kept_days=settings.SEARCHES_KEPT_DAYS,
            periods=[
                (label, self._address(days=days), days == self.report.days) for days, label in PERIODS.items()
            ],
            shows=[(show.label, self._address(show=show.value), show == self.show) for show in Show],
        )
        context["media"] += STYLE
        return context

    def _address(self, **changes: Any) -> str:
        asked = {"show": self.show.value, "days": self.report.days, "q": self.search_query} | changes
        return f"{self.index_url}?{urlencode({name: value for name, value in asked.items() if value})}"

    # The file

    def as_spreadsheet(self, texts: Any, form: str) -> HttpResponse:
        """With the project's own writer, since a search may be a formula."""
        name = f"{self.page_title} {self.show.label} {timezone.localdate().isoformat()}"
        outs = [
            OutColumn(str(column.label), width=30 if column in (TEXT, RESULTS) else 16)
            for column in self.columns
        ]
        sheet = OutSheet(str(self.show.label), outs, self._cells(texts))
        file = io.BytesIO()
        write_xlsx([sheet], file) if form == self.FORMAT_XLSX else write_csv(sheet, file)
        response = as_download(file.getvalue(), f"{name}.{form}")
        response["Cache-Control"] = "private, no-store"
        return response

    def _cells(self, texts: Any) -> Iterator[list[Any]]:
        for start in range(0, len(texts), EXPORTED_AT_ONCE):
            for row in self._complete(texts[start : start + EXPORTED_AT_ONCE]):
                values = row | {
                    "results": "；".join(f"{found.title}（{times}）" for found, times in row["results"])
                }
                yield [column.get_value(values) for column in self.columns]
