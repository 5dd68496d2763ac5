"""Drafts for other front ends: by link and by token, to whom they belong and to nobody else."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from api import previews
from content_models.guides.models import Material
from content_models.home.models import HomePage, SiteSettings
from publishing.publish import publish
from staff.models import AuditEntry, Post, User
from tests import factories
from tests.api.conftest import Program, token_of

pytestmark = pytest.mark.django_db
DRAFTS = "/api/v1/drafts/"
WEEK = timedelta(days=7)


@pytest.fixture
def guide() -> Any:
    """A published guide with a change that is not."""
    guide = publish(factories.guide("老年人优待证办理"))
    guide.title, guide.summary = "优待证（新）", "还没发布的一句话"
    guide.materials.add(Material(name="新增的材料", sort_order=9))
    guide.save_revision()
    return factories.fresh(guide)


@pytest.fixture
def writer(guide: Any) -> Any:
    return factories.user("district_editor", factories.home(), username="writer")


def signed_in(user: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def open_link(text: str) -> Any:
    return Client(raise_request_exception=False).get(reverse("api:preview", args=[text]))


# By link


def test_a_link_shows_the_draft_as_the_public_answer_would(guide: Any, writer: Any) -> None:
    public = Client().get(f"/api/v1/guides/{guide.pk}/").json()

    response = open_link(previews.make(guide, by=writer, lifetime=WEEK))

    draft = response.json()
    assert (public["title"], draft["title"]) == ("老年人优待证办理", "优待证（新）")
    assert [each["name"] for each in draft["materials"]] == ["身份证", "新增的材料"]
    assert set(draft) - set(public) == {"draft"}
    assert draft["region"] == public["region"]
    assert draft["draft"]["is_live"] is True
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert "ETag" not in response
    assert "Last-Modified" not in response


@pytest.mark.parametrize("kind", ["notice", "community", "office", "policy_list"])
def test_every_kind_of_page_has_its_draft(kind: str) -> None:
    page = getattr(factories, kind)("草稿一份", live=False)
    user = factories.user("district_editor", factories.home())

    draft = open_link(previews.make(page, by=user, lifetime=WEEK)).json()

    assert (draft["title"], draft["draft"]["is_live"]) == ("草稿一份", False)


def test_a_link_says_what_holds_in_a_community(guide: Any, writer: Any) -> None:
    community = factories.community()
    edition = factories.provision_edition(community)
    factories.provision(edition, guide, waived_materials=["新增的材料"])
    publish(edition)
    address = reverse("api:preview", args=[previews.make(guide, by=writer, lifetime=WEEK)])

    draft = Client().get(address, {"community": community.pk}).json()

    assert draft["offer"]["place"]["title"] == "江苏路社区"
    assert [each["is_waived_here"] for each in draft["materials"]] == [False, True]


def test_a_link_ends(guide: Any, writer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = previews.make(guide, by=writer, lifetime=WEEK)
    assert open_link(text).status_code == 200

    later = timezone.now() + WEEK + timedelta(seconds=1)
    monkeypatch.setattr(previews.timezone, "now", lambda: later)

    refused = open_link(text)
    assert refused.status_code == 404
    assert "已经过期" in refused.json()["detail"]
    assert "还没发布的一句话" not in refused.content.decode()


def test_no_link_lives_longer_than_a_month(guide: Any, writer: Any) -> None:
    found = previews.open_link(previews.make(guide, by=writer, lifetime=timedelta(days=999)))

    assert found.until <= timezone.now() + timedelta(days=30)


def test_a_link_falls_with_its_maker_and_with_its_page(guide: Any, writer: Any) -> None:
    text = previews.make(guide, by=writer, lifetime=WEEK)
    post = Post.objects.get(user=writer)
    post.delete()
    assert open_link(text).status_code == 404

    Post.objects.create(user=writer, role="district_editor", place=post.place)
    assert open_link(text).status_code == 200
    type(writer).objects.update(is_active=False)
    assert open_link(text).status_code == 404

    type(writer).objects.update(is_active=True)
    guide.delete()
    assert open_link(text).status_code == 404


@pytest.mark.parametrize("text", ["x", "a:b:c", "é", "%00", "eyJhIjoxfQ:1tN:x" * 40])
def test_a_made_up_link_shows_nothing(guide: Any, text: str) -> None:
    response = Client(raise_request_exception=False).get(f"/api/v1/preview/{text}/")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_a_changed_link_shows_nothing(guide: Any, writer: Any) -> None:
    text = previews.make(guide, by=writer, lifetime=WEEK)
    other = previews.make(factories.guide("别的"), by=writer, lifetime=WEEK)

    mixed = other.partition(":")[0] + ":" + text.partition(":")[2]

    assert open_link(mixed).status_code == 404


# The screen


def test_an_editor_makes_a_link_from_the_page(guide: Any, writer: Any) -> None:
    settings = SiteSettings.for_site(HomePage.objects.get().get_site())
    settings.preview_address = "https://m.example.cn/preview?from={link}"
    settings.save()
    client = signed_in(writer)
    screen = reverse("api_preview_link", args=[guide.pk])
    editor = client.get(reverse("wagtailadmin_pages:edit", args=[guide.pk])).content.decode()
    assert screen in editor

    asked = client.get(screen).content.decode()
    made = client.post(screen, {"days": "7"}).content.decode()

    assert "有效期" in asked
    links = [unescape(link) for link in re.findall(r"<textarea[^>]*>([^<]+)</textarea>", made)]
    assert links[0].startswith(
        "https://m.example.cn/preview?from=http%3A%2F%2Ftestserver%2Fapi%2Fv1%2Fpreview%2F"
    )
    assert Client().get(links[1].removeprefix("http://testserver")).json()["title"] == "优待证（新）"
    assert AuditEntry.objects.filter(action="make_preview_link", by=writer).exists()


def test_only_who_works_on_a_page_may_give_it_away(guide: Any) -> None:
    street = factories.street()
    stranger = factories.user("street_editor", street)
    screen = reverse("api_preview_link", args=[guide.pk])

    assert signed_in(stranger).get(screen).status_code == 302
    assert signed_in(stranger).post(screen, {"days": "7"}).status_code == 302
    assert not AuditEntry.objects.filter(action="make_preview_link").exists()


def test_what_the_api_does_not_show_has_no_link() -> None:
    admin = User.objects.create_superuser("root", password=factories.PASSWORD)
    plain = factories.plain_page()

    assert signed_in(admin).get(reverse("api_preview_link", args=[plain.pk])).status_code == 302
    editor = signed_in(admin).get(reverse("wagtailadmin_pages:edit", args=[plain.pk])).content.decode()
    assert "给其他前端的预览链接" not in editor


@pytest.mark.parametrize("address", ["m.example.cn/{link}", "https://m.example.cn/", "javascript:{link}"])
def test_the_other_front_end_is_a_whole_address(address: str) -> None:
    settings = SiteSettings(preview_address=address)
    others = [field.name for field in SiteSettings._meta.fields if field.name != "preview_address"]

    with pytest.raises(ValidationError, match="link"):
        settings.clean_fields(exclude=others)


# By token


def test_a_token_lists_the_drafts_its_owner_works_on(guide: Any, writer: Any) -> None:
    publish(factories.guide("没有改动的"))
    new = factories.notice("草稿公告", live=False)
    program = Program(token_of(writer, scopes=("drafts",)))

    answer = program.get(DRAFTS).json()

    assert [(row["kind"], row["id"], row["title"], row["is_live"]) for row in answer["results"]] == [
        ("notices", new.pk, "草稿公告", False),
        ("guides", guide.pk, "优待证（新）", True),
    ]
    draft = program.get(answer["results"][1]["api_url"])
    assert draft.json()["summary"] == "还没发布的一句话"
    assert draft["Cache-Control"] == "private, no-store"


def test_every_draft_that_is_listed_can_be_read(guide: Any) -> None:
    admin = factories.user("district_editor", factories.home())
    street = factories.street()
    factories.community("草稿社区", under=street, live=False)
    factories.office("草稿场所", under=street, live=False)
    factories.policy_list("草稿清单", live=False)
    factories.certificate_list("草稿证明清单", live=False)
    program = Program(token_of(admin, scopes=("drafts",)))

    listed = program.get(DRAFTS).json()["results"]

    assert {row["kind"] for row in listed} == {"guides", "communities", "offices", "lists"}
    for row in listed:
        assert program.get(row["api_url"]).json()["title"] == row["title"]


def test_a_token_reads_nobody_elses_drafts(guide: Any) -> None:
    street, other = factories.street("甲街道"), factories.street("乙街道")
    own = factories.guide("自己的", under=factories.guide_channel(street), live=False)
    theirs = factories.guide("别街的", under=factories.guide_channel(other), live=False)
    program = Program(token_of(factories.user("street_editor", street), scopes=("drafts",)))

    assert [row["id"] for row in program.get(DRAFTS).json()["results"]] == [own.pk]
    assert program.get(f"{DRAFTS}guides/{own.pk}/").status_code == 200
    for page in (theirs, guide):
        refused = program.get(f"{DRAFTS}guides/{page.pk}/")
        assert refused.status_code == 404
        assert "别街的" not in refused.content.decode()
    assert program.get(f"{DRAFTS}notices/{own.pk}/").status_code == 404


def test_without_the_scope_there_are_no_drafts(guide: Any, writer: Any) -> None:
    for address in (DRAFTS, f"{DRAFTS}guides/{guide.pk}/"):
        assert Program().get(address).status_code == 401
        assert Program(token_of(writer)).get(address).status_code == 403
        assert Program(token_of(factories.user(), scopes=("drafts",))).get(address).status_code == 403


def test_entries_of_a_draft_edition_are_read_too(writer: Any) -> None:
    page = factories.published_list()
    draft = page.current_edition.new_draft(title="第二批")
    factories.fill(draft, [{"key": "c", "事项名称": "新来的"}])
    program = Program(token_of(writer, scopes=("drafts",)))
    address = f"{DRAFTS}lists/{page.pk}/entries/"

    assert [row["key"] for row in program.get(address).json()["results"]] == ["a", "b", "c"]
    assert [row["key"] for row in program.get(address, {"edition": 1}).json()["results"]] == ["a", "b"]
    assert program.get(address, {"edition": 9}).status_code == 404
    public = Client().get(f"/api/v1/lists/{page.pk}/entries/", {"edition": 2})
    assert public.status_code == 404


def test_an_internal_list_is_read_by_its_staff_alone(writer: Any) -> None:
    page = factories.policy_list("内部清单", is_internal=True)
    factories.list_edition(page, published=True)
    stranger = factories.user("street_editor", factories.street("别的街道"))
    address = f"{DRAFTS}lists/{page.pk}/entries/"

    assert Program(token_of(writer, scopes=("drafts",))).get(address).status_code == 200
    assert Program(token_of(stranger, scopes=("drafts",))).get(address).status_code == 404
