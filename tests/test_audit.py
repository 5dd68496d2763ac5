"""Who did what: in one chain, whoever writes at once; altered by nobody unseen; old parts go in order."""

import csv
import datetime
import importlib
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as hypothesis_settings
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, GroupPagePermission, Page, PageViewRestriction

from content_models.base.models import Topic
from publishing import outbox
from publishing.publish import publish
from staff import audit, chain, guard, retention, verification
from staff.models import ACTION_LABELS, AppendOnly, AuditChain, AuditCheck, AuditEntry, User
from tests import factories
from tests.factories import committed

ROOT = Path(__file__).parents[1]


def numbers() -> list[int | None]:
    return list(AuditEntry.objects.order_by("sequence").values_list("sequence", flat=True))


def some_entries(count: int = 5) -> list[AuditEntry]:
    """So many entries about a topic, one transaction each."""
    topic = Topic.objects.create(name="养老", slug="yanglao")
    person = User.objects.create(username="writer", display_name="王编辑")
    audit_before = AuditEntry.objects.count()
    entries = [
        audit.record("publish", topic, by=person, number=number, 名称="甲", share=0.1)
        for number in range(count)
    ]
    assert AuditEntry.objects.count() == audit_before + count
    commit()
    return entries


def commit() -> None:
    """What a commit does first, in a test that is rolled back and makes none."""
    if connection.in_atomic_block:
        pending: set[int] = getattr(connection, "unsealed_entries", set())
        chain.seal(sorted(pending))
        pending.clear()


def verify() -> verification.Verdict:
    commit()
    return verification.verify()


def lift() -> None:
    """Take the database's guard away, as its owner can."""
    settle()
    guard.lift()


def settle() -> None:
    """Have all checks done that PostgreSQL leaves for the commit, which here never comes."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def run_at_once(jobs: list[Callable[[], None]]) -> None:
    """Each in a thread with a connection of its own; the first failure is raised here."""
    failures: list[BaseException] = []
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], None]) -> None:
        try:
            start.wait(30)
            job()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    if failures:
        raise failures[0]


# The chain


@committed
def test_each_entry_names_the_hash_of_the_one_before() -> None:
    some_entries()

    rows = list(AuditEntry.objects.order_by("sequence").values_list("previous_hash", "hash"))
    assert [before for before, _own in rows] == [chain.START, *(own for _before, own in rows[:-1])]
    assert numbers() == list(range(1, len(rows) + 1))
    head = AuditChain.objects.get()
    assert (head.number, head.hash) == (len(rows), rows[-1][1])
    assert verify().is_whole


@pytest.mark.django_db
def test_nothing_recorded_is_a_whole_chain() -> None:
    assert verify().is_whole


@committed
def test_what_is_rolled_back_leaves_neither_entry_nor_gap() -> None:
    some_entries(2)
    topic = Topic.objects.get()

    with transaction.atomic():
        audit.record("publish", topic, kept=False)
        transaction.set_rollback(True)
    with transaction.atomic():
        audit.record("publish", topic, kept=True)
        with transaction.atomic():
            audit.record("publish", topic, kept=False)
            transaction.set_rollback(True)
    audit.record("publish", topic)

    assert numbers() == list(range(1, AuditEntry.objects.count() + 1))
    assert not AuditEntry.objects.filter(detail__kept=False).exists()
    assert verify().is_whole


@pytest.mark.django_db
def test_hundreds_at_once_are_chained_like_one() -> None:
    topics = [Topic.objects.create(name=f"主题{number}", slug=f"t{number}") for number in range(700)]

    with CaptureQueriesContext(connection) as asked:
        audit.record_all("publish", {topic: {"page": topic.pk} for topic in topics})

    commit()
    assert numbers() == list(range(1, 701))
    assert verify().read == 700
    assert len([query for query in asked if "SELECT" in query["sql"]]) < 10


@committed
def test_a_failing_seal_undoes_the_change_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any) -> None:
        raise ValueError("no key")

    monkeypatch.setattr(chain, "seal", fail)

    @transaction.atomic
    def change() -> None:
        audit.record("publish", Topic.objects.create(name="养老", slug="yanglao"))

    with pytest.raises(ValueError, match="no key"):
        change()
    monkeypatch.undo()

    assert not Topic.objects.exists()
    assert not AuditEntry.objects.exists()
    audit.record("publish", Topic.objects.create(name="又来", slug="youlai"))
    assert verify().read == 1


@pytest.mark.postgres
@committed
def test_whoever_writes_at_once_makes_one_chain_without_gaps() -> None:
    topics = [Topic.objects.create(name=f"主题{number}", slug=f"t{number}") for number in range(4)]

    def write(mine: int) -> None:
        topic = topics[mine]
        for number in range(15):
            match number % 5:
                case 0:
                    audit.record("publish", topic)
                case 1:
                    with outbox.publication():
                        audit.record("publish", topic)
                        outbox.announce(f"guides:{number % 3}", "published")
                case 2:  # the two in the order in which locks could cross
                    with transaction.atomic():
                        audit.record("publish", topic)
                        outbox.announce(f"guides:{number % 3}", "published")
                case 3:
                    with transaction.atomic():
                        outbox.announce(f"guides:{mine}", "published")
                        audit.record("publish", topic)
                        Topic.objects.filter(pk=topics[0].pk).update(name="大家都改")
                case 4:
                    audit.record_all("publish", {each: {} for each in topics})

    run_at_once([partial(write, mine) for mine in range(4)])

    assert numbers() == list(range(1, 4 * (4 * 3 + 3 * 4) + 1))
    assert verify().is_whole


@committed
def test_processes_that_write_at_once_make_one_chain() -> None:
    """Processes of their own, as several servers and workers are."""
    topic = Topic.objects.create(name="养老", slug="yanglao")
    connection.close()
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(topic.pk)], cwd=ROOT, env=_environment())
        for _ in range(3)
    ]

    assert [process.wait(120) for process in processes] == [0, 0, 0]

    assert numbers() == list(range(1, 61))
    assert verify().is_whole


WRITER = """
import sys, django
django.setup()
from content_models.base.models import Topic
from staff import audit
topic = Topic.objects.get(pk=sys.argv[1])
for number in range(20):
    audit.record("publish", topic, number=number)
"""


def _environment() -> dict[str, str]:
    """That of another process on this test's database."""
    name = str(connection.settings_dict["NAME"])
    server = os.environ.get("DATABASE_URL", "")
    url = f"{server.rsplit('/', 1)[0]}/{name}" if server else f"sqlite:///{name}"
    return os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
    }


@committed
def test_numbers_follow_the_order_of_commits() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one write at a time.")
    first = Topic.objects.create(name="先写后交", slug="first")
    second = Topic.objects.create(name="后写先交", slug="second")

    def write_second() -> None:
        audit.record("publish", second)
        connection.close()

    with transaction.atomic():
        audit.record("publish", first)
        meanwhile = threading.Thread(target=write_second)
        meanwhile.start()
        meanwhile.join(60)
        assert not meanwhile.is_alive(), "who has not committed yet keeps nobody waiting"

    labels = AuditEntry.objects.order_by("sequence").values_list("label", flat=True)
    assert list(labels) == ["后写先交", "先写后交"]
    assert verify().is_whole


# Append only


@pytest.mark.django_db
def test_the_models_refuse_to_change_or_delete() -> None:
    entry = some_entries()[0]
    entry.label = "改过"

    for change in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(label="改过"),
        lambda: AuditEntry.objects.bulk_update([entry], ["label"]),
        lambda: AuditEntry(pk=entry.pk, action="publish", label="改过").save(),
    ):
        with pytest.raises((AppendOnly, DatabaseError)), transaction.atomic():
            change()

    assert verify().is_whole


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE staff_auditentry SET label = 'x'",
        "UPDATE staff_auditentry SET by_name = 'x' WHERE sequence = 2",
        "UPDATE staff_auditentry SET hash = 'x' WHERE sequence = 2",
        "UPDATE staff_auditentry SET sequence = 99 WHERE sequence = 2",
        "UPDATE staff_auditentry SET sequence = NULL WHERE sequence = 2",
        "UPDATE staff_auditentry SET by_id = (SELECT max(id) FROM staff_user) WHERE sequence = 2",
        "DELETE FROM staff_auditentry WHERE sequence = 2",
        "DELETE FROM staff_auditentry",
        "TRUNCATE staff_auditentry",
    ],
)
def test_the_database_refuses_to_change_or_delete(statement: str) -> None:
    if statement.startswith("TRUNCATE") and connection.vendor == "sqlite":
        pytest.skip("SQLite knows no TRUNCATE.")
    some_entries()
    User.objects.create(username="another")
    settle()

    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert verify().is_whole


@pytest.mark.django_db
def test_an_account_and_a_kind_may_go_and_the_chain_stays_whole() -> None:
    some_entries()
    kind = ContentType.objects.create(app_label="gone", model="gone")
    audit.record("publish", kind)
    person = User.objects.get(username="writer")

    person.delete()
    kind.delete()

    commit()
    entry = AuditEntry.objects.filter(kind="base.topic").order_by("sequence")[0]
    assert (entry.by, entry.by_name, entry.kind) == (None, "王编辑", "base.topic")
    assert entry.person
    assert AuditEntry.objects.filter(action="delete_account").exists()
    assert verify().is_whole


# Verification

TAMPERED: dict[str, Any] = {
    "id": 9_999_999,
    "at": "2020-01-01 00:00:00+00",
    "person": "7777",
    "by_id": "another account",
    "by_name": "别人",
    "action": "take_back",
    "content_type_id": "another kind",
    "kind": "guides.guidepage",
    "object_id": "4711",
    "label": "别的",
    "detail": '{"number": 4711}',
    "sequence": 4711,
    "previous_hash": "0" * 64,
    "hash": "f" * 64,
    "key_name": "12345678",
}


def tamper(column: str, number: int, value: Any) -> None:
    """As someone does who owns the database: the trigger taken away, one column of one row changed."""
    lift()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE staff_auditentry SET {column} = %s WHERE sequence = %s", [value, number])
        assert cursor.rowcount == 1
    guard.ensure()


def test_every_column_is_tampered_with() -> None:
    assert set(TAMPERED) == {field.column for field in AuditEntry._meta.concrete_fields}


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3, 6])
@pytest.mark.parametrize("column", TAMPERED)
def test_a_column_that_was_tampered_with_is_found(column: str, number: int) -> None:
    some_entries()  # and the account, which is the first
    other = User.objects.create(username="another")
    value = TAMPERED[column]
    value = other.pk if column == "by_id" else value
    value = ContentType.objects.get_for_model(Page).pk if column == "content_type_id" else value
    value = "1" * 64 if column == "previous_hash" and number == 1 else value

    tamper(column, number, value)

    verdict = verify()
    assert not verdict.is_whole
    assert verdict.broken_at == number
    assert verdict.whole_to == number - 1


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 4, 7])
def test_an_entry_that_was_taken_out_is_found(number: int) -> None:
    some_entries(6)
    lift()

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM staff_auditentry WHERE sequence = %s", [number])

    guard.ensure()
    assert verify().broken_at == number


@pytest.mark.django_db
def test_an_entry_that_was_slipped_in_is_found_wherever_it_stands() -> None:
    some_entries()
    row: dict[str, Any] = AuditEntry.objects.order_by("-sequence").values()[0]  # type: ignore[assignment]  # a plain one
    for forged in ({"sequence": row["sequence"] + 1}, {"sequence": None}):
        values = row | {"id": row["id"] + 1000, "detail": json.dumps(row["detail"])} | forged
        names, places = ", ".join(values), ", ".join(["%s"] * len(values))
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO staff_auditentry ({names}) VALUES ({places})", list(values.values()))

        verdict = verify()

        assert not verdict.is_whole
        assert verdict.broken_id == values["id"]
        lift()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM staff_auditentry WHERE id = %s", [values["id"]])
        guard.ensure()
        assert verify().is_whole


@pytest.mark.django_db
def test_an_end_cut_off_together_with_its_head_needs_the_key() -> None:
    some_entries()
    lift()
    last = AuditEntry.objects.order_by("-sequence")[0]

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM staff_auditentry WHERE sequence = %s", [last.sequence])
        cursor.execute("UPDATE staff_auditchain SET number = number - 1, hash = %s", [last.previous_hash])

    guard.ensure()
    assert verify().problem == "链头的签名不对。"


@pytest.mark.django_db
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    detail=strategies.dictionaries(
        strategies.text(strategies.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
        strategies.recursive(
            strategies.none()
            | strategies.booleans()
            | strategies.integers(-(2**70), 2**70)
            | strategies.floats(allow_nan=False, allow_infinity=False)
            | strategies.text(strategies.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
            lambda inner: strategies.lists(inner, max_size=3),
            max_leaves=5,
        ),
        max_size=4,
    )
)
def test_whatever_a_detail_holds_is_read_as_it_was_sealed(detail: dict[str, Any]) -> None:
    topic = Topic.objects.first() or Topic.objects.create(name="养老", slug="yanglao")

    audit.record_all("publish", {topic: detail})

    assert verify().is_whole


@pytest.mark.django_db
def test_keys_that_were_replaced_still_verify_what_they_sealed(settings: Any) -> None:
    some_entries()
    old, settings.SECRET_KEY = settings.SECRET_KEY, "a new one for all"
    settings.AUDIT_KEY = "one of its own"
    audit.record("publish", Topic.objects.get())

    commit()
    without = verify()
    settings.AUDIT_KEY_FALLBACKS = [old]
    with_old = verify()

    assert (without.broken_at, without.is_whole) == (1, False)
    assert "AUDIT_KEY_FALLBACKS" in without.problem
    assert with_old.is_whole
    assert len(set(AuditEntry.objects.values_list("key_name", flat=True))) == 2


@pytest.mark.django_db
def test_the_command_says_what_is_broken_first_and_exits_with_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    some_entries()
    call_command("verify_audit", "--json")
    whole = json.loads(capsys.readouterr().out)
    tamper("label", 3, "改过")

    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", "--json")
    broken = json.loads(capsys.readouterr().out)
    with pytest.raises(SystemExit):
        call_command("verify_audit")

    assert (whole["is_whole"], whole["read"], whole["is_guarded"]) == (True, 6, True)
    assert ended.value.code == 1
    assert (broken["is_whole"], broken["broken_at"], broken["whole_to"]) == (False, 3, 2)
    assert "第 3 条" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_command_says_when_the_database_guards_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    lift()
    try:
        call_command("verify_audit")
        said = capsys.readouterr().err
    finally:
        guard.ensure()

    assert "触发器" in said
    assert guard.stands()


@committed
def test_what_an_older_version_wrote_is_taken_in_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    some_entries()
    with connection.cursor() as cursor:  # as a version does that knows of no chain
        cursor.execute(
            "INSERT INTO staff_auditentry (at, by_name, action, object_id, label, detail)"
            " VALUES ('2026-11-01 00:00:00+00', '', 'publish', '1', '旧版本', '{}')"
        )

    with pytest.raises(SystemExit):
        call_command("verify_audit")
    call_command("verify_audit", "--adopt")

    assert AuditEntry.objects.get(label="旧版本").sequence is not None
    assert AuditEntry.objects.filter(action="adopt_audit").exists()


@pytest.mark.django_db
def test_what_was_recorded_before_there_was_a_chain_is_chained_in_its_order() -> None:
    topic = Topic.objects.create(name="养老", slug="yanglao")
    person = User.objects.create(username="writer", display_name="王编辑")
    connection.unsealed_entries.clear()  # type: ignore[attr-defined]  # set by staff.chain
    kind = ContentType.objects.get_for_model(topic)
    AuditEntry.objects.bulk_create(
        AuditEntry(by=person, by_name="王编辑", action="publish", content_type=kind, label=f"第{number}条")
        for number in range(5)
    )
    AuditChain.objects.all().delete()
    before = MigrationLoader(connection).project_state([("staff", "0005_audit_chain")]).apps
    migration = importlib.import_module("staff.migrations.0008_chain_what_stands")
    lift()

    migration.fill(before, SimpleNamespace(connection=connection))

    settle()
    guard.ensure()
    last = AuditEntry.objects.order_by("-sequence")[0]
    assert (last.person, last.kind, last.label) == (str(person.pk), "base.topic", "第4条")
    assert verify().is_whole
    audit.record("publish", topic)
    assert verify().is_whole


# Keeping and forgetting


def written(days_ago: int, count: int = 1) -> None:
    """Entries of so many days ago."""
    at = timezone.now() - datetime.timedelta(days=days_ago)
    kind = ContentType.objects.get_for_model(Topic)
    entries = [
        AuditEntry(at=at, action="publish", content_type=kind, kind="base.topic", label="旧的")
        for _ in range(count)
    ]
    with transaction.atomic():
        chain.seal_before_commit(AuditEntry.objects.bulk_create(entries))
    commit()


@pytest.mark.django_db
def test_old_entries_go_and_the_rest_still_verifies(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    settings.AUDIT_KEPT_DAYS = 365
    written(400, count=7)
    written(100, count=2)

    assert retention.forget_audit() == 7
    assert retention.forget_audit() == 0

    verdict = verify()
    assert (verdict.is_whole, verdict.begins_at, verdict.read) == (True, 8, 3)
    entry = AuditEntry.objects.get(action="forget_audit")
    assert entry.detail == {"removed": 7, "up_to": 7}
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM staff_auditentry WHERE sequence = 8")


@pytest.mark.django_db
def test_nothing_younger_than_180_days_goes_whatever_is_configured(settings: Any) -> None:
    settings.AUDIT_KEPT_DAYS = 1
    written(181)
    written(179)

    assert retention.forget_audit() == 1

    assert [warning.id for warning in retention.check_kept_days(None)] == ["staff.W001"]
    settings.AUDIT_KEPT_DAYS = 180
    assert retention.check_kept_days(None) == []


@pytest.mark.django_db
def test_an_old_entry_behind_a_younger_one_waits_for_it(settings: Any) -> None:
    written(100)
    written(4000)

    assert retention.forget_audit() == 0


@pytest.mark.django_db
def test_a_moved_stump_is_found() -> None:
    some_entries()
    third = AuditEntry.objects.get(sequence=3)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE staff_auditchain SET removed_number = 3, removed_hash = %s", [third.hash])
        cursor.execute("DELETE FROM staff_auditentry WHERE sequence <= 3")

    assert not verify().is_whole


@pytest.mark.django_db
def test_the_first_removal_leaves_nothing_when_all_is_old(settings: Any) -> None:
    written(4000, count=2)

    assert retention.forget_audit() == 2

    verdict = verify()
    assert (verdict.is_whole, verdict.begins_at, verdict.read) == (True, 3, 1)


# What is recorded


@pytest.fixture
def administrator() -> User:
    return factories.user("administrator")


@pytest.fixture
def admin(administrator: User) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


def recorded(action: str) -> AuditEntry:
    return AuditEntry.objects.get(action=action)


@pytest.mark.django_db
def test_accounts_are_recorded_by_whom_they_are_changed(admin: Client, administrator: User) -> None:
    form = {"username": "newcomer", "display_name": "新人", "password1": "Jia-men-kou-2031", "phone": ""}
    admin.post(reverse("wagtailusers_users:add"), form | {"password2": "Jia-men-kou-2031"})
    made = User.objects.get(username="newcomer")
    AuditEntry.objects.get(action="create_account", object_id=str(made.pk), by=administrator)

    admin.post(
        reverse("wagtailusers_users:edit", args=[made.pk]),
        form | {"display_name": "改名", "phone": "0532-80000000", "password1": "", "password2": ""},
    )
    changed = recorded_of(made, "change_account")
    admin.post(reverse("wagtailusers_users:delete", args=[made.pk]))

    assert changed.by == administrator
    assert changed.detail["changes"]["display_name"] == ["新人", "改名"]
    assert "0532-80000000" not in json.dumps(changed.detail)
    assert "phone" in changed.detail["fields"]
    assert recorded("delete_account").label == "改名"


def recorded_of(thing: Any, action: str) -> AuditEntry:
    return AuditEntry.objects.get(action=action, object_id=str(thing.pk))


@pytest.mark.django_db
def test_signing_in_is_no_change_of_an_account() -> None:
    user = factories.user("auditor")
    user.set_password("Jia-men-kou-2031")
    user.save()
    before = AuditEntry.objects.filter(action="change_account").count()

    assert Client().login(username=user.username, password="Jia-men-kou-2031")

    assert before == 1
    assert AuditEntry.objects.filter(action="change_account").count() == before


@pytest.mark.django_db
def test_rights_given_by_hand_are_recorded_and_those_of_posts_as_posts() -> None:
    place = factories.street()
    before = AuditEntry.objects.count()
    member = factories.user("street_editor", place)
    following = set(AuditEntry.objects.order_by("pk").values_list("action", flat=True)[before:])

    group = Group.objects.create(name="临时")
    permission = Permission.objects.get(codename="access_admin")
    group.permissions.add(permission)
    right = GroupPagePermission.objects.create(
        group=group, page=place, permission=Permission.objects.get(codename="publish_page")
    )
    member.groups.add(group)
    right.delete()
    group.permissions.clear()
    member.groups.clear()
    group.delete()

    assert following == {"create_account"}
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)[before + 1 :])
    assert actions == [
        "create_group",
        "give_right",
        "give_right",
        "change_groups",
        "take_right",
        "take_right",
        "change_groups",
        "delete_group",
    ]
    assert AuditEntry.objects.filter(detail={"rights": ["wagtailadmin.access_admin"]}).count() == 2


@pytest.mark.django_db
def test_a_group_changed_on_wagtails_own_screen_is_recorded(admin: Client, administrator: User) -> None:
    group = Group.objects.create(name="临时")
    page = admin.get(reverse("wagtailusers_groups:edit", args=[group.pk]))
    forms = [page.context["form"], *page.context["permission_panels"]]
    data = {"name": "改名", "permissions": [Permission.objects.get(codename="access_admin").pk]}
    for form in forms[1:]:
        management = getattr(form, "management_form", None)
        if management is not None:
            data |= {management.add_prefix(name): value for name, value in management.initial.items()}

    answer = admin.post(reverse("wagtailusers_groups:edit", args=[group.pk]), data)

    assert answer.status_code == 302
    assert recorded_of(group, "change_group").by == administrator
    assert recorded_of(group, "give_right").detail == {"rights": ["wagtailadmin.access_admin"]}


@pytest.mark.django_db
def test_deleted_files_pages_and_restrictions_are_recorded(admin: Client, administrator: User) -> None:
    image = get_image_model().objects.create(title="照片", file=get_test_image_file())
    file = ContentFile(b"%PDF-1.4", name="a.pdf")
    document = get_document_model().objects.create(title="表格", file=file)
    page = factories.plain_page()

    admin.post(reverse("wagtailimages:delete", args=[image.pk]))
    admin.post(reverse("wagtaildocs:delete", args=[document.pk]))
    admin.post(reverse("wagtailadmin_pages:set_privacy", args=[page.pk]), {"restriction_type": "login"})
    admin.post(reverse("wagtailadmin_pages:set_privacy", args=[page.pk]), {"restriction_type": "none"})
    admin.post(reverse("wagtailadmin_pages:delete", args=[page.pk]))
    PageViewRestriction.objects.all().delete()
    collection = Collection.get_first_root_node().add_child(name="内部")
    admin.post(
        reverse("wagtailadmin_collections:set_privacy", args=[collection.pk]),
        {"restriction_type": "login"},
    )

    assert recorded("delete_image").label == "照片"
    assert recorded("delete_document").label == "表格"
    assert recorded_of(page, "delete_page").label == page.title
    assert recorded_of(page, "restrict").detail == {"to": "login"}
    assert recorded_of(page, "unrestrict").by == administrator
    assert recorded_of(collection, "restrict").by == administrator


@pytest.mark.django_db
def test_every_list_taken_away_as_a_file_is_recorded(admin: Client, administrator: User) -> None:
    for name in ("audit:index", "searches:index", "wagtailadmin_reports:aging_pages"):
        AuditEntry.objects.create(action="publish", label="有一条")
        answer = admin.get(reverse(name), {"export": "csv"})
        assert answer.status_code == 200
        body_of(answer)
        entry = AuditEntry.objects.order_by("-pk")[0]
        assert (entry.action, entry.by, entry.detail["screen"]) == ("export", administrator, reverse(name))
    factories.notice()
    assert admin.get(reverse("imports:export", args=["notices"])).status_code == 200
    assert AuditEntry.objects.order_by("-pk")[0].detail == {"kind": "notices"}


def test_every_action_has_a_name() -> None:
    assert all(str(label) for label in ACTION_LABELS.values())


# The auditor's screen


def body_of(answer: Any) -> bytes:
    """All of an answer, streamed or not; closing it would close the database too."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.fixture
def auditor() -> Client:
    client = Client()
    client.force_login(factories.user("auditor"))
    return client


@pytest.mark.django_db
def test_the_screen_says_when_and_how_far_the_chain_was_verified(auditor: Client) -> None:
    address = reverse("audit:index")
    audit.record("publish", factories.home())

    never = auditor.get(address).content.decode()
    AuditCheck.objects.create(number=12)
    whole = auditor.get(address).content.decode()
    AuditCheck.objects.create(number=7, problem="第 8 条不见了。")
    broken = auditor.get(address).content.decode()

    assert "还没有核验过" in never
    assert "到第 12 条为止完整" in whole
    assert "第 8 条不见了。" in broken


@pytest.mark.django_db
def test_the_screen_is_filtered_by_words_and_person(auditor: Client) -> None:
    one, two = factories.user(display_name="张三"), factories.user(display_name="李四")
    audit.record("publish", factories.topic("养老"), by=one)
    audit.record("import", factories.topic("医保"), by=two)

    def found(**asked: Any) -> set[str]:
        return {entry.label for entry in auditor.get(reverse("audit:index"), asked).context["object_list"]}

    assert {"养老", "医保"} <= found()
    assert found(by=one.pk) == {"养老"}
    assert found(q="医保") == {"医保"}
    assert found(action="import") == {"医保"}
    kind = ContentType.objects.get_for_model(Topic).pk
    assert found(content_type=kind) == {"养老", "医保"}


@pytest.mark.django_db
def test_the_screen_leads_to_each_entry_and_tells_it_in_words(auditor: Client) -> None:
    person = factories.user(display_name="张三")
    entry = audit.record("sign_in", person, by=person, address="10.1.2.3", second_factor="recovery")

    listed = auditor.get(reverse("audit:index")).content.decode()
    address = reverse("audit:inspect", args=[entry.pk])
    told = auditor.get(address).content.decode()

    assert f'href="{address}"' in listed
    assert "网络地址：10.1.2.3；第二重验证：恢复码" in told
    assert "second_factor" not in told
    assert f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S}" in told


@pytest.mark.django_db
def test_the_screen_names_who_acted_where_nobody_was_signed_in(auditor: Client) -> None:
    person = factories.user(display_name="张三")
    failed, by_itself = audit.record("sign_in_failed", person), audit.record("schedule_failed", person)

    assert (failed.who, by_itself.who) == ("未登录的人", "系统")
    assert "未登录的人" in auditor.get(reverse("audit:index")).content.decode()


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({}, ""),
        ({"address": "10.1.2.3", "asked": {}}, "网络地址：10.1.2.3"),
        (
            {"fields": ["is_active", "password"], "changes": {"is_active": [True, False]}},
            "改了什么：启用、密码；改动：启用由“是”改为“否”",
        ),
        (
            {"fields": ["display_name"], "changes": {"display_name": ["", "王芳"]}},
            "改了什么：姓名；改动：姓名由“空”改为“王芳”",
        ),
        ({"created": 3, "unheard_of": {"a": 1}}, '新建：3；unheard_of：{"a": 1}'),
    ],
)
def test_what_an_entry_holds_is_told_in_words(detail: dict[str, Any], said: str) -> None:
    assert AuditEntry(detail=detail).detail_text == said


@pytest.mark.django_db
def test_the_screen_counts_no_further_than_it_pages(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("staff.audit_views.COUNTED", 60)
    AuditEntry.objects.bulk_create(AuditEntry(action="publish", label=f"第{n}条") for n in range(150))

    with CaptureQueriesContext(connection) as few:
        page = auditor.get(reverse("audit:index"))
    AuditEntry.objects.bulk_create(AuditEntry(action="publish", label=f"第{n}条") for n in range(150))
    with CaptureQueriesContext(connection) as many:
        auditor.get(reverse("audit:index"))

    counts = [query["sql"] for query in few if "COUNT(*)" in query["sql"] and "auditentry" in query["sql"]]
    assert counts
    assert all("LIMIT 60" in sql for sql in counts)
    assert len(few) == len(many)
    assert page.context["paginator"].num_pages == 2
    assert "只列出最近的 60 条" in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_filtered_comes_as_a_file_without_live_formulas(auditor: Client, form: str) -> None:
    audit.record("publish", factories.topic("=HYPERLINK(1)"))
    audit.record("import", factories.topic("医保"))

    answer = auditor.get(reverse("audit:index"), {"export": form, "action": "publish"})
    content = body_of(answer)

    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    if form == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert [row[6] for row in rows] == ["对象", "'=HYPERLINK(1)"]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        assert [row[6].value for row in sheet.rows] == ["对象", "=HYPERLINK(1)"]
        assert [row[6].data_type for row in sheet.rows] == ["s", "s"]


@pytest.mark.django_db
def test_a_published_page_is_still_recorded_once() -> None:
    page = publish(factories.notice())

    assert recorded_of(page, "publish").detail["title"] == page.title
