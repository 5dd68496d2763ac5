"""Rights end at the edge of one's own part of the site, in every view; nobody approves their own work."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page, TaskState, Workflow, WorkflowState

from content_models.home.models import HomePage
from content_models.notices.models import NoticeChannel, NoticePage
from content_models.places.models import OfficePage
from publishing.publish import publish
from staff.models import ReviewTask, User
from tests import factories
from tests.admin_forms import submit

pytestmark = pytest.mark.django_db

SECRET = "本街没有公开的草稿"
REFUSED = (302, 403, 404)


@pytest.fixture
def streets() -> dict[str, Any]:
    """Two streets: the editor's own, and another with a live notice and a draft."""
    home = factories.home()
    mine, other = factories.street("中华街道", under=home), factories.street("八大湖街道", under=home)
    channel, foreign = factories.channel(NoticeChannel, mine), factories.channel(NoticeChannel, other)
    return {
        "home": home,
        "mine": mine,
        "other": other,
        "channel": channel,
        "foreign": foreign,
        "own": factories.notice("自己的公告", under=channel),
        "live": factories.notice("别街的公告", under=foreign),
        "draft": factories.notice(SECRET, under=foreign, live=False),
        "editor": factories.user("street_editor", mine),
    }


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def page_view(name: str, page: Page) -> str:
    return reverse(f"wagtailadmin_pages:{name}", args=[page.pk])


VIEWS = [
    "edit",
    "delete",
    "copy",
    "move",
    "unpublish",
    "lock",
    "unlock",
    "history",
    "history_results",
    "workflow_history",
    "usage",
    "preview_on_edit",
    "view_draft",
    "add_subpage",
    "confirm_workflow_cancellation",
    "convert_alias",
    "revisions_index",
]


@pytest.mark.parametrize("target", ["live", "draft"])
def test_a_street_editor_gets_nowhere_with_anothers_page(target: str, streets: dict[str, Any]) -> None:
    client = signed_in(streets["editor"])
    page = streets[target]
    before = state_of(page)

    let_through = []
    for name in VIEWS:
        for method in ("get", "post"):
            answer = getattr(client, method)(page_view(name, page))
            # This one answers "nothing to confirm" to anyone.
            if answer.status_code not in (*REFUSED, 405) and name != "confirm_workflow_cancellation":
                let_through.append(f"{method} {name}: {answer.status_code}")
            assert page.title not in answer.content.decode(), name

    assert let_through == []
    assert state_of(page) == before


def state_of(page: Page) -> tuple[Any, ...]:
    kept = Page.objects.filter(pk=page.pk).values_list("title", "path", "live", "locked", "latest_revision")
    return tuple(kept)


REVISION_VIEWS = ["revisions_view", "revisions_revert", "revisions_unschedule"]


def test_a_street_editor_sees_no_revision_of_anothers_page(streets: dict[str, Any]) -> None:
    client = signed_in(streets["editor"])
    revision = streets["draft"].save_revision()

    for name in REVISION_VIEWS:
        answer = client.get(reverse(f"wagtailadmin_pages:{name}", args=[streets["draft"].pk, revision.pk]))
        assert answer.status_code in REFUSED, name
        assert SECRET not in answer.content.decode(), name


def test_a_street_editor_compares_no_revisions_of_anothers_page(streets: dict[str, Any]) -> None:
    client = signed_in(streets["editor"])
    first, second = streets["draft"].save_revision(), streets["draft"].save_revision()
    address = reverse("wagtailadmin_pages:revisions_compare", args=[streets["draft"].pk, first.pk, second.pk])

    assert client.get(address).status_code in REFUSED


def test_a_street_editor_adds_nothing_under_another_street(streets: dict[str, Any]) -> None:
    client = signed_in(streets["editor"])
    address = reverse("wagtailadmin_pages:add", args=["notices", "noticepage", streets["foreign"].pk])

    assert client.get(address).status_code in REFUSED
    assert client.post(address, {"title": "混进来"}).status_code in REFUSED
    assert not NoticePage.objects.filter(title="混进来").exists()


def test_a_street_editor_copies_nothing_into_another_street(streets: dict[str, Any]) -> None:
    client = signed_in(streets["editor"])
    form = {"new_title": "抄过去", "new_slug": "chao", "new_parent_page": streets["foreign"].pk}

    client.post(page_view("copy", streets["own"]), form)

    assert not streets["foreign"].get_descendants().filter(title="抄过去").exists()


def test_a_street_editor_moves_nothing_into_another_street(streets: dict[str, Any]) -> None:
    client = signed_in(streets["editor"])
    confirm = reverse("wagtailadmin_pages:move_confirm", args=[streets["own"].pk, streets["foreign"].pk])

    client.post(confirm)
    client.post(page_view("move", streets["own"]), {"new_parent_page": streets["foreign"].pk})

    assert Page.objects.get(pk=streets["own"].pk).get_parent().pk == streets["channel"].pk


def test_the_question_before_a_move_names_no_page_of_another_street(streets: dict[str, Any]) -> None:
    client = signed_in(streets["editor"])
    address = reverse("wagtailadmin_pages:move_confirm", args=[streets["draft"].pk, streets["foreign"].pk])

    answer = client.get(address)

    assert answer.status_code in REFUSED
    assert SECRET not in answer.content.decode()


def test_a_street_editor_reorders_nothing_in_another_street(streets: dict[str, Any]) -> None:
    client = signed_in(streets["editor"])
    before = list(streets["foreign"].get_children().values_list("pk", "path"))

    client.post(page_view("set_page_position", streets["draft"]) + "?position=0")

    assert list(streets["foreign"].get_children().values_list("pk", "path")) == before


def test_a_street_editor_does_nothing_in_bulk_to_anothers_pages(streets: dict[str, Any]) -> None:
    client = signed_in(streets["editor"])
    pages = [streets["draft"], streets["live"]]
    before = [state_of(page) for page in pages]
    query = "&".join(f"id={page.pk}" for page in [*pages, streets["own"]])

    for action in ("delete", "move", "publish", "unpublish"):
        address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
        seen = client.get(f"{address}?{query}&next=/admin/").content.decode()
        others = f"{address}?id={pages[0].pk}&id={pages[1].pk}&next=/admin/"
        client.post(others, {"chooser": streets["channel"].pk})

        assert SECRET not in seen, action
        assert [state_of(page) for page in pages] == before, action


LISTS = [
    "/admin/",
    "/admin/notices/",
    "/admin/notices/?q=草稿",
    "/admin/pages/search/?q=草稿",
    "/admin/pages/?q=草稿&search_all=1",
    "/admin/choose-page/",
    "/admin/choose-page/search/?q=草稿",
    "/admin/choose-page/?page_type=notices.NoticePage",
    "/admin/reports/site-history/",
    "/admin/reports/workflow/",
    "/admin/reports/workflow_tasks/",
    "/admin/reports/aging-pages/",
    "/admin/reports/locked/",
    "/admin/reports/page-types-usage/",
    "/admin/pages/usage/notices/noticepage/",
    "/admin/api/main/pages/",
    "/admin/api/main/pages/?child_of=root&for_explorer=1",
]


@pytest.mark.parametrize("role", ["street_editor", "importer", "reviewer"])
def test_titles_of_another_streets_drafts_stay_with_it(role: str, streets: dict[str, Any]) -> None:
    author = factories.user("street_editor", streets["other"])
    streets["draft"].save_revision(user=author, log_action=True)
    Workflow.objects.get().start(NoticePage.objects.get(pk=streets["draft"].pk), author)
    client = signed_in(factories.user(role, streets["mine"]))

    told = [address for address in LISTS if SECRET in client.get(address, follow=True).content.decode()]

    assert told == []


def test_a_chooser_shows_what_is_public_everywhere_and_own_drafts(streets: dict[str, Any]) -> None:
    client = signed_in(streets["editor"])
    factories.notice("自己的草稿", under=streets["channel"], live=False)

    def listed(channel: NoticeChannel) -> str:
        answer = client.get(reverse("wagtailadmin_choose_page_child", args=[channel.pk]))
        return json.loads(answer.content)["html"]

    assert "自己的草稿" in listed(streets["channel"])
    assert "别街的公告" in listed(streets["foreign"])
    assert SECRET not in listed(streets["foreign"])


def test_a_chooser_does_not_open_anothers_draft(streets: dict[str, Any]) -> None:
    client = signed_in(streets["editor"])
    inside = reverse("wagtailadmin_choose_page_child", args=[streets["draft"].pk])
    several = reverse("wagtailadmin_choose_page_chosen_multiple") + f"?id={streets['draft'].pk}"

    for address in (inside, several):
        answer = client.get(address)
        assert answer.status_code in REFUSED
        assert SECRET not in answer.content.decode()


def test_the_dialog_offers_only_offices_that_are_public_or_ones_own(streets: dict[str, Any]) -> None:
    factories.office("别街的公开场所", under=streets["other"])
    factories.office("别街的草稿场所", under=streets["other"], live=False)
    factories.office("自己的草稿场所", under=streets["mine"], live=False)
    client = signed_in(streets["editor"])

    offered = client.get(reverse("choose_pages_results"), {"kind": "places.officepage"}).content.decode()

    assert "别街的公开场所" in offered
    assert "自己的草稿场所" in offered
    assert "别街的草稿场所" not in offered


def test_what_the_dialog_does_not_offer_is_neither_named_nor_taken(streets: dict[str, Any]) -> None:
    secret = factories.office(SECRET, under=streets["other"], live=False)
    channel = factories.guide_channel(streets["mine"])
    client = signed_in(streets["editor"])
    add = reverse("wagtailadmin_pages:add", args=["guides", "guidepage", channel.pk])

    named = client.get(reverse("chosen_pages"), {"kind": "places.officepage", "id": secret.pk})
    taken = submit(client, add, title="新指南", offices=[secret.pk])

    assert SECRET not in named.content.decode()
    assert "offices" in taken.context["form"].errors
    assert signed_in(factories.user("auditor")).get(reverse("choose_pages")).status_code in (302, 403, 404)


def test_every_editor_works_in_their_own_part(streets: dict[str, Any]) -> None:
    community = factories.community(under=streets["mine"])
    office = factories.office(under=community)
    cast = {
        "district_editor": (streets["home"], [streets["own"], streets["live"], office]),
        "street_editor": (streets["mine"], [streets["own"], office]),
        "community_editor": (community, [office]),
    }

    for role, (place, pages) in cast.items():
        client = signed_in(factories.user(role, place))
        for page in pages:
            assert client.get(page_view("edit", page)).status_code == 200, (role, page.title)


def test_a_community_editor_leaves_the_street_alone(streets: dict[str, Any]) -> None:
    community = factories.community(under=streets["mine"])
    neighbour = factories.community("邻社区", under=streets["mine"])
    client = signed_in(factories.user("community_editor", community))

    for page in (streets["mine"], streets["own"], neighbour, factories.office(under=neighbour)):
        assert client.get(page_view("edit", page)).status_code in REFUSED


def test_an_importer_prepares_but_does_not_publish(streets: dict[str, Any]) -> None:
    importer = factories.user("importer", streets["mine"])
    rights = streets["own"].permissions_for_user(importer)

    assert rights.can_edit()
    assert not rights.can_publish()
    assert not rights.can_unpublish()
    assert not rights.can_delete()
    client = signed_in(importer)
    client.post(page_view("unpublish", streets["own"]))
    assert Page.objects.get(pk=streets["own"].pk).live


def test_site_settings_are_the_administrators(streets: dict[str, Any]) -> None:
    address = reverse("wagtailsettings:edit", args=["home", "sitesettings"])

    assert signed_in(streets["editor"]).get(address, follow=False).status_code in REFUSED
    assert signed_in(factories.user("administrator")).get(address, follow=True).status_code == 200


def test_rights_end_with_the_post(streets: dict[str, Any]) -> None:
    editor = streets["editor"]

    editor.posts.get().delete()

    assert not streets["own"].permissions_for_user(User.objects.get(pk=editor.pk)).can_edit()


# Review


def hand_in(page: Any, author: User) -> TaskState:
    """The author saves a draft and hands it in for review."""
    page.title += "（改）"
    page.save_revision(user=author)
    Workflow.objects.get().start(type(page).objects.get(pk=page.pk), author)
    return TaskState.objects.get(status=TaskState.STATUS_IN_PROGRESS)


def decide(client: Client, page: Page, state: TaskState, action: str, **form: Any) -> Any:
    address = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, action, state.pk])
    return client.post(address, {"comment": "", **form})


def test_all_content_is_reviewed_by_one_workflow(streets: dict[str, Any]) -> None:
    workflow = Workflow.objects.get()
    community = factories.community()
    editions = [
        factories.provision_edition(community),
        factories.certificate_edition(factories.certificate_list()),
        factories.list_edition(factories.policy_list()),
    ]

    assert workflow.name == "内容审核"
    assert [type(task.specific) for task in workflow.tasks] == [ReviewTask]
    assert streets["own"].get_workflow() == workflow
    for thing in [*editions, factories.banner(published=False)]:
        assert thing.get_workflow() == workflow


def test_a_reviewer_approves_and_the_page_goes_public(streets: dict[str, Any]) -> None:
    state = hand_in(streets["own"], factories.user("importer", streets["mine"]))
    reviewer = factories.user("reviewer", streets["mine"])

    assert "自己的公告" in signed_in(reviewer).get("/admin/").content.decode()
    decide(signed_in(reviewer), streets["own"], state, "approve", comment="可以")

    assert NoticePage.objects.get(pk=streets["own"].pk).title == "自己的公告（改）"
    state.refresh_from_db()
    assert (state.status, state.comment, state.finished_by) == ("approved", "可以", reviewer)


def test_a_reviewer_sends_back_with_a_reason(streets: dict[str, Any]) -> None:
    state = hand_in(streets["own"], factories.user("importer", streets["mine"]))

    decide(
        signed_in(factories.user("reviewer", streets["mine"])),
        streets["own"],
        state,
        "reject",
        comment="缺附件",
    )

    state.refresh_from_db()
    assert (state.status, state.comment) == ("rejected", "缺附件")
    assert NoticePage.objects.get(pk=streets["own"].pk).title == "自己的公告"


def test_the_author_cannot_approve_their_own(streets: dict[str, Any]) -> None:
    author = factories.user("importer", streets["mine"])
    factories.Post.objects.create(user=author, role="reviewer", place=Page.objects.get(pk=streets["mine"].pk))
    state = hand_in(streets["own"], author)

    answer = decide(signed_in(author), streets["own"], state, "approve")

    assert answer.status_code in REFUSED
    assert list(TaskState.objects.reviewable_by(User.objects.get(pk=author.pk))) == []
    assert WorkflowState.objects.get().status == WorkflowState.STATUS_IN_PROGRESS


def test_not_even_an_administrator_approves_their_own(streets: dict[str, Any]) -> None:
    administrator = factories.user("administrator")
    state = hand_in(streets["own"], administrator)

    assert decide(signed_in(administrator), streets["own"], state, "approve").status_code in REFUSED
    assert (
        decide(signed_in(factories.user("administrator")), streets["own"], state, "approve").status_code
        == 302
    )
    state.refresh_from_db()
    assert state.status == "approved"


def test_a_reviewer_who_rewrites_a_page_leaves_the_decision_to_another(streets: dict[str, Any]) -> None:
    state = hand_in(streets["own"], factories.user("importer", streets["mine"]))
    reviewer = factories.user("reviewer", streets["mine"])
    state.revision = NoticePage.objects.get(pk=streets["own"].pk).save_revision(user=reviewer)
    state.save()

    assert decide(signed_in(reviewer), streets["own"], state, "approve").status_code in REFUSED


def test_a_reviewer_of_one_street_has_nothing_to_say_in_another(streets: dict[str, Any]) -> None:
    state = hand_in(streets["live"], factories.user("importer", streets["other"]))
    reviewer = factories.user("reviewer", streets["mine"])

    answer = decide(signed_in(reviewer), streets["live"], state, "approve")

    assert answer.status_code in REFUSED
    assert list(TaskState.objects.reviewable_by(reviewer)) == []
    assert list(TaskState.objects.reviewable_by(factories.user("reviewer", streets["home"]))) == [state]


def test_a_page_in_review_is_closed_to_others(streets: dict[str, Any]) -> None:
    hand_in(streets["own"], factories.user("importer", streets["mine"]))
    page = NoticePage.objects.get(pk=streets["own"].pk)

    assert page.permissions_for_user(streets["editor"]).page_locked()
    assert not page.permissions_for_user(factories.user("reviewer", streets["mine"])).page_locked()


def test_editions_and_banners_wait_for_the_reviewers_of_their_place(streets: dict[str, Any]) -> None:
    author = factories.user("administrator")
    edition = factories.provision_edition(streets["mine"])
    banner = factories.banner(published=False)
    for thing in (edition, banner):
        thing.save_revision(user=author)
        thing.get_workflow().start(thing, author)

    def waiting(place: Any) -> set[str]:
        states = TaskState.objects.reviewable_by(factories.user("reviewer", place))
        return {state.revision.content_type.model for state in states}

    assert waiting(streets["mine"]) == {"provisionedition"}
    assert waiting(streets["other"]) == set()
    assert waiting(streets["home"]) == {"provisionedition", "emergencybanner"}


def test_publishing_by_an_editor_stays_within_rights(streets: dict[str, Any]) -> None:
    office = factories.office(under=streets["mine"], live=False)

    publish(office, by=streets["editor"])

    assert OfficePage.objects.get(pk=office.pk).live
    assert HomePage.objects.get().permissions_for_user(streets["editor"]).can_publish() is False
