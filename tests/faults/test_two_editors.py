"""Two people with one page open: the second to save reads what the first did, and decides."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

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
    """Somebody who has the form of a page open."""

    def __init__(self, page: Any, name: str) -> None:
        self.client = Client()
        self.client.force_login(factories.user("administrator", display_name=name))
        self.address = f"/admin/pages/{page.pk}/edit/"
        self.open()

    def open(self) -> None:
        self.shown = self.client.get(self.address)

    def send(self, **typed: Any) -> Any:
        data = fields_of(self.shown.content.decode())
        answer = self.client.post(self.address, data | typed)
        if answer.status_code == 200:
            self.shown = answer
        return answer


@pytest.mark.parametrize("how", [{}, {"action-publish": "1"}, {"action-submit": "1"}])
def test_the_second_does_not_silently_win(guide: Any, how: dict[str, str]) -> None:
    first, second = Editor(guide, "张三"), Editor(guide, "李四")
    first.send(title="护理补贴两天", **{"action-publish": "1"})
    told = OutboxEntry.objects.count()

    refused = second.send(title="护理补贴三天", **how)

    text = refused.content.decode()
    assert refused.status_code == 200
    assert "张三" in text
    assert [label for label, _difference in refused.context["conflict"]] == ["标题"]
    difference = BeautifulSoup(str(refused.context["conflict"][0][1]), "html.parser")
    assert "两" in difference.get_text()
    assert "三" in difference.get_text()
    assert refused.context["form"]["title"].value() == "护理补贴三天"
    assert GuidePage.objects.get().title == "护理补贴两天"
    assert GuidePage.objects.get().get_latest_revision_as_object().title == "护理补贴两天"
    assert OutboxEntry.objects.count() == told


def test_what_differs_in_the_parts_of_a_page_is_shown(guide: Any) -> None:
    first, second = Editor(guide, "张三"), Editor(guide, "李四")
    first.send(**{"materials-0-name": "户口簿"})

    refused = second.send(**{"materials-0-name": "残疾人证"})

    [(_label, difference)] = refused.context["conflict"]
    assert "户口簿" in difference
    assert "残疾人证" in difference


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
