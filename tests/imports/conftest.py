"""Uploaded files of tests stay in a folder of their own."""

from pathlib import Path

import pytest

from imports.models import ImportRun


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImportRun._meta.get_field("file").storage, "location", str(tmp_path / "imports"))
