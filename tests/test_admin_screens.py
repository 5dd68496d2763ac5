"""Every screen of the admin answers and speaks Chinese; every role finds its own jobs in the menu."""

import re
from collections.abc import Iterator
from typing import Any

import html5lib
import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from wagtail.admin.menu import SubmenuMenuItem, admin_menu
from wagtail.models import Page

from content_models.base.models import Audience, Code, Topic
from content_models.certificates.models import Certificate
from content_models.places.models import CalendarYear, Department
from content_models.policy_lists.models import ListType
from search.models import Missing, SynonymGroup
from staff.models import AuditEntry, Post, User
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]  # words are the same on any database

JOBS = {
    "explorer": "页面",
    "guides-group": "办事指南",
    "lists-group": "清单",
    "certificates-group": "证明",
    "communities-group": "社区",
    "notices-group": "公告",
    "window-status": "窗口状态",
    "places-group": "场所",
    "search-group": "居民搜索",
    "procedures": "评定与准入",
    "imports": "导入表格",
    "images": "图片",
    "documents": "文档",
    "reports": "报表",
    "settings": "设置",
}
CONTENT = set(JOBS) - {"settings"}
PREPARED = CONTENT - {"window-status"}  # for those who do not publish
MENUS = {
    "administrator": set(JOBS),
    "district_editor": set(JOBS),
    "street_editor": CONTENT,
    "community_editor": CONTENT,
    "importer": PREPARED,
    "reviewer": PREPARED,
    "auditor": {"settings"},
}
PLACES = {
    "district_editor": "home",
    "street_editor": "street",
    "community_editor": "community",
    "importer": "street",
    "reviewer": "street",
}

# Three words in a row that are not Chinese and still belong on a screen: names, addresses, examples of code.
ENGLISH = re.compile(r"[A-Za-z][A-Za-z'’]+(?:[ ,]+[A-Za-z][A-Za-z'’]+){2,}")
# What names a field, a column or a button is Chinese to the last word; these say nothing in any language.
NAMES = {"label", "th", "button", "legend", "h1", "h2", "h3"}
WORD = re.compile(r"[A-Za-z]{3,}")
SAME_EVERYWHERE = {"ICP", "XLSX", "CSV", "AVIF", "GIF", "JPG", "JPEG", "PNG", "WEBP", "Wagtail", "URL"}
SILENT = {"script", "style", "template", "noscript"}
SPOKEN = {"aria-label", "title", "placeholder", "alt"}


@pytest.fixture
def site() -> dict[str, Any]:
    """One of everything an editor may open."""
    home = factories.home()
    street = factories.street(under=home)
    community = factories.community(under=street)
    office = factories.office(under=community)
    certificates = factories.certificate_list()
    policy_list = factories.policy_list()
    guide = factories.guide(offices=[office])
    pages: dict[str, Page] = {
        "home": home,
        "street": street,
        "community": community,
        "office": office,
        "guide": guide,
        "notice": factories.notice(),
        "certificate list": certificates,
        "policy list": policy_list,
        "plain page": factories.plain_page(under=home),
        "guide channel": factories.guide_channel(),
    }
    factories.banner()
    factories.topic()
    factories.audience()
    factories.certificate_edition(certificates, published=True)
    factories.list_edition(policy_list, published=True)
    edition = factories.provision_edition(community)
    factories.provision(edition, guide)
    return {"pages": pages, "home": home, "street": street, "community": community}


def member(role: str, site: dict[str, Any]) -> User:
    place = PLACES.get(role)
    return factories.user(role, site[place] if place else None)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def menu_of(user: User) -> list[Any]:
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get(pk=user.pk)
    return admin_menu.menu_items_for_request(request)


def addresses(items: list[Any], user: User) -> Iterator[str]:
    request = RequestFactory().get("/admin/")
    request.user = user
    for item in items:
        if isinstance(item, SubmenuMenuItem):
            yield from addresses(item.menu.menu_items_for_request(request), user)
        elif item.url != "#":
            yield item.url


@pytest.mark.parametrize("role", MENUS)
def test_each_role_finds_its_own_jobs_in_the_menu(role: str, site: dict[str, Any]) -> None:
    user = member(role, site)

    shown = {item.name: str(item.label) for item in menu_of(user) if item.name in JOBS}

    assert set(shown) == MENUS[role]
    assert shown == {name: JOBS[name] for name in shown}


@pytest.mark.parametrize("role", MENUS)
def test_every_entry_of_the_menu_answers(role: str, site: dict[str, Any]) -> None:
    user = member(role, site)
    client = signed_in(user)

    answers = {address: client.get(address).status_code for address in addresses(menu_of(user), user)}

    assert {address: code for address, code in answers.items() if code not in (200, 302)} == {}
    assert answers


@pytest.mark.parametrize("role", MENUS)
def test_the_dashboard_leads_only_where_the_role_may_go(role: str, site: dict[str, Any]) -> None:
    client = signed_in(member(role, site))

    page = client.get("/admin/")
    leads = re.findall(r'class="jobs__link" href="([^"]+)"', page.content.decode())

    assert leads
    answers = {address: client.get(address).status_code for address in leads}
    assert {address: code for address, code in answers.items() if code not in (200, 302)} == {}


@pytest.mark.parametrize(
    ("role", "says"),
    [
        ("reviewer", "现在没有等待您审核的内容"),
        ("street_editor", "没有未发布的草稿"),
        ("importer", "没有未发布的草稿"),
    ],
)
def test_the_dashboard_says_when_nothing_waits(role: str, says: str, site: dict[str, Any]) -> None:
    assert says in signed_in(member(role, site)).get("/admin/").content.decode()


def test_an_auditor_reads_what_was_done_and_nothing_else(site: dict[str, Any]) -> None:
    client = signed_in(member("auditor", site))
    entry = AuditEntry.objects.first()
    assert entry is not None

    assert client.get(reverse("audit:index")).status_code == 200
    assert client.get(reverse("audit:inspect", args=[entry.pk])).status_code == 200
    for name, args in [("edit", [entry.pk]), ("delete", [entry.pk]), ("add", [])]:
        assert client.get(reverse(f"audit:{name}", args=args)).status_code in (302, 403)
    assert client.get(reverse("wagtailadmin_explore_root")).status_code in (302, 403)


def test_nobody_can_change_the_record_of_what_was_done(site: dict[str, Any]) -> None:
    client = signed_in(member("administrator", site))
    entry = AuditEntry.objects.first()
    assert entry is not None

    for name in ("edit", "delete"):
        client.post(reverse(f"audit:{name}", args=[entry.pk]), {"label": "改过"})

    kept = AuditEntry.objects.get(pk=entry.pk)
    assert kept.label == entry.label


def test_the_record_is_filtered_by_who_what_kind_and_day(site: dict[str, Any]) -> None:
    client = signed_in(member("auditor", site))

    found = client.get(reverse("audit:index"), {"action": "publish_edition"}).content.decode()
    none = client.get(reverse("audit:index"), {"at_from": "2099-01-01"}).content.decode()

    assert "社区不应出具证明清单" in found
    assert "社区不应出具证明清单" not in none


def screens(site: dict[str, Any]) -> Iterator[str]:
    """Addresses of the screens an editor meets, by hand where no menu leads there."""
    yield "/admin/"
    yield "/admin/account/"
    yield from addresses(menu_of(site["administrator"]), site["administrator"])
    yield from page_screens(site["pages"])
    yield from snippet_screens()
    for name in (
        "guides",
        "notices",
        "offices",
        "communities",
        "streets",
        "policy-lists",
        "certificate-lists",
    ):
        yield reverse(f"{name}:choose_parent")
    yield reverse("wagtailusers_users:add")
    yield reverse("wagtailusers_users:edit", args=[site["administrator"].pk])
    yield reverse("wagtailusers_users:delete", args=[User.objects.exclude(pk=site["administrator"].pk)[0].pk])
    yield reverse("posts:add")
    post = Post.objects.get(user=site["administrator"])
    yield reverse("posts:edit", args=[post.pk])
    yield reverse("posts:delete", args=[post.pk])
    entry = AuditEntry.objects.first()
    assert entry is not None
    yield reverse("audit:inspect", args=[entry.pk])
    yield reverse("tokens:add")
    yield from search_screens()
    yield reverse("wagtailimages:add_multiple")
    yield reverse("wagtaildocs:add_multiple")
    yield reverse("wagtailredirects:add")
    yield reverse("wagtailadmin_collections:add")


def search_screens() -> Iterator[str]:
    for name in ("add_to_group", "add_name"):
        yield reverse(f"searches:{name}") + "?text=老年卡"
    for show in ("asked", "failed", "unopened", "opened"):
        yield reverse("searches:index") + f"?show={show}"
    yield reverse("search-messages:delete", args=[Missing.objects.create(message="办公交卡").pk])


def page_screens(pages: dict[str, Page]) -> Iterator[str]:
    for name in ("edit", "delete", "copy", "move", "history", "workflow_history", "usage", "add_subpage"):
        for page in pages.values():
            if name == "add_subpage" and not page.specific_class.creatable_subpage_models():
                continue
            yield reverse(f"wagtailadmin_pages:{name}", args=[page.pk])
    for page in pages.values():
        model = page.specific_class
        yield reverse("wagtailadmin_explore", args=[page.pk])
        if page.depth > 2:
            yield reverse("wagtailadmin_pages:unpublish", args=[page.pk])
            yield reverse(
                "wagtailadmin_pages:add",
                args=[model._meta.app_label, model._meta.model_name, page.get_parent().pk],
            )
    guide = pages["guide"]
    first, second = guide.save_revision(), guide.save_revision()
    yield reverse("wagtailadmin_pages:revisions_compare", args=[guide.pk, first.pk, second.pk])
    yield reverse("wagtailadmin_pages:revisions_revert", args=[guide.pk, first.pk])
    yield reverse("wagtailadmin_pages:search") + "?q=残疾"
    for action in ("delete", "move", "publish", "unpublish"):
        yield reverse("wagtail_bulk_action", args=["wagtailcore", "page", action]) + f"?id={guide.pk}"


def snippet_screens() -> Iterator[str]:
    kinds: list[Any] = [Topic, Audience, Code, Department, CalendarYear, ListType, SynonymGroup]
    for model in kinds:
        thing = model._default_manager.first() or factories.department()
        viewset = model.snippet_viewset
        yield reverse(viewset.get_url_name("add"))
        for name in ("edit", "delete", "history", "usage"):
            yield reverse(viewset.get_url_name(name), args=[thing.pk])
    viewset = Certificate.snippet_viewset  # type: ignore[attr-defined]  # set when registered
    yield reverse(viewset.get_url_name("inspect"), args=[Certificate.objects.first().pk])  # type: ignore[union-attr]


@pytest.mark.sqlite
def test_no_screen_of_the_admin_speaks_english(site: dict[str, Any]) -> None:
    site["administrator"] = factories.user("administrator", display_name="王管理")
    factories.user("street_editor", site["street"], display_name="李编辑")
    client = signed_in(site["administrator"])

    spoken: dict[str, list[str]] = {}
    for address in dict.fromkeys(screens(site)):
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        page = answer.content.decode()
        found = english_in(page) + unnamed_in(page)
        if found:
            spoken[address] = found

    assert spoken == {}


def test_the_way_in_speaks_chinese(client: Client) -> None:
    for address in ("/admin/login/", "/admin/password_reset/"):
        page = client.get(address).content.decode()
        assert english_in(page) + unnamed_in(page) == []
        assert "Wagtail" not in " ".join(texts_of(page))
    assert "家门口" in client.get("/admin/login/").content.decode()


def unnamed_in(html: str) -> list[str]:
    """Names of fields, columns and buttons that are not Chinese at all."""
    named = [
        " ".join("".join(_own_texts(element)).split())
        for element in html5lib.parse(html, namespaceHTMLElements=False).iter()
        if element.tag in NAMES
    ]
    return [
        text
        for text in named
        if set(WORD.findall(text)) - SAME_EVERYWHERE and not re.search(r"[\u4e00-\u9fff]", text)
    ]


def _own_texts(element: Any) -> Iterator[str]:
    """Text without what is hidden inside, such as a counter that counts nothing yet."""
    yield element.text or ""
    for child in element:
        if "hidden" not in child.attrib:
            yield from _own_texts(child)
        yield child.tail or ""


def english_in(html: str) -> list[str]:
    found = [match.group() for text in texts_of(html) for match in ENGLISH.finditer(text)]
    return [words for words in found if set(WORD.findall(words)) - SAME_EVERYWHERE]


def texts_of(html: str) -> Iterator[str]:
    """What a person sees or hears of a page: its text and the attributes that are read out."""
    yield from _texts(html5lib.parse(html, namespaceHTMLElements=False))


def _texts(element: Any) -> Iterator[str]:
    if element.tag in SILENT:
        return
    if element.text and isinstance(element.tag, str):
        yield " ".join(element.text.split())
    for name in SPOKEN & set(element.attrib):
        yield element.attrib[name]
    if element.tag == "input" and element.attrib.get("type") in ("submit", "button"):
        yield element.attrib.get("value", "")
    for child in element:
        yield from _texts(child)
        if child.tail:
            yield " ".join(child.tail.split())


DIALOGS = [
    "/admin/choose-page/",
    "/admin/choose-page/?page_type=notices.noticechannel",
    "/admin/choose-page/search/?q=通知",
    "/admin/choose-external-link/",
    "/admin/choose-anchor-link/",
    "/admin/choose-email-link/",
    "/admin/choose-phone-link/",
    "/admin/choose-pages/?kind=places.officepage&multiple=1",
    "/admin/searches/guides/",
    "/admin/images/chooser/",
    "/admin/documents/chooser/",
]


@pytest.mark.parametrize("address", DIALOGS)
def test_dialogs_speak_chinese_to_the_last_word(address: str, site: dict[str, Any]) -> None:
    client = signed_in(member("district_editor", site))

    answer = client.get(address)

    shown = answer.json().get("html", "") if "json" in answer["Content-Type"] else answer.content.decode()
    assert shown
    said = {text for text in texts_of(shown) if not re.search(r"[\u4e00-\u9fff]", text)}
    assert {text for text in said if set(WORD.findall(text)) - SAME_EVERYWHERE} == set()


def test_the_check_for_english_sees_text_and_labels() -> None:
    html = (
        '<p>你好</p><button aria-label="Close this dialog">关</button><script>var a = one two three</script>'
    )

    assert english_in(html) == ["Close this dialog"]


def test_administrators_pages_bear_the_sites_name_and_not_the_frameworks(site: dict[str, Any]) -> None:
    client = signed_in(member("administrator", site))

    page = client.get("/admin/").content.decode()

    assert "家门口</title>" in page
    assert "Wagtail v" not in page


def test_a_listing_of_pages_is_filtered_and_searched(site: dict[str, Any]) -> None:
    client = signed_in(member("district_editor", site))
    factories.notice("停水通知", notice_kind="outage")
    factories.notice("公示一则", notice_kind="publicity", feedback_contact="窗口")

    shown = client.get(reverse("notices:index"), {"notice_kind": "outage"}).content.decode()

    assert "停水通知" in shown
    assert "公示一则" not in shown


def test_every_state_filters_the_listing(site: dict[str, Any]) -> None:
    client = signed_in(member("district_editor", site))
    guide = site["pages"]["guide"]
    guide.title = "改过的名称"
    guide.save_revision()

    def listed(state: str) -> bool:
        return "改过的名称" in client.get(reverse("guides:index"), {"state": state}).content.decode()

    assert {state: listed(state) for state in ("live", "changed", "draft", "review")} == {
        "live": True,
        "changed": True,
        "draft": False,
        "review": False,
    }


def test_accounts_are_kept_without_first_and_last_names(site: dict[str, Any]) -> None:
    client = signed_in(member("administrator", site))
    form = {
        "username": "liming",
        "display_name": "李明",
        "phone": "0592-1",
        "password1": "jia-men-kou-88",
        "password2": "jia-men-kou-88",
    }

    client.post(reverse("wagtailusers_users:add"), form)
    made = User.objects.get(username="liming")
    changed = form | {"display_name": "李小明", "is_active": "on", "password1": "", "password2": ""}
    client.post(reverse("wagtailusers_users:edit", args=[made.pk]), changed)

    made.refresh_from_db()
    assert (made.display_name, made.phone, made.first_name) == ("李小明", "0592-1", "")
    assert made.is_active
    assert made.check_password("jia-men-kou-88")


def test_a_post_given_on_the_screen_gives_its_rights_and_is_recorded(site: dict[str, Any]) -> None:
    client = signed_in(member("administrator", site))
    user = factories.user()

    client.post(reverse("posts:add"), {"user": user.pk, "role": "street_editor", "place": site["street"].pk})

    assert site["street"].permissions_for_user(User.objects.get(pk=user.pk)).can_publish()
    assert AuditEntry.objects.filter(action="give_post").exists()


def test_a_post_for_the_wrong_level_is_refused_in_words(site: dict[str, Any]) -> None:
    client = signed_in(member("administrator", site))
    user = factories.user()
    form = {"user": user.pk, "role": "street_editor", "place": site["community"].pk}

    answer = client.post(reverse("posts:add"), form)

    assert "街道编辑的负责范围不是这一级" in answer.content.decode()
    assert not Post.objects.filter(user=user).exists()


def test_only_administrators_give_posts(site: dict[str, Any]) -> None:
    for role in ("district_editor", "auditor"):
        client = signed_in(member(role, site))

        assert client.get(reverse("posts:index")).status_code in (302, 403), role
        assert client.get(reverse("wagtailusers_users:index")).status_code in (302, 403), role
