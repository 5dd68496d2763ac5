"""The screens of an import by their addresses: its owner walks through, nobody else finds it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from content_models.policy_lists.models import PolicyListPage
from imports import runs, tasks
from imports.models import HeaderChoice, ImportRun
from tests import factories

pytestmark = pytest.mark.django_db

HEADER = "编号,事项名称,类别,数量\n"
FILE = HEADER + "a,甲,取消,5\nc,丙,上收,3\n合计,,,8\n"
START = reverse("imports:start")
ELSEWHERE: dict[str, Any] = {"into-lists": "没有的清单"}
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def page() -> PolicyListPage:
    return factories.published_list()


@pytest.fixture
def editor(page: PolicyListPage) -> Any:
    return factories.user("district_editor", factories.home(), username="editor")


@pytest.fixture
def client(editor: Any) -> Client:
    return signed_in(editor)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, content: str | bytes = FILE, name: str = "清单.csv", **changes: Any) -> Any:
    body = content.encode() if isinstance(content, str) else content
    place = re.search(r'<option value="(街道权责清单[^"]*)"', text_of(client.get(START)))
    form = {"kind": "lists", "into-lists": place[1] if place else "", "file": SimpleUploadedFile(name, body)}
    return client.post(START, {k: v for k, v in (form | changes).items() if v is not None}, follow=True)


def text_of(answer: Any) -> str:
    return answer.content.decode()


def url(name: str, run: ImportRun | None = None) -> str:
    return reverse(f"imports:{name}", args=[(run or last()).pk])


def last() -> ImportRun:
    run = ImportRun.objects.first()
    assert run is not None
    return run


def columns(client: Client, **changes: Any) -> Any:
    """Send the columns as they are proposed, some of them changed."""
    page = text_of(client.get(url("columns")))
    form = {}
    for name, options in re.findall(r'<select name="(column-\d+)".*?>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        form[name] = chosen[1] if chosen else ""
    return client.post(url("columns"), form | changes, follow=True)


def checked(client: Client, content: str = FILE) -> ImportRun:
    upload(client, content)
    columns(client)
    return last()


# Start


def test_the_first_screen_offers_what_can_be_imported_and_where(client: Client) -> None:
    page = text_of(client.get(START))

    assert 'value="lists"' in page
    assert "街道权责清单" in page
    assert 'accept=".xlsx,.xls,.et,.csv,.json"' in page


def test_a_street_s_lists_are_not_offered_to_another_street(page: PolicyListPage) -> None:
    street = factories.street("筼筜街道")
    own = factories.policy_list(
        "筼筜街道清单", under=factories.channel(type(page.get_parent().specific), street)
    )

    offered = text_of(signed_in(factories.user("importer", street)).get(START))

    assert own.title in offered
    assert page.title not in offered


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"file": None}, "请选择要上传的表格文件。"),
        ({"kind": None}, "请选择要导入什么。"),
        ({"kind": "users"}, "没有这种内容。"),
        ({"into-lists": "没有的清单"}, "没有找到“没有的清单”。"),
        ({"into-lists": ""}, "请选择导入到哪里。"),
        ({"name": "清单.xlsx"}, "文件已损坏"),
        ({"name": "清单.pdf"}, "不认识“清单.pdf”这种文件"),
        ({"content": ""}, "文件是空的"),
        ({"content": b"\x89PNG\r\n\x1a\n" + bytes(200), "name": "a.xlsx"}, "请用 WPS 或 Excel"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(client: Client, changes: dict[str, Any], says: str) -> None:
    answer = upload(client, **changes)

    assert answer.status_code == 200
    assert says in text_of(answer)
    assert not ImportRun.objects.exists()


def test_other_answers_are_kept_when_the_file_is_refused(client: Client) -> None:
    page = text_of(upload(client, "", "空.csv"))

    assert re.search(r'value="lists" checked', page)
    assert re.search(r'<option value="街道权责清单[^"]*" selected', page) or page.count("<option") == 1


def test_errors_are_listed_above_and_the_first_field_has_the_focus(client: Client) -> None:
    page = text_of(upload(client, file=None, **ELSEWHERE))

    assert re.search(r'role="alert" id="errors">.*href="#id_into-lists".*href="#id_file"', page, re.S)
    assert page.count("autofocus") == 1
    assert re.search(r'name="into-lists"[^>]* autofocus', page)
    assert "文件要重新选一次" not in page


def test_that_the_file_is_to_be_chosen_again_is_said(client: Client) -> None:
    page = text_of(upload(client, **{"into-lists": ""}))

    assert "浏览器记不住文件，文件要重新选一次。" in page
    assert re.search(r'value="lists" checked', page)


def test_a_hostile_name_is_shown_as_text(client: Client) -> None:
    page = text_of(upload(client, name="<img src=x onerror=alert(1)>.csv"))

    assert "<img src=x" not in page
    assert str(last().file.name).endswith(".csv")


# Columns


def test_columns_are_proposed_with_their_first_values(client: Client) -> None:
    page = text_of(upload(client, "关于清单的说明,,,\n" + FILE))

    assert "都认得" in page
    assert page.count("确定") >= 4
    assert "<span>甲</span>" in page
    assert "表头上面的 1 行标题没有算进来" in page


def test_a_missing_required_column_is_named(client: Client) -> None:
    page = text_of(upload(client, "编号,类别\na,取消\n"))

    assert "必填的列：事项名称" in page


def test_a_choice_is_remembered_for_the_next_file(client: Client, editor: Any) -> None:
    odd = "编号,名目甲乙,类别\na,甲,取消\n"
    assert "未对应" in text_of(upload(client, odd))

    columns(client, **{"column-1": "事项名称"})
    page = text_of(upload(client, odd))

    assert HeaderChoice.objects.filter(by=editor, field="事项名称").exists()
    assert "都认得" in page


def test_one_target_is_given_once(client: Client) -> None:
    upload(client)

    page = text_of(columns(client, **{"column-2": "事项名称"}))

    assert "一列只能对应一次" in page
    assert last().state == "uploaded"


def test_a_target_that_does_not_exist_is_refused(client: Client) -> None:
    upload(client)

    assert "没有这一列" in text_of(columns(client, **{"column-2": "password"}))


def test_headers_and_cells_are_shown_as_text(client: Client) -> None:
    hostile = f"编号,事项名称,{HOSTILE}\na,{HOSTILE},{HOSTILE}\n"

    first = text_of(upload(client, hostile))
    second = text_of(columns(client))

    for page in (first, second):
        assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)" in first
    assert "&lt;script&gt;alert(1)" in second


def test_a_file_without_a_header_says_so(client: Client) -> None:
    answer = upload(client, "1\n2\n3\n")

    assert answer.status_code == 200
    assert "没有找到表头" in text_of(answer)


def test_a_file_of_something_else_is_called_so(client: Client) -> None:
    page = text_of(upload(client, "户型,朝向\n三居,南\n两居,北\n"))

    assert "这些列一列也不认得，不像是“清单”" in page
    assert "没有一列对应到网站上的列" in text_of(columns(client))
    assert last().state == "failed"


def test_a_header_without_rows_says_so_and_offers_to_remove_nothing(client: Client) -> None:
    upload(client, HEADER)

    page = text_of(columns(client))

    assert "表头下面没有内容" in page
    assert "移除" not in page
    assert last().state == "failed"


def test_a_sheet_that_is_not_there_is_refused(client: Client) -> None:
    upload(client)

    answer = client.get(url("columns"), {"sheet": HOSTILE})

    assert answer.status_code == 200
    assert HOSTILE not in text_of(answer)


# Check, preview


def test_the_preview_counts_and_shows_old_and_new(client: Client) -> None:
    run = checked(client)

    page = text_of(client.get(url("preview")))

    assert run.counts == {"changed": 1, "new": 1, "missing": 1, "skipped": 1}
    assert "<del>1</del> <ins>5</ins>" in page
    assert "文件里没有的 1 条怎么办" in page
    assert PolicyListPage.objects.get().editions.count() == 1


@pytest.mark.parametrize(
    ("asked", "has", "has_not"),
    [
        ({"show": "new"}, "丙", "<ins>5</ins>"),
        ({"show": "changed"}, "<ins>5</ins>", "丙"),
        ({"show": "missing"}, "<li>乙</li>", "丙"),
        ({"show": "skipped"}, "合计", "丙"),
        ({"q": "丙"}, "丙", "<ins>5</ins>"),
        ({"q": "没有"}, "没有符合的行", "丙"),
        ({"show": "x", "p": "99999999999", "part": "y"}, "丙", "没有符合的行"),
        ({"p": "50"}, "没有可以显示的行", "丙"),
    ],
)
def test_rows_are_filtered_and_found(client: Client, asked: dict[str, str], has: str, has_not: str) -> None:
    checked(client)

    page = text_of(client.get(url("preview"), asked))

    assert has in page
    assert has_not not in page


def test_columns_without_content_are_hidden_until_asked_for(client: Client) -> None:
    checked(client, "编号,事项名称,类别,数量\nc,丙,,\nd,丁,,3\n")

    page = text_of(client.get(url("preview"), {"q": "丙"}))
    all_columns = text_of(client.get(url("preview"), {"q": "丙", "columns": "all"}))

    assert "已隐藏 2 个空列" in page
    assert '<th scope="col">类别</th>' not in page
    assert '<th scope="col">类别</th>' in all_columns
    assert "隐藏空列" in all_columns


def test_what_changes_stands_right_behind_the_name(client: Client) -> None:
    checked(client, HEADER + "a,甲,取消,5\nb,乙,上收,2\n")

    page = text_of(client.get(url("preview")))

    table = page[page.index("import-rows") :]
    headings = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', table)
    assert headings == ["名称与行号", "结果", "数量", "类别"]


def test_fifty_rows_stand_on_a_page(client: Client) -> None:
    checked(client, HEADER + "".join(f"k{n},名{n},取消,{n}\n" for n in range(120)))

    first = text_of(client.get(url("preview")))
    third = text_of(client.get(url("preview"), {"p": "3"}))

    assert "第 1 页，共 3 页" in first
    assert first.count('class="import-row--new"') == 50
    assert third.count('class="import-row--new"') == 20
    assert "下一页" not in third


def test_an_error_stands_beside_its_cell(client: Client) -> None:
    checked(client, HEADER + "a,甲,没有的,5\n")

    page = text_of(client.get(url("preview"), {"show": "refused"}))

    assert re.search(r'data-label="类别">.*?没有的.*?class="import-problem"', page, re.S)
    assert "有错误的 1 行怎么办" in page


def test_the_file_comes_back_with_its_errors_marked(client: Client) -> None:
    checked(client, HEADER + "a,甲,没有的,5\n")

    answer = client.get(url("marked"))

    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.content.startswith(b"PK")
    assert signed_in(factories.user("importer", factories.home())).get(url("marked")).status_code == 404


def test_personal_data_is_masked_on_demand(client: Client) -> None:
    checked(client, HEADER + "a,甲 13800138000,取消,5\n")
    assert last().count("refused") == 1
    assert "个人信息" in text_of(client.get(url("preview")))

    client.post(url("check"), {"masks": "1"})

    page = text_of(client.get(url("preview")))
    assert last().count("refused") == 0
    assert "13800138000" not in page


def test_the_preview_asks_few_questions_of_the_database(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    checked(client, HEADER + "".join(f"k{n},名{n},取消,{n}\n" for n in range(60)))

    with django_assert_max_num_queries(60):
        client.get(url("preview"))


def test_a_large_file_is_left_to_the_worker(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "LARGE", 1)
    upload(client)

    page = text_of(columns(client))

    run = last()
    assert run.state == "checking"
    assert run.heartbeat is None
    assert "正在排队" in page
    assert '<noscript><meta http-equiv="refresh"' in page

    tasks.check.call(run.pk, run.by_id or 0)

    assert client.get(url("progress"), follow=True).request["PATH_INFO"] == url("preview")
    assert last().state == "checked"


def test_a_task_that_comes_late_does_nothing(client: Client) -> None:
    run = checked(client)
    before = ImportRun.objects.filter(pk=run.pk).values().get()

    for task in (tasks.check, tasks.confirm, tasks.undo):
        task.call(run.pk, run.by_id or 0)

    assert ImportRun.objects.filter(pk=run.pk).values().get() == before


def test_the_site_is_compared_again_on_demand(client: Client, page: PolicyListPage) -> None:
    checked(client)
    draft = page.current_edition.new_draft(title="别人的")
    draft.rows.get(key="a").delete()
    factories.publish(draft)

    client.post(url("check"))

    assert last().counts == {"new": 2, "missing": 1, "skipped": 1}


# Confirm, result, undo


def confirm(client: Client, **answers: str) -> Any:
    form = {"missing": "keep", "accept": "all", "outcome": "publish", "title": "第二批", "effective_on": ""}
    return client.post(url("preview"), form | answers, follow=True)


def test_removing_is_offered_with_number_and_names_and_is_never_preset(client: Client) -> None:
    run = checked(client)
    ImportRun.objects.filter(pk=run.pk).update(missing="retire")

    page = text_of(client.get(url("preview")))

    assert "移除：网站上的这 1 条不再公布" in page
    assert "包括：乙" in page
    assert re.search(r'value="keep"[^>]* checked', page)
    assert "<details" not in page.partition('id="confirm"')[2]


def test_removing_is_out_of_the_way_where_the_file_holds_less_than_half(
    client: Client, page: PolicyListPage
) -> None:
    draft = page.current_edition.new_draft(title="更多")
    factories.fill(draft, [{"key": "c", "事项名称": "丙", "类别": "取消"}])
    factories.publish(draft)
    checked(client, HEADER + "a,甲,取消,5\n")

    asked = text_of(client.get(url("preview"))).partition('id="confirm"')[2]

    assert re.search(r"<details[^>]*>\s*<summary>更多</summary>.*value=\"retire\"", asked, re.S)
    assert '<details class="import-more" open' not in asked


def keys(page: PolicyListPage) -> set[str]:
    return set(page.editions.current().get().rows.values_list("key", flat=True))


def test_confirm_writes_and_undo_brings_back(client: Client, page: PolicyListPage) -> None:
    checked(client)

    result = text_of(confirm(client, missing="retire"))

    assert keys(page) == {"a", "c"}
    assert page.editions.current().get().title == "第二批"
    assert "已完成" in result
    assert "去看看" in result

    asked = text_of(client.get(url("undo")))
    assert "撤销后，网站回到这次导入以前的样子" in asked
    assert keys(page) == {"a", "c"}
    undone = text_of(client.post(url("undo"), follow=True))

    assert keys(page) == {"a", "b"}
    assert "已撤销" in undone
    assert "撤销这次导入" not in undone


def test_a_second_click_gives_the_first_result(client: Client, page: PolicyListPage) -> None:
    checked(client)

    first = confirm(client)
    second = confirm(client, title="又一次", outcome="draft")

    assert second.request["PATH_INFO"] == first.request["PATH_INFO"] == url("result")
    assert page.editions.count() == 2
    for _again in range(2):
        client.post(url("undo"))
    assert keys(page) == {"a", "b"}


def test_errors_hold_up_the_whole_until_only_sound_rows_are_asked_for(
    client: Client, page: PolicyListPage
) -> None:
    checked(client, HEADER + "a,甲,没有的,5\nc,丙,上收,3\n")

    refused = text_of(confirm(client))

    assert "还有 1 行有错误" in refused
    assert last().state == "checked"
    confirm(client, accept="sound")
    assert keys(page) == {"a", "b", "c"}


def test_an_importer_is_not_offered_to_publish(page: PolicyListPage) -> None:
    client = signed_in(factories.user("importer", factories.home()))
    checked(client)

    offered = text_of(client.get(url("preview")))
    refused = text_of(confirm(client, outcome="publish"))

    assert 'value="publish"' not in offered
    assert "请从列出的里选一项" in refused
    assert page.editions.count() == 1
    confirm(client, outcome="draft")
    assert page.editions.filter(live=False).count() == 1


def test_a_failure_while_writing_says_so_and_leaves_everything(
    client: Client, page: PolicyListPage, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    checked(client)

    def fail(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("disk")

    monkeypatch.setattr(runs, "confirm", fail)
    answer = text_of(confirm(client))

    assert "什么都没有写入" in answer
    assert last().state == "checked"
    assert page.editions.count() == 1


def test_what_others_changed_since_the_preview_is_not_overwritten(
    client: Client, page: PolicyListPage
) -> None:
    checked(client)
    draft = page.current_edition.new_draft(title="别人的")
    row = draft.rows.get(key="a")
    row.values = {**row.values, **{key: "9" for key in row.values if key.startswith("shu")}}
    row.save()
    factories.publish(draft)

    answer = text_of(confirm(client))

    assert "被别人改过" in answer
    assert last().state == "checked"
    assert page.editions.current().get().title == "别人的"


def test_what_undo_left_alone_is_named(client: Client, page: PolicyListPage) -> None:
    checked(client)
    confirm(client, outcome="draft")
    draft = page.editions.get(live=False)
    row = draft.rows.get(key="a")
    row.values = {**row.values, **{key: "9" for key in row.values if key.startswith("shu")}}
    row.save()

    answer = text_of(client.post(url("undo"), follow=True))

    assert "撤销时没有动的" in answer
    assert "导入之后有人改过" in answer


def test_a_corrected_file_starts_a_run_of_its_own(client: Client) -> None:
    run = checked(client)

    page = text_of(client.get(START, {"again": run.pk}))

    assert "上传改好的“清单.csv”" in page
    assert re.search(r'value="lists" checked', page)
    upload(client)
    assert ImportRun.objects.count() == 2


# Who sees what

SCREENS = ["run", "columns", "check", "progress", "preview", "result", "undo"]


@pytest.mark.parametrize("state", ["uploaded", "checking", "checked", "done", "undone", "failed"])
def test_another_importer_s_run_is_not_there(client: Client, page: PolicyListPage, state: str) -> None:
    run = checked(client)
    ImportRun.objects.filter(pk=run.pk).update(state=state)
    before = ImportRun.objects.filter(pk=run.pk).values().get()
    others = signed_in(factories.user("importer", factories.home()))

    for name in SCREENS:
        for method in ("get", "post", "put", "patch", "delete", "head", "options"):
            answer = getattr(others, method)(url(name, run))
            assert answer.status_code == 404, (name, method)
            assert "清单.csv" not in text_of(answer)
    assert "清单.csv" not in text_of(others.get(reverse("imports:history")))
    assert "清单.csv" not in text_of(others.get(START, {"again": run.pk}))
    assert ImportRun.objects.filter(pk=run.pk).values().get() == before


def test_an_auditor_looks_and_changes_nothing(client: Client, page: PolicyListPage) -> None:
    run = checked(client)
    auditor = signed_in(factories.user("auditor"))

    assert "清单.csv" in text_of(auditor.get(reverse("imports:history")))
    shown = text_of(auditor.get(url("run"), follow=True))
    assert "您只能查看" in shown
    assert "确认写入" not in shown
    for name in SCREENS:
        assert auditor.post(url(name)).status_code in (404, 405), name
    assert auditor.get(START).status_code in (302, 403)
    assert ImportRun.objects.get().state == "checked"
    ImportRun.objects.filter(pk=run.pk).update(state="failed")
    assert auditor.get(url("run"), follow=True).status_code == 200


def test_an_administrator_may_undo_for_others(client: Client, page: PolicyListPage) -> None:
    checked(client)
    confirm(client)
    administrator = signed_in(factories.user("administrator"))

    assert administrator.post(url("preview"), {}).status_code == 404
    administrator.post(url("undo"))

    assert keys(page) == {"a", "b"}


def test_who_is_signed_out_is_sent_to_the_way_in(client: Client) -> None:
    run = checked(client)

    for address in [START, reverse("imports:history"), *(url(name, run) for name in SCREENS)]:
        for answer in (Client().get(address), Client().post(address)):
            assert answer.status_code == 302, address
            assert "/login/" in answer["Location"]


def test_a_form_without_its_token_is_refused(editor: Any, client: Client) -> None:
    run = checked(client)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor)

    for address in [START, *(url(name, run) for name in ("columns", "check", "preview", "undo"))]:
        assert strict.post(address).status_code == 403, address


def test_the_history_says_what_became_of_each_file(client: Client) -> None:
    run = checked(client)

    page = text_of(client.get(reverse("imports:history"), {"kind": "lists", "state": "checked"}))
    none = text_of(client.get(reverse("imports:history"), {"state": "undone"}))

    assert "清单.csv" in page
    assert run.file_hash[:8] in page
    assert "30 天后自动删除" in page
    assert "没有符合的导入" in none


def test_a_run_whose_file_is_gone_says_so(client: Client) -> None:
    run = checked(client)
    ImportRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(days=31))
    runs.remove_old_files()

    assert "上传的文件已删除" in text_of(client.get(url("columns")))


def test_the_first_step_is_at_hand(client: Client, page: PolicyListPage) -> None:
    importer = signed_in(factories.user("importer", factories.home()))

    jobs = re.findall(r'class="jobs__link" href="([^"]+)"', text_of(importer.get("/admin/")))

    assert jobs[0] == START
    assert START in text_of(client.get("/admin/"))


def test_runs_whose_worker_is_gone_are_settled_by_the_schedule(client: Client) -> None:
    from publishing import schedule  # noqa: PLC0415  registered by the app

    run = checked(client)
    long_ago = timezone.now() - timedelta(minutes=5)
    ImportRun.objects.filter(pk=run.pk).update(state="confirming", heartbeat=long_ago)

    done = schedule.run_due()

    assert done["settle_lost"] == 1
    assert "写入中断了" in text_of(client.get(url("preview")))
