"""Backup and restore: the whole site or nothing, whatever goes wrong on the way."""

import os
import signal
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from api.changes import feed
from operations import backup, databases, settle
from publishing import outbox
from publishing.models import TopicVersion
from publishing.publish import publish
from staff.models import AuditEntry
from tests import factories
from tests.demo_site import Demo
from tests.operations import places
from tests.operations.places import Place

WITHIN = 60  # seconds
MEDIA = {"documents/办法.txt": b"text", "images/a.png": b"picture"}


@pytest.fixture(scope="module")
def demo(shared_folder: Path) -> Demo:
    return places.demo(shared_folder)


@pytest.fixture
def site(demo: Demo, tmp_path: Path, db: None) -> Iterator[Place]:
    """A site with the demo content and some files."""
    with places.copy_of(demo, tmp_path / "site") as place:
        for name, content in MEDIA.items():
            path = place.folder / "media" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield place


@pytest.fixture
def other(tmp_path: Path, db: None) -> Iterator[Place]:
    """An empty place."""
    with places.empty(tmp_path / "other") as place:
        yield place


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "backups"


def backed_up(site: Place, shelf: Path, *options: str) -> Path:
    return Path(site.json("backup", shelf, *options)["backup"])


def wait_until(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not happens():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.005)


def test_what_is_put_back_in_an_empty_place_is_the_same_site(site: Place, other: Place, shelf: Path) -> None:
    site.ask("INSERT INTO django_session VALUES ('thief', 'data', '2999-01-01 00:00:00')")
    epochs = dict(site.ask("SELECT topic, epoch FROM publishing_topicversion"))
    folder = backed_up(site, shelf)
    (other.folder / "open-data" / "guides").mkdir(parents=True)
    (other.folder / "open-data" / "guides" / "old.csv").write_text("stale")

    said = other.json("restore", shelf)

    assert other.titles() == site.titles()
    assert other.media() == site.media()
    assert (said["backup"], said["checks"]) == (folder.name, [])
    assert any(remark.startswith("SECRET_KEY 与备份时不同") for remark in said["remarks"])
    assert other.one("SELECT COUNT(*) FROM django_session") == 0
    renewed = dict(other.ask("SELECT topic, epoch FROM publishing_topicversion"))
    assert renewed.keys() == epochs.keys()
    assert not set(renewed.values()) & set(epochs.values())
    assert not (other.folder / "open-data").exists()
    again = other.run("restore", shelf)
    assert (again.returncode, "--replace" in again.stderr) == (1, True), again.stderr
    assert other.json("restore", shelf, "--replace")["checks"] == [], "what was restored can be backed up too"


@pytest.mark.long
def test_only_the_operator_reads_a_backup(site: Place, shelf: Path) -> None:
    folder = backed_up(site, shelf)

    modes = {
        stat.S_IMODE(path.stat().st_mode) for path in [shelf, folder, *folder.rglob("*")] if path.is_dir()
    }
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()} == {0o600}
    key = (site.folder / "secret_key").read_bytes()
    assert not any(key in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_unchanged_files_cost_their_space_once_and_old_backups_go(site: Place, shelf: Path) -> None:
    first = backed_up(site, shelf)
    (site.folder / "media" / "images" / "a.png").write_bytes(b"another picture")
    (site.folder / "media" / "images" / "b.png").write_bytes(b"new")
    second = backed_up(site, shelf)

    text, picture = (Path("media") / name for name in MEDIA)
    assert (first / text).stat().st_ino == (second / text).stat().st_ino
    assert (first / picture).read_bytes() == b"picture"
    assert (second / picture).read_bytes() == b"another picture"

    third = backed_up(site, shelf, "--keep", "2")

    assert backup.all_of(shelf) == [second, third]
    assert (third / text).read_bytes() == b"text"


def test_a_replacement_takes_back_what_was_done_since(site: Place, shelf: Path) -> None:
    before, media = site.titles(), site.media()
    backed_up(site, shelf)
    site.ask("UPDATE wagtailcore_page SET title = 'spoilt'")
    (site.folder / "media" / "images" / "a.png").unlink()
    (site.folder / "media" / "images" / "c.png").write_bytes(b"later")

    done = site.run("restore", shelf, "--replace")

    assert done.returncode == 0, done.stderr
    assert (site.titles(), site.media()) == (before, media)
    assert "演练" not in done.stdout
    assert list(site.folder.glob("*before-restore*")) == []
    assert site.one("SELECT COUNT(*) FROM staff_auditentry WHERE action = 'restore_backup'") == 1


@pytest.mark.long
def test_nothing_is_replaced_while_others_use_the_database(site: Place, shelf: Path) -> None:
    backed_up(site, shelf)
    script = "from staff.models import User; User.objects.count(); print('holding', flush=True); input()"
    holder = site.start("shell", "-c", script)
    holder_says = holder.stdout
    assert holder_says is not None
    try:
        wait_until(lambda: "holding" in holder_says.readline())
        refused = site.run("restore", shelf, "--replace")
    finally:
        holder.kill()
        holder.communicate()

    assert (refused.returncode, "别的进程在用数据库" in refused.stderr) == (1, True), refused.stderr


def test_a_damaged_backup_is_not_even_begun_with(site: Place, other: Place, shelf: Path) -> None:
    folder = backed_up(site, shelf)
    spoilt = folder / "media" / "documents" / "办法.txt"
    spoilt.write_bytes(b"tixt")

    refused = other.run("restore", shelf, "--json")

    assert refused.returncode == 1
    assert "media/documents/办法.txt" in refused.stdout
    assert "已损坏" in refused.stdout
    assert not (other.folder / "media").exists()
    spoilt.unlink()
    assert other.run("restore", folder).returncode == 1
    (folder / "manifest.json").write_text("{")
    assert "清单读不出来" in other.run("restore", folder).stderr


@pytest.mark.long
def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole(
    site: Place, other: Place, shelf: Path
) -> None:
    for number in range(300):
        (site.folder / "media" / f"{number}.bin").write_bytes(os.urandom(50_000))
    running = site.start("backup", shelf)
    wait_until(lambda: any(shelf.glob(".unfinished-*/media/*")))
    running.send_signal(signal.SIGKILL)
    running.communicate()

    assert any(shelf.glob(".unfinished-*"))
    assert "没有完整的备份" in other.run("restore", shelf).stderr
    folder = backed_up(site, shelf)
    assert [path.name for path in shelf.iterdir() if path.is_dir()] == [folder.name]


@pytest.mark.long
def test_a_full_disk_is_said_and_the_last_backup_stays(site: Place, shelf: Path) -> None:
    folder = backed_up(site, shelf)
    before = {path: path.stat().st_size for path in folder.rglob("*")}
    (site.folder / "media" / "big.bin").write_bytes(bytes(20_000_000))

    in_files = site.run("backup", shelf, at_most=15_000_000)
    in_database = site.run("backup", shelf, at_most=100_000)

    assert (in_files.returncode, "磁盘空间不够" in in_files.stderr) == (1, True), in_files.stderr
    assert (in_database.returncode, "没有" in in_database.stderr) == (1, True), in_database.stderr
    assert "Traceback" not in in_files.stderr + in_database.stderr
    assert [path.name for path in shelf.iterdir() if path.is_dir()] == [folder.name]
    assert {path: path.stat().st_size for path in folder.rglob("*")} == before


@pytest.mark.long
def test_a_full_disk_leaves_the_site_as_it_was(site: Place, shelf: Path) -> None:
    (site.folder / "media" / "big.bin").write_bytes(bytes(20_000_000))
    backed_up(site, shelf)
    site.ask("UPDATE wagtailcore_page SET title = 'now'")
    before, media = site.titles(), site.media()

    refused = site.run("restore", shelf, "--replace", at_most=15_000_000)

    assert (refused.returncode, "磁盘空间不够" in refused.stderr) == (1, True), refused.stderr
    assert (site.titles(), site.media()) == (before, media)
    assert list(site.folder.glob("*unfinished*")) + list(site.folder.glob("*before*")) == []


def test_what_was_there_stays_when_the_restored_site_does_not_work(site: Place, shelf: Path) -> None:
    site.ask("UPDATE wagtailcore_page SET numchild = 99 WHERE depth = 2")
    backed_up(site, shelf)
    site.ask("UPDATE wagtailcore_page SET title = 'now'")
    before, media = site.titles(), site.media()

    refused = site.run("restore", shelf, "--replace")
    stands = (site.titles(), site.media())
    forced = site.run("restore", shelf, "--replace", "--anyway")

    assert (refused.returncode, "页面树不完整" in refused.stderr) == (1, True), refused.stderr
    assert stands == (before, media)
    assert (forced.returncode, "页面树不完整" in forced.stdout) == (0, True), forced.stderr
    assert site.titles() != before


@pytest.mark.long
def test_a_restore_that_is_killed_is_taken_back_by_the_next(site: Place, shelf: Path) -> None:
    backed_up(site, shelf)
    site.ask("UPDATE wagtailcore_page SET title = 'now'")
    running = site.start("restore", shelf, "--replace")
    wait_until(lambda: (site.folder / "media.before-restore").exists())
    running.send_signal(signal.SIGKILL)
    running.communicate()

    refused = site.run("restore", shelf)

    assert (refused.returncode, "退回到它之前的内容" in refused.stdout) == (1, True), refused.stdout
    assert {title for _pk, title, _live in site.titles()} == {"now"}
    assert site.media().keys() >= MEDIA.keys()
    assert site.run("restore", shelf, "--replace").returncode == 0
    assert "now" not in {title for _pk, title, _live in site.titles()}


def test_an_older_backup_is_upgraded_and_a_newer_one_refused(site: Place, other: Place, shelf: Path) -> None:
    assert site.run("migrate", "search", "0004", "-v0").returncode == 0
    folder = backed_up(site, shelf)

    said = other.json("restore", shelf)

    assert said["migrated"] == 1
    assert other.one("SELECT COUNT(*) FROM django_migrations WHERE name = '0005_index_statistics'") == 1

    text = (folder / "manifest.json").read_text()
    (folder / "manifest.json").write_text(
        text.replace('"migrations": [', '"migrations": ["search.9000_later",')
    )
    refused = other.run("restore", shelf, "--replace")
    assert (refused.returncode, "search.9000_later" in refused.stderr) == (1, True), refused.stderr


def test_a_backup_is_of_one_moment_while_the_site_is_written_to(
    site: Place, other: Place, shelf: Path
) -> None:
    done = threading.Event()
    written: list[int] = []

    def write() -> None:
        for number in range(100_000):
            if done.is_set():
                return
            # Both or neither: a backup never holds one without the other.
            both = ", ".join(f"('{side}{number}', 0)" for side in ("left", "right"))
            site.ask(f"INSERT INTO publishing_sequence (name, value) VALUES {both}")
            written.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(lambda: len(written) > 5)
        backed_up(site, shelf)
    finally:
        done.set()
        writer.join(timeout=WITHIN)

    other.json("restore", shelf)
    names = [name for (name,) in other.ask("SELECT name FROM publishing_sequence")]
    left = {name.removeprefix("left") for name in names if name.startswith("left")}
    right = {name.removeprefix("right") for name in names if name.startswith("right")}
    assert len(left) > 5
    assert left == right


def test_the_drill_says_that_the_backup_is_good_and_leaves_nothing(
    site: Place, shelf: Path, tmp_path: Path
) -> None:
    folder = backed_up(site, shelf)
    before = site.titles()
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    done = site.run("restore_drill", shelf, TMPDIR=str(temporary))
    spoilt = folder / databases.here().files[0]
    spoilt.write_bytes(spoilt.read_bytes()[:-100])
    failed = site.run("restore", shelf, "--drill", TMPDIR=str(temporary))

    assert (done.returncode, f"演练成功，可以恢复 {folder.name}" in done.stdout) == (0, True), done.stderr
    assert (failed.returncode, "已损坏" in failed.stderr) == (1, True), failed.stderr
    assert list(temporary.iterdir()) == []
    assert site.titles() == before
    if site.url:
        assert site.ask("SELECT datname FROM pg_database WHERE datname LIKE 'doorstep_drill%'") == []


@pytest.mark.long
def test_wrong_calls_are_told_from_refusals(site: Place, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    assert site.run("backup", file).returncode == 2
    assert site.run("backup", tmp_path / "new", "--keep", "-1").returncode == 2
    assert site.run("restore", tmp_path / "nowhere").returncode == 2
    assert site.run("restore", tmp_path).returncode == 1


# What a restored database forgets and renews


@pytest.mark.django_db
def test_who_follows_the_feed_is_told_again_of_all_that_stands() -> None:
    guide, notice = publish(factories.guide()), publish(factories.notice(live=False))
    Session.objects.create(session_key="a", session_data="", expire_date=timezone.now())
    lost = outbox.newest() + 7  # what a follower had come to when the site was lost
    before = {each.topic: each.epoch for each in TopicVersion.objects.all()}

    told = settle.settle(name="doorstep-x")

    part = feed.read(lost, absolute=lambda path: path)
    topics = {change["topic"] for change in part.changes}
    assert {guide.topic, notice.topic} <= topics
    assert told == len(before)
    for each in TopicVersion.objects.all():
        assert each.epoch != before[each.topic]
    assert not Session.objects.exists()
    assert AuditEntry.objects.get(action="restore_backup").detail == {"backup": "doorstep-x"}


@pytest.mark.postgres
@pytest.mark.django_db
def test_programs_that_are_older_than_the_server_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    monkeypatch.setattr(databases, "DEBIAN", tmp_path)
    with pytest.raises(databases.Failed, match=r"pg_dump 的版本（9）比数据库服务器"):
        databases._program("pg_dump")
    with pytest.raises(databases.Failed, match="没有找到 pg_restore"):
        databases._program("pg_restore")


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_password_is_on_no_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    called: list[Any] = []

    def note(*args: Any, **more: Any) -> None:
        called.append((args, more))
        raise ZeroDivisionError

    monkeypatch.setattr(databases.subprocess, "run", note)

    with pytest.raises(ZeroDivisionError):
        databases._run(["pg_dump"])

    (command,), options = called[0]
    password = connection.settings_dict["PASSWORD"]
    assert password not in str(command)
    assert options["env"]["PGPASSWORD"] == password
