"""What editors are told to mend in a guide: one table, a rule a line."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content_models.base.checks import Finding
from content_models.base.widgets import plain_text
from content_models.guides.models import Fee, LegalBasis, Material, Step
from quality.guide_rules import (
    FeeFacts,
    GuideFacts,
    MaterialFacts,
    StepFacts,
    completeness,
    lacks_area_code,
    of_guide,
    of_page,
)
from quality.models import WordList
from quality.review import CHECKS, review
from quality.text_rules import catch_alls, is_vague
from tests import factories

pytestmark = pytest.mark.django_db

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


STOPPING = {"charges", "phones-differ", "limits", "vague"}


def asked(guide: GuideFacts) -> list[Finding]:
    """What the rules for guides find, as the review tells it."""
    return [
        replace(finding, rule=rule.code, level=rule.level)
        for rule in CHECKS.values()
        if rule.of is of_guide
        for finding in rule.ask(guide)
    ]


def test_a_whole_guide_has_nothing_to_mend() -> None:
    assert asked(WHOLE) == []
    assert completeness(WHOLE).percent == 100


@pytest.mark.parametrize(
    ("change", "rule", "field"),
    [
        ({"promised_days": 0}, "instant", "case_type"),
        ({"case_type": "1"}, "instant", "promised_days"),
        ({"result_type": "3"}, "certificate-result", "result_type"),
        ({"result_type": ""}, "certificate-result", "result_type"),
        ({"visit_reason": ""}, "visit-reason", "visit_reason"),
        ({"visit_reason": "无"}, "visit-reason", "visit_reason"),
        ({"visits": 0}, "visit-reason", "visit_reason"),
        (
            {"visits": 0, "visit_reason": "无", "handle_forms": ("4",), "online_url": ""},
            "express",
            "has_express",
        ),
        ({"online_depth": ("1", "5")}, "wholly-online", "visits"),
        ({"handle_forms": ("2",)}, "wholly-online", "visits"),
        ({"has_online_payment": True}, "charges", "has_online_payment"),
        ({"fees": (FeeFacts("工本费", "5元", "价目表"),)}, "charges", "is_charged"),
        ({"is_charged": True, "fees": (FeeFacts("工本费", "5元"),)}, "charges", "fees.basis"),
        ({"consult_phone": "2020001"}, "area-code", "consult_phone"),
        ({"complaint_phone": "8888 1234"}, "area-code", "complaint_phone"),
        ({"complaint_phone": "05922020001"}, "phones-differ", "complaint_phone"),
        ({"service_objects": ("2", "3")}, "objects-topics", "service_objects"),
        ({"audiences": (), "topics": ("企业开办",)}, "objects-topics", "service_objects"),
        ({"item_type": "1", "faqs": ("能代办吗？",)}, "licence", "steps"),
        ({"item_type": "1", "steps": (StepFacts("受理"),) * 5}, "licence", "faqs"),
        ({"has_result_sample": False}, "result-sample", "result_sample"),
        ({"promised_days": 25, "legal_unit": "N"}, "limits", "promised_days"),
        ({"conditions": "符合相关规定的条件。"}, "vague", "conditions"),
        ({"conditions": "年满60周岁。\n法律、法规规定的其他条件。"}, "catch-all", "conditions"),
        ({"promised_note": "另行通知"}, "vague", "promised_note"),
        ({"materials": (MaterialFacts("其他相关材料"),)}, "vague", "materials.name"),
        (
            {"materials": (MaterialFacts("户口簿", accept_standard="按规定"),)},
            "vague",
            "materials.accept_standard",
        ),
        ({"steps": (StepFacts("受理", "详见附件"),)}, "vague", "steps.standard"),
        ({"legal_basis": ("国家有关规定",)}, "vague", "legal_basis.law"),
        (
            {"is_charged": True, "fees": (FeeFacts("工本费", "按规定收取", "价目表"),)},
            "vague",
            "fees.standard",
        ),
    ],
)
def test_each_rule_names_the_field_to_mend(change: dict[str, Any], rule: str, field: str) -> None:
    [finding] = asked(replace(WHOLE, **change))

    assert (finding.rule, finding.field) == (f"guide-{rule}", field)
    assert finding.level == ("error" if rule in STOPPING else "warning")
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
    assert asked(replace(WHOLE, **change)) == []


@pytest.mark.parametrize(
    "phone", ["12345", "110", "95588", "96301", "400-123-4567", "13812345678", "0592-2020001"]
)
@pytest.mark.parametrize("frame", ["{}", "{}转8001", "工作日：{}", "（0592）2020001、{}"])
def test_short_codes_mobiles_and_whole_numbers_need_no_area_code(phone: str, frame: str) -> None:
    assert not lacks_area_code(frame.format(phone))


def test_an_empty_guide_lacks_nearly_everything() -> None:
    told = completeness(GuideFacts(title="老年证"))

    assert (told.present, told.total) == (3, 14)
    assert told.missing[0] == "实施主体"
    assert "事项名称" not in told.missing


@given(st.builds(GuideFacts, title=st.text(max_size=20), conditions=st.text(max_size=60)))
def test_any_words_can_be_checked(guide: GuideFacts) -> None:
    assert all(finding.message.endswith("。") for finding in asked(guide))


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


def change_words(code: str, words: Any) -> None:
    WordList.objects.create(code=code, words=words)


def test_editors_words_count_instead_of_the_programs_own() -> None:
    change_words("empty-words", ["按", "老规矩"])
    change_words("catch-alls", ["等等材料"])
    change_words("allowed-catch-alls", ["认为需要提供"])

    assert is_vague("按老规矩")
    assert not is_vague("按规定")
    assert catch_alls("户口簿、身份证等等材料") == ["等等材料"]
    assert catch_alls("审批部门认为需要提供的其他文件") == []


def test_words_that_hold_one_another_cost_no_time() -> None:
    change_words("empty-words", ["a", "aa", "aaa"])

    assert not is_vague("a" * 5000 + "b")


def test_html_becomes_lines() -> None:
    assert plain_text("<p>甲 &amp; 乙</p><ul><li>丙</li><li>丁</li></ul>").split() == [
        "甲",
        "&",
        "乙",
        "丙",
        "丁",
    ]


# A guide page


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
    assert {(finding.rule, finding.field, finding.row) for finding in review(guide)} == {
        ("guide-refused-certificate", "materials.name", 0),
        ("guide-visit-reason", "visit_reason", None),
        ("guide-vague", "materials.fill_note", 1),
    }
    assert completeness(facts).missing == ("结果送达方式", "表格下载")


def test_a_draft_is_read_as_it_was_typed() -> None:
    guide = factories.guide()
    guide.conditions, guide.visits = "<p>按规定</p>", 2
    guide.steps = [Step(name="受理", standard="详见附件")]
    guide.fees = [Fee(name="工本费", standard="5元", basis="价目表")]
    guide.legal_basis = [LegalBasis(law="待定")]
    guide.save_revision(clean=False)

    found = review(guide.get_latest_revision_as_object())

    rules = ["guide-visit-reason", "guide-charges", "guide-vague", "guide-vague", "guide-vague"]
    assert [finding.rule for finding in found] == rules
