"""Items of a certificate list imported from a file, with what to do instead."""

from typing import Any

import pytest

from content_models.certificates.models import CertificateListPage
from imports import runs
from imports.kinds import lane_of
from imports.lanes import NotNow
from tests import factories
from tests.imports.walk import checked, exported, problems, statuses

pytestmark = pytest.mark.django_db

HEADER = "编号,名称,属性,用途\n"


@pytest.fixture
def page() -> CertificateListPage:
    page = factories.certificate_list()
    items = [
        {"key": "01", "name": "亲属关系证明", "instead": ["出示户口簿"]},
        {"key": "02", "name": "居民身份信息证明"},
    ]
    factories.certificate_edition(page, items, published=True)
    return factories.fresh(page)


@pytest.fixture
def editor(page: CertificateListPage) -> Any:
    return factories.user("district_editor", factories.home())


def items(page: CertificateListPage) -> dict[str, tuple[str, str, list[str]]]:
    rows = page.editions.current().get().rows.all()
    return {row.key: (row.name, row.purpose, [each.text for each in row.alternatives.all()]) for row in rows}


def test_rows_are_compared_with_the_current_edition(page: CertificateListPage, editor: Any) -> None:
    text = HEADER + "02,居民身份信息证明,不应出具,开户\n01,亲属关系证明,不应出具,\n03,死亡证明,可出具,\n"

    run = checked("certificates", text, by=editor, into=page)

    assert not problems(run)
    assert statuses(run) == {2: "changed", 3: "same", 4: "new"}
    cells = lane_of(run).shown(list(run.rows.order_by("number")))[0].cells
    assert [(cell.column, cell.old, cell.text) for cell in cells if cell.is_changed] == [("用途", "", "开户")]
    assert page.editions.count() == 1


def test_confirm_publishes_and_undo_brings_back(page: CertificateListPage, editor: Any) -> None:
    before = items(page)
    sheets = {
        "证明事项": [
            ["编号", "名称", "属性"],
            ["03", "死亡证明", "不应出具"],
            ["02", "身份信息证明", "不应出具"],
        ],
        "不开证明怎么办": [["编号", "替代方式", "内容"], ["死亡证明", "法定证照", "出示火化证"]],
    }
    run = checked("certificates", sheets, by=editor, into=page, outcome="publish", title="第二批")
    assert not problems(run)
    assert statuses(run, "alternatives") == {2: "new"}

    run = runs.confirm(run, by=editor)

    assert items(page) == {
        "03": ("死亡证明", "", ["出示火化证"]),
        "02": ("身份信息证明", "", []),
        "01": ("亲属关系证明", "", ["出示户口簿"]),
    }
    assert [row.key for row in page.editions.current().get().rows.all()] == ["03", "02", "01"]
    assert page.editions.current().get().title == "第二批"

    run = runs.undo(run, by=editor)
    assert run.state == "undone"
    assert items(page) == before


def test_a_draft_is_left_where_somebody_changed_it(page: CertificateListPage, editor: Any) -> None:
    run = checked("certificates", HEADER + "02,身份信息证明,不应出具,\n", by=editor, into=page)
    run = runs.confirm(run, by=editor)
    draft = page.editions.get(live=False)
    row = draft.rows.get(key="02")
    row.purpose = "改了"
    row.save()

    run = runs.undo(run, by=editor)

    assert "有人改过" in run.result["undo"]["left"][0]


def test_untouched_drafts_go_with_an_undo(page: CertificateListPage, editor: Any) -> None:
    run = checked(
        "certificates", HEADER + "02,身份信息证明,不应出具,\n", by=editor, into=page, missing="retire"
    )
    run = runs.confirm(run, by=editor)
    assert [row.key for row in page.editions.get(live=False).rows.all()] == ["02"]

    run = runs.undo(run, by=editor)

    assert run.state == "undone", run.result
    assert page.editions.count() == 1


def test_errors_on_both_sheets_are_found_at_once(page: CertificateListPage, editor: Any) -> None:
    sheets = {
        "证明事项": [
            ["证明事项表"],
            ["编号", "名称", "属性"],
            ["03", "甲", "也许"],
            ["04", "乙", "可出具"],
            ["04", "乙", "可出具"],
        ],
        "不开证明怎么办": [["编号", "替代方式", "内容"], ["03", "没有", "x"], ["99", "法定证照", "x"]],
    }
    run = checked("certificates", sheets, by=editor, into=page)

    assert [(part, line, column) for part, line, column, _message in problems(run)] == [
        ("", 3, "属性"),
        ("", 3, ""),
        ("", 4, ""),
        ("", 5, ""),
        ("alternatives", 2, "替代方式"),
        ("alternatives", 3, "编号"),
    ]
    with pytest.raises(NotNow):
        runs.confirm(run, by=editor)


def test_what_is_refused_stays_as_it_is(page: CertificateListPage, editor: Any) -> None:
    text = HEADER + "01,亲属关系证明,也许,x\n02,身份信息证明,不应出具,\n"
    answers = {"accept": "sound", "missing": "retire", "outcome": "publish"}
    run = checked("certificates", text, by=editor, into=page, **answers)

    runs.confirm(run, by=editor)

    assert items(page) == {
        "02": ("身份信息证明", "", []),
        "01": ("亲属关系证明", "", ["出示户口簿"]),
    }


def test_nothing_is_overwritten_that_others_changed_since(page: CertificateListPage, editor: Any) -> None:
    run = checked(
        "certificates", HEADER + "02,身份信息证明,不应出具,\n", by=editor, into=page, outcome="publish"
    )
    draft = page.current_edition.new_draft(title="别人的")
    row = draft.rows.get(key="02")
    row.purpose = "别人的"
    row.save()
    factories.publish(draft)

    with pytest.raises(NotNow, match="被别人改过"):
        runs.confirm(run, by=editor)


def test_a_list_without_an_edition_gets_its_first(editor: Any) -> None:
    page = factories.certificate_list("新清单")
    run = checked("certificates", HEADER + "1,甲,不应出具,\n", by=editor, into=page, outcome="publish")

    runs.confirm(run, by=editor)

    assert set(items(page)) == {"1"}


def test_what_was_exported_changes_nothing(page: CertificateListPage, editor: Any) -> None:
    run = checked("certificates", exported("certificates", page), by=editor, into=page)

    assert set(statuses(run).values()) == {"same"}
    assert set(statuses(run, "alternatives").values()) == {"same"}
    assert run.count("missing") == 0
