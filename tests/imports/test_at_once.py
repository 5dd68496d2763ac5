"""Two who confirm at once, from two tabs or two desks; and runs of others, which are not there at all."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.urls.resolvers import URLPattern

from content_models.guides.models import ProvisionEdition
from content_models.notices.models import NoticeChannel, NoticePage
from content_models.policy_lists.models import ListEdition, PolicyListPage
from imports import runs, sockets, tasks, urls
from imports.lanes import NotNow
from imports.models import ImportRun
from publishing.models import OutboxEntry
from staff.models import AuditEntry
from tests import factories
from tests.imports.walk import checked

State = ImportRun.State
WITHIN = 60  # seconds
Answer = str | ImportRun


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """What each returns, all begun together in threads of their own; a NotNow counts as its sentence."""
    together, found = threading.Barrier(len(work)), dict[int, Any]()

    def run(place: int, verb: Callable[[], Any]) -> None:
        try:
            together.wait(timeout=WITHIN)
            found[place] = verb()
        except Exception as error:
            found[place] = str(error) if isinstance(error, NotNow) else error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=WITHIN)
    return [found[place] for place in range(len(work))]


def confirming(run: ImportRun) -> Callable[[], Answer]:
    return lambda: runs.confirm(run, by=run.by)


# Each kind: how a run over the same things is made again and again, and what the public reads of them.

Kind = tuple[Callable[[str], ImportRun], Callable[[], Any]]


def a_list() -> Kind:
    page = factories.policy_list()
    factories.list_edition(page, [{"key": "a", "事项名称": "甲", "类别": "乙"}], published=True)
    editor = factories.user("district_editor", factories.home())

    def run(word: str) -> ImportRun:
        text = f"编号,事项名称,类别\na,{word},乙\n"
        return checked("lists", text, by=editor, into=page, outcome="publish")

    def said() -> Any:
        page = PolicyListPage.objects.get()
        return page.editions.current().get().rows.get().title, ListEdition.objects.count()

    return run, said


def provisions() -> Kind:
    community = factories.community()
    factories.guide("低保", slug="dibao")
    factories.office(slug="zhongxin")
    editor = factories.user("district_editor", factories.home())

    def run(word: str) -> ImportRun:
        text = f"区划代码,指南,是否办理,办理场所,说明\n{community.region_code},dibao,是,zhongxin,{word}\n"
        return checked("provisions", text, by=editor, outcome="publish")

    def said() -> Any:
        note = ProvisionEdition.objects.current().values_list("rows__note", flat=True).first()
        return note, ProvisionEdition.objects.count()

    return run, said


def pages() -> Kind:
    page = factories.notice("停电", slug="dian", live=False)
    page.save_revision(clean=False)
    factories.publish(page)
    channel = factories.channel(NoticeChannel)
    editor = factories.user("district_editor", factories.home())

    def run(word: str) -> ImportRun:
        text = f"网址名,标题\ndian,{word}\n"
        return checked("notices", text, by=editor, into=channel, outcome="publish")

    def said() -> Any:
        return NoticePage.objects.get().title, NoticePage.objects.get().revisions.count()

    return run, said


KINDS: Mapping[str, Callable[[], Kind]] = {"list": a_list, "provisions": provisions, "pages": pages}


@pytest.mark.parametrize("kind", KINDS)
@factories.committed
def test_one_run_confirmed_twice_at_once_gives_both_the_same_result(kind: str) -> None:
    run, said = KINDS[kind]()
    mine, before, told = run("改过"), said()[1], OutboxEntry.objects.count()

    first, second = at_once(confirming(mine), confirming(mine))

    assert (first.state, second.state) == (State.DONE, State.DONE), (first, second)
    assert (first.confirmed_at, first.result) == (second.confirmed_at, second.result)
    assert said() == ("改过", before + 1)
    assert mine.changes.count() == 1
    assert AuditEntry.objects.filter(action="import").count() == 1
    assert OutboxEntry.objects.count() == told + 1


@pytest.mark.parametrize("kind", KINDS)
@factories.committed
def test_of_two_runs_over_the_same_one_is_told_that_it_was_changed(kind: str) -> None:
    run, said = KINDS[kind]()
    both = [run("我的"), run("你的")]

    answers = at_once(*map(confirming, both))

    refused = [answer for answer in answers if isinstance(answer, str)]
    done = [answer for answer in answers if isinstance(answer, ImportRun)]
    assert (len(done), len(refused)) == (1, 1), answers
    assert "1 条被别人改过，什么都没有写入" in refused[0]
    assert said()[0] == ("我的" if done[0].pk == both[0].pk else "你的")
    states = {each.pk: each.state for each in ImportRun.objects.all()}
    assert sorted(states.values()) == [State.CHECKED, State.DONE]


@factories.committed
def test_two_runs_over_different_lists_are_both_done() -> None:
    editor = factories.user("district_editor", factories.home())
    lists = [factories.policy_list(f"清单{name}") for name in "甲乙"]
    both = [
        checked("lists", "编号,事项名称,类别\na,名,类\n", by=editor, into=page, outcome="publish")
        for page in lists
    ]

    answers = at_once(*map(confirming, both))

    assert [answer.state for answer in answers] == [State.DONE, State.DONE], answers
    assert ListEdition.objects.current().count() == 2


@factories.committed
def test_two_clicks_at_once_begin_the_work_once() -> None:
    run, said = a_list()
    mine, count = run("改过"), said()[1]

    begun = at_once(*[lambda: tasks.begin("confirm", mine, by=mine.by, rows=1)] * 4)

    assert sorted(begun) == [False, False, False, True], begun
    assert said() == ("改过", count + 1)
    assert ImportRun.objects.get().state == State.DONE


# Others' runs


def addresses_of(run: ImportRun) -> list[str]:
    """Every address of the room that names a run: a new one is among them at once."""
    patterns = [pattern for pattern in urls.urlpatterns if "pk" in str(pattern.pattern)]
    assert all(isinstance(pattern, URLPattern) for pattern in urls.urlpatterns)
    return [reverse(f"imports:{pattern.name}", args=[run.pk]) for pattern in patterns]


@pytest.mark.django_db
@pytest.mark.parametrize("state", State.values)
def test_every_address_of_another_s_run_is_not_there(state: str) -> None:
    run = a_list()[0]("秘密")
    ImportRun.objects.filter(pk=run.pk).update(state=state)
    before = ImportRun.objects.filter(pk=run.pk).values().get()
    other = Client()
    other.force_login(factories.user("district_editor", factories.home()))

    addresses = addresses_of(run)

    assert len(addresses) >= 9
    for address in addresses:
        for method in ("get", "post", "put", "patch", "delete", "head", "options"):
            answer = getattr(other, method)(address)
            may_be_refused = () if method == "get" else (405,)
            assert answer.status_code in (404, *may_be_refused), (address, method)
            assert run.file_name not in answer.content.decode()
    assert ImportRun.objects.filter(pk=run.pk).values().get() == before


def test_every_socket_of_the_room_is_tested_by_its_owner() -> None:
    """Who may listen is said in test_progress; a new socket needs its words there."""
    assert [str(pattern.pattern) for pattern in sockets.urlpatterns] == ["admin-ws/imports/<int:pk>/"]
