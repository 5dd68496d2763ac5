"""Imports by program: the walk of the screens by other means, and no way round their rights."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.test import Client
from django.utils import timezone

from api import import_views, views
from api.forms import UploadForm
from api.models import UploadKey
from api.problems import KINDS
from content_models.policy_lists.models import ListChannel, PolicyListPage
from imports import runs, tasks
from imports.kinds import LANES
from imports.models import HeaderChoice, ImportRun
from staff.models import AuditEntry
from tests import factories
from tests.api.conftest import FILE, HEADER, RUNS, Program
from tests.factories import column
from tests.imports.make_fixtures import HOSTILE

pytestmark = pytest.mark.django_db

PUBLISHED = {"outcome": "publish", "title": "第二批"}


def keys(page: PolicyListPage) -> set[str]:
    return set(page.editions.current().get().rows.values_list("key", flat=True))


def run_url(step: str = "") -> str:
    return f"{RUNS}{ImportRun.objects.latest('pk').pk}/{step}"


def said(answer: Any, status: int) -> Any:
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "private, no-store"
    return json.loads(answer.content)


def problem(answer: Any, status: int, kind: str) -> Any:
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "private, no-store"
    found = json.loads(answer.content)
    assert found["type"] == f"urn:doorstep:problem:{kind}"
    assert found["status"] == status
    assert re.search(r"[\u4e00-\u9fff]", found["detail"]), found["detail"]
    assert isinstance(found["errors"], list)
    return found


# The walk


def test_upload_check_confirm_undo(program: Program, page: PolicyListPage) -> None:
    answer = program.upload(into=str(page.pk))
    run = said(answer, 201)

    assert answer["Location"] == run_url()
    assert run["state"] == "checked"
    assert run["counts"] == {"changed": 1, "new": 1, "missing": 1, "skipped": 1}
    assert run["skipped"] == [{"row": 4, "reason": run["skipped"][0]["reason"], "text": "合计 8"}]
    assert run["not_in_file"] == ["乙"]
    assert run["columns"] == {"编号": "编号", "事项名称": "事项名称", "类别": "类别", "数量": "数量"}
    assert run["confirmed"] is None
    assert page.editions.count() == 1

    done = said(program.post(run["links"]["confirm"], {**PUBLISHED, "missing": "retire"}), 200)

    assert done["state"] == "done"
    assert done["confirmed"]["counts"]["editions"] == 1
    assert keys(page) == {"a", "c"}
    assert page.editions.current().get().title == "第二批"

    undone = said(program.post(run["links"]["undo"]), 200)

    assert undone["state"] == "undone"
    assert keys(page) == {"a", "b"}
    actions = AuditEntry.objects.filter(action__contains="import").order_by("pk").values_list("action", "by")
    by = ImportRun.objects.get().by_id
    assert list(actions) == [("import", by), ("undo_import", by)]


def test_what_is_said_when_uploading_is_what_confirm_does(program: Program, page: PolicyListPage) -> None:
    sent = {**PUBLISHED, "missing": "retire", "accept": "sound", "effective_on": "2026-01-01"}
    run = said(program.upload(FILE + "d,丁,没有的,1\n", **sent), 201)

    assert run["answers"] == {**sent, "masks": False}
    said(program.post(run["links"]["confirm"]), 200)

    assert keys(page) == {"a", "c"}
    assert page.editions.current().get().effective_on.isoformat() == "2026-01-01"


@pytest.mark.parametrize("named", ["number", "address part", "nothing"])
def test_the_place_is_named_as_one_likes(program: Program, page: PolicyListPage, named: str) -> None:
    into = {"number": str(page.pk), "address part": page.slug, "nothing": None}[named]

    assert said(program.upload(into=into), 201)["into"] == {"id": page.pk, "title": page.title}


def test_a_place_must_be_named_where_there_are_several(program: Program, page: PolicyListPage) -> None:
    factories.policy_list("另一个清单")

    found = problem(program.upload(), 422, "invalid")

    assert found["errors"][0]["field"] == "into"
    assert "请写明导入到哪里" in found["detail"]


def test_an_address_part_that_two_pages_share_is_not_enough(program: Program, page: PolicyListPage) -> None:
    street = factories.street()
    factories.policy_list("同名", under=factories.channel(ListChannel, street), slug=page.slug)

    assert "不止一个" in problem(program.upload(into=page.slug), 422, "invalid")["detail"]


def test_personal_data_is_masked_on_demand(program: Program) -> None:
    content = HEADER + "a,甲 13800138000,取消,5\n"

    assert said(program.upload(content), 201)["counts"]["refused"] == 1
    run = said(program.upload(content, masks="true"), 201)

    assert "refused" not in run["counts"]
    shown = program.get(run["links"]["rows"]).content.decode()
    assert "13800138000" not in shown


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"file": None}, "file", "请选择要上传的表格文件。"),
        ({"kind": None}, "kind", "请选择要导入什么。"),
        ({"kind": "users"}, "kind", "没有“users”这一项。"),
        ({"into": "没有的清单"}, "into", "没有“没有的清单”"),
        ({"into": "99999999999999999999"}, "into", "没有“99999999999999999999”"),
        ({"into": "\x00"}, "into", ""),
        ({"outcome": "live"}, "outcome", "没有“live”这一项。"),
        ({"masks": "maybe"}, "masks", "true 或 false"),
        ({"effective_on": "1.2.2026"}, "effective_on", "2026-01-31"),
        ({"outcom": "publish"}, "", "没有“outcom”这一项。"),
    ],
)
def test_what_cannot_be_used_is_named(program: Program, wrong: dict[str, Any], field: str, says: str) -> None:
    found = problem(program.upload(**wrong), 422, "invalid")

    assert found["errors"][0]["field"] == field
    assert says in found["errors"][0]["message"]
    assert not ImportRun.objects.exists()


# Columns


def test_a_missing_required_column_is_named_and_the_run_stays(program: Program) -> None:
    found = problem(program.upload("编号,类别\na,取消\n"), 422, "columns-unsure")

    assert found["errors"][0]["column"] == "事项名称"
    assert ImportRun.objects.get().state == "uploaded"
    assert found["run"]["id"] == ImportRun.objects.get().pk
    assert found["run"]["admin"].endswith(f"/admin/imports/{found['run']['id']}/")
    assert said(program.get(found["run"]["url"]), 200)["state"] == "uploaded"
    problem(program.post(run_url("confirm/")), 409, "not-now")


def test_a_guess_is_proposed_and_what_was_confirmed_on_screen_is_sure(program: Program, editor: Any) -> None:
    odd = "编号,办理事项名称表,类别\na,甲,取消\n"

    found = problem(program.upload(odd), 422, "columns-unsure")

    assert [found["errors"][0][name] for name in ("column", "label")] == ["事项名称", "办理事项名称表"]
    assert {"label": "办理事项名称表", "column": "事项名称", "is_sure": False} in found["columns"]

    screen = Client()
    screen.force_login(editor)
    names = {"column-0": "编号", "column-1": "事项名称", "column-2": "类别"}
    screen.post(f"/admin/imports/{found['run']['id']}/columns/", names)

    assert HeaderChoice.objects.get().field == "事项名称"
    assert said(program.upload(odd), 201)["state"] == "checked"


def test_a_file_without_a_header_is_refused_and_its_run_named(program: Program) -> None:
    found = problem(program.upload("1\n2\n3\n"), 422, "file-refused")

    assert "没有找到表头" in found["detail"]
    assert found["run"]["id"] == ImportRun.objects.get().pk


def test_a_sheet_that_is_not_there_is_refused(program: Program) -> None:
    assert "没有名为“别的”的工作表" in problem(program.upload(sheet="别的"), 422, "file-refused")["detail"]


# Files


@pytest.mark.parametrize(
    "name",
    ["bomb.xlsx", "laughs.xlsx", "corner.xlsx", "picture.xlsx", "truncated.xlsx", "junk.xls", "page.xls",
     "encrypted.xlsx", "nul.csv", "utf16.csv"],
)  # fmt: skip
def test_a_hostile_file_is_a_problem_and_nothing_else(program: Program, name: str) -> None:
    answer = program.upload((HOSTILE / name).read_bytes(), name=name)

    found = problem(answer, 422, "file-refused")
    assert found["errors"][0]["field"] == "file"
    assert found["errors"][0]["code"]
    assert not ImportRun.objects.exists()


def test_text_of_others_stays_text(program: Program) -> None:
    hostile = "<script>alert(1)</script>"

    run = said(program.upload(HEADER + f"a,{hostile},取消,1\n", name=f"{hostile}.csv"), 201)

    answer = program.get(run["links"]["rows"])
    assert answer["Content-Type"] == "application/json"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_file_goes_to_disk_and_never_to_memory(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_more: Any) -> None:
        raise AssertionError("in memory")

    monkeypatch.setattr(MemoryFileUploadHandler, "__init__", refuse)

    said(program.upload(), 201)


def test_more_than_the_screen_takes_is_refused_before_it_is_read(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_more: Any) -> None:
        raise AssertionError("read")

    monkeypatch.setattr(import_views, "UploadForm", refuse)
    monkeypatch.setattr(import_views.Runs, "body_limit", 100)

    problem(program.upload("x" * 1000), 413, "too-large")
    too_long = program.client.post(
        RUNS, b"x", content_type="multipart/form-data; boundary=x", headers=program.headers,
        CONTENT_LENGTH=str(views.UPLOAD_LIMIT + 1),
    )  # fmt: skip
    problem(too_long, 413, "too-large")


def test_a_file_just_over_the_limit_is_refused(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imports.reading.limits.FILE", 50)

    found = problem(program.upload("x" * 51), 413, "too-large")

    assert found["errors"][0]["field"] == "file"
    assert not ImportRun.objects.exists()


def test_other_requests_are_short(program: Program) -> None:
    program.upload()

    problem(program.post(run_url("confirm/"), {"title": "x" * 70_000}), 413, "too-large")


def test_a_request_without_its_length_is_refused(program: Program) -> None:
    headers = program.headers | {"Transfer-Encoding": "chunked"}
    answer = program.client.generic("POST", RUNS, headers=headers)

    problem(answer, 411, "length-required")


# Large files


def test_a_large_file_is_left_to_the_worker_and_watched(
    program: Program, page: PolicyListPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "LARGE", 1)

    run = said(program.upload(), 201)

    assert run["state"] == "checking"
    assert run["progress"]["is_working"]
    assert "正在排队" in run["progress"]["text"]
    problem(program.get(run["links"]["rows"]), 409, "not-now")
    problem(program.post(run["links"]["confirm"]), 409, "not-now")
    ImportRun.objects.update(rows_read=1, rows_expected=4, started_at=timezone.now())
    progress = said(program.get(run["url"]), 200)["progress"]
    assert (progress["rows_read"], progress["rows_expected"], progress["percent"]) == (1, 4, 25)

    work(tasks.check)
    assert said(program.get(run["url"]), 200)["state"] == "checked"
    for _twice in range(2):
        assert said(program.post(run["links"]["confirm"], PUBLISHED), 202)["state"] == "confirming"
    work(tasks.confirm)
    assert keys(page) == {"a", "b", "c"}
    for _twice in range(2):
        assert said(program.post(run["links"]["undo"]), 202)["state"] == "undoing"
    work(tasks.undo)
    assert keys(page) == {"a", "b"}


def work(task: Any) -> None:
    run = ImportRun.objects.get()
    task.call(run.pk, run.by_id)


# Rows


FAULTY = "清单说明,,,\n编号,事项名称,类别,数量\na,甲,没有的,5\nc,丙,上收,三\nd,丁,取消,1\n"


def test_refused_rows_are_named_by_sheet_and_cell(program: Program) -> None:
    run = said(program.upload(FAULTY), 201)

    found = said(program.get(run["links"]["rows"], {"status": "refused"}), 200)

    assert found["count"] == 2
    problems = [row["problems"][0] for row in found["results"]]
    assert [(each["cell"], each["column"], each["value"]) for each in problems] == [
        ("C3", "类别", "没有的"),
        ("D4", "数量", "三"),
    ]
    assert all(each["message"] for each in problems)
    assert found["results"][0]["sheet"] == run["sheets"][0]["sheet"]


def test_rows_show_what_changes(program: Program) -> None:
    run = said(program.upload(), 201)

    found = said(program.get(run["links"]["rows"], {"status": "changed"}), 200)

    cells = {cell["column"]: (cell["old"], cell["text"]) for cell in found["results"][0]["cells"]}
    assert cells["数量"] == ("1", "5")


def test_fifty_rows_stand_on_a_page(program: Program) -> None:
    run = said(program.upload(HEADER + "".join(f"k{n},名{n},取消,{n}\n" for n in range(60))), 201)

    first = said(program.get(run["links"]["rows"]), 200)
    second = said(program.get(first["next"]), 200)

    assert (len(first["results"]), first["pages"], first["previous"]) == (50, 2, None)
    assert (len(second["results"]), second["page"], second["next"]) == (10, 2, None)


def test_a_status_that_does_not_exist_is_refused(program: Program) -> None:
    program.upload()

    problem(program.get(run_url("rows/"), {"status": "<b>"}), 422, "invalid")


def test_the_file_comes_back_with_its_errors_marked(program: Program) -> None:
    run = said(program.upload(FAULTY), 201)

    answer = program.get(run["links"]["marked"])

    assert answer.status_code == 200
    assert answer.content.startswith(b"PK")
    assert answer["Cache-Control"] == "private, no-store"
    ImportRun.objects.update(created_at=timezone.now() - timedelta(days=31))
    runs.remove_old_files()
    problem(program.get(run["links"]["marked"]), 410, "gone")


# Confirm and undo


def test_a_second_confirm_and_a_second_undo_give_the_first_result(
    program: Program, page: PolicyListPage
) -> None:
    program.upload()

    first = said(program.post(run_url("confirm/"), PUBLISHED), 200)
    second = said(program.post(run_url("confirm/"), {"outcome": "draft", "title": "又一次"}), 200)

    assert second == first
    assert page.editions.count() == 2
    undone = [said(program.post(run_url("undo/")), 200) for _twice in range(2)]
    assert undone[0] == undone[1]
    problem(program.post(run_url("confirm/")), 409, "not-now")


def test_errors_hold_up_the_whole_until_only_sound_rows_are_asked_for(
    program: Program, page: PolicyListPage
) -> None:
    program.upload(FAULTY)

    found = problem(program.post(run_url("confirm/"), PUBLISHED), 422, "invalid")

    assert "还有 2 行有错误" in found["detail"]
    assert ImportRun.objects.get().state == "checked"
    said(program.post(run_url("confirm/"), {**PUBLISHED, "accept": "sound"}), 200)
    assert keys(page) == {"a", "b", "d"}


def test_nobody_publishes_who_may_not(program_of: Callable[[Any], Program], page: PolicyListPage) -> None:
    program = program_of(factories.user("importer", factories.home()))
    program.upload(**PUBLISHED)

    found = problem(program.post(run_url("confirm/")), 422, "invalid")

    assert "没有这样写入的权限" in found["detail"]
    assert page.editions.count() == 1
    said(program.post(run_url("confirm/"), {"outcome": "draft"}), 200)
    assert page.editions.filter(live=False).count() == 1


def test_a_right_that_was_lost_since_the_check_is_asked_again(
    program: Program, editor: Any, page: PolicyListPage
) -> None:
    program.upload()
    elsewhere = factories.street("别的街道")
    editor.posts.get().delete()
    editor.posts.create(role="street_editor", place=elsewhere.page_ptr)

    problem(program.post(run_url("confirm/"), PUBLISHED), 422, "invalid")

    assert page.editions.count() == 1
    problem(program.upload(into=str(page.pk)), 422, "invalid")


def test_who_may_not_undo_is_told(program: Program, editor: Any, page: PolicyListPage) -> None:
    program.upload()
    said(program.post(run_url("confirm/"), PUBLISHED), 200)
    elsewhere = factories.street("别的街道")
    editor.posts.get().delete()
    editor.posts.create(role="street_editor", place=elsewhere.page_ptr)

    problem(program.post(run_url("undo/")), 403, "forbidden")

    assert keys(page) == {"a", "b", "c"}


def test_what_was_never_written_is_not_undone(program: Program) -> None:
    program.upload()

    problem(program.post(run_url("undo/")), 409, "not-now")


def test_what_others_changed_since_the_check_is_not_overwritten(
    program: Program, page: PolicyListPage
) -> None:
    program.upload()
    draft = page.current_edition.new_draft(title="别人的")
    row = draft.rows.get(key="a")
    row.values = {**row.values, **{key: "9" for key in row.values if key.startswith("shu")}}
    row.save()
    factories.publish(draft)

    found = problem(program.post(run_url("confirm/"), PUBLISHED), 409, "not-now")

    assert "被别人改过" in found["detail"]
    assert page.editions.current().get().title == "别人的"


def test_a_failure_while_writing_leaves_everything(
    program: Program, page: PolicyListPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.upload()

    def fail(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("disk")

    monkeypatch.setattr(runs, "confirm", fail)

    found = problem(program.post(run_url("confirm/"), PUBLISHED), 409, "not-now")
    assert "什么都没有写入" in found["detail"]
    assert page.editions.count() == 1


def test_an_unknown_answer_is_refused_and_nothing_written(program: Program, page: PolicyListPage) -> None:
    program.upload()

    problem(program.post(run_url("confirm/"), {"outcome": "publish", "force": "1"}), 422, "invalid")

    assert page.editions.count() == 1


# Idempotency-Key


def test_the_same_key_gives_the_first_run(program: Program) -> None:
    first = program.upload(key="night-1")
    second = program.upload(key="night-1")

    assert said(second, 200) == said(first, 201)
    assert second["Location"] == first["Location"]
    assert ImportRun.objects.count() == 1


@pytest.mark.parametrize("change", [{"content": FILE + "d,丁,取消,1\n"}, {"outcome": "publish"}])
def test_the_same_key_for_something_else_is_refused(program: Program, change: dict[str, Any]) -> None:
    program.upload(key="1")

    problem(program.upload(key="1", **change), 422, "key-reused")

    assert ImportRun.objects.count() == 1


def test_a_key_is_its_user_s_own(
    program: Program, program_of: Callable[[Any], Program], page: PolicyListPage
) -> None:
    other = program_of(factories.user("importer", factories.home()))

    first, second = said(program.upload(key="1"), 201), said(other.upload(key="1"), 201)

    assert first["id"] != second["id"]


def test_a_refused_upload_takes_no_key(program: Program) -> None:
    problem(program.upload("", key="1"), 422, "file-refused")

    assert said(program.upload(key="1"), 201)["state"] == "checked"


def test_unsure_columns_are_said_again_under_the_same_key(program: Program) -> None:
    answers = [program.upload("编号,类别\na,取消\n", key="1") for _twice in range(2)]

    assert [problem(answer, 422, "columns-unsure")["run"]["id"] for answer in answers] == [
        ImportRun.objects.get().pk
    ] * 2


def test_of_two_uploads_at_the_same_moment_one_begins(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = import_views._earlier
    first: list[Any] = []

    def too_early(key: str, form: Any) -> Any:
        """The other upload arrives between the look and the run."""
        if not first:
            first.append(None)
            first[0] = program.upload(key="1")
            return None
        return looked(key, form)

    monkeypatch.setattr(import_views, "_earlier", too_early)

    second = program.upload(key="1")

    assert said(second, 200)["id"] == said(first[0], 201)["id"]
    assert ImportRun.objects.count() == UploadKey.objects.count() == 1


@pytest.mark.parametrize("key", ["x" * 201, "a\x01b"])
def test_a_key_that_cannot_be_kept_is_refused(program: Program, key: str) -> None:
    problem(program.upload(key=key), 400, "bad-request")


# Who sees what


STEPS = ["", "rows/", "marked/", "confirm/", "undo/"]


@pytest.mark.parametrize("state", ["uploaded", "checking", "checked", "done", "undone", "failed"])
def test_another_s_run_is_not_there(
    program: Program, program_of: Callable[[Any], Program], state: str
) -> None:
    program.upload(name="机密.csv")
    ImportRun.objects.update(state=state)
    before = ImportRun.objects.values().get()
    others = [factories.user("importer", factories.home()), factories.user("administrator")]

    for other in map(program_of, others):
        for step in STEPS:
            asked = other.post if step in ("confirm/", "undo/") else other.get
            answer = asked(run_url(step))
            problem(answer, 404, "not-found")
            assert "机密" not in answer.content.decode()
        assert said(other.get(), 200)["results"] == []
    assert ImportRun.objects.values().get() == before


def test_nothing_is_told_without_a_token(program: Program) -> None:
    program.upload(name="机密.csv")

    for step in STEPS:
        for ask in (Program().get, Program().post):
            answer = ask(run_url(step))
            problem(answer, 401, "unauthenticated")
            assert "机密" not in answer.content.decode()


def test_another_street_s_list_is_not_there(
    program_of: Callable[[Any], Program], page: PolicyListPage
) -> None:
    street = factories.street("筼筜街道")
    own = factories.policy_list("筼筜街道清单", under=factories.channel(ListChannel, street))
    program = program_of(factories.user("importer", street))

    for named in (str(page.pk), page.slug):
        found = problem(program.upload(into=named), 422, "invalid")
        assert page.title not in json.dumps(found, ensure_ascii=False)
    assert said(program.upload("事项名称,类别\n甲,乙\n"), 201)["into"]["id"] == own.pk


def test_a_list_s_channel_takes_no_file(program: Program, page: PolicyListPage) -> None:
    problem(program.upload(into=str(page.get_parent().pk)), 422, "invalid")


# Lists of runs


def test_one_s_runs_are_listed_newest_first(program: Program) -> None:
    made = [said(program.upload(), 201)["id"] for _turn in range(3)]

    first = said(program.get(RUNS, {"page_size": 2}), 200)
    second = said(program.get(first["next"]), 200)

    assert [run["id"] for page in (first, second) for run in page["results"]] == made[::-1]
    assert second["next"] is None


def test_a_cursor_that_means_nothing_is_a_problem(program: Program) -> None:
    problem(program.get(RUNS, {"cursor": "x"}), 404, "not-found")


def test_a_list_of_runs_asks_few_questions(
    program: Program, page: PolicyListPage, editor: Any, django_assert_max_num_queries: Any
) -> None:
    for _turn in range(20):
        ImportRun.objects.create(
            kind="lists", by=editor, into=page, file_name="清单.csv", file_hash="0", file_size=1
        )
    program.get()

    with django_assert_max_num_queries(12):
        program.get()


# Whatever else is sent


@pytest.mark.parametrize(
    ("method", "step", "allowed"),
    [
        ("put", "", "GET, HEAD"),
        ("delete", "", "GET, HEAD"),
        ("patch", "", "GET, HEAD"),
        ("options", "", "GET, HEAD"),
        ("post", "", "GET, HEAD"),
        ("get", "confirm/", "POST"),
        ("get", "undo/", "POST"),
        ("post", "rows/", "GET, HEAD"),
    ],
)
def test_another_method_is_a_problem(program: Program, method: str, step: str, allowed: str) -> None:
    program.upload()

    answer = getattr(program.client, method)(run_url(step), headers=program.headers)

    problem(answer, 405, "method-not-allowed")
    assert answer["Allow"] == allowed


@pytest.mark.parametrize("content_type", ["application/json", "text/csv", "application/xml", "x"])
def test_another_format_is_a_problem(program: Program, content_type: str) -> None:
    answer = program.client.generic("POST", RUNS, "{}", content_type=content_type, headers=program.headers)

    problem(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary="],
)
def test_a_form_that_cannot_be_read_is_a_problem(program: Program, content_type: str) -> None:
    answer = program.client.generic("POST", RUNS, "--x", content_type=content_type, headers=program.headers)

    problem(answer, 400, "bad-request")


@pytest.mark.parametrize(
    "address",
    [
        "/api/",
        "/api/v1/",
        "/api/v1/imports",
        "/api/v1/imports/x/",
        "/api/v2/imports/",
        "/api/v1/imports/1/x/",
    ],
)
def test_every_other_address_is_a_problem(program: Program, address: str) -> None:
    for method in ("get", "post", "put", "options"):
        answer = getattr(program.client, method)(f"/api/{address}", headers=program.headers)
        problem(answer, 404, "not-found")


def test_what_the_client_would_rather_read_changes_nothing(program: Program) -> None:
    said(program.client.get(RUNS, headers=program.headers | {"Accept": "text/html"}), 200)
    said(program.get(RUNS, {"format": "api"}), 200)


def test_a_host_that_is_not_ours_is_a_problem(program: Program) -> None:
    problem(program.client.get(RUNS, headers={"Host": "evil.example"}), 400, "bad-request")


def test_an_accident_is_a_problem_without_its_cause(
    program: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("password=1234")

    monkeypatch.setattr(import_views, "details", fail)

    answer = program.upload()

    problem(answer, 500, "unexpected")
    assert "1234" not in answer.content.decode()
    assert "An API request failed" in caplog.text


def test_every_kind_of_problem_and_every_field_is_in_the_handbook() -> None:
    handbook = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    listed = re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \|", handbook, re.MULTILINE)

    assert {name: int(status) for status, name in listed} == {
        name: status for name, (status, _title) in KINDS.items()
    }
    assert [name for name in [*UploadForm.base_fields, *LANES] if f"`{name}`" not in handbook] == []


def test_an_error_page_for_people_is_one_for_people(program: Program) -> None:
    assert program.client.get("/nichts/")["Content-Type"].startswith("text/html")


def test_columns_of_a_list_are_those_of_its_own(program: Program) -> None:
    other = factories.policy_list("设施清单", columns=[column("设施", is_title=True, is_required=True)])

    run = said(program.upload("设施\n长椅\n", into=str(other.pk)), 201)

    assert run["counts"] == {"new": 1, "missing": 0, "skipped": 0}
