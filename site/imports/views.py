"""The screens of an import, from the file to the result; each answers its owner, and nobody else.

Administrators and auditors may look at everybody's runs. What reads or writes at length runs in
transactions of its own, so none of these views runs inside the request's.
"""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.transaction import non_atomic_requests
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from content_models.policy_lists.models import ListChannel
from imports import runs, steps, tasks
from imports.destinations import DESTINATIONS, kind_label, may_import, offered
from imports.forms import AnswersForm, ColumnsForm, StartForm
from imports.kinds import lane_of
from imports.lanes import Lane, NotNow
from imports.models import KEPT_DAYS, ImportRun
from imports.preview import Preview
from imports.progress import progress_of, runs_seen_by
from imports.reading.refusals import Refused
from imports.tables import Table, first_rows

State = ImportRun.State
STEPS = [
    ("start", gettext_lazy("选文件")),
    ("columns", gettext_lazy("对应列")),
    ("progress", gettext_lazy("检查")),
    ("preview", gettext_lazy("核对")),
    ("result", gettext_lazy("完成")),
]
SCREENS = {
    State.UPLOADED: "columns",
    State.FAILED: "columns",
    State.CHECKING: "progress",
    State.CONFIRMING: "progress",
    State.UNDOING: "progress",
    State.CHECKED: "preview",
    State.DONE: "result",
    State.UNDONE: "result",
}
HISTORY_PER_PAGE = 30


def screen_of(run: ImportRun) -> str:
    """Where a run's owner goes on."""
    screen = SCREENS[State(run.state)]
    if screen == "columns" and isinstance(run.into and run.into.specific, ListChannel):
        screen = "new_list"
    return reverse(f"imports:{screen}", args=[run.pk])


@method_decorator(non_atomic_requests, name="dispatch")
class Screen(WagtailAdminTemplateMixin, View):
    """What all screens of the room share."""

    step: ClassVar[str] = ""
    header_icon = "upload"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": reverse("imports:start"), "label": _("导入表格")},
            {"url": "", "label": str(self.page_title)},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        names = [name for name, _label in STEPS]
        here = names.index(self.step) if self.step in names else -1
        steps = [(label, place < here, place == here) for place, (_name, label) in enumerate(STEPS)]
        own = {
            "steps": steps if here >= 0 else [],
            "kept_days": KEPT_DAYS,
            "may_import": may_import(self.user),
        }
        return super().get_context_data(**own, **kwargs)

    @property
    def user(self) -> Any:
        return self.request.user

    def show(self, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**context))


class Start(Screen):
    """Which kind, where to, which file."""

    page_title = gettext_lazy("导入表格")
    template_name = "imports/start.html"
    step = "start"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return super().get_breadcrumbs_items()[:1] + [{"url": "", "label": str(self.page_title)}]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_import(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        again = self._again(request.GET.get("again", ""))
        form = StartForm(user=self.user, destinations=offered())
        if again is not None:
            names = {page.pk: name for page, name in form.pages.get(again.kind, [])}
            form.initial = {"kind": again.kind, f"into-{again.kind}": names.get(again.into_id, "")}
        elif request.GET.get("kind") in DESTINATIONS:
            form.initial = {"kind": request.GET["kind"]}
        return self._ask(form, again=again)

    def _again(self, pk: str) -> ImportRun | None:
        if not (pk.isdecimal() and len(pk) < 10):
            return None
        return ImportRun.objects.filter(pk=int(pk), by=self.user).first()

    def post(self, request: HttpRequest) -> HttpResponse:
        form = StartForm(request.POST, request.FILES, user=self.user, destinations=offered())
        if form.is_valid():
            file, kind = form.cleaned_data["file"], form.cleaned_data["kind"]
            try:
                run = runs.receive(
                    file, name=file.name, kind=kind, into=form.cleaned_data["into"], by=self.user
                )
            except Refused as error:
                form.add_error("file", str(error))
            else:
                return HttpResponseRedirect(screen_of(run))
        return self._ask(form)

    def _ask(self, form: StartForm, *, again: ImportRun | None = None) -> HttpResponse:
        return self.show(form=form, cards=form.cards, again=again)


class RunScreen(Screen):
    """A screen of one run. Others' runs are not there at all."""

    is_for_owner = True

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.run: ImportRun = get_object_or_404(runs_seen_by(request.user), pk=kwargs["pk"])
        self.is_owner = self.run.by_id == request.user.pk
        changes = request.method not in ("GET", "HEAD")
        if not self.is_owner and (self.is_for_owner or (changes and not self.may_others_change())):
            raise Http404

    def may_others_change(self) -> bool:
        return False

    @cached_property
    def lane(self) -> Lane:
        return lane_of(self.run)

    def get_page_subtitle(self) -> str:
        return self.run.file_name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            run=self.run,
            is_owner=self.is_owner,
            is_checked=self.run.state == State.CHECKED,
            is_done=self.run.state == State.DONE,
            is_over=self.run.state in (State.DONE, State.UNDONE),
            kind_label=kind_label(self.run.kind),
            **kwargs,
        )

    def go_on(self) -> HttpResponse:
        return HttpResponseRedirect(screen_of(self.run))


class Run(RunScreen):
    """Leads to the screen on which a run goes on."""

    is_for_owner = False

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.is_owner and SCREENS[State(self.run.state)] == "columns":
            return redirect("imports:result", pk)
        return self.go_on()


class Columns(RunScreen):
    """What each column of the file is; the first look at it."""

    page_title = gettext_lazy("对应列")
    template_name = "imports/columns.html"
    step = "columns"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.run.is_open or isinstance(self.run.into and self.run.into.specific, ListChannel):
            return self.go_on()
        return self._ask(request.GET.get("sheet", ""))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.run.is_open:
            return self.go_on()
        try:
            table = self._table(request.POST.get("sheet", ""))
        except (NotNow, Refused) as error:
            return self.show(problem=str(error), sheets=self._sheets)
        matches = runs.propose(self.run, self.lane, table)
        form = self._form(matches, request.POST)
        if not form.is_valid():
            return self._show(table, form)
        mapping = form.mapping
        # What was only guessed is sure from now on.
        decided = [
            match.label
            for match in matches
            if mapping[match.label] != match.target or (match.target and not match.is_sure)
        ]
        runs.choose_columns(self.run, mapping, remember=decided)
        tasks.begin("check", self.run, by=self.user, rows=table.sheet.rows)
        self.run.refresh_from_db()
        return self.go_on()

    _sheets: list[Any] = []

    def _table(self, sheet: str) -> Table:
        book = runs.book_of(self.run)
        self._sheets = book.sheets
        if sheet:
            self.run.sheet = book.sheet(sheet).name
        return runs.table_of(self.run, self.lane, book)

    def _ask(self, sheet: str) -> HttpResponse:
        try:
            table = self._table(sheet)
        except (NotNow, Refused) as error:
            return self.show(problem=str(error), sheets=self._sheets)
        return self._show(table, self._form(runs.propose(self.run, self.lane, table)))

    def _form(self, matches: Any, data: Any = None) -> ColumnsForm:
        chosen = {match.label: self.run.mapping[match.label] for match in matches
                  if match.label in self.run.mapping}  # fmt: skip
        return ColumnsForm(data, matches=matches, targets=self.lane.targets(), chosen=chosen)

    def _show(self, table: Table, form: ColumnsForm) -> HttpResponse:
        rows, places = first_rows(table, 3), table.columns
        columns: list[dict[str, Any]] = [
            {
                "label": match.label,
                "values": [row[places[match.label]] for row in rows],
                "field": form[f"column-{place}"],
                "match": match,
                "was_left_out": match.is_sure and not match.target,
            }
            for place, match in enumerate(form.matches)
        ]
        chosen = {column["field"].value() for column in columns}
        absent = [
            target.title
            for target in self.lane.targets()
            if target.is_required and target.title not in chosen
        ]
        return self.show(
            form=form,
            columns=columns,
            absent=absent,
            table=table,
            titles=len(table.header.titles),
            sheets=self._sheets,
            knows_nothing=not any(chosen),
            unsure=sum(not column["match"].is_sure for column in columns),
        )


class Check(RunScreen):
    """Compare again: the file is the same, the site may not be."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.run.mapping:
            return self.go_on()
        masks = bool(request.POST.get("masks"))
        tasks.begin("check", self.run, by=self.user, rows=self.run.rows_expected, masks=masks)
        self.run.refresh_from_db()
        return self.go_on()


class Progress(RunScreen):
    """How far the work is; loads itself again until it is done."""

    page_title = gettext_lazy("正在处理")
    template_name = "imports/progress.html"
    step = "progress"
    is_for_owner = False

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.run.is_working:
            return redirect("imports:run", pk)
        return self.show(progress=progress_of(self.run))


class PreviewScreen(RunScreen):
    """What will be written, and how; nothing has happened yet."""

    page_title = gettext_lazy("核对")
    template_name = "imports/preview.html"
    step = "preview"
    is_for_owner = False
    SHOWN_IN = (State.CHECKED, State.DONE, State.UNDONE)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.run.state not in self.SHOWN_IN:
            return redirect("imports:run", pk)
        return self._show(self._form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Confirm. Whoever comes second, from another tab or by a second click, sees the first result."""
        if self.run.state != State.CHECKED:
            return self.go_on()
        form = self._form(request.POST)
        if form is None:
            return self.go_on()
        if form.is_valid():
            try:
                steps.confirm(self.run, self.lane, by=self.user, **form.cleaned_data)
            except NotNow as error:
                form.add_error(None, str(error))
            else:
                return self.go_on()
        return self._show(form)

    def _form(self, data: Any = None) -> AnswersForm | None:
        if not self.is_owner or self.run.state != State.CHECKED:
            return None
        try:
            return AnswersForm(data, instance=self.run, lane=self.lane, user=self.user)
        except NotNow:
            return None

    def _show(self, form: AnswersForm | None) -> HttpResponse:
        try:
            preview = Preview(self.run, self.lane, self.request.GET)
            context = {"preview": preview, "lines": preview.lines if preview.shows_rows else []}
        except NotNow as error:
            context = {"problem": str(error)}
        run = self.run
        context["has_errors"] = bool(run.count("refused") or run.count("refused_parts"))
        changes = run.count("new") or run.count("changed") or run.count("missing")
        return self.show(form=form, changes=changes, missing=run.result.get("missing", []), **context)


class Result(RunScreen):
    """What was written, where to look, and the way back."""

    page_title = gettext_lazy("结果")
    template_name = "imports/result.html"
    step = "result"
    is_for_owner = False

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.run.state not in (State.DONE, State.UNDONE) and (
            self.is_owner or SCREENS[State(self.run.state)] != "columns"
        ):
            return redirect("imports:run", pk)
        return self.show(
            confirmed=_outcome(self.run, "confirm"),
            undone=_outcome(self.run, "undo"),
            may_undo=steps.may_undo(self.run, self.user),
        )


class Undo(RunScreen):
    """Asks once more before everything is as it was; then makes it so."""

    page_title = gettext_lazy("撤销导入")
    template_name = "imports/undo.html"
    is_for_owner = False

    def may_others_change(self) -> bool:
        return self.user.is_superuser

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not steps.may_undo(self.run, self.user):
            return redirect("imports:run", pk)
        return self.show(confirmed=_outcome(self.run, "confirm"))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.run.state == State.DONE:
            try:
                steps.undo(self.run, by=self.user)
            except NotNow as error:
                messages.error(request, str(error))
        return self.go_on()


COUNTED = {
    "editions": gettext_lazy("新版本"),
    "created": gettext_lazy("新建"),
    "changed": gettext_lazy("修改"),
    "retired": gettext_lazy("下线"),
    "pages": gettext_lazy("页面"),
}


def _outcome(run: ImportRun, name: str) -> dict[str, Any] | None:
    """What a run did, ready to be read: numbers with their names, links, what was left alone."""
    found = run.result.get(name)
    if not found:
        return None
    counts = [(COUNTED[key], count) for key, count in found["counts"].items() if key in COUNTED and count]
    return {"counts": counts, "links": found["links"], "left": found["left"]}


class History(Screen):
    """All one's runs; for administrators and auditors everybody's."""

    page_title = gettext_lazy("导入记录")
    template_name = "imports/history.html"
    header_icon = "history"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not (may_import(request.user) or request.user.has_perm("staff.view_auditentry")):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        found = runs_seen_by(self.user)
        kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
        if kind in DESTINATIONS:
            found = found.filter(kind=kind)
        if state in State.values:
            found = found.filter(state=state)
        page = Paginator(found, HISTORY_PER_PAGE).get_page(request.GET.get("p"))
        lines = [
            {"run": run, "kind": kind_label(run.kind), "url": reverse("imports:run", args=[run.pk])}
            for run in page
        ]
        return self.show(
            lines=lines,
            page_obj=page,
            sees_all=self.user.has_perm("staff.view_auditentry"),
            kinds=[(name, found.label, name == kind) for name, found in DESTINATIONS.items()],
            states=[(value, label, value == state) for value, label in State.choices],
            is_filtered=bool(kind or state),
        )
