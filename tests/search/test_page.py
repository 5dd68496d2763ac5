"""The search page as residents see it, by its address."""

import datetime
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import html5lib
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from wagtail.models import Site

from content_models.base import memo
from content_models.guides.models import GuideTranslation
from content_models.home.models import SiteSettings
from content_models.notices.models import NoticePage
from publishing.publish import publish
from search.find import Found
from search.models import Clicked, Document
from search.query import Unavailable
from tests import factories
from tests.costly import COSTLY
from tests.search.reading import ODD_QUESTIONS, communities, count, line, main, search, titles, words

pytestmark = pytest.mark.django_db

YESTERDAY = datetime.date(2020, 1, 1)


def guide(title: str, **fields: Any) -> Any:
    return publish(factories.guide(title, **fields))


def many_guides(number: int, name: str = "补贴") -> None:
    for n in range(number):
        guide(f"{name}申请第{n:02d}种")


def refused(name: str, *, under: str = "社区不应出具证明清单", **fields: Any) -> Any:
    page = publish(factories.certificate_list(under))
    factories.certificate_edition(page, [{"name": name} | fields], published=True)
    return page


# The verdict


def test_a_certificate_question_is_answered_first(client: Client) -> None:
    service = guide("住改商咨询", everyday_names=["住改商证明"])
    listed = refused(
        "住改商证明",
        aliases=["住宅改商用证明"],
        instead=["由市场监管部门上门核查"],
        exceptions="法院要求的除外",
        guide=service,
    )

    page = search(client, "住宅改商用证明")

    [card] = page.select(".verdict")
    assert words(card.h2) == "住改商证明 因为“住宅改商用证明”是它的别名 社区不再出具"
    assert "任何单位也不应再要求您提供" in words(card)
    assert "由市场监管部门上门核查" in words(card)
    assert "例外情形： 法院要求的除外" in words(card)
    assert {link["href"] for link in card.select("a")} >= {
        f"{listed.url}entries/zhu-gai-shang-zheng-ming/",
        listed.url,
        service.url,
    }
    assert page.select_one(".verdict, .listing, .kinds") is card
    assert "住改商证明" not in titles(page)
    assert count(page) == "找到 2 条，其中 1 条是上面的证明"


def test_a_certificate_that_may_be_issued_says_what_it_takes(client: Client) -> None:
    refused("居住情况证明", polarity="may", materials="身份证")

    [card] = search(client, "居住情况证明").select(".verdict--yes")

    assert "社区可以出具" in words(card.h2)
    assert "所需材料 身份证" in words(card)


def test_an_unlisted_certificate_says_whom_to_ask(client: Client) -> None:
    refused("流浪证明", polarity="unlisted")

    [card] = search(client, "流浪证明").select(".verdict--unlisted")

    assert "未列入清单" in words(card.h2)
    assert card.select("a[href='tel:12345']")


def test_lists_that_agree_share_one_answer(client: Client) -> None:
    refused("健在证明", instead=["部门核查"])
    refused("健在证明", under="市级清单", instead=["部门核查", "人脸识别"])
    refused("健在证明", under="街道清单", polarity="may")

    no, yes = sorted(search(client, "健在证明").select(".verdict"), key=lambda card: "可以" in words(card))

    assert "出自 社区不应出具证明清单 、 市级清单" in words(no)
    assert [words(way).split()[-1] for way in no.select(".verdict__ways li")] == ["部门核查", "人脸识别"]
    assert "出自 街道清单" in words(yes)


def test_a_verdict_follows_the_filters(client: Client) -> None:
    refused("健在证明")
    guide("健在证明咨询")

    assert search(client, "健在证明", kind="certificates").select(".verdict")
    page = search(client, "健在证明", kind="guides")
    assert not page.select(".verdict")
    assert titles(page) == ["健在证明咨询"]


def test_a_certificate_found_by_the_way_is_a_line_with_its_verdict(client: Client) -> None:
    refused("户口登记内容变更证明")

    page = search(client, "户口登记")

    assert not page.select(".verdict")
    assert "社区不再出具" in words(line(page, "户口登记内容变更证明"))


# Lines


def test_a_guide_says_why_it_was_found_and_how_it_is_handled(client: Client) -> None:
    office = factories.office("江苏路社区党群服务中心")
    guide("老年人优待证办理", everyday_names=["敬老卡"], summary="带身份证就能办敬老卡。", offices=[office])

    said = line(search(client, "敬老卡"), "老年人优待证办理")

    assert "因为“敬老卡”是它的俗称" in words(said)
    assert [mark.get_text() for mark in said.select(".listing__text mark")] == ["敬老卡"]
    assert "承诺件 · 4 个工作日" in words(said)
    assert "江苏路社区党群服务中心" in words(said)
    assert words(said.select_one(".badge--plain")) == "办事指南"


def test_the_words_of_the_question_are_marked_in_other_script(client: Client) -> None:
    guide("居住证办理")

    title = line(search(client, "居住證"), "居住证办理").h3

    assert title is not None
    assert [mark.get_text() for mark in title.select("mark")] == ["居住证"]


def test_what_a_text_says_is_shown_where_it_says_it(client: Client) -> None:
    guide("老年助餐登记", conditions=f"<p>{'别的条件。' * 60}糖尿病人另备无糖餐食。</p>")

    text = line(search(client, "糖尿病"), "老年助餐登记").select(".listing__text")[0]

    assert "<mark>糖尿病</mark>人另备无糖餐食" in str(text)
    assert text.get_text().startswith("…")
    assert len(text.get_text()) < 100


def test_the_title_of_a_translation_is_no_everyday_name(client: Client) -> None:
    service = factories.guide("老年人优待证办理")
    service.in_other_languages.add(GuideTranslation(language="en", title="Senior Citizen Card"))
    publish(service.save_revision().as_object())

    found = line(search(client, "Senior Citizen Card"), "老年人优待证办理")

    assert "因为“Senior Citizen Card”是它的别名" in found.get_text()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "suspended"}, "暂停"),
        ({"status": "cancelled"}, "取消"),
        ({"cancel_on": YESTERDAY, "effective_on": YESTERDAY}, "已取消"),
        ({"effective_on": datetime.date(2999, 1, 1)}, "2999-01-01 起"),
    ],
)
def test_a_guide_that_does_not_hold_says_so(client: Client, fields: dict[str, Any], said: str) -> None:
    guide("残疾人护理补贴", **fields)

    assert said in [
        words(badge) for badge in line(search(client, "护理补贴"), "残疾人护理补贴").select(".badge")
    ]


def test_a_notice_says_its_date_and_that_it_is_over(client: Client) -> None:
    first = datetime.datetime(2024, 5, 6, 9, tzinfo=datetime.UTC)
    publish(factories.notice("停水通知", expires_on=YESTERDAY, first_published_at=first))
    publish(factories.notice("停水公告", validity=NoticePage.Validity.REPEALED))

    page = search(client, "停水")

    assert "已过期" in words(line(page, "停水通知"))
    assert line(page, "停水通知").select("time[datetime='2024-05-06']")
    assert "已废止" in words(line(page, "停水公告"))


def test_an_entry_names_its_list_and_what_became_of_it(client: Client) -> None:
    page = factories.policy_list(
        "准入清单",
        columns=[
            factories.column("事项名称", is_title=True, is_required=True),
            factories.column("状态", "choice", choices=["准入", "退出"], inactive_values=["退出"]),
        ],
    )
    rows = [{"key": "a", "事项名称": "巡查小区消防", "状态": "退出"}]
    factories.list_edition(publish(page), rows, published=True)

    said = words(line(search(client, "小区消防"), "巡查小区消防"))

    assert "准入清单" in said
    assert "不再有效" in said


def test_what_belongs_to_a_community_names_it(client: Client) -> None:
    street = publish(factories.street("中华街道"))
    community = publish(factories.community("花苑社区", under=street))
    publish(factories.office("便民服务站", under=community))

    assert "花苑社区" in words(line(search(client, "便民服务站"), "便民服务站"))


@pytest.mark.parametrize(
    ("offers", "said"),
    [
        ({"community": True}, "您的社区可办"),
        ({"community": False}, "您的社区不办"),
        ({"street": True}, "您的街道可办"),
        ({"street": True, "community": False}, "您的社区不办"),
        ({}, ""),
    ],
)
def test_the_reader_is_told_whether_the_own_community_offers_it(
    client: Client, offers: dict[str, bool], said: str
) -> None:
    street = publish(factories.street("中华街道"))
    community = publish(factories.community("花苑社区", under=street))
    service = guide("残疾人护理补贴", offices=[publish(factories.office("花苑服务站", under=community))])
    for place, is_offered in offers.items():
        edition = factories.provision_edition({"street": street, "community": community}[place])
        factories.provision(edition, service, is_offered=is_offered, window="3")
        publish(edition)
    client.cookies["community"] = str(community.pk)

    found = line(search(client, "护理补贴"), "残疾人护理补贴")

    badges = [words(badge) for badge in found.select(".badge")]
    assert [badge for badge in badges if badge.startswith("您的")] == ([said] if said else [])
    assert ("3 号窗口" in words(found)) == said.endswith("可办")


def test_more_results_take_no_more_questions(client: Client) -> None:
    def asked() -> int:
        cache.clear()
        memo.forget("codes")
        search(client, "补贴")  # reads what is kept between requests
        with CaptureQueriesContext(connection) as captured:
            search(client, "补贴")
        return len(captured)

    street = publish(factories.street("中华街道"))
    community = publish(factories.community("花苑社区", under=street))
    client.cookies["community"] = str(community.pk)
    publish(factories.office("补贴服务站", under=community))
    refused("补贴证明零")
    publish(factories.notice("补贴通知零"))
    many_guides(4)
    few = asked()

    for n in range(3):
        refused(f"补贴证明{n}", under=f"补贴清单{n}")
        publish(factories.notice(f"补贴通知{n}"))
        publish(factories.office(f"补贴服务站{n}", under=factories.community(f"新社区{n}", under=street)))
    many_guides(3, "护理补贴")

    assert asked() == few


# Beginnings and ends


def test_the_readers_community_can_be_chosen_for_what_it_offers(client: Client) -> None:
    street = publish(factories.street("中华街道"))
    community = publish(factories.community("花苑社区", under=street))
    many_guides(6)
    edition = factories.provision_edition(community)
    factories.provision(edition, Document.objects.filter(kind="guides").first().page.specific)  # type: ignore[union-attr]
    publish(edition)

    assert communities(search(client, "补贴")) == []
    client.cookies["community"] = str(community.pk)
    assert communities(search(client, "补贴")) == ["花苑社区（1）"]


def test_few_results_are_not_asked_to_be_narrowed(client: Client) -> None:
    guide("残疾人护理补贴")

    page = search(client, "护理补贴")

    assert not page.select(".filters, .kinds")
    assert count(page) == "找到 1 条"


def test_results_come_twenty_a_page(client: Client) -> None:
    factories.list_edition(
        publish(factories.policy_list()),
        [{"key": f"k{n}", "事项名称": f"补贴申请第{n:02d}种"} for n in range(23)],
        published=True,
    )

    first, second = search(client, "补贴"), search(client, "补贴", page=2)

    assert (len(titles(first)), len(titles(second))) == (20, 3)
    assert not set(titles(first)) & set(titles(second))
    [onward] = first.select(".pager [rel=next]")
    assert parse_qs(urlsplit(str(onward["href"])).query) == {"q": ["补贴"], "page": ["2"]}
    past = search(client, "补贴", page=9)
    assert titles(past) == titles(second)
    assert "没有第“9”页，下面是第 2 页。" in main(past)


def test_an_empty_question_is_where_to_begin(client: Client) -> None:
    site = SiteSettings.for_site(Site.objects.get())
    site.frequent_words = ["老年证", "a&b"]
    site.save()
    factories.guide_channel()

    page = search(client, "  ")

    assert [link["href"] for link in page.select("#frequent a")] == [
        f"/search/?q={quote('老年证')}",
        "/search/?q=a%26b",
    ]
    assert "办事指南" in words(page.select_one("#channels"))
    assert "没有找到" not in main(page)
    assert page.title is not None
    assert page.title.get_text().startswith("搜索 - ")


def test_no_result_offers_what_comes_near_and_whom_to_ask(client: Client) -> None:
    factories.guide_channel()

    page = search(client, "火星移民")

    assert "没有找到“ 火星移民 ”。" in main(page)
    assert page.select("main a[href='tel:12345']")
    assert "办事指南" in words(page.select_one("#channels"))
    assert page.select("form[method=post] textarea[name=message]")


def test_guides_that_come_near_are_offered_where_nothing_is_found(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = guide("老年助餐登记", summary="登记以后到助餐点吃饭。")
    near = Found("火星移民", nearest=load_document(service))
    monkeypatch.setattr("search.find.find", lambda text, region: near)

    [link] = search(client, "火星移民").select("[data-asked='火星移民'] [data-result]")

    assert (words(link.parent), link["href"]) == ("老年助餐登记 登记以后到助餐点吃饭。", service.url)


def test_what_residents_open_most_is_offered_where_nothing_comes_near(client: Client) -> None:
    guide("老年助餐登记")
    liked = guide("残疾人补贴申请")
    [document] = load_document(liked)
    Clicked.objects.create(day=timezone.localdate(), text="补贴", document=document, times=3)

    page = search(client, "火星移民")

    assert "大家常办的事" in main(page)
    assert [words(link) for link in page.select("#nearest a")] == ["残疾人补贴申请", "老年助餐登记"]


def load_document(page: Any) -> list[Document]:
    return list(Document.objects.filter(page=page.pk).prefetch_related("page"))


def test_the_page_is_named_after_the_question_and_not_for_robots(client: Client) -> None:
    page = search(client, "老年证")

    assert page.title is not None
    assert page.title.get_text() == "搜索：老年证 - 家门口"
    assert [words(heading) for heading in page.select("main h1")] == ["搜索"]
    assert page.select("meta[name=robots][content=noindex]")
    assert page.select("main input[name=q][value='老年证']")


def test_a_misspelt_name_is_offered_as_it_is_written(client: Client) -> None:
    guide("残疾人补贴申请", everyday_names=["残疾补贴"])

    [link] = search(client, "残急补贴").select(".meant a")

    assert (words(link), link["href"]) == ("残疾补贴", f"/search/?q={quote('残疾补贴')}")


def test_results_say_which_they_are_to_who_counts_clicks(client: Client) -> None:
    service = guide("残疾人护理补贴")

    [link] = search(client, "护理补贴").select("[data-asked='护理补贴'] [data-result]")

    assert link["href"] == service.url
    assert int(str(link["data-result"])) == Document.objects.get(page=service.pk).pk


# Counting


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What was counted as looked for, with how much was found."""
    counted: list[tuple[str, int]] = []
    monkeypatch.setattr("search.insight.note", lambda text, found: counted.append((text, found)))
    return counted


def test_a_question_is_counted_as_it_was_typed(client: Client, noted: list[tuple[str, int]]) -> None:
    guide("居住证办理")

    search(client, "居住證")
    search(client, "火星移民")

    assert noted == [("居住證", 1), ("火星移民", 0)]


def test_who_goes_on_is_not_counted_again(client: Client, noted: list[tuple[str, int]]) -> None:
    guide("居住证办理")

    search(client, "居住证", kind="guides")
    search(client, "居住证", page=2)
    search(client, "")
    client.get("/search/?q=居住证", headers={"Sec-Purpose": "prefetch"})
    client.get("/search/suggest/?q=居住证")

    assert noted == []


# Bad input


@pytest.fixture
def two_of_a_kind() -> None:
    guide("残疾人护理补贴", everyday_names=["残疾补贴"], summary="每月发放。")
    refused("健在证明", instead=["部门核查"])


free_text = st.one_of(
    st.text(max_size=120),
    st.text(alphabet="老年证残疾补贴健在明 lnzcj'\"*()<>&\x00%_", max_size=30),
    st.sampled_from(ODD_QUESTIONS),
)


@settings(COSTLY, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=free_text,
    filters=st.dictionaries(
        st.sampled_from(["kind", "audience", "topic", "community", "department", "form", "page", "x"]),
        st.one_of(free_text, st.sampled_from(["guides", "certificates", "1", "2"])),
        max_size=3,
    ),
)
@example(text="健在证明", filters={"kind": "guides", "page": "9"})
@example(text="健在证明", filters={"kind": "certificates"})
def test_whatever_is_typed_a_sound_page_answers(
    client: Client, two_of_a_kind: None, text: str, filters: dict[str, str]
) -> None:
    pairs: Iterable[tuple[str, str]] = [("q", text), *filters.items()]
    query = "&".join(f"{name}={quote(value, errors='surrogatepass')}" for name, value in pairs)

    for address in (f"/search/?{query}", f"/search/suggest/?{query}"):
        assert client.get(address).status_code == 200
    content = client.get(f"/search/?{query}").content.decode()
    html5lib.HTMLParser(strict=True).parse(content)


@pytest.mark.parametrize("address", ["/search/", "/search/suggest/"])
def test_a_search_is_only_read(client: Client, address: str) -> None:
    assert client.post(address, {"q": "补贴"}).status_code == 405
    assert client.head(address, {"q": "补贴"}).status_code == 200


# Suggestions


def suggestions(client: Client, text: str) -> list[dict[str, str]]:
    response = client.get("/search/suggest/", {"q": text})
    assert response["Content-Type"] == "application/json"
    found: list[dict[str, str]] = json.loads(response.content)["suggestions"]
    return found


def test_a_name_begun_is_suggested_with_where_it_leads(client: Client) -> None:
    service = guide("老年人优待证办理", everyday_names=["敬老卡"])

    assert suggestions(client, "老年人") == [
        {
            "title": "老年人优待证办理",
            "name": "",
            "kind": "guides",
            "kind_label": "办事指南",
            "url": service.url,
        }
    ]
    assert [(found["title"], found["name"]) for found in suggestions(client, "敬老")] == [
        ("老年人优待证办理", "敬老卡")
    ]


def test_an_entry_is_suggested_with_its_own_address(client: Client) -> None:
    listed = refused("健在证明")

    assert [found["url"] for found in suggestions(client, "健在证明")] == [
        f"{listed.url}entries/jian-zai-zheng-ming/"
    ]


def test_eight_names_at_most_are_suggested_with_few_questions(client: Client) -> None:
    guide("补贴申请")
    suggestions(client, "补贴")
    with CaptureQueriesContext(connection) as few:
        suggestions(client, "补贴")
    rows = [{"key": f"k{n}", "事项名称": f"护理补贴第{n}种"} for n in range(9)]
    factories.list_edition(publish(factories.policy_list()), rows, published=True)

    with CaptureQueriesContext(connection) as captured:
        assert len(suggestions(client, "补贴")) == 8
    assert len(captured) == len(few)


@pytest.mark.parametrize("text", ["", "  ", "\x00", "。", "火星移民"])
def test_nothing_typed_suggests_nothing(client: Client, text: str) -> None:
    guide("老年人优待证办理")

    assert suggestions(client, text) == []


def test_suggestions_are_kept_for_a_short_while_by_the_reader_alone(client: Client) -> None:
    kept = client.get("/search/suggest/", {"q": "老"})["Cache-Control"]

    assert set(kept.split(", ")) == {"private", "max-age=60"}


def test_a_search_that_is_away_says_so_plainly(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*arguments: Any, **options: Any) -> None:
        raise Unavailable

    monkeypatch.setattr("search.find.find", away)

    page = client.get("/search/", {"q": "老年证"})
    assert page.status_code == 503
    assert "搜索暂时用不了" in page.content.decode()
    assert client.get("/search/suggest/", {"q": "老年证"}).json() == {"suggestions": []}
    assert client.get("/api/v1/search/", {"q": "老年证"}).status_code == 503
