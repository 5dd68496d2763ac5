"""How spreadsheets are read: cells, headers, references, parts, editions; errors that a clerk understands."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
import tablib
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Page, Revision

from content_models.base.models import Topic
from content_models.base.resources import CodeResource, SheetRefused, TopicResource
from content_models.base.widgets import (
    ChoiceWidget,
    CodesWidget,
    CodeWidget,
    DateWidget,
    DigitsWidget,
    MomentWidget,
    MonthDayWidget,
    NumberWidget,
    RichTextWidget,
    TimeWidget,
    ValuesWidget,
    YesNoWidget,
    quantity,
)
from content_models.catalogue import KINDS
from content_models.communities.models import CommunityPage
from content_models.communities.resources import CommunityResource, HistoryResource
from content_models.guides.models import GuideChannel, GuidePage
from content_models.guides.resources import GuideResource, MaterialResource
from content_models.home.models import HomePage
from content_models.home.resources import ChannelResource, StreetResource
from content_models.policy_lists.models import ListChannel, ListEdition, PolicyListPage
from content_models.policy_lists.resources import PolicyEntryResource, PolicyListResource

DISTRICT, STREET = "999901000000", "999901001000"


def sheet(headers: str, *rows: tuple[Any, ...]) -> tablib.Dataset:
    return tablib.Dataset(*rows, headers=headers.split())


@pytest.fixture
def district(db: None) -> HomePage:
    """A district with a code and a channel of guides and one of lists."""
    home = HomePage.objects.get()
    home.region_code = DISTRICT
    home.save()
    Page.objects.get(pk=home.pk).add_child(instance=GuideChannel(title="办事指南", slug="guides"))
    Page.objects.get(pk=home.pk).add_child(instance=ListChannel(title="清单", slug="lists"))
    return home


# Cells


@pytest.mark.parametrize("text", ["是", "√", "■", " 是 ", "有", "Y", 1, True])
def test_yes_is_read_however_it_is_marked(text: Any) -> None:
    assert YesNoWidget().clean(text) is True


@pytest.mark.parametrize("text", ["否", "□", "口", "×", "无", "N", 0, False])
def test_no_is_read_however_it_is_marked(text: Any) -> None:
    assert YesNoWidget().clean(text) is False


def test_yes_and_no_are_written_in_chinese() -> None:
    assert [YesNoWidget().render(value) for value in (True, False, None)] == ["是", "否", ""]


def test_a_cell_that_is_neither_yes_nor_no_is_refused() -> None:
    with pytest.raises(ValueError, match="“也许”请写成“是”或“否”"):
        YesNoWidget().clean("也许")


@pytest.mark.parametrize(
    "text",
    [
        "2022-06-20",
        "2022.6.20",
        "2022/6/20",
        "2022年6月20日",
        "2022年6月20号",
        "２０２２－０６－２０",
        "20220620",
        "44732",
        44732,
        44732.0,
        "2022-06-20 00:00:00",
        datetime.date(2022, 6, 20),
        datetime.datetime(2022, 6, 20, 9, 30),  # noqa: DTZ001 - what a spreadsheet reader gives
    ],
)
def test_days_are_read_in_every_form(text: Any) -> None:
    assert DateWidget().clean(text) == datetime.date(2022, 6, 20)


@pytest.mark.parametrize("text", ["2022-06", "2022-13-01", "2022-02-30", "去年", "123"])
def test_what_is_no_whole_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        DateWidget().clean(text)


@given(st.dates())
def test_days_are_read_as_they_are_written(day: datetime.date) -> None:
    assert DateWidget().clean(DateWidget().render(day)) == day


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_numbers_are_read_as_they_are_written(number: Decimal) -> None:
    assert NumberWidget().clean(NumberWidget().render(number)) == number


@pytest.mark.parametrize(
    ("text", "number"), [("１２３", 123), ("13,200", 13200), ("20个工作日", 20), (4.0, 4), ("", None)]
)
def test_whole_numbers_are_read_as_people_write_them(text: Any, number: int | None) -> None:
    assert NumberWidget(is_whole=True, units=["个工作日"]).clean(text) == number


@pytest.mark.parametrize("text", ["四", "1.5", "12元", "1-2"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        NumberWidget(is_whole=True).clean(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("约1.5万人", ("约", Decimal("15000"), "人")),
        ("3000户", ("", Decimal("3000"), "户")),
        ("超过50", ("超过", Decimal("50"), "")),
        ("20万元", ("", Decimal("20"), "万元")),
    ],
)
def test_figures_carry_qualifier_and_unit(text: str, expected: tuple[str, Decimal, str]) -> None:
    assert quantity(text) == expected


def test_a_region_code_read_as_a_number_keeps_its_digits() -> None:
    assert DigitsWidget().clean(350203011001.0) == "350203011001"


@pytest.mark.parametrize("value", [4.4052418800101e17, "4.4052418800101e+17"])
def test_a_number_the_spreadsheet_has_rounded_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="“文本”格式"):
        DigitsWidget().clean(value)


@pytest.mark.parametrize(
    ("text", "time"), [("9:00", (9, 0)), ("09:30", (9, 30)), ("9点", (9, 0)), ("24:00", (0, 0))]
)
def test_times_are_read_as_people_write_them(text: str, time: tuple[int, int]) -> None:
    assert TimeWidget().clean(text) == datetime.time(*time)


def test_a_day_alone_is_the_moment_it_begins() -> None:
    assert MomentWidget().render(MomentWidget().clean("2026-12-31")) == "2026-12-31 00:00"


@pytest.mark.parametrize("text", ["05-01", "5-1", "5月1日"])
def test_days_of_any_year_are_read(text: str) -> None:
    assert MonthDayWidget().clean(text) == "05-01"


def test_choices_are_read_by_label_value_and_shortened_label() -> None:
    widget = ChoiceWidget([("two", "两委（党组织和居委会）"), ("three", "三驾马车")])

    assert [widget.clean(text) for text in ("两委（党组织和居委会）", "two", "两委")] == ["two"] * 3
    with pytest.raises(ValueError, match="“四”不在选项里。可填：两委"):
        widget.clean("四")


def test_codes_are_read_by_code_and_by_label(db: None) -> None:
    widget = CodeWidget("case_type")

    assert [widget.clean(text) for text in ("1", "即办件", " 即办件 ")] == ["1"] * 3
    assert widget.render("1") == "即办件"
    with pytest.raises(ValueError, match="“马上办”不在选项里。可填：即办件、承诺件"):
        widget.clean("马上办")


def test_several_codes_keep_a_label_with_a_mark_of_its_own(db: None) -> None:
    widget = CodesWidget("level", names={"镇街": "5"})

    assert widget.clean("镇街；村社区") == ["5", "6"]
    for chosen in ([], ["5"], ["5", "6"], ["1", "2", "3"]):
        assert widget.clean(widget.render(chosen)) == chosen


def test_a_new_label_of_a_code_is_read_at_once(db: None) -> None:
    CodeResource(code_list="metric").load(sheet("编码 名称 序号", ("ramps", "坡道数", "99")))

    assert CodeWidget("metric").clean("坡道数") == "ramps"


@given(st.lists(st.text("甲乙丙、，;a1 ", min_size=1).map(str.strip).filter(bool), unique=True))
def test_several_values_are_read_as_they_are_written(values: list[str]) -> None:
    kept = [value for value in values if value.strip("；")]
    widget = ValuesWidget()

    if len(kept) != 1 or "；" not in kept[0]:
        assert widget.clean(widget.render(kept)) == kept


def test_formatted_text_loses_what_could_do_harm() -> None:
    html = RichTextWidget().clean(
        '<p onclick="x()">好<script>alert(1)</script></p><a href="javascript:x">点</a>'
    )

    assert html == "<p>好</p><a>点</a>"


def test_plain_text_becomes_paragraphs() -> None:
    assert RichTextWidget().clean("一\n\n二") == "<p>一</p><p>二</p>"


# Headers


def test_headers_are_known_by_label_english_interface_and_everyday_name() -> None:
    headers = ["TASK_NAME", "咨询 电话", "promised_days", "办理条件", "谁都不认识"]

    assert GuideResource().match_headers(headers) == {
        "TASK_NAME": "事项名称",
        "咨询 电话": "咨询电话",
        "promised_days": "承诺时限",
        "办理条件": "受理条件",
    }


@pytest.mark.parametrize("name", sorted(KINDS))
def test_no_header_stands_for_two_columns(name: str) -> None:
    resource = KINDS[name].resource
    labels = [field.column_name for field in resource.fields.values()]

    assert len(labels) == len(set(labels))


# Records


def test_the_same_records_twice_change_nothing(db: None) -> None:
    first = TopicResource().load(sheet("编码 名称 序号", ("yanglao", "养老", "1")))
    second = TopicResource().load(sheet("编码 名称 序号", ("yanglao", "养老", "1")))

    assert (first.totals["new"], second.totals["skip"]) == (1, 1)
    assert Topic.objects.get(slug="yanglao").name == "养老"


def test_a_missing_column_is_named(db: None) -> None:
    with pytest.raises(SheetRefused) as refused:
        TopicResource().load(sheet("名称", ("养老",)))

    assert "“编码”：新增内容要有这一列" in refused.value.messages[0]


# Pages


def guides(*rows: tuple[Any, ...]) -> tablib.Dataset:
    return sheet("网址名 区划代码 事项名称 办件类型 承诺时限 是否收费", *rows)


def materials(*rows: tuple[Any, ...]) -> tablib.Dataset:
    return sheet("指南 序号 材料名称 必要性 原件份数", *rows)


def test_a_new_guide_is_a_draft_below_its_regions_channel(district: HomePage) -> None:
    resource = GuideResource()
    resource.load(guides(("dibao", DISTRICT, "低保", "承诺件", "20", "否")))

    guide = GuidePage.objects.get(slug="dibao")
    assert (guide.live, guide.case_type, guide.promised_days) == (False, "2", 20)
    assert guide.get_parent().slug == "guides"
    assert Revision.objects.for_instance(guide).count() == 1


def test_materials_come_with_their_guide_in_one_revision(district: HomePage) -> None:
    rows = materials(("dibao", "2", "户口簿", "必要", "1"), ("dibao", "1", "身份证", "免提交", "0"))

    GuideResource().load(guides(("dibao", DISTRICT, "低保", "承诺件", "20", "否")), parts={"materials": rows})

    guide = GuidePage.objects.get(slug="dibao")
    assert [(row.name, row.necessity) for row in guide.materials.all()] == [("身份证", "4"), ("户口簿", "1")]
    assert Revision.objects.for_instance(guide).count() == 1


def test_the_same_guides_twice_change_nothing(district: HomePage) -> None:
    for _time in range(2):
        resource = GuideResource()
        resource.load(
            guides(("dibao", DISTRICT, "低保", "承诺件", "20", "否")),
            parts={"materials": materials(("dibao", "1", "身份证", "必要", "1"))},
        )

    assert resource.saved == []
    assert Revision.objects.for_instance(GuidePage.objects.get()).count() == 1


def test_a_changed_cell_is_told_with_old_and_new_and_waits_as_a_draft(district: HomePage) -> None:
    GuideResource().load(guides(("dibao", DISTRICT, "低保", "承诺件", "20", "否")))
    resource = GuideResource()

    resource.load(guides(("dibao", DISTRICT, "低保", "承诺件", "15", "否")))

    assert resource.changes == {"承诺时限": ("20", "15")}
    assert GuidePage.objects.get().get_latest_revision_as_object().promised_days == 15


def test_columns_that_a_file_lacks_are_left_alone(district: HomePage) -> None:
    GuideResource().load(guides(("dibao", DISTRICT, "低保", "承诺件", "20", "否")))

    GuideResource().load(sheet("网址名 区划代码 咨询电话", ("dibao", DISTRICT, "12345")))

    guide = GuidePage.objects.get().get_latest_revision_as_object()
    assert (guide.title, guide.consult_phone, guide.promised_days) == ("低保", "12345", 20)


def test_a_material_keeps_its_identity_when_another_is_added(district: HomePage) -> None:
    row = ("dibao", DISTRICT, "低保", "承诺件", "20", "否")
    GuideResource().load(guides(row), parts={"materials": materials(("dibao", "1", "身份证", "必要", "1"))})
    before = GuidePage.objects.get().materials.get().pk

    two = materials(("dibao", "1", "户口簿", "必要", "1"), ("dibao", "2", "身份证", "必要", "1"))
    GuideResource().load(guides(row), parts={"materials": two})

    found = GuidePage.objects.get().get_latest_revision_as_object().materials.all()
    assert [(part.name, part.pk == before) for part in found] == [("户口簿", False), ("身份证", True)]


def test_errors_name_sheet_row_and_column_all_at_once(district: HomePage) -> None:
    bad = guides(
        ("dibao", DISTRICT, "低保", "马上办", "二十", "也许"),
        ("jiuzhu", "000000000000", "救助", "1", "3", "否"),
    )

    with pytest.raises(SheetRefused) as refused:
        GuideResource().load(bad, parts={"materials": materials(("dibao", "1", "", "随便", "1"))})

    assert [(problem.sheet, problem.row, problem.column) for problem in refused.value.problems] == [
        ("办事指南", 2, "办件类型"),
        ("办事指南", 2, "承诺时限"),
        ("办事指南", 2, "是否收费"),
        ("申请材料", 2, "材料名称"),
        ("申请材料", 2, "必要性"),
        ("办事指南", 3, ""),
    ]
    assert "第 2 行“办件类型”：“马上办”不在选项里" in refused.value.messages[0]
    assert not GuidePage.objects.exists()


def test_parts_of_a_guide_that_is_not_in_the_file_are_refused(district: HomePage) -> None:
    rows = materials(("dibao", "1", "身份证", "必要", "1"), ("meiyou", "1", "户口簿", "必要", "1"))

    with pytest.raises(SheetRefused, match="“meiyou”"):
        GuideResource().load(guides(("dibao", DISTRICT, "低保", "2", "20", "否")), parts={"materials": rows})

    assert not GuidePage.objects.exists()


def test_the_same_part_twice_names_both_lines(district: HomePage) -> None:
    rows = materials(("dibao", "1", "身份证", "必要", "1"), ("dibao", "2", "身份证", "必要", "1"))

    with pytest.raises(SheetRefused) as refused:
        GuideResource().load(guides(("dibao", DISTRICT, "低保", "2", "20", "否")), parts={"materials": rows})

    assert "第 3 行" in refused.value.messages[0]
    assert "与第 2 行重复" in refused.value.messages[0]


def test_texts_that_are_too_long_are_refused_by_the_models_rules(district: HomePage) -> None:
    with pytest.raises(SheetRefused, match="事项名称"):
        GuideResource().load(guides(("dibao", DISTRICT, "长" * 256, "2", "20", "否")))


def test_a_guide_is_found_by_its_title_where_a_file_has_no_addresses(district: HomePage) -> None:
    GuideResource().load(guides(("dibao", DISTRICT, "低保", "2", "20", "否")))

    resource = GuideResource()
    resource.load(sheet("区划代码 事项名称 承诺时限", (DISTRICT, "低保", "10个工作日")))

    assert [page.slug for page in resource.saved] == ["dibao"]


def test_regions_and_channels_are_made_from_the_top_down(district: HomePage) -> None:
    StreetResource().load(
        sheet("区划代码 上级区划代码 名称 网址名", (STREET, DISTRICT, "江苏路街道", "jiangsulu"))
    )
    communities = sheet("区划代码 上级区划代码 名称 城乡类型", ("999901001001", STREET, "甲社区", "城市"))
    CommunityResource().load(communities)
    ChannelResource().load(sheet("区划代码 类型 网址名 标题", (STREET, "通知公告", "notices", "公告")))

    community = CommunityPage.objects.get()
    assert (community.get_parent().title, community.slug) == ("江苏路街道", "jia-she-qu")
    assert CommunityResource().export(CommunityPage.objects.all()).dict[0]["上级区划代码"] == STREET


def test_a_split_is_told_by_both_sides(district: HomePage) -> None:
    StreetResource().load(sheet("区划代码 上级区划代码 名称", (STREET, DISTRICT, "江苏路街道")))
    codes_and_names = [(f"99990100100{number}", STREET, f"{number}号社区") for number in (1, 2, 3)]
    communities = sheet("区划代码 上级区划代码 名称", *codes_and_names)
    CommunityResource().load(communities)
    events = sheet(
        "日期 类型 原区划代码 新区划代码",
        ("2021-12-31", "拆分", "999901001001", "999901001002；999901001003"),
    )

    groups = HistoryResource().grouped(events)
    CommunityResource().load(communities, parts={"history": events})

    assert {code: [row["变动"] for _number, row in rows] for code, rows in groups.items()} == {
        "999901001001": ["拆分为", "拆分为"],
        "999901001002": ["拆分自"],
        "999901001003": ["拆分自"],
    }
    old = CommunityPage.objects.get(region_code="999901001001").get_latest_revision_as_object()
    assert [event.other.title for event in old.successors] == ["2号社区", "3号社区"]


def test_sheets_know_what_a_template_says_of_a_column() -> None:
    field = MaterialResource().fields["necessity"]

    assert (field.title, field.example, "IS_NEED" in field.aliases) == ("必要性", "必要", True)


# Editions


@pytest.fixture
def edition(district: HomePage) -> ListEdition:
    """A draft edition of a list with the columns of its type."""
    lists = sheet("网址名 区划代码 标题 清单类型", ("lvzhi", DISTRICT, "履职清单", "基本履职事项清单"))
    PolicyListResource().load(lists)
    draft = ListEdition(owner=PolicyListPage.objects.get(), title="2026版")
    draft.save()
    return draft


def test_entries_have_the_columns_of_their_list(edition: ListEdition) -> None:
    rows = sheet("编号 序号 类别 事项名称", ("01", "１", "民生", "甲"), ("02", "2", "民生", "乙"))

    PolicyEntryResource(edition).load(rows)

    assert [(row.key, row.title, row.order) for row in edition.rows.all()] == [
        ("01", "甲", 1),
        ("02", "乙", 2),
    ]
    assert not PolicyEntryResource(edition).differs(rows)


def test_a_whole_sheet_is_the_whole_edition(edition: ListEdition) -> None:
    first = sheet("编号 序号 类别 事项名称", ("01", "1", "民生", "甲"), ("02", "2", "民生", "乙"))
    PolicyEntryResource(edition).load(first)

    PolicyEntryResource(edition).load(sheet("编号 序号 类别 事项名称", ("02", "1", "民生", "乙改")))

    assert [(row.key, row.title) for row in edition.rows.all()] == [("02", "乙改")]


def test_entries_without_keys_are_recognised_by_their_name(edition: ListEdition) -> None:
    rows = sheet("序号 类别 事项名称", ("1", "民生", "养老服务"), ("2", "民生", "养老服务"))
    PolicyEntryResource(edition).load(rows)

    assert [row.key for row in edition.rows.all()] == ["yang-lao-fu-wu", "yang-lao-fu-wu-2"]
    assert not PolicyEntryResource(edition).differs(sheet("序号 类别 事项名称", *rows))


def test_entries_that_do_not_fit_their_columns_are_all_named(edition: ListEdition) -> None:
    rows = sheet("编号 序号 类别 事项名称", ("01", "一", "民生", "甲"), ("01", "2", "民生", ""))

    with pytest.raises(SheetRefused) as refused:
        PolicyEntryResource(edition).load(rows)

    places = [(problem.row, problem.column) for problem in refused.value.problems]
    assert places == [(2, "序号"), (3, "事项名称"), (3, "编号")]
    assert not edition.rows.exists()
