"""Figures of regions imported from a file: what the file does not speak of stays."""

from typing import Any

import pytest

from content_models.communities.models import CommunityPage
from imports import runs
from imports.kinds import lane_of
from imports.lanes import NotNow
from publishing.publish import publish
from tests import factories
from tests.imports.walk import checked, exported, problems, statuses

pytestmark = pytest.mark.django_db

HEADER = "区划代码,指标,数值,单位,截至日期\n"


@pytest.fixture
def community() -> CommunityPage:
    page = factories.community("甲社区")
    factories.figure(page, "households", "1200")
    factories.figure(page, "grids", "6", "个")
    page = factories.fresh(page)
    page.save_revision(clean=False)
    return publish(page)


@pytest.fixture
def editor(community: CommunityPage) -> Any:
    return factories.user("district_editor", factories.home())


def figures(page: CommunityPage) -> dict[str, int]:
    latest = factories.fresh(page).get_latest_revision_as_object()
    return {figure.metric: int(figure.value) for figure in latest.figures.all()}


def test_rows_are_compared_figure_by_figure(community: CommunityPage, editor: Any) -> None:
    code = community.region_code
    text = HEADER + f"{code},户数,1300,户,2026-01-01\n甲社区,常住人口,3000,人,2026-01-01\n"

    run = checked("figures", text, by=editor)

    assert not problems(run)
    assert statuses(run) == {2: "changed", 3: "new"}
    assert run.count("missing") == 1
    cells = lane_of(run).shown(list(run.rows.order_by("number")))[0].cells
    assert [(cell.column, cell.old, cell.text) for cell in cells if cell.is_changed] == [
        ("数值", "1200", "1300")
    ]


def test_other_figures_stay_and_undo_brings_back(community: CommunityPage, editor: Any) -> None:
    before = figures(community)
    text = HEADER + f"{community.region_code},户数,1300,户,2026-01-01\n甲社区,常住人口,3000,人,2026-01-01\n"
    run = checked("figures", text, by=editor, outcome="publish")

    run = runs.confirm(run, by=editor)

    assert run.result["confirm"]["counts"] == {"created": 0, "changed": 1}
    assert sorted(figures(community).values()) == [6, 1300, 3000]
    assert factories.fresh(community).figures.count() == 3
    runs.undo(run, by=editor)
    assert figures(community) == before
    assert factories.fresh(community).figures.count() == 2


def test_figures_go_where_that_was_asked_for(community: CommunityPage, editor: Any) -> None:
    text = HEADER + f"{community.region_code},户数,1200,户,2026-01-01\n"
    run = checked("figures", text, by=editor, missing="retire")
    assert statuses(run) == {2: "same"}

    runs.confirm(run, by=editor)

    assert figures(community) == {"households": 1200}


def test_errors_name_their_cells_and_sound_rows_go_on(community: CommunityPage, editor: Any) -> None:
    code = community.region_code
    text = (
        HEADER
        + f"{code},户数,很多,户,2026-01-01\n000,户数,1,户,2026-01-01\n{code},常住人口,3000,人,2026-01-01\n"
    )
    run = checked("figures", text, by=editor)

    assert [(line, column) for _part, line, column, _message in problems(run)] == [
        (2, "数值"),
        (3, "区划代码"),
    ]
    with pytest.raises(NotNow, match="行有错误"):
        runs.confirm(run, by=editor)

    run.accept, run.missing = "sound", "retire"
    run.save()
    runs.confirm(run, by=editor)
    assert sorted(figures(community).values()) == [6, 1200, 3000]


def test_a_region_changed_meanwhile_is_not_overwritten(community: CommunityPage, editor: Any) -> None:
    run = checked("figures", HEADER + f"{community.region_code},户数,1300,户,2026-01-01\n", by=editor)
    factories.fresh(community).save_revision(clean=False)

    with pytest.raises(NotNow, match="被别人改过"):
        runs.confirm(run, by=editor)


def test_the_same_figure_twice_names_both_lines(community: CommunityPage, editor: Any) -> None:
    row = f"{community.region_code},户数,1300,户,2026-01-01\n"

    run = checked("figures", HEADER + row + row, by=editor)

    assert [message for *_rest, message in problems(run)] == ["与第 3 行重复。", "与第 2 行重复。"]


def test_what_was_exported_changes_nothing(community: CommunityPage, editor: Any) -> None:
    run = checked("figures", exported("figures"), by=editor)

    assert statuses(run) == {2: "same", 3: "same"}
    assert run.count("missing") == 0
