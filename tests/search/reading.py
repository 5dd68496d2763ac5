"""The search page, taken apart, and what people may type into it."""

from typing import Any

from bs4 import BeautifulSoup, Tag
from django.test import Client

ODD_QUESTIONS = [
    "' OR 1=1 --",
    "'; DROP TABLE search_document; --",
    '"老年证" AND NOT (NEAR(低保, 2)) title:* ^ {} ~',
    "\x00\x01\x1b老\x00年证",
    "😀👨‍👩‍👧‍👦🇨🇳",
    "。，！？…——",
    "<script>alert(1)</script>",
    "%%__\\\\",
    "{{ request }}{% debug %}",
    "\u202e\ufeff\u200b",
    "补" * 10_000,
    "lnz " * 2_500,
    "\ud800",
]


def search(client: Client, text: str, **filters: Any) -> BeautifulSoup:
    response = client.get("/search/", {"q": text, **filters})
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def words(element: Tag | None) -> str:
    assert element is not None
    return " ".join(element.get_text(" ").split())


def titles(page: BeautifulSoup) -> list[str]:
    return [link.get_text() for link in page.select(".results .listing__title a")]


def line(page: BeautifulSoup, title: str) -> Tag:
    [found] = [item for item in page.select(".listing__item") if item.select("h3")[0].get_text() == title]
    return found


def main(page: BeautifulSoup) -> str:
    return words(page.find("main"))


def count(page: BeautifulSoup) -> str:
    return words(page.select_one("[role=status] #results"))


def kinds(page: BeautifulSoup) -> list[str]:
    return [words(link).removesuffix(" 条") for link in page.select(".kinds a")]


def options(page: BeautifulSoup, legend: str) -> dict[str, str]:
    """Label and count of each choice of a group of ticks."""
    [group] = [found for found in page.select("fieldset") if words(found.legend) == legend]
    return {
        label.select("span")[0].get_text(): label.select(".choice__count")[0].contents[0].get_text()
        for label in group.select("label")
    }


def communities(page: BeautifulSoup) -> list[str]:
    return [option.get_text() for option in page.select("select[name=community] option")[1:]]


def chips(page: BeautifulSoup) -> list[str]:
    return [words(chip).removesuffix(" 移除") for chip in page.select(".chip")]
