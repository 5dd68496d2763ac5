"""Readers say whether a page was useful; the people who answer for it are told, and nobody else."""

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from content_models.guides.models import GuidePage
from feedback import digest, stamps, usefulness
from feedback.models import Digest, Rating, Remark
from staff.models import AuditEntry, User
from tests import factories

pytestmark = pytest.mark.django_db
MOBILE = "13812345678"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that stamps see, as ``[seconds]`` to be moved."""
    now = [1_800_000_000.0]
    monkeypatch.setattr(stamps.time, "time", lambda: now[0])
    return now


@pytest.fixture
def guide() -> GuidePage:
    return factories.guide("老年人优待证")


def soup(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def text_of(response: Any) -> str:
    return soup(response).get_text(" ", strip=True)


def ways(client: Client, url: str) -> dict[str, str]:
    """The two links below a public page, by what they say."""
    links = soup(client.get(url)).select("[data-useful-links] a")
    return {link.get_text(strip=True): str(link["href"]) for link in links}


def send(client: Client, clock: list[float], address: str, **fields: str) -> Any:
    """Open the small page behind a link, take a while, and press its button."""
    page = soup(client.get(address))
    stamp = page.select_one("[name=stamp]")["value"]  # type: ignore[index]
    form = page.select_one("form[data-useful-form], [data-useful-form] form")
    button = page.select_one("button[name=answer]")
    clock[0] += 61
    answer = {"stamp": stamp, "answer": button["value"], **fields}  # type: ignore[index]
    return client.post(str(form["action"]), answer)  # type: ignore[index]


def note(page: Any, *, is_useful: bool = False, text: str = "", key: str = "") -> None:
    usefulness.note(usefulness.rated(page.pk, key), is_useful=is_useful, text=text)


# Readers


def test_guides_offices_and_certificates_ask_and_others_do_not(client: Client, guide: GuidePage) -> None:
    certificate = factories.certificate("住改商证明")
    asking = [guide.url, guide.offices.first().url, certificate.url]
    silent = ["/", certificate.owner.url, factories.notice().url]

    assert [set(ways(client, url)) for url in asking] == [{"有帮助", "没帮助"}] * 3
    assert [ways(client, url) for url in silent] == [{}, {}, {}]


def test_an_answer_is_counted_by_day_and_thanked(
    client: Client, clock: list[float], guide: GuidePage
) -> None:
    links = ways(client, guide.url)

    thanks = send(client, clock, links["有帮助"])
    send(client, clock, links["没帮助"], text="电话打不通")

    row = Rating.objects.get()
    assert (row.page_id, row.key, row.day, row.yes, row.no) == (guide.pk, "", timezone.localdate(), 1, 1)
    remark = Remark.objects.get()
    assert (remark.page_id, remark.is_useful, remark.text) == (guide.pk, False, "电话打不通")
    said = client.get(thanks.url)
    assert "谢谢，我们收到了" in text_of(said)
    assert soup(said).find("a", href=guide.url)
    assert set(client.cookies) <= {"csrftoken"}


def test_certificates_are_judged_one_by_one(client: Client, clock: list[float]) -> None:
    certificate = factories.certificate("住改商证明")

    send(client, clock, ways(client, certificate.url)["没帮助"])

    row = Rating.objects.get()
    assert (row.page_id, row.key, row.no) == (certificate.owner_id, certificate.key, 1)


def test_without_an_answer_in_the_link_there_are_two_buttons(client: Client, guide: GuidePage) -> None:
    page = soup(client.get(reverse("feedback_useful", args=[guide.pk]), {"answer": "perhaps"}))

    assert [button["value"] for button in page.select("button[name=answer]")] == ["yes", "no"]


def test_numbers_of_people_are_refused_and_masked(
    client: Client, clock: list[float], guide: GuidePage
) -> None:
    link = ways(client, guide.url)["没帮助"]
    refused = send(client, clock, link, text=f"请打 {MOBILE}")
    assert "138****5678" in text_of(refused)
    assert not Rating.objects.exists()
    stamp = soup(refused).select_one("[name=stamp]")["value"]  # type: ignore[index]
    sent = {"stamp": stamp, "chosen": "no", "text": f"请打 {MOBILE}", "mask": "1"}

    offered = soup(client.post(link.partition("?")[0], sent))

    assert offered.select_one("textarea").get_text().strip() == "请打 138****5678"  # type: ignore[union-attr]
    assert [button["value"] for button in offered.select("button[name=answer]")] == ["no"]
    assert not Remark.objects.exists()


def test_a_flood_is_stopped(client: Client, clock: list[float], guide: GuidePage) -> None:
    link = ways(client, guide.url)["有帮助"]
    assert send(client, clock, link).status_code == 302
    page = soup(client.get(link))
    clock[0] += 10
    stamp = page.select_one("[name=stamp]")["value"]  # type: ignore[index]
    again = client.post(link.partition("?")[0], {"stamp": stamp, "answer": "yes", "text": "第二条"})
    assert again.status_code == 429
    assert "第二条" in text_of(again)

    program = send(client, clock, link, website="x")
    assert program.status_code == 302
    assert Rating.objects.get().yes == 1


@pytest.mark.parametrize("kind", ["draft", "restricted", "notice", "list", "key of a guide", "huge", "nul"])
def test_only_public_pages_of_those_kinds_can_be_judged(client: Client, guide: GuidePage, kind: str) -> None:
    if kind == "draft":
        guide.unpublish()
    if kind == "restricted":
        guide.view_restrictions.create(restriction_type="login")
    addresses = {
        "notice": lambda: reverse("feedback_useful", args=[factories.notice().pk]),
        "list": lambda: reverse("feedback_useful", args=[factories.certificate("甲证明").owner_id]),
        "key of a guide": lambda: reverse("feedback_useful_of", args=[guide.pk, "a"]),
        "huge": lambda: reverse("feedback_useful", args=[2**70]),
        "nul": lambda: f"{reverse('feedback_useful', args=[guide.pk])}a%00b/",
    }
    address = addresses.get(kind, lambda: reverse("feedback_useful", args=[guide.pk]))()

    assert client.get(address).status_code == 404
    assert client.post(address, {"answer": "yes"}).status_code == 404
    assert not Rating.objects.exists()


# Adding up


def test_answers_add_up_by_page_since_a_day(guide: GuidePage) -> None:
    office, silent = guide.offices.first(), factories.guide("另一份指南")
    note(guide, is_useful=True)
    note(guide, is_useful=True, text="清楚")
    note(guide, text="不清楚")
    note(office)
    long_ago = timezone.localdate() - datetime.timedelta(days=100)
    Rating.objects.create(page=guide, day=long_ago, yes=5, no=7)

    pages = [guide, office.pk, silent]
    assert usefulness.by_page(pages) == {guide.pk: (7, 8, 2), office.pk: (0, 1, 0)}
    assert usefulness.by_page(pages, since=timezone.localdate()) == {
        guide.pk: (2, 1, 2),
        office.pk: (0, 1, 0),
    }
    assert usefulness.by_page([]) == {}


# Staff


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def test_the_listing_shows_own_pages_with_their_share(client: Client) -> None:
    own, other = factories.street("中华街道"), factories.street("八大湖街道")
    mine, theirs = factories.office("我的场所", under=own), factories.office("别人的场所", under=other)
    note(mine, is_useful=True, text="好找")
    note(mine)
    note(mine)
    note(theirs, text="别人的留言")
    browser = signed_in(factories.user("street_editor", own))

    listing = browser.get(reverse("usefulness:index"))

    cells = [cell.get_text(" ", strip=True) for cell in soup(listing).select("table.listing tbody tr td")]
    assert cells == ["我的场所", "办事场所", "中华街道", "1", "2", "33%", "1", "1"]
    assert browser.get(reverse("usefulness:page", args=[theirs.pk])).status_code == 404
    page = browser.get(reverse("usefulness:page", args=[mine.pk]))
    assert "好找" in text_of(page)
    assert "别人的留言" not in text_of(listing) + text_of(page)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "guides"}, ["老年人优待证"]),
        ({"kind": "certificates"}, ["住改商证明"]),
        ({"days": "30"}, ["老年人优待证"]),
        ({"remarks": "unread"}, ["住改商证明"]),
        ({"q": "优待"}, ["老年人优待证"]),
    ],
)
def test_the_listing_is_narrowed(
    admin_client: Client, guide: GuidePage, asked: dict[str, str], found: list[str]
) -> None:
    certificate = factories.certificate("住改商证明")
    note(guide)
    note(certificate.owner, key=certificate.key, text="还在要")
    long_ago = timezone.localdate() - datetime.timedelta(days=31)
    Rating.objects.filter(page=certificate.owner).update(day=long_ago)

    listing = soup(admin_client.get(reverse("usefulness:index"), asked))

    names = [link.get_text(strip=True) for link in listing.select("tbody tr td:first-child a")]
    assert names == found


def test_the_listing_asks_as_much_for_many_as_for_few(admin_client: Client, guide: GuidePage) -> None:
    address = reverse("usefulness:index")
    note(guide, text="一")
    admin_client.get(address)
    with CaptureQueriesContext(connection) as few:
        admin_client.get(address)
    for number in range(10):
        note(factories.guide(f"指南{number}"), text="一")
    with CaptureQueriesContext(connection) as many:
        admin_client.get(address)

    assert len(many) == len(few)


def test_remarks_are_marked_as_read_and_deleted(admin_client: Client, guide: GuidePage) -> None:
    note(guide, text="第一条")
    note(guide, text="张三欠钱")
    first, second = Remark.objects.order_by("pk")
    address = reverse("usefulness:page", args=[guide.pk])

    admin_client.post(address, {"read": str(first.pk)})
    assert [remark.read_at is not None for remark in Remark.objects.order_by("pk")] == [True, False]
    admin_client.post(address, {"remove": str(second.pk)})

    assert Remark.objects.get() == first
    entry = AuditEntry.objects.get(action="delete_message")
    assert "张三" not in f"{entry.label}{entry.detail}"


@pytest.mark.parametrize("given", ["nonsense", "9" * 30, "-1"])
def test_wrong_numbers_change_nothing(admin_client: Client, guide: GuidePage, given: str) -> None:
    note(guide, text="留着")

    for name in ("read", "remove"):
        assert (
            admin_client.post(reverse("usefulness:page", args=[guide.pk]), {name: given}).status_code == 302
        )

    assert Remark.objects.get().read_at is None


def test_the_owner_is_told_else_the_substitute_else_the_place(guide: GuidePage) -> None:
    street = factories.street("八大湖街道")
    office = factories.office("八大湖中心", under=factories.community("海安社区", under=street))
    owner, substitute = factories.user("street_editor", street), factories.user("street_editor", street)
    district = factories.user("district_editor", factories.home())

    assert set(usefulness.answers_for(office)) == {owner, substitute}
    assert usefulness.answers_for(guide) == [district]
    office.content_owner, office.substitute = owner, substitute
    assert usefulness.answers_for(office) == [owner]
    owner.is_active = False
    assert usefulness.answers_for(office) == [substitute]


def test_the_owner_of_an_edition_comes_before_the_owner_of_its_page() -> None:
    certificate = factories.certificate("住改商证明")
    page, edition = certificate.owner, certificate.owner.current_edition
    page.content_owner, edition.content_owner = factories.user(), factories.user()

    assert usefulness.answers_for(page, certificate.key) == [edition.content_owner]


def test_a_line_on_the_dashboard_leads_to_new_remarks() -> None:
    own, other = factories.street("中华街道"), factories.street("八大湖街道")
    office = factories.office("我的场所", under=own)
    note(office, text="找不到门")
    mine, others = (signed_in(factories.user("street_editor", place)) for place in (own, other))
    home = reverse("wagtailadmin_home")

    assert "您负责的页面有 1 条新留言" in text_of(mine.get(home))
    assert "新留言" not in text_of(others.get(home))
    mine.post(reverse("usefulness:page", args=[office.pk]), {"read": str(Remark.objects.get().pk)})
    assert "新留言" not in text_of(mine.get(home))


def test_a_mail_tells_of_remarks_once_a_day_at_most(guide: GuidePage) -> None:
    GuidePage.objects.filter(pk=guide.pk).update(content_owner=factories.user(email="owner@example.com"))
    note(guide, text="电话打不通")

    assert digest.send_digests() == 1
    [sent] = mail.outbox
    assert sent.to == ["owner@example.com"]
    assert "电话打不通" in sent.body
    assert reverse("usefulness:page", args=[guide.pk]) in sent.body
    note(guide, text="还是打不通")
    assert digest.send_digests() == 0

    yesterday = timezone.now() - datetime.timedelta(days=1)
    Digest.objects.update(sent_at=yesterday)
    Remark.objects.filter(text="电话打不通").update(at=yesterday - datetime.timedelta(hours=1))
    assert digest.send_digests() == 1
    assert "还是打不通" in mail.outbox[1].body
    assert "电话打不通" not in mail.outbox[1].body


def test_nobody_without_an_address_is_mailed(guide: GuidePage) -> None:
    GuidePage.objects.filter(pk=guide.pk).update(content_owner=factories.user())
    note(guide, text="电话打不通")

    assert digest.send_digests() == 0
    assert mail.outbox == []


def test_a_mail_that_fails_is_sent_later(guide: GuidePage, monkeypatch: pytest.MonkeyPatch) -> None:
    GuidePage.objects.filter(pk=guide.pk).update(content_owner=factories.user(email="owner@example.com"))
    note(guide, text="电话打不通")

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("no server")

    with monkeypatch.context() as patch:
        patch.setattr(digest, "send_mail", fail)
        assert digest.send_digests() == 0
    assert digest.send_digests() == 1
