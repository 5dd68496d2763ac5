"""The database goes away in the middle: of a publish, of an import, of its undoing. All of it, or nothing."""

import contextlib
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import Error, OperationalError, connection

from imports import runs
from imports.models import ImportChange, ImportRun
from staff.models import AuditEntry
from tests import factories, test_publishing
from tests.conftest import IS_LONG
from tests.imports import walk
from tests.imports.test_at_once import KINDS
from tests.test_publishing import FailingStatement, recorded

Act = Callable[[], Any]
PUBLICATIONS = [
    test_publishing.publish_a_guide, test_publishing.take_a_guide_back, test_publishing.publish_in_the_admin,
    test_publishing.publish_on_schedule, test_publishing.publish_a_list_edition,
    test_publishing.publish_a_certificate_edition, test_publishing.take_an_edition_back,
    test_publishing.pause_an_office, test_publishing.end_a_pause, test_publishing.show_a_banner,
    *test_publishing.LEFT_BY,
]  # fmt: skip


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    walk.keep_uploads_in(tmp_path, monkeypatch)


class LostConnection:
    """Has the server end our connection before the statement with this number."""

    def __init__(self, number: int) -> None:
        self.left, self.is_lost = number, False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            self.is_lost = True
            own = connection.connection.info
            with psycopg.connect(
                host=own.host, port=own.port, user=own.user, password=own.password, dbname=own.dbname,
                autocommit=True,
            ) as other:  # fmt: skip
                other.execute("SELECT pg_terminate_backend(%s)", [own.backend_pid])
        return execute(sql, params, many, context)


@pytest.mark.postgres
@pytest.mark.parametrize("prepare", PUBLICATIONS)
@factories.committed
def test_a_publish_whose_connection_is_lost_leaves_nothing(prepare: Callable[[], Act]) -> None:
    act = prepare()
    before, number, lost_often = recorded(), 3, 0
    while True:
        lost = LostConnection(number)
        with contextlib.suppress(Error), connection.execute_wrapper(lost):
            act()
        if not lost.is_lost:
            break
        connection.close()
        lost_often += 1
        if recorded() != before:  # lost after the commit: it has happened
            break
        number += 1 if IS_LONG else 17

    assert lost_often
    *content, audits, announced, _versions, _numbers = zip(before, recorded(), strict=True)
    records, announcements = test_publishing.LEFT_BY.get(prepare, (1, 1))
    assert audits[1] == audits[0] + records, f"lost before statement {number}"
    assert len(announced[1]) == len(announced[0]) + announcements
    assert any(after != earlier for earlier, after in content)


def noted() -> tuple[Any, ...]:
    """What an import may leave behind, but how far it is."""
    return (
        *recorded(),
        ImportChange.objects.count(),
        AuditEntry.objects.filter(action__in=["import", "undo_import"]).count(),
        [state in (ImportRun.State.DONE, ImportRun.State.UNDONE) for state in _states()],
    )


def _states() -> list[str]:
    return list(ImportRun.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", ["confirm", "undo"])
@factories.committed
def test_an_import_at_any_statement_is_written_or_not_and_goes_on(kind: str, verb: str) -> None:
    make, said = KINDS[kind]()
    run = make("改过")
    content = said()
    if verb == "undo":
        run = runs.confirm(run, by=run.by)
        content = said()
    do = getattr(runs, verb)
    before, number = noted(), 5
    while True:
        failing = FailingStatement(number)
        with contextlib.suppress(OperationalError), connection.execute_wrapper(failing):
            do(ImportRun.objects.get(pk=run.pk), by=run.by)
        if not failing.has_failed or noted() != before:
            break
        assert said() == content, f"after statement {number} failed: {failing.failed}"
        number += 3 if IS_LONG else 23

    run.refresh_from_db()
    assert number > 5
    assert run.state == (ImportRun.State.DONE if verb == "confirm" else ImportRun.State.UNDONE), run.message
    assert said() != content
