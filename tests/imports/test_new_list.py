"""A spreadsheet becomes a list of its own, through the screens."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from content_models.policy_lists.models import ListChannel, PolicyListPage
from imports.models import ImportRun
from tests import factories

pytestmark = pytest.mark.django_db

FILE = "某街道服务事项清单,,,\n序号,事项名称,类别,联系人手机\n" + "".join(
    f"{number},事项{number},{'取消' if number % 2 else '上收'},1381234567{number % 10}\n"
    for number in range(1, 11)
)


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(factories.user("district_editor", factories.home()))
    return client


def start(client: Client) -> ImportRun:
    channel = factories.channel(ListChannel)
    page = client.get(reverse("imports:start"))
    place = next(name for found, name in page.context["form"].pages["lists"] if found.pk == channel.pk)
    assert place.startswith("新建一个清单")
    data = {"kind": "lists", "into-lists": place, "file": SimpleUploadedFile("清单.csv", FILE.encode())}
    response = client.post(reverse("imports:start"), data)
    run = ImportRun.objects.latest("pk")
    assert response["Location"] == reverse("imports:new_list", args=[run.pk])
    return run


def answers(client: Client, run: ImportRun) -> dict[str, Any]:
    """The proposal as it stands."""
    form = client.get(reverse("imports:new_list", args=[run.pk])).context["form"]
    data = {"title": form["title"].value(), "named_by": form["named_by"].value()}
    for place in range(len(form.columns)):
        data[f"type-{place}"] = form[f"type-{place}"].value()
        for name in ("wanted", "filter", "public"):
            if form[f"{name}-{place}"].value():
                data[f"{name}-{place}"] = "on"
    return data


def test_the_proposal_is_checked_confirmed_and_read(staff: Client) -> None:
    run = start(staff)
    data = answers(staff, run)
    assert data["title"] == "某街道服务事项清单"
    assert "public-3" not in data

    response = staff.post(reverse("imports:new_list", args=[run.pk]), data)

    assert response["Location"] == reverse("imports:preview", args=[run.pk])
    page = staff.get(response["Location"]).content.decode()
    assert "事项10" in page
    assert not PolicyListPage.objects.filter(title=data["title"]).exists()
    staff.post(response["Location"], {"outcome": "publish", "title": "第一批"})
    made = PolicyListPage.objects.get(title=data["title"])
    public = Client().get(made.url).content.decode()
    assert "事项10" in public
    assert "13812345" not in public


def test_a_list_needs_a_name_and_a_column(staff: Client) -> None:
    run = start(staff)

    page = staff.post(reverse("imports:new_list", args=[run.pk]), {"title": ""}).content.decode()

    assert "至少要留一列" in page or "此项" in page or "必" in page
    run.refresh_from_db()
    assert run.state == "uploaded"


def test_it_is_nobody_elses(staff: Client) -> None:
    run = start(staff)
    other = Client()
    other.force_login(factories.user("district_editor", factories.home()))

    assert other.get(reverse("imports:new_list", args=[run.pk])).status_code == 404
    assert other.post(reverse("imports:new_list", args=[run.pk]), {}).status_code == 404
