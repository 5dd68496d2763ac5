"""The screen on which a file becomes a list that does not exist yet: its name and its columns."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.policy_lists.models import ListChannel
from content_models.policy_lists.values import ColumnType
from imports import infer, runs, tasks
from imports.infer import Proposed
from imports.lanes import NotNow
from imports.models import ImportRun
from imports.reading.refusals import Refused
from imports.sheets import no_header
from imports.tables import Table, find_table
from imports.views import RunScreen

TITLE_LIMIT = 100
TYPES = [choice for choice in ColumnType.choices if choice[0] != ColumnType.GUIDE]


class NewListForm(forms.Form):
    """The list's title and what each column of the file will be. Labels are not ours: fields have numbers."""

    title = forms.CharField(label=gettext_lazy("清单名称"), max_length=TITLE_LIMIT)
    named_by = forms.ChoiceField(
        label=gettext_lazy("条目名称是哪一列"), widget=forms.RadioSelect, required=False
    )

    def __init__(self, *args: Any, columns: Sequence[Proposed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        named_by = self.fields["named_by"]
        assert isinstance(named_by, forms.ChoiceField)
        named_by.choices = [(str(place), column.label) for place, column in enumerate(columns)]
        named_by.initial = next((str(at) for at, column in enumerate(columns) if column.is_title), "")
        for place, column in enumerate(columns):
            self.fields[f"wanted-{place}"] = forms.BooleanField(required=False, initial=column.is_wanted)
            self.fields[f"type-{place}"] = forms.ChoiceField(choices=TYPES, initial=column.column_type)
            self.fields[f"filter-{place}"] = forms.BooleanField(required=False, initial=column.is_filter)
            self.fields[f"public-{place}"] = forms.BooleanField(required=False, initial=column.is_public)

    @property
    def lines(self) -> list[dict[str, Any]]:
        names = ("wanted", "type", "filter", "public")
        chosen = self["named_by"].value()
        return [
            {"column": column, "place": str(place), "is_name": chosen == str(place)}
            | {name: self[f"{name}-{place}"] for name in names}
            for place, column in enumerate(self.columns)
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        wanted = [place for place in range(len(self.columns)) if data.get(f"wanted-{place}")]
        if not wanted:
            raise forms.ValidationError(_("至少要留一列。"))
        if data.get("named_by") and int(data["named_by"]) not in wanted:
            self.add_error("named_by", _("作为条目名称的列没有勾选。"))
        return data

    def decided(self) -> list[Proposed]:
        """The columns as they were decided on."""
        data = self.cleaned_data
        for place, column in enumerate(self.columns):
            column.is_wanted = data[f"wanted-{place}"]
            if data[f"type-{place}"] != column.column_type:
                column.column_type, column.choices = data[f"type-{place}"], []
            column.is_filter, column.is_public = data[f"filter-{place}"], data[f"public-{place}"]
            column.has_personal_data = column.has_personal_data and not column.is_public
            column.is_title = data.get("named_by") == str(place)
        return list(self.columns)


class NewList(RunScreen):
    """What the new list is called and what its columns are; nothing is made before the run is confirmed."""

    page_title = gettext_lazy("新清单的栏目")
    template_name = "imports/new_list.html"
    step = "columns"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not (self.run.is_open and makes_list(self.run)):
            return self.go_on()
        return self._ask(request.GET.get("sheet", ""))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not (self.run.is_open and makes_list(self.run)):
            return self.go_on()
        return self._ask(request.POST.get("sheet", ""), request.POST)

    def _ask(self, sheet: str, data: Any = None) -> HttpResponse:
        try:
            book = runs.book_of(self.run)
            table = self._table(book, sheet)
        except (NotNow, Refused) as error:
            return self.show(problem=str(error))
        initial = {"title": title_of(table, self.run)}
        form = NewListForm(data, columns=infer.propose(table), initial=initial)
        if data is not None and form.is_valid():
            runs.choose_new_list(self.run, form.cleaned_data["title"], form.decided())
            tasks.begin("check", self.run, by=self.user, rows=table.sheet.rows)
            self.run.refresh_from_db()
            return self.go_on()
        return self.show(form=form, table=table, sheets=book.sheets)

    def _table(self, book: Any, sheet: str) -> Table:
        chosen = book.sheet(sheet) if sheet else book.sheets[0]
        self.run.sheet = chosen.name
        table = find_table(book, chosen, [])
        if table is None:
            raise no_header(book, chosen)
        return table


def makes_list(run: ImportRun) -> bool:
    """Whether this run's file is to become a list of its own."""
    return run.kind == "lists" and ListChannel.objects.filter(pk=run.into_id or 0).exists()


def title_of(table: Table, run: ImportRun) -> str:
    """What the file calls itself: its title row, else its name."""
    title = next((row.text for row in table.header.titles), "")
    return (title or run.file_name.rpartition(".")[0])[:TITLE_LIMIT]
