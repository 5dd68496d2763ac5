"""A resident reports who still demands a certificate; staff handle it, and the public page says how many."""

import csv
import datetime
import io
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config import redis_settings
from content_models.certificates.models import Certificate
from content_models.places.models import CalendarYear
from delivery import changes
from feedback import receive, reports, stamps
from feedback.models import DemandCount, DemandReport, Sending
from publishing import outbox
from staff.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db
ID_NUMBER, CARD, MOBILE = "11010519491231002X", "6222021234567890128", "13812345678"
State = DemandReport.State


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that stamps see, as ``[seconds]`` to be moved."""
    now = [1_800_000_000.0]
    monkeypatch.setattr(stamps.time, "time", lambda: now[0])
    return now


@pytest.fixture
def certificate() -> Certificate:
    """住改商证明, which no community issues any more (FACTS E and H4)."""
    return factories.certificate(
        "住改商证明", aliases=["住宅改商用证明"], instead=["由市场监管所核查，不用居民开证明"]
    )


def form_of(client: Client, certificate: Certificate) -> str:
    return reverse("feedback_demand_of", args=[certificate.owner_id, certificate.key])


def send(client: Client, clock: list[float], certificate: Certificate, **fields: str) -> Any:
    """Fill in the form as a person does: open it, take a while, send it."""
    address = form_of(client, certificate)
    stamp = soup(client.get(address)).select_one("[name=stamp]")["value"]  # type: ignore[index]
    clock[0] += 30
    return client.post(address, {"stamp": stamp, "unit": "某街道办事窗口", **fields})


def soup(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def summary(response: Any) -> str:
    found = soup(response).select_one(".problems")
    return found.get_text(" ", strip=True) if found else ""


def text_of(response: Any) -> str:
    return soup(response).get_text(" ", strip=True)


def report(certificate: Certificate, **fields: Any) -> DemandReport:
    return reports.take(certificate, **{"unit": "某街道办事窗口"} | fields)


# The resident


def test_a_report_is_taken_handled_and_counted(
    client: Client, clock: list[float], certificate: Certificate
) -> None:
    """FACTS H4: a channel for reporting those who still demand a cancelled certificate."""
    page = client.get(certificate.url)
    assert "社区不再出具" in text_of(page)
    assert "人反映仍被要求提供" not in text_of(page)
    way = soup(page).find("a", string="有人还在要这个证明？")
    assert way["href"] == form_of(client, certificate)  # type: ignore[index]

    assert "住改商证明" in text_of(client.get(form_of(client, certificate)))
    office = factories.office("中华街道便民服务中心", under=factories.street())
    thanks = send(
        client, clock, certificate, unit=" 中华街道便民服务中心 3 号窗口", happened_on="2026-11-20",
        said="说不开就不办", contact=MOBILE,
    )  # fmt: skip

    kept = DemandReport.objects.get()
    assert (kept.certificate, kept.office, kept.unit) == (
        certificate,
        office,
        "中华街道便民服务中心 3 号窗口",
    )
    assert (kept.said, kept.contact, kept.state) == ("说不开就不办", MOBILE, State.WAITING)
    receipt = client.get(thanks.url)
    assert kept.receipt in text_of(receipt)
    assert "近一年有 1 人反映仍被要求提供" in text_of(client.get(certificate.url))

    editor = factories.user("street_editor", office.get_parent())
    reports.handle(kept, by=editor, state=State.CONFIRMED, office=office, note="去窗口看过")
    answer = "已要求窗口改正，不再索要。"
    reports.handle(kept, by=editor, state=State.ANSWERED, office=office, answer=answer)

    said = text_of(client.get(reverse("feedback_receipt", args=[kept.code])))
    assert answer in said
    assert "去窗口看过" not in said
    assert "近一年有 1 人反映仍被要求提供" in text_of(client.get(certificate.url))
    reports.handle(kept, by=editor, state=State.UNFOUNDED, office=office)
    assert "人反映仍被要求提供" not in text_of(client.get(certificate.url))


def test_only_certificates_that_must_not_be_issued_can_be_reported(client: Client) -> None:
    issued = factories.certificate("居住情况证明", refused=False)

    assert client.get(form_of(client, issued)).status_code == 404
    assert "有人还在要" not in text_of(client.get(issued.url))


@pytest.mark.parametrize(
    "path", ["9/no-such-key/", f"{2**70}/key/", f"{2**70}/", "1/a%00b/"], ids=["none", "huge", "list", "nul"]
)
def test_what_is_not_there_is_not_found(client: Client, certificate: Certificate, path: str) -> None:
    assert client.get(f"/feedback/demands/{path}").status_code == 404


def test_without_a_preset_one_chooses_the_certificate(
    client: Client, clock: list[float], certificate: Certificate
) -> None:
    hidden = factories.certificate("内部证明")
    hidden.owner.unpublish()
    page = soup(client.get("/feedback/demands/"))
    assert [option.get_text() for option in page.select("select option")] == ["请选择", "住改商证明"]
    stamp = page.select_one("[name=stamp]")["value"]  # type: ignore[index]
    clock[0] += 30

    unsaid = client.post("/feedback/demands/", {"stamp": stamp, "unit": "窗口"})
    assert "请选择要的是哪份证明" in summary(unsaid)
    wrong = client.post("/feedback/demands/", {"stamp": stamp, "unit": "窗口", "certificate": hidden.pk})
    assert "请从列出的证明里选一份" in summary(wrong)
    client.post("/feedback/demands/", {"stamp": stamp, "unit": "窗口", "certificate": certificate.pk})
    assert DemandReport.objects.get().certificate == certificate


def test_errors_lead_to_their_fields(client: Client, clock: list[float], certificate: Certificate) -> None:
    answer = send(client, clock, certificate, unit="  ", happened_on="2999-01-01", contact="找小王")

    page = soup(answer)
    assert page.title.get_text().startswith("没有提交成功")  # type: ignore[union-attr]
    links = [link["href"] for link in page.select(".problems a")]
    assert links == ["#demand-unit", "#demand-happened_on", "#demand-contact"]
    for link in links:
        field = page.select_one(link)  # type: ignore[arg-type]
        assert field["aria-invalid"] == "true"  # type: ignore[index]
        described = str(field["aria-describedby"]).split()  # type: ignore[index]
        assert [each for each in described if page.find(id=each) is None] == []
    assert not DemandReport.objects.exists()


@pytest.mark.parametrize("field", ["unit", "said", "contact"])
@pytest.mark.parametrize("number", [ID_NUMBER, CARD])
def test_numbers_of_people_are_refused_in_every_field(
    client: Client, clock: list[float], certificate: Certificate, field: str, number: str
) -> None:
    answer = send(client, clock, certificate, **{field: f"我是 {number}"})

    assert answer.status_code == 200
    assert ("居民身份证号码" if number == ID_NUMBER else "银行卡号") in summary(answer)
    assert not DemandReport.objects.exists()


def test_the_masked_form_is_offered_and_taken(
    client: Client, clock: list[float], certificate: Certificate
) -> None:
    refused = send(client, clock, certificate, said=f"说要 {ID_NUMBER} 和 {MOBILE}")
    assert "110105********002X" in summary(refused)
    stamp = soup(refused).select_one("[name=stamp]")["value"]  # type: ignore[index]
    said = {"stamp": stamp, "unit": "窗口", "said": f"说要 {ID_NUMBER} 和 {MOBILE}"}
    assert soup(refused).select_one("button[name=mask]")

    offered = client.post(form_of(client, certificate), {**said, "mask": "1"})
    masked = soup(offered).select_one("[name=said]").get_text().strip()  # type: ignore[union-attr]
    assert masked == "说要 110105********002X 和 138****5678"
    assert not DemandReport.objects.exists()

    client.post(form_of(client, certificate), {**said, "said": masked})
    assert DemandReport.objects.get().said == masked


@pytest.mark.parametrize("contact", ["", MOBILE, "0592-2020001", "+86 138 1234 5678", "wang@example.com"])
def test_a_contact_may_be_a_phone_or_an_e_mail(
    client: Client, clock: list[float], certificate: Certificate, contact: str
) -> None:
    send(client, clock, certificate, contact=contact)

    assert DemandReport.objects.get().contact == contact


# Programs, and people in a hurry


def test_a_form_that_comes_back_at_once_is_asked_for_again(
    client: Client, clock: list[float], certificate: Certificate
) -> None:
    address = form_of(client, certificate)
    stamp = soup(client.get(address)).select_one("[name=stamp]")["value"]  # type: ignore[index]
    clock[0] += 2.9
    answer = client.post(address, {"stamp": stamp, "unit": "三号窗口"})
    assert "按得太快了" in summary(answer)
    assert soup(answer).select_one("[name=unit]")["value"] == "三号窗口"  # type: ignore[index]

    clock[0] += 1
    again = soup(answer).select_one("[name=stamp]")["value"]  # type: ignore[index]
    client.post(address, {"stamp": again, "unit": "三号窗口"})
    assert DemandReport.objects.get().unit == "三号窗口"


@pytest.mark.parametrize("stamp", ["old", "", "made:up", "W10:abc"])
def test_a_form_of_yesterday_or_of_nobody_is_asked_for_again(
    client: Client, clock: list[float], certificate: Certificate, stamp: str
) -> None:
    address = form_of(client, certificate)
    given = soup(client.get(address)).select_one("[name=stamp]")["value"]  # type: ignore[index]
    clock[0] += 86_401
    answer = client.post(address, {"stamp": given if stamp == "old" else stamp, "unit": "窗口"})
    assert "打开得太久了" in summary(answer)

    clock[0] += 5
    again = soup(answer).select_one("[name=stamp]")["value"]  # type: ignore[index]
    client.post(address, {"stamp": again, "unit": "窗口"})
    assert DemandReport.objects.count() == 1


def test_a_program_that_fills_in_everything_is_thanked_and_nothing_kept(
    client: Client, clock: list[float], certificate: Certificate
) -> None:
    answer = send(client, clock, certificate, website="https://spam.example")

    assert answer.status_code == 302
    assert "谢谢" in text_of(client.get(answer.url))
    assert not DemandReport.objects.exists()
    assert not DemandCount.objects.filter(number__gt=0).exists()


def test_what_is_sent_twice_is_kept_once(
    client: Client, clock: list[float], certificate: Certificate
) -> None:
    address = form_of(client, certificate)
    stamp = soup(client.get(address)).select_one("[name=stamp]")["value"]  # type: ignore[index]
    clock[0] += 30

    sent = [client.post(address, {"stamp": stamp, "unit": "窗口"}).headers["Location"] for _n in range(2)]

    assert sent[0] == sent[1]
    assert DemandReport.objects.count() == 1


def test_one_sender_is_heard_once_a_minute_and_twenty_times_a_day(
    client: Client, clock: list[float], certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert send(client, clock, certificate).status_code == 302
    refused = send(client, clock, certificate, said="第二条")
    assert refused.status_code == 429
    assert "再按一次提交" in summary(refused)
    assert soup(refused).select_one("[name=said]").get_text().strip() == "第二条"  # type: ignore[union-attr]

    elsewhere = Client(REMOTE_ADDR="10.1.2.3")
    assert send(elsewhere, clock, certificate, contact=MOBILE).status_code == 302
    by_phone = send(Client(REMOTE_ADDR="10.1.2.4"), clock, certificate, contact="138 1234 5678")
    assert by_phone.status_code == 429

    for _number in range(19):
        clock[0] += 61
        assert send(client, clock, certificate).status_code == 302
    clock[0] += 61
    last = send(client, clock, certificate)
    assert last.status_code == 429
    assert "明天再提交" in summary(last)
    assert DemandReport.objects.count() == 21


def test_nobody_is_refused_with_an_error_while_redis_is_away(
    client: Client, clock: list[float], certificate: Certificate, settings: Any
) -> None:
    settings.CACHES = redis_settings.caches("redis://127.0.0.1:1/0")  # where nothing listens

    assert send(client, clock, certificate).status_code == 302
    assert send(client, clock, certificate).status_code == 429


def test_addresses_are_kept_nowhere(clock: list[float], certificate: Certificate) -> None:
    sender = Client(REMOTE_ADDR="10.98.76.54")
    with CaptureQueriesContext(connection) as asked:
        assert send(sender, clock, certificate).status_code == 302

    assert "10.98.76.54" not in "\n".join(query["sql"] for query in asked)


def test_a_form_needs_its_token(certificate: Certificate, clock: list[float]) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(form_of(strict, certificate), {"unit": "窗口"}).status_code == 403


@pytest.mark.parametrize("name", ["form", "receipt"])
def test_nothing_of_it_is_kept_by_anybody_on_the_way(
    client: Client, certificate: Certificate, name: str
) -> None:
    kept = report(certificate)
    address = (
        form_of(client, certificate) if name == "form" else reverse("feedback_receipt", args=[kept.code])
    )

    said = client.get(address).headers["Cache-Control"]

    assert "no-store" in said
    assert "private" in said


# The receipt


def test_a_receipt_is_found_however_it_is_typed(client: Client, certificate: Certificate) -> None:
    kept = report(certificate)

    for typed in (kept.code, kept.receipt, f" {kept.receipt.lower()} ", kept.receipt.replace("-", " ")):
        assert client.get("/feedback/receipts/", {"code": typed}).url == f"/feedback/receipts/{kept.code}/"  # type: ignore[attr-defined]
    unknown = client.get("/feedback/receipts/", {"code": "AAAA-BBBB-CCCC"})
    assert "没有找到这个编号" in text_of(unknown)
    assert client.get("/feedback/receipts/AAAABBBBCCCC/").status_code == 404


def test_a_receipt_tells_nothing_of_its_sender(client: Client, certificate: Certificate) -> None:
    kept = report(certificate, said="他们凶得很", contact=MOBILE)

    said = client.get(reverse("feedback_receipt", args=[kept.code])).content.decode()

    assert MOBILE not in said
    assert "凶" not in said


# The public number


def test_stored_pages_follow_the_number(certificate: Certificate) -> None:
    before = outbox.newest()

    report(certificate)

    keys = {key for change in changes.changes_after(before, limit=50) for key in change.keys}
    assert "rows:feedback_demandcount" in keys
    quiet = outbox.newest()
    assert reports.recount([certificate.pk]) == 0
    assert outbox.newest() == quiet


def test_reports_of_more_than_a_year_ago_count_no_longer(certificate: Certificate) -> None:
    old, _new = report(certificate), report(certificate)
    DemandReport.objects.filter(pk=old.pk).update(reported_at=timezone.now() - datetime.timedelta(days=366))
    assert DemandCount.objects.get().number == 2

    assert reports.recount_demands() == 1
    assert DemandCount.objects.get().number == 1
    assert reports.recount_demands() == 0


@pytest.mark.parametrize(
    ("states", "number"),
    [
        ([State.FORWARDED], 1),
        ([State.CONFIRMED, State.ANSWERED], 1),
        ([State.UNFOUNDED], 0),
        ([State.UNFOUNDED, State.ANSWERED], 0),
        ([State.INVALID], 0),
        ([State.INVALID, State.WAITING], 1),
    ],
)
def test_what_is_refuted_or_spam_is_not_counted(
    certificate: Certificate, states: list[str], number: int
) -> None:
    kept = report(certificate)
    for state in states:
        reports.handle(kept, by=factories.user("administrator"), state=state, answer="答复")

    assert DemandCount.objects.get().number == number


# Staff


def test_a_name_of_an_office_brings_it_to_the_editors_there(certificate: Certificate) -> None:
    own, other = factories.street("中华街道"), factories.street("八大湖街道")
    factories.office("中华便民中心", under=own)
    report(certificate, unit="中华便民中心", said="说给中华听")
    report(certificate, unit="哪里都不是", said="说给区里听")
    seen = {}
    for name, role, place in (
        ("own", "street_editor", own),
        ("other", "street_editor", other),
        ("district", "district_editor", factories.home()),
    ):
        browser = Client()
        browser.force_login(factories.user(role, place))
        listing = text_of(browser.get(reverse("demand-reports:index")))
        seen[name] = [unit for unit in ("中华便民中心", "哪里都不是") if unit in listing]

    assert seen == {"own": ["中华便民中心"], "other": [], "district": ["中华便民中心", "哪里都不是"]}


def test_an_office_is_known_by_its_name_only_where_that_is_clear(certificate: Certificate) -> None:
    short, whole = factories.office("便民中心"), factories.office("东门便民中心")
    for _number in range(2):
        factories.office("西门便民中心", under=factories.street())
    factories.office("后门便民中心", live=False)

    named = ["便民中心", "在东门便民中心二楼", "西门便民中心", "后门便民中心的窗口", "派出所"]
    assert [reports.office_named(unit) for unit in named] == [short, whole, None, short, None]


def handle(browser: Client, kept: DemandReport, **fields: Any) -> Any:
    address = reverse("demand-reports:handle", args=[kept.pk])
    seen = soup(browser.get(address)).select_one("[name=seen]")["value"]  # type: ignore[index]
    return browser.post(address, {"seen": seen, "state": State.FORWARDED, **fields})


def test_staff_handle_a_report_with_a_history(admin_client: Client, certificate: Certificate) -> None:
    street = factories.street()
    office, editor = factories.office(under=street), factories.user("street_editor", street, username="小李")
    kept = report(certificate, contact=MOBILE)

    handle(admin_client, kept, office=office.pk, assigned_to=editor.pk, note="请去看看")

    kept.refresh_from_db()
    assert (kept.state, kept.office, kept.assigned_to) == (State.FORWARDED, office, editor)
    event = kept.events.get()
    assert (event.state, event.note, event.assigned_name) == (State.FORWARDED, "请去看看", "小李")
    entry = AuditEntry.objects.get(action="handle_report")
    assert entry.detail["changes"]["state"] == ["待处理", "已转办"]
    assert MOBILE not in f"{entry.label}{entry.detail}"
    theirs = Client()
    theirs.force_login(editor)
    assert "1 条由您处理" in text_of(theirs.get(reverse("wagtailadmin_home")))
    assert MOBILE in text_of(theirs.get(reverse("demand-reports:handle", args=[kept.pk])))


@pytest.mark.parametrize("role", ["auditor", "importer", "reviewer"])
def test_only_who_handles_reports_is_offered(
    role: str, admin_client: Client, certificate: Certificate
) -> None:
    editor = factories.user("street_editor", factories.street(), username="小李")
    other = factories.user(role, factories.home(), username="小王")

    form = admin_client.get(reverse("demand-reports:handle", args=[report(certificate).pk])).context["form"]

    assert editor in form.fields["assigned_to"].queryset
    assert other not in form.fields["assigned_to"].queryset


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"state": State.ANSWERED}, "请写明答复了什么"),
        ({"state": State.ANSWERED, "answer": f"请找 {MOBILE}"}, "138****5678"),
        ({"assigned_to": "elsewhere"}, "不负责这个场所所在的区域"),
        ({"state": "nonsense"}, "nonsense"),
    ],
)
def test_what_does_not_fit_is_said(
    admin_client: Client, certificate: Certificate, fields: dict[str, str], said: str
) -> None:
    elsewhere = factories.user("street_editor", factories.street("八大湖街道"))
    kept = report(certificate)
    given = {name: elsewhere.pk if value == "elsewhere" else value for name, value in fields.items()}

    answer = handle(admin_client, kept, **given)

    assert said in text_of(answer)
    assert not kept.events.exists()


def test_two_at_once_do_not_overwrite_each_other(admin_client: Client, certificate: Certificate) -> None:
    kept = report(certificate)
    address = reverse("demand-reports:handle", args=[kept.pk])
    reports.handle(kept, by=factories.user("administrator", username="同事甲"), state=State.CONFIRMED)

    late = admin_client.post(address, {"seen": "0", "state": State.UNFOUNDED})
    assert "刚才有同事处理过这一条" in text_of(late)
    kept.refresh_from_db()
    assert kept.state == State.CONFIRMED

    seen = soup(late).select_one("[name=seen]")["value"]  # type: ignore[index]
    admin_client.post(address, {"seen": seen, "state": State.UNFOUNDED})
    kept.refresh_from_db()
    assert kept.state == State.UNFOUNDED


def test_a_report_is_overdue_after_ten_working_days(admin_client: Client, certificate: Certificate) -> None:
    CalendarYear.objects.get_or_create(year=2026)
    friday = datetime.date(2026, 11, 20)
    assert reports.due_before(friday) == datetime.date(2026, 11, 6)
    today = timezone.localdate()
    kept = report(certificate)
    start = datetime.datetime.combine(reports.due_before(today), datetime.time(9))

    DemandReport.objects.filter(pk=kept.pk).update(reported_at=timezone.make_aware(start))
    assert not reports.overdue(DemandReport.objects.all()).exists()
    day_before = timezone.make_aware(start) - datetime.timedelta(days=1)
    DemandReport.objects.filter(pk=kept.pk).update(reported_at=day_before)
    assert reports.overdue(DemandReport.objects.all()).get() == kept

    late = {"wait": "overdue"}
    assert "某街道办事窗口" in text_of(admin_client.get(reverse("demand-reports:index"), late))
    assert "1 条已超期" in text_of(admin_client.get(reverse("wagtailadmin_home")))
    reports.handle(kept, by=factories.user("administrator"), state=State.ANSWERED, answer="好了")
    assert "某街道办事窗口" not in text_of(admin_client.get(reverse("demand-reports:index"), late))


def test_what_is_open_adds_up_by_street(certificate: Certificate) -> None:
    own, other = factories.street("中华街道"), factories.street("八大湖街道")
    factories.office("甲中心", under=factories.community(under=own))
    first, second = report(certificate, unit="甲中心"), report(certificate, unit="甲中心")
    report(certificate, unit="别处")
    old = timezone.now() - datetime.timedelta(days=40)
    DemandReport.objects.filter(pk=first.pk).update(reported_at=old)

    assert reports.open_by_street() == {own.pk: reports.Waiting(2, 1), None: reports.Waiting(1, 0)}
    assert reports.open_by_street([other]) == {}
    reports.handle(second, by=factories.user("administrator"), state=State.UNFOUNDED, office=second.office)
    assert reports.open_by_street([own]) == {own.pk: reports.Waiting(1, 1)}


@pytest.mark.parametrize("role", ["administrator", "street_editor"])
def test_an_export_runs_nothing_and_gives_contacts_to_the_district_alone(
    certificate: Certificate, role: str
) -> None:
    street = factories.street()
    factories.office("中心", under=street)
    report(certificate, unit="中心", said="=HYPERLINK(1)", contact=MOBILE)
    browser = Client()
    browser.force_login(factories.user(role, street if role == "street_editor" else None))

    answer = browser.get(reverse("demand-reports:index"), {"export": "csv"})

    body = answer.content
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    row = dict(zip(rows[0], rows[1], strict=True))
    assert row["他们怎么说"] == "'=HYPERLINK(1)"
    assert row.get("联系方式") == (MOBILE if role == "administrator" else None)
    assert (MOBILE in body.decode()) == (role == "administrator")
    assert "private, no-store" in answer.headers["Cache-Control"]


def test_a_listing_asks_as_much_for_many_as_for_few(admin_client: Client, certificate: Certificate) -> None:
    factories.office("中心", under=factories.street())
    report(certificate, unit="中心")
    address = reverse("demand-reports:index")
    admin_client.get(address)
    with CaptureQueriesContext(connection) as few:
        admin_client.get(address)
    for _number in range(10):
        report(certificate, unit="中心")
    with CaptureQueriesContext(connection) as many:
        admin_client.get(address)

    assert len(many) == len(few)


# What is forgotten in time


def test_contacts_are_deleted_some_time_after_closing(certificate: Certificate) -> None:
    closed, open_one = report(certificate, contact=MOBILE), report(certificate, contact=MOBILE)
    reports.handle(closed, by=factories.user("administrator"), state=State.ANSWERED, answer="好了")
    assert reports.forget_contacts() == 0
    long_ago = timezone.now() - reports.CONTACT_KEPT - datetime.timedelta(hours=1)
    DemandReport.objects.filter(pk=closed.pk).update(closed_at=long_ago)

    assert reports.forget_contacts() == 1

    contacts = dict(DemandReport.objects.values_list("pk", "contact"))
    assert contacts == {closed.pk: "", open_one.pk: MOBILE}


def test_stamps_are_forgotten_when_they_are_too_old_to_be_sent(certificate: Certificate) -> None:
    now = timezone.now()
    Sending.objects.create(stamp="new", led_to="/", at=now - datetime.timedelta(days=1))
    Sending.objects.create(stamp="old", led_to="/", at=now - datetime.timedelta(days=3))

    assert receive.forget_sendings() == 1
    assert Sending.objects.get().stamp == "new"


def test_codes_are_long_and_never_alike(certificate: Certificate) -> None:
    codes = {report(certificate).code for _number in range(20)}

    assert len(codes) == 20
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{12}", code) for code in codes)
