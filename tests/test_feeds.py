"""Feeds: what was published last in a channel, street, community or the district, for feed readers."""

import datetime
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from bs4 import BeautifulSoup
from defusedxml.ElementTree import fromstring
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.images.models import Image, Rendition
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Site

from api.feeds.bodies import PICTURE
from content_models.certificates.models import CertificateChannel
from content_models.communities.models import CommunityChannel
from content_models.guides.models import GuideChannel, GuidePage, Material, Question
from content_models.home.models import HomePage, SiteSettings
from content_models.notices.models import NoticeAttachment, NoticeChannel, NoticePage
from content_models.places.models import OfficeChannel
from content_models.policy_lists.models import ListChannel
from publishing.publish import publish, take_back
from tests import factories, unseen

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)


def rss(client: Client, page: Any) -> Element:
    response = client.get(f"/feeds/{page.pk}/rss/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/rss+xml; charset=utf-8"
    [channel] = fromstring(response.content)
    return channel


def atom(client: Client, page: Any) -> Element:
    response = client.get(f"/feeds/{page.pk}/atom/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return fromstring(response.content)


def text(element: Element, name: str) -> str:
    found = element.findtext(name)
    assert found is not None, name
    return found


def titles(channel: Element) -> list[str]:
    return [text(item, "title") for item in channel.findall("item")]


def dated(page: Any, days: int) -> Any:
    """The page as if it had been published that many days after a certain noon."""
    at = NOON + datetime.timedelta(days=days)
    type(page).objects.filter(pk=page.pk).update(first_published_at=at, last_published_at=at)
    return factories.fresh(page)


def picture() -> Image:
    """A picture in the size that feeds show."""
    image = Image.objects.create(title="水管", file=get_test_image_file("pipe.png"))
    small = get_test_image_file("small.png")
    Rendition.objects.create(image=image, filter_spec=PICTURE, file=small, width=640, height=480)
    return image


def test_a_feed_says_what_it_is_of_and_where(client: Client) -> None:
    site = SiteSettings.for_site(Site.objects.get())
    site.site_name, site.organiser = "家门口", "思明区人民政府"
    site.save()
    street = factories.street("中华街道")
    channel = factories.channel(NoticeChannel, under=street)

    found, same = rss(client, channel), atom(client, channel)

    assert text(found, "title") == text(same, f"{ATOM}title") == "通知公告 - 中华街道 - 家门口"
    assert text(found, "link") == f"http://testserver{channel.get_url()}"
    assert text(same, f"{ATOM}id") == f"urn:uuid:{channel.translation_key}"
    assert text(same, f"{ATOM}author/{ATOM}name") == "思明区人民政府"
    own = [link.get("href") for link in same.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert own == [f"http://testserver/feeds/{channel.pk}/atom/"]


def test_an_item_tells_all_of_a_notice(client: Client) -> None:
    notice = dated(
        factories.notice("关于停水的通知", publisher="区水务局", signed_on=datetime.date(2026, 3, 1)), 0
    )
    later = NOON + datetime.timedelta(days=3)
    NoticePage.objects.filter(pk=notice.pk).update(last_published_at=later)
    channel = factories.channel(NoticeChannel)

    [item] = rss(client, channel).findall("item")
    [entry] = atom(client, channel).findall(f"{ATOM}entry")

    assert text(item, "title") == text(entry, f"{ATOM}title") == "关于停水的通知"
    assert text(item, "link") == f"http://testserver{notice.get_url()}"
    assert text(item, "guid") == text(entry, f"{ATOM}id") == f"urn:uuid:{notice.translation_key}"
    assert text(item, "pubDate") == "Mon, 02 Mar 2026 12:00:00 +0000"
    assert text(item, f"{ATOM}updated") == text(entry, f"{ATOM}updated") == "2026-03-05T12:00:00+00:00"
    assert text(entry, f"{ATOM}published") == "2026-03-02T12:00:00+00:00"
    assert text(item, CREATOR) == text(entry, f"{ATOM}author/{ATOM}name") == "区水务局"
    assert text(item, "description") == "明日 9 时至 17 时停水。"
    for content in (text(item, CONTENT), text(entry, f"{ATOM}content")):
        assert "<p>明日 9 时至 17 时停水。</p>" in content
        assert "2026 年 3 月 1 日" in content


def test_content_has_whole_addresses_and_no_scripts(client: Client) -> None:
    guide = factories.guide("残疾人护理补贴")
    image = picture()
    file = Document.objects.create(title="通知原文", file=ContentFile(PDF, "notice.pdf"))
    rich = (
        f'<p><a linktype="page" id="{guide.pk}">看指南</a> <a href="/lists/">清单</a>'
        '<a href="javascript:alert(1)">坏链接</a><b onclick="alert(2)">粗</b></p><script>alert(3)</script>'
    )
    table = {"data": [["楼栋", "时间"], ["<i>1</i>", "9 时"]], "first_row_is_table_header": True}
    notice = factories.notice(
        body=[
            ("heading", "停水<范围>"),
            ("text", rich),
            ("image", image),
            ("attachment", file),
            ("table", table),
        ]
    )
    NoticeAttachment.objects.create(page=notice, document=file, title="附表")

    [item] = rss(client, factories.channel(NoticeChannel)).findall("item")
    content = BeautifulSoup(text(item, CONTENT), "html.parser")

    links = {link.get_text(): link.get("href") for link in content.select("a")}
    assert links["看指南"] == f"http://testserver{guide.get_url()}"
    assert links["清单"] == "http://testserver/lists/"
    assert links["坏链接"] is None
    assert links["通知原文"] == links["附表"] == f"http://testserver{file.url}"
    [shown] = content.select("img")
    assert str(shown["src"]).startswith("http://testserver/media/images/small")
    assert content.h2 is not None
    assert content.h2.get_text() == "停水<范围>"
    assert [cell.get_text(strip=True) for cell in content.select("td")] == ["<i>1</i>", "9 时"]
    assert "alert" not in str(content)
    assert content.select("script, [onclick], svg") == []


def test_text_with_any_character_makes_well_formed_xml(client: Client) -> None:
    odd = "停\x0b水\x1b]]>&<b>\ufffe\U0001f600"
    factories.notice(odd, publisher=odd, body=[("text", f"<p>{odd}</p>")])
    channel = factories.channel(NoticeChannel, under=factories.home(title=f"{odd}区"))

    for found in (rss(client, channel).find("item"), atom(client, channel).find(f"{ATOM}entry")):
        assert found is not None
        shown = found.findtext("title") or found.findtext(f"{ATOM}title")
        assert shown == "停水]]>&<b>\U0001f600"


def test_a_channel_carries_its_thirty_newest(client: Client) -> None:
    for number in range(32):
        dated(factories.notice(f"通知{number}"), number)
    pinned = dated(factories.notice("置顶", pinned_until=timezone.now() + datetime.timedelta(days=1)), 40)

    found = titles(rss(client, factories.channel(NoticeChannel)))

    assert found == [pinned.title, *(f"通知{number}" for number in range(31, 2, -1))]


def test_a_guide_that_was_published_again_comes_first(client: Client) -> None:
    old, new = dated(factories.guide("甲事项"), 1), dated(factories.guide("乙事项"), 2)
    GuidePage.objects.filter(pk=old.pk).update(last_published_at=NOON + datetime.timedelta(days=9))

    first, second = rss(client, factories.channel(GuideChannel)).findall("item")

    assert [text(first, "title"), text(second, "title")] == [old.title, new.title]
    assert text(first, "guid") == f"urn:uuid:{old.translation_key}"
    assert text(first, "pubDate") == "Tue, 03 Mar 2026 12:00:00 +0000"
    assert text(first, f"{ATOM}updated") == "2026-03-11T12:00:00+00:00"


def test_a_guides_content_has_what_residents_need(client: Client) -> None:
    guide = factories.guide(materials=[Material(name="身份证"), Material(name="户口簿", necessity="4")])
    guide.faqs = [Question(question="可以代办吗？", answer="<p>可以。</p>")]
    guide.save()

    [item] = rss(client, factories.channel(GuideChannel)).findall("item")
    content = BeautifulSoup(text(item, CONTENT), "html.parser").get_text(" ", strip=True)

    assert text(item, CREATOR) == "区民政局"
    for said in (
        "0592-2020002",
        "4 个工作日",
        "身份证",
        "户口簿 （免提交）",
        "江苏路 1 号",
        "可以代办吗？",
        "残疾人保障法",
    ):
        assert said.replace(" ", "") in content.replace(" ", ""), said


def test_a_new_edition_of_a_list_is_a_new_item(client: Client) -> None:
    page = factories.policy_list("街道权责清单")
    first = factories.list_edition(page, published=True)
    channel = factories.channel(ListChannel)
    [before] = rss(client, channel).findall("item")

    second = first.new_draft(title="第二批")
    publish(second)
    [after] = rss(client, channel).findall("item")

    assert (text(before, "title"), text(after, "title")) == ("街道权责清单 · 第一批", "街道权责清单 · 第二批")
    assert text(before, "guid") != text(after, "guid")
    assert f"http://testserver{page.get_url()}entries/row-1/" in text(after, CONTENT)
    assert "低保申报" in text(after, CONTENT)
    take_back(second)
    [restored] = rss(client, channel).findall("item")
    assert text(restored, "guid") == text(before, "guid")


def test_a_list_without_a_public_edition_is_not_in_the_feed(client: Client) -> None:
    factories.list_edition(factories.policy_list("还没公布的清单"))

    assert titles(rss(client, factories.channel(ListChannel))) == []


def test_certificates_come_with_their_verdict(client: Client) -> None:
    items = [
        {"name": "健在证明", "instead": ["凭身份证"]},
        {"name": "居住证明", "polarity": "may"},
    ]
    factories.certificate_edition(factories.certificate_list("证明清单"), items, published=True)

    [item] = rss(client, factories.channel(CertificateChannel)).findall("item")

    assert text(item, "description") == "共 2 项证明"
    shown = BeautifulSoup(text(item, CONTENT), "html.parser").get_text()
    assert "健在证明：社区不再出具凭身份证" in shown.replace("\n", "")
    assert "居住证明：社区可以出具" in shown


def test_a_long_list_names_its_first_rows_and_says_how_many_more(client: Client) -> None:
    rows = [{"事项名称": f"事项{number:03d}"} for number in range(130)]
    factories.list_edition(factories.policy_list(), rows, published=True)

    [item] = rss(client, factories.channel(ListChannel)).findall("item")

    assert "事项099" in text(item, CONTENT)
    assert "事项100" not in text(item, CONTENT)
    assert "还有 30 条，请看全文" in text(item, CONTENT)


@pytest.mark.parametrize("kind", [CommunityChannel, OfficeChannel])
def test_channels_of_places_have_feeds_too(client: Client, kind: Any) -> None:
    community = factories.community("江苏路社区", intro="<p>靠海。</p>")
    factories.office("党群中心", under=community)

    [item] = rss(client, factories.channel(kind)).findall("item")

    assert text(item, "title") == ("江苏路社区" if kind is CommunityChannel else "党群中心")
    assert ("靠海。" if kind is CommunityChannel else "江苏路 1 号") in text(item, CONTENT)


def test_a_regions_feed_holds_what_was_published_within_it(client: Client) -> None:
    street, other = factories.street("中华街道"), factories.street("滨海街道")
    community = factories.community("江苏路社区", under=street)
    dated(factories.notice("区里的通知"), 1)
    dated(factories.notice("街道的通知", under=factories.channel(NoticeChannel, under=street)), 2)
    dated(factories.notice("社区的通知", under=factories.channel(NoticeChannel, under=community)), 3)
    dated(factories.notice("别处的通知", under=factories.channel(NoticeChannel, under=other)), 4)
    office = factories.office(under=community)
    dated(
        factories.guide("街道的指南", under=factories.channel(GuideChannel, under=street), offices=[office]),
        5,
    )
    local = factories.policy_list("街道的清单", under=factories.channel(ListChannel, under=street))
    factories.list_edition(local, published=True)

    assert titles(rss(client, street)) == ["街道的清单 · 第一批", "街道的指南", "社区的通知", "街道的通知"]
    assert titles(rss(client, community)) == ["社区的通知"]
    everything = titles(rss(client, HomePage.objects.get()))
    assert set(everything) >= {"区里的通知", "别处的通知", "社区的通知", "街道的指南"}


def test_an_address_outlives_renaming_and_moving(client: Client) -> None:
    street, other = factories.street("中华街道"), factories.street("滨海街道")
    channel = factories.channel(NoticeChannel, under=street)
    notice = factories.notice(under=channel)
    [before] = rss(client, channel).findall("item")

    channel.slug, channel.title = "gonggao", "公告"
    channel.save()
    factories.fresh(channel).move(factories.fresh(other), "last-child")
    found = rss(client, channel)
    [after] = found.findall("item")

    assert text(after, "guid") == text(before, "guid")
    assert text(after, "link") == f"http://testserver{factories.fresh(notice).get_url()}"
    assert "/gonggao/" in text(after, "link")
    assert text(found, "title").startswith("公告 - 滨海街道")


def test_a_reader_that_has_everything_is_told_so(client: Client) -> None:
    notice = factories.notice()
    address = f"/feeds/{factories.channel(NoticeChannel).pk}/rss/"
    first = client.get(address)

    assert first["Cache-Control"] == "public, max-age=60"
    same = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert same["ETag"] == first["ETag"]
    assert client.get(address, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304

    notice.title = "改过的通知"
    publish(notice)
    changed = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_an_empty_feed_is_valid_and_stays_the_same(client: Client) -> None:
    channel = factories.channel(NoticeChannel)
    NoticeChannel.objects.filter(pk=channel.pk).update(last_published_at=None)
    address = f"/feeds/{channel.pk}/atom/"

    first = client.get(address)

    assert fromstring(first.content).findtext(f"{ATOM}updated")
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_a_feed_sets_no_cookie_and_may_be_read_from_anywhere(client: Client) -> None:
    response = client.get(f"/feeds/{factories.channel(NoticeChannel).pk}/rss/")

    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert response["Access-Control-Allow-Origin"] == "*"


def test_what_has_no_feed_is_not_found(client: Client) -> None:
    hidden, guide = unseen.plant(), GuidePage.objects.live().first()
    assert guide is not None
    numbers = [page.pk for page in hidden.values()] + [guide.pk, 1, 0, 99999, 2**31, 9_999_999_999]

    for number in numbers:
        for end in ("rss/", "atom/", ""):
            assert client.get(f"/feeds/{number}/{end}").status_code == 404, number
    home = HomePage.objects.get()
    assert client.get(f"/feeds/{home.pk}/json/").status_code == 404
    assert client.post(f"/feeds/{home.pk}/rss/").status_code == 405


def test_nothing_that_is_not_public_is_in_any_feed(client: Client) -> None:
    unseen.plant()

    index = client.get("/feeds/").content.decode()
    links = [link["href"] for link in BeautifulSoup(index, "html.parser").select(".feeds a")]
    pages = [client.get(str(link)).content.decode() for link in links]

    assert len(links) > 20
    assert unseen.WORD not in index
    assert [link for link, page in zip(links, pages, strict=True) if unseen.WORD in page] == []


def queries(client: Client, page: Any) -> int:
    client.get(f"/feeds/{page.pk}/rss/")
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"/feeds/{page.pk}/rss/").status_code == 200
    return len(captured)


def test_a_feed_takes_as_many_queries_for_thirty_items_as_for_two(client: Client) -> None:
    home, office = factories.home(), factories.office()
    image = picture()
    file = Document.objects.create(title="原文", file=ContentFile(PDF, "notice.pdf"))

    def add(number: int) -> None:
        guide = factories.guide(f"指南{number}", offices=[office], conditions="<p>条件</p>")
        guide.conditions = f'<p><a linktype="page" id="{guide.pk}">本指南</a></p>'
        guide.save()
        link = f'<p><a linktype="page" id="{guide.pk}">看指南</a></p>'
        body = [("text", link), ("image", image), ("attachment", file)]
        notice = factories.notice(f"通知{number}", body=body)
        NoticeAttachment.objects.create(page=notice, document=file)
        factories.list_edition(factories.policy_list(f"清单{number}"), published=True)
        factories.certificate_edition(factories.certificate_list(f"证明{number}"), published=True)

    pages = [home, *(factories.channel(kind) for kind in factories.TITLES)]
    for number in range(2):
        add(number)
    few = [queries(client, page) for page in pages]
    for number in range(2, 12):
        add(number)

    many = [queries(client, page) for page in pages]

    assert [after - before for before, after in zip(few, many, strict=True)] == [0] * len(pages)
    assert max(many) < 60


def test_the_page_of_feeds_groups_them_by_street(client: Client) -> None:
    street = factories.street("中华街道")
    community = factories.community("江苏路社区", under=street)
    factories.channel(NoticeChannel)
    local = factories.channel(NoticeChannel, under=community)

    page = BeautifulSoup(client.get("/feeds/").content, "html.parser")

    groups = {
        str(section.h2 and section.h2.get_text()): [link.get_text() for link in section.select("li > a")]
        for section in page.select(".feeds")
    }
    assert groups == {
        "思明区": ["思明区的全部更新", "通知公告"],
        "中华街道": ["中华街道的全部更新", "江苏路社区的全部更新", "江苏路社区 · 通知公告"],
    }
    assert page.select(f'a[href="/feeds/{local.pk}/rss/"]')
    assert not page.select(".feeds__search")


def test_many_feeds_can_be_searched(client: Client) -> None:
    street = factories.street("中华街道")
    for number in range(25):
        factories.community(f"第{number}社区", under=street)

    page = BeautifulSoup(client.get("/feeds/?q=第7社区").content, "html.parser")
    nothing = client.get("/feeds/", {"q": "<没有\0>"}).content.decode()

    assert [link.get_text() for link in page.select(".feeds li > a")] == ["第7社区的全部更新"]
    assert page.select_one('.feeds__search input[value="第7社区"]')
    assert '没有名称带“<span translate="no">&lt;没有&gt;</span>”的订阅' in nothing


def test_the_page_of_feeds_takes_the_same_queries_for_many(client: Client) -> None:
    def count() -> int:
        client.get("/feeds/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/feeds/")
        return len(captured)

    street = factories.street()
    factories.community(under=street)
    few = count()
    for number in range(20):
        factories.community(f"第{number}社区", under=street)

    assert count() == few


@pytest.mark.parametrize("kind", ["home", "street", "community", "channel"])
def test_a_page_with_a_feed_says_so_in_its_head(client: Client, kind: str) -> None:
    street = factories.street()
    pages = {
        "home": HomePage.objects.get(),
        "street": street,
        "community": factories.community(under=street),
        "channel": factories.channel(NoticeChannel),
    }

    page = BeautifulSoup(client.get(factories.fresh(pages[kind]).get_url()).content, "html.parser")

    found = {link["type"]: link["href"] for link in page.select('head link[rel="alternate"][type]')}
    number = pages[kind].pk
    assert found == {
        "application/rss+xml": f"http://testserver/feeds/{number}/rss/",
        "application/atom+xml": f"http://testserver/feeds/{number}/atom/",
    }


def test_a_guides_head_names_no_feed(client: Client) -> None:
    page = BeautifulSoup(client.get(factories.guide().get_url()).content, "html.parser")

    assert page.select('head link[rel="alternate"][type]') == []


def test_a_channel_leads_to_its_feed(client: Client) -> None:
    channel = factories.channel(NoticeChannel)
    page = BeautifulSoup(client.get(channel.get_url()).content, "html.parser")
    [link] = page.select("main .subscribe a")

    follow = BeautifulSoup(client.get(str(link["href"])).content, "html.parser")

    addresses = [link["href"] for link in follow.select("main dd a")]
    assert addresses == [f"http://testserver/feeds/{channel.pk}/{form}/" for form in ("rss", "atom")]
