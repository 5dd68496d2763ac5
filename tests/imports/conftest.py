"""Uploaded files of tests stay in a folder of their own; every reading process is watched on demand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from imports.reading import workbook
from tests.imports import walk


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walk.keep_uploads_in(tmp_path, monkeypatch)


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
