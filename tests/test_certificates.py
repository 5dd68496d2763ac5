"""Certificates: the verdict, its names, the numbers of an edition, and what guides learn of it."""

from typing import Any

import pytest
from django.test import Client

from content_models.base.checks import NotPublishable
from content_models.certificates.models import Certificate, CertificateItem
from publishing.publish import publish, take_back
from tests import factories

pytestmark = pytest.mark.django_db

BUSINESS_PREMISES = {
    "name": "市场主体住所证明",
    "includes": ["经营场所证明", "同意住宅改变为经营性用房证明", "无扰民证明"],
    "aliases": ["住改商", "住宅改商用证明"],
    "instead": ["由街道市场监管所核查"],
}


def current(page: Any, name: str) -> Certificate:
    return Certificate.objects.get(owner=page, name=name)


@pytest.mark.parametrize(
    ("polarity", "verdict"),
    [("must_not", "社区不再出具"), ("may", "社区可以出具"), ("unlisted", "未列入清单，酌情办理")],
)
def test_the_verdict_answers_whether_it_is_still_needed(polarity: str, verdict: str) -> None:
    assert CertificateItem(polarity=polarity).verdict == verdict


@pytest.mark.parametrize(
    "name", ["住改商", "住宅改商用证明", "同意住宅改变为经营性用房证明", "市场主体住所证明", " 住改商 "]
)
def test_a_refused_certificate_is_known_by_each_of_its_names(name: str) -> None:
    page = factories.certificate_list()
    factories.certificate_edition(page, [BUSINESS_PREMISES], published=True)

    [refused] = Certificate.refused_by_name(name)

    assert refused.name == "市场主体住所证明"
    assert refused.current_item is not None
    assert [row.text for row in refused.current_item.alternatives.all()] == ["由街道市场监管所核查"]
    assert refused.url.endswith(f"/entries/{refused.key}/")


@pytest.mark.parametrize("name", ["", "  ", "住", "改商", "证明", "%", "_"])
def test_a_part_of_a_name_is_another_name(name: str) -> None:
    page = factories.certificate_list()
    factories.certificate_edition(page, [BUSINESS_PREMISES], published=True)

    assert list(Certificate.refused_by_name(name)) == []


def test_a_certificate_that_may_be_issued_is_not_refused() -> None:
    factories.certificate("居住证明", refused=False)

    assert list(Certificate.refused_by_name("居住证明")) == []


def test_a_draft_refuses_nothing() -> None:
    factories.certificate_edition(factories.certificate_list(), ["健在证明"])

    assert list(Certificate.refused_by_name("健在证明")) == []


def test_a_list_that_was_taken_down_refuses_nothing() -> None:
    page = factories.certificate_list()
    factories.certificate_edition(page, ["健在证明"], published=True)

    take_back(page)

    assert list(Certificate.refused_by_name("健在证明")) == []


def test_a_new_edition_changes_what_guides_point_to() -> None:
    page = factories.certificate_list()
    first = factories.certificate_edition(page, ["健在证明", "亲属关系证明"], published=True)
    living, kinship = current(page, "健在证明"), current(page, "亲属关系证明")
    second = first.new_draft(title="第二批")
    second.rows.get(key=kinship.key).delete()
    item = second.rows.get(key=living.key)
    item.name, item.polarity, item.aliases = "健在证明（养老）", "unlisted", ["生存证明"]
    item.save()

    publish(second)

    living.refresh_from_db()
    kinship.refresh_from_db()
    assert (living.name, living.polarity) == ("健在证明（养老）", "unlisted")
    assert living.all_names == ["健在证明（养老）", "生存证明"]
    assert kinship.polarity == ""
    assert str(kinship) == "亲属关系证明（已不在清单）"
    assert kinship.current_item is None

    take_back(second)

    assert {row.name: row.polarity for row in Certificate.objects.filter(owner=page)} == {
        "健在证明": "must_not",
        "亲属关系证明": "must_not",
    }


def test_taking_the_only_edition_back_refuses_nothing_any_more() -> None:
    page = factories.certificate_list()
    edition = factories.certificate_edition(page, ["健在证明"], published=True)

    take_back(edition)

    assert list(Certificate.refused_by_name("健在证明")) == []
    assert current(page, "健在证明").current_item is None


def test_the_numbers_of_the_document_stand_beside_the_rows_counted() -> None:
    items = [f"证明{number}" for number in range(26)] + [
        {"name": f"保留{number}", "polarity": "may"} for number in range(4)
    ]

    edition = factories.certificate_edition(
        factories.certificate_list(), items, stated_surveyed=50, stated_cancelled=26, stated_retained=4
    )

    assert edition.totals == [("不再出具", 26, 26), ("可以出具", 4, 4)]
    assert edition.unaccounted == 20


def test_numbers_the_document_does_not_state_are_not_made_up() -> None:
    edition = factories.certificate_edition(factories.certificate_list(), ["健在证明"], stated_surveyed=50)

    assert edition.totals == [("不再出具", 1, None)]
    assert edition.unaccounted is None


@pytest.mark.parametrize(
    ("missing", "problem"),
    [("issuing_unit", "开具单位"), ("legal_basis", "依据"), ("sample_text", "证明式样")],
)
def test_a_certificate_that_may_be_issued_says_by_whom_why_and_how(missing: str, problem: str) -> None:
    item = {"name": "居住证明", "polarity": "may", missing: ""}
    edition = factories.certificate_edition(factories.certificate_list(), [item])

    with pytest.raises(NotPublishable) as refused:
        publish(edition)

    assert len(refused.value.problems) == 1
    assert "第 1 条“居住证明”" in refused.value.problems[0]
    assert problem in refused.value.problems[0]


def test_a_refusal_without_an_alternative_is_marked_but_may_be_published() -> None:
    page = factories.certificate_list()

    edition = factories.certificate_edition(page, ["健在证明", BUSINESS_PREMISES], published=True)

    assert [row.needs_alternative for row in edition.rows.all()] == [True, False]


def test_a_lower_list_keeps_what_a_higher_one_refuses_only_with_a_reason() -> None:
    factories.certificate_edition(factories.certificate_list(), ["健在证明"], published=True)
    lower = factories.certificate_list("区清单", authority="district")
    item = {"name": "生存证明", "aliases": ["健在证明"], "polarity": "may"}

    with pytest.raises(NotPublishable, match="规定不应出具“健在证明”"):
        factories.certificate_edition(lower, [item], published=True)

    assert factories.certificate_edition(
        lower, [item | {"exceptions": "仅限公证"}], published=True
    ).is_current


def test_a_draft_copy_carries_its_alternatives_and_differs_by_them() -> None:
    page = factories.certificate_list()
    first = factories.certificate_edition(page, [BUSINESS_PREMISES, "健在证明"], published=True)
    draft = first.new_draft()

    assert [row.needs_alternative for row in draft.rows.all()] == [False, True]
    assert not any(rows.exists() for rows in draft.difference(first).values())

    item = draft.rows.get(name="健在证明")
    item.alternatives.add(
        *[type(row)(kind="1", text="户口簿") for row in first.rows.order_by("order")[0].alternatives.all()]
    )
    item.save()
    difference = draft.difference(first)

    assert [row.name for row in difference["changed"]] == ["健在证明"]
    assert not first.rows.get(name="健在证明").alternatives.exists()


def test_keys_are_readable_and_never_shared() -> None:
    edition = factories.certificate_edition(factories.certificate_list(), ["健在证明", "健在证明", "。"])

    assert [row.key for row in edition.rows.all()] == ["jian-zai-zheng-ming", "jian-zai-zheng-ming-2", "row"]


# As residents read them


def read(page: Any, **asked: str) -> str:
    return Client().get(page.url, asked).content.decode()


@pytest.mark.parametrize(("units", "is_shown"), [([], False), (["区民政局"], True)])
def test_who_asked_for_it_is_a_column_only_where_it_is_known(units: list[str], is_shown: bool) -> None:
    page = factories.certificate_list()
    factories.certificate_edition(
        page, ["亲属关系证明", {"name": "婚姻状况证明", "demanding_units": units}], published=True
    )

    assert ("谁要求过" in read(page)) is is_shown


def test_a_day_asked_of_a_channel_is_asked_of_its_lists() -> None:
    page = factories.certificate_list()
    factories.certificate_edition(page, published=True)
    channel = page.get_parent()

    told = read(channel, as_of="2022-06-20")

    assert "日期（2022-06-20）只对单个清单有效" in told
    assert f'href="{page.url}?as_of=2022-06-20"' in told
    assert "只对单个清单有效" not in read(channel)
