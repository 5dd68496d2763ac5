"""What readers get from the store: the same page, small, once rendered; and never what is somebody's own."""

import asyncio
import datetime
import gzip
from collections.abc import Iterator
from typing import Any

import brotli  # type: ignore[import-untyped]  # carries no types
import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from config import redis_settings
from content_models.home.models import SiteSettings
from delivery.changes import Change
from delivery.http import PageStore
from delivery.pages import Slip, StoredPage
from delivery.shelf import Shelf
from delivery.store import Store
from delivery.variants import key_of
from publishing.publish import publish, take_back
from tests import factories
from tests.delivery.readers import Readers, as_django_says, readers
from tests.factories import committed


@pytest.fixture
def guide() -> Any:
    home = factories.home()
    SiteSettings.for_site(home.get_site())  # the first reader has them made
    return factories.fresh(factories.guide("高龄津贴"))


@pytest.fixture
def some(guide: Any) -> Iterator[Readers]:
    with readers() as them:
        yield them


def change(page: Any, **fields: Any) -> None:
    page = factories.fresh(page)
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision()
    publish(page)


# The same page in few bytes


@committed
def test_a_page_is_made_once_and_sent_as_the_browser_takes_it(guide: Any, some: Readers) -> None:
    plain = some.get(guide.url)
    zipped = some.get(guide.url, accept_encoding="gzip")
    small = some.get(guide.url, accept_encoding="gzip, deflate, br")

    assert some.rendered == [guide.url]
    assert plain.text == as_django_says(guide.url)
    assert gzip.decompress(zipped.content) == brotli.decompress(small.content) == plain.content
    assert zipped.headers["content-encoding"] == "gzip"
    assert small.headers["content-encoding"] == "br"
    assert len(small.content) * 3 < len(plain.content)
    assert int(small.headers["content-length"]) == len(small.content)
    assert plain.headers["cache-control"] == "no-cache"


@committed
def test_who_has_the_page_is_told_so(guide: Any, some: Readers) -> None:
    etag = some.get(guide.url).headers["etag"]

    again = some.get(guide.url, if_none_match=etag)
    strong = some.get(guide.url, if_none_match=f'"x", {etag.removeprefix("W/")}')
    other = some.get(guide.url, if_none_match='W/"other"')

    assert (again.status, again.content) == (304, b"")
    assert strong.status == 304
    assert again.headers["etag"] == etag
    assert other.status == 200


@committed
def test_head_gives_the_headers_alone(guide: Any, some: Readers) -> None:
    first = some.run(some.ask(guide.url, method="HEAD"))
    page = some.get(guide.url)

    assert (first.status, first.content) == (200, b"")
    assert first.headers["content-length"] == str(len(page.content))
    assert some.rendered == [guide.url]


@committed
def test_a_choice_makes_another_page_and_other_cookies_do_not(guide: Any, some: Readers) -> None:
    community = factories.community()
    offered = factories.provision_edition(community)
    factories.provision(offered, guide)
    publish(offered)
    some.look()

    without = some.get(guide.url, cookie="csrftoken=x; _visits=7")
    chosen = some.get(guide.url, cookie=f"_visits=8; community={community.pk}")
    some.get(guide.url, cookie=f"community={community.pk}; seen=1")
    nonsense = some.get(guide.url, cookie="community=<script>")

    assert 'data-community=""' in without.text
    assert chosen.text == as_django_says(guide.url, community)
    assert "您选择的社区已不在" in nonsense.text
    assert len(some.rendered) == 3
    assert len(some.pages.store.pages) == 2


# Nobody's own pages


@committed
def test_a_community_that_is_gone_is_said_and_not_kept(guide: Any, some: Readers) -> None:
    first, second = (some.get(guide.url, cookie="community=999999") for _ in range(2))

    assert first.text == second.text != some.get(guide.url).text
    assert len(some.pages.store.pages) == 1


@committed
@pytest.mark.parametrize("said", [{"cookie": "sessionid=abc"}, {"authorization": "Bearer x"}])
def test_who_is_signed_in_asks_django_and_is_kept_by_nobody(
    said: dict[str, str], guide: Any, some: Readers
) -> None:
    some.get(guide.url)

    own = some.get(guide.url, **said)

    assert own.headers["cache-control"] == "private, no-store"
    assert "etag" not in own.headers
    assert len(some.rendered) == 2


@committed
def test_a_preview_and_an_editor_s_page_are_private(guide: Any) -> None:
    editor = Client()
    editor.force_login(factories.user("administrator"))

    assert editor.get(guide.url).headers["Cache-Control"] == "private, no-store"


@committed
def test_a_closed_page_is_neither_kept_nor_served_from_before(
    guide: Any, some: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert some.get(guide.url).status == 200
    PageViewRestriction.objects.create(page=guide, restriction_type="password", password="geheim-口令")
    some.look()
    later = timezone.now() + datetime.timedelta(seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)

    asked = [some.get(guide.url) for _ in range(2)]

    assert all("残疾人证的本区居民" not in got.text for got in asked)
    assert all("no-store" in got.headers["cache-control"] for got in asked)
    assert all("private" in got.headers["cache-control"] for got in asked)
    assert all("csrftoken" in got.headers["set-cookie"] for got in asked)
    assert not some.pages.store.pages


@committed
def test_no_stored_page_holds_a_token(guide: Any, some: Readers) -> None:
    for page in (guide, guide.get_parent(), factories.fresh(guide).get_site().root_page):
        some.get(page.url)

    assert some.pages.store.pages
    for page in some.pages.store.pages.values():
        assert b"csrf" not in gzip.decompress(page.zipped).lower()


@committed
def test_what_is_no_page_passes_through(guide: Any, some: Readers) -> None:
    missing = some.get("/nothing-here/")
    chosen = some.get("/my-community/")
    moved = some.get(guide.url.rstrip("/"))

    assert (missing.status, chosen.status, moved.status) == (404, 200, 301)
    assert "no-store" in chosen.headers["cache-control"]
    assert not some.pages.store.pages


@committed
def test_a_foreign_host_gets_nothing(guide: Any, some: Readers) -> None:
    some.get(guide.url)

    assert some.get(guide.url, host="evil.example").status == 400


@committed
def test_with_the_store_off_everything_still_works(guide: Any, settings: Any) -> None:
    settings.PAGE_STORE = False
    url = guide.url

    off = Readers()
    off.loop.close()

    async def story() -> Any:
        off.pages = PageStore(off._note)
        await off.pages.start()
        try:
            return [await off.ask(url) for _ in range(2)], off.rendered
        finally:
            await off.pages.stop()

    answers, rendered = asyncio.run(story())

    assert [got.status for got in answers] == [200, 200]
    assert len(rendered) == 2


# Once, and never late


@committed
def test_a_hundred_at_once_wait_for_one_rendering(guide: Any, some: Readers) -> None:
    url = guide.url

    async def crowd() -> list[Any]:
        return await asyncio.gather(*(some.ask(url) for _ in range(100)))

    got = some.run(crowd())

    assert {each.status for each in got} == {200}
    assert len({each.content for each in got}) == 1
    assert some.rendered == [url]


@committed
def test_while_a_page_is_made_anew_readers_get_the_one_before(
    guide: Any, some: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    before = some.get(guide.url).text
    change(guide, title="改了的津贴")
    some.look()

    at_once = some.get(guide.url).text
    some.settle()
    after = some.get(guide.url).text

    assert at_once == before
    assert "改了的津贴" in after
    assert some.rendered == [guide.url] * 2


@committed
def test_what_is_published_while_a_page_is_made_is_not_overlooked(guide: Any, some: Readers) -> None:
    inner, is_first = some.django, True

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        nonlocal is_first

        async def late(message: Any) -> None:
            nonlocal is_first
            if is_first and message["type"] == "http.response.start":
                is_first = False
                await asyncio.to_thread(change, guide, title="改了的津贴")
                await some.pages.watch.look()
            await send(message)

        await inner(scope, receive, late)

    some.django = slow
    first = some.get(guide.url)
    some.settle()
    deadline = timezone.now() + datetime.timedelta(seconds=20)
    while "改了的津贴" not in (text := some.get(guide.url).text) and timezone.now() < deadline:
        some.settle()

    assert "改了的津贴" not in first.text
    assert "改了的津贴" in text


@committed
def test_what_is_taken_back_is_gone(guide: Any, some: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    some.get(guide.url)
    take_back(guide)
    some.look()
    later = timezone.now() + datetime.timedelta(seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)

    assert some.get(guide.url).status == 404
    assert not some.pages.store.pages


@committed
def test_where_django_fails_the_page_of_before_is_better_than_an_error(
    guide: Any, some: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = some.get(guide.url).text
    change(guide, title="改了的津贴")
    some.look()
    some.fails = True
    later = timezone.now() + datetime.timedelta(seconds=5)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)

    failing = [some.get(guide.url) for _ in range(5)]
    asked = len(some.rendered)
    some.fails = False
    later += datetime.timedelta(seconds=2)

    assert {got.text for got in failing} == {before}
    assert asked == 2
    assert "改了的津贴" in some.get(guide.url).text
    assert some.get("/other/").status == 404


@committed
def test_an_error_without_a_page_of_before_is_an_error(guide: Any, some: Readers) -> None:
    some.fails = True

    assert some.get(guide.url).status == 500


@committed
def test_a_publication_of_this_process_is_seen_at_once(guide: Any) -> None:
    with readers(follow=True) as some:
        some.get(guide.url)
        change(guide, title="改了的津贴")
        deadline = timezone.now() + datetime.timedelta(seconds=20)
        while "改了的津贴" not in some.get(guide.url).text:
            assert timezone.now() < deadline


@committed
def test_a_database_that_was_put_back_empties_the_store(guide: Any, some: Readers) -> None:
    change(guide, title="改了的津贴")
    some.look()
    some.get(guide.url)
    some.pages.store.seen += 100  # what this process saw before is no longer there

    some.look()

    assert not some.pages.store.pages


# Several processes


@committed
def test_one_process_s_rendering_serves_the_others(
    guide: Any, settings: Any, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PAGE_SHELF = redis_settings.page_shelf(redis_url)
    with readers() as here, readers() as there:
        first = here.get(guide.url)
        here.run(_until_put(here))
        second = there.get(guide.url)
        assert (first.content, there.rendered) == (second.content, [])

        change(guide, title="改了的津贴")
        there.look()
        later = timezone.now() + datetime.timedelta(seconds=1)
        monkeypatch.setattr("django.utils.timezone.now", lambda: later)

        assert "改了的津贴" in there.get(guide.url).text
        assert there.rendered == [guide.url]


async def _until_put(here: Readers) -> None:
    await asyncio.gather(*(task for task in here.pages.tasks if task.get_name() == "delivery.shelf"))


@committed
def test_a_redis_that_is_away_costs_a_rendering_only(guide: Any, settings: Any) -> None:
    settings.PAGE_SHELF = redis_settings.page_shelf("redis://127.0.0.1:1/0")
    with readers() as some:
        assert some.get(guide.url).status == 200
        assert some.get(guide.url).status == 200

        assert some.rendered == [guide.url]


def test_what_lies_on_the_shelf_is_taken_only_if_it_is_a_page(redis_url: str) -> None:
    async def story() -> list[Any]:
        shelf = Shelf({"url": redis_url})
        page = a_page(keys={"page:1"})
        found = [await shelf.get((b"a",))]
        await shelf.put((b"a",), page)
        found.append(await shelf.get((b"a",)))
        client = shelf.client
        for key in await client.keys("page:*"):
            await client.set(key, b"\x91\x01")
        found.append(await shelf.get((b"a",)))
        await shelf.close()
        return found

    nothing, page, broken = asyncio.run(story())

    assert nothing is None
    assert (page.zipped, page.keys) == (a_page(keys={"page:1"}).zipped, frozenset({"page:1"}))
    assert broken is None


# The store by itself


def a_page(*, keys: set[str], read_at: int = 5, content: bytes = b"<p>content</p>" * 100) -> StoredPage:
    headers = [(b"content-type", b"text/html")]
    return StoredPage.make(Slip(frozenset(keys), read_at, timezone.now().timestamp() + 99), headers, content)


def a_store(**options: Any) -> Store:
    store = Store(**options)
    store.begin(0, [])
    return store


def a_change(sequence: int, *keys: str, is_sweeping: bool = False) -> Change:
    return Change(sequence, 1000.0 + sequence, frozenset(keys), is_sweeping)


def test_a_change_touches_what_was_made_from_it_and_nothing_else() -> None:
    store = a_store()
    store.put((b"a",), a_page(keys={"page:1", "rows:x"}))
    store.put((b"b",), a_page(keys={"page:2"}))

    store.hear(a_change(6, "page:1"))

    assert [store.pages[key].stale_since for key in ((b"a",), (b"b",))] == [1006.0, None]
    store.hear(a_change(7, is_sweeping=True))
    assert [store.pages[key].stale_since for key in ((b"a",), (b"b",))] == [1006.0, 1007.0]


def test_what_a_page_has_seen_does_not_touch_it() -> None:
    store = a_store()
    store.put((b"a",), a_page(keys={"page:1"}, read_at=8))

    store.hear(a_change(8, "page:1"))

    assert store.pages[(b"a",)].stale_since is None


def test_a_page_that_was_overtaken_is_out_of_date_when_it_comes() -> None:
    store = a_store()
    for sequence in (6, 7, 8):
        store.hear(a_change(sequence, "page:1" if sequence > 6 else "page:2"))

    store.put((b"a",), a_page(keys={"page:1"}, read_at=6))
    store.put((b"b",), a_page(keys={"page:3"}, read_at=6))

    assert store.pages[(b"a",)].stale_since == 1007.0
    assert store.pages[(b"b",)].stale_since is None


def test_the_store_stays_within_its_bytes_and_keeps_what_is_asked_for() -> None:
    size = a_page(keys={"page:1"}).size
    store = a_store(most_bytes=size * 5)
    for number in range(5):
        store.put((b"%d" % number,), a_page(keys={f"page:{number}"}))
    store.get((b"0",))

    store.put((b"new",), a_page(keys={"page:9"}))

    assert (b"0",) in store.pages
    assert (b"1",) not in store.pages
    assert store.bytes <= store.most_bytes
    assert "page:1" not in store.made_from


def test_only_what_can_be_judged_is_taken_from_others() -> None:
    store = a_store()
    store.begin(10, [])
    store.hear(a_change(11, "page:1"))

    assert store.knows(a_page(keys={"page:1"}, read_at=10))
    assert not store.knows(a_page(keys={"page:1"}, read_at=9))
    assert not store.knows(a_page(keys={"page:1"}, read_at=12))


def asked(path: str = "/", **headers: str) -> Any:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return key_of(
        {
            "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "scheme": "https",
            "headers": [(b"host", b"testserver"), *named],
        }
    )  # fmt: skip


def test_a_key_tells_what_changes_a_page_and_nothing_more() -> None:
    assert asked().key == asked(cookie="a=1", user_agent="x", accept_encoding="br").key
    assert asked().key != asked("/a/").key
    assert asked().key != asked(host="other").key
    assert asked().key != asked(x_forwarded_proto="http").key
    assert asked().key != asked(cookie="community=5").key
    assert asked(cookie="community=5; x=1").key == asked(cookie="x=2; community=5").key
    assert asked(cookie="community=12345678901") is None  # Django has a word for it


def test_a_further_choice_is_one_line_of_settings(settings: Any) -> None:
    settings.PAGE_VARIANTS = {"community": r"\d+", "elder": "1", "lang": "zh-hant|en"}

    assert asked(cookie="elder=1").key != asked().key
    assert asked(cookie="lang=en; elder=1").key == asked(cookie="elder=1; lang=en").key
    assert asked(cookie="lang=xx") is None


@pytest.mark.parametrize("cookie", ["sessionid=x", "a=b; messages=x"])
def test_nothing_is_kept_for_who_is_signed_in(cookie: str) -> None:
    assert asked(cookie=cookie) is None


def test_an_endless_address_is_not_kept() -> None:
    assert asked("/" + "a" * 700) is None
