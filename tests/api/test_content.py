"""Content for other front ends: what it says, how it is narrowed and paged, and what nobody is told."""

import datetime
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import jsonschema
import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from api.content import cursor
from content_models.base.models import Topic
from content_models.guides.models import GuideChannel, GuidePage
from content_models.guides.provisions import Provision
from content_models.notices.models import NoticeChannel
from content_models.places.models import OfficeChannel
from content_models.policy_lists.models import ListChannel
from publishing.models import OutboxEntry
from publishing.publish import publish, take_back
from tests import factories
from tests.api import site
from tests.api.site import MARK, Content
from tests.conftest import StandingContent

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/"
KINDS = ["guides", "provisions", "notices", "certificates", "lists", "communities", "figures", "offices"]
BESIDE = ["certificate-lists", "regions", "banners"]


@pytest.fixture(scope="module")
def standing(standing_content: StandingContent) -> Iterator[Content]:
    with standing_content():
        yield site.make()


@pytest.fixture
def content(standing: Content, db: None) -> Content:
    return standing


def ask(address: str, status: int = 200, /, *, headers: dict[str, str] | None = None, **asked: Any) -> Any:
    query = f"?{urlencode(asked, doseq=True)}" if asked else ""
    address = f"{address if address.startswith(('/', 'http')) else ROOT + address}{query}"
    response = Client(raise_request_exception=True).get(address, headers=headers or {})
    assert response.status_code == status, (address, response.content.decode()[:500])
    return response if status == 304 else response.json()


def rows(kind: str, /, **asked: Any) -> list[dict[str, Any]]:
    return ask(f"{kind}/", **asked)["results"]


def one(kind: str, /, **asked: Any) -> dict[str, Any]:
    (row,) = rows(kind, **asked)
    return row


# What it says


def test_the_root_names_every_kind(content: Content) -> None:
    answer = ask("")

    assert set(KINDS) <= set(answer)
    for name in answer:
        assert Client().get(answer[name]).status_code == 200, name


@pytest.mark.parametrize("kind", [*KINDS, *BESIDE])
def test_every_kind_lists_its_rows_and_each_says_what_it_is(content: Content, kind: str) -> None:
    found = rows(kind)

    assert found
    assert {row["kind"] for row in found} == {kind}
    for row in found:
        if row.get("api_url"):
            assert ask(row["api_url"])["api_url"] == row["api_url"]


def test_a_guide_is_told_as_data(content: Content) -> None:
    guide = ask(f"guides/{content.guide.pk}/")

    assert guide["title"] == "老年人优待证办理"
    assert guide["url"] == f"http://testserver{content.guide.url}"
    assert guide["region"]["title"] == "思明区"
    assert guide["everyday_names"] == ["老年证"]
    assert guide["case_type"] == {"code": "2", "label": "承诺件"}
    assert guide["handle_forms"] == [{"code": "1", "label": "窗口"}]
    assert guide["promised_limit"]["text"] == "4 个工作日"
    assert guide["promised_limit"]["unit"] == {"code": "W", "label": "工作日"}
    assert guide["department"]["name"] == "区民政局"
    assert [topic["slug"] for topic in guide["topics"]] == ["yanglao"]
    assert [audience["name"] for audience in guide["audiences"]] == ["老年人"]
    assert [(each["name"], each["necessity"]["label"]) for each in guide["materials"]] == [
        ("身份证", "必要"),
        ("居住证明", "容缺后补"),
    ]
    assert guide["materials"][0]["originals"] == 1
    assert [step["name"] for step in guide["steps"]] == ["受理", "审核"]
    assert guide["fees"][0] == {
        "name": "工本费",
        "standard": "5 元",
        "basis": "收费目录",
        "is_reducible": True,
        "note": "",
    }
    assert guide["faqs"][0]["answer"]["text"] == "当场。"
    assert guide["level_changes"][0]["kind"] == {"code": "down", "label": "下沉社区"}
    assert guide["legal_basis"][0]["law"] == "残疾人保障法"
    assert [office["title"] for office in guide["offices"]] == ["江苏路社区党群服务中心"]
    assert guide["is_available"] is True
    assert guide["offer"] is None


def test_rich_text_comes_as_html_as_blocks_and_as_plain_words(content: Content) -> None:
    conditions = ask(f"guides/{content.guide.pk}/")["conditions"]

    assert conditions["html"].startswith("<h3>谁能办</h3><p>60 岁以上的<b>本区</b>居民。</p>")
    assert conditions["text"] == "谁能办\n60 岁以上的本区居民。\n有户口\n有照片"
    assert [block["type"] for block in conditions["blocks"]] == ["heading", "paragraph", "list"]
    assert conditions["blocks"][1]["html"] == "60 岁以上的<b>本区</b>居民。"
    assert [item["text"] for item in conditions["blocks"][2]["items"]] == ["有户口", "有照片"]


def test_links_in_texts_lead_to_whole_addresses(content: Content) -> None:
    link = f'<p>看<a linktype="page" id="{content.other.pk}">这里</a></p>'
    guide = publish(factories.guide("带链接的指南", conditions=link, offices=[content.office]))

    html = ask(f"guides/{guide.pk}/")["conditions"]["html"]

    assert f'href="http://testserver{content.other.url}"' in html


def test_a_body_comes_as_blocks_and_as_html(content: Content) -> None:
    body = ask(f"notices/{content.notice.pk}/")["body"]

    assert [block["type"] for block in body["blocks"]] == ["heading", "text", "table"]
    assert body["blocks"][1]["value"]["text"] == "明日 9 时起。"
    assert body["blocks"][2]["value"]["header"] == ["路段", "时长"]
    assert body["html"].startswith("<h2>时间</h2><p>明日 9 时起。</p><table><thead><tr><th>路段</th>")


def test_a_community_says_how_it_offers_a_service(content: Content) -> None:
    guide = ask(f"guides/{content.guide.pk}/", community=content.community.pk)

    assert guide["offer"]["place"]["title"] == "江苏路社区"
    assert guide["offer"]["office"]["title"] == "江苏路社区党群服务中心"
    assert guide["offer"]["window"] == "3"
    assert guide["offer"]["promised_limit"] == "1 个工作日"
    assert [each["is_waived_here"] for each in guide["materials"]] == [False, True]

    assert one("guides", community=content.community.pk, id=content.other.pk)["offer"]["is_offered"] is False


def test_where_a_community_says_nothing_its_street_does(content: Content) -> None:
    offer = ask(f"guides/{content.guide.pk}/", community=content.neighbour.pk)["offer"]

    assert (offer["place"]["title"], offer["phone"]) == ("中华街道", "0592-1111111")


def test_an_offer_is_what_residents_are_told(content: Content) -> None:
    client = Client()
    client.cookies["community"] = str(content.community.pk)
    page = client.get(content.guide.url).context["offer"]

    offer = ask(f"guides/{content.guide.pk}/", community=content.community.pk)["offer"]

    assert offer["office"]["id"] == page.office.pk
    assert offer["promised_limit"] == page.promised_limit
    assert set(offer["waived_materials"]) == page.waived


def test_provisions_are_narrowed_by_place_and_guide(content: Content) -> None:
    assert len(rows("provisions")) == Provision.objects.count() == 3
    assert len(rows("provisions", place=content.community.pk)) == 2
    row = one("provisions", place=content.community.pk, guide=content.guide.pk)
    assert (row["is_offered"], row["waived_materials"], row["edition"]) == (True, ["居住证明"], 1)
    assert len(rows("provisions", region=content.street.pk)) == 3
    assert [each["guide"]["id"] for each in rows("provisions", offered="false")] == [content.other.pk]


def test_traditional_characters_leave_names_addresses_and_codes_alone(content: Content) -> None:
    notice = publish(factories.notice("关于办理优待证的通知", author="范里", slug="you-dai"))

    answer = ask(f"notices/{notice.pk}/", lang="zh-hant")

    assert answer["title"] == "關於辦理優待證的通知"
    assert answer["body"]["blocks"][0]["value"]["text"] == "明日 9 時至 17 時停水。"
    assert answer["author"] == "范里"
    assert answer["notice_kind"] == {"code": "notice", "label": "通知"}
    assert answer["slug"] == notice.slug


def test_a_small_count_of_people_has_no_value(content: Content) -> None:
    figures = {row["metric"]["code"]: row for row in rows("figures", place=content.community.pk)}
    of_page = {row["metric"]["code"]: row for row in ask(f"communities/{content.community.pk}/")["figures"]}

    for found in (figures, of_page):
        assert (found["households"]["value"], found["households"]["text"]) == (5000, "5,000 户")
        assert (found["residents"]["value"], found["residents"]["text"]) == (None, "少于 10 人")


def test_figures_come_with_what_follows_from_them(content: Content) -> None:
    factories.figure(content.community, "office_area", 600, "㎡")

    (found,) = ask(f"communities/{content.community.pk}/", fields="derived_figures")["derived_figures"]

    assert found == {
        "label": "每百户办公用房",
        "value": 12,
        "unit": "㎡",
        "working": "600 ÷ 5,000",
        "stated": None,
    }


def test_a_certificate_list_names_its_editions(content: Content) -> None:
    found = one("certificate-lists")

    assert found["authority"] == {"code": "national", "label": "国家"}
    assert [(each["title"], each["entries"], each["is_current"]) for each in found["editions"]] == [
        ("第二批", 2, True),
        ("第一批", 2, False),
    ]
    assert len(ask(found["certificates_url"])["results"]) == 2
    assert ask(found["api_url"]) == found


def test_an_office_says_when_it_is_open(content: Content) -> None:
    office = ask(f"offices/{content.office.pk}/")

    assert office["hours"][0] == {
        "weekdays": [0, 1, 2, 3, 4],
        "opens": "09:00",
        "closes": "12:00",
        "season": {"code": "all_year", "label": "全年"},
        "season_from": "",
        "season_to": "",
    }
    assert office["windows"] == [{"number": "3", "name": "综合窗口"}]
    assert (office["latitude"], office["longitude"]) == (36.067, 120.382)
    assert office["open_state"]["text"] == content.office.open_state().text
    assert office["region"]["title"] == "江苏路社区"


def test_a_certificate_leads_with_its_verdict_and_the_way_without(content: Content) -> None:
    row = one("certificates", q="健在")

    assert row["polarity"] == {"code": "must_not", "label": "不应出具"}
    assert row["verdict"] == "社区不再出具"
    assert [way["text"] for way in row["alternatives"]] == ["联网核对"]
    assert row["edition"]["title"] == "第二批"
    assert Client().get(row["url"]).status_code == 200


def test_certificates_of_a_day_are_those_of_the_edition_that_held(content: Content) -> None:
    found = rows("certificates", as_of="2021-06-01")

    assert {row["edition"]["title"] for row in found} == {"第一批"}
    assert ask(found[0]["api_url"])["edition"]["number"] == 1
    assert rows("certificates", as_of="2019-12-31") == []


# Lists and their entries


def test_a_list_names_its_columns_and_editions(content: Content) -> None:
    found = ask("lists/zhunru/")

    assert found["id"] == content.list.pk
    assert [column["label"] for column in found["columns"]] == [
        "事项名称", "类别", "数量", "准入日", "有经费", "网址", "办事指南"
    ]  # fmt: skip
    assert [column["filters"] for column in found["columns"]][:4] == [
        [],
        ["lei_bie"],
        ["shu_liang_from", "shu_liang_to"],
        ["zhun_ru_ri_from", "zhun_ru_ri_to"],
    ]
    assert [(each["number"], each["entries"], each["is_current"]) for each in found["editions"]] == [
        (2, 3, True),
        (1, 2, False),
    ]


def test_entries_are_typed_by_their_columns(content: Content) -> None:
    first, second, _third = rows("lists/zhunru/entries")

    assert first["title"] == "环境检查"
    assert first["values"] == {
        "shi_xiang_ming_cheng": "环境检查",
        "lei_bie": "检查",
        "shu_liang": 3,
        "zhun_ru_ri": "2024-05-01",
        "you_jing_fei": True,
        "wang_zhi": "https://example.cn/a",
        "ban_shi_zhi_nan": {
            "id": content.guide.pk,
            "title": "老年人优待证办理",
            "url": f"http://testserver{content.guide.url}",
        },
    }
    assert first["texts"]["you_jing_fei"] == "是"
    assert (second["values"]["shu_liang"], second["values"]["wang_zhi"]) == (1.5, None)
    assert ask(first["api_url"]) == first
    assert Client().get(first["url"]).status_code == 200


@pytest.mark.parametrize("asked", [{}, {"edition": 1}, {"as_of": "2024-06-01"}])
def test_entries_are_as_their_schema_says(content: Content, asked: dict[str, Any]) -> None:
    schema = ask("lists/zhunru/schema/", **asked)

    jsonschema.Draft202012Validator.check_schema(schema)
    for entry in rows("lists/zhunru/entries", **asked):
        jsonschema.validate(entry["values"], schema, format_checker=jsonschema.FormatChecker())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(entry["values"] | {"shu_liang": "许多"}, schema)


def test_entries_of_a_day_are_those_of_the_edition_that_held(content: Content) -> None:
    assert [row["key"] for row in rows("lists/zhunru/entries", as_of="2025-06-20")] == ["a", "b"]
    assert [row["key"] for row in rows("lists/zhunru/entries", as_of="2026-06-20")] == ["a", "b", "c"]
    refused = ask("lists/zhunru/entries/", 404, as_of="2020-01-01")
    assert refused["detail"] == "2020-01-01 还没有施行的版本。"
    old = ask("lists/zhunru/entries/a/", edition=1)
    assert old["url"].endswith("entries/a/?edition=1")


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ({"lei_bie": "检查"}, ["a", "c"]),
        ({"lei_bie": ["检查", "报表"]}, ["a", "b", "c"]),
        ({"shu_liang_from": "2"}, ["a", "c"]),
        ({"zhun_ru_ri_to": "2024-12-31"}, ["a"]),
        ({"q": "月度"}, ["b"]),
        ({"lei_bie": "检查", "shu_liang_to": "3"}, ["a"]),
    ],
)
def test_entries_are_filtered_by_their_columns(
    content: Content, asked: dict[str, Any], keys: list[str]
) -> None:
    assert [row["key"] for row in rows("lists/zhunru/entries", **asked)] == keys


def test_a_new_column_is_in_the_answer_at_once(content: Content) -> None:
    page = content.list
    page.columns.add(factories.column("备注", is_filter=True))
    page.save()

    assert "bei_zhu" in rows("lists/zhunru/entries")[0]["values"]
    assert "bei_zhu" in ask("lists/zhunru/schema/")["properties"]
    assert rows("lists/zhunru/entries", bei_zhu="")


def test_a_slug_that_two_lists_have_asks_for_the_number(content: Content) -> None:
    channel = factories.channel(ListChannel, content.street)
    other = factories.policy_list("街道的", slug="zhunru", under=channel)

    refused = ask("lists/zhunru/", 422)

    assert f"{content.list.pk}、{other.pk}" in refused["detail"]
    assert ask(f"lists/{other.pk}/")["title"] == "街道的"


# Narrowing


CHANNELS = {
    "guides": (GuideChannel, [
        {}, {"q": "残疾"}, {"topic": "yanglao"}, {"audience": "laonianren"}, {"form": "1"}, {"form": "2"},
    ]),
    "notices": (NoticeChannel, [{}, {"q": "停水"}, {"kind": "notice"}, {"kind": "publicity"}]),
    "lists": (ListChannel, [{}, {"type": "qita"}, {"q": "准入"}]),
    "offices": (OfficeChannel, [{}, {"kind": "community_centre"}, {"access": "has_ramp"}]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "asked"), [(kind, asked) for kind, (_model, some) in CHANNELS.items() for asked in some]
)
def test_filters_are_those_of_the_pages(content: Content, kind: str, asked: dict[str, Any]) -> None:
    channel = factories.channel(CHANNELS[kind][0])
    page = Client().get(channel.url, asked).context["listing"]

    found = rows(kind, **asked)

    assert {row["id"] for row in found} == {item.pk for item in page.queryset}
    assert set(page.filterset.base_filters) <= set(ask_names(kind))


def ask_names(kind: str) -> list[str]:
    """The parameters an address takes, as it names them to who uses another."""
    said = ask(f"{kind}/", 422, nonsense="1")["detail"]
    return said.partition("可用的有：")[2].rstrip("。").split("、")


def test_a_region_narrows_to_what_lies_in_it(content: Content) -> None:
    own = publish(
        factories.guide(
            "社区自己的", under=factories.guide_channel(content.community), offices=[content.office]
        )
    )

    assert [row["id"] for row in rows("guides", region=content.community.pk)] == [own.pk]
    assert rows("guides", region=content.neighbour.pk) == []
    assert len(rows("guides", region=content.home.pk)) == 3
    assert [row["title"] for row in rows("regions", level="street")] == ["中华街道"]


def test_rows_are_asked_for_by_number(content: Content) -> None:
    assert [row["id"] for row in rows("guides", id=[content.guide.pk, 999_999])] == [content.guide.pk]


def test_only_the_fields_wanted_are_told(content: Content) -> None:
    assert one("guides", fields="title,materials", q="优待").keys() == {"title", "materials"}
    assert set(ask(f"guides/{content.guide.pk}/")) == set(one("guides", fields="*", q="优待"))
    assert "materials" not in one("guides", q="优待")
    assert ask(f"guides/{content.guide.pk}/", fields="id") == {"id": content.guide.pk}


@pytest.mark.parametrize(
    ("address", "asked", "name", "sentence"),
    [
        ("guides/", {"foo": "1"}, "foo", "没有“foo”这个参数"),
        ("guides/", {"fields": "id,secret"}, "fields", "没有“secret”这个字段"),
        ("guides/", {"form": "99"}, "form", "“form”没有“99”这个值。可用的有：1、2、3、4。"),
        ("guides/", {"community": "999999"}, "community", "没有编号是“999999”的社区"),
        ("guides/", {"region": "x"}, "region", "整数"),
        ("guides/", {"page_size": "101"}, "page_size", "1 到 100"),
        ("guides/", {"cursor": "!!"}, "cursor", "next"),
        ("guides/", {"lang": "en"}, "lang", "zh-hant"),
        ("guides/", {"count": "yes"}, "count", "true 或 false"),
        ("certificates/", {"as_of": "去年"}, "as_of", "2022-06-20"),
        ("certificates/", {"as_of": "20240101"}, "as_of", "2022-06-20"),
        ("provisions/", {"offered": "no"}, "offered", "可用的有：true、false"),
        ("guides/", {"region": ["1", "2"]}, "region", "只能写一次"),
        ("guides/", {"q": "\0"}, "q", "空字符"),
        ("lists/zhunru/entries/", {"lei_bie": "没有的"}, "lei_bie", "没有的"),
        ("lists/zhunru/entries/", {"edition": "1", "as_of": "2024-01-01"}, "edition", "只能用一个"),
        ("notices/", {"community": "1"}, "community", "没有“community”这个参数"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_reason(
    content: Content, address: str, asked: dict[str, Any], name: str, sentence: str
) -> None:
    refused = ask(address, 422, **asked)

    assert refused["type"] == "urn:doorstep:problem:invalid"
    assert [error["field"] for error in refused["errors"]] == [name]
    assert sentence in refused["detail"]


@pytest.mark.parametrize(
    "address",
    ["guides/999999/", "guides/99999999999999999999/", "lists/none/", "lists/%00/entries/",
     "lists/zhunru/entries/none/", "certificates/1/none/", "nonsense/", "guides/1"],
)  # fmt: skip
def test_what_is_not_there_is_a_problem_too(content: Content, address: str) -> None:
    response = Client().get(ROOT + address)

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("address", ["guides/", "schema/", "docs/"])
def test_nothing_is_written_here(content: Content, address: str) -> None:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    for method in ("post", "put", "patch", "delete", "options", "trace"):
        response = getattr(client, method)(ROOT + address)
        assert response.status_code == 405
        assert response["Content-Type"] == "application/problem+json"


# Paging


def test_pages_hold_every_row_once_whatever_comes_in_between(content: Content) -> None:
    for number in range(7):
        publish(factories.guide(f"甲{number}", offices=[content.office]))
    wanted = {row["id"] for row in rows("guides", page_size=100)}
    seen, address = [], f"{ROOT}guides/?page_size=2"
    while address:
        answer = ask(address)
        seen += [row["id"] for row in answer["results"]]
        if len(seen) == 4:
            publish(factories.guide("甲 先到的", offices=[content.office]))
            take_back(GuidePage.objects.get(pk=seen[0]))
        address = answer["next"]

    assert sorted(seen) == sorted(wanted)


def test_rows_alike_in_what_they_are_sorted_by_are_not_lost(content: Content) -> None:
    channel = factories.channel(NoticeChannel)
    for number in range(5):
        factories.notice(f"公告{number}", under=channel)
    moment = timezone.now()
    type(content.notice).objects.update(first_published_at=moment)
    seen, address = [], f"{ROOT}notices/?page_size=1"
    while address:
        answer = ask(address)
        seen += [row["id"] for row in answer["results"]]
        address = answer["next"]

    assert len(seen) == len(set(seen)) == 6
    assert seen == sorted(seen, reverse=True)


def test_the_total_is_told_when_asked_for(content: Content) -> None:
    assert ask("guides/", count="true", page_size=1)["count"] == 2
    assert "count" not in ask("guides/")


@given(text=st.one_of(st.text(max_size=60), st.binary(max_size=40).map(lambda raw: raw.hex())))
def test_no_text_is_taken_for_a_cursor_unless_we_gave_it(text: str) -> None:
    rows_of_any = Topic.objects.all()
    try:
        list(cursor.after(rows_of_any, text, ("order", "name", "pk")))
    except cursor.BadCursor:
        return


def test_cursors_go_on_after_their_row() -> None:
    made = [factories.topic(f"主题{number}", order=number % 3) for number in range(9)]
    order = ("-order", "name", "pk")
    everything = list(Topic.objects.filter(pk__in=[each.pk for each in made]).order_by(*order))

    for place, row in enumerate(everything):
        rest = cursor.after(
            Topic.objects.filter(pk__in=[each.pk for each in made]), cursor.place_of(row, order), order
        )
        assert list(rest.order_by(*order)) == everything[place + 1 :]


# Asking again


def settle() -> None:
    """Let what was published be some minutes old."""
    OutboxEntry.objects.update(at=timezone.now() - datetime.timedelta(minutes=5))


def test_an_answer_that_is_known_is_not_sent_again(content: Content) -> None:
    settle()
    first = Client().get(f"{ROOT}guides/")

    assert ask("guides/", 304, headers={"If-None-Match": first["ETag"]}).content == b""
    assert ask("guides/", 304, headers={"If-Modified-Since": first["Last-Modified"]}).content == b""
    assert first["Cache-Control"] == "public, no-cache"
    assert "Set-Cookie" not in first


def test_a_change_makes_the_answer_new(content: Content) -> None:
    settle()
    first = Client().get(f"{ROOT}guides/")

    content.guide.summary = "改了"
    guide = content.guide
    guide.summary = "改了"
    publish(guide)

    ask("guides/", headers={"If-None-Match": first["ETag"]})
    ask("guides/", headers={"If-Modified-Since": first["Last-Modified"]})
    assert "Last-Modified" not in Client().get(f"{ROOT}guides/")  # this second may bring another change


def test_what_goes_by_the_clock_has_no_date_of_change(content: Content) -> None:
    settle()

    assert "Last-Modified" not in Client().get(f"{ROOT}offices/")
    assert "ETag" in Client().get(f"{ROOT}offices/")


@pytest.mark.parametrize("address", ["guides/", "search/?q=证", "guides/999999/"])
def test_pages_of_any_site_may_ask(content: Content, address: str) -> None:
    response = Client().get(ROOT + address, headers={"Origin": "https://portal.example.gov.cn"})

    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response


@override_settings(CORS_ALLOW_ALL_ORIGINS=False, CORS_ALLOWED_ORIGINS=["https://portal.example.gov.cn"])
def test_a_site_may_name_who_may_ask(content: Content) -> None:
    def allowed(origin: str) -> str | None:
        return Client().get(f"{ROOT}guides/", headers={"Origin": origin}).get("Access-Control-Allow-Origin")

    assert allowed("https://portal.example.gov.cn") == "https://portal.example.gov.cn"
    assert allowed("https://evil.example.com") is None


# What it costs


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("guides/", 4), ("guides/?fields=*", 4), ("notices/?fields=*", 4), ("communities/?fields=*", 4),
        ("certificates/", 4), ("certificate-lists/", 4), ("provisions/", 4), ("figures/", 4), ("lists/", 4),
        ("regions/", 4),
    ],
)  # fmt: skip
def test_any_number_of_rows_is_a_few_questions(content: Content, address: str, most: int) -> None:
    Client().get(ROOT + address)  # the site's root is known from now on

    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            Client().get(ROOT + address)
        return len(asked)

    before = questions()
    for number in range(3):
        guide = publish(factories.guide(f"乙{number}", offices=[content.office]))
        publish(factories.notice(f"丙{number}"))
        community = factories.community(f"丁{number}社区", under=content.street)
        factories.figure(community, "households", 10)
        edition = factories.provision_edition(community)
        factories.provision(edition, guide)
        publish(edition)
        factories.list_edition(factories.policy_list(f"戊{number}"), published=True)
        factories.certificate_edition(factories.certificate_list(f"己{number}"), published=True)

    assert questions() == before <= most


# What nobody is told


def test_nothing_hidden_is_told_anywhere(content: Content) -> None:
    site.hide()
    client = Client(raise_request_exception=False)
    numbers = [page.pk for page in type(content.guide.get_parent()).objects.all()]
    addresses = [f"{ROOT}{kind}/?page_size=100&fields=*" for kind in ("guides", "notices", "communities")]
    addresses += [
        f"{ROOT}{kind}/?page_size=100" for kind in (*KINDS, "certificate-lists", "regions", "banners")
    ]
    addresses += [f"{ROOT}{name}/" for name in ("", "vocabularies", "schema", "docs")]
    addresses += [f"{ROOT}certificates/?as_of=2099-01-01", f"{ROOT}search/?q={MARK}"]
    addresses += [
        f"{ROOT}{kind}/{number}/" for kind in ("guides", "notices", "communities", "offices", "regions")
        for number in numbers
    ]  # fmt: skip
    addresses += [
        f"{ROOT}lists/{name}/{rest}"
        for name in ("draft-list", "internal-list", "has-draft", "zhunru", *numbers)
        for rest in (
            "",
            "entries/",
            "entries/?edition=2",
            "entries/?q=%E7%A7%98",
            "schema/",
            "entries/row-1/",
        )
    ]
    addresses += [
        f"{ROOT}{kind}/?{name}={number}"
        for kind, name in (("guides", "region"), ("guides", "community"), ("provisions", "place"),
                           ("provisions", "guide"), ("figures", "place"), ("certificates", "list"),
                           ("notices", "channel"))
        for number in numbers
    ]  # fmt: skip

    for address in addresses:
        response = client.get(address)
        assert response.status_code < 500, address
        said = response.content.decode() + str(dict(response.headers))
        assert MARK not in re.sub(r'"query":"[^"]*"', "", said), address


def test_a_column_that_is_not_public_cannot_be_asked_about(content: Content) -> None:
    ask("lists/zhunru/entries/", 422, jing_ban_ren=MARK)
    assert rows("lists/zhunru/entries", q=MARK) == []


def test_the_description_is_not_sent_twice(content: Content) -> None:
    first = Client().get(f"{ROOT}schema/")

    ask("schema/", 304, headers={"If-None-Match": first["ETag"]})


def test_an_office_that_is_hidden_is_left_out_of_its_guides(content: Content) -> None:
    office = factories.office("停用的窗口", under=content.community, live=False)
    guide = publish(factories.guide("两处可办", offices=[content.office, office]))

    assert [each["title"] for each in ask(f"guides/{guide.pk}/")["offices"]] == ["江苏路社区党群服务中心"]
