"""Certificates that must not be issued, and who still asks for them (FACTS H4)."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from content_models.base.checks import NotPublishable, findings_in
from content_models.certificates.models import Alternative
from content_models.certificates.names import name_key, name_keys
from content_models.guides.models import Material
from publishing.publish import publish
from quality.conflicts import conflicts
from tests import factories
from tests.admin_forms import submit
from tests.test_page_forms import PUBLISH, address_to_edit, errors_in

pytestmark = pytest.mark.django_db

ALTERNATIVE = "由街道市场监管所核查房屋并征求邻居意见"


@pytest.fixture
def home_to_shop() -> Any:
    """The certificate of FACTS E, as the city's list cancels it."""
    return factories.certificate(
        "住改商证明",
        includes=["同意住宅改变为经营性用房证明"],
        aliases=["住宅改商用证明"],
        instead=[ALTERNATIVE],
    )


def asking(name: str, **fields: Any) -> Any:
    return factories.guide("个体工商户登记", materials=["身份证", name], **fields)


def report(role: str = "administrator", place: Any = None, **query: str) -> Any:
    client = Client()
    client.force_login(factories.user(role, place))
    return client.get(reverse("quality_conflicts"), query)


@pytest.mark.parametrize(
    "name",
    [
        "住改商证明",
        "住宅改商用证明",
        "同意住宅改变为经营性用房证明",
        "（住改商证明）",
        "住改商证明（原件）",
        "「住改商證明」",
        "住 改 商 证 明",
        "同意住宅改變為經營性用房證明",
        "经营场所材料（住改商证明）",
    ],
)
def test_a_guide_that_asks_for_it_shows_the_editor_an_error(name: str, home_to_shop: Any) -> None:
    page = asking(name, live=False)
    client = Client()
    client.force_login(factories.user("district_editor", factories.home()))

    answer = submit(client, address_to_edit(page), **PUBLISH)

    [said] = errors_in(answer)["materials-1-name"]
    assert ALTERNATIVE in said
    assert not factories.fresh(page).live
    with pytest.raises(NotPublishable):
        publish(page)


@pytest.mark.parametrize("name", ["住房证明", "住改商承诺书", "房产证（不用住改商证明）", "改商证明"])
def test_other_names_are_other_things(name: str, home_to_shop: Any) -> None:
    assert publish(asking(name, live=False)).live


def test_one_click_replaces_it_or_marks_it_as_not_needed(home_to_shop: Any) -> None:
    page = factories.guide(materials=[Material(name="经营场所说明", certificate=home_to_shop)])

    [finding] = [finding for finding in findings_in(page) if finding.rule == "guide-refused-certificate"]

    replaced, exempted = finding.mends
    assert (replaced.field, replaced.row, replaced.text) == ("materials.name", 0, ALTERNATIVE)
    assert replaced.clears == "materials.certificate"
    assert (exempted.field, exempted.text) == ("materials.necessity", Material.NOT_NEEDED)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("8", ALTERNATIVE), ("1", "带户口簿，能说明是一家人就行。"), ("1", "带户口簿、结婚证" * 4)],
)
def test_a_way_that_is_no_document_does_not_become_a_material(
    kind: str, text: str, home_to_shop: Any
) -> None:
    Alternative.objects.update(kind=kind, text=text)
    page = factories.guide(materials=[Material(name="经营场所说明", certificate=home_to_shop)])

    [finding] = [finding for finding in findings_in(page) if finding.rule == "guide-refused-certificate"]

    assert [mend.label for mend in finding.mends] == ["标为免提交"]
    assert text.rstrip("。") in finding.message


def test_a_list_that_is_taken_down_refuses_nothing(home_to_shop: Any) -> None:
    home_to_shop.owner.unpublish()

    assert publish(asking("住改商证明", live=False)).live


# The report


def test_the_report_names_guide_list_and_alternative(home_to_shop: Any) -> None:
    page = asking("住宅改商用证明")

    said = report().content.decode()

    assert f'href="/admin/pages/{page.pk}/edit/"' in said
    assert "住宅改商用证明" in said
    assert home_to_shop.owner.title in said
    assert ALTERNATIVE in said


def test_an_alternative_that_is_not_known_is_to_be_added() -> None:
    factories.certificate("健在证明")
    factories.guide(materials=["健在证明"])

    assert "待补充" in report().content.decode()


def test_nothing_in_conflict_says_so() -> None:
    assert "没有冲突" in report().content.decode()


@pytest.fixture
def offered(home_to_shop: Any) -> Any:
    """A guide that asks for it, offered in two streets, of which the second waives it."""
    page = asking("住改商证明")
    places = factories.street("甲街道"), factories.street("乙街道")
    for place, waived in zip(places, ([], ["住改商证明"]), strict=True):
        edition = factories.provision_edition(place)
        row: Any = factories.provision(edition, page, waived_materials=waived)
        assert row.pk
        publish(edition)
    return places


def test_provisions_of_such_a_guide_are_in_the_report_unless_they_waive_it(offered: Any) -> None:
    found = [(each.kind, each.place) for each in conflicts(factories.user("administrator"))]

    assert found == [("guide", ""), ("provision", "甲街道"), ("waived", "乙街道")]


def test_an_editor_sees_conflicts_of_the_own_street(offered: Any) -> None:
    lines = report("street_editor", offered[0]).context["lines"]

    assert [line["conflict"].place for line in lines] == ["甲街道"]


@pytest.mark.parametrize(
    ("query", "number"),
    [({"kind": "guide"}, 1), ({"kind": "waived"}, 1), ({"q": "甲街道"}, 1), ({"q": "没有这个"}, 0)],
)
def test_the_report_is_narrowed(query: dict[str, str], number: int, offered: Any) -> None:
    assert len(report(**query).context["lines"]) == number


def test_a_place_that_still_asks_is_warned_before_it_publishes(offered: Any) -> None:
    edition = next(place for place in offered if place.title == "甲街道").provision_editions.get()
    client = Client()
    client.force_login(factories.user("street_editor", offered[0]))
    draft = edition.new_draft(title="修订")
    check = reverse("wagtailsnippets_guides_provisionedition:check", args=[draft.pk])

    shown = client.get(check)
    client.post(check, {"action": "publish"})
    assert not factories.fresh(draft).live

    assert "还要居民交“住改商证明”" in shown.content.decode()
    client.post(check, {"action": "publish", shown.context["tick"]: shown.context["seen_keys"]})
    assert factories.fresh(draft).live


def test_more_conflicts_ask_no_more_questions(offered: Any) -> None:
    person = factories.user("administrator")
    with CaptureQueriesContext(connection) as few:
        conflicts(person)
    for number in range(4):
        place = factories.street(f"丙{number}街道")
        edition = factories.provision_edition(place)
        factories.provision(edition, factories.guide(f"丁{number}", materials=["住改商证明"]))
        publish(edition)
    with CaptureQueriesContext(connection) as many:
        found = conflicts(person)

    assert len(found) == 11
    assert len(many) == len(few)


# Names


@given(st.text(max_size=30))
def test_any_name_can_be_compared(name: str) -> None:
    keys = name_keys(name)

    assert len(set(keys)) == len(keys)
    assert not name_key(name) or keys[0] == name_key(name)
    assert name_key(name_key(name)) == name_key(name)
