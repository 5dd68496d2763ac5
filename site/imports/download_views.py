"""Files the import room gives out: empty templates, the user's file with its errors marked, exports."""

import io
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from wagtail.models import Page

from content_models.base.rights import explorable_pages
from content_models.base.spreadsheets import OutSheet, as_download, write_xlsx
from imports import export, marked, runs, samples
from imports.destinations import DESTINATIONS, kind_label, may_import
from imports.kinds import LANES, lane_of
from imports.lanes import NotNow
from imports.models import ImportRun
from imports.progress import runs_seen_by
from imports.reading.refusals import Refused
from staff import audit


def private_xlsx(write: Any, name: str) -> HttpResponse:
    """An .xlsx that ``write(file)`` fills, for whoever asked and nobody else."""
    file = io.BytesIO()
    write(file)
    response = as_download(file.getvalue(), f"{name}.xlsx")
    response["Cache-Control"] = "private, no-store"
    return response


def into_of(request: HttpRequest, kind: str) -> Page | None:
    """The page of the user's own that ``?into=`` (an id) or ``?place=`` (as the first screen says) names."""
    pk = request.GET.get("into", "")
    if not pk:
        return place_of(request, kind)
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 10):
        raise Http404
    return get_object_or_404(explorable_pages(request.user), pk=int(pk))


def place_of(request: HttpRequest, kind: str) -> Page | None:
    """The place chosen on the first screen; the only one there is where none was."""
    pages = DESTINATIONS[kind].pages(request.user)
    named = {name: page for page, name in pages}
    only = pages[0][0] if len(pages) == 1 else None
    return named.get(request.GET.get("place", ""), only)


@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """A file of a kind to fill in, with choices, an example and notes."""
    if kind not in LANES or not may_import(request.user):
        raise Http404
    return private_xlsx(
        lambda file: write_xlsx(samples.template_for(kind, into_of(request, kind)), file),
        _("%(kind)s模板") % {"kind": kind_label(kind)},
    )


@require_GET
def export_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """What the site says of a kind, in the shape in which it is imported; below ``?into=`` where given."""
    if kind not in LANES:
        raise Http404
    if not may_import(request.user):
        raise PermissionDenied
    try:
        into = into_of(request, kind)
        sheets: list[OutSheet] = export.sheets_of(kind, into)
    except NotNow as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('imports:start')}?kind={kind}")
    user: Any = request.user
    audit.record("export", into or user, by=user, kind=kind)
    day = timezone.localdate().isoformat()
    return private_xlsx(lambda file: write_xlsx(sheets, file), f"{kind_label(kind)} {day}")


@require_GET
def marked_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of a run as it was uploaded, with errors and reminders marked and a column of notes."""
    run: ImportRun = get_object_or_404(runs_seen_by(request.user), pk=pk)
    if run.by_id != request.user.pk:
        raise Http404
    try:
        return marked_download(run)
    except (NotNow, Refused) as error:
        return HttpResponse(str(error), status=410, content_type="text/plain; charset=utf-8")


def marked_download(run: ImportRun) -> HttpResponse:
    """The marked file as an answer; NotNow or Refused where it cannot be read any more."""
    tables = runs.tables_of(run, lane_of(run))
    name = run.file_name.rpartition(".")[0] or run.file_name
    has_errors = run.count("refused") or run.count("refused_parts")
    return private_xlsx(
        lambda file: marked.write(run, tables, file),
        (_("%(name)s（已标出错误）") if has_errors else _("%(name)s（已标出提醒）")) % {"name": name},
    )
