"""Import runs in the words of the API."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from openpyxl.utils import get_column_letter

from api.addresses import with_parameter
from imports.lanes import ShownRow
from imports.models import ImportRun
from imports.preview import Preview
from imports.progress import progress_of


def address_of(name: str, run: ImportRun, request: Any) -> str:
    return request.build_absolute_uri(reverse(name, args=[run.pk]))


def summary(run: ImportRun, request: Any) -> dict[str, Any]:
    """A run as it stands in a list of them."""
    return {
        "id": run.pk,
        "url": address_of("api:run", run, request),
        "kind": run.kind,
        "into": {"id": run.into.pk, "title": run.into.title} if run.into else None,
        "file_name": run.file_name,
        "file_hash": run.file_hash,
        "file_size": run.file_size,
        "sheet": run.sheet,
        "state": run.state,
        "state_label": run.get_state_display(),
        "message": run.message,
        "counts": run.counts,
        "created_at": run.created_at,
        "confirmed_at": run.confirmed_at,
        "undone_at": run.undone_at,
    }


def details(run: ImportRun, request: Any) -> dict[str, Any]:
    """Everything there is to say of a run but its rows."""
    progress = progress_of(run)
    return summary(run, request) | {
        "progress": {
            "is_working": progress.is_working,
            "rows_read": progress.read,
            "rows_expected": progress.expected,
            "percent": progress.percent,
            "errors": progress.errors,
            "text": " ".join(filter(None, [progress.title, progress.left])),
        },
        "answers": {
            "outcome": run.outcome,
            "accept": run.accept,
            "missing": run.missing,
            "masks": run.masks,
            "title": run.title,
            "effective_on": run.effective_on,
        },
        "columns": run.mapping,
        "sheets": [{"part": part, "sheet": each["sheet"]} for part, each in _sheets(run).items()],
        "remarks": run.remarks,
        "skipped": [{"row": row, "reason": reason, "text": text} for row, reason, text in run.skipped],
        "not_in_file": run.result.get("missing", []),
        "confirmed": _outcome(run, "confirm", request),
        "undone": _outcome(run, "undo", request),
        "links": {
            name: address_of(f"api:{name}", run, request) for name in ("rows", "marked", "confirm", "undo")
        }
        | {"admin": address_of("imports:run", run, request)},
    }


def _sheets(run: ImportRun) -> dict[str, Any]:
    return run.header.get("sheets", {})


def _outcome(run: ImportRun, step: str, request: Any) -> dict[str, Any] | None:
    found = run.result.get(step)
    if not found:
        return None
    links = [{"label": label, "url": request.build_absolute_uri(url)} for label, url in found["links"]]
    return {"counts": found["counts"], "links": links, "left": found["left"]}


def rows(preview: Preview, request: Any) -> dict[str, Any]:
    """One page of rows as the preview shows them."""
    return {
        "page": preview.number,
        "pages": preview.pages,
        "count": preview.total,
        "next": with_parameter(request, "page", preview.next_number) if preview.has_next else None,
        "previous": with_parameter(request, "page", preview.previous_number)
        if preview.has_previous
        else None,
        "results": [_row(shown, _sheets(preview.run).get(preview.part, {})) for shown in preview.shown],
    }


def _row(shown: ShownRow, sheet: Mapping[str, Any]) -> dict[str, Any]:
    row, places = shown.row, sheet.get("places", {})
    return {
        "sheet": sheet.get("sheet", ""),
        "row": row.number,
        "status": row.status,
        "label": shown.label,
        "cells": [{"column": cell.column, "text": cell.text, "old": cell.old} for cell in shown.cells],
        "problems": [
            {
                "cell": f"{get_column_letter(places[column])}{row.number}" if column in places else "",
                "column": column,
                "value": value,
                "message": message,
            }
            for column, value, message in row.problems
        ],
    }
