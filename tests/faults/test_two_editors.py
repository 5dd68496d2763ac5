"""Two people with one page open: the second to save reads what the first did, and decides."""

import random
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.admin_url_finder import AdminURLFinder

from content_models.base.models import Topic
from content_models.guides.models import GuidePage
from publishing.models import OutboxEntry
from publishing.publish import publish
from tests import factories
from tests.admin_forms import fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def guide() -> Any:
    return publish(factories.guide("护理补贴"))


class Editor:
    """Somebody who has the form of a page, an edition, a banner or a department open."""

    def __init__(self, thing: Any, name: str) -> None:
        self.client = Client()
        user = factories.user("administrator", display_name=name)
        self.client.force_login(user)
        self.address = str(AdminURLFinder(user).get_edit_url(thing))
        self.open()

    def open(self) -> None:
        self.shown = self.client.get(self.address)

    def send(self, **typed: Any) -> Any:
        data = fields_of(self.shown.content.decode())
        answer = self.client.post(self.address, data | typed)
        if answer.status_code == 200:
            self.shown = answer
        return answer


def plain(column: Any) -> str:
    """A column as it reads, with what was struck out left out."""
    soup = BeautifulSoup(str(column), "html.parser")
    for gone in soup.select(".deletion"):
        gone.decompose()
    return soup.get_text()


@pytest.mark.parametrize("how", [{}, {"action-publish": "1"}, {"action-submit": "1"}])
def test_the_second_does_not_silently_win(guide: Any, how: dict[str, str]) -> None:
    first, second = Editor(guide, "张三"), Editor(guide, "李四")
    first.send(title="护理补贴两天", **{"action-publish": "1"})
    told = OutboxEntry.objects.count()

    refused = second.send(title="护理补贴三天", **how)

    text = refused.content.decode()
    assert refused.status_code == 200
    assert "张三" in text
    [difference] = refused.context["conflict"]
    assert (difference.label, difference.is_untouched) == ("标题", False)
    columns = (difference.opened, difference.saved, difference.typed)
    assert [plain(column) for column in columns] == ["护理补贴", "护理补贴两天", "护理补贴三天"]
    assert refused.context["form"]["title"].value() == "护理补贴三天"
    assert GuidePage.objects.get().title == "护理补贴两天"
    assert GuidePage.objects.get().get_latest_revision_as_object().title == "护理补贴两天"
    assert OutboxEntry.objects.count() == told


def test_what_differs_in_the_parts_of_a_page_is_shown(guide: Any) -> None:
    first, second = Editor(guide, "张三"), Editor(guide, "李四")
    first.send(**{"materials-0-name": "户口簿"})

    refused = second.send(**{"materials-0-name": "残疾人证"})

    [difference] = refused.context["conflict"]
    assert "户口簿" in difference.saved
    assert "残疾人证" in difference.typed


def test_who_has_seen_the_difference_may_save(guide: Any) -> None:
    first, second = Editor(guide, "张三"), Editor(guide, "李四")
    first.send(title="护理补贴两天", **{"action-publish": "1"})
    second.send(title="护理补贴三天", **{"action-publish": "1"})

    saved = second.send(title="护理补贴三天", **{"action-publish": "1"})

    assert saved.status_code == 302
    assert GuidePage.objects.get().title == "护理补贴三天"


def test_a_third_who_saves_meanwhile_is_seen_too(guide: Any) -> None:
    first, second, third = (Editor(guide, name) for name in ("张三", "李四", "王五"))
    first.send(title="护理补贴两天")
    second.send(title="护理补贴三天")
    third.open()
    third.send(title="护理补贴四天")

    again = second.send(title="护理补贴三天")

    assert "王五" in again.content.decode()
    assert GuidePage.objects.get().get_latest_revision_as_object().title == "护理补贴四天"


def test_a_form_that_came_back_for_another_reason_is_no_younger(guide: Any) -> None:
    first, second = Editor(guide, "张三"), Editor(guide, "李四")
    first.send(title="护理补贴两天")

    wrong = second.send(title="", **{"action-publish": "1"})
    refused = second.send(title="护理补贴三天", **{"action-publish": "1"})

    assert "conflict" not in wrong.context
    assert refused.context["conflict"]
    assert GuidePage.objects.get().get_latest_revision_as_object().title == "护理补贴两天"


def test_a_double_click_is_no_conflict(guide: Any) -> None:
    editor = Editor(guide, "张三")

    first = editor.send(title="护理补贴两天")
    second = editor.send(title="护理补贴两天")

    assert (first.status_code, second.status_code) == (302, 302)


def test_one_click_takes_a_field_of_the_other(guide: Any) -> None:
    first, second = Editor(guide, "张三"), Editor(guide, "李四")
    first.send(title="护理补贴两天", **{"materials-0-name": "户口簿"})
    second.send(title="护理补贴三天", consult_phone="0592-3030003")

    taken = second.send(take="title")

    form = taken.context["form"]
    assert [each.name for each in taken.context["conflict"]] == ["consult_phone", "materials"]
    assert (form["title"].value(), form["consult_phone"].value()) == ("护理补贴两天", "0592-3030003")
    assert GuidePage.objects.get().get_latest_revision().user.display_name == "张三"

    second.send(take="*")
    saved = second.send(**{"action-publish": "1"})

    page = GuidePage.objects.get()
    assert saved.status_code == 302
    assert (page.title, page.consult_phone) == ("护理补贴两天", "0592-3030003")
    assert [material.name for material in page.materials.all()] == ["户口簿"]


def test_what_only_the_other_changed_is_named_so_and_taken_together(guide: Any) -> None:
    first, second = Editor(guide, "张三"), Editor(guide, "李四")
    first.send(title="护理补贴两天", consult_phone="0592-3030003")
    refused = second.send(complaint_phone="0592-4040004", title="护理补贴三天")

    untouched = {each.name: each.is_untouched for each in refused.context["conflict"]}
    taken = second.send(take="*")

    assert untouched == {"title": False, "consult_phone": True, "complaint_phone": False}
    form = taken.context["form"]
    assert form["consult_phone"].value() == "0592-3030003"
    assert form["title"].value() == "护理补贴三天"


def an_edition() -> Any:
    edition = factories.list_edition(factories.policy_list(), title="第二批")
    edition.save_revision()
    return factories.fresh(edition)


def a_banner() -> Any:
    banner = factories.banner("台风预警", published=False)
    banner.save_revision()
    return banner


def a_topic() -> Any:
    return Topic.objects.create(name="养老", slug="yanglao")


CASES = [
    (an_edition, "title", lambda thing: thing.get_latest_revision_as_object().title),
    (a_banner, "text", lambda thing: thing.get_latest_revision_as_object().text),
    (factories.department, "name", lambda thing: thing.name),
    (a_topic, "name", lambda thing: thing.name),
]


@pytest.mark.parametrize(("make", "field", "now"), CASES)
def test_whatever_has_a_form_does_not_silently_win(make: Any, field: str, now: Any) -> None:
    thing = make()
    first, second = Editor(thing, "张三"), Editor(thing, "李四")
    first.send(**{field: "张三写的"})

    refused = second.send(**{field: "李四写的"})

    [difference] = refused.context["conflict"]
    assert (plain(difference.saved), plain(difference.typed)) == ("张三写的", "李四写的")
    assert now(factories.fresh(thing)) == "张三写的"
    assert refused.context["form"][field].value() == "李四写的"

    taken = second.send(take=field)
    assert taken.context["form"][field].value() == "张三写的"
    assert not taken.context["conflict"]

    saved = second.send(**{field: "李四写的"})
    assert saved.status_code == 302
    assert now(factories.fresh(thing)) == "李四写的"


def test_an_edition_changed_after_its_check_was_read_is_not_published_unseen() -> None:
    edition = an_edition()
    reader = Client()
    reader.force_login(factories.user("administrator"))
    address = reverse(edition.snippet_viewset.get_url_name("check"), args=[edition.pk])
    seen = reader.get(address).context["seen"]
    row = edition.rows.first()
    row.values = {**row.values, "事项名称": "别人改的"}
    row.save()

    answer: Any = reader.post(address, {"action": "publish", "seen": seen}, follow=True)

    assert "您看过之后，这个版本又被改过" in answer.content.decode()
    assert not factories.fresh(edition).live


def test_who_holds_a_lock_and_since_when_is_said_where_people_look(guide: Any) -> None:
    edition, holder = an_edition(), factories.user("administrator", display_name="王锁")
    at = timezone.now()
    for thing in (guide, edition):
        type(thing).objects.filter(pk=thing.pk).update(locked=True, locked_by=holder, locked_at=at)
    reader = Client()
    reader.force_login(factories.user("district_editor", factories.home()))
    names = edition.snippet_viewset
    screens = [
        reverse("guides:index"),
        reverse(names.get_url_name("list")),
        reverse(names.get_url_name("rows"), args=[edition.pk]),
        reverse(names.get_url_name("edit"), args=[edition.pk]),
    ]

    said = [reader.get(screen).content.decode() for screen in screens]

    since = timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
    assert [f"王锁 从 {since} 起锁定了它。" in text for text in said] == [True] * 4
    assert "王锁" in reader.get(f"/admin/pages/{guide.pk}/edit/").content.decode()


class Pair:
    """Two editors who type at random into the same page or edition, and all that they typed."""

    def __init__(self, thing: Any, field: str, *, seed: int) -> None:
        self.chance, self.field, self.thing = random.Random(seed), field, thing
        self.editors = [Editor(thing, "张三"), Editor(thing, "李四")]
        self.answered: set[str] = set()
        self.saved: list[str] = []

    def play(self, number: int) -> None:
        editor, luck = self.chance.choice(self.editors), self.chance.random()
        if luck < 0.15:
            editor.open()
            return
        text = f"第{number}次写的"
        how = {"action-publish": "1"} if luck > 0.6 else {}
        answer = editor.send(**{self.field: text}, **how)
        if answer.status_code == 302:
            self.saved.append(text)
            if self.chance.random() < 0.5:
                editor.open()  # else the tab stays open as it was
            return
        assert answer.context["conflict"], "refused without a difference"
        assert answer.context["form"][self.field].value() == text
        self.answered.add(text)
        if self.chance.random() < 0.5:
            editor.send(take=self.field)

    def kept(self) -> list[str]:
        texts = [revision.content[self.field] for revision in self.thing.revisions.order_by("pk")]
        return [text for text in texts if text.endswith("次写的")]


@pytest.mark.parametrize("rounds", [24, pytest.param(1000, marks=[pytest.mark.long, pytest.mark.sqlite])])
def test_nothing_typed_is_lost_however_two_editors_save(guide: Any, rounds: int) -> None:
    pairs = [Pair(guide, "title", seed=rounds), Pair(an_edition(), "title", seed=rounds + 1)]

    for number in range(rounds // 2):
        for pair in pairs:
            pair.play(number)

    for pair in pairs:
        assert pair.answered, "nobody was ever in another's way"
        assert pair.kept() == pair.saved
        newest = factories.fresh(pair.thing).get_latest_revision_as_object()
        assert newest.title == pair.saved[-1]


def test_what_is_gone_meanwhile_is_not_found() -> None:
    client = Client()
    client.force_login(factories.user("administrator"))

    assert client.post("/admin/snippets/base/topic/edit/4711/", {"name": "养老"}).status_code == 404
