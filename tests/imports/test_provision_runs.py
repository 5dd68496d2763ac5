"""Provisions of several communities imported from one file: an edition of each, published together."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content_models.guides.models import GuidePage, ProvisionEdition
from content_models.places.models import RegionPage
from imports import runs
from imports.kinds import lane_of
from imports.lanes import NotNow
from publishing.models import OutboxEntry
from publishing.publish import publish, publish_editions
from staff.models import AuditEntry
from tests import factories
from tests.imports.walk import checked, exported, problems, statuses

pytestmark = pytest.mark.django_db

HEADER = "区划代码,指南,是否办理,不办理原因,办理场所,窗口号,办理时间,承诺时限,免交材料\n"


class Place:
    """Two communities, the first of which offers one of two guides already."""

    def __init__(self) -> None:
        street = factories.street()
        self.first = factories.community("甲社区", under=street)
        self.second = factories.community("乙社区", under=street)
        self.office = factories.office("中心", under=self.first, slug="zhongxin")
        self.dibao = factories.guide("低保", slug="dibao")
        self.laonian = factories.guide("老年证", slug="laonian")
        edition = factories.provision_edition(self.first)
        factories.provision(
            edition, self.dibao, office=self.office, window="1", waived_materials=["甲", "乙"]
        )
        publish(edition)

    def row(self, place: RegionPage, guide: GuidePage, rest: str = "是,,zhongxin,2,,,") -> str:
        return f"{place.region_code},{guide.slug},{rest}\n"


@pytest.fixture
def place(db: None) -> Place:
    return Place()


@pytest.fixture
def editor(place: Place) -> Any:
    return factories.user("district_editor", factories.home())


def offers(region: Any) -> dict[str, tuple[Any, ...]]:
    edition = ProvisionEdition.objects.current().get(owner=region.pk)
    return {
        row.guide.slug: (row.is_offered, row.window, row.promised_days, row.waived_materials)
        for row in edition.rows.select_related("guide")
    }


def test_rows_are_compared_with_each_owners_edition(place: Place, editor: Any) -> None:
    text = HEADER + place.row(place.first, place.dibao, "是,,中心,１,,,甲；乙")
    text += place.row(place.first, place.laonian) + place.row(place.second, place.dibao)

    run = checked("provisions", text, by=editor)

    assert run.state == "checked", run.message
    assert not problems(run)
    assert statuses(run) == {2: "same", 3: "new", 4: "new"}
    assert ProvisionEdition.objects.count() == 1


def test_changed_cells_show_old_and_new(place: Place, editor: Any) -> None:
    run = checked("provisions", HEADER + place.row(place.first, place.dibao), by=editor)

    shown = lane_of(run).shown(list(run.rows.all()))[0]

    assert [(cell.column, cell.old, cell.text) for cell in shown.cells if cell.is_changed] == [
        ("免交材料", "甲；乙", ""),
        ("窗口号", "1", "2"),
    ]


def test_all_are_published_together_and_undone(place: Place, editor: Any) -> None:
    before = offers(place.first)
    text = HEADER + place.row(place.first, place.laonian, "是,,zhongxin,2,周一至周五 09:00-11:30,3,丙；丁")
    text += place.row(place.second, place.dibao, "否,没有窗口,,,,,")
    run = checked("provisions", text, by=editor, outcome="publish", title="新版")
    outbox, audit = OutboxEntry.objects.count(), AuditEntry.objects.count()

    run = runs.confirm(run, by=editor)

    assert run.result["confirm"]["counts"] == {"editions": 2}
    assert offers(place.first) == before | {"laonian": (True, "2", 3, ["丙", "丁"])}
    assert offers(place.second) == {"dibao": (False, "", None, [])}
    entries = OutboxEntry.objects.order_by("sequence")[outbox:]
    assert [(entry.topic, entry.version, entry.detail["guides"]) for entry in entries] == [
        (f"provisions:{place.first.pk}", 2, [place.laonian.pk]),
        (f"provisions:{place.second.pk}", 1, [place.dibao.pk]),
    ]
    assert AuditEntry.objects.count() == audit + 3
    edition = ProvisionEdition.objects.current().get(owner=place.first.pk)
    assert (edition.title, edition.number, edition.live_revision_id) == (
        "新版",
        2,
        edition.latest_revision_id,
    )
    assert edition.replaces is not None
    assert all(row.digest == row.compute_digest() for row in edition.rows.all())

    run = runs.undo(run, by=editor)

    assert run.state == "undone", run.result
    assert offers(place.first) == before
    assert not ProvisionEdition.objects.current().filter(owner=place.second.pk).exists()


def test_drafts_are_left_and_go_with_an_undo(place: Place, editor: Any) -> None:
    run = checked("provisions", HEADER + place.row(place.second, place.dibao), by=editor)
    run = runs.confirm(run, by=editor)
    draft = ProvisionEdition.objects.get(owner=place.second.pk)
    assert (draft.status, draft.get_latest_revision() is not None) == ("draft", True)

    runs.undo(run, by=editor)

    assert not ProvisionEdition.objects.filter(owner=place.second.pk).exists()


def test_every_error_names_its_cell(place: Place, editor: Any) -> None:
    text = HEADER + f"{place.first.region_code},meiyou,也许,,,,,,\n"
    text += place.row(place.first, place.dibao, "否,,,,,,") + place.row(
        place.first, place.dibao, "是,,x,,随时,,"
    )
    text += "000,dibao,是,,,,,,\n"

    run = checked("provisions", text, by=editor)

    assert [(line, column) for _part, line, column, _message in problems(run)] == [
        (2, "指南"), (2, "是否办理"), (3, "不办理原因"), (3, ""), (4, "办理时间"), (4, "办理场所"), (4, ""),
        (5, "区划代码"),
    ]  # fmt: skip


def test_only_sound_rows_go_on_and_refused_ones_stay(place: Place, editor: Any) -> None:
    text = HEADER + place.row(place.first, place.dibao, "是,,x,,,,") + place.row(place.first, place.laonian)
    answers = {"accept": "sound", "missing": "retire", "outcome": "publish"}
    run = checked("provisions", text, by=editor, **answers)

    runs.confirm(run, by=editor)

    assert offers(place.first) == {
        "dibao": (True, "1", None, ["甲", "乙"]),
        "laonian": (True, "2", None, []),
    }


def test_what_is_missing_goes_where_that_was_asked_for(place: Place, editor: Any) -> None:
    run = checked(
        "provisions",
        HEADER + place.row(place.first, place.laonian),
        by=editor,
        missing="retire",
        outcome="publish",
    )
    assert (run.count("missing"), run.result["missing"]) == (1, ["甲社区 低保"])

    runs.confirm(run, by=editor)

    assert set(offers(place.first)) == {"laonian"}


def test_columns_that_a_file_lacks_are_left_alone(place: Place, editor: Any) -> None:
    text = f"区划代码,指南,窗口号\n{place.first.region_code},dibao,9\n"
    run = checked("provisions", text, by=editor, outcome="publish")

    runs.confirm(run, by=editor)

    assert offers(place.first) == {"dibao": (True, "9", None, ["甲", "乙"])}


def test_nothing_is_overwritten_that_others_changed_since(place: Place, editor: Any) -> None:
    run = checked("provisions", HEADER + place.row(place.first, place.dibao), by=editor, outcome="publish")
    draft = ProvisionEdition.objects.current().get(owner=place.first.pk).new_draft(title="别人的")
    row = draft.rows.get()
    row.window = "7"
    row.save()
    publish(draft)

    with pytest.raises(NotNow, match="被别人改过"):
        runs.confirm(run, by=editor)

    assert offers(place.first)["dibao"][1] == "7"


def test_what_may_not_go_public_stops_all(place: Place, editor: Any) -> None:
    text = HEADER + place.row(place.first, place.laonian) + place.row(place.second, place.dibao, "是,,,,,,")
    run = checked("provisions", text, by=editor, outcome="publish")

    with pytest.raises(NotNow, match="没有选择“办理场所”"):
        runs.confirm(run, by=editor)

    assert ProvisionEdition.objects.count() == 1


def test_a_community_editor_brings_only_the_own_rows(place: Place) -> None:
    editor = factories.user("community_editor", place.first)
    mine = checked("provisions", HEADER + place.row(place.first, place.laonian), by=editor)
    other = checked(
        "provisions", HEADER + place.row(place.second, place.laonian), by=editor, into=place.first
    )

    assert lane_of(mine).may(editor, "draft")
    assert "范围" in problems(other)[0][3]


def test_what_was_exported_changes_nothing(place: Place, editor: Any) -> None:
    run = checked("provisions", exported("provisions"), by=editor)

    assert statuses(run) == {2: "same"}
    assert run.count("missing") == 0


def test_many_editions_are_published_in_as_many_questions_as_two(place: Place) -> None:
    street = factories.street("丙街道")

    def drafts(count: int) -> list[ProvisionEdition]:
        made = []
        for _number in range(count):
            edition = factories.provision_edition(factories.community("社区", under=street))
            factories.provision(edition, place.dibao, office=place.office)
            edition.save_revision()
            made.append(edition)
        return made

    two, six = drafts(2), drafts(6)
    asked = []
    for editions in (two, six):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            publish_editions(editions)
        asked.append(len(queries))

    assert asked[0] == asked[1]
    assert all(factories.fresh(edition).is_current for edition in two + six)
