"""The doctor finds what is wrong, says what to do, and answers with anything broken."""

import json
import os
import shutil
import threading
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from config import redis_settings
from operations import doctor, examinations, heartbeat
from operations.doctor import FAIL, OK, WARN, Examined, Finding, made
from operations.heartbeat import Work
from operations.models import Heartbeat
from publishing.models import OutboxEntry
from publishing.publish import publish
from search import documents
from search.models import Document
from staff.models import AuditCheck, User
from tests import factories

Looks = Callable[[], Iterator[Finding]]


def told(look: Looks, level: str) -> str:
    """What is found of this level, with the remedies."""
    return "\n".join(f"{found.says} → {found.remedy}" for found in look() if found.level == level)


@factories.committed
def test_a_site_in_trouble_is_told_by_the_exit_code(
    capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    settings.DATA_DIR = Path("/dev/null/data")

    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json")

    said = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    assert said["well"] is False
    found = {(each["about"], each["level"]) for each in said["findings"]}
    assert {("files", FAIL), ("database", OK), ("in time", OK), ("redis", OK)} <= found
    assert all(each["remedy"] for each in said["findings"] if each["level"] != OK)


@factories.committed
def test_a_site_that_is_well_is_told_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor")

    written = capsys.readouterr().out
    assert "ok   database: all migrations are applied" in written
    assert ", 0 to mend." in written


def test_an_examination_that_breaks_is_a_finding() -> None:
    def breaks() -> Iterator[Finding]:
        raise OSError("the disk is gone\nand more")
        yield

    [found] = made(Examined("disk", breaks, needs_database=False, within=5))

    assert (found.level, found.about, found.says) == (FAIL, "disk", "the disk is gone")
    assert found.remedy


def test_an_examination_that_hangs_is_a_finding() -> None:
    end = threading.Event()

    def hangs() -> Iterator[Finding]:
        end.wait()
        yield from ()

    [found] = made(Examined("disk", hangs, needs_database=False, within=0.05))
    end.set()

    assert (found.level, found.says) == (FAIL, "no answer within 0 s")


def test_without_the_database_the_rest_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def add(about: str, level: str, needs: bool) -> Examined:
        def look() -> Iterator[Finding]:
            looked.append(about)
            yield Finding(level, about, "")

        return Examined(about, look, needs, 5)

    all_of_them = [add("database", FAIL, False), add("search", OK, True), add("files", OK, False)]
    monkeypatch.setattr(doctor, "_examinations", all_of_them)

    findings = list(doctor.examine())

    assert looked == ["database", "files"]
    assert findings[-1].says == "not looked at: search"


# What it finds


@pytest.mark.django_db
def test_migrations_that_are_missing_or_unknown_are_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('live', '0999_later', %s)",
                       [timezone.now()])  # fmt: skip
        assert "0999_later" in told(examinations.look_at_database, WARN)
        cursor.execute("DELETE FROM django_migrations WHERE app = 'operations'")

    assert "operations.0001_heartbeat → python manage.py migrate" in told(examinations.look_at_database, FAIL)


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_postgresql_is_looked_at() -> None:
    assert "UTF8, C.UTF-8" in told(examinations.look_at_database, OK)


def test_redis_is_heard_through_the_channel_layer(redis_url: str, settings: Settings) -> None:
    settings.CHANNEL_LAYERS = redis_settings.channel_layers(redis_url)
    settings.CACHES = redis_settings.caches(redis_url)

    assert "a message sent through the channel layer comes back" in told(examinations.look_at_redis, OK)
    assert "maxmemory-policy allkeys-lru" in told(examinations.look_at_redis, WARN)


def test_a_redis_that_is_away_is_a_finding(settings: Settings) -> None:
    settings.CHANNEL_LAYERS = redis_settings.channel_layers("redis://127.0.0.1:1/0")
    settings.CACHES = redis_settings.caches("redis://127.0.0.1:1/0")

    [found] = made(Examined("redis", examinations.look_at_redis, needs_database=False, within=10))

    assert found.level == FAIL
    assert "refused" in found.says


@pytest.mark.django_db
def test_processes_that_are_missing_are_named_with_their_last_sign(settings: Settings) -> None:
    settings.HEARTBEATS, settings.SINGLE_PROCESS = True, False
    heartbeat.beat(Work.WEB)
    heartbeat.beat(Work.WORKER)
    Heartbeat.objects.filter(work=Work.WORKER).update(at=timezone.now() - timedelta(minutes=5))

    missing = told(examinations.look_at_processes, FAIL)

    assert "no worker gave a sign of life since 20" in missing
    assert "no scheduler gave a sign of life ever → systemctl start doorstep-scheduler" in missing
    heartbeat.beat(Work.WORKER)
    heartbeat.beat_schedule()
    assert told(examinations.look_at_processes, FAIL) == ""
    assert "1 web, 1 worker, 1 scheduler" in told(examinations.look_at_processes, OK)
    heartbeat.end(Work.WORKER)
    assert "no worker" in told(examinations.look_at_processes, FAIL)


@pytest.mark.django_db
def test_two_processes_with_a_memory_each_are_found(settings: Settings) -> None:
    settings.HEARTBEATS, settings.SINGLE_PROCESS = True, True
    heartbeat.beat(Work.WEB)
    Heartbeat.objects.create(
        work=Work.WEB, host="another", process=1, at=timezone.now(), started_at=timezone.now()
    )

    assert "2 web processes run, each with a memory of its own" in told(examinations.look_at_processes, FAIL)


@pytest.mark.django_db
def test_signs_of_life_are_forgotten_after_a_day() -> None:
    heartbeat.beat(Work.WEB)
    Heartbeat.objects.update(at=timezone.now() - timedelta(days=2))

    assert heartbeat.forget_old() == 1


@pytest.mark.django_db
def test_what_waits_too_long_is_told() -> None:
    at = timezone.now() - timedelta(seconds=90)
    OutboxEntry.objects.create(topic="guides:1", what="published", sequence=10**6, at=at)

    assert "is not told everywhere since 9" in told(examinations.look_at_what_waits, WARN)
    OutboxEntry.objects.update(at=timezone.now() - timedelta(hours=1))
    assert "is not told everywhere since 3600" in told(examinations.look_at_what_waits, FAIL)


@pytest.mark.django_db
def test_pages_that_cannot_be_found_are_counted() -> None:
    publish(factories.guide())
    documents.rebuild()
    assert told(examinations.look_at_search, WARN) == ""

    Document.objects.filter(kind="guides").delete()

    missing = told(examinations.look_at_search, WARN)
    assert missing == "1 public pages cannot be found → python manage.py rebuild_search"


@pytest.mark.django_db
def test_a_record_that_was_not_verified_or_is_broken_is_told() -> None:
    assert "never verified → Run manage.py verify_audit" in told(examinations.look_at_record, WARN)

    AuditCheck.objects.create(number=7)
    assert "whole up to number 7" in told(examinations.look_at_record, OK)

    AuditCheck.objects.create(number=9, at=timezone.now() - timedelta(days=30))
    assert "long ago" in told(examinations.look_at_record, WARN)

    AuditCheck.objects.create(number=3, problem="number 4 was altered")
    assert "broken: number 4 was altered" in told(examinations.look_at_record, FAIL)


@pytest.mark.django_db
def test_accounts_with_passwords_that_everybody_knows_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, word in (("admin", "admin"), ("reviewer", "of-the-demo-1"), ("importer", "nobody-knows-this")):
        User.objects.create_user(name, password=word, is_superuser=name == "admin")
    monkeypatch.setenv("DEMO_PASSWORD", "of-the-demo-1")

    assert "everybody knows the password of admin, reviewer →" in told(examinations.look_at_accounts, FAIL)
    User.objects.filter(username="reviewer").update(is_active=False)
    assert "of admin →" in told(examinations.look_at_accounts, FAIL)


def test_a_full_disk_is_told_before_and_when_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    for free, level in ((1024**3, WARN), (1024**2, FAIL)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _folder, free=free: usage(0, 0, free))
        assert "Make room" in told(examinations.look_at_files, level)


def test_static_files_that_were_not_collected_are_found(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    assert "not collected" in told(examinations.look_at_static_files, FAIL)

    call_command("collectstatic", "--noinput", verbosity=0)
    assert "are collected" in told(examinations.look_at_static_files, OK)

    paths: Any = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    (tmp_path / "static" / paths["civic/main.css"]).unlink()
    assert "1 were not collected, first civic/main.css" in told(examinations.look_at_static_files, FAIL)


def test_an_old_copy_of_the_site_is_told(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.HEARTBEATS = tmp_path, True
    assert "there is no copy" in told(examinations.look_at_copy, WARN)

    (tmp_path / "export").mkdir()
    home = tmp_path / "export" / "index.html"
    home.touch()
    assert "0 hours old" in told(examinations.look_at_copy, OK)

    os.utime(home, (time.time() - 30 * 3600,) * 2)
    assert f"30 hours old → python manage.py export_site {home.parent}" in told(
        examinations.look_at_copy, WARN
    )


def test_a_mail_server_that_is_away_is_a_finding(settings: Settings) -> None:
    assert "EMAIL_URL" in told(examinations.look_at_mail, WARN)

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    [found] = made(Examined("mail", examinations.look_at_mail, needs_database=False, within=10))
    assert (found.level, "refused" in found.says) == (FAIL, True)
