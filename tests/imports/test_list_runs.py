"""A list imported from a file: checked, shown, confirmed, undone."""

import io
from typing import Any

import pytest

from content_models.policy_lists.models import ListChannel, PolicyListPage
from imports import infer, runs
from imports.kinds import lane_of
from imports.lanes import NotNow
from imports.models import ImportRun
from imports.tables import find_table
from tests import factories
from tests.imports import walk

pytestmark = pytest.mark.django_db

HEADER = "编号,事项名称,类别,数量\n"


@pytest.fixture
def page() -> PolicyListPage:
    return factories.published_list()


@pytest.fixture
def editor(page: PolicyListPage) -> Any:
    return factories.user("district_editor", factories.home())


def checked(text: str, page: Any, by: Any, **answers: Any) -> ImportRun:
    return walk.checked("lists", text, by=by, into=page, **answers)


def entries(page: PolicyListPage) -> dict[str, tuple[str, ...]]:
    current = page.editions.current().get()
    return {row.key: tuple(row.values.values()) for row in current.rows.all()}


def test_rows_are_new_changed_same_or_missing(page: PolicyListPage, editor: Any) -> None:
    run = checked(HEADER + "a,甲,取消,１\nc,丙,上收,3\n", page, editor)

    assert run.state == "checked", run.message
    assert run.counts == {"same": 1, "new": 1, "missing": 1, "skipped": 0}
    assert run.result["missing"] == ["乙"]
    assert page.editions.count() == 1


def test_a_row_without_its_key_is_known_by_its_name(page: PolicyListPage, editor: Any) -> None:
    rows = dict(page.current_edition.rows.values_list("key", "values"))
    title = next(spec.key for spec in page.current_edition.columns if spec.is_title)

    run = checked(f"编号,事项名称\n,{rows['a'][title]}\n,没有过的\n", page, editor)

    assert run.rows.get(number=2).key == "a"
    assert run.counts["new"] == 1


def test_every_error_is_found_at_once_with_its_line(page: PolicyListPage, editor: Any) -> None:
    run = checked(HEADER + "a,,没有,x\nb,乙,上收,2\n", page, editor)

    row = run.rows.get(status="refused")
    assert row.number == 2
    assert {column for column, _value, _message in row.problems} == {"事项名称", "类别", "数量"}
    with pytest.raises(NotNow, match="1 行有错误"):
        runs.confirm(run, by=editor)


def test_the_same_key_twice_names_both_lines(page: PolicyListPage, editor: Any) -> None:
    run = checked(HEADER + "a,甲,取消,1\na,又甲,取消,1\n", page, editor)

    assert run.count("refused") == 2
    assert {row.problems[0][2] for row in run.rows.all()} == {"与第 3 行重复。", "与第 2 行重复。"}


def test_confirm_publishes_and_undo_brings_back(page: PolicyListPage, editor: Any) -> None:
    before = entries(page)
    run = checked(HEADER + "a,甲,取消,5\nc,丙,上收,3\n", page, editor, outcome="publish", title="第二批")

    run = runs.confirm(run, by=editor)

    assert run.state == "done"
    after = entries(page)
    assert {key: set(cells) for key, cells in after.items()} == {
        "a": {"甲", "取消", "5"},
        "b": {"乙", "上收", "2"},
        "c": {"丙", "上收", "3"},
    }
    assert page.editions.current().get().title == "第二批"
    assert runs.confirm(run, by=editor).confirmed_at == run.confirmed_at
    assert page.editions.count() == 2

    undone = runs.undo(run, by=editor)

    assert undone.state == "undone"
    assert entries(page) == before


def test_what_is_missing_leaves_where_it_was_asked_for(page: PolicyListPage, editor: Any) -> None:
    run = checked(HEADER + "a,甲,取消,5\n", page, editor, outcome="publish", missing="retire")

    runs.confirm(run, by=editor)

    assert set(entries(page)) == {"a"}


def test_only_sound_rows_are_taken_over_and_the_others_stay(page: PolicyListPage, editor: Any) -> None:
    run = checked(HEADER + "a,甲,没有,5\nb,乙,上收,7\n", page, editor, outcome="publish", accept="sound")

    runs.confirm(run, by=editor)

    after = entries(page)
    assert "1" in after["a"]
    assert "7" in after["b"]


def test_nothing_is_overwritten_that_others_changed_since(page: PolicyListPage, editor: Any) -> None:
    run = checked(HEADER + "a,甲,取消,5\n", page, editor, outcome="publish")
    draft = page.current_edition.new_draft(title="别人的")
    row = draft.rows.get(key="a")
    row.values = {**row.values, **{key: "9" for key in row.values if key.startswith("shu")}}
    row.save()
    factories.publish(draft)

    with pytest.raises(NotNow, match="被别人改过"):
        runs.confirm(run, by=editor)

    assert "9" in entries(page)["a"]


def test_a_draft_edited_since_is_left_alone_by_undo(page: PolicyListPage, editor: Any) -> None:
    run = runs.confirm(checked(HEADER + "a,甲,取消,5\n", page, editor), by=editor)
    draft = page.editions.get(live=False)
    row = draft.rows.get(key="a")
    row.values = {**row.values, **{key: "9" for key in row.values if key.startswith("shu")}}
    row.save()

    run = runs.undo(run, by=editor)

    assert run.state == "done"
    assert "有人改过" in run.result["undo"]["left"][0]
    assert page.editions.filter(pk=draft.pk).exists()


def test_the_same_file_twice_changes_nothing(page: PolicyListPage, editor: Any) -> None:
    text = HEADER + "a,甲,取消,1\nb,乙,上收,2\n"

    run = checked(text, page, editor)

    assert run.counts == {"same": 2, "missing": 0, "skipped": 0}
    with pytest.raises(NotNow, match="没有要写入的变化"):
        runs.confirm(run, by=editor)


def test_an_importer_may_not_publish(page: PolicyListPage) -> None:
    importer = factories.user("importer", factories.home())
    run = checked(HEADER + "a,甲,取消,5\n", page, importer, outcome="publish")

    with pytest.raises(NotNow, match="权限"):
        runs.confirm(run, by=importer)


def test_personal_data_is_refused_in_public_columns_or_masked(page: PolicyListPage, editor: Any) -> None:
    text = HEADER + "a,联系人 13812345678,取消,1\n"

    refused = checked(text, page, editor)
    masked = checked(text, page, editor, masks=True, outcome="publish")

    assert refused.count("refused") == 1
    assert "手机" in refused.rows.get().problems[0][2]
    assert "138****5678" in refused.rows.get().problems[0][2]
    assert "个人信息打码" in refused.remarks[0]
    runs.confirm(masked, by=editor)
    assert "联系人 138****5678" in entries(page)["a"]


def test_a_file_becomes_a_new_list_and_goes_again(editor: Any) -> None:
    channel = factories.channel(ListChannel)
    text = "序号,事项名称,类别,数量\n" + "".join(
        f"{number},事项{number},{'取消' if number % 2 else '上收'},{number}\n" for number in range(1, 11)
    )
    run = runs.receive(io.BytesIO(text.encode()), name="清单.csv", kind="lists", into=channel, by=editor)
    table = find_table(runs.book_of(run), runs.book_of(run).sheets[0], [])
    assert table is not None
    runs.choose_new_list(run, "街道事项清单", infer.propose(table))
    run.outcome, run.title = "publish", "第一批"
    run.save()

    runs.check(run)

    assert run.state == "checked", run.message
    assert run.counts["new"] == 10
    assert not PolicyListPage.objects.filter(title="街道事项清单").exists()
    shown = lane_of(run).shown(list(run.rows.all()[:1]))[0]
    assert [(cell.column, cell.text) for cell in shown.cells][:2] == [("事项名称", "事项1"), ("类别", "取消")]

    run = runs.confirm(run, by=editor)

    page = PolicyListPage.objects.get(title="街道事项清单")
    assert (page.live, page.title, page.get_parent().pk) == (True, "街道事项清单", channel.pk)
    assert page.current_edition.rows.count() == 10
    assert page.current_edition.category_totals == [("上收", 5, None), ("取消", 5, None)]
    assert runs.undo(run, by=editor).state == "undone"
    assert not PolicyListPage.objects.filter(title="街道事项清单").exists()
