"""失效链接: what is found, asked politely and only outside, and concluded with care."""

import datetime
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.documents.models import Document

from care.links import ask, find, run
from care.links.ask import Answer
from care.models import Link, LinkRun, LinkUse
from content_models.certificates.models import Alternative
from outside import addresses
from publishing.publish import take_back
from staff.models import AuditEntry
from tests import factories
from tests.factories import column, fresh

pytestmark = pytest.mark.django_db
State, Verdict = Link.State, LinkRun.Verdict


def found() -> set[tuple[str, str, str]]:
    find.collect()
    uses = LinkUse.objects.select_related("link")
    return {(use.link.target, use.link.address, use.page.title) for use in uses}


def test_links_of_texts_fields_rows_and_files_are_found() -> None:
    document = Document(title="表格")
    document.file.save("form.txt", ContentFile(b"form"))
    office = factories.office("场所", appointment_url="https://book.example.cn/")
    body = f'<p><a href="https://text.example.cn/a#part">甲</a><a linktype="page" id="{office.pk}">乙</a>'
    body += f'<a linktype="document" id="{document.pk}">丙</a><a href="mailto:a@example.cn">丁</a></p>'
    factories.notice("通知", body=[("text", body), ("attachment", document)])
    edition = factories.certificate_edition(factories.certificate_list("证明清单"), published=True)
    Alternative.objects.create(item=edition.rows.get(), kind="1", link="https://way.example.cn/")
    columns = [column("事项", is_title=True), column("网址", "link")]
    factories.list_edition(
        factories.policy_list("清单", columns=columns),
        [{"事项": "甲", "网址": "https://cell.example.cn/"}],
        published=True,
    )
    factories.guide("草稿", live=False, online_url="https://draft.example.cn/")

    assert found() == {
        ("outside", "https://book.example.cn/", "场所"),
        ("outside", "https://text.example.cn/a", "通知"),
        ("page", str(office.pk), "通知"),
        ("document", str(document.pk), "通知"),
        ("outside", "https://way.example.cn/", "证明清单"),
        ("outside", "https://cell.example.cn/", "清单"),
    }


def test_what_stands_nowhere_any_more_is_forgotten() -> None:
    guide = factories.guide(online_url="https://old.example.cn/")
    find.collect()

    take_back(guide)
    find.collect()

    assert not Link.objects.exists()


def test_links_to_ourselves_are_looked_up_in_the_site() -> None:
    page = factories.plain_page()
    draft = factories.plain_page("草稿", live=False)
    document = Document(title="表格")
    document.file.save("form.txt", ContentFile(b"form"))
    gone = Document(title="没有文件", file="documents/gone.txt")
    gone.save()

    def says(target: str, address: Any) -> str:
        return ask.ask(Link(target=target, address=str(address))).found

    assert says("page", page.pk) == says("page", page.url) == says("page", "/search/") == "good"
    assert says("document", document.pk) == says("page", document.url) == "good"
    assert says("page", draft.pk) == says("page", 999999) == says("page", "/no-such-page/") == "gone"
    assert says("document", gone.pk) == says("document", 999999) == "gone"


# Other servers


class Other:
    """A server on this machine; ``answers`` says by path what it does."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.answers: dict[str, Callable[[str], tuple[int, str]]] = {}
        other = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                other.asked.append((self.command, self.path, self.headers["User-Agent"]))
                status, to = other.answers.get(self.path, lambda _method: (200, ""))(self.command)
                self.send_response(status)
                if to:
                    self.send_header("Location", to)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_HEAD = answer

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[Other]:
    """The other server, which for once may be asked although it is on this machine."""
    monkeypatch.setattr(addresses, "_is_public", lambda address: str(address) == "127.0.0.1")
    it = Other()
    yield it
    it.close()


def test_it_asks_by_head_and_says_who_it_is(other: Other) -> None:
    assert ask.ask_outside(f"{other.url}/a") == Answer("good")
    [(method, path, agent)] = other.asked
    assert (method, path) == ("HEAD", "/a")
    assert "robot" in agent


def test_a_server_that_knows_no_head_is_asked_by_get(other: Other) -> None:
    other.answers["/"] = lambda method: (405 if method == "HEAD" else 200, "")

    assert ask.ask_outside(f"{other.url}/").found == "good"
    assert [method for method, *_rest in other.asked] == ["HEAD", "GET"]


@pytest.mark.parametrize(("status", "says"), [(404, "gone"), (410, "gone"), (500, "gone"), (403, "good")])
def test_answers_are_judged(status: int, says: str, other: Other) -> None:
    other.answers["/"] = lambda _method: (status, "")

    assert ask.ask_outside(f"{other.url}/").found == says


def test_redirects_are_followed_five_times_at_most(other: Other) -> None:
    for number in range(7):
        other.answers[f"/{number}"] = lambda _method, number=number: (302, f"/{number + 1}")

    assert ask.ask_outside(f"{other.url}/2").found == "good"
    answer = ask.ask_outside(f"{other.url}/0")
    assert (answer.found, "5 次" in answer.error) == ("gone", True)


@pytest.mark.parametrize(
    "inside",
    [
        "http://127.0.0.2/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[fd00::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://0/",
    ],
)
def test_networks_inside_are_never_asked_not_even_by_a_redirect(inside: str, other: Other) -> None:
    other.answers["/away"] = lambda _method: (302, inside)

    assert ask.ask_outside(inside).found == "never"
    assert ask.ask_outside(f"{other.url}/away").found == "never"


def test_a_name_that_changes_its_mind_is_asked_only_where_it_was_checked(
    other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []

    def changes_its_mind(host: str, port: int, *_args: Any, **_more: Any) -> list[Any]:
        looked_up.append(host)
        place = "127.0.0.1" if len(looked_up) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port))]

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *args, **more: (changes_its_mind if host == "name.example.cn" else real)(
            host, *args, **more
        ),
    )

    assert ask.ask_outside(other.url.replace("127.0.0.1", "name.example.cn")).found == "good"
    assert looked_up == ["name.example.cn"]


# A round


class Clock:
    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime.datetime:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += datetime.timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What comes of asking each address; the rest is good."""
    said: dict[str, str] = {}
    monkeypatch.setattr(run, "ask", lambda link: Answer(said.get(link.address, "good"), "坏了"))
    return said


def a_round(clock: Clock, *, day: int = 0) -> LinkRun:
    """One whole round on a day of its own."""
    clock.now += datetime.timedelta(days=1)
    begun = run.begin(now=clock.now, is_wished=True)
    assert begun is not None
    for _slice in range(50):
        run.work(clock, clock.pause)
        if fresh(begun).verdict != Verdict.RUNNING:
            break
    return fresh(begun)


def linking(*addresses: str) -> None:
    for address in addresses:
        factories.guide(f"指南{address}", online_url=address)


def state_of(address: str) -> str:
    return Link.objects.get(address=address).state


def test_a_link_is_dead_when_it_failed_on_three_days(clock: Clock, answers: dict[str, str]) -> None:
    linking("https://a.example.cn/", "https://b.example.cn/")
    answers["https://a.example.cn/"] = "gone"

    states = []
    for _day in range(3):
        assert a_round(clock).verdict == Verdict.DONE
        states.append(state_of("https://a.example.cn/"))
    link = Link.objects.get(address="https://a.example.cn/")

    assert states == ["failing", "failing", "dead"]
    assert link.failing_since == timezone.localdate(clock.now) - datetime.timedelta(days=2)
    assert state_of("https://b.example.cn/") == "good"
    answers.clear()
    a_round(clock)
    assert state_of("https://a.example.cn/") == "good"


def test_without_a_network_nothing_is_concluded(clock: Clock, answers: dict[str, str]) -> None:
    gone = factories.plain_page(body=[("text", '<p><a linktype="page" id="999999">甲</a></p>')])
    linking(*[f"https://{name}.example.cn/" for name in "abcdefghij"])
    answers |= dict.fromkeys([f"https://{name}.example.cn/" for name in "abcdefghij"], "unreached")
    answers["999999"] = "gone"

    assert a_round(clock).verdict == Verdict.OFFLINE

    assert state_of("https://a.example.cn/") == "unknown"
    assert state_of("999999") == "failing"  # that needs no network
    answers |= dict.fromkeys(["https://a.example.cn/", "https://b.example.cn/"], "good")
    assert a_round(clock).verdict == Verdict.DONE
    assert state_of("https://c.example.cn/") == "failing"
    assert gone.live


def test_one_host_is_asked_once_in_a_while(
    clock: Clock, answers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    linking("https://a.example.cn/1", "https://a.example.cn/2", "https://a.example.cn/3")
    asked: list[datetime.datetime] = []
    monkeypatch.setattr(run, "ask", lambda _link: asked.append(clock.now) or Answer("good"))

    a_round(clock)

    gaps = [after - before for before, after in pairwise(asked)]
    assert len(asked) == 3
    assert all(gap >= run.BETWEEN for gap in gaps)


def test_there_is_one_round_a_day_by_night(clock: Clock) -> None:
    night = timezone.localtime().replace(hour=2)

    assert run.begin(now=night.replace(hour=12)) is None
    assert run.begin(now=night) is not None
    assert run.begin(now=night) is None


def test_two_workers_do_not_share_a_round(clock: Clock, answers: dict[str, str]) -> None:
    linking("https://a.example.cn/")
    begun = run.begin(now=clock.now, is_wished=True)
    LinkRun.objects.update(claimed_until=clock.now + datetime.timedelta(minutes=1))

    assert run.work(clock, clock.pause) == 0
    assert fresh(begun).verdict == Verdict.RUNNING  # type: ignore[type-var]  # it is one


# The screen


@pytest.fixture
def dead() -> Link:
    street = factories.street("八大湖街道")
    factories.guide(
        "老年优待证", under=factories.guide_channel(street), online_url="https://dead.example.cn/"
    )
    find.collect()
    since = timezone.localdate()
    Link.objects.update(state=State.DEAD, failing_since=since, error="对方说没有这一页（404）。")
    return Link.objects.get()


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_list_says_where_since_when_and_how_many(dead: Link) -> None:
    page = client_of(factories.user("administrator")).get(reverse("care:links")).content.decode()

    assert "https://dead.example.cn/" in page
    assert "老年优待证" in page
    assert "网办地址" in page
    assert "<strong>100.0%</strong>" in page
    assert "对方说没有这一页（404）。" in page


def test_another_street_sees_nothing_of_it_and_does_nothing(dead: Link) -> None:
    client = client_of(factories.user("street_editor", factories.street("中华街道")))

    assert "dead.example.cn" not in client.get(reverse("care:links")).content.decode()
    assert client.post(reverse("care:leave_out_link", args=[dead.pk])).status_code == 404
    assert not fresh(dead).is_left_out


def test_an_address_that_others_use_as_well_is_left_to_the_district(dead: Link) -> None:
    own = factories.street("中华街道")
    factories.guide("同一网址", under=factories.guide_channel(own), online_url=dead.address)
    find.collect()
    street, district = (
        factories.user("street_editor", own),
        factories.user("district_editor", factories.home()),
    )

    assert client_of(street).post(reverse("care:leave_out_link", args=[dead.pk])).status_code == 404
    assert client_of(district).post(reverse("care:leave_out_link", args=[dead.pk])).status_code == 302
    assert fresh(dead).is_left_out


def test_leaving_out_is_recorded_remembered_and_undone(dead: Link, clock: Clock) -> None:
    client = client_of(factories.user("administrator"))

    client.post(reverse("care:leave_out_link", args=[dead.pk]))
    find.collect()

    assert client.get(reverse("care:links")).context["rows"] == []
    shown = client.get(reverse("care:links"), {"show": "left_out"}).context["rows"]
    assert [row["link"] for row in shown] == [dead]
    assert a_round(clock).verdict == Verdict.DONE
    assert fresh(dead).tried_at is None
    client.post(reverse("care:resume_link", args=[dead.pk]))
    assert not fresh(dead).is_left_out
    actions = AuditEntry.objects.filter(action__endswith="_link").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["leave_out_link", "resume_link"]


def test_trying_again_clears_what_opens_and_condemns_nothing(
    dead: Link, clock: Clock, answers: dict[str, str]
) -> None:
    client = client_of(factories.user("administrator"))
    answers[dead.address] = "gone"

    client.post(reverse("care:try_link_again", args=[dead.pk]))
    run.work(clock, clock.pause)
    assert (fresh(dead).state, fresh(dead).failures, fresh(dead).asked_at) == ("dead", 0, None)

    answers.clear()
    client.post(reverse("care:try_link_again", args=[dead.pk]))
    run.work(clock, clock.pause)
    assert fresh(dead).state == "good"
