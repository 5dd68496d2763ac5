"""确认仍然有效: the public date changes at once, alone, with a record of who said so."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Revision

from care.confirm import confirm
from care.models import ReviewPeriod
from care.things import confirm_url, months_later
from publishing.models import OutboxEntry
from publishing.publish import publish
from staff.models import AuditEntry
from tests import factories
from tests.factories import fresh

pytestmark = pytest.mark.django_db
Day = datetime.date


@pytest.fixture
def guide() -> Any:
    return publish(factories.guide("残疾人护理补贴"))


def post(user: Any, thing: Any, **data: Any) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(confirm_url(type(thing), thing.pk), data, follow=True)


def test_one_click_dates_the_public_page_and_the_next_review(guide: Any) -> None:
    editor = factories.user("district_editor", factories.home())

    answer = post(editor, guide)

    today = timezone.localdate()
    assert "已确认“残疾人护理补贴”仍然有效" in answer.content.decode()
    assert (fresh(guide).checked_on, fresh(guide).review_due) == (today, months_later(today, 6))
    assert f'最近核对</dt><dd><time datetime="{today}">' in Client().get(guide.url).content.decode()


def test_it_is_recorded_and_told_once(guide: Any) -> None:
    editor = factories.user("district_editor", factories.home())
    before = OutboxEntry.objects.filter(topic=guide.topic).count()

    post(editor, guide)
    again = post(editor, guide)

    entry = AuditEntry.objects.get(action="confirm_content")
    assert (entry.by, entry.object_id) == (editor, str(guide.pk))
    assert OutboxEntry.objects.filter(topic=guide.topic).count() == before + 1
    assert "今天已经核对过了" in again.content.decode()


def test_an_unfinished_draft_stays_unpublished_and_gets_the_date(guide: Any) -> None:
    guide.title = "改到一半"
    guide.save_revision()

    assert confirm(guide, by=None)

    page = fresh(guide)
    draft = page.get_latest_revision_as_object()
    assert (page.title, draft.title) == ("残疾人护理补贴", "改到一半")
    assert page.has_unpublished_changes
    assert draft.checked_on == page.checked_on == timezone.localdate()


def test_what_was_scheduled_before_does_not_bring_the_old_date_back(guide: Any) -> None:
    guide.title = "下月起的标题"
    revision = guide.save_revision(approved_go_live_at=timezone.now() + datetime.timedelta(days=30))
    Revision.objects.filter(pk=revision.pk).update(
        approved_go_live_at=timezone.now() + datetime.timedelta(days=30)
    )

    confirm(guide, by=None)

    assert fresh(revision).as_object().checked_on == timezone.localdate()


def test_a_form_that_was_open_meanwhile_is_stopped(guide: Any) -> None:
    before = fresh(guide).latest_revision.created_at

    confirm(guide, by=None)

    assert fresh(guide).latest_revision.created_at > before


def test_publishing_again_keeps_the_date(guide: Any) -> None:
    confirm(guide, by=None)

    publish(fresh(guide))

    assert fresh(guide).checked_on == timezone.localdate()


def test_an_edition_is_confirmed_and_its_list_says_so() -> None:
    page = factories.certificate_list()
    edition = factories.certificate_edition(page, published=True, source="民发〔2020〕20号")
    editor = factories.user("district_editor", factories.home())

    post(editor, edition)

    assert fresh(edition).checked_on == timezone.localdate()
    assert f'最近核对：<time datetime="{timezone.localdate()}"' in Client().get(page.url).content.decode()
    assert not page.get_latest_revision() or fresh(page).checked_on is None


@pytest.mark.parametrize("make", [factories.office, factories.community, factories.published_list])
def test_the_date_is_shown_on_every_kind_of_page(make: Any) -> None:
    page = publish(make())

    confirm(page, by=None)

    assert str(timezone.localdate()) in Client().get(page.url).content.decode().split("最近核对")[1][:60]


def test_a_draft_is_not_confirmed() -> None:
    draft = factories.guide("还没有公开", live=False)
    editor = factories.user("district_editor", factories.home())

    answer = post(editor, draft)

    assert "还没有公开，发布之后才用核对" in answer.content.decode()
    assert fresh(draft).checked_on is None


def test_the_time_until_the_next_review_is_set_by_kind(guide: Any) -> None:
    client = Client()
    client.force_login(factories.user("district_editor", factories.home()))
    form = client.get(reverse("care:periods")).context["form"]
    data = {name: field.initial for name, field in form.fields.items()}

    client.post(reverse("care:periods"), data | {"guides.guidepage": 12, "places.officepage": 0})

    assert dict(ReviewPeriod.objects.values_list("kind", "months")) == {
        "guides.guidepage": 12,
        "places.officepage": 0,
    }
    confirm(guide, by=None)
    assert fresh(guide).review_due == months_later(timezone.localdate(), 12)
    office = factories.office()
    confirm(office, by=None)
    assert fresh(office).review_due is None


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (Day(2026, 8, 31), 6, Day(2027, 2, 28)),
        (Day(2026, 12, 15), 1, Day(2027, 1, 15)),
        (Day(2027, 8, 31), 6, Day(2028, 2, 29)),
        (Day(2026, 1, 1), 24, Day(2028, 1, 1)),
    ],
)
def test_months_end_with_the_month(day: Day, months: int, later: Day) -> None:
    assert months_later(day, months) == later


@pytest.mark.parametrize("role", ["importer", "reviewer", "street_editor"])
def test_who_may_not_publish_there_confirms_nothing(role: str, guide: Any) -> None:
    other = factories.street("八大湖街道")

    answer = post(factories.user(role, other), guide)

    assert answer.status_code == 404
    assert fresh(guide).checked_on is None


def test_the_button_stands_beside_what_is_edited(guide: Any) -> None:
    client = Client()
    client.force_login(factories.user("district_editor", factories.home()))
    edition = factories.list_edition(factories.policy_list(), published=True)

    page = client.get(reverse("wagtailadmin_pages:edit", args=[guide.pk])).content.decode()
    rows = client.get(reverse("wagtailsnippets_policy_lists_listedition:rows", args=[edition.pk]))

    assert f'data-w-action-url-value="{confirm_url(type(guide), guide.pk)}"' in page
    assert f'data-w-action-url-value="{confirm_url(type(edition), edition.pk)}"' in rows.content.decode()


def test_an_edition_names_who_looks_after_it() -> None:
    client = Client()
    client.force_login(factories.user("district_editor", factories.home()))
    for edition in (
        factories.list_edition(factories.policy_list()),
        factories.certificate_edition(factories.certificate_list()),
        factories.provision_edition(factories.community()),
    ):
        name = edition.snippet_viewset.get_url_name("edit")  # type: ignore[union-attr]  # given by Wagtail
        fields = client.get(reverse(name, args=[edition.pk])).context["form"].fields
        assert {"content_owner", "substitute", "checked_on", "review_due"} <= fields.keys()


def test_confirming_counts_as_no_news(guide: Any) -> None:
    before = Page.objects.get(pk=guide.pk).last_published_at

    confirm(guide, by=None)

    assert Page.objects.get(pk=guide.pk).last_published_at == before
