"""Uploaded files of tests stay in a folder of their own; every reading process is watched on demand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from imports.models import ImportRun
from imports.reading import workbook


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImportRun._meta.get_field("file").storage, "location", str(tmp_path / "imports"))


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[workbook.Reader]]:
    """Every reading process that was started; at the end none is left."""
    started: list[workbook.Reader] = []
    begin = workbook.Reader.__init__

    def note(self: workbook.Reader, *arguments: object, **options: object) -> None:
        begin(self, *arguments, **options)  # type: ignore[arg-type]  # handed through
        started.append(self)

    monkeypatch.setattr(workbook.Reader, "__init__", note)
    yield started
    assert all(reader.process.returncode is not None for reader in started)
