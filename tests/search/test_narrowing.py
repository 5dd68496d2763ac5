"""What was found is narrowed by kind, place, audience and more, and odd filters do no harm."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import html5lib
import pytest
from bs4 import BeautifulSoup
from django.test import Client

from content_models.notices.models import NoticeChannel
from publishing.publish import publish
from tests import factories
from tests.conftest import StandingContent
from tests.search.reading import (
    ODD_QUESTIONS,
    chips,
    communities,
    count,
    kinds,
    main,
    options,
    search,
    titles,
    words,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def standing(standing_content: StandingContent) -> Iterator[dict[str, Any]]:
    with standing_content():
        yield subsidies()


@pytest.fixture
def services(standing: dict[str, Any], db: None) -> dict[str, Any]:
    """Six guides and two notices about 补贴, in two communities; made once for this module."""
    return {name: factories.fresh(thing) for name, thing in standing.items()}


def subsidies() -> dict[str, Any]:
    old, sick = factories.audience("老年人"), factories.audience("残疾人")
    care = factories.topic("养老")
    street = publish(factories.street("中华街道"))
    near = publish(factories.community("花苑社区", under=street))
    far = publish(factories.community("桥岗社区", under=street))
    made = {"street": street, "near": near, "far": far, "old": old, "care": care}
    for n in range(6):
        service = factories.guide(
            f"补贴申请第{n}种",
            handle_forms=["1", "2"] if n < 2 else ["1"],
            department=factories.department("区残联" if n < 3 else "区民政局"),
        )
        service.audiences.set([old] if n < 4 else [sick])
        service.topics.set([care] if n < 1 else [])
        service.save()
        made[f"guide{n}"] = publish(service)
    for place in (near, far):
        publish(factories.notice(f"补贴通知：{place.title}", under=factories.channel(NoticeChannel, place)))
    edition = factories.provision_edition(near)
    factories.provision(edition, made["guide0"])
    factories.provision(edition, made["guide1"], is_offered=False)
    publish(edition)
    return made


def test_kinds_and_filters_say_how_many(client: Client, services: dict[str, Any]) -> None:
    page = search(client, "补贴")

    assert count(page) == "找到 8 条"
    assert kinds(page) == ["全部 8", "办事指南 6", "通知公告 2"]
    assert options(page, "办理形式") == {"窗口": "6", "网上": "2"}
    assert options(page, "服务人群") == {"老年人": "4", "残疾人": "2"}
    assert options(page, "主题") == {"养老": "1"}
    assert options(page, "部门") == {"区残联": "3", "区民政局": "3"}
    # Of the street are the notices of its communities and the guide that one of them offers.
    assert communities(page) == ["中华街道（3）", "花苑社区（2）", "桥岗社区（1）"]


def test_filters_narrow_and_keep_the_order(client: Client, services: dict[str, Any]) -> None:
    everything = titles(search(client, "补贴"))
    page = search(client, "补贴", audience=services["old"].slug, form="2")

    assert titles(page) == [title for title in everything if title in ("补贴申请第0种", "补贴申请第1种")]
    assert count(page) == "找到 2 条，全部共 8 条"
    assert kinds(page) == ["全部 2", "办事指南 2"]
    assert sorted(chips(page)) == ["办理形式：网上", "服务人群：老年人"]


def test_a_filter_is_removed_by_its_chip_and_all_by_one(client: Client, services: dict[str, Any]) -> None:
    page = search(client, "补贴", audience=services["old"].slug, form="2", kind="guides")

    [chip] = [chip for chip in page.select(".chip") if "办理形式" in words(chip)]
    without = parse_qs(urlsplit(str(chip["href"])).query)
    assert without == {"q": ["补贴"], "audience": [services["old"].slug], "kind": ["guides"]}
    [clear] = [link for link in page.select(".chips a") if words(link) == "全部清除"]
    assert parse_qs(urlsplit(str(clear["href"])).query) == {"q": ["补贴"], "kind": ["guides"]}
    hidden = {field["name"]: field["value"] for field in page.select(".filters__form input[type=hidden]")}
    assert hidden == {"q": "补贴", "kind": "guides"}


def test_a_kind_keeps_the_filters_and_leads_back_to_all(client: Client, services: dict[str, Any]) -> None:
    page = search(client, "补贴", kind="notices")

    [chosen] = page.select(".kinds [aria-current]")
    assert words(chosen).startswith("通知公告 2")
    assert len(titles(page)) == 2
    [everything] = [link for link in page.select(".kinds a") if words(link).startswith("全部")]
    assert parse_qs(urlsplit(str(everything["href"])).query) == {"q": ["补贴"]}


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("near", {"补贴通知：花苑社区", "补贴申请第0种"}),
        ("far", {"补贴通知：桥岗社区"}),
        ("street", {"补贴通知：花苑社区", "补贴通知：桥岗社区", "补贴申请第0种"}),
    ],
)
def test_a_place_has_what_is_its_own_and_the_guides_it_offers(
    client: Client, services: dict[str, Any], place: str, expected: set[str]
) -> None:
    assert set(titles(search(client, "补贴", community=services[place].pk))) == expected


def test_what_a_street_offers_its_communities_offer_unless_they_say_no(
    client: Client, services: dict[str, Any]
) -> None:
    edition = factories.provision_edition(services["street"])
    for n in (1, 2):
        factories.provision(edition, services[f"guide{n}"])
    publish(edition)

    offered = {
        place: {
            title for title in titles(search(client, "补贴", community=services[place].pk)) if "第" in title
        }
        for place in ("near", "far")
    }
    assert offered == {
        "near": {"补贴申请第0种", "补贴申请第2种"},
        "far": {"补贴申请第1种", "补贴申请第2种"},
    }


def test_filters_that_leave_nothing_are_said_and_can_be_left(
    client: Client, services: dict[str, Any]
) -> None:
    page = search(client, "补贴", kind="notices", form="2")

    assert "没有找到" not in main(page)
    assert "“ 补贴 ”有 8 条结果，但没有一条符合您选的条件" in main(page)
    [everything] = page.select(".empty a")
    assert parse_qs(urlsplit(str(everything["href"])).query) == {"q": ["补贴"]}


def test_what_the_page_does_not_know_is_said_and_ignored(client: Client, services: dict[str, Any]) -> None:
    page = search(client, "补贴", audience="nobody", kind="magic", community="999999", utm="x" * 5000)

    for label in ("服务人群", "类别", "街道和社区"):
        assert f"“{label}”没有这个选项，已忽略。" in main(page)
    assert len(titles(page)) == 8
    assert "utm" not in str(page.main)


# Bad input


@pytest.mark.parametrize("text", ODD_QUESTIONS)
def test_odd_questions_are_answered_with_a_page(client: Client, services: dict[str, Any], text: str) -> None:
    response = client.get(f"/search/?q={quote(text, errors='surrogatepass')}")

    assert response.status_code == 200
    content = response.content.decode()
    html5lib.HTMLParser(strict=True).parse(content)
    assert "<script>alert(1)" not in content
    assert len(str(BeautifulSoup(content, "html.parser").main)) < 40_000


ODD_VALUES = ["\x00", "'", "9" * 60, "\u00b2", "-1", "x" * 10_000, "{{", "x\x00", "", "１"]


@pytest.mark.parametrize("name", ["kind", "audience", "topic", "community", "department", "form", "page"])
def test_odd_filters_are_answered_with_all_results(
    client: Client, services: dict[str, Any], name: str
) -> None:
    for value in ODD_VALUES:
        page = search(client, "补贴", **{name: value})
        assert len(titles(page)) == 8, value
    assert len(titles(search(client, "补贴", **{name: ODD_VALUES * 50}))) == 8
