"""What editors are told to mend in a guide: one table, a rule a line."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content_models.base.widgets import plain_text
from content_models.guides.models import Fee, LegalBasis, Material, Step
from quality.guide_rules import (
    FeeFacts,
    GuideFacts,
    MaterialFacts,
    StepFacts,
    check,
    completeness,
    lacks_area_code,
    of_page,
)
from quality.text_rules import catch_alls, is_vague
from tests import factories

WHOLE = GuideFacts(
    title="老年人优待证办理",
    department="区民政局",
    item_type="6",
    service_objects=("1",),
    topics=("养老",),
    audiences=("老年人",),
    legal_basis=("优化营商环境条例",),
    conditions="年满60周岁。\n户口在本区。",
    case_type="2",
    legal_days=24,
    promised_days=4,
    materials=(MaterialFacts("居民身份证", has_form=True),),
    steps=(StepFacts("受理"), StepFacts("审核")),
    handle_forms=("1", "2"),
    visits=1,
    visit_reason="要当面核对本人身份",
    online_url="https://fuwu.example.cn/",
    online_depth=("1", "2"),
    offices=("江苏路社区党群服务中心",),
    has_hours=True,
    result_type="1",
    result_name="老年人优待证",
    has_result_sample=True,
    delivery=("1",),
    consult_phone="0592-2020001",
    complaint_phone="12345",
)


def test_a_whole_guide_has_nothing_to_mend() -> None:
    assert check(WHOLE) == []
    assert completeness(WHOLE).percent == 100


@pytest.mark.parametrize(
    ("change", "rule", "field"),
    [
        ({"promised_days": 0}, 1, "case_type"),
        ({"case_type": "1"}, 1, "promised_days"),
        ({"result_type": "3"}, 2, "result_type"),
        ({"result_type": ""}, 2, "result_type"),
        ({"visit_reason": ""}, 3, "visit_reason"),
        ({"visit_reason": "无"}, 3, "visit_reason"),
        ({"visits": 0}, 3, "visit_reason"),
        (
            {"visits": 0, "visit_reason": "无", "handle_forms": ("4",), "online_url": ""},
            4,
            "has_express",
        ),
        ({"online_depth": ("1", "5")}, 5, "visits"),
        ({"handle_forms": ("2",)}, 5, "visits"),
        ({"has_online_payment": True}, 6, "has_online_payment"),
        ({"fees": (FeeFacts("工本费", "5元", "价目表"),)}, 6, "is_charged"),
        ({"is_charged": True, "fees": (FeeFacts("工本费", "5元"),)}, 6, "fees"),
        ({"consult_phone": "2020001"}, 7, "consult_phone"),
        ({"complaint_phone": "8888 1234"}, 7, "complaint_phone"),
        ({"complaint_phone": "05922020001"}, 7, "complaint_phone"),
        ({"service_objects": ("2", "3")}, 8, "service_objects"),
        ({"audiences": (), "topics": ("企业开办",)}, 8, "service_objects"),
        ({"item_type": "1", "faqs": ("能代办吗？",)}, 9, "steps"),
        ({"item_type": "1", "steps": (StepFacts("受理"),) * 5}, 9, "faqs"),
        ({"has_result_sample": False}, 10, "result_sample"),
        ({"promised_days": 25, "legal_unit": "N"}, 11, "promised_days"),
        ({"conditions": "符合相关规定的条件。"}, 12, "conditions"),
        ({"conditions": "年满60周岁。\n法律、法规规定的其他条件。"}, 12, "conditions"),
        ({"promised_note": "另行通知"}, 12, "promised_note"),
        ({"materials": (MaterialFacts("其他相关材料"),)}, 12, "materials"),
        ({"materials": (MaterialFacts("户口簿", accept_standard="按规定"),)}, 12, "materials"),
        ({"steps": (StepFacts("受理", "详见附件"),)}, 12, "steps"),
        ({"legal_basis": ("国家有关规定",)}, 12, "legal_basis"),
        ({"is_charged": True, "fees": (FeeFacts("工本费", "按规定收取", "价目表"),)}, 12, "fees"),
    ],
)
def test_each_rule_names_the_field_to_mend(change: dict[str, Any], rule: int, field: str) -> None:
    [finding] = check(replace(WHOLE, **change))

    assert (finding.rule, finding.field, finding.level) == (rule, field, "warning")
    assert finding.message.endswith("。")


@pytest.mark.parametrize(
    "change",
    [
        {"promised_days": 0, "case_type": "1"},
        {"visits": None, "visit_reason": ""},
        {"visits": 0, "visit_reason": "无"},
        {"visits": 0, "visit_reason": "无", "online_url": "", "handle_forms": ("1",), "has_express": True},
        {"visits": 0, "visit_reason": "无", "online_depth": ("5",)},
        {"is_charged": True, "has_online_payment": True, "fees": (FeeFacts("工本费", "5元", "价目表"),)},
        {"result_name": "无", "has_result_sample": False, "result_type": ""},
        {"promised_days": 30, "promised_unit": "N"},
        {"item_type": "1", "faqs": ("能代办吗？",), "steps": (StepFacts("受理"),) * 5},
        {"service_objects": ("1", "2"), "topics": ("养老", "企业开办")},
    ],
)
def test_what_keeps_the_rules_is_not_mentioned(change: dict[str, Any]) -> None:
    assert check(replace(WHOLE, **change)) == []


@pytest.mark.parametrize(
    "phone", ["12345", "110", "95588", "96301", "400-123-4567", "13812345678", "0592-2020001"]
)
@pytest.mark.parametrize("frame", ["{}", "{}转8001", "工作日：{}", "（0592）2020001、{}"])
def test_short_codes_mobiles_and_whole_numbers_need_no_area_code(phone: str, frame: str) -> None:
    assert not lacks_area_code(frame.format(phone))


def test_a_refused_certificate_is_told_in_the_guides_own_words() -> None:
    [finding] = check(replace(WHOLE, materials=(MaterialFacts("健在证明", refusals=("请去掉它。",)),)))

    assert (finding.rule, finding.message, finding.level) == (13, "请去掉它。", "error")


def test_an_empty_guide_lacks_nearly_everything() -> None:
    told = completeness(GuideFacts(title="老年证"))

    assert (told.present, told.total) == (3, 14)
    assert told.missing[0] == "实施主体"
    assert "事项名称" not in told.missing


@given(st.builds(GuideFacts, title=st.text(max_size=20), conditions=st.text(max_size=60)))
def test_any_words_can_be_checked(guide: GuideFacts) -> None:
    assert all(finding.rule in range(1, 14) for finding in check(guide))


# Wording


@pytest.mark.parametrize(
    "text",
    [
        "按规定",
        "符合条件",
        "相关材料",
        "详见附件。",
        "另行通知",
        "待定",
        "其他证明材料",
        "（依据有关法律法规规定）",
        "根据实际情况而定",
    ],
)
def test_words_that_say_nothing_are_vague(text: str) -> None:
    assert is_vague(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "无",
        "居民身份证",
        "证明材料",
        "提交材料",
        "见门口公告栏",
        "残疾人证",
        "户口簿，首页和本人页",
        "按手印",
        "示例证明 01",
    ],
)
def test_words_that_say_something_are_not(text: str) -> None:
    assert not is_vague(text)


@pytest.mark.parametrize(
    "text",
    [
        "法律、法规规定的其他条件",
        "国家政策规定的其他情形",
        "有关部门要求的其他材料",
        "审批部门认为需要提供的其他文件",
        "其他相关证明",
    ],
)
def test_catch_alls_are_found_among_real_words(text: str) -> None:
    assert len(catch_alls(f"年满60周岁。{text}；户口在本区。")) == 1


def test_html_becomes_lines() -> None:
    assert plain_text("<p>甲 &amp; 乙</p><ul><li>丙</li><li>丁</li></ul>").split() == [
        "甲",
        "&",
        "乙",
        "丙",
        "丁",
    ]


# A guide page


@pytest.mark.django_db
def test_a_page_is_read_whole() -> None:
    factories.certificate("健在证明", instead=["户口簿"])
    guide = factories.guide(
        materials=[Material(name="健在证明"), Material(name="身份证", fill_note="待定")],
        topics=[factories.topic("养老")],
        audiences=[factories.audience("老年人")],
        visits=1,
        live=False,
    )

    facts = of_page(guide)

    assert (facts.title, facts.department, facts.topics) == ("残疾人护理补贴", "区民政局", ("养老",))
    assert (facts.conditions, facts.has_hours, facts.audiences) == (
        "持有残疾人证的本区居民。",
        True,
        ("老年人",),
    )
    assert [(finding.rule, finding.field) for finding in check(facts)] == [
        (3, "visit_reason"),
        (12, "materials"),
        (13, "materials"),
    ]
    assert completeness(facts).missing == ("结果送达方式", "表格下载")


@pytest.mark.django_db
def test_a_draft_is_read_as_it_was_typed() -> None:
    guide = factories.guide()
    guide.conditions, guide.visits = "<p>按规定</p>", 2
    guide.steps = [Step(name="受理", standard="详见附件")]
    guide.fees = [Fee(name="工本费", standard="5元", basis="价目表")]
    guide.legal_basis = [LegalBasis(law="待定")]
    guide.save_revision(clean=False)

    found = check(of_page(guide.get_latest_revision_as_object()))

    assert [finding.rule for finding in found] == [3, 6, 12, 12, 12]
