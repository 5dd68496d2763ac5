"""Imports for programs: upload, look, confirm, undo. The engine and the rights are those of the screens."""

from typing import Any

from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response

from api.describe import address_of, details, rows, summary
from api.forms import AnswersForm, UploadForm
from api.models import KEY_LIMIT, Scope, UploadKey
from api.problems import Problem
from api.views import UPLOAD_LIMIT, StaffView
from imports import steps, tasks
from imports.download_views import marked_download
from imports.kinds import lane_of
from imports.lanes import NotNow
from imports.models import ImportRun, StagedRow
from imports.preview import Preview
from imports.reading.refusals import Refused

State = ImportRun.State


class NewestFirst(CursorPagination):
    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class ImportView(StaffView):
    """Knows the runs of whoever asks, and nobody else's."""

    scope = Scope.IMPORTS

    @property
    def runs(self) -> Any:
        return ImportRun.objects.filter(by=self.request.user).select_related("into")

    def run_of(self, pk: int) -> ImportRun:
        return get_object_or_404(self.runs, pk=pk)

    def show(self, run: ImportRun, *, status: int = 200) -> Response:
        return Response(details(run, self.request), status=status)

    def show_work(self, run: ImportRun) -> Response:
        """202 while the worker is at it."""
        return self.show(run, status=202 if run.is_working else 200)


class Runs(ImportView):
    """One's runs, newest first; a file begins a new one."""

    body_limit = UPLOAD_LIMIT

    def get(self, request: Any) -> Response:
        pages = NewestFirst()
        found = pages.paginate_queryset(self.runs, request, view=self)
        return pages.get_paginated_response([summary(run, request) for run in found])

    def post(self, request: Any) -> Response:
        # A file goes to disk as it comes, however small.
        request.upload_handlers = [TemporaryFileUploadHandler(request)]
        form = UploadForm(request.POST, request.FILES, user=request.user)
        form.require()
        key = _key_of(request)
        run = _earlier(key, form) if key else None
        is_new = run is None
        if run is None:
            run, is_new = _begin(key, form)
        if run.state == State.UPLOADED:
            self._check(run)
        answer = self.show(run, status=201 if is_new else 200)
        answer["Location"] = reverse("api:run", args=[run.pk])
        return answer

    def _check(self, run: ImportRun) -> None:
        """Place the columns and check the rows, at once or by the worker."""
        about: dict[str, Any] = {"run": {"id": run.pk} | self._addresses(run)}
        try:
            placed = steps.place_columns(run, lane_of(run))
        except (NotNow, Refused) as error:
            raise Problem("file-refused", error, **about) from error
        if placed.missing or placed.unsure:
            raise _unsure(placed, about)
        tasks.begin("check", run, by=self.request.user, rows=placed.table.sheet.rows)
        run.refresh_from_db()

    def _addresses(self, run: ImportRun) -> dict[str, str]:
        names = {"url": "api:run", "admin": "imports:run"}
        return {name: address_of(view, run, self.request) for name, view in names.items()}


def _key_of(request: Any) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > KEY_LIMIT or not key.isprintable():
        raise Problem("bad-request", _("Idempotency-Key 最多 %(most)d 个字符。") % {"most": KEY_LIMIT})
    return key


def _earlier(key: str, form: UploadForm) -> ImportRun | None:
    """The run that this very upload began before."""
    known = UploadKey.objects.select_related("run__into").filter(user=form.user, key=key).first()
    if known is None:
        return None
    if known.body != form.body:
        raise Problem("key-reused", _("这个 Idempotency-Key 用过了，内容不一样。请换一个编号。"))
    return known.run


def _begin(key: str, form: UploadForm) -> tuple[ImportRun, bool]:
    """A new run, or that of the same upload which arrived at the same moment and was faster."""
    try:
        run = form.receive()
    except Refused as error:
        errors = [{"field": "file", "code": error.code, "message": str(error)}]
        raise Problem("file-refused", error, errors=errors) from error
    if not key:
        return run, True
    try:
        with transaction.atomic():
            UploadKey.objects.create(user=form.user, key=key, body=form.body, run=run)
    except IntegrityError:
        run.file.delete(save=False)
        run.delete()
        earlier = _earlier(key, form)
        assert earlier is not None, "its key was taken"
        return earlier, False
    return run, True


def _unsure(placed: steps.Placed, about: dict[str, Any]) -> Problem:
    absent = [
        {"column": column, "label": "", "message": _("文件里没有必填的列“%(column)s”。") % {"column": column}}
        for column in placed.missing
    ]
    guessed = [
        {
            "column": found.target,
            "label": found.label,
            "message": _("“%(label)s”可能是“%(column)s”，不能确定。")
            % {"label": found.label, "column": found.target},
        }
        for found in placed.unsure
    ]
    columns = [
        {"label": found.label, "column": found.target, "is_sure": found.is_sure} for found in placed.matches
    ]
    sentence = _("请在后台打开这次导入，把列对应好。对应过的会记住，下次同样的表头就认得。")
    return Problem("columns-unsure", sentence, errors=[*absent, *guessed], columns=columns, **about)


class Run(ImportView):
    """How far a run is, and what became of it."""

    def get(self, request: Any, pk: int) -> Response:
        return self.show(self.run_of(pk))


class Rows(ImportView):
    """The rows of a checked run as the preview shows them: ?status= &part= &q= &page="""

    def get(self, request: Any, pk: int) -> Response:
        run = self.run_of(pk)
        if run.state not in (State.CHECKED, State.DONE, State.UNDONE):
            raise Problem("not-now", run.message or _("这次导入还没有检查完。"))
        asked = request.GET
        status = asked.get("status", "")
        if status and status not in StagedRow.Status.values:
            sentence = _("没有“%(value)s”这一项。") % {"value": status[:40]}
            raise Problem("invalid", sentence, errors=[{"field": "status", "message": sentence}])
        names = {"show": "status", "q": "q", "part": "part"}
        try:
            chosen = {name: asked.get(parameter, "") for name, parameter in names.items()}
            preview = Preview(run, lane_of(run), chosen | {"p": asked.get("page", "1")})
            return Response(rows(preview, request))
        except NotNow as error:
            raise Problem("not-now", error) from error


class Marked(ImportView):
    """The file with its errors marked."""

    def get(self, request: Any, pk: int) -> Any:
        try:
            return marked_download(self.run_of(pk))
        except (NotNow, Refused) as error:
            raise Problem("gone", error) from error


class Confirm(ImportView):
    """Writes what the check found; a second time gives the first result."""

    def post(self, request: Any, pk: int) -> Response:
        run = self.run_of(pk)
        form = AnswersForm(request.POST)
        form.require()
        if run.state == State.CHECKED:
            try:
                steps.confirm(run, lane_of(run), by=request.user, **form.answers)
            except NotNow as error:
                raise Problem("invalid", error) from error
            if run.state == State.CHECKED:
                raise Problem("not-now", run.message)
        elif run.state not in (State.CONFIRMING, State.DONE):
            state = run.get_state_display()
            raise Problem("not-now", _("这次导入现在不能确认（%(state)s）。") % {"state": state})
        return self.show_work(run)


class Undo(ImportView):
    """Takes back what a run wrote; a second time gives the first result."""

    def post(self, request: Any, pk: int) -> Response:
        run = self.run_of(pk)
        if run.state == State.DONE:
            try:
                steps.undo(run, by=request.user)
            except NotNow as error:
                raise Problem("forbidden", error) from error
            if run.state == State.DONE and run.message:
                raise Problem("not-now", run.message)
        elif run.state not in (State.UNDOING, State.UNDONE):
            raise Problem("not-now", _("只有已完成的导入才能撤销。"))
        return self.show_work(run)
