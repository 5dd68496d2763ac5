"""What a page asks for when it is behind: its own parts, rendered once, public ones only."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from appearance.choices import COOKIE as READING
from live import fragments, http
from live.hub import Hub
from publishing import outbox
from publishing.models import OutboxEntry, TopicVersion
from publishing.publish import publish, take_back
from tests import factories
from tests.factories import committed
from tests.live.visitors import Answer, Site, in_thread, run


def ask(topic: str, **query: Any) -> Answer:
    return run(lambda: Site().get(f"/live/{topic}/", **query))


def body_of(client: Client, address: str) -> Any:
    return BeautifulSoup(client.get(address).content, "html.parser").body


@committed
def test_a_page_says_what_it_shows_and_gets_what_it_missed(client: Client) -> None:
    guide = publish(factories.guide())
    body = body_of(client, guide.url)
    assert f'"{guide.topic}": 1' in body["data-topics"]
    assert '"banner:0": 0' in body["data-topics"]
    assert body["data-page"] == str(guide.pk)

    guide.summary = "今年起当场办结"
    guide.save_revision()
    publish(guide)
    answer = ask(guide.topic, since=1, on=guide.url)

    assert answer.status == 200
    assert (answer.json["topic"], answer.json["version"]) == (guide.topic, 2)
    assert answer.json["epoch"] == TopicVersion.objects.get(topic=guide.topic).epoch
    assert "今年起当场办结" in answer.json["regions"]["main"]
    assert answer.json["title"] == f"{guide.title} - 家门口"
    shown = body_of(client, guide.url).find(attrs={"data-region": "main"})
    assert BeautifulSoup(answer.json["regions"]["main"], "html.parser").decode() == shown.decode_contents()


@committed
def test_a_page_in_elder_mode_gets_its_own_parts(client: Client) -> None:
    guide = publish(factories.guide(offices=[factories.office(under=factories.community())]))
    client.cookies[READING] = "elder"
    body = body_of(client, guide.url)
    assert body["data-reading"] == "elder"

    answer = ask(guide.topic, since=0, on=guide.url, reading="elder")

    shown = body.find(attrs={"data-region": "main"})
    main = BeautifulSoup(answer.json["regions"]["main"], "html.parser")
    assert main.decode() == shown.decode_contents()
    assert main.select(".ticks")
    assert main.select("[data-region=offer] a[href^='tel:']")
    other = ask(guide.topic, since=0, on=guide.url).json["regions"]["main"]
    assert not BeautifulSoup(other, "html.parser").select(".ticks")


@committed
def test_who_has_it_all_is_told_so_and_the_address_may_be_left_out() -> None:
    guide = publish(factories.guide())

    assert ask(guide.topic, since=1).json["regions"] == {}
    assert "main" in ask(guide.topic, since=0).json["regions"]


@committed
@pytest.mark.parametrize("query", [{"since": 9}, {"since": 1, "epoch": "0ther"}])
def test_what_is_unknown_says_reload(query: dict[str, Any]) -> None:
    guide = publish(factories.guide())

    assert ask(guide.topic, **query).json == {"reload": True}


@committed
def test_what_is_too_old_says_reload(settings: Any) -> None:
    guide = publish(publish(publish(factories.guide())))
    outbox.sweep()
    OutboxEntry.objects.update(at=timezone.now() - timedelta(days=settings.OUTBOX_KEPT_DAYS + 1))
    outbox.compact()

    assert ask(guide.topic, since=1).json == {"reload": True}
    assert "main" in ask(guide.topic, since=2).json["regions"]


@committed
def test_a_page_that_was_taken_back_says_where_to_go_as_one_that_never_was() -> None:
    guide = publish(factories.guide())
    channel = guide.get_parent()
    draft = factories.guide("草稿", live=False)
    restricted = factories.guide("内部")
    PageViewRestriction.objects.create(page=restricted, restriction_type="login")
    take_back(guide)

    for address in (guide.url_path, draft.url_path, restricted.url_path, f"{channel.url_path}nothing/"):
        address = "/" + address.split("/", 2)[2]
        answer = ask(guide.topic, since=1, on=address)
        assert (answer.status, answer.json) == (
            404,
            {"gone": True, "url": channel.url, "title": channel.title},
        ), address
    assert ask("guides:99999", since=0).status == 404
    assert ask(draft.topic, since=0).json == ask("guides:99999", since=0).json


@committed
def test_a_reader_gets_what_holds_in_the_own_community() -> None:
    guide, community = publish(factories.guide()), factories.community()
    office = factories.office("江苏路服务中心", under=community)
    edition = factories.provision_edition(community)
    factories.provision(edition, guide, office=office)
    publish(edition)
    topic = edition.topic

    here = ask(topic, since=0, on=guide.url, community=community.pk)
    elsewhere = ask(topic, since=0, on=guide.url)

    assert "江苏路服务中心" in "".join(here.json["regions"].values())
    assert "江苏路服务中心" not in "".join(elsewhere.json["regions"].values())


@committed
def test_provisions_of_other_guides_change_nothing_on_this_one() -> None:
    community = factories.community()
    factories.office(under=community)
    mine, other = publish(factories.guide("甲")), publish(factories.guide("乙"))
    edition = factories.provision_edition(community)
    for guide in (mine, other):
        factories.provision(edition, guide)
    publish(edition)
    draft = edition.new_draft()
    row = draft.rows.get(guide=other)
    row.phone = "12345"
    row.save()
    publish(draft)

    on_mine = ask(edition.topic, since=1, on=mine.url, community=community.pk)
    on_other = ask(edition.topic, since=1, on=other.url, community=community.pk)

    assert (on_mine.json["version"], on_mine.json["regions"]) == (2, {})
    assert on_other.json["regions"]


@committed
def test_the_banner_comes_alone_for_any_page() -> None:
    factories.home()
    factories.banner("台风红色预警")

    async def from_two_pages() -> Any:
        site = Site()
        pages = [("/search/?q=x", ""), ("/guides/", "45")]
        answers = [await site.get("/live/banner:0/", since=0, on=on, community=mine) for on, mine in pages]
        return answers, len(site.application.kept)

    answers, rendered = run(from_two_pages)

    for answer in answers:
        assert list(answer.json["regions"]) == ["banners"]
        assert "台风红色预警" in answer.json["regions"]["banners"]
    assert rendered == 1


@committed
def test_a_storm_renders_once_and_again_only_after_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    guide = publish(factories.guide())
    made: list[Any] = []
    make = fragments.make

    def counted(*what: Any) -> Any:
        made.append(what)
        return make(*what)

    monkeypatch.setattr(fragments, "make", counted)
    address, on = f"/live/{guide.topic}/", guide.url

    async def storm() -> None:
        site = Site()
        first = await asyncio.gather(*(site.get(address, since=0, on=on) for _number in range(100)))
        await site.get(address, since=0, on=on)
        assert len(made) == 1
        await in_thread(publish)(guide)
        await asyncio.sleep(0)
        later = await asyncio.gather(*(site.get(address, since=1, on=on) for _number in range(100)))
        assert {answer.json["version"] for answer in first} == {1}
        assert {answer.json["version"] for answer in later} == {2}

    run(storm)

    assert len(made) == 2


@committed
def test_what_is_kept_goes_with_anything_it_shows() -> None:
    """A banner that ended in another process, heard of by a look into the database only."""
    factories.home()
    banner = factories.banner("台风红色预警")

    async def look_twice() -> Any:
        site = Site()
        before = await site.get("/live/banner:0/", since=0)
        await in_thread(take_back)(banner)
        await Hub.here().look()
        return before, await site.get("/live/banner:0/", since=0)

    before, after = run(look_twice)

    assert "台风" in before.json["regions"]["banners"]
    assert "台风" not in after.json["regions"]["banners"]


@committed
def test_a_page_that_is_back_at_once_is_not_told_as_gone() -> None:
    guide = publish(factories.guide())
    on = guide.url

    async def there_and_back() -> list[int]:
        site, address = Site(), f"/live/{guide.topic}/"
        await in_thread(take_back)(guide)
        gone = await site.get(address, since=1, on=on)
        await in_thread(publish)(guide)
        await asyncio.sleep(0)
        return [gone.status, (await site.get(address, since=1, on=on)).status]

    assert run(there_and_back) == [404, 200]


@committed
def test_an_answer_is_zipped_for_who_can_read_that() -> None:
    guide = publish(factories.guide())

    async def twice() -> Any:
        site, address = Site(), f"/live/{guide.topic}/"
        plain = await site.get(address, since=0)
        return plain, await site.get(address, since=0, headers=[(b"accept-encoding", b"br, gzip")])

    plain, zipped = run(twice)

    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.json == plain.json
    assert zipped.headers["etag"] == plain.headers["etag"]
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"]) / 2


@committed
def test_what_did_not_change_is_not_sent_again() -> None:
    guide = publish(factories.guide())

    async def twice() -> Any:
        site = Site()
        first = await site.get(f"/live/{guide.topic}/", since=0)
        tag = first.headers["etag"].encode()
        again = await site.get(f"/live/{guide.topic}/", since=0, headers=[(b"if-none-match", tag)])
        versions = await site.get("/live/", topics=f"{guide.topic},banner:0,guides:99999")
        tag = versions.headers["etag"].encode()
        unchanged = await site.get(
            "/live/", topics=f"{guide.topic},banner:0,guides:99999", headers=[(b"if-none-match", tag)]
        )
        return first, again, versions, unchanged

    first, again, versions, unchanged = run(twice)

    assert (again.status, again.json) == (304, None)
    assert first.headers["cache-control"] == "no-cache"
    epoch = TopicVersion.objects.get(topic=guide.topic).epoch
    assert versions.json == {
        "topics": {
            guide.topic: {"version": 1, "epoch": epoch},
            "banner:0": {"version": 0, "epoch": ""},
            "guides:99999": None,
        }
    }
    assert unchanged.status == 304


UNASKED: list[tuple[str, dict[str, Any], int]] = [
    ("/live/users:1/", {}, 400),
    ("/live/guides:1;/", {}, 400),
    ("/live/guides:1/", {"since": "-1"}, 400),
    ("/live/guides:1/", {"since": "x" * 20}, 400),
    ("/live/guides:1/", {"on": "//evil.example/"}, 400),
    ("/live/guides:1/", {"on": "/" + "x" * 2000}, 400),
    ("/live/guides:1/", {"on": "/", "community": "1;"}, 400),
    ("/live/guides:1/", {"on": "/admin/"}, 404),
    ("/live/guides:1/", {"on": "/%00/"}, 404),
    ("/live/", {"topics": ",".join(f"guides:{number}" for number in range(1, 22))}, 400),
    ("/live/", {"topics": "users:1"}, 400),
    ("/live/", {}, 400),
]


@committed
def test_what_no_page_would_ask_is_refused() -> None:
    factories.home()

    async def ask_all() -> list[int]:
        site = Site()
        return [(await site.get(path, **query)).status for path, query, _status in UNASKED]

    assert run(ask_all) == [status for _path, _query, status in UNASKED]


@committed
def test_only_reading_and_only_under_our_name() -> None:
    factories.home()

    async def others() -> list[int]:
        site = Site()
        foreign = [(b"host", b"evil.example")]
        scope_headers = await site.get("/live/banner:0/", headers=foreign)
        return [(await site.get("/live/banner:0/", method="POST")).status, scope_headers.status]

    assert run(others) == [405, 400]


@committed
def test_a_page_read_while_it_is_published_claims_the_older_version(client: Client) -> None:
    """Content read before a commit and versions read after it: the page asks, and corrects itself."""
    guide = publish(factories.guide())

    class Meanwhile:
        def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            result = execute(sql, params, many, context)
            if "guides_step" in sql and not self.is_done:
                self.is_done = True
                publish(guide)
            return result

        is_done = False

    meanwhile = Meanwhile()
    with connection.execute_wrapper(meanwhile):
        body = body_of(client, guide.url)

    assert meanwhile.is_done
    assert f'"{guide.topic}": 1' in body["data-topics"]
    assert TopicVersion.objects.get(topic=guide.topic).version == 2


def test_answers_that_are_kept_stay_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    site = http.LiveHttp(None)
    monkeypatch.setattr(http, "MOST_KEPT", 3)
    for number in range(10):
        site._keep((number,), http.Kept(fragments.Gone("/", ""), {}, 0, 100))
    assert (len(site.kept), site.bytes) == (3, 300)
    monkeypatch.setattr(http, "MOST_BYTES", 250)
    site._keep((9,), http.Kept(fragments.Gone("/", ""), {}, 0, 200))
    assert (list(site.kept), site.bytes) == ([(9,)], 200)
