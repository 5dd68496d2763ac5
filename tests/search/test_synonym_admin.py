"""Editors read what was searched for, and teach the search what it did not know."""

import csv
import datetime
import io
import re
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission
from django.contrib.messages import get_messages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, Page, Workflow

from content_models.guides.models import GuidePage
from publishing.models import OutboxEntry
from publishing.publish import publish
from search import synonyms
from search.find import find, load
from search.models import Asked, Clicked, Document, Missing, SynonymGroup
from search.query import Unavailable
from search.teach import add_everyday_name
from staff.models import AuditEntry, User
from staff.roles import Role, group_for
from tests import factories
from tests.admin_forms import fields_of
from tests.conftest import StandingContent

pytestmark = pytest.mark.django_db

ADD = "wagtailsnippets_search_synonymgroup:add"
EDIT = "wagtailsnippets_search_synonymgroup:edit"
LIST = "wagtailsnippets_search_synonymgroup:list"
DELETE = "wagtailsnippets_search_synonymgroup:delete"


@pytest.fixture(scope="module")
def standing(standing_content: StandingContent) -> Iterator[dict[str, Any]]:
    with standing_content():
        SynonymGroup.objects.all().delete()
        yield streets_and_guides()


@pytest.fixture(autouse=True)
def site(standing: dict[str, Any], db: None) -> dict[str, Any]:
    """Two streets, a guide of the district and one of each street; no synonyms. Made once for this module."""
    return {name: factories.fresh(thing) for name, thing in standing.items()}


def streets_and_guides() -> dict[str, Any]:
    home = factories.home()
    mine, other = factories.street("中华街道", under=home), factories.street("八大湖街道", under=home)
    office = factories.office(under=factories.community(under=mine))
    return {
        "home": home,
        "mine": mine,
        "other": other,
        "guide": publish(factories.guide("老年人优待证办理", offices=[office])),
        "own": publish(
            factories.guide("社区图书室借阅证", offices=[office], under=factories.guide_channel(mine))
        ),
        "foreign": publish(
            factories.guide("便民雨伞借用", offices=[office], under=factories.guide_channel(other))
        ),
    }


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor(site: dict[str, Any]) -> Client:
    """An editor of the district."""
    return signed_in(factories.user("district_editor", site["home"]))


@pytest.fixture
def street_editor(site: dict[str, Any]) -> Client:
    return signed_in(factories.user("street_editor", site["mine"]))


def group(*words: str, narrower: Any = (), **fields: Any) -> SynonymGroup:
    model: Any = SynonymGroup
    return model.objects.create(words=list(words), narrower=list(narrower), **fields)


def asked(text: str, times: int = 1, found: int = 0, clicked: int = 0, *, ago: int = 0) -> Asked:
    day = timezone.localdate() - datetime.timedelta(days=ago)
    return Asked.objects.create(day=day, text=text, times=times, found=found, clicked=clicked)


def said(answer: Any) -> str:
    """What the editor is told above the page."""
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html5lib")


def texts(answer: Any) -> list[str]:
    """The texts a report names, in its order."""
    return [row["text"] for row in answer.context["object_list"]]


def titles_for(text: str) -> list[str]:
    """What residents are shown for a text."""
    return [hit.document.title for hit in load(find(text).hits)]


def lines(answer: Any) -> list[Any]:
    """The rows of the listing."""
    return soup(answer).select("#listing-results tbody tr")


def report(client: Client, **query: Any) -> Any:
    return client.get(reverse("searches:index"), query)


# The report


def test_the_report_names_what_was_asked_most_with_its_numbers(editor: Client) -> None:
    asked("低保", 3, 5, 2, ago=1)
    asked("低保", 2, 6, 1)
    asked("老年卡", 9)
    asked("很久以前", 50, ago=31)

    page = report(editor)

    rows = [[cell.get_text(strip=True) for cell in row.find_all("td")] for row in lines(page)]
    today = timezone.localdate().isoformat()
    assert rows == [["老年卡", "9", "0", "0", today], ["低保", "5", "6", "3", today]]
    link = soup(page).find("a", string=re.compile("老年卡"))
    assert link is not None
    assert link["href"] == "/search/?q=%E8%80%81%E5%B9%B4%E5%8D%A1"


def test_totals_say_how_much_failed_and_how_much_was_opened(editor: Client) -> None:
    asked("低保", 6, 5, 8)
    asked("老年卡", 3, 0)
    asked("低保", 1, 5, 0, ago=6)
    asked("低保", 90, 0, ago=7)

    text = soup(report(editor, days=7)).get_text(" ", strip=True)

    assert "共搜索 10 次，其中 30% 没有结果， 60% 打开了结果。" in text


@pytest.mark.parametrize(("days", "shown"), [("7", 1), ("30", 2), ("90", 3), ("", 2), ("x", 2), ("365", 2)])
def test_periods_reach_back_as_far_as_they_say(days: str, shown: int, editor: Client) -> None:
    for ago in (6, 29, 89):
        asked(f"{ago}天前", ago=ago)

    assert len(texts(report(editor, days=days))) == shown


def test_a_text_has_failed_while_its_last_search_found_nothing(editor: Client) -> None:
    asked("一直没有", 2, 0, ago=3)
    asked("一直没有", 1, 0)
    asked("现在有了", 5, 0, ago=3)
    asked("现在有了", 1, 4)
    asked("现在没了", 5, 4, ago=3)
    asked("现在没了", 1, 0)
    asked("只有点开", 0, 0, 1)

    assert texts(report(editor, show="failed")) == ["现在没了", "一直没有"]


def test_a_text_is_unopened_while_it_finds_what_nobody_opens(editor: Client) -> None:
    asked("没人点", 2, 5)
    asked("有人点过", 2, 5, 1, ago=5)
    asked("有人点过", 2, 5)
    asked("没有结果", 2, 0)

    assert texts(report(editor, show="unopened")) == ["没人点"]


def test_what_was_opened_is_named_with_a_link(editor: Client, site: dict[str, Any]) -> None:
    row = asked("老年卡", 4, 5, 4)
    document = Document.objects.get(page=site["guide"])
    Clicked.objects.create(day=row.day, text="老年卡", document=document, times=3)
    asked("没人点", 2, 5)

    page = report(editor, show="opened")

    assert texts(page) == ["老年卡"]
    link = soup(page).find("a", string="老年人优待证办理")
    assert link is not None
    assert link["href"] == document.url
    assert "3 次" in link.parent.get_text() if link.parent else False


@pytest.mark.parametrize(
    ("ordering", "order"),
    [
        ("", "乙丙甲"),
        ("asked", "甲丙乙"),
        ("-opened", "丙甲乙"),
        ("last_day", "甲丙乙"),
        ("nonsense", "乙丙甲"),
    ],
)
def test_the_report_is_sorted_by_its_columns(ordering: str, order: str, editor: Client) -> None:
    asked("甲", 1, 5, 1, ago=2)
    asked("乙", 3, 5, 0)
    asked("丙", 2, 5, 2, ago=1)

    assert "".join(texts(report(editor, ordering=ordering))) == order


def test_the_report_is_searched_whatever_the_script_and_paged(editor: Client) -> None:
    asked("居住证", 9)
    for number in range(60):
        asked(f"第{number}个词", 2)

    assert texts(report(editor, q="居住證")) == ["居住证"]
    assert texts(report(editor, q="没有这个词")) == []
    assert "没有符合的词" in report(editor, q="没有这个词").content.decode()
    assert len(texts(report(editor))) == 50
    assert len(texts(report(editor, p=2))) == 11
    part = editor.get(reverse("searches:results"), {"q": "居住", "show": "failed"})
    assert "居住证" in part.content.decode()
    assert "<html" not in part.content.decode()


@pytest.mark.parametrize("show", ["asked", "failed", "unopened", "opened"])
def test_an_empty_report_says_so(show: str, editor: Client) -> None:
    page = report(editor, show=show).content.decode()

    assert "这段时间还没有人" in page
    assert ("很好：" in page) is (show in ("failed", "unopened"))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_report_is_exported_whole_and_without_live_formulas(form: str, editor: Client) -> None:
    asked("=1+1", 9)
    for number in range(60):
        asked(f"第{number}个词", 2)

    answer = report(editor, show="failed", export=form)

    if form == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[1][0] == "'=1+1"
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert (rows[1][0], sheet["A2"].data_type) == ("=1+1", "s")
    assert rows[0] == ["搜索词", "次数", "最近搜索"]
    assert len(rows) == 62
    assert "no-store" in answer["Cache-Control"]


def test_questions_to_the_database_do_not_grow_with_the_report(
    editor: Client, site: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    documents = Document.objects.filter(kind="guides")
    for number in range(40):
        row = asked(f"第{number}个词", 2, 3, 1)
        for document in documents:
            Clicked.objects.create(day=row.day, text=row.text, document=document, times=1)
        asked(f"没有第{number}个词", 2)
        group(f"词{number}", f"语{number}")
    report(editor)

    for show in ("asked", "failed", "unopened", "opened"):
        with django_assert_max_num_queries(45):
            report(editor, show=show)


MAY_READ = {"administrator", "district_editor", "street_editor", "community_editor", "importer", "reviewer"}


@pytest.mark.parametrize("role", list(Role))
def test_who_works_on_pages_reads_what_was_searched_for(role: str, site: dict[str, Any]) -> None:
    level = {"district_editor": "home", "community_editor": "community", "auditor": "", "administrator": ""}
    place = site.get(level.get(role, "mine")) or (
        factories.community() if role == "community_editor" else None
    )
    client = signed_in(factories.user(role, place))

    may = role in MAY_READ
    assert (report(client).status_code == 200) is may
    assert (client.get(reverse("search-messages:index")).status_code == 200) is may
    keeps = role in ("administrator", "district_editor")
    assert (client.get(reverse(LIST)).status_code == 200) is keeps
    assert (client.get(reverse(ADD)).status_code == 200) is keeps


def test_nobody_else_reads_it(site: dict[str, Any]) -> None:
    addresses = [
        reverse(f"searches:{name}") for name in ("index", "results", "add_to_group", "add_name", "guides")
    ]

    for client in (Client(), signed_in(factories.user())):
        for address in addresses:
            assert client.get(address).status_code in (302, 403, 404), address


# On the dashboard


def test_the_dashboard_says_how_much_was_not_found(editor: Client) -> None:
    assert "个词没有结果" not in editor.get("/admin/").content.decode()

    asked("老年卡", 3, 0, ago=6)
    asked("低保", 3, 0, ago=7)
    link = soup(editor.get("/admin/")).find("a", string=re.compile("个词没有结果"))

    assert link is not None
    assert link.get_text(strip=True) == "最近 7 天有 1 个词没有结果"
    assert texts(editor.get(str(link["href"]))) == ["老年卡"]


def test_who_may_not_read_the_report_is_not_told_of_it() -> None:
    asked("老年卡", 3, 0)
    factories.home()

    page = signed_in(factories.user("auditor")).get("/admin/")

    assert page.status_code == 200
    assert "个词没有结果" not in page.content.decode()


# From a failure to a synonym


def ways(answer: Any, text: str) -> dict[str, str]:
    """``{label: address}`` of the buttons beside a text."""
    row = next(row for row in lines(answer) if text in row.get_text())
    links = row.select("a.button")
    return {str(link.contents[0]).strip(): str(link["href"]) for link in links}


def test_a_failed_text_is_one_click_from_a_new_group(editor: Client) -> None:
    asked("老年卡", 3)
    way = ways(report(editor, show="failed", days=7), "老年卡")["作为同义词"]

    data = fields_of(editor.get(way).content.decode())
    assert data["words"] == "老年卡"
    answer = editor.post(way.partition("?")[0], data | {"words": "老年卡\n老年人优待证"}, follow=True)

    assert SynonymGroup.objects.get().words == ["老年卡", "老年人优待证"]
    assert answer.redirect_chain[-1][0] == "/admin/searches/?show=failed&days=7"
    assert "现在搜“老年卡”有 1 条结果" in said(answer)
    assert texts(answer) == []


def test_a_failed_text_joins_a_group_that_is_there(editor: Client) -> None:
    asked("老年卡", 3)
    near, _far = group("老年人优待证", "老年证"), group("低保", "最低生活保障")
    data = fields_of(editor.get(reverse(ADD), {"text": "老年卡"}).content.decode())
    assert data["words"] == "老年卡"

    page = editor.get(reverse("searches:add_to_group"), {"text": "老年卡"})
    assert page.context["groups"] == [near]
    found = editor.get(reverse("searches:add_to_group"), {"text": "老年卡", "q": "低保"})
    assert [str(each) for each in found.context["groups"]] == ["低保、最低生活保障"]
    answer = editor.post(reverse("searches:add_to_group"), {"text": "老年卡", "group": near.pk}, follow=True)

    near.refresh_from_db()
    assert near.words == ["老年人优待证", "老年证", "老年卡"]
    assert "“老年卡”已加到“老年人优待证、老年证”" in said(answer)
    assert "有 1 条结果" in said(answer)
    assert titles_for("老年卡") == ["老年人优待证办理"]
    entry = AuditEntry.objects.get(action="add_synonym")
    assert (entry.object_id, entry.detail) == (str(near.pk), {"word": "老年卡"})
    assert ModelLogEntry.objects.filter(object_id=str(near.pk), action="wagtail.edit").count() == 1


def test_a_second_click_changes_nothing(editor: Client) -> None:
    here = group("老年人优待证", "老年证", narrower=["敬老卡"])
    address = reverse("searches:add_to_group")
    for word in ("老年卡", "老年卡", "老年證", "敬老卡"):
        answer = editor.post(address, {"text": word, "group": here.pk}, follow=True)

    here.refresh_from_db()
    assert here.words == ["老年人优待证", "老年证", "老年卡"]
    assert "已经在" in said(answer)
    assert AuditEntry.objects.filter(action="add_synonym").count() == 1


def test_a_synonym_that_leads_nowhere_is_said_to(editor: Client) -> None:
    here = group("飞碟", "不明飞行物")

    answer = editor.post(reverse("searches:add_to_group"), {"text": "幽浮", "group": here.pk}, follow=True)

    assert "现在搜“幽浮”还是没有结果" in said(answer)


@pytest.mark.parametrize(
    "word", ["老年卡怎么办理在哪里办理需要带什么材料去呢", "老年证、敬老卡", "老年证 敬老卡", "", "??"]
)
def test_only_a_word_joins_a_group(word: str, editor: Client) -> None:
    here = group("老年人优待证", "老年证")

    answer = editor.post(reverse("searches:add_to_group"), {"text": word, "group": here.pk})

    assert soup(answer).find(class_="error-message") is not None
    here.refresh_from_db()
    assert here.words == ["老年人优待证", "老年证"]


@pytest.mark.parametrize("key", ["", "0", "x", "99999999999999999999"])
def test_a_group_that_is_not_there_is_not_found(key: str, editor: Client) -> None:
    address = reverse("searches:add_to_group")

    assert editor.post(address, {"text": "老年卡", "group": key}).status_code == 404


@pytest.mark.parametrize("foreign", ["https://example.com/", "//example.com", "javascript:alert(1)"])
def test_one_is_sent_back_to_our_own_screens_only(foreign: str, editor: Client) -> None:
    here = group("老年人优待证", "老年证")

    answer = editor.post(
        reverse("searches:add_to_group"), {"text": "老年卡", "group": here.pk, "next": foreign}
    )

    assert answer["Location"] == reverse("searches:index")


def test_what_was_taught_comes_back_when_it_fails_again(editor: Client) -> None:
    asked("老年卡", 3, ago=2)
    group("老年人优待证", "老年卡")
    assert texts(report(editor, show="failed")) == ["老年卡"], "nobody has looked at that group"
    SynonymGroup.objects.all().delete()

    save(editor, reverse(ADD), "老年人优待证\n老年卡")
    assert texts(report(editor, show="failed")) == []
    SynonymGroup.objects.update(is_active=False)
    assert texts(report(editor, show="failed")) == ["老年卡"]
    SynonymGroup.objects.update(is_active=True)
    yesterday = timezone.now() - datetime.timedelta(days=1)
    ModelLogEntry.objects.update(timestamp=yesterday)
    assert texts(report(editor, show="failed")) == []
    asked("老年卡", 1)
    assert texts(report(editor, show="failed")) == ["老年卡"]


def test_editors_of_a_street_teach_names_and_not_synonyms(street_editor: Client) -> None:
    asked("老年卡", 3)
    here = group("老年人优待证", "老年证")

    assert set(ways(report(street_editor, show="failed"), "老年卡")) == {"加为俗称"}
    address = reverse("searches:add_to_group")
    assert street_editor.get(address).status_code in (302, 403)
    assert street_editor.post(address, {"text": "老年卡", "group": here.pk}).status_code in (302, 403)
    here.refresh_from_db()
    assert here.words == ["老年人优待证", "老年证"]


# From a failure to an everyday name


def name_it(client: Client, text: str, guide: Any, *, by: str = "guide") -> Any:
    return client.post(reverse("searches:add_name"), {"text": text, by: guide.pk}, follow=True)


def test_a_failed_text_becomes_an_everyday_name_at_once(editor: Client, site: dict[str, Any]) -> None:
    asked("老年卡", 3)
    way = ways(report(editor, show="failed"), "老年卡")["加为俗称"]
    data = fields_of(editor.get(way).content.decode())
    assert data["text"] == "老年卡"
    before = OutboxEntry.objects.count()

    answer = editor.post(way.partition("?")[0], data | {"guide": site["guide"].pk}, follow=True)

    guide = GuidePage.objects.get(pk=site["guide"].pk)
    assert guide.everyday_names == ["老年卡"]
    assert not guide.has_unpublished_changes
    assert "已加为“老年人优待证办理”的俗称，并已发布" in said(answer)
    assert answer.redirect_chain[-1][0] == "/admin/searches/?show=failed"
    assert texts(answer) == []
    assert OutboxEntry.objects.count() == before + 1
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))[-2:]
    assert actions == ["add_everyday_name", "publish"]
    assert AuditEntry.objects.get(action="add_everyday_name").detail == {"name": "老年卡"}
    assert titles_for("老年卡")[0] == guide.title


def test_the_likeliest_guides_are_offered_with_a_button_each(
    street_editor: Client, site: dict[str, Any]
) -> None:
    page = street_editor.get(reverse("searches:add_name"), {"text": "图书借阅"})
    assert [guide.title for guide in page.context["offered"]] == ["社区图书室借阅证"]

    answer = name_it(street_editor, "借书证", site["own"], by="offered")

    assert "并已发布" in said(answer)
    assert GuidePage.objects.get(pk=site["own"].pk).everyday_names == ["借书证"]


def test_a_second_name_of_the_same_changes_nothing(editor: Client, site: dict[str, Any]) -> None:
    name_it(editor, "老年卡", site["guide"])
    revisions = site["guide"].revisions.count()

    for text in ("老年卡", "老年人优待证办理"):
        answer = name_it(editor, text, site["guide"])
        assert "不用再加" in said(answer)

    assert site["guide"].revisions.count() == revisions
    assert AuditEntry.objects.filter(action="add_everyday_name").count() == 1


def test_other_changes_are_not_published_along(editor: Client, site: dict[str, Any]) -> None:
    draft = GuidePage.objects.get(pk=site["guide"].pk)
    draft.summary = "还没有核对的话"
    draft.save_revision()

    first, second = (name_it(editor, "老年卡", site["guide"]) for _time in range(2))

    live = GuidePage.objects.get(pk=site["guide"].pk)
    assert (live.summary, live.everyday_names) == ("", [])
    kept = live.get_latest_revision_as_object()
    assert (kept.summary, kept.everyday_names) == ("还没有核对的话", ["老年卡"])
    assert "还有别的修改没有发布" in said(first)
    assert "已经在“老年人优待证办理”的草稿里" in said(second)


def test_who_may_not_publish_leaves_a_draft(site: dict[str, Any]) -> None:
    importer = signed_in(factories.user("importer", site["home"]))

    answer = name_it(importer, "老年卡", site["guide"])

    guide = GuidePage.objects.get(pk=site["guide"].pk)
    assert guide.everyday_names == []
    assert guide.get_latest_revision_as_object().everyday_names == ["老年卡"]
    assert "请打开后提交审核" in said(answer)


def test_a_guide_that_was_never_published_stays_a_draft(editor: Client, site: dict[str, Any]) -> None:
    draft = factories.guide("高龄津贴", live=False)

    answer = name_it(editor, "老年补贴", draft)

    assert "这份指南没有发布" in said(answer)
    assert not GuidePage.objects.get(pk=draft.pk).live


def test_a_guide_that_may_not_go_public_keeps_the_name_as_a_draft(
    editor: Client, site: dict[str, Any]
) -> None:
    guide = publish(factories.guide("亲属关系公证", materials=["亲属关系证明"]))
    factories.certificate("亲属关系证明")

    answer = name_it(editor, "亲属公证", guide)

    kept = GuidePage.objects.get(pk=guide.pk)
    assert kept.everyday_names == []
    assert kept.live
    assert kept.get_latest_revision_as_object().everyday_names == ["亲属公证"]
    assert "还不能发布" in said(answer)
    assert "亲属关系证明" in said(answer)


def test_a_guide_in_review_is_left_alone(editor: Client, site: dict[str, Any]) -> None:
    draft = GuidePage.objects.get(pk=site["guide"].pk)
    draft.summary = "送审"
    draft.save_revision()
    Workflow.objects.get().start(draft, factories.user("district_editor", site["home"]))
    revisions = draft.revisions.count()

    answer = name_it(editor, "老年卡", draft)

    assert "正在审核" in answer.content.decode()
    assert draft.revisions.count() == revisions


def test_a_street_editor_names_no_guide_of_others(street_editor: Client, site: dict[str, Any]) -> None:
    for name in ("foreign", "guide"):
        for by in ("guide", "offered"):
            answer = name_it(street_editor, "老年卡", site[name], by=by)
            assert "不由您维护" in answer.content.decode()

    assert not GuidePage.objects.exclude(everyday_names="").exists()
    names = street_editor.get(reverse("searches:choose_guide")).json()["html"]
    assert "社区图书室借阅证" in names
    assert "便民雨伞借用" not in names
    found = street_editor.get(reverse("searches:guides"), {"q": "雨伞"}).content.decode()
    assert "便民雨伞借用" not in found
    chosen = reverse("searches:chosen_guide", args=[site["own"].pk])
    assert street_editor.get(chosen).json()["result"]["title"] == "社区图书室借阅证"
    for pk in (site["foreign"].pk, "x", "0"):
        assert street_editor.get(reverse("searches:chosen_guide", args=[pk])).status_code == 404


def test_drafts_of_others_show_nowhere(street_editor: Client, site: dict[str, Any]) -> None:
    factories.guide("别街没有公开的指南", live=False, under=factories.guide_channel(site["other"]))
    asked("没有公开", 3)

    for address, query in [
        (reverse("searches:add_name"), {"text": "别街没有公开的指南"}),
        (reverse("searches:choose_guide"), {"q": "没有公开"}),
        (reverse("searches:guides"), {"q": "没有公开"}),
    ]:
        assert "别街没有公开的指南</" not in street_editor.get(address, query).content.decode()


@pytest.mark.parametrize("text", ["老年卡怎么办理在哪里办理需要带什么材料去呢", "老年证、敬老卡", "", "？"])
def test_only_a_word_becomes_a_name(text: str, editor: Client, site: dict[str, Any]) -> None:
    answer = name_it(editor, text, site["guide"])

    assert soup(answer).find(class_="error-message") is not None
    assert GuidePage.objects.get(pk=site["guide"].pk).everyday_names == []


def test_words_are_taught_while_the_search_is_away(
    editor: Client, site: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_text: str) -> None:
        raise Unavailable

    monkeypatch.setattr("search.teach_views.find", away)
    here = group("老年人优待证", "老年证")
    page = editor.get(reverse("searches:add_name"), {"text": "老年卡"})
    added = editor.post(reverse("searches:add_to_group"), {"text": "老年卡", "group": here.pk}, follow=True)
    named = name_it(editor, "敬老卡", site["guide"])

    assert page.context["offered"] == []
    assert "“老年卡”已加到" in said(added)
    assert "并已发布" in said(named)


def test_two_who_name_a_guide_at_once_lose_nothing(site: dict[str, Any]) -> None:
    by = factories.user("district_editor", site["home"])
    seen_by_both = GuidePage.objects.get(pk=site["guide"].pk)

    add_everyday_name(seen_by_both, "老年卡", by=by)
    add_everyday_name(seen_by_both, "敬老卡", by=by)

    assert GuidePage.objects.get(pk=site["guide"].pk).everyday_names == ["老年卡", "敬老卡"]


# The groups themselves


def save(client: Client, address: str, words: str, narrower: str = "", **further: Any) -> Any:
    data = fields_of(client.get(address).content.decode())
    return client.post(address, data | {"words": words, "narrower": narrower} | further, follow=True)


@pytest.mark.parametrize(
    ("words", "narrower"),
    [
        ("老年证\n老年人优待证", ""),
        ("残疾补贴", "困难残疾人生活补贴"),
        ("  老年证  \n\n老年人优待证\n老年证\n", ""),
        ("e家办\nE-家办理", ""),
        ("a" * 20 + "\n老年证", ""),
    ],
)
def test_a_sound_group_is_kept(words: str, narrower: str, editor: Client) -> None:
    answer = save(editor, reverse(ADD), words, narrower)

    made = SynonymGroup.objects.get()
    assert made.words == list(dict.fromkeys(word.strip() for word in words.split("\n") if word.strip()))
    assert made.source == SynonymGroup.Source.STAFF
    assert "已创建" in said(answer)


@pytest.mark.parametrize(
    ("words", "narrower", "says"),
    [
        ("", "", "请填写这一项"),
        ("", "困难残疾人生活补贴", "请填写这一项"),
        ("老年证", "", "请至少写两个意思相同的词"),
        ("老年证\n" + "长" * 21, "", "超过 20 个字"),
        ("残疾补贴", "长" * 21, "超过 20 个字"),
        ("老年证\n老年證", "", "“老年證”在这一组里写了两次"),
        ("ETC卡\netc卡", "", "“etc卡”在这一组里写了两次"),
        ("老年证\n敬老卡", "敬老卡", "“敬老卡”在这一组里写了两次"),
        ("老年证、敬老卡\n优待证", "", "里有标点或符号"),
        ("老年证,敬老卡", "优待证", "里有标点或符号"),
        ("老年证（旧）\n敬老卡", "", "里有标点或符号"),
        ("老年证\n<b>敬老卡</b>", "", "里有标点或符号"),
        ("老年证 敬老卡\n优待证", "", "里有空格"),
        ("老年证\n-", "", "请写一个词"),
    ],
)
def test_a_group_that_makes_no_sense_comes_back_with_the_reason(
    words: str, narrower: str, says: str, editor: Client
) -> None:
    answer = save(editor, reverse(ADD), words, narrower)

    assert says in soup(answer).get_text()
    assert not SynonymGroup.objects.exists()


def test_what_residents_say_of_a_situation_leads_to_other_words_only(editor: Client) -> None:
    sound = save(editor, reverse(ADD), "没人带\n没人看孩子", "托育", kind="told")
    lacking = save(editor, reverse(ADD), "没人带\n没人看孩子", "", kind="told")

    assert "已创建" in said(sound)
    assert SynonymGroup.objects.get().kind == SynonymGroup.Kind.TOLD
    assert "请写出这些说法引向的词" in soup(lacking).get_text()
    [found] = synonyms.current().find("没人看孩子")
    assert (found.others, found.narrower) == ((), ("托育",))


def test_a_long_group_is_listed_by_its_first_words(editor: Client) -> None:
    group(*(f"说法{number}" for number in range(30)), narrower=["托育"], kind="told")

    listed = soup(editor.get(reverse("wagtailsnippets_search_synonymgroup:list"))).get_text()

    assert "说法0、" in listed
    assert "说法11 等 30 个" in listed
    assert "说法12" not in listed


def test_a_word_of_another_group_is_pointed_out_and_kept(editor: Client) -> None:
    other, _inactive = group("老年人优待证", "老年证"), group("敬老卡", "优待卡", is_active=False)

    answer = save(editor, reverse(ADD), "老年證\n敬老卡\n优待乘车证")

    assert SynonymGroup.objects.count() == 3
    assert "“老年證”也在另一组里：老年人优待证、老年证" in said(answer)
    assert reverse(EDIT, args=[other.pk]) in said(answer)
    assert "敬老卡”也在" not in said(answer)
    again = save(editor, reverse(EDIT, args=[other.pk]), "老年人优待证\n老年证", note="改过")
    assert "也在另一组里：老年證" in said(again)
    quiet = save(editor, reverse(EDIT, args=[other.pk]), "老年人优待证\n优待证")
    assert "另一组" not in said(quiet)


def test_groups_are_listed_searched_and_filtered(editor: Client) -> None:
    group("老年人优待证", "老年证", narrower=["敬老卡"], source=SynonymGroup.Source.STARTER)
    group("低保", "最低生活保障", is_active=False, note="城乡合并")

    def shown(**query: Any) -> list[str]:
        return [str(each) for each in editor.get(reverse(LIST), query).context["object_list"]]

    page = editor.get(reverse(LIST)).content.decode()
    assert all(text in page for text in ("老年人优待证、老年证", "敬老卡", "预置", "本地添加"))
    assert shown(q="敬老") == ["老年人优待证、老年证"]
    assert shown(q="城乡") == ["低保、最低生活保障"]
    assert shown(source="starter") == ["老年人优待证、老年证"]
    assert shown(is_active="False") == ["低保、最低生活保障"]
    assert shown(source="staff", is_active="True") == []


def test_a_group_has_a_history_and_is_deleted_after_a_question(editor: Client) -> None:
    save(editor, reverse(ADD), "老年证\n敬老卡")
    made = SynonymGroup.objects.get()
    save(editor, reverse(EDIT, args=[made.pk]), "老年证\n敬老卡\n优待证")

    history = editor.get(reverse("wagtailsnippets_search_synonymgroup:history", args=[made.pk]))
    assert len(history.context["object_list"]) == 2
    question = editor.get(reverse(DELETE, args=[made.pk]))
    assert "老年证、敬老卡、优待证" in question.content.decode()
    assert SynonymGroup.objects.exists()
    editor.post(reverse(DELETE, args=[made.pk]))
    assert not SynonymGroup.objects.exists()


def test_what_is_saved_is_found_at_once(editor: Client) -> None:
    assert titles_for("敬老爱老卡") == []

    save(editor, reverse(ADD), "敬老爱老卡\n老年人优待证")

    assert titles_for("敬老爱老卡") == ["老年人优待证办理"]


# Residents' messages


def test_messages_are_read_searched_and_lead_to_the_same_ways(editor: Client) -> None:
    Missing.objects.create(text="公交卡", message="给老人办公交卡在哪里")
    Missing.objects.create(message="上门洗澡")

    page = editor.get(reverse("search-messages:index"))

    assert [message.message for message in page.context["object_list"]] == [
        "上门洗澡",
        "给老人办公交卡在哪里",
    ]
    for message, word in [("给老人办公交卡在哪里", "公交卡"), ("上门洗澡", "上门洗澡")]:
        there = ways(page, message)
        assert fields_of(editor.get(there["作为同义词"]).content.decode())["words"] == word
        assert fields_of(editor.get(there["加为俗称"]).content.decode())["text"] == word
    found = editor.get(reverse("search-messages:index"), {"q": "公交"})
    assert [message.text for message in found.context["object_list"]] == ["公交卡"]


def test_a_message_is_deleted_with_its_words_by_who_keeps_synonyms(
    editor: Client, street_editor: Client
) -> None:
    message = Missing.objects.create(message="我叫王小明住在五号楼")
    address = reverse("search-messages:delete", args=[message.pk])

    assert street_editor.post(address).status_code in (302, 403)
    assert Missing.objects.exists()
    assert "王小明" in editor.get(address).content.decode()
    editor.post(address)

    assert not Missing.objects.exists()
    entry = AuditEntry.objects.get(action="delete_message")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", entry.label)
    assert not ModelLogEntry.objects.filter(label__contains="王小明").exists()


def test_nobody_writes_a_residents_message(editor: Client) -> None:
    message = Missing.objects.create(message="给老人办公交卡")

    for name, arguments in [("add", []), ("edit", [message.pk])]:
        answer = editor.post(reverse(f"search-messages:{name}", args=arguments), {"message": "改过"})
        assert answer.status_code in (302, 403)

    message.refresh_from_db()
    assert message.message == "给老人办公交卡"


# Rights


def test_district_editors_of_before_are_given_the_rights(site: dict[str, Any]) -> None:
    keepers, others = group_for("district_editor", site["home"]), group_for("street_editor", site["mine"])
    ours = Permission.objects.filter(content_type__app_label="search")
    for each in (keepers, others):
        each.permissions.remove(*ours)
    executor = MigrationExecutor(connection)
    migration = executor.loader.get_migration("search", "0003_district_rights")
    state = executor.loader.project_state(
        [("search", "0003_district_rights"), ("staff", "0004_review_workflow")]
    )

    give_rights: Any = migration.operations[0]
    give_rights.code(state.apps, None)

    models = Group.objects.get(pk=keepers.pk).permissions.filter(content_type__app_label="search")
    assert {codename.partition("_")[2] for codename in models.values_list("codename", flat=True)} == {
        "synonymgroup",
        "missing",
    }
    assert not Group.objects.get(pk=others.pk).permissions.filter(content_type__app_label="search").exists()


def test_pages_below_the_root_keep_their_place(site: dict[str, Any]) -> None:
    """What teaching writes leaves the tree as it was."""
    before = list(Page.objects.order_by("path").values_list("path", "pk"))

    add_everyday_name(site["guide"], "老年卡", by=factories.user("district_editor", site["home"]))

    assert list(Page.objects.order_by("path").values_list("path", "pk")) == before
