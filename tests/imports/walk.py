"""The walk of an import up to its check, as the screens and commands take it."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from content_models.base.spreadsheets import write_xlsx
from imports import runs, steps
from imports.export import sheets_of
from imports.kinds import lane_of
from imports.models import ImportRun

Sheets = Mapping[str, Sequence[Sequence[Any]]]


def book(sheets: Sheets) -> bytes:
    """A workbook of these sheets, each a list of rows."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def exported(kind: str, into: Any = None) -> bytes:
    """What the site says, as a workbook."""
    file = io.BytesIO()
    write_xlsx(sheets_of(kind, into), file)
    return file.getvalue()


def checked(
    kind: str, content: bytes | str | Sheets, *, by: Any, into: Any = None, **answers: Any
) -> ImportRun:
    """A run over a workbook, or over the text of a CSV file, as far as its check."""
    if isinstance(content, Mapping):
        content = book(content)
    name = "表.csv" if isinstance(content, str) else "表.xlsx"
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    run = runs.receive(file, name=name, kind=kind, into=into, by=by)
    for field, value in answers.items():
        setattr(run, field, value)
    run.save()
    steps.place_columns(run, lane_of(run))
    runs.check(run)
    return ImportRun.objects.get(pk=run.pk)


def problems(run: ImportRun) -> list[tuple[str, int, str, str]]:
    """``(part, line, column, sentence)`` of everything refused."""
    return [
        (row.part, row.number, column, message)
        for row in run.rows.order_by("part", "number")
        for column, _value, message in row.problems
    ]


def statuses(run: ImportRun, part: str = "") -> dict[int, str]:
    """What becomes of each line."""
    return dict(run.rows.filter(part=part).order_by("number").values_list("number", "status"))


def keep_uploads_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the files that a test uploads kept below ``folder``."""
    monkeypatch.setattr(ImportRun._meta.get_field("file").storage, "location", str(folder / "imports"))
