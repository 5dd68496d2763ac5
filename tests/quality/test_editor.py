"""The checks in the form of a page: errors beside their fields, warnings to be seen, and what mends them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from content_models.guides.models import GuidePage
from quality.models import RuleSetting
from staff.page_forms import TICK
from tests import factories
from tests.admin_forms import fields_of, submit
from tests.test_page_forms import PUBLISH, address_to_add, address_to_edit, errors_in

pytestmark = pytest.mark.django_db

SUBMIT = {"action-submit": "Submit"}
ASKS = {"visits": 1, "visit_reason": ""}  # which the rule on visits warns of


@pytest.fixture
def editor() -> Client:
    client = Client()
    client.force_login(factories.user("district_editor", factories.home()))
    return client


def typed_into(editor: Client, page: Any, **changes: Any) -> dict[str, Any]:
    return fields_of(editor.get(address_to_edit(page)).content.decode()) | changes


def panel_of(editor: Client, page: Any, **changes: Any) -> str:
    """What the side panel says of the form with these changes, while somebody types."""
    answer = editor.post(f"{address_to_edit(page)}findings/", typed_into(editor, page, **changes))
    assert answer.status_code == 200
    return answer.content.decode()


# Errors


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"has_online_payment": "on"}, "has_online_payment"),
        ({"consult_phone": "0592-2020001", "complaint_phone": "05922020001"}, "complaint_phone"),
        ({"legal_days": 3, "legal_unit": "N", "promised_days": 4}, "promised_days"),
        ({"result_name": "按规定"}, "result_name"),
        ({"materials-0-name": "相关材料"}, "materials-0-name"),
        ({"steps-1-standard": "详见附件"}, "steps-1-standard"),
        ({"legal_basis-0-law": "国家有关规定"}, "legal_basis-0-law"),
    ],
)
def test_an_error_stands_beside_its_field_and_stops(
    change: dict[str, Any], field: str, editor: Client
) -> None:
    page = factories.guide(live=False)

    answer = submit(editor, address_to_edit(page), **change, **PUBLISH)

    assert len(errors_in(answer)[field]) == 1
    assert not factories.fresh(page).live


@pytest.mark.parametrize("action", [PUBLISH, SUBMIT])
def test_an_error_of_a_part_follows_it_when_it_is_moved(action: dict[str, str], editor: Client) -> None:
    page = factories.guide(materials=["身份证", "相关材料"], live=False)

    answer = submit(
        editor, address_to_edit(page), **{"materials-0-ORDER": 2, "materials-1-ORDER": 1}, **action
    )

    assert [name for name, said in errors_in(answer).items() if said] == ["materials-1-name"]


def test_a_draft_is_saved_whatever_is_found(editor: Client) -> None:
    page = factories.guide(live=False)

    answer = submit(editor, address_to_edit(page), result_name="按规定", **ASKS)

    assert not errors_in(answer)
    assert factories.fresh(page).result_name == "按规定"


def test_a_rule_that_is_off_is_not_asked(editor: Client) -> None:
    RuleSetting.objects.create(code="guide-vague", level="off")
    page = factories.guide(live=False)

    submit(editor, address_to_edit(page), **{"materials-0-name": "相关材料"}, **PUBLISH)

    assert factories.fresh(page).live


# Warnings


def ticked(answer: Any) -> dict[str, str]:
    return {TICK: answer.context["unseen_keys"]}


def test_warnings_come_back_once_with_what_was_typed(editor: Client) -> None:
    page = factories.guide(live=False)

    first = submit(editor, address_to_edit(page), summary="刚写的", **ASKS, **PUBLISH)

    said = first.content.decode()
    assert "要到现场办理，请写明“必须现场办理原因”。" in said
    assert "我已看过以上提醒" in said
    assert "内容没有错，但有提醒要先看" in said
    assert "内容校验未通过" not in said
    assert "刚写的" in said
    assert not factories.fresh(page).live
    assert factories.fresh(page).summary == ""

    submit(editor, address_to_edit(page), summary="刚写的", **ASKS, **PUBLISH, **ticked(first))

    assert factories.fresh(page).live
    assert factories.fresh(page).summary == "刚写的"


def test_a_new_warning_wants_a_new_tick(editor: Client) -> None:
    page = factories.guide(live=False)
    first = submit(editor, address_to_edit(page), **ASKS, **PUBLISH)

    second = submit(editor, address_to_edit(page), result_name="补贴", **ASKS, **PUBLISH, **ticked(first))

    assert not factories.fresh(page).live
    assert len(second.context["unseen"]) == 2
    submit(editor, address_to_edit(page), result_name="补贴", **ASKS, **PUBLISH, **ticked(second))
    assert factories.fresh(page).live


def test_what_was_mended_needs_no_tick(editor: Client) -> None:
    page = factories.guide(live=False)
    submit(editor, address_to_edit(page), **ASKS, **PUBLISH)

    submit(editor, address_to_edit(page), visits=1, visit_reason="要当面核对本人", **PUBLISH)

    assert factories.fresh(page).live


def test_warnings_want_to_be_seen_before_a_review_too(editor: Client) -> None:
    page = factories.guide(live=False)

    first = submit(editor, address_to_edit(page), **ASKS, **SUBMIT)
    assert not factories.fresh(page).workflow_in_progress

    submit(editor, address_to_edit(page), **ASKS, **SUBMIT, **ticked(first))
    assert factories.fresh(page).workflow_in_progress


def test_a_new_page_asks_to_look_first_too(editor: Client) -> None:
    template = factories.guide("样子", consult_phone="2020001")
    filled = typed_into(editor, template)
    for name in [name for name in filled if name.endswith("-id")] + ["slug"]:
        filled[name] = ""
    for kind in ("materials", "steps", "legal_basis"):
        filled[f"{kind}-INITIAL_FORMS"] = "0"
    address = address_to_add("guides.GuidePage")

    first = editor.post(address, filled | {"title": "新指南"} | PUBLISH, follow=True)

    assert not GuidePage.objects.filter(title="新指南").exists()
    assert "请带上区号" in first.content.decode()
    editor.post(address, filled | {"title": "新指南"} | PUBLISH | ticked(first), follow=True)
    assert GuidePage.objects.get(title="新指南").live


# While typing


def test_the_panel_lists_what_stands_in_the_form(editor: Client) -> None:
    page = factories.guide(live=False, consult_phone="2020001")

    said = editor.get(address_to_edit(page)).content.decode()

    assert 'data-side-panel="findings"' in said
    assert "“咨询电话”请带上区号" in said
    assert 'data-finding-field="consult_phone"' in said


def test_the_panel_follows_what_is_typed_and_keeps_nothing(editor: Client) -> None:
    page = factories.guide()

    said = panel_of(editor, page, consult_phone="2020001", **{"materials-0-name": "相关材料"})

    assert said.index("材料名称") < said.index("请带上区号")  # errors first
    assert 'data-finding-field="materials-0-name"' in said
    assert "没有发现问题" in panel_of(editor, page)
    assert factories.fresh(page).consult_phone == page.consult_phone


def test_a_half_typed_form_is_answered(editor: Client) -> None:
    page = factories.guide()

    said = panel_of(editor, page, title="", promised_days="几", effective_on="明天", consult_phone="2020001")

    assert "请带上区号" in said


def test_the_panel_offers_to_mend(editor: Client) -> None:
    page = factories.guide()

    said = panel_of(editor, page, visits=0)

    assert 'data-mend-field="visit_reason" data-mend-text="无"' in said
    assert 'data-mend-field="has_express" data-mend-text="1"' in said


def test_a_refused_certificate_is_replaced_by_what_is_instead(editor: Client) -> None:
    factories.certificate("健在证明", instead=["户口簿"])
    page = factories.guide(materials=["身份证", "（健在证明）"])

    said = panel_of(editor, page)

    assert 'data-mend-field="materials-1-name" data-mend-text="户口簿"' in said
    assert 'data-mend-clears="materials-1-certificate"' in said
    assert 'data-mend-field="materials-1-necessity" data-mend-text="4"' in said
    mended = panel_of(editor, page, **{"materials-1-name": "户口簿", "materials-1-certificate": ""})
    assert "没有发现问题" in mended


def test_a_page_that_is_being_made_is_checked(editor: Client) -> None:
    address = address_to_add("guides.GuidePage")

    typed = fields_of(editor.get(address).content.decode()) | {"consult_phone": "2020001"}
    answer = editor.post(f"{address}findings/", typed)

    assert "“咨询电话”请带上区号" in answer.content.decode()


@pytest.mark.parametrize("make", ["notice", "office", "community", "street", "plain_page"])
def test_every_kind_of_page_has_the_panel(make: str, editor: Client) -> None:
    page = getattr(factories, make)()

    assert 'data-side-panel="findings"' in editor.get(address_to_edit(page)).content.decode()
    assert "没有发现问题" in panel_of(editor, page)


def test_only_those_who_may_edit_are_answered() -> None:
    here, there = factories.street("甲街道"), factories.street("乙街道")
    page = factories.office(under=there)
    client = Client()
    client.force_login(factories.user("street_editor", here))

    answer = client.post(reverse("quality_findings", args=[page.pk]), {"title": "改"})

    assert answer.status_code == 302
    assert client.get(reverse("quality_findings", args=[page.pk])).status_code == 302
