"""What a government site owes on its pages: one table of kinds of pages and what each of them carries."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Site

from content_models.communities.models import Figure
from content_models.home.models import HomePage, PlainPage, SiteSettings, StreetPage
from content_models.notices.models import NoticePage
from publishing.publish import publish
from tests import factories

USCC = "11320000MB151840XJ"
SITE = ["SiteName", "SiteDomain", "SiteIDCode"]
COLUMN = [*SITE, "ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"]
PAGE = ["Description", "Image", "Url", "Keywords"]
ARTICLE = [*SITE, "ColumnName", "ColumnType", "ArticleTitle", "PubDate", "ContentSource", "Author", *PAGE]
EVERYWHERE = [
    "主办：某区政府", "承办：某区政务办", "联系方式：0000-12345", "网站标识码：1234567890", "某ICP备1号",
    "某公网安备11010102000001号", "我为政府网站找错", "党政机关网站标识", "信息公开目录", "网站地图",
    "长者模式", "无障碍",
]  # fmt: skip
OF_ARTICLES = ["您当前的位置", "信息来源：", "发布日期：", "字体 大 中 小", "打印", "分享"]

# Kind: (meta tags in their spelling, what is read besides the header and the footer)
KINDS: dict[str, tuple[list[str], list[str]]] = {
    "home": ([*SITE, *PAGE], []),
    "channel": ([*COLUMN, "Description", "Image", "Url"], ["您当前的位置"]),
    "notice": (ARTICLE, [*OF_ARTICLES, "有效性", "索引号", "文号"]),
    "guide": (ARTICLE, [*OF_ARTICLES, "存到手机"]),
    "street": (ARTICLE, OF_ARTICLES),
    "community": (ARTICLE, OF_ARTICLES),
    "office": (ARTICLE, OF_ARTICLES),
    "plain page": (ARTICLE, OF_ARTICLES),
    "list": (ARTICLE, [*OF_ARTICLES, "有效性"]),
    "list entry": (ARTICLE, OF_ARTICLES),
    "certificate list": (ARTICLE, [*OF_ARTICLES, "有效性"]),
    "certificate": (ARTICLE, OF_ARTICLES),
    "disclosure": (COLUMN, ["您当前的位置", "索引号", "文号", "有效性"]),
    "site map": (COLUMN, ["您当前的位置", "街道和社区"]),
}


def addresses() -> dict[str, str]:
    """One page of each kind, on a site whose settings are filled in."""
    home = factories.home()
    about = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    for name, value in {
        "site_domain": "www.example.cn", "site_id_code": "1234567890", "organiser": "某区政府",
        "undertaker": "某区政务办", "contact": "0000-12345", "icp_no": "某ICP备1号",
        "police_no": "某公网安备11010102000001号", "party_mark_url": "https://mark.example.cn/",
        "error_report_url": "https://find.example.cn/",
    }.items():  # fmt: skip
        setattr(about, name, value)
    about.save()
    factories.department("区民政局", uscc=USCC)
    community = publish(factories.community())
    notice = publish(factories.notice(doc_no="民政〔2026〕1号", live=False))
    kept = factories.published_list()
    certificates = factories.certificate_list()
    item = factories.certificate_edition(certificates, published=True).rows.get()
    pages: dict[str, Any] = {
        "home": home,
        "channel": notice.get_parent().specific,
        "notice": notice,
        "guide": publish(factories.guide(live=False)),
        "street": publish(StreetPage.objects.first()),
        "community": community,
        "office": publish(factories.office(under=community)),
        "plain page": publish(factories.plain_page(live=False)),
        "list": publish(kept),
        "certificate list": publish(factories.fresh(certificates)),
    }
    found = {kind: page.get_url() for kind, page in pages.items()}
    row = kept.current_edition.rows.first()
    return found | {
        "list entry": kept.entry_url(row.key),
        "certificate": factories.fresh(certificates).entry_url(item.key),
        "disclosure": "/disclosure/",
        "site map": "/site-map/",
    }


def words(html: str) -> str:
    body = re.sub(r"(?s)<(script|template|style)\b.*?</\1>", "", html[html.index("<body") :])
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", re.sub(r"</(dt|li|div|a|span)>\s*", "\\g<0> ", body)))
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[^\x00-\x7f0-9大中小])", "", text)


@pytest.mark.django_db
def test_every_kind_of_page_carries_what_it_owes(client: Client) -> None:
    missing = []
    for kind, address in addresses().items():
        html = client.get(address).content.decode()
        tags = dict(re.findall(r'<meta name="(\w+)" content="([^"]*)"', html))
        owed, read = KINDS[kind]
        missing += [f"{kind}: <meta {name}>" for name in owed if not tags.get(name)]
        known = {name.lower(): name for name in (*COLUMN, *ARTICLE)}
        missing += [f"{kind}: {name} misspelt" for name in tags if known.get(name.lower(), name) != name]
        text = re.sub(r"\s", "", words(html)).replace("：：", "：")
        wanted = [re.sub(r"\s", "", each) for each in (*EVERYWHERE, *read)]
        missing += [
            f"{kind}: {each}" for each in wanted if each.replace("：", "") not in text.replace("：", "")
        ]
        if "PubDate" in owed:
            assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", tags.get("PubDate", "")), kind
    assert missing == []


@pytest.mark.django_db
def test_a_page_without_source_or_date_says_so(client: Client) -> None:
    community = factories.community()
    assert community.intro_source == ""
    Page.objects.filter(pk=community.pk).update(first_published_at=None)

    html = client.get(community.get_url()).content.decode()

    assert "<dt>信息来源</dt><dd>未注明</dd>" in html
    assert "未注明日期" in html
    assert '<meta name="ContentSource" content="未注明">' in html
    assert 'name="PubDate"' not in html


@pytest.mark.django_db
def test_a_figure_without_a_date_is_shown_and_says_so(client: Client) -> None:
    community = factories.community()
    factories.figure(community, "households", 1200, as_of=None, source="")
    factories.figure(community, "grids", 12)
    factories.figure(community, "grids", 14, as_of=None)

    html = client.get(community.get_url()).content.decode()

    assert "1,200" in html
    assert "未注明日期，未注明来源" in html
    assert "截至 2026-01-01" in html
    assert client.get(f"/api/v1/communities/{community.pk}/").status_code == 200
    assert Figure.objects.filter(as_of=None).count() == 2


# The catalogue of what was disclosed


@pytest.mark.django_db
def test_the_catalogue_lists_every_document_with_its_numbers_and_narrows(client: Client) -> None:
    factories.home()
    factories.department("区民政局", uscc=USCC)
    publish(factories.notice("甲通知", doc_no="民政[2026]1号", live=False))
    yesterday = timezone.localdate() - timedelta(days=1)
    publish(factories.notice("乙通知", expires_on=yesterday, publisher="区水务局", live=False))
    factories.notice("草稿通知", live=False)

    def titles(query: str = "") -> set[str]:
        return set(re.findall(r"data-item>([^<]+)<", client.get(f"/disclosure/{query}").content.decode()))

    year = timezone.localdate().year
    assert titles() == {"甲通知", "乙通知"}
    assert titles("?validity=in_force") == {"甲通知"}
    assert titles("?validity=expired") == {"乙通知"}
    assert titles("?publisher=区水务局") == {"乙通知"}
    assert titles(f"?q={USCC}/{year}-00001") == titles("?q=民政〔2026〕1号") == {"甲通知"}
    assert titles("?validity=nonsense") == {"甲通知", "乙通知"}

    sheet = client.get("/disclosure/download.csv?validity=in_force").content.decode("utf-8-sig")
    assert f"{USCC}/{year}-00001,民政〔2026〕1号,甲通知,区民政局" in sheet
    assert "乙通知" not in sheet


@pytest.mark.django_db
def test_what_is_closed_or_of_nobody_is_in_no_catalogue(client: Client) -> None:
    factories.home()
    notice = publish(factories.notice("不给看的", live=False))
    PageViewRestriction.objects.create(page=notice, restriction_type="login")

    for address in ("/disclosure/", "/disclosure/download.csv", "/site-map/"):
        assert "不给看的" not in client.get(address).content.decode("utf-8-sig")
    assert NoticePage.objects.live().count() == 1


@pytest.mark.django_db
def test_the_map_names_columns_streets_communities_and_pages(client: Client) -> None:
    home = factories.home()
    community = factories.community()
    factories.notice()
    factories.plain_page("关于本站")
    assert isinstance(home, HomePage)

    html = client.get("/site-map/").content.decode()

    for page in (
        community,
        StreetPage.objects.get(),
        PlainPage.objects.get(),
        NoticePage.objects.get().channel,
    ):
        assert f'<a href="{page.get_url()}">{page.title}</a>' in html


@pytest.mark.django_db
def test_the_date_of_first_publication_is_nobody_s_to_write(client: Client) -> None:
    notice = publish(factories.notice(live=False))
    first = factories.fresh(notice).first_published_at

    again = factories.fresh(notice)
    again.first_published_at = timezone.now() - timedelta(days=400)
    publish(again)

    tags = client.get(notice.get_url()).content.decode()
    assert f'name="PubDate" content="{timezone.localtime(first):%Y-%m-%d %H:%M}"' in tags
