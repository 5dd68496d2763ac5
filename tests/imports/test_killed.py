"""Imports whose process is killed outright: each has happened or not, says which, and can go on."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from content_models.guides.models import ProvisionEdition
from content_models.notices.models import NoticeChannel, NoticePage
from content_models.policy_lists.models import PolicyListPage
from imports import runs, tasks
from imports.models import ImportRun
from publishing import outbox, schedule
from publishing.models import OutboxEntry
from tests import factories
from tests.imports.mortal import ROOT, WITHIN, Mortal, environment, mortal, wait_until_let_go
from tests.imports.walk import checked

SEED = 20260731
OFTEN = 17  # of each of three kinds, so about fifty on each database
State = ImportRun.State
Moment = float | str  # of a kill: after a part of the usual time, or at a point in the program


class Scene(NamedTuple):
    """A checked run on content that stands, and what the public reads of it."""

    run: Callable[[], ImportRun]
    content: Callable[[], Any]


def a_list() -> Scene:
    page = factories.policy_list()
    factories.list_edition(page, [{"key": "a", "事项名称": "甲", "类别": "乙"}], published=True)
    text = "编号,事项名称,类别\na,改过,乙\n" + "".join(f"k{n},名{n},类{n % 7}\n" for n in range(400))
    editor = factories.user("district_editor", factories.home())

    def run() -> ImportRun:
        return checked("lists", text, by=editor, into=page, outcome="publish")

    def content() -> Any:
        page = PolicyListPage.objects.get()
        return {row.key: row.values for row in page.editions.current().get().rows.all()}

    return Scene(run, content)


def provisions() -> Scene:
    street = factories.street()
    places = [factories.community(f"{name}社区", under=street) for name in "甲乙丙"]
    guides = [factories.guide(f"事项{number}", slug=f"shi-{number}") for number in range(6)]
    factories.office(slug="zhongxin")
    edition = factories.provision_edition(places[0])
    factories.provision(edition, guides[0], window="1")
    factories.publish(edition)
    text = "区划代码,指南,是否办理,办理场所,窗口号\n" + "".join(
        f"{place.region_code},{guide.slug},是,zhongxin,9\n" for place in places for guide in guides
    )
    editor = factories.user("district_editor", factories.home())

    def run() -> ImportRun:
        return checked("provisions", text, by=editor, outcome="publish")

    def content() -> Any:
        current = ProvisionEdition.objects.current()
        return {edition.owner_id: list(edition.rows.values_list("key", "window")) for edition in current}

    return Scene(run, content)


def pages() -> Scene:
    channel = factories.channel(NoticeChannel)
    page = factories.notice("停电", slug="dian", live=False)
    page.save_revision(clean=False)
    factories.publish(page)
    text = "网址名,标题,类型,正文,发布单位,信息来源\n" + "".join(
        f"{slug},停水{slug},通知,明日停水,区水务局,区水务局\n" for slug in ("dian", "yi", "er", "san")
    )
    editor = factories.user("district_editor", factories.home())

    def run() -> ImportRun:
        return checked("notices", text, by=editor, into=channel, outcome="publish")

    def content() -> Any:
        return set(NoticePage.objects.values_list("slug", "title", "live"))

    return Scene(run, content)


SCENES: Mapping[str, Callable[[], Scene]] = {"list": a_list, "provisions": provisions, "pages": pages}


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Mortal]:
    with mortal(tmp_path) as program:
        yield program


def everything() -> Counter[str]:
    """How many records there are of each kind, but what an import stages and what has times of its own."""
    others = {"imports.ImportRun", "imports.StagedRow", "search.Token", "publishing.Sequence"}
    models = [
        model
        for model in apps.get_models()
        if model._meta.managed
        and model._meta.label not in others
        and model._meta.app_label not in ("quality", "care")  # nightly checks and snapshots
    ]
    counts = Counter({model._meta.label: model._base_manager.count() for model in models})
    counts[DBTaskResult._meta.label] = DBTaskResult.objects.filter(task_path__startswith="imports").count()
    return counts


def as_now(run: ImportRun) -> ImportRun:
    return ImportRun.objects.get(pk=run.pk)


def settle(run: ImportRun) -> ImportRun:
    """The run after housekeeping found that nobody works on it."""
    long_ago = timezone.now() - 2 * runs.SILENT_FOR
    ImportRun.objects.filter(pk=run.pk).exclude(heartbeat=None).update(heartbeat=long_ago)
    DBTaskResult.objects.filter(status="RUNNING").update(started_at=long_ago)
    schedule.run_due()
    return as_now(run)


class Usual(NamedTuple):
    """An import that nobody disturbs: its seconds, what it adds, what the public reads before and after."""

    seconds: float
    adds: Counter[str]
    before: Any
    after: Any


def usual(scene: Scene, other: Mortal) -> Usual:
    """Measured the second time: the first makes some records for good."""
    undisturbed(scene, other)
    return undisturbed(scene, other)


def undisturbed(scene: Scene, other: Mortal) -> Usual:
    run, before, counts = scene.run(), scene.content(), everything()
    seconds = other.do("confirm", run=run.pk)
    assert seconds is not None
    assert as_now(run).state == State.DONE, as_now(run).message
    adds, after = everything() - counts, scene.content()
    runs.undo(run, by=run.by)
    assert before != after
    assert {"imports.ImportChange", "publishing.OutboxEntry", "staff.AuditEntry"} <= adds.keys()
    return Usual(seconds, adds, before, after)


def often(kind: str) -> list[Moment]:
    """Both points, and moments from the beginning to a little after the usual end: always the same."""
    chance = random.Random(f"{SEED} {kind}")
    return ["before commit", "after commit", *(chance.uniform(0, 1.1) for _kill in range(OFTEN))]


@pytest.mark.parametrize(
    ("kind", "moments"),
    [
        pytest.param("list", [0.5, "after commit"], id="list"),
        pytest.param("provisions", ["before commit"], id="provisions"),
        pytest.param("pages", [0.7], id="pages"),
        *(pytest.param(kind, often(kind), id=f"{kind}-often", marks=pytest.mark.long) for kind in SCENES),
    ],
)
@factories.committed
def test_an_import_that_is_killed_has_happened_or_not_and_goes_on(
    kind: str, moments: list[Moment], other: Mortal
) -> None:
    scene = SCENES[kind]()
    expected = usual(scene, other)

    for moment in moments:
        is_done = is_done_when_killed(scene, expected, other, moment)
        if isinstance(moment, str):
            assert is_done == (moment == "after commit")


def is_done_when_killed(scene: Scene, expected: Usual, other: Mortal, moment: Moment) -> bool:
    """Kill the confirm of a new run, look at what is there, bring it to its end, undo it."""
    run, before = scene.run(), everything()
    if isinstance(moment, str):
        assert other.do("confirm", run=run.pk, at=moment) is None
    else:
        other.do("confirm", run=run.pk, after=moment * expected.seconds)
    run = as_now(run)
    is_done = run.state == State.DONE
    if not is_done:
        assert run.state in (State.CHECKED, State.CONFIRMING)
        assert (everything(), scene.content()) == (before, expected.before)
        was_begun = run.state == State.CONFIRMING
        run = settle(run)
        assert (run.state, "写入中断了" in run.message) == (State.CHECKED, was_begun)
        assert other.do("confirm", run=run.pk) is not None
        run = as_now(run)
    assert (run.state, scene.content()) == (State.DONE, expected.after), run.message
    assert everything() - before == expected.adds
    outbox.sweep()
    assert not OutboxEntry.objects.filter(sent_at=None).exists()
    assert runs.undo(run, by=run.by).state == State.UNDONE
    assert scene.content() == expected.before
    return is_done


# The task worker


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, ImportRun], ImportRun]:
    """Leaves a job on a run to the worker, as for a large file."""
    monkeypatch.setattr(tasks, "LARGE", 0)

    def leave(job: str, run: ImportRun) -> ImportRun:
        assert tasks.begin(job, run, by=run.by, rows=1)
        return as_now(run)

    return leave


JOBS = [("check", State.FAILED, State.CHECKED), ("confirm", State.CHECKED, State.DONE)]


@pytest.mark.parametrize(("job", "back", "done"), JOBS)
@factories.committed
def test_a_run_whose_worker_dies_before_its_first_sign_is_not_left_waiting(
    job: str, back: str, done: str, other: Mortal, queued: Any
) -> None:
    run = queued(job, a_list().run())
    waiting = run.state
    assert settle(run).state == waiting, "a run keeps its turn however long the queue is"

    assert other.do("work", at="claimed") is None
    schedule.run_due()
    assert as_now(run).state == waiting, "its worker may be about to begin"
    run = settle(run)

    assert run.state == back
    assert "中断了" in run.message
    run = queued(job, run)
    assert other.do("work") is not None
    assert as_now(run).state == done, as_now(run).message


@factories.committed
def test_a_run_that_never_came_into_the_queue_is_not_left_waiting(queued: Any) -> None:
    run = queued("confirm", a_list().run())
    DBTaskResult.objects.all().delete()

    assert tasks.settle_waiting() == 1

    assert as_now(run).state == State.CHECKED


@factories.committed
def test_a_run_is_not_begun_where_the_queue_takes_nothing(
    queued: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_list().run()
    monkeypatch.setattr(DBTaskResult.objects, "create", lambda **_fields: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        queued("confirm", run)

    assert as_now(run).state == State.CHECKED


@factories.committed
def test_a_worker_killed_while_it_writes_leaves_nothing_and_another_finishes(
    other: Mortal, queued: Any
) -> None:
    scene = a_list()
    other.do("work")  # what publishing left in the queue
    run, before, content = queued("confirm", scene.run()), everything(), scene.content()

    assert other.do("work", at="before commit") is None

    assert (everything(), scene.content()) == (before, content)
    run = settle(run)
    assert (run.state, "写入中断了" in run.message) == (State.CHECKED, True)
    queued("confirm", run)
    assert other.do("work") is not None
    assert as_now(run).state == State.DONE


@factories.committed
def test_the_worker_s_own_command_killed_in_a_check_leaves_a_run_that_is_checked_again(
    queued: Any, tmp_path: Path
) -> None:
    page = factories.policy_list()
    editor = factories.user("district_editor", factories.home())
    text = "编号,事项名称,类别\n" + "".join(f"k{n},名{n},类{n % 7}\n" for n in range(60_000))
    run = queued("check", checked("lists", text, by=editor, into=page))
    command = [sys.executable, "manage.py", "db_worker", "--queue-name=*", "--batch", "--no-startup-delay"]

    with subprocess.Popen(command, cwd=ROOT, env=environment(tmp_path)) as worker:
        wait_until(lambda: as_now(run).started_at is not None)
        os.kill(worker.pid, signal.SIGKILL)
    wait_until_let_go()

    run = settle(run)
    assert (run.state, "检查中断了" in run.message) == (State.FAILED, True)
    run = queued("check", run)
    subprocess.run(command, cwd=ROOT, env=environment(tmp_path), check=True, timeout=WITHIN)
    run = as_now(run)
    assert (run.state, run.counts["new"]) == (State.CHECKED, 60_000)
    assert run.heartbeat is not None
    assert timezone.now() - run.heartbeat < timedelta(minutes=1)


def wait_until(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not happens():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)
