"""The screens of 评定与准入: what each person sees and may do, filled in and clicked as they would."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from content_models.policy_lists.models import ListEdition
from procedures.models import Case, CaseFile, Procedure, StepTask, Theme
from staff.models import AuditEntry
from tests import factories
from tests.procedures import world
from tests.procedures.world import Cast, decide, fresh

State = Case.State
INDEX = "/admin/procedures/"


def address(case: Case, verb: str = "") -> str:
    return f"{INDEX}{case.pk}/{verb}/" if verb else f"{INDEX}{case.pk}/"


def titles(answer: Any) -> list[str]:
    return [line["case"].title for line in answer.context["listed"]]


def begin(client: Client, procedure: Procedure, **data: Any) -> Any:
    return client.post(reverse("procedures:begin", args=[procedure.pk]), data)


def test_a_rating_is_written_submitted_and_decided_by_form(cast: Cast) -> None:
    themes = list(Theme.objects.filter(procedure=cast.rating))
    filled = {f"star_{theme.pk}": "on" for theme in themes[:6]}
    filled |= {f"score_{themes[0].pk}": "92.5", f"evidence_{themes[0].pk}": "测评表"}
    writer = cast.client(cast.writer)

    begin(writer, cast.rating, place=cast.community.pk, year=2026, keep="1", **filled)
    case = Case.objects.get()
    assert (case.state, case.stars, case.title) == (State.DRAFT, 6, "2026年星级评定")
    writer.post(f"{address(case)}edit/", {"place": cast.community.pk, "year": 2026, "submit": "1", **filled})
    assert fresh(case).state == State.RUNNING

    street = cast.client(cast.street_editor)
    page = street.get(address(case))
    assert "等您办理：群众测评" in page.content.decode()
    street.post(
        address(case, "decide"),
        {"step": page.context["turn"].state.pk, "action": "approve", "text": "测评合格"},
    )
    assert "测评合格" in cast.client(cast.writer).get(address(case)).content.decode()
    assert fresh(case).current_workflow_task.name == "乡镇考评"


def test_an_application_is_filled_in_and_its_mistakes_are_named(cast: Cast) -> None:
    target = world.admission_list(cast)
    department = factories.department("区民政局")
    filled = {
        "target": target.pk,
        "title": "月报表",
        "department": department.pk,
        "category": "报表",
        "basis": "示例文件",
        "starts_on": "2026-12-31",
        "ends_on": "2026-12-01",
        "submit": "1",
    }
    client = cast.client(cast.writer)

    wrong = begin(client, cast.admission, **filled).content.decode()
    assert "“有效期到”不能早于“计划开始日期”" in wrong
    assert not Case.objects.exists()
    private = begin(client, cast.admission, **filled | {"ends_on": "2027-01-31", "basis": "电话 13800138000"})
    assert "138****8000" in private.content.decode()
    assert not Case.objects.exists()
    begin(client, cast.admission, **filled | {"ends_on": "2027-01-31"})

    case = Case.objects.get()
    assert case.state == State.RUNNING
    assert case.place_id == cast.community.pk
    assert ListEdition.objects.filter(owner=target).count() == 1


def test_the_listing_says_whose_turn_it_is(cast: Cast) -> None:
    world.rating(cast)

    def mine(user: Any) -> list[str]:
        return titles(cast.client(user).get(f"{INDEX}?show=mine"))

    assert mine(cast.street_editor) == ["2026年星级评定"]
    assert mine(cast.street_reviewer) == mine(cast.writer) == mine(cast.district_editor) == []
    assert "街道编辑 · 东区街道" in cast.client(cast.writer).get(INDEX).content.decode()


def test_people_of_another_street_know_nothing_of_it(cast: Cast) -> None:
    case = world.rating(cast)
    client = cast.client(cast.stranger)

    assert titles(client.get(INDEX)) == []
    assert client.get(address(case)).status_code == 404
    for verb in ("submit", "decide", "withdraw", "remark", "attach", "recheck", "redraft", "exit"):
        assert client.post(address(case, verb), {"text": "x"}).status_code == 404
    assert fresh(case).state == State.RUNNING
    assert not case.notes.exists()


def test_a_draft_is_not_shown_to_those_who_will_decide(cast: Cast) -> None:
    case = world.rating(cast, submitted=False)

    assert cast.client(cast.street_reviewer).get(address(case)).status_code == 404
    assert titles(cast.client(cast.street_reviewer).get(INDEX)) == []
    assert titles(cast.client(cast.writer).get(INDEX)) == ["2026年星级评定"]


def test_who_may_not_decide_is_sent_away_and_nothing_happens(cast: Cast) -> None:
    case = world.rating(cast)
    step = case.current_workflow_task_state.pk

    answer = cast.client(cast.writer).post(address(case, "decide"), {"step": step, "action": "approve"})

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/admin/"
    assert fresh(case).current_workflow_task.name == "群众测评"


def test_files_are_checked_and_read_by_those_who_see_the_case(cast: Cast) -> None:
    case = world.rating(cast)
    writer = cast.client(cast.writer)

    writer.post(address(case, "attach"), {"file": world.pdf()})
    writer.post(address(case, "attach"), {"file": world.pdf("坏.exe")})

    kept = CaseFile.objects.get()
    path = f"{address(case)}files/{kept.pk}/"
    answer: Any = cast.client(cast.street_editor).get(path)
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert cast.client(cast.stranger).get(path).status_code == 404
    assert Client().get(path).status_code == 302
    assert Client().get(f"/media/{kept.file.name}").status_code == 404


def test_remarks_are_kept_once_and_shown(cast: Cast) -> None:
    case = world.rating(cast)
    client = cast.client(cast.street_reviewer)

    for _click in range(2):
        client.post(address(case, "remark"), {"text": "请带测评表"})

    assert case.notes.count() == 1
    assert "请带测评表" in cast.client(cast.writer).get(address(case)).content.decode()


def test_the_writer_takes_it_back(cast: Cast) -> None:
    case = world.rating(cast)

    cast.client(cast.street_editor).post(address(case, "withdraw"))
    assert fresh(case).state == State.RUNNING
    for _click in range(2):
        cast.client(cast.writer).post(address(case, "withdraw"))

    assert fresh(case).state == State.WITHDRAWN
    assert AuditEntry.objects.filter(action="withdraw_case").count() == 1


def test_the_menu_and_the_dashboard_lead_here(cast: Cast) -> None:
    text = cast.client(cast.street_editor).get("/admin/").content.decode()

    assert "评定与准入" in text
    assert f"{INDEX}?show=mine" in text
    auditor = factories.user("auditor")
    assert f"{INDEX}?show=mine" not in cast.client(auditor).get("/admin/").content.decode()
    assert cast.client(auditor).get(INDEX).status_code == 302


def test_an_administrator_makes_the_defaults_with_one_click_and_changes_them(db: Any) -> None:
    factories.home()
    client = Client()
    client.force_login(factories.user("administrator"))
    settings, button = "/admin/procedure-settings/", ">按常用做法建立</button>"
    assert button in client.get(settings).content.decode()

    for _click in range(2):
        client.post(f"{INDEX}defaults/")

    assert sorted(Procedure.objects.values_list("kind", flat=True)) == ["admission", "rating"]
    text = client.get(settings).content.decode()
    assert "群众测评 → 乡镇考评" in text
    assert button not in text
    step = StepTask.objects.get(name="群众测评")
    edit = client.get(f"/admin/workflows/tasks/edit/{step.pk}/").content.decode()
    assert 'name="name"' in edit
    assert 'name="role"' in edit
    procedure = Procedure.objects.get(kind="rating")
    assert client.get(f"{settings}edit/{procedure.pk}/").status_code == 200


def test_only_administrators_set_procedures(cast: Cast) -> None:
    for person in (cast.district_editor, cast.street_editor):
        client = cast.client(person)
        assert client.get("/admin/procedure-settings/").status_code == 302
        assert client.post(f"{INDEX}defaults/").status_code == 302


@pytest.mark.parametrize("query", ["?show=nothing", "?q=%00", "?kind=x&p=99", "?show=recheck"])
def test_any_question_to_the_listing_gets_an_answer(cast: Cast, query: str) -> None:
    world.rating(cast)

    assert cast.client(cast.street_editor).get(f"{INDEX}{query}").status_code == 200


def test_the_listing_asks_no_more_for_many(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for year in range(2010, 2030):
        world.rating(cast, year=year)
    client = cast.client(cast.street_editor)
    client.get(INDEX)

    with django_assert_max_num_queries(60):
        client.get(INDEX)


def test_the_dashboard_reminds_of_what_waits_and_of_the_due_recheck(cast: Cast) -> None:
    world.rating(cast)
    over = world.rating(cast, year=2025)
    Case.objects.filter(pk=over.pk).update(state=State.AGREED, decided_on=world.TODAY)
    reminder = "有 1 个社区的星级到了复核的时候"

    assert "有 1 件评定或准入等您办理" in cast.client(cast.street_editor).get("/admin/").content.decode()
    text = cast.client(cast.district_editor).get("/admin/").content.decode()
    assert "等您办理" not in text
    assert reminder not in text
    Case.objects.filter(pk=over.pk).update(decided_on=datetime.date(2026, 6, 24))
    assert reminder in cast.client(cast.district_editor).get("/admin/").content.decode()


def test_reports_and_mails_of_reviews_tell_nobody_else(cast: Cast, mailoutbox: Any) -> None:
    administrator = factories.user("administrator", email="admin@example.org")
    case = world.rating(cast)
    decide(case, cast.street_editor)
    reports = ["/admin/reports/workflow/", "/admin/reports/workflow_tasks/"]

    for report in reports:
        assert cast.client(administrator).get(report).status_code == 200
        for person in (cast.district_editor, cast.stranger, cast.street_reviewer):
            assert "2026年星级评定" not in cast.client(person).get(report).content.decode()
    assert {address for mail in mailoutbox for address in mail.to} <= {"admin@example.org"}
