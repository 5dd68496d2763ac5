"""A template can be uploaded as it was downloaded: its example is one that the site takes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from content_models.communities.models import CommunityPage
from content_models.home.models import HomePage
from content_models.notices.models import NoticeChannel
from content_models.places.models import OfficePage
from imports.destinations import DESTINATIONS
from tests import factories
from tests.factories import column
from tests.imports.walk import checked, problems, statuses

pytestmark = pytest.mark.django_db

COLUMNS = [
    column("事项名称", is_title=True, is_required=True),
    column("类别", "choice", choices=["取消", "上收"]),
]


@pytest.fixture
def home() -> HomePage:
    return factories.home()


@pytest.fixture
def editor(home: HomePage) -> Any:
    return factories.user("district_editor", home)


def policy_list() -> Page:
    page = factories.policy_list(columns=COLUMNS)
    factories.list_edition(page, [{"key": "a", "事项名称": "甲", "类别": "取消"}], published=True)
    return page


def certificates() -> Page:
    page = factories.certificate_list()
    items: list[Any] = ["婚姻状况证明", {"name": "亲属关系证明", "instead": ["看户口簿。"]}]
    factories.certificate_edition(page, items, published=True)
    return page


def guides() -> Page:
    factories.guide()
    return factories.guide_channel()


def notices() -> Page:
    factories.notice()
    return factories.channel(NoticeChannel)


def communities() -> Page:
    factories.figure(factories.community(), "households", 3000)
    return factories.home()


def offices() -> Page:
    factories.office()
    return factories.home()


def provisions() -> Page:
    edition = factories.provision_edition(factories.community())
    factories.provision(edition, factories.guide())
    factories.publish(edition)
    return factories.home()


STANDING: dict[str, Callable[[], Page]] = {
    "lists": policy_list,
    "certificates": certificates,
    "guides": guides,
    "provisions": provisions,
    "notices": notices,
    "communities": communities,
    "figures": communities,
    "offices": offices,
}
# Places that hold nothing of the kind yet, beside a guide and a community that the site has.
EMPTY: dict[str, Callable[[], Page]] = {
    "lists": lambda: factories.policy_list(columns=COLUMNS),
    "certificates": factories.certificate_list,
    "guides": factories.guide_channel,
    "provisions": factories.home,
    "notices": lambda: factories.channel(NoticeChannel),
    "communities": factories.home,
    "figures": factories.home,
    "offices": factories.home,
}


def downloaded(kind: str, page: Page, user: Any) -> bytes:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse("imports:template", args=[kind]), {"place": place_name(kind, page, user)})
    assert answer.status_code == 200
    return answer.content


def place_name(kind: str, page: Page, user: Any) -> str:
    return next(name for found, name in DESTINATIONS[kind].pages(user) if found.pk == page.pk)


@pytest.mark.parametrize("kind", STANDING)
def test_a_template_uploaded_as_it_is_changes_nothing(kind: str, home: HomePage, editor: Any) -> None:
    page = STANDING[kind]()

    run = checked(kind, downloaded(kind, page, editor), by=editor, into=page)

    assert problems(run) == []
    assert statuses(run) == {2: "same"}, run.rows.get(part="").data


@pytest.mark.parametrize("kind", EMPTY)
def test_an_example_is_taken_where_there_is_nothing_yet(kind: str, home: HomePage, editor: Any) -> None:
    page = EMPTY[kind]()
    if kind in ("communities", "figures", "provisions"):
        factories.street()
    if kind in ("figures", "provisions"):
        factories.community()
    if kind == "provisions":
        factories.guide()

    run = checked(kind, downloaded(kind, page, editor), by=editor, into=page)

    assert run.state == "checked", run.message
    assert problems(run) == []
    assert statuses(run) == {2: "new"}


def test_an_example_names_no_address_by_which_it_would_be_overwritten(home: HomePage, editor: Any) -> None:
    page = notices()
    file = downloaded("notices", page, editor)

    run = checked("notices", file, by=editor, into=page)

    cells = run.rows.get().data["cells"]
    assert cells["网址名"] == ""
    assert cells["标题"] == "关于停水的通知"


def test_a_place_of_others_is_no_place(home: HomePage) -> None:
    page = policy_list()
    stranger = factories.user("street_editor", factories.street("筼筜街道"))
    client = Client()
    client.force_login(stranger)

    answer = client.get(reverse("imports:template", args=["lists"]), {"place": page.title})

    assert "甲".encode() not in answer.content
    assert OfficePage.objects.count() + CommunityPage.objects.count() == 0
