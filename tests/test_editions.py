"""Editions: from draft to the one in force and back, always exactly one at a time."""

import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from wagtail.models import Task, Workflow, WorkflowTask

from content_models.base.checks import NotPublishable
from content_models.policy_lists.models import ListEdition, ListEntry, PolicyListPage
from publishing import schedule
from publishing.publish import publish, take_back
from tests import factories

ROWS = [{"事项名称": "低保申报", "类别": "公共服务"}, {"事项名称": "老年优惠证", "类别": "公共服务"}]


@pytest.fixture
def page(db: None) -> PolicyListPage:
    return factories.policy_list()


def current(page: PolicyListPage) -> list[ListEdition]:
    return list(ListEdition.objects.filter(owner=page, is_current=True))


def statuses(page: PolicyListPage) -> dict[str, str]:
    return {edition.title: edition.status for edition in ListEdition.objects.filter(owner=page)}


def test_an_edition_goes_from_draft_to_current_to_superseded_and_back(page: PolicyListPage) -> None:
    first = factories.list_edition(page, ROWS, title="第一批")
    assert statuses(page) == {"第一批": "draft"}
    assert factories.fresh(page).current_edition is None

    publish(first)
    assert statuses(page) == {"第一批": "published"}

    second = first.new_draft(title="第二批")
    assert statuses(page) == {"第一批": "published", "第二批": "draft"}

    publish(second)
    assert statuses(page) == {"第一批": "superseded", "第二批": "published"}

    take_back(second)
    assert statuses(page) == {"第一批": "published", "第二批": "taken_back"}
    assert factories.fresh(page).current_edition == first

    publish(second)
    assert statuses(page) == {"第一批": "superseded", "第二批": "published"}


def test_taking_back_goes_step_by_step_down_to_nothing(page: PolicyListPage) -> None:
    editions = [
        factories.list_edition(page, ROWS, title=f"第{number}批", published=True) for number in "一二三"
    ]

    for edition, remaining in zip(reversed(editions), ["第二批", "第一批", None], strict=True):
        take_back(edition)
        assert [row.title for row in current(page)] == ([remaining] if remaining else [])


def test_an_older_edition_can_be_put_in_force_again_and_taken_back(page: PolicyListPage) -> None:
    first, second = (factories.list_edition(page, ROWS, title=title, published=True) for title in "一二")

    publish(first)
    assert [edition.title for edition in current(page)] == ["一"]

    take_back(first)
    assert [edition.title for edition in current(page)] == ["二"]
    assert factories.fresh(first).status == "taken_back"
    assert factories.fresh(second).status == "published"


def test_only_the_current_edition_can_be_taken_back(page: PolicyListPage) -> None:
    first = factories.list_edition(page, ROWS, published=True)
    draft = first.new_draft()
    publish(draft)

    with pytest.raises(NotPublishable, match="不是现行版本"):
        take_back(first)
    with pytest.raises(NotPublishable, match="不是现行版本"):
        take_back(factories.list_edition(page, ROWS))


def test_two_current_editions_are_refused_by_the_database(page: PolicyListPage) -> None:
    factories.list_edition(page, ROWS, published=True)
    other = factories.list_edition(page, ROWS)

    with pytest.raises(IntegrityError), transaction.atomic():
        ListEdition.objects.filter(pk=other.pk).update(is_current=True)


def test_editions_are_numbered_and_no_number_is_used_twice(page: PolicyListPage) -> None:
    first, second = factories.list_edition(page, ROWS), factories.list_edition(page, ROWS)

    assert (first.number, second.number) == (1, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        ListEdition.objects.filter(pk=second.pk).update(number=1)


def test_an_edition_without_rows_is_not_published(page: PolicyListPage) -> None:
    with pytest.raises(NotPublishable, match="还没有任何条目"):
        factories.list_edition(page, [], published=True)

    assert current(page) == []


def test_an_edition_is_not_repealed_before_it_took_effect(page: PolicyListPage) -> None:
    edition = factories.list_edition(page, ROWS)
    edition.effective_on, edition.repealed_on = datetime.date(2022, 6, 20), datetime.date(2022, 6, 19)
    edition.save_revision(clean=False)

    with pytest.raises(NotPublishable, match="不能早于"):
        publish(edition)


# Rows


def change(row: ListEntry) -> None:
    row.values = {**row.values, "lei_bie": "改"}
    row.save()


def remove(row: ListEntry) -> None:
    row.delete()


def add(row: ListEntry) -> None:
    ListEntry(edition=row.edition, values=row.values).save()


@pytest.mark.parametrize("act", [change, remove, add])
@pytest.mark.parametrize("state", ["published", "superseded", "taken_back", "in_review", "scheduled"])
def test_rows_stand_still_once_their_edition_left_the_editor(
    page: PolicyListPage, state: str, act: Callable[[ListEntry], None]
) -> None:
    edition = factories.list_edition(page, ROWS)
    row = edition.rows.get(key="row-1")
    before = list(edition.rows.values_list("key", "values"))
    bring_to(edition, state)
    assert factories.fresh(edition).status == state

    # The row was read while its edition was still a draft.
    with pytest.raises(ValidationError, match="不能再改"):
        act(row)

    assert list(edition.rows.values_list("key", "values")) == before


def bring_to(edition: ListEdition, state: str) -> None:
    if state == "in_review":
        submit(edition)
    elif state == "scheduled":
        edition.go_live_at = timezone.now() + datetime.timedelta(days=1)
        edition.save_revision().publish()
    else:
        publish(edition)
        if state == "taken_back":
            take_back(edition)
        if state == "superseded":
            publish(edition.new_draft())


def submit(edition: ListEdition) -> Any:
    workflow = Workflow.objects.create(name="审核")
    WorkflowTask.objects.create(workflow=workflow, task=Task.objects.create(name="核对"))
    edition.save_revision()
    return workflow.start(edition, factories.user("administrator"))


def test_rows_of_a_draft_change_freely(page: PolicyListPage) -> None:
    edition = factories.list_edition(page, ROWS)
    row = edition.rows.get(key="row-1")
    digest = row.digest

    change(row)
    remove(edition.rows.get(key="row-2"))

    assert [(kept.key, kept.values["lei_bie"]) for kept in edition.rows.all()] == [("row-1", "改")]
    assert factories.fresh(row).digest != digest


def test_a_rejected_edition_can_be_changed_again(page: PolicyListPage) -> None:
    edition = factories.list_edition(page, ROWS)
    state = submit(edition)
    state.cancel()

    change(edition.rows.get(key="row-1"))

    assert factories.fresh(edition).status == "draft"


def test_a_key_names_one_row_of_an_edition(page: PolicyListPage) -> None:
    edition = factories.list_edition(page, ROWS)

    with pytest.raises(IntegrityError), transaction.atomic():
        ListEntry(edition=edition, key="row-1").save()


def test_a_new_draft_has_every_row_and_touches_none_of_the_old(page: PolicyListPage) -> None:
    editor = factories.user("administrator")
    first = factories.list_edition(page, ROWS, published=True, stated_total=3, source="市政府令")

    draft = first.new_draft(by=editor)

    assert [(row.key, row.order, row.values, row.text, row.digest) for row in draft.rows.all()] == [
        (row.key, row.order, row.values, row.text, row.digest) for row in first.rows.all()
    ]
    assert {row.pk for row in draft.rows.all()}.isdisjoint({row.pk for row in first.rows.all()})
    assert (draft.based_on, draft.created_by, draft.stated_total, draft.source) == (
        first,
        editor,
        3,
        "市政府令",
    )
    assert (draft.title, draft.status, draft.number) == ("第一批（修订）", "draft", 2)
    assert draft.latest_revision is not None


def test_the_difference_names_what_was_added_removed_and_changed(page: PolicyListPage) -> None:
    first = factories.list_edition(page, ROWS, published=True)
    draft = first.new_draft()
    change(draft.rows.get(key="row-1"))
    remove(draft.rows.get(key="row-2"))
    factories.fill(draft, [{"key": "new", "事项名称": "生育登记"}])

    difference = draft.difference(first)

    assert {name: [row.key for row in rows] for name, rows in difference.items()} == {
        "added": ["new"],
        "removed": ["row-2"],
        "changed": ["row-1"],
    }
    assert difference["removed"].get().edition_id == first.pk
    assert difference["changed"].get().older_pk == first.rows.get(key="row-1").pk
    assert not any(rows.exists() for rows in first.difference(first).values())


def test_moving_a_row_is_no_change(page: PolicyListPage) -> None:
    first = factories.list_edition(page, ROWS, published=True)
    draft = first.new_draft()
    row = draft.rows.get(key="row-1")
    row.order = 99
    row.save()

    assert not any(rows.exists() for rows in draft.difference(first).values())


# Headers and revisions


def test_an_old_revision_of_the_header_brings_nothing_else_back(page: PolicyListPage) -> None:
    first = factories.list_edition(page, ROWS, title="第一批")
    old = first.save_revision()
    publish(first)
    second = publish(first.new_draft(title="第二批"))
    publish(second.new_draft(title="第三批"))
    first.refresh_from_db()
    before = {name: getattr(first, name) for name in [*ListEdition.kept_by_revisions, "live", "owner_id"]}

    restored = old.as_object()

    assert {name: getattr(restored, name) for name in before} == before
    assert (restored.is_current, restored.live) == (False, True)
    assert restored.frozen_columns


def test_a_correction_of_the_header_keeps_the_edition_in_force(page: PolicyListPage) -> None:
    publish(factories.list_edition(page, ROWS, title="第零批"))
    edition = publish(factories.list_edition(page, ROWS, title="第一批"))
    replaced = edition.replaces
    edition.title = "第一批（更正）"
    edition.save_revision()

    publish(edition)

    [now] = current(page)
    assert (now.title, now.replaces, now.number) == ("第一批（更正）", replaced, 2)


# The day asked for


def test_the_edition_of_a_day_is_the_last_that_had_taken_effect(page: PolicyListPage) -> None:
    days = {"甲": datetime.date(2018, 1, 1), "乙": datetime.date(2022, 6, 20)}
    for title, day in days.items():
        factories.list_edition(page, ROWS, title=title, effective_on=day, published=True)
    today = factories.list_edition(page, ROWS, title="丙", published=True)
    factories.list_edition(page, ROWS, title="草稿", effective_on=datetime.date(2020, 1, 1))

    def on(day: datetime.date) -> str | None:
        edition = page.editions.in_force_on(day).first()
        return edition.title if edition else None

    assert on(datetime.date(2017, 12, 31)) is None
    assert on(datetime.date(2018, 1, 1)) == "甲"
    assert on(datetime.date(2022, 6, 19)) == "甲"
    assert on(datetime.date(2022, 6, 20)) == "乙"
    assert on(timezone.localdate()) == "丙"

    take_back(today)

    assert on(timezone.localdate()) == "乙"


# Later, and at the same time


def test_a_scheduled_edition_takes_over_when_its_time_comes(page: PolicyListPage) -> None:
    first = factories.list_edition(page, ROWS, published=True)
    second = first.new_draft(title="第二批")
    second.go_live_at = timezone.now() + datetime.timedelta(hours=1)
    second.save_revision().publish()
    assert statuses(page) == {"第一批": "published", "第二批": "scheduled"}

    assert schedule.publish_due() == 0
    past = timezone.now() - datetime.timedelta(seconds=1)
    revision = second.revisions.get(approved_go_live_at__isnull=False)
    revision.approved_go_live_at, revision.content["go_live_at"] = past, past.isoformat()
    revision.save()

    assert schedule.publish_due() == 1
    assert statuses(page) == {"第一批": "superseded", "第二批": "published"}


@pytest.mark.postgres
@factories.committed
def test_of_two_publishes_at_once_one_edition_is_current() -> None:
    page = factories.policy_list()
    editions = [factories.list_edition(page, ROWS, title=f"第{number}批") for number in range(4)]
    together = threading.Barrier(len(editions))
    failures: list[Exception] = []

    def run(edition: ListEdition) -> None:
        try:
            together.wait(timeout=10)
            publish(edition)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(edition,)) for edition in editions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert failures == []
    assert sorted(statuses(page).values()) == ["published", "superseded", "superseded", "superseded"]
    chain = [current(page)[0]]
    while chain[-1].replaces is not None:
        chain.append(chain[-1].replaces)
    assert len(chain) == 4


@pytest.mark.postgres
@factories.committed
def test_a_row_saved_while_its_edition_goes_public_waits_and_is_refused() -> None:
    page = factories.policy_list()
    edition = factories.list_edition(page, ROWS)
    row = edition.rows.get(key="row-1")
    refused: list[Exception] = []

    def save() -> None:
        try:
            change(row)
        except ValidationError as error:
            refused.append(error)
        finally:
            connection.close()

    saving = threading.Thread(target=save)
    with transaction.atomic():
        publish(edition)
        saving.start()
        saving.join(timeout=1)
        assert saving.is_alive()
    saving.join(timeout=30)

    assert len(refused) == 1
    assert factories.fresh(row).values["lei_bie"] == "公共服务"
