"""A disk without room: what cannot be kept is refused in words, and what is there stays whole."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations import places
from tests.operations.places import Place

LISTS = "SELECT COUNT(*) FROM policy_lists_listentry"
RUNS = "SELECT COUNT(*) FROM imports_importrun"


@pytest.fixture
def site(shared_folder: Path, tmp_path: Path, db: None) -> Iterator[Place]:
    with places.copy_of(places.demo(shared_folder), tmp_path / "site") as place:
        yield place


def sheet(folder: Path, rows: int) -> Path:
    path = folder / "清单.csv"
    path.write_text("编号,事项名称\n" + "".join(f"k{number},事项{number}\n" for number in range(rows)))
    return path


def test_an_upload_that_finds_no_room_leaves_no_half_file(site: Place, tmp_path: Path) -> None:
    before, runs = site.titles(), site.one(RUNS)
    files = sorted((site.folder / "imports").glob("*"))

    refused = site.run(
        "import_sheet", sheet(tmp_path, 100_000), "--kind", "lists", "--check", at_most=1_000_000
    )

    assert (refused.returncode, "磁盘空间不够" in refused.stderr) == (1, True), refused.stderr
    assert "Traceback" not in refused.stderr
    assert sorted((site.folder / "imports").glob("*")) == files
    assert (site.titles(), site.one(RUNS)) == (before, runs)


@pytest.mark.sqlite
def test_a_database_that_finds_no_room_stays_whole(site: Place, tmp_path: Path) -> None:
    before, rows = site.titles(), site.one(LISTS)

    failed = site.run("import_sheet", sheet(tmp_path, 300), "--kind", "lists", "--check", at_most=16_000)

    assert failed.returncode != 0
    assert (site.titles(), site.one(LISTS)) == (before, rows)
    with contextlib.closing(sqlite3.connect(site.folder / "db.sqlite3")) as database:
        database.execute("PRAGMA ignore_check_constraints=ON")  # these use functions of Django's
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert site.run("migrate", "--check").returncode == 0
