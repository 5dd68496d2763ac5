"""SEARCH_URL and SEARCH_BACKEND: the database, or a server whose client is there."""

from importlib import metadata

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings
from wagtail.search.backends import get_search_backend

from config.search_settings import backends
from search.backends.elastic import WordsBackend


def test_without_an_address_the_database_is_searched() -> None:
    assert backends("") == {"default": {"BACKEND": "search.backends.database"}}


def test_an_address_alone_is_one_of_opensearch_3() -> None:
    assert backends("http://search.example:9200") == {
        "default": {
            "BACKEND": "search.backends.opensearch3",
            "URLS": ["http://search.example:9200"],
            "INDEX_PREFIX": "doorstep_",
            "TIMEOUT": 2,
        }
    }


@pytest.mark.parametrize("name", ["opensearch2", "opensearch3", "elasticsearch9"])
def test_each_server_is_reached_by_its_own_client(settings: Settings, name: str) -> None:
    urls = "https://staff:geheim@a.example:9200, http://[::1]:9201/search"
    settings.WAGTAILSEARCH_BACKENDS = backends(urls.replace("//[", "//staff:geheim@["), name, "north_")

    backend = get_search_backend()

    assert isinstance(backend, WordsBackend)
    assert [host["port"] for host in backend.hosts] == [9200, 9201]
    assert (backend.index_prefix, backend.timeout) == ("north_", 2)
    WordsBackend._servers.popitem()[1].client.close()


@pytest.mark.parametrize(
    ("url", "name", "told"),
    [
        ("http://search.example", "solr", "solr is not known; it is one of opensearch2, opensearch3"),
        ("search.example:9200", "", "SEARCH_URL is not whole"),
        ("http://a.example,", "", "SEARCH_URL is not whole"),
        ("", "opensearch3", "SEARCH_BACKEND is set, but not SEARCH_URL"),
    ],
)
def test_what_makes_no_sense_is_refused_in_plain_words(url: str, name: str, told: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=told):
        backends(url, name)


def test_a_client_that_is_missing_or_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(ImproperlyConfigured, match=r"package opensearch-py.*installed: none"):
        backends("http://search.example", "opensearch2")
    monkeypatch.setattr(metadata, "version", lambda name: "9.5.1")
    with pytest.raises(ImproperlyConfigured, match=r"of version 8 \(installed: 9.5.1\).*elasticsearch==8"):
        backends("http://search.example", "elasticsearch8")
