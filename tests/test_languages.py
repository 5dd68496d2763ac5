"""The same pages in other languages: at addresses of their own, marked for what they are, and whole."""

import gettext
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import trans_real
from hypothesis import example, given
from hypothesis import strategies as st

from appearance.languages import ALONE, LANGUAGES
from appearance.marking import in_english
from appearance.markup import pieces
from appearance.models import TraditionalName
from appearance.traditional import convert, in_traditional
from care.models import Reading
from content_models.base import memo
from content_models.base.checks import errors_in
from content_models.communities.models import Grid
from content_models.guides.models import GuidePage, GuideTranslation, Question
from content_models.guides.translations import Tongue, note_what_was_translated
from delivery import readers as counted
from feedback import stamps
from feedback.models import DemandReport
from publishing.publish import publish
from staff.models import User
from staff.roles import Role, group_for
from tests import factories
from tests.admin_forms import fields_of
from tests.conftest import StandingContent
from tests.test_pages import KINDS, addresses, one_of_each, read
from tests.test_translations import refresh

HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
TAG = re.compile(r"<[^>]*>")
PREFIXES = [language.prefix for language in LANGUAGES if language.prefix]


@pytest.fixture(scope="module")
def standing(standing_content: StandingContent) -> Iterator[dict[str, Any]]:
    with standing_content():
        yield one_of_each()


@pytest.fixture
def site(standing: dict[str, Any], db: None) -> dict[str, Any]:
    """One page of every kind, made once for this module."""
    return {name: factories.fresh(thing) for name, thing in standing.items()}


# Markup

CHINESE = st.text("发后里干面钟台万与证明范䶮𠮷", min_size=1, max_size=6)
TEXT = st.text("abc &<>\"'发证后\x1e\x1f\ue000\n", max_size=8)
ATTRIBUTE = st.tuples(
    st.sampled_from(["href", "id", "class", "data-x", "name", "value", "title", "alt", "aria-label", "lang"]),
    TEXT,
)
NAMES = st.sampled_from(
    ["p", "a", "b", "td", "textarea", "script", "style", "option", "code", "img", "input"]
)


@st.composite
def markup(draw: st.DrawFn) -> str:
    """Something like a page: elements with attributes and texts, escaped as templates do."""
    written = []
    for name, attributes, text in draw(
        st.lists(st.tuples(NAMES, st.lists(ATTRIBUTE, max_size=3), TEXT), max_size=6)
    ):
        said = "".join(f' {key}="{html.escape(value)}"' for key, value in attributes)
        inner = text.replace("<", "") if name in ("script", "style") else html.escape(text)
        closing = "" if name in ("img", "input") else f"{inner}</{name}>"
        written.append(f"{html.escape(draw(TEXT))}<{name}{said}>{closing}<!-- {text.replace('-', '')} -->")
    return "".join(written)


def skeleton(page: str) -> list[str]:
    """What programs read of a page: tags without the attributes that people read, scripts, typed text."""
    shown = re.compile(r' (?:title|alt|aria-label|data-x)="[^"]*"')
    return [shown.sub("", piece.text) for piece in pieces(page) if piece.tag]


@given(markup())
@example('<a href="/发/" title="发">后</a><textarea>发</textarea><script>"发"</script>&amp;发')
@example("<script>var a = '<a title=\"'</script><p>发</p>")
def test_what_programs_read_stays_in_traditional(page: str) -> None:
    memo.forget("appearance.names")
    with memo.kept():
        memo.remember("appearance.names", dict)

        made = in_traditional(page)

    assert skeleton(made) == skeleton(page)
    assert HAN.sub("", clean(made)) == HAN.sub("", clean(page))
    shut = [piece.text for piece in pieces(page) if not piece.is_open]
    assert [piece.text for piece in pieces(made) if not piece.is_open] == shut


def clean(text: str) -> str:
    """Without the signs that no keyboard has, which are dropped."""
    return text.replace("\x1e", "").replace("\x1f", "")


@given(markup())
@example("<p>证 <b>x</b></p><option>证</option><title>证 of it</title><svg><text>证 ab</text></svg>")
def test_marking_adds_nothing_but_marks(page: str) -> None:
    made = in_english(page)

    bare = re.sub(r'<span lang="zh-Hans">([^<]*)</span>', r"\1", made).replace(' lang="zh-Hans"', "")
    assert bare == page.replace(' lang="zh-Hans"', "")


@pytest.mark.parametrize(
    ("page", "made"),
    [
        ("<p>发展&nbsp;&lt;后&gt;</p>", "<p>發展&nbsp;&lt;後&gt;</p>"),
        ('<p lang="zh-Hans">发<b>展</b></p><p>发</p>', '<p lang="zh-Hans">发<b>展</b></p><p>發</p>'),
        ("<td translate=no>范伟</td>", "<td translate=no>范伟</td>"),
        ('<td translate="no"><td>x</td>发</td>发', '<td translate="no"><td>x</td>发</td>發'),
        ('<input value="发" placeholder="发">', '<input value="发" placeholder="發">'),
        (
            "<option>发</option><option value='1'>发</option>",
            "<option>发</option><option value='1'>發</option>",
        ),
        (
            '<meta name="Url" content="https://a/发"><img alt="发">',
            '<meta name="Url" content="https://a/发"><img alt="發">',
        ),
        (
            '<p data-done="已删" data-x="/a/发" data-asked="发">',
            '<p data-done="已刪" data-x="/a/发" data-asked="发">',
        ),
        ("<!-- 发 --><!doctype html>发", "<!-- 发 --><!doctype html>發"),
        ("<textarea>发 <b></textarea>发", "<textarea>发 <b></textarea>發"),
    ],
)
@pytest.mark.django_db
def test_traditional_changes_what_people_read_alone(page: str, made: str) -> None:
    assert in_traditional(page) == made
    assert in_traditional(made) == made


@pytest.mark.django_db
def test_names_are_written_as_the_table_says() -> None:
    TraditionalName.objects.create(name="范家屯", traditional="范家屯")
    TraditionalName.objects.create(name="范", traditional="范")
    TraditionalName.objects.create(name="后海", traditional="后海")

    assert in_traditional("<p>范家屯的范某，后海以后\ue000发</p>") == "<p>范家屯的范某，后海以後\ue000發</p>"
    assert convert(["范\x1e围", "里面"]) == ["范圍", "裡面"]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("递到发卡的地方，交到发卡网点", "遞到發卡的地方，交到發卡網點"),
        ("理发卡和头发卡子", "理髮卡和頭髮卡子"),
        (
            "卡里的钱，居民里约有三成，街道里任何地方，网格里",
            "卡裡的錢，居民裡約有三成，街道裡任何地方，網格裡",
        ),
        ("版本里，指南里，报道里的真实改革", "版本裡，指南裡，報道裡的真實改革"),
        ("两公里，里程，里长", "兩公里，里程，里長"),
        ("制证，制卡，制度，制作", "製證，製卡，制度，製作"),
        ("90 天后删除，30天后删除。天后宫", "90 天後刪除，30天後刪除。天后宮"),
        ("工作准入，准入，精准入户，核准入库", "工作准入，准入，精準入戶，核准入庫"),
        ("不准收费，不准确，拿不准", "不准收費，不準確，拿不準"),
    ],
)
@pytest.mark.django_db
def test_phrases_are_written_as_they_are_meant(text: str, made: str) -> None:
    assert convert([text]) == [made]


@pytest.mark.django_db
def test_the_table_of_names_comes_before_the_phrases() -> None:
    TraditionalName.objects.create(name="天后", traditional="天后")

    assert convert(["天后"]) == ["天后"]


def test_days_are_english_where_the_text_is() -> None:
    page = "<time datetime='2026-05-09'>2026-05-09</time><p>from 2026-05-09, 自2026-05-09起</p>"
    page += "<code>2026-05-09</code>"

    with translation.override("en"):
        made = in_english(page)

    assert made.startswith("<time datetime='2026-05-09'>9 May 2026</time><p>from 9 May 2026, ")
    assert "自2026-05-09起</span></p><code>2026-05-09</code>" in made


@pytest.mark.parametrize(
    ("page", "made"),
    [
        ("<dd>Windows、Online; By post、By courier</dd>", "<dd>Windows, Online; By post, By courier</dd>"),
        ("<p>On paper，A4</p>", "<p>On paper, A4</p>"),
        ("<p>You bring it，领取</p>", '<p>You bring it, <span lang="zh-Hans">领取</span></p>'),
        ("<dd>1 visit（核对。）</dd>", '<dd>1 visit (<span lang="zh-Hans">核对。</span>)</dd>'),
        ("<p>Issued by：公安</p>", '<p>Issued by: <span lang="zh-Hans">公安</span></p>'),
        ("<svg><text>34 → 54，+58</text></svg>", "<svg><text>34 → 54, +58</text></svg>"),
        ("<option>2026（12）</option>", "<option>2026 (12)</option>"),
        ("<p>Since 2017年9月, at</p>", "<p>Since September 2017, at</p>"),
        ("<time>2017年9月6日</time>", "<time>6 September 2017</time>"),
        ("<p>Since 2017年9月底, at</p>", '<p>Since 2017<span lang="zh-Hans">年9月底</span>, at</p>'),
        ("<p>自2017年9月起，（一）</p>", '<p lang="zh-Hans">自2017年9月起，（一）</p>'),
        ("<code>a，b（2017年9月）</code>", '<code lang="zh-Hans">a，b（2017年9月）</code>'),
    ],
)
def test_punctuation_is_english_where_the_text_is(page: str, made: str) -> None:
    with translation.override("en"):
        assert in_english(page) == made


# Every kind of page


@pytest.mark.parametrize("chosen", [False, True], ids=["stranger", "resident"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_page_is_whole_in_every_language(
    client: Client, site: dict[str, Any], prefix: str, chosen: bool
) -> None:
    if chosen:
        client.cookies["community"] = str(site["community"].pk)
    tag = next(language.tag for language in LANGUAGES if language.prefix == prefix)

    for address in [f"/{prefix}{path}" for path in addresses(site)]:
        page = read(client, address)

        assert len(page.findall(".//h1")) == 1, address
        assert page.get("lang") == tag, address
        ids = [element.get("id") for element in page.iter() if element.get("id")]
        assert len(ids) == len(set(ids)), address
        for link in page.findall(".//link[@hreflang]"):
            assert link.get("href").startswith("http://testserver/"), address


@pytest.mark.parametrize("prefix", PREFIXES)
def test_links_stay_in_their_language_and_lead_somewhere(
    client: Client, site: dict[str, Any], prefix: str
) -> None:
    found: set[str] = set()
    for address in addresses(site):
        for link in read(client, f"/{prefix}{address}").iter("a"):
            target = link.get("href", "").partition("#")[0]
            if not target.startswith("/") or link.get("hreflang"):
                continue
            is_alone = target.split("/")[1] in ALONE
            assert target.startswith(f"/{prefix}/") or is_alone, (address, target)
            found.add(target)

    broken = [target for target in sorted(found) if client.get(target, follow=True).status_code != 200]

    assert broken == []


def test_every_chinese_word_of_an_english_page_is_marked(client: Client, site: dict[str, Any]) -> None:
    client.cookies["community"] = str(site["community"].pk)

    for address in addresses(site):
        page = read(client, f"/en{address}")
        unmarked = list(unmarked_texts(page.find("body"), "en"))
        assert unmarked == [], address


def unmarked_texts(element: Any, tag: str) -> Iterator[str]:
    """Texts with Chinese in them for which the nearest ``lang`` says something else."""
    own = element.get("lang", tag)
    if element.tag in ("script", "style", "textarea", "option"):
        return
    if not own.startswith("zh") and HAN.search(element.text or ""):
        yield element.text
    for child in element:
        yield from unmarked_texts(child, own)
        if not own.startswith("zh") and HAN.search(child.tail or ""):
            yield child.tail


def test_no_page_in_traditional_keeps_simplified_words(client: Client, site: dict[str, Any]) -> None:
    """Signs that are simplified and nothing else, outside what says that it is."""
    simplified = re.compile("[办证说这个们时间门问题还没请选择议书单网务机]")
    guide, page = factories.fresh(site["guide"]), factories.fresh(site["community"])
    guide.checked_by, guide.checked_on = "综合窗口主管，政务服务中心", timezone.localdate()
    guide.faqs.add(Question(question="能代办吗", answer="<p>能。</p>"))
    publish(guide.save_revision().as_object())
    page.grids.add(Grid(number="01", leader="范伟"))
    publish(page.save_revision().as_object())

    for address in [*addresses(site), "/saved/"]:
        body = read(client, f"/zh-hant{address}").find("body")
        left = [text for text in texts_in(body, "zh-Hant") if simplified.search(text)]
        assert left == [], address


def test_only_the_name_of_a_person_stays_as_it_is_written(client: Client, site: dict[str, Any]) -> None:
    guide = factories.fresh(site["guide"])
    guide.checked_by, guide.checked_on = "范伟", timezone.localdate()
    publish(guide.save_revision().as_object())

    foot = read(client, f"/zh-hant{guide.url}").find(".//p[@class='page__foot small']")

    assert "（范伟）" in "".join(foot.itertext())


def test_what_opens_a_question_is_said_in_the_language_of_the_page(
    client: Client, site: dict[str, Any]
) -> None:
    guide = factories.fresh(site["guide"])
    guide.faqs.add(Question(question="能代办吗", answer="<p>能。</p>"))
    publish(guide.save_revision().as_object())

    said = [
        read(client, f"{prefix}{guide.url}").find(".//summary[@data-shut]")
        for prefix in ("", "/zh-hant", "/en")
    ]

    assert [(each.get("data-shut"), each.get("data-open")) for each in said] == [
        ("展开", "收起"),
        ("展開", "收起"),
        ("Open", "Close"),
    ]


@pytest.mark.parametrize("prefix", ["", "/zh-hant", "/en"])
def test_words_of_either_script_find_the_same(client: Client, site: dict[str, Any], prefix: str) -> None:
    asked = {
        site["GuideChannel"].url: ("护理", "護理"),
        site["NoticeChannel"].url: ("关于停水", "關於停水"),
        site["CommunityChannel"].url: ("江苏路", "江蘇路"),
        site["OfficeChannel"].url: ("江苏路社区", "江蘇路社區"),
        site["CertificateChannel"].url: ("亲属 关系", "親屬 關係"),
        factories.fresh(site["list"]).url: ("新事项", "新事項"),
        "/disclosure/": ("关于停水", "關於停水"),
        "/open-data/": (site["list"].title, convert([site["list"].title])[0]),
        "/my-community/": ("江苏路", "江蘇路"),
        "/feeds/": ("江苏路", "江蘇路"),
    }

    for address, (simplified, traditional) in asked.items():
        asked_for = (simplified, traditional, "無此")
        found, same, nothing = [
            links_within(read(client, f"{prefix}{address}?q={words}")) for words in asked_for
        ]

        assert found == same, address
        assert found - nothing, address


def links_within(page: Any) -> set[str]:
    """Where the main part of a page leads, apart from questions, and the communities that it offers."""
    main = page.find(".//main")
    links = {link.get("href", "").partition("?")[0] for link in main.iter("a")}
    return links | {button.get("value", "") for button in main.iter("button")}


def test_what_a_reader_typed_is_repeated_as_it_was_typed(client: Client, site: dict[str, Any]) -> None:
    for address in (site["GuideChannel"].url, "/my-community/", "/search/", "/feeds/"):
        page = read(client, f"/zh-hant{address}?q=没有的東西里")

        assert page.find(".//main//input[@name='q']").get("value") == "没有的東西里", address
        assert "没有的東西里" in "".join(page.find(".//main").itertext()), address


def texts_in(element: Any, tag: str) -> Iterator[str]:
    own = element.get("lang", tag)
    if element.tag in ("script", "style", "textarea") or own != tag or element.get("translate") == "no":
        return
    yield element.text or ""
    yield from (value for name, value in element.items() if name.startswith("data-") and name != "data-asked")
    for child in element:
        yield from texts_in(child, own)
        yield child.tail or ""


class Asked(gettext.NullTranslations):
    """Notes what was asked for in vain."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: set[str] = set()

    def gettext(self, message: str) -> str:
        self.messages.add(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.messages.add(msgid1)
        return msgid1 if n == 1 else msgid2


@contextmanager
def noted() -> Iterator[set[str]]:
    known: Any = trans_real.translation("en")
    before, asked = known._fallback, Asked()
    known._fallback = asked
    try:
        yield asked.messages
    finally:
        known._fallback = before


def test_english_pages_ask_for_no_word_that_is_not_there(client: Client, site: dict[str, Any]) -> None:
    ours = {text for _context, text, _plural in refresh.asked_by_us()}
    others = ["/reading/", "/feeds/", "/feedback/demands/", "/feedback/receipts/", "/search/missing/", "/no/"]
    translated(site["guide"], "en")

    with noted() as asked:
        for address in [*addresses(site), *others, "/procedures/ratings/", "/procedures/admission/"]:
            client.get(f"/en{address}")
        client.cookies["community"] = str(site["community"].pk)
        for kind in ("guide", "community", "home", "office"):
            client.get(f"/en{factories.fresh(site[kind]).url}")

    assert sorted(text for text in asked & ours if HAN.search(text)) == []


def test_no_word_of_one_language_stays_for_the_next_reader(client: Client, site: dict[str, Any]) -> None:
    paths = [factories.fresh(site[kind]).url for kind in KINDS] + ["/search/?q=证明", "/open-data/"]
    chinese = {path: words(client, path) for path in paths}

    english = {path: words(client, f"/en{path}") for path in paths}

    assert {path: words(client, path) for path in paths} == chinese
    assert translation.get_language() == settings.LANGUAGE_CODE
    for path in paths:
        assert "My community" in english[path], path
        assert "My community" not in chinese[path], path


def words(client: Client, path: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", client.get(path).content.decode())


def test_files_are_the_same_whoever_asks_first(client: Client, site: dict[str, Any]) -> None:
    feed = f"/feeds/{site['home'].pk}/atom/"

    for path in ("/open-data/guides/latest.csv", "/open-data/catalog.json", feed, "/sitemap.xml"):
        answer = client.get(f"/en{path}?x=1")

        assert (answer.status_code, answer["Location"]) == (302, f"{path}?x=1")


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/en/admin/", "/admin/"),
        ("/zh-hant/api/v1/guides/?page_size=1", "/api/v1/guides/?page_size=1"),
        ("/en/static/civic/main.css", "/static/civic/main.css"),
        ("/en", "/en/"),
        ("/zh-hant?x=1", "/zh-hant/?x=1"),
    ],
)
def test_what_is_the_same_in_every_language_is_led_to(
    client: Client, site: dict[str, Any], path: str, leads_to: str
) -> None:
    assert client.get(path)["Location"] == leads_to


@pytest.mark.parametrize(
    "path", ["/fr/", "/EN/", "/en/en/", "/en/zh-hant/guides/", "/zh-hans/", "/en/no/", "/zh-Hant/"]
)
def test_unknown_languages_are_pages_that_are_not_there(
    client: Client, site: dict[str, Any], path: str
) -> None:
    assert len(read(client, path, status=404).findall(".//h1")) == 1


def test_pages_say_their_language_in_their_headers(client: Client, site: dict[str, Any]) -> None:
    assert client.get("/")["Content-Language"] == "zh-Hans"
    assert client.get("/zh-hant/")["Content-Language"] == "zh-Hant"
    assert client.get("/en/no/")["Content-Language"] == "en"


def test_a_page_that_broke_says_itself_what_it_is(
    client: Client, site: dict[str, Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr(GuidePage, "get_context", lambda *args, **kwargs: 1 / 0)
    client.raise_request_exception = False

    answer = client.get(f"/zh-hant{factories.fresh(site['guide']).url}")

    assert (answer.status_code, answer["Content-Language"]) == (500, "zh-Hans")
    assert "系统暂时出了问题" in answer.content.decode()


# Names


ODD = [
    "䶮𠮷" * 30,
    "𠮷野家䶮社区 שלום العربية",
    "‮倒着写的名字",
    "很" * 59 + "长",
]


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_whole_in_every_language(client: Client, site: dict[str, Any], name: str) -> None:
    site["guide"].title = name
    publish(site["guide"].save_revision().as_object())

    for prefix in ("", *(f"/{prefix}" for prefix in PREFIXES)):
        page = read(client, f"{prefix}{factories.fresh(site['guide']).url}")

        heading = "".join(page.find(".//h1").itertext())
        assert convert([heading]) == convert([name])
        assert len(heading) == len(name)


@pytest.mark.parametrize("role", [Role.DISTRICT_EDITOR, Role.STREET_EDITOR])
def test_district_editors_keep_the_table_of_names(client: Client, site: dict[str, Any], role: Role) -> None:
    user = User.objects.create_user("namer", password="x" * 20)
    user.groups.add(group_for(role, site["home"] if role == Role.DISTRICT_EDITOR else site["street"]))
    client.force_login(user)
    add = reverse("wagtailsnippets_appearance_traditionalname:add")

    answer = client.post(add, {"name": "范家屯", "traditional": "范家屯"})

    is_allowed = role == Role.DISTRICT_EDITOR
    menu = client.get(reverse("wagtailadmin_home")).content.decode()
    assert TraditionalName.objects.exists() == is_allowed
    assert (reverse("wagtailsnippets_appearance_traditionalname:list") in menu) == is_allowed
    if is_allowed:
        assert answer.status_code == 302
        wrong = client.post(add, {"name": "<b>", "traditional": "a b"})
        assert "这里只能写汉字" in wrong.content.decode()
        name = TraditionalName.objects.get()
        history = reverse("wagtailsnippets_appearance_traditionalname:history", args=[name.pk])
        assert client.get(history).status_code == 200
        assert TraditionalName.objects.get().name == "范家屯"


# What happens below a prefix


@pytest.mark.parametrize("asked", ["残疾人护理", "殘疾人護理"])
@pytest.mark.parametrize("prefix", ["", *(f"/{prefix}" for prefix in PREFIXES)])
def test_search_finds_in_either_script(client: Client, site: dict[str, Any], prefix: str, asked: str) -> None:
    suggested = client.get(f"{prefix}/search/suggest/", {"q": asked}).json()["suggestions"]
    found = client.get(f"{prefix}/search/", {"q": asked}).content.decode()

    title = "殘疾人護理補貼" if prefix == "/zh-hant" else "残疾人护理补贴"
    assert suggested[0]["title"] == title
    assert suggested[0]["url"] == f"{prefix}{factories.fresh(site['guide']).url}"
    assert (
        suggested[0]["kind_label"]
        == {"": "办事指南", "/en": "Service guides", "/zh-hant": "辦事指南"}[prefix]
    )
    assert title in TAG.sub("", found)


def test_choosing_a_community_stays_in_the_language(client: Client, site: dict[str, Any]) -> None:
    for prefix in PREFIXES:
        page = read(client, f"/{prefix}/my-community/")
        sent = client.post(f"/{prefix}/my-community/", {"community": site["community"].pk, "next": ""})

        assert {form.get("action", "") for form in page.iter("form")} <= {
            "",
            f"/{prefix}/search/",
            f"/{prefix}/my-community/",
            f"/{prefix}/reading/",
        }
        assert sent["Location"] == f"/{prefix}/"
        assert client.cookies["community"].value == str(site["community"].pk)


def test_choosing_how_to_read_stays_in_the_language(client: Client, site: dict[str, Any]) -> None:
    answer = client.get("/en/reading/", {"mode": "elder"})

    assert answer["Location"] == "/en/"
    assert client.cookies["reading"].value == "elder"
    assert client.get("/en/reading/", {"mode": "standard", "next": "//evil.example/"})["Location"] == "/en/"


def test_readings_in_every_language_count_for_the_page(site: dict[str, Any]) -> None:
    address = factories.fresh(site["guide"]).url
    agent = [(b"user-agent", b"Mozilla/5.0")]

    for path in (address, f"/en{address}", f"/zh-hant{address}", f"/en{address}in/ko/"):
        counted.note({"method": "GET", "path": path, "headers": agent})
    counted.write()

    assert Reading.objects.get(page=site["guide"].pk).times == 4


def test_a_report_may_be_sent_in_every_language(
    client: Client, site: dict[str, Any], monkeypatch: Any
) -> None:
    now = [1_800_000_000.0]
    monkeypatch.setattr(stamps.time, "time", lambda: now[0])
    certificate = factories.certificate("住改商证明", instead=["由市场监管所核查"])
    client = Client(enforce_csrf_checks=True)
    for number, prefix in enumerate(PREFIXES):
        address = f"/{prefix}/feedback/demands/{certificate.owner_id}/{certificate.key}/"
        said = {field.get("name"): field.get("value") for field in read(client, address).iter("input")}
        now[0] += 90 * (number + 1)

        sent = client.post(
            address,
            {
                "stamp": said["stamp"],
                "csrfmiddlewaretoken": said["csrfmiddlewaretoken"],
                "unit": f"窗口{number}",
            },
            REMOTE_ADDR=f"10.0.0.{number}",
        )

        assert sent.status_code == 302, sent.content.decode()
        assert sent["Location"].startswith(f"/{prefix}/feedback/receipts/")
        assert client.get(sent["Location"]).status_code == 200
    assert DemandReport.objects.count() == len(PREFIXES)


# Guides in other languages


def translated(guide: Any, language: str, **fields: Any) -> GuideTranslation:
    said = {"title": f"Guide in {language}", "who": "<p>Everybody.</p>", "translated_on": date(2026, 10, 15)}
    made = GuideTranslation(language=language, **(said | fields))
    note_what_was_translated(guide, [made])
    guide.in_other_languages.add(made)
    publish(guide.save_revision().as_object())
    return made


def test_a_guide_is_read_in_a_language_that_somebody_wrote(client: Client, site: dict[str, Any]) -> None:
    translated(site["guide"], "ko", title="장애인 간병 보조금", materials="<ul><li>신분증</li></ul>")
    address = factories.fresh(site["guide"]).url

    page = read(client, f"{address}in/ko/")

    assert page.find(".//h1").text == "장애인 간병 보조금"
    assert page.find(".//h1").get("lang") == "ko"
    assert page.find(".//section[@id='in-materials']/h2").text == "준비 서류"
    said = " ".join("".join(page.itertext()).split())
    assert "这是照 2026-10-15 的中文写的译文，以中文为准。" in said
    assert "可能已经过时" not in said
    (line,) = [link for link in read(client, address).iter("a") if link.get("lang") == "ko"]
    assert line.get("href") == f"{address}in/ko/"
    hreflang = {link.get("hreflang"): link.get("href") for link in page.findall(".//link[@hreflang]")}
    assert hreflang == {"zh-Hans": f"http://testserver{address}", "ko": f"http://testserver{address}in/ko/"}
    for prefix in PREFIXES:
        other = read(client, f"/{prefix}{address}in/ko/")
        assert other.find(".//h1").text == "장애인 간병 보조금"


@pytest.mark.parametrize(("language", "tag"), [("ug", "ug"), ("kk-arab", "kk-Arab"), ("ar", "ar")])
def test_some_languages_run_from_right_to_left(
    client: Client, site: dict[str, Any], language: str, tag: str
) -> None:
    translated(site["guide"], language, title="ياشانغانلار كىنىشكىسى", steps="<p>ABC 123</p>")

    page = read(client, f"{factories.fresh(site['guide']).url}in/{language}/")

    assert (page.find(".//h1").get("lang"), page.find(".//h1").get("dir")) == (tag, "rtl")
    prose = page.find(".//section[@id='in-steps']//div")
    assert (prose.get("lang"), prose.get("dir")) == (tag, "rtl")
    assert page.get("dir") is None


def test_the_english_text_leads_the_guide_in_english(client: Client, site: dict[str, Any]) -> None:
    translated(site["guide"], "en", title="Care allowance", summary="A monthly payment.")
    address = factories.fresh(site["guide"]).url

    english, chinese = read(client, f"/en{address}"), read(client, address)

    assert english.find(".//h1").text == "Care allowance"
    assert english.findtext(".//title", "").startswith("Care allowance - ")
    assert english.find(".//section[@id='in-who']") is not None
    headings = ["".join(heading.itertext()).strip() for heading in english.findall(".//main//h2")]
    assert "Who can apply (original in Chinese)" in headings
    assert len(headings) == len(set(headings))
    assert headings.index("In your community") < headings.index("Who can apply")
    assert "15 October 2026" in "".join(english.itertext())
    assert chinese.find(".//h1").text == site["guide"].title
    assert chinese.find(".//section[@id='in-who']") is None
    assert len(english.findall(".//link[@hreflang='en']")) == 1


@pytest.mark.parametrize("code", ["xx", "de", "EN", "en'", "in", "%00"])
def test_a_language_that_nobody_wrote_is_not_there(client: Client, site: dict[str, Any], code: str) -> None:
    translated(site["guide"], "en")

    read(client, f"{factories.fresh(site['guide']).url}in/{code}/", status=404)


def test_readers_are_told_when_the_chinese_text_has_changed_since(
    client: Client, site: dict[str, Any]
) -> None:
    translated(site["guide"], "en")
    guide = factories.fresh(site["guide"])
    address = f"{guide.url}in/en/"
    guide.consult_phone = "0592-2020003"
    publish(guide.save_revision().as_object())
    assert "可能已经过时" not in client.get(address).content.decode()

    guide = factories.fresh(site["guide"])
    guide.conditions = "<p>本市居民。</p>"
    publish(guide.save_revision().as_object())

    assert "可能已经过时" in client.get(address).content.decode()


def test_drafts_of_translations_are_for_editors_alone(client: Client, site: dict[str, Any]) -> None:
    guide = site["guide"]
    guide.in_other_languages.add(GuideTranslation(language="fr", title="Brouillon secret"))
    guide.save_revision()

    read(client, f"{factories.fresh(guide).url}in/fr/", status=404)
    assert "secret" not in client.get(factories.fresh(guide).url).content.decode()
    assert "/in/fr/" not in client.get("/sitemap.xml").content.decode()


def test_translations_stand_in_the_sitemap_and_the_api(client: Client, site: dict[str, Any]) -> None:
    translated(site["guide"], "ko", title="장애인 간병 보조금")
    translated(factories.fresh(site["guide"]), "en")
    address = factories.fresh(site["guide"]).url

    written = client.get("/sitemap.xml").content.decode()
    told = client.get(f"/api/v1/guides/{site['guide'].pk}/?lang=zh-hant").json()["in_other_languages"]

    assert f"<loc>http://testserver{address}in/ko/</loc>" in written
    assert "/in/en/" not in written
    assert [(each["language"], each["title"]) for each in told] == [
        ("ko", "장애인 간병 보조금"),
        ("en", "Guide in en"),
    ]


def test_editors_write_a_translation_beside_the_guide(client: Client, site: dict[str, Any]) -> None:
    user = User.objects.create_superuser("editor", password="x" * 20)
    client.force_login(user)
    form = reverse("wagtailadmin_pages:edit", args=[site["guide"].pk])
    shown = client.get(form).content.decode()
    assert "其他语言" in shown
    empty = '{"blocks": [], "entityMap": {}}'
    row = {"language": "ko", "translated_on": "2026-11-20", "title": "장애인", "summary": "", "ORDER": "1"}
    row |= {"id": "", "DELETE": "", "who": empty, "materials": empty, "steps": empty, "where": empty}
    data = fields_of(shown) | {"action-publish": "1", "in_other_languages-TOTAL_FORMS": "1"}
    data |= {f"in_other_languages-0-{name}": value for name, value in row.items()}

    twice = data | {f"in_other_languages-1-{name}": value for name, value in row.items()}
    refused = client.post(form, twice | {"in_other_languages-TOTAL_FORMS": "2"})
    assert "“한국어”的译文写了两份，请只留一份。" in refused.content.decode()
    sent = client.post(form, data)

    assert sent.status_code == 302, sent.content.decode()
    (made,) = factories.fresh(site["guide"]).in_other_languages.all()
    assert (made.language, made.made_from != "", made.is_older) == ("ko", True, False)


def test_personal_data_in_a_translation_is_stopped(client: Client, site: dict[str, Any]) -> None:
    guide = site["guide"]
    guide.in_other_languages.add(GuideTranslation(language="en", title="x", who="<p>11010519491231002X</p>"))

    assert any("身份证" in message for message in errors_in(guide))


def test_every_language_has_a_heading_or_borrows_one() -> None:
    guide = GuidePage(title="x")
    for tongue in Tongue:
        each = GuideTranslation(
            page=guide, language=tongue, title="x", who="a", materials="b", steps="c", where="d"
        )
        assert [name for name, _heading, _own, _text in each.parts] == ["who", "materials", "steps", "where"]
        assert len(each.direction) == 3
    assert timezone.localdate() - GuideTranslation().translated_on < timedelta(days=2)
