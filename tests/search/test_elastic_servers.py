"""The search on OpenSearch and Elasticsearch through their real clients, and without a server that answers.

The server is one in memory.
"""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from modelsearch.backends.base import FilterFieldError
from modelsearch.index import insert_or_update_object
from modelsearch.query import MATCH_ALL
from pytest_django import Settings
from wagtail.models import Page
from wagtail.search.backends import get_search_backend

from config import search_settings
from content_models.guides.models import GuidePage
from publishing.publish import publish, take_back
from search import changes, documents
from search.backends.elastic import WordsBackend
from search.describe import Description
from search.find import find
from search.models import Document, IndexChange
from search.query import Unavailable
from tests import factories, servers
from tests.search.corpus import core
from tests.search.elastic_server import Cluster, clauses, served
from tests.search.quality import fill
from tests.search.queries import all_queries

BACKENDS = ["opensearch2", "opensearch3", "elasticsearch8", "elasticsearch9"]
CLIENTS = ["opensearch3", "elasticsearch9"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def url(cluster: Cluster) -> Iterator[str]:
    with served(cluster) as address:
        yield address


@pytest.fixture
def search_server(cluster: Cluster, url: str, settings: Settings) -> Iterator[Any]:
    """Use a backend on ``cluster``: ``search_server(name)``."""

    def use(name: str, **options: Any) -> Any:
        backend = {"BACKEND": f"search.backends.{name}", "URLS": [url], "INDEX_PREFIX": "doorstep_"}
        settings.WAGTAILSEARCH_BACKENDS = {"default": backend | {"TIMEOUT": 20} | options}
        return get_search_backend()

    yield use
    while WordsBackend._servers:
        WordsBackend._servers.popitem()[1].client.close()


@pytest.fixture(params=BACKENDS)
def backend(request, search_server) -> Any:
    """Each of the four, with an index."""
    made = search_server(request.param)
    build()
    return made


@pytest.fixture(params=CLIENTS)
def with_client(request, search_server) -> Any:
    """One for each client, with an index."""
    made = search_server(request.param)
    build()
    return made


def build() -> None:
    call_command("wagtail_update_index", verbosity=0)


@pytest.fixture
def guides() -> list[GuidePage]:
    return [
        factories.guide(
            "老年人优待证办理", everyday_names=["老年证", "敬老卡"], summary="满六十周岁就能领。"
        ),
        factories.guide("最低生活保障申请", everyday_names=["低保"], summary="收入低的家庭申请。"),
        factories.guide("高龄津贴申请", summary="老年人按月领。"),
    ]


def titles(results: Any) -> list[str]:
    return [page.title for page in results]


def test_wagtail_searches_pages_on_a_server(guides, backend):
    old, poor, aged = titles(guides)

    assert titles(GuidePage.objects.search("老年")) == [old, aged]
    assert titles(GuidePage.objects.search("laonianren")) == [old]
    assert titles(GuidePage.objects.search("老年", fields=["summary"])) == [aged]
    assert titles(GuidePage.objects.search("老年 低保", operator="or")) == [old, aged, poor]
    assert titles(GuidePage.objects.autocomplete("敬")) == [old]
    assert titles(GuidePage.objects.search(MATCH_ALL)) == [old, poor, aged]
    assert titles(GuidePage.objects.order_by("-title").search("申请", order_by_relevance=False)) == [
        aged,
        poor,
    ]
    assert titles(GuidePage.objects.filter(title=aged).search("申请")) == [aged]
    assert titles(Page.objects.search("敬老卡")) == [old]


def test_results_are_sliced_counted_and_scored_on_a_server(guides, backend, cluster):
    found = GuidePage.objects.search("老年").annotate_score("relevance")

    assert found.count() == 2
    assert titles(found[:1]) + titles(found[1:]) == titles(found)
    assert found.keys(1) == [found[0].pk]
    assert found[0].relevance > 1000 > found[1].relevance > 0
    asked = len(cluster.requests)
    assert list(found[1:1]) == found.keys(0) == list(found[20_000:30_000]) == []
    assert len(cluster.requests) == asked
    assert titles(found[1:20_000]) == titles(found)[1:]


def test_facets_are_counted_on_a_server(backend):
    for number in range(12):
        factories.guide(f"老年人服务{number}", slug=f"service-{number}")
    build()
    page = Page.objects.get(depth=2)
    documents.write(described("老年证", "低保", page=page))
    changes.send_missed()

    assert GuidePage.objects.search("老年").facet("title") == {f"老年人服务{n}": 1 for n in range(12)}
    region = get_search_backend().search(MATCH_ALL, Document).facet("region_id")
    assert region == {None: 2}
    with pytest.raises(FilterFieldError):
        Page.objects.search("老年").facet("seo_title")


def described(*names: str, page: Page) -> list[Any]:
    return [Description(kind="guides", page=page.pk, key=name, title=name) for name in names]


# What residents find


def found(text: str) -> list[int]:
    return [hit.pk for hit in find(text).hits]


def found_titles(text: str) -> list[str]:
    titles = dict(Document.objects.values_list("pk", "title"))
    return [titles[pk] for pk in found(text)]


@pytest.mark.parametrize("every", [8, pytest.param(1, marks=pytest.mark.long)])
def test_residents_find_on_a_server_what_they_find_in_the_database(search_server, cluster, every):
    fill(core())
    asked = [query.text for query in all_queries()[::every]]
    expected = {text: found(text) for text in asked}
    search_server("opensearch3")
    build()
    cluster.requests.clear()

    answers = {text: found(text) for text in asked}

    assert answers == expected
    bodies = [body["query"] for _method, path, body in cluster.requests if path.endswith("_search")]
    assert len(bodies) > len(asked)
    assert max(map(clauses, bodies)) <= 1000


# What the server is told


@pytest.fixture
def committed(django_capture_on_commit_callbacks) -> Any:
    """Around what a request does: its transaction, and what follows the commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def unsent() -> int:
    return IndexChange.objects.filter(sent_at=None).count()


def kept(cluster: Cluster, index: str = "search_document") -> set[str]:
    return set(cluster.index(f"doorstep_{index}").documents)


def test_what_is_published_is_found_after_the_commit_and_gone_once_taken_back(
    with_client, cluster, committed
):
    guide = factories.guide("老年人优待证办理", everyday_names=["老年证"])
    with committed():
        publish(guide)
        assert kept(cluster) == set()
    assert found_titles("老年证") == ["老年人优待证办理"]

    with committed():
        take_back(guide)
    assert kept(cluster) == set()
    assert unsent() == 0


def test_what_is_undone_is_not_told(with_client, cluster, committed):
    asked = len(cluster.requests)

    with committed(), transaction.atomic():
        publish(factories.guide("老年人优待证办理"))
        transaction.set_rollback(True)

    assert (len(cluster.requests), unsent()) == (asked, 0)


def test_a_saved_page_is_found_by_editors_and_a_deleted_one_is_gone(with_client, cluster, committed):
    guide = factories.guide("老年人优待证办理")
    with committed():
        insert_or_update_object(guide)
    assert titles(GuidePage.objects.search("优待证")) == ["老年人优待证办理"]

    with committed():
        guide.delete()
    assert str(guide.pk) not in kept(cluster, "wagtailcore_page")


def test_what_is_gone_from_the_database_is_not_shown(guides, with_client):
    guides[0].delete()  # not committed: the server knows nothing yet

    assert titles(GuidePage.objects.search("老年")) == [guides[2].title]


def test_what_changes_while_an_index_is_built_is_in_it(with_client, cluster, committed):
    with committed():
        taken_back = publish(factories.guide("老年人优待证办理"))
    rebuilder = with_client.rebuilder_class(with_client.get_index_for_model(Document))
    index = rebuilder.start()
    index.add_model(Document)
    index.add_items(Document, list(Document.objects.all()))
    with committed():
        take_back(taken_back)
        publish(factories.guide("高龄津贴申请"))

    rebuilder.finish()
    changes.send_missed()

    assert found_titles("高龄津贴") == ["高龄津贴申请"]
    assert kept(cluster) == {str(pk) for pk in Document.objects.values_list("pk", flat=True)}
    assert len(cluster.aliases["doorstep_search_document"]) == 1


def test_what_was_sent_is_forgotten_after_a_day(with_client, committed):
    with committed():
        publish(factories.guide("老年人优待证办理"))
    assert changes.forget_sent() == 0
    IndexChange.objects.update(sent_at=timezone.now() - 2 * changes.KEPT)
    with_client.note(Document, [1])

    assert changes.forget_sent() > 0

    assert [change.object_id for change in IndexChange.objects.all()] == ["1"]


def test_a_process_keeps_its_connections(with_client):
    assert get_search_backend().es is with_client.es


@pytest.mark.parametrize("name", CLIENTS)
def test_a_node_that_is_gone_is_passed_over(search_server, url, name):
    search_server(name, URLS=[f"http://127.0.0.1:{servers.free_port()}", url])
    build()

    assert [get_search_backend().search("老年", Document).count() for _ in range(4)] == [0] * 4


@pytest.mark.parametrize("name", CLIENTS)
def test_a_password_may_hold_any_character(search_server, cluster, url, name):
    search_server(name, URLS=[url.replace("//", "//doorstep:a%2540b%2Fc@")])
    build()

    assert cluster.authorization == f"Basic {b64encode(b'doorstep:a%40b/c').decode()}"


# Without a server that answers


@pytest.fixture(params=CLIENTS)
def impatient(request, search_server) -> Any:
    """One for each client, with an index, that waits no longer than a site does."""
    search_server(request.param)
    build()
    return search_server(request.param, TIMEOUT=search_settings.WITHIN)


def ask_again() -> None:
    """As if enough time had passed since the server did not answer."""
    for each in WordsBackend._servers.values():
        each.quiet_until = 0.0


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage().partition(":")[0] for record in caplog.records if record.name == "search"]


@pytest.mark.parametrize("mood", ["away", "mute"])
def test_publishing_goes_on_without_the_server_which_learns_of_it_later(
    impatient, cluster, committed, caplog, mood
):
    cluster.mood = mood
    asked = len(cluster.requests)

    with committed():
        guide = publish(factories.guide("老年人优待证办理", everyday_names=["老年证"]))
    with committed():
        publish(factories.guide("高龄津贴申请"))

    assert guide.live
    assert unsent() > 1
    with pytest.raises(Unavailable):
        find("老年证")
    assert len(cluster.requests) == asked + 1
    assert changes.send_missed() == 0
    assert said(caplog) == ["The search server cannot be used"]

    cluster.mood = ""
    ask_again()
    assert changes.send_missed() > 1
    assert (found_titles("老年证"), unsent()) == (["老年人优待证办理"], 0)
    assert said(caplog)[1:] == ["The search server can be used again."]


def test_editors_are_told_where_the_server_is_away(impatient, cluster, client):
    client.force_login(factories.user("district_editor", factories.home()))
    cluster.mood = "away"

    answer = client.get(reverse("wagtailadmin_pages:search"), {"q": "老年"})

    assert answer.status_code == 503
    assert "搜索服务器没有回应" in answer.content.decode()


@pytest.mark.parametrize("name", CLIENTS)
def test_no_server_at_all_fails_neither_a_publication_nor_in_an_unknown_way(search_server, committed, name):
    search_server(name, URLS=[f"http://127.0.0.1:{servers.free_port()}"])

    with committed():
        assert publish(factories.guide("老年人优待证办理")).live

    for search in (lambda: find("老年证"), lambda: GuidePage.objects.search("老年").count()):
        ask_again()
        with pytest.raises(Unavailable):
            search()
    with pytest.raises(CommandError, match="没有重建"):
        call_command("rebuild_search")


def test_a_server_without_room_is_told_later_and_searched_meanwhile(with_client, cluster, committed):
    with committed():
        publish(factories.guide("老年人优待证办理"))
    cluster.mood = "busy"
    with committed():
        publish(factories.guide("高龄津贴申请"))

    assert found_titles("老年") == ["老年人优待证办理"]
    assert unsent() > 0
    cluster.mood = ""
    changes.send_missed()
    assert found_titles("高龄津贴") == ["高龄津贴申请"]


def test_what_the_server_refuses_holds_up_nothing_else(with_client, cluster, committed, caplog):
    first, second = factories.guide("老年人优待证办理"), factories.guide("高龄津贴申请")
    with committed():
        publish(first)
    refused = Document.objects.get().pk
    cluster.refused = {str(refused)}

    with committed():
        with_client.note(Document, [refused])
        publish(second)

    assert "The search server refuses" in caplog.text
    assert unsent() == 0
    assert found_titles("高龄津贴") == ["高龄津贴申请"]


@pytest.mark.parametrize("name", CLIENTS)
def test_without_an_index_nothing_is_written_until_it_is_built(search_server, cluster, committed, name):
    search_server(name)
    with committed():
        publish(factories.guide("老年人优待证办理", everyday_names=["老年证"]))
    assert cluster.indexes == {}
    with pytest.raises(Unavailable):
        find("老年证")

    call_command("rebuild_search")

    assert found_titles("老年证") == ["老年人优待证办理"]
    assert changes.send_missed() > 0
    assert found_titles("老年证") == ["老年人优待证办理"]
