"""A task asks to be let into a community: its steps, the term, the new edition of the list, and the exit."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from content_models.places.calendar import Calendar
from content_models.policy_lists.models import Column, ListEdition, PolicyListPage
from procedures import admission, deciding
from procedures.due import decision_due, earliest_start
from procedures.models import Case
from publishing.models import OutboxEntry
from publishing.publish import publish
from staff.models import AuditEntry
from tests.procedures import world
from tests.procedures.conftest import Clock
from tests.procedures.world import Cast, decide, fresh

State = Case.State


@pytest.fixture
def target(cast: Cast) -> PolicyListPage:
    return world.admission_list(cast)


def admitted(cast: Cast, target: PolicyListPage, **fields: Any) -> Case:
    case = world.application(cast, target, **fields)
    decide(case, cast.street_reviewer)
    return decide(fresh(case), cast.district_reviewer)


def rows(target: PolicyListPage) -> list[dict[str, str]]:
    """What residents read of the list, by the labels of its columns."""
    edition = ListEdition.objects.get(owner=target, is_current=True)
    return [{label: text for _key, label, text in row.public_cells() if text} for row in edition.rows.all()]


# The list


def test_admission_makes_a_new_edition_with_the_entry(cast: Cast, target: PolicyListPage) -> None:
    case = admitted(cast, target)

    assert case.state == State.AGREED
    assert case.decided_on == world.TODAY
    assert ListEdition.objects.filter(owner=target).count() == 2
    assert rows(target)[1] == {
        "序号": "2",
        "类别": "报表",
        "事项": "养老服务月报表",
        "申请部门": "区民政局",
        "申请日": "2026-09-24",
        "准入日": "2026-09-24",
        "有效期": "2026-12-31",
        "经费保障": "部门随事拨付",
        "状态": "准入",
    }
    told = OutboxEntry.objects.filter(topic=f"lists:{target.pk}", detail__action="publish_edition")
    assert told.count() == 2
    actions = AuditEntry.objects.filter(action__endswith="_case").values_list("action", flat=True)
    assert list(actions.order_by("pk")) == ["submit_case", "approve_case", "approve_case"]


def test_an_entry_without_funding_says_so(cast: Cast, target: PolicyListPage) -> None:
    admitted(cast, target, funding="")

    assert rows(target)[1]["经费保障"] == "未明确经费"
    assert "未明确经费" in Client().get("/procedures/admission/").content.decode()


def test_columns_are_matched_by_key_whatever_they_are_called_now(cast: Cast, target: PolicyListPage) -> None:
    column = Column.objects.get(page=target, label="申请部门")
    column.label = "提出的部门"
    column.save()

    admitted(cast, target)

    assert rows(target)[1]["提出的部门"] == "区民政局"


def test_exit_makes_a_new_edition_in_which_the_entry_has_left(cast: Cast, target: PolicyListPage) -> None:
    case = admitted(cast, target)

    admission.leave(case, by=cast.district_reviewer, reason="已有系统数据")
    admission.leave(fresh(case), by=cast.district_reviewer, reason="已有系统数据")

    edition = ListEdition.objects.get(owner=target, is_current=True)
    assert edition.number == 3
    assert edition.inactive == 1
    assert rows(target)[1]["状态"] == "退出"
    assert fresh(case).state == State.EXITED
    assert "已有系统数据" in Client().get("/procedures/admission/").content.decode()


@pytest.mark.parametrize("person", ["writer", "street_reviewer", "stranger"])
def test_exit_is_decided_by_whoever_decides_the_last_step(
    cast: Cast, target: PolicyListPage, person: str
) -> None:
    case = admitted(cast, target)

    with pytest.raises(ValidationError, match="不能办理退出"):
        admission.leave(case, by=getattr(cast, person), reason="原因")

    assert fresh(case).state == State.AGREED


def test_a_colleagues_draft_of_the_list_does_not_lose_the_entry(cast: Cast, target: PolicyListPage) -> None:
    current = ListEdition.objects.get(owner=target, is_current=True)
    draft = current.new_draft(by=cast.writer, title="同事的草稿")

    admitted(cast, target)
    publish(ListEdition.objects.get(pk=draft.pk), by=cast.writer)

    assert [row["事项"] for row in rows(target)] == ["旧报表", "养老服务月报表"]


def test_a_refusal_by_the_list_undoes_the_whole_decision(cast: Cast, target: PolicyListPage) -> None:
    case = world.application(cast, target)
    decide(case, cast.street_reviewer)
    target.unpublish()

    with pytest.raises(ValidationError, match="还没有发布"):
        decide(fresh(case), cast.district_reviewer)

    assert fresh(case).state == State.RUNNING
    assert fresh(case).current_workflow_task.name == "准入审批"
    assert ListEdition.objects.filter(owner=target).count() == 1
    assert AuditEntry.objects.filter(action="approve_case").count() == 1


def test_a_total_that_an_older_document_states_is_not_taken_along(cast: Cast, target: PolicyListPage) -> None:
    ListEdition.objects.filter(owner=target).update(stated_total=33)

    admitted(cast, target)

    assert ListEdition.objects.get(owner=target, is_current=True).stated_total is None


# The term


def test_the_decision_is_due_after_fifteen_working_days(
    cast: Cast, target: PolicyListPage, clock: Clock
) -> None:
    case = world.application(cast, target)
    due = decision_due(case, Calendar.load())
    assert due.day == datetime.date(2026, 10, 22)
    assert not due.is_overdue

    clock.set(datetime.date(2026, 10, 23))

    assert decision_due(fresh(case), Calendar.load()).is_overdue
    assert "已超期" in Client().get("/procedures/admission/").content.decode()
    late = cast.client(cast.street_reviewer).get("/admin/procedures/?show=late")
    assert [line["case"].pk for line in late.context["listed"]] == [case.pk]


def test_a_year_without_calendar_is_said_and_stops_nobody(
    cast: Cast, target: PolicyListPage, clock: Clock
) -> None:
    clock.set(datetime.date(2026, 12, 29))
    case = world.application(cast, target, starts_on=None, ends_on=datetime.date(2027, 12, 31))

    assert decision_due(case, Calendar.load()).text == "2027年日历未维护"
    assert "2027年日历未维护" in Client().get("/procedures/admission/").content.decode()
    decide(case, cast.street_reviewer)
    assert decide(fresh(case), cast.district_reviewer).state == State.AGREED


def test_who_asks_too_late_is_warned_and_not_stopped(cast: Cast, target: PolicyListPage) -> None:
    case = world.application(cast, target, starts_on=datetime.date(2026, 10, 15))
    ahead = earliest_start(case, Calendar.load())

    assert ahead.is_overdue
    assert ahead.day == datetime.date(2026, 11, 12)
    text = cast.client(cast.street_reviewer).get(f"/admin/procedures/{case.pk}/").content.decode()
    assert "没有提前 30 个工作日申请" in text


def test_too_late_is_known_where_the_next_year_has_no_calendar(
    cast: Cast, target: PolicyListPage, clock: Clock
) -> None:
    clock.set(datetime.date(2026, 11, 23))
    soon = world.application(cast, target, starts_on=datetime.date(2026, 12, 1))
    later = world.application(cast, target, starts_on=datetime.date(2027, 1, 8))

    assert earliest_start(soon, Calendar.load()).is_overdue
    assert not earliest_start(later, Calendar.load()).is_overdue
    assert earliest_start(later, Calendar.load()).unknown == "2027年日历未维护"


# In public


def test_residents_read_what_was_asked_admitted_and_refused_with_the_reason(
    cast: Cast, target: PolicyListPage
) -> None:
    admitted(cast, target, title="已准入的事")
    refused = world.application(cast, target, title="没同意的事")
    decide(refused, cast.street_reviewer, "refuse", "没有依据")
    world.application(cast, target, title="在办的事")
    world.application(cast, target, title="还是草稿的事", submitted=False)
    withdrawn = world.application(cast, target, title="撤回的事")
    deciding.withdraw(withdrawn, by=cast.writer)

    text = Client().get("/procedures/admission/").content.decode()

    for words in ("已准入的事", "没同意的事", "没有依据", "在办的事", "2026-10-22", "15 个工作日"):
        assert words in text
    assert "还是草稿的事" not in text
    assert "撤回的事" not in text
    only = Client().get("/procedures/admission/?state=refused").content.decode()
    assert "没同意的事" in only
    assert "已准入的事" not in only


def test_what_is_internal_nobody_outside_knows_of(cast: Cast, target: PolicyListPage) -> None:
    admitted(cast, target, title="秘密的事")

    def is_told() -> bool:
        return "秘密的事" in Client().get("/procedures/admission/").content.decode()

    assert is_told()
    cast.admission.is_public = False
    cast.admission.save()
    assert not is_told()
    cast.admission.is_public = True
    cast.admission.save()
    PolicyListPage.objects.filter(pk=target.pk).update(is_internal=True)
    assert not is_told()
    PolicyListPage.objects.filter(pk=target.pk).update(is_internal=False)
    assert is_told()
    PageViewRestriction.objects.create(page=Page.objects.get(pk=cast.community.pk), restriction_type="login")
    assert not is_told()


def test_a_reason_with_personal_data_is_stopped(cast: Cast, target: PolicyListPage) -> None:
    case = world.application(cast, target)

    with pytest.raises(ValidationError, match=r"138\*{4}"):
        decide(case, cast.street_reviewer, "refuse", "请联系 13800138000")

    assert fresh(case).state == State.RUNNING
    assert timezone.localdate() == world.TODAY
