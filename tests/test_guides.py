"""Guides: what must be there before one goes public, and how a community offers it."""

import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from content_models.base import codes as base_codes
from content_models.base.checks import NotPublishable
from content_models.guides.limits import limit_text
from content_models.guides.models import GuidePage, LevelChange, Material, Provision
from content_models.guides.provisions import local_offer
from content_models.places.models import OfficePage
from publishing.publish import publish, take_back
from tests import factories
from tests.screens import answers

pytestmark = pytest.mark.django_db

WEDNESDAY = datetime.datetime(2026, 6, 10, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def problems_of(guide: GuidePage) -> list[str]:
    guide.save_revision(clean=False)
    with pytest.raises(NotPublishable) as refused:
        publish(guide)
    assert not any("None" in problem for problem in refused.value.problems)
    return refused.value.problems


# Going public


def test_a_whole_guide_goes_public() -> None:
    guide = publish(factories.guide(live=False))

    assert guide.live
    assert guide.first_published_at is not None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"department": None}, "“实施主体”"),
        ({"service_objects": []}, "“服务对象”"),
        ({"conditions": ""}, "“受理条件”"),
        ({"case_type": ""}, "“办件类型”"),
        ({"promised_days": None}, "“承诺办结时限”"),
        ({"handle_forms": []}, "“办理形式”"),
        ({"consult_phone": ""}, "“咨询电话”"),
        ({"complaint_phone": ""}, "“监督投诉电话”"),
        ({"effective_on": None}, "“生效日期”"),
        ({"complaint_phone": "0592-2020002"}, "不能与“咨询电话”相同"),
        ({"promised_days": 25}, "不能超过“法定办结时限”"),
        ({"cancel_on": datetime.date(2018, 5, 5)}, "不能早于“生效日期”"),
        ({"materials": []}, "请填写“申请材料”"),
        ({"needs_no_materials": True}, "请只留一种"),
        ({"steps": []}, "请填写“办理流程”"),
        ({"legal_basis": []}, "请填写“设定依据”"),
        ({"offices": []}, "请选择“办理地点”"),
        ({"is_charged": True}, "要列出“收费项目”"),
        ({"department_uscc": "91350100M000100Y44"}, "校验码不对"),
    ],
)
def test_a_guide_that_lacks_something_is_refused_and_told_what(change: dict[str, Any], problem: str) -> None:
    guide = factories.guide(live=False)
    for name, value in change.items():
        setattr(guide, name, value)

    problems = problems_of(guide)

    assert len(problems) == 1
    assert problem in problems[0]
    assert not factories.fresh(guide).live


def test_a_guide_may_need_no_materials() -> None:
    guide = factories.guide(materials=[], needs_no_materials=True, live=False)

    assert publish(guide).live


def test_limits_in_different_units_are_not_compared() -> None:
    guide = factories.guide(promised_days=30, promised_unit="N", live=False)

    assert publish(guide).live


def test_the_database_holds_the_rules_as_well() -> None:
    guide = factories.guide()

    for wrong in (
        {"complaint_phone": guide.consult_phone},
        {"promised_days": 25},
        {"cancel_on": "2018-01-01"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            GuidePage.objects.filter(pk=guide.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        LevelChange.objects.create(page=guide, change_kind="down", from_level="街道")


def test_a_draft_may_be_incomplete() -> None:
    guide = factories.guide()
    guide.conditions, guide.steps = "", []

    guide.save_revision(clean=False)

    assert factories.fresh(guide).live
    assert factories.fresh(guide).get_latest_revision_as_object().conditions == ""


# Rule 13: no certificate that must not be issued


def asking_for(**material: Any) -> GuidePage:
    return factories.guide(materials=[Material(**({"name": "身份证"} | material))], live=False)


@pytest.mark.parametrize("name", ["健在证明", "生存证明", "在世证明", " 健在证明 "])
def test_a_refused_certificate_is_no_material_by_whatever_name(name: str) -> None:
    factories.certificate(
        "健在证明", includes=["在世证明"], aliases=["生存证明"], instead=["户口簿", "人脸识别"]
    )

    [problem] = problems_of(asking_for(name=name))

    assert "不应出具的证明" in problem
    assert "清单：健在证明：健在证明" in problem
    assert "可改用：户口簿；人脸识别。" in problem


def test_a_refused_certificate_is_no_material_by_its_link() -> None:
    refused = factories.certificate("健在证明")

    [problem] = problems_of(asking_for(name="健康说明", certificate=refused))

    assert "请去掉它，或改为免提交" in problem


def test_a_certificate_that_need_not_be_handed_in_is_no_problem() -> None:
    refused = factories.certificate("健在证明")

    assert publish(asking_for(name="健在证明", certificate=refused, necessity=Material.NOT_NEEDED)).live


def test_a_certificate_that_may_be_issued_is_a_material() -> None:
    allowed = factories.certificate("居住证明", refused=False)

    assert publish(asking_for(name="居住证明", certificate=allowed)).live


def test_a_live_guide_cannot_be_published_again_once_its_certificate_is_refused() -> None:
    guide = publish(asking_for(name="健在证明"))
    factories.certificate("健在证明")

    with pytest.raises(NotPublishable):
        publish(guide)

    assert factories.fresh(guide).live


def test_the_form_shows_each_problem_where_it_is(client: Client) -> None:
    factories.certificate("健在证明", instead=["户口簿"])
    guide = factories.guide(live=False)
    client.force_login(factories.user("administrator"))
    address = f"/admin/pages/{guide.pk}/edit/"
    data = answers(client.get(address).context["form"])

    wrong = data | {
        "materials-0-name": "健在证明",
        "is_charged": "on",
        "steps-0-DELETE": "1",
        "steps-1-DELETE": "1",
    }
    form = client.post(address, wrong | {"action-publish": "1"}).context["form"]

    assert "可改用：户口簿" in form.formsets["materials"].errors[0]["name"][0]
    assert "is_charged" in form.errors
    assert "至少一个环节" in str(form.formsets["steps"].non_form_errors())
    assert not factories.fresh(guide).live

    # What stops publishing does not stop saving a draft.
    assert client.post(address, wrong).status_code == 302
    assert not factories.fresh(guide).live
    right = answers(client.get(address).context["form"]) | {"materials-0-name": "户口簿"}
    right |= {"steps-TOTAL_FORMS": "1", "steps-0-id": "", "steps-0-name": "受理", "steps-0-ORDER": "1"}
    right |= {"action-publish": "1"}
    del right["is_charged"]
    assert client.post(address, right).status_code == 302
    assert factories.fresh(guide).live


# Who offers it where


@pytest.fixture
def place() -> Any:
    return factories.community(under=factories.street())


@pytest.fixture
def office(place: Any) -> OfficePage:
    return factories.office(under=place)


@pytest.fixture
def guide(office: OfficePage) -> GuidePage:
    return publish(factories.guide(offices=[office]))


def offered(place: Any, guide: GuidePage, **fields: Any) -> Provision:
    edition = factories.provision_edition(place)
    row = factories.provision(edition, guide, **fields)
    publish(edition)
    return row


def offer(guide: GuidePage, community: Any) -> Any:
    community = factories.fresh(community) if community is not None else None
    return local_offer(factories.fresh(guide), community, at=WEDNESDAY)


def test_a_community_says_where_when_and_with_what(guide: GuidePage, place: Any, office: OfficePage) -> None:
    offered(
        place, guide, office=office, window="2", promised_days=1, waived_materials=["身份证"], phone="0592-1"
    )

    found = offer(guide, place)

    assert (found.place.pk, found.office, found.provision.window) == (place.pk, office, "2")
    assert (found.phone, found.promised_limit, found.waived) == ("0592-1", "1 个工作日", {"身份证"})
    assert found.state.text == "正在办公，12:00 结束"
    assert found.has_live_office
    assert not found.is_refused


def test_the_street_answers_where_the_community_is_silent(
    guide: GuidePage, place: Any, office: OfficePage
) -> None:
    offered(place.get_parent(), guide, office=office)

    found = offer(guide, place)

    assert found.place.pk == place.get_parent().pk
    assert found.phone == office.phone
    assert found.promised_limit == "4 个工作日"


def test_the_community_goes_before_the_street(guide: GuidePage, place: Any) -> None:
    offered(place.get_parent(), guide)
    offered(place, guide, is_offered=False)

    found = offer(guide, place)

    assert found.place.pk == place.pk
    assert found.is_refused


def test_a_refusal_says_why_and_where_to_go_instead(guide: GuidePage, place: Any) -> None:
    other = factories.office("街道便民服务中心", under=place.get_parent().specific)
    offered(place, guide, is_offered=False, reason="只在街道办", go_to=other, hours="周日 09:00-10:00")

    found = offer(guide, place)

    assert found.provision.reason == "只在街道办"
    assert found.office == other
    assert found.state.is_open


@pytest.mark.parametrize("with_community", [True, False])
def test_without_a_provision_the_guide_speaks_for_itself(
    guide: GuidePage, place: Any, with_community: bool
) -> None:
    found = offer(guide, place if with_community else None)

    assert (found.place, found.provision, found.state) == (None, None, None)
    assert (found.phone, found.promised_limit) == ("0592-2020002", "4 个工作日")


def test_a_draft_or_withdrawn_edition_offers_nothing(guide: GuidePage, place: Any) -> None:
    edition = factories.provision_edition(place)
    factories.provision(edition, guide)
    assert offer(guide, place).provision is None

    publish(edition)
    assert offer(guide, place).provision is not None

    take_back(edition)
    assert offer(guide, place).provision is None


def test_an_office_taken_down_is_not_given_as_open(guide: GuidePage, place: Any, office: OfficePage) -> None:
    offered(place, guide, office=office)

    take_back(office)
    found = offer(guide, place)

    assert not found.has_live_office
    assert not found.state.is_known
    assert found.phone == guide.consult_phone


def test_an_office_that_was_removed_leaves_the_telephone(guide: GuidePage, place: Any) -> None:
    other = factories.office("旧窗口", under=place)
    offered(place, guide, office=other)

    other.delete()
    found = offer(guide, place)

    assert (found.office, found.state, found.phone) == (None, None, guide.consult_phone)


def test_its_own_hours_go_before_those_of_the_office(
    guide: GuidePage, place: Any, office: OfficePage
) -> None:
    offered(place, guide, office=office, hours="周一 09:00-11:30")

    state = offer(guide, place).state

    assert not state.is_open
    assert state.opens_at.date() == datetime.date(2026, 6, 15)


def test_hours_nobody_understands_are_not_published(guide: GuidePage, place: Any) -> None:
    edition = factories.provision_edition(place)
    row = factories.provision(edition, guide, hours="看情况")

    with pytest.raises(NotPublishable, match="看不懂“看情况”"):
        publish(edition)

    # Should such a row be in force all the same, the office's hours hold.
    Provision.objects.filter(pk=row.pk).update(hours="")
    publish(edition)
    Provision.objects.filter(pk=row.pk).update(hours="看情况")
    assert offer(guide, place).state.is_open


@pytest.mark.parametrize(("fields", "problem"), [({"office": None}, "没有选择“办理场所”")])
def test_a_row_that_says_too_little_is_not_published(
    guide: GuidePage, place: Any, fields: dict[str, Any], problem: str
) -> None:
    edition = factories.provision_edition(place)
    factories.provision(edition, guide, **fields)

    with pytest.raises(NotPublishable, match=problem):
        publish(edition)


def test_a_refusal_gives_its_reason(guide: GuidePage, place: Any) -> None:
    edition = factories.provision_edition(place)

    with pytest.raises(IntegrityError), transaction.atomic():
        factories.provision(edition, guide, is_offered=False, reason="")


def test_a_guide_stands_once_in_an_edition(guide: GuidePage, place: Any) -> None:
    edition = factories.provision_edition(place)
    factories.provision(edition, guide)

    with pytest.raises(IntegrityError), transaction.atomic():
        factories.provision(edition, guide)


# In words


@pytest.mark.parametrize(
    ("days", "unit", "note", "text"),
    [
        (4, "W", "", "4 个工作日"),
        (30, "N", "", "30 个自然日"),
        (0, "W", "", "当场办结"),
        (4, "W", "不含公示", "4 个工作日（不含公示）"),
        (None, "W", "按批次", "按批次"),
        (None, "W", "", ""),
    ],
)
def test_a_limit_is_said_in_words(days: int | None, unit: str, note: str, text: str) -> None:
    assert limit_text(days, unit, note) == text


def test_a_service_that_moved_keeps_its_history(guide: GuidePage) -> None:
    LevelChange.objects.create(
        page=guide, change_kind="up", on=datetime.date(2010, 1, 1), from_level="社区", to_level="江苏路街道"
    )
    moved = LevelChange.objects.create(
        page=guide,
        change_kind="down",
        on=datetime.date(2017, 9, 30),
        from_level="江苏路街道",
        to_level="社区",
    )

    guide = factories.fresh(guide)

    assert guide.current_level == moved
    assert guide.level_changes.count() == 2


@pytest.mark.parametrize(
    ("fields", "available"),
    [
        ({}, True),
        ({"status": "suspended"}, False),
        ({"effective_on": datetime.date(2999, 1, 1)}, False),
        ({"cancel_on": datetime.date(2020, 1, 1)}, False),
        ({"cancel_on": datetime.date(2999, 1, 1)}, True),
    ],
)
def test_a_guide_says_whether_one_can_apply_today(fields: dict[str, Any], available: bool) -> None:
    assert GuidePage(**({"effective_on": datetime.date(2018, 1, 1)} | fields)).is_available is available


def test_a_guide_takes_its_address_from_its_code_or_name() -> None:
    assert factories.guide("残疾人护理补贴").slug == "can-ji-ren-hu-li-bu-tie"
    assert factories.guide("残疾人护理补贴").slug == "can-ji-ren-hu-li-bu-tie-2"
    assert factories.guide("低保", base_code="000111005000").slug == "000111005000"


def test_what_of_several_is_chosen_reads_in_the_order_of_its_code_list() -> None:
    codes = [code for code, _label in base_codes.choices("delivery")]
    guide = factories.guide(delivery=[*reversed(codes), "unknown"])

    assert guide.delivery_labels == [*map(partial(base_codes.label, "delivery"), codes), "unknown"]
