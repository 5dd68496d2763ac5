"""Guides, notices, communities and offices imported from a file: checked, shown, confirmed, undone."""

from typing import Any

import pytest
from wagtail.models import Page

from content_models.guides.models import GuideChannel, GuidePage, Material
from content_models.home.models import HomePage
from content_models.notices.models import NoticeChannel, NoticePage
from content_models.places.models import OfficePage
from imports import runs
from imports.kinds import lane_of
from imports.lanes import NotNow
from imports.reading import workbook
from publishing.models import OutboxEntry
from publishing.publish import publish
from quality.models import RuleSetting
from tests import factories
from tests.imports.make_fixtures import FOLDER
from tests.imports.walk import checked, exported, problems, statuses

pytestmark = pytest.mark.django_db

NOTICES = "网址名,标题,类型,正文,发布单位,信息来源\n"
TING = "ting,停水,通知,明日停水,区水务局,区水务局\n"


@pytest.fixture
def home() -> HomePage:
    return factories.home()


@pytest.fixture
def channel(home: HomePage) -> NoticeChannel:
    return factories.channel(NoticeChannel, home)


@pytest.fixture
def notice(channel: NoticeChannel) -> NoticePage:
    page = factories.notice("停电", slug="dian", live=False)
    page.save_revision(clean=False)
    return publish(page)


@pytest.fixture
def editor(home: HomePage) -> Any:
    return factories.user("district_editor", home)


def now(slug: str) -> Any:
    return Page.objects.get(slug=slug).specific


def test_rows_are_new_changed_same_or_missing(notice: NoticePage, channel: Any, editor: Any) -> None:
    factories.notice("旧闻", slug="jiu")
    row = "dian,停电,通知,<p>明日 9 时至 17 时停水。</p>,区民政局,区民政局\n"

    run = checked("notices", NOTICES + TING + row, by=editor, into=channel)

    assert run.state == "checked", run.message
    assert (run.counts, run.result["missing"]) == (
        {"new": 1, "same": 1, "missing": 1, "skipped": 0},
        ["旧闻"],
    )
    assert not NoticePage.objects.filter(slug="ting").exists()


def test_a_changed_row_shows_old_and_new(notice: NoticePage, channel: Any, editor: Any) -> None:
    run = checked("notices", "网址名,标题,类型\ndian,停电改期,公告\n", by=editor, into=channel)

    row = lane_of(run).shown(list(run.rows.all()))[0]

    assert (row.row.status, row.label) == ("changed", "停电改期")
    changed = {cell.column: (cell.old, cell.text) for cell in row.cells if cell.is_changed}
    assert changed["标题"] == ("停电", "停电改期")


def test_a_check_leaves_nothing_behind_on_the_site(notice: NoticePage, channel: Any, editor: Any) -> None:
    before = (NoticePage.objects.count(), now("dian").revisions.count(), OutboxEntry.objects.count())

    checked("notices", NOTICES + TING + "dian,改了,通知,,,\n", by=editor, into=channel)

    assert (NoticePage.objects.count(), now("dian").revisions.count(), OutboxEntry.objects.count()) == before


def test_confirmed_as_drafts_nothing_is_public_yet(notice: NoticePage, channel: Any, editor: Any) -> None:
    run = checked("notices", NOTICES + TING + "dian,停电改期,通知,x,甲,甲\n", by=editor, into=channel)

    run = runs.confirm(run, by=editor)

    assert run.result["confirm"]["counts"] == {"created": 1, "changed": 1}
    assert (now("ting").live, now("ting").get_parent().pk) == (False, channel.pk)
    assert (now("dian").live, now("dian").title) == (True, "停电")
    assert now("dian").get_latest_revision_as_object().title == "停电改期"


def test_published_and_undone_everything_is_as_before(notice: NoticePage, channel: Any, editor: Any) -> None:
    old = factories.notice("旧闻", slug="jiu")
    text = NOTICES + TING + "dian,停电改期,通知,x,甲,甲\n"
    run = checked("notices", text, by=editor, into=channel, outcome="publish", missing="retire")

    run = runs.confirm(run, by=editor)

    assert run.result["confirm"]["counts"] == {"created": 1, "changed": 1, "retired": 1}
    assert (now("ting").live, now("dian").title, now("jiu").live) == (True, "停电改期", False)
    assert runs.confirm(run, by=editor).confirmed_at == run.confirmed_at

    run = runs.undo(run, by=editor)

    assert run.state == "undone", run.result
    assert not Page.objects.filter(slug="ting").exists()
    assert (now("dian").live, now("dian").title, factories.fresh(old).live) == (True, "停电", True)
    assert now("dian").get_latest_revision_as_object().title == "停电"


def test_a_draft_that_was_there_before_is_a_draft_again(
    notice: NoticePage, channel: Any, editor: Any
) -> None:
    page = now("dian")
    page.title = "草稿"
    page.save_revision()
    text = "网址名,标题\ndian,导入\n"
    run = runs.confirm(checked("notices", text, by=editor, into=channel, outcome="publish"), by=editor)
    assert now("dian").title == "导入"

    runs.undo(run, by=editor)

    assert now("dian").title == "停电"
    assert now("dian").get_latest_revision_as_object().title == "草稿"


def test_a_draft_that_the_run_published_is_taken_back(channel: Any, editor: Any) -> None:
    page = factories.notice("停电", slug="dian", live=False)
    page.save_revision(clean=False)
    run = checked("notices", "网址名,标题\ndian,导入\n", by=editor, into=channel, outcome="publish")
    run = runs.confirm(run, by=editor)
    assert now("dian").live

    runs.undo(run, by=editor)

    assert not now("dian").live
    assert now("dian").get_latest_revision_as_object().title == "停电"


def test_handed_in_pages_wait_for_review(channel: Any, editor: Any) -> None:
    run = checked("notices", NOTICES + TING, by=editor, into=channel, outcome="review")

    run = runs.confirm(run, by=editor)
    assert now("ting").workflow_in_progress

    runs.undo(run, by=editor)
    assert not Page.objects.filter(slug="ting").exists()


def test_what_may_not_go_public_stays_a_draft_and_says_why(channel: Any, editor: Any) -> None:
    RuleSetting.objects.create(code="unpaired-marks", level="error")
    text = NOTICES + TING + "zhao,找人,通知,依照《办法办理,区水务局,区水务局\n"
    run = runs.confirm(checked("notices", text, by=editor, into=channel, outcome="review"), by=editor)

    assert now("ting").workflow_in_progress
    assert not now("zhao").workflow_in_progress
    [left] = run.result["confirm"]["left"]
    assert left.startswith("“找人”还不能提交审核，存为草稿：")


def test_undo_leaves_what_somebody_changed_since(notice: NoticePage, channel: Any, editor: Any) -> None:
    text = NOTICES + TING + "dian,停电改期,通知,x,甲,甲\n"
    run = runs.confirm(checked("notices", text, by=editor, into=channel), by=editor)
    page = now("dian").get_latest_revision_as_object()
    page.title = "别人的"
    page.save_revision()

    run = runs.undo(run, by=editor)

    assert run.state == "done"
    assert run.result["undo"]["left"] == ["“停电改期”导入之后有人改过，没有撤销。"]
    assert now("dian").get_latest_revision_as_object().title == "别人的"
    assert not Page.objects.filter(slug="ting").exists()


def test_nothing_is_overwritten_that_others_changed_since(
    notice: NoticePage, channel: Any, editor: Any
) -> None:
    run = checked("notices", "网址名,标题\ndian,导入\n", by=editor, into=channel)
    page = now("dian")
    page.title = "别人的"
    page.save_revision()

    with pytest.raises(NotNow, match="被别人改过"):
        runs.confirm(run, by=editor)

    assert now("dian").get_latest_revision_as_object().title == "别人的"


def test_a_page_made_meanwhile_is_a_conflict(channel: Any, editor: Any) -> None:
    run = checked("notices", NOTICES + TING, by=editor, into=channel)
    factories.notice("别人的", slug="ting")

    with pytest.raises(NotNow, match="被别人改过"):
        runs.confirm(run, by=editor)


def test_only_sound_rows_are_taken_over(channel: Any, editor: Any) -> None:
    text = NOTICES + TING + "huai,坏,没有的类型,x,甲,甲\n"
    run = checked("notices", text, by=editor, into=channel)
    with pytest.raises(NotNow, match="1 行有错误"):
        runs.confirm(run, by=editor)

    run.accept = "sound"
    run.save()
    runs.confirm(run, by=editor)

    assert set(NoticePage.objects.values_list("slug", flat=True)) == {"ting"}


def test_what_may_not_go_public_stops_a_publish(channel: Any, editor: Any) -> None:
    run = checked("notices", "网址名,标题\nting,停水\n", by=editor, into=channel, outcome="publish")

    with pytest.raises(NotNow, match="“停水”还不能发布"):
        runs.confirm(run, by=editor)
    assert not NoticePage.objects.exists()

    run.accept = "sound"
    run.save()
    run = runs.confirm(run, by=editor)
    assert not now("ting").live
    assert "还不能发布" in run.result["confirm"]["left"][0]


def test_damaged_cells_are_refused_whatever_the_column(channel: Any, editor: Any) -> None:
    rows: list[Any] = [
        ["网址名", "标题", "作者", "正文"],
        ["a", "甲", 4.4052418800101e17, "x"],
        ["b", "乙\u202e", "", "x"],
    ]

    run = checked("notices", {"通知公告": rows}, by=editor, into=channel)

    found = problems(run)
    assert [(line, column) for _part, line, column, _message in found] == [(2, "作者"), (3, "标题")]
    assert "近似数" in found[0][3]
    assert "看不见" in found[1][3]


def test_a_row_without_a_title_is_not_called_by_what_a_computer_calls_it(channel: Any, editor: Any) -> None:
    run = checked("notices", "网址名,标题,类型\ndaoru-4,,公告\n", by=editor, into=channel)

    [row] = lane_of(run).shown(list(run.rows.all()))

    assert row.label == "（没有名称）"


def test_the_same_page_twice_names_both_lines(channel: Any, editor: Any) -> None:
    run = checked("notices", NOTICES + TING + TING, by=editor, into=channel)

    assert [message for *_rest, message in problems(run)] == ["与第 3 行重复。", "与第 2 行重复。"]


def test_an_importer_may_hand_in_but_not_publish(home: HomePage, channel: Any) -> None:
    importer = factories.user("importer", home)
    run = checked("notices", NOTICES + TING, by=importer, into=channel, outcome="publish")

    with pytest.raises(NotNow, match="权限"):
        runs.confirm(run, by=importer)
    run.outcome = "draft"
    run.save()
    runs.confirm(run, by=importer)


def test_a_street_editor_writes_only_in_the_own_street(home: HomePage) -> None:
    mine, other = factories.street("甲街道"), factories.street("乙街道")
    for street in (mine, other):
        factories.channel(NoticeChannel, street)
    editor = factories.user("street_editor", mine)
    text = "网址名,标题,区划代码\nting,停水,{}\n"

    allowed = checked("notices", text.format(mine.region_code), by=editor)
    refused = checked("notices", text.format(other.region_code), by=editor)
    outside = checked("notices", text.format(other.region_code), by=editor, into=mine)

    assert lane_of(allowed).may(editor, "draft")
    assert not lane_of(refused).may(editor, "draft")
    assert problems(outside)[0][3] == (
        "照这一行写的地方，要放在“通知公告”，不在您选的“甲街道”里面。请改这一行，或回到第一步另选地方。"
    )


def test_a_locked_page_is_not_touched(notice: NoticePage, channel: Any, editor: Any) -> None:
    page = now("dian")
    page.locked, page.locked_by = True, factories.user("district_editor", factories.home())
    page.save()

    run = checked("notices", "网址名,标题\ndian,导入\n", by=editor, into=channel)

    assert "已锁定" in problems(run)[0][3]


# Further sheets


def guide_book(materials: list[list[str]]) -> dict[str, Any]:
    row = {"网址名": "laonianzheng", "事项名称": "老年证", "办件类型": "即办件"}
    return {
        "办事指南": [list(row), list(row.values())],
        "申请材料": [["指南", "材料名称", "必要性"], *materials],
        "说明": [["填表说明见通知"]],
    }


@pytest.fixture
def guide(home: HomePage) -> GuidePage:
    material = Material(name="身份证", accept_standard="人证一致")
    page = factories.guide("老年证", slug="laonianzheng", case_type="1", materials=[material], live=False)
    page.save_revision(clean=False)
    return publish(page)


def test_materials_come_from_their_own_sheet(guide: GuidePage, editor: Any) -> None:
    run = checked(
        "guides",
        guide_book([["laonianzheng", "身份证", "必要"], ["laonianzheng", "照片", "必要"]]),
        by=editor,
        into=factories.home(),
    )

    assert run.state == "checked", run.message
    assert statuses(run) == {2: "changed"}
    assert statuses(run, "materials") == {2: "changed", 3: "changed"}
    assert run.remarks == ["没有用上工作表“说明”。"]
    shown = lane_of(run).shown(list(run.rows.filter(part="")))[0]
    assert [cell.column for cell in shown.cells if cell.is_changed] == ["申请材料"]

    run = runs.confirm(run, by=editor)

    found = now("laonianzheng").get_latest_revision_as_object().materials.all()
    assert [(part.name, part.accept_standard) for part in found] == [("身份证", "人证一致"), ("照片", "")]


def test_an_error_on_a_further_sheet_is_told_on_both(guide: GuidePage, editor: Any) -> None:
    rows = [["laonianzheng", "照片", "也许"], ["meiyou", "照片", "必要"]]

    run = checked("guides", guide_book(rows), by=editor)

    assert [(part, line, column) for part, line, column, _message in problems(run)] == [
        ("", 2, ""),
        ("materials", 2, "必要性"),
        ("materials", 3, "指南"),
    ]
    assert problems(run)[0][3] == "工作表“申请材料”第 2 行有错误。"
    assert run.counts["refused_parts"] == 2


def test_rows_of_no_page_stop_a_run_that_takes_all_or_nothing(guide: GuidePage, editor: Any) -> None:
    rows = [["laonianzheng", "照片", "必要"], ["meiyou", "照片", "必要"]]
    run = checked("guides", guide_book(rows), by=editor)

    with pytest.raises(NotNow, match="1 行有错误"):
        runs.confirm(run, by=editor)

    run.accept = "sound"
    run.save()
    runs.confirm(run, by=editor)
    found = now("laonianzheng").get_latest_revision_as_object().materials.all()
    assert [part.name for part in found] == ["照片"]


def test_a_further_sheet_without_a_required_column_is_said_so(guide: GuidePage, editor: Any) -> None:
    sheets = guide_book([]) | {"申请材料": [["指南", "必要性"], ["laonianzheng", "必要"]]}

    run = checked("guides", sheets, by=editor)

    assert problems(run) == [("", 2, "", "工作表“申请材料”“材料名称”：新增内容要有这一列。")]


def test_an_empty_further_sheet_leaves_the_parts_alone(guide: GuidePage, editor: Any) -> None:
    run = checked("guides", guide_book([]), by=editor)

    assert statuses(run) == {2: "same"}


def test_guides_one_under_another_become_rows_with_materials(home: HomePage, editor: Any) -> None:
    factories.channel(GuideChannel, home)
    factories.department("春风街道办事处")

    run = checked("guides", (FOLDER / "guides.xlsx").read_bytes(), by=editor, into=home)

    assert run.state == "checked", run.message
    assert not problems(run)
    assert list(statuses(run).values()) == ["new"] * 3
    assert len(statuses(run, "materials")) == 6
    runs.confirm(run, by=editor)
    assert {page.title: [part.name for part in page.materials.all()] for page in GuidePage.objects.all()} == {
        "老年优惠证办理": ["材料1-1"],
        "困难残疾人生活补贴申请": ["材料2-1", "材料2-2"],
        "生育登记": ["材料3-1", "材料3-2", "材料3-3"],
    }


# Export, then import


@pytest.mark.parametrize("kind", ["guides", "notices", "communities", "offices"])
def test_what_was_exported_changes_nothing(kind: str, guide: GuidePage, notice: Any, editor: Any) -> None:
    community = factories.community("甲社区")
    factories.figure(community, "households", "1200")
    factories.office("甲中心", under=community)
    content = exported(kind, factories.home())
    assert len(workbook.read(content, name="a.xlsx").sheets) > (kind != "notices")

    run = checked(kind, content, by=editor, into=factories.home())

    assert run.state == "checked", run.message
    assert not problems(run)
    assert set(statuses(run).values()) == {"same"}
    assert run.count("missing") == 0
    for part in lane_of(run).parts():
        assert set(statuses(run, part).values()) <= {"same"}


def test_offices_bring_their_windows_and_communities_their_figures(home: HomePage, editor: Any) -> None:
    community = factories.community("甲社区")
    offices = {
        "办事场所": [
            ["网址名", "名称", "区划代码", "地址"],
            ["zhongxin", "中心", community.region_code, "1号"],
        ],
        "窗口": [["办事场所", "窗口号", "窗口名称"], ["zhongxin", "1", "综合"]],
    }
    communities = {
        "社区": [["区划代码", "名称"], [community.region_code, "甲社区"]],
        "数据": [
            ["区划代码", "指标", "数值", "截至日期"],
            [community.region_code, "户数", "约1.5万户", "2022.6.20"],
        ],
    }

    for kind, sheets in {"offices": offices, "communities": communities}.items():
        run = checked(kind, sheets, by=editor)
        assert not problems(run)
        runs.confirm(run, by=editor)

    assert OfficePage.objects.get(slug="zhongxin").windows.get().number == "1"
    figure = factories.fresh(community).get_latest_revision_as_object().figures.get()
    assert (figure.qualifier, int(figure.value), figure.unit) == ("约", 15000, "户")


# Reminders


GUIDES = "事项名称,实施主体,咨询电话,监督投诉电话,受理条件\n"


@pytest.fixture
def guide_run(home: HomePage, editor: Any) -> Any:
    """Two guides: one with something to mend, one that cannot be read, one in order as far as it goes."""
    factories.department("区民政局")
    rows = "老年证,区民政局,5555101,12345,按规定\n,区民政局,,,\n社保卡,区民政局,0592-2020002,12345,本区居民\n"
    return checked("guides", GUIDES + rows, by=editor, into=factories.guide_channel())


def test_what_a_guide_should_mend_is_a_reminder_and_refuses_nothing(guide_run: Any) -> None:
    assert statuses(guide_run) == {2: "new", 3: "refused", 4: "new"}
    found = {number: (column, message) for _part, number, column, message in problems(guide_run)}
    assert guide_run.counts["warnings"] == 1
    assert "区号" in str([each for each in problems(guide_run) if each[1] == 2])
    assert "受理条件" in str([each for each in problems(guide_run) if each[1] == 2])
    assert 4 not in found


def test_reminders_stand_beside_their_cells(guide_run: Any) -> None:
    row = lane_of(guide_run).shown(list(guide_run.rows.filter(number=2)))[0]

    cells = {cell.column: (cell.text, cell.problem) for cell in row.cells}

    assert cells["受理条件"][0] == "按规定"
    assert "看不懂" in cells["受理条件"][1]
    assert cells["事项名称"] == ("老年证", "")


def test_a_row_with_reminders_is_written(guide_run: Any, editor: Any) -> None:
    guide_run.accept = "sound"
    guide_run.save()

    runs.confirm(guide_run, by=editor)

    assert GuidePage.objects.filter(title="老年证").exists()


def test_a_repeated_row_tells_of_its_error_only(home: HomePage, editor: Any) -> None:
    factories.department("区民政局")
    row = "老年证,区民政局,5555101,12345,按规定\n"

    run = checked("guides", GUIDES + row * 2, by=editor, into=factories.guide_channel())

    assert run.count("warnings") == 0
    assert [message for *_place, message in problems(run)] == ["与第 3 行重复。", "与第 2 行重复。"]


def test_rows_that_go_elsewhere_than_chosen_are_named(home: HomePage, editor: Any) -> None:
    street = factories.street("甲街道")
    rows = f"名称,区划代码\n甲中心,{street.region_code}\n区中心,\n"

    run = checked("offices", rows, by=editor, into=home)

    assert statuses(run) == {2: "new", 3: "new"}
    assert run.remarks == ["有 1 行写了“区划代码”，不直接放在“思明区”，而是放在：甲街道（1 行）。"]


def test_an_empty_address_cell_leaves_the_address(notice: NoticePage, channel: Any, editor: Any) -> None:
    run = checked("notices", "网址名,标题,类型\n,停电,公告\n", by=editor, into=channel, outcome="publish")

    runs.confirm(run, by=editor)

    assert now("dian").notice_kind == "announcement"
