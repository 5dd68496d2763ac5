"""The admin of editions: whose they are; how rows are worked on, checked, published and taken back."""

import datetime
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content_models.certificates.models import Certificate, CertificateEdition
from content_models.guides.models import ProvisionEdition
from content_models.policy_lists.models import ListChannel, ListEdition, ListEntry, PolicyListPage
from publishing.publish import publish, take_back
from staff.models import AuditEntry
from tests import factories as make

pytestmark = pytest.mark.django_db


def url(name: str, edition: Any, *args: Any) -> str:
    return reverse(
        f"wagtailsnippets_{edition._meta.app_label}_{edition._meta.model_name}:{name}",
        args=[edition.pk, *args],
    )


def said(response: Any) -> str:
    """What the messages on the page said."""
    return " ".join(str(message) for message in response.context["messages"])


@pytest.fixture
def streets() -> tuple[Any, Any]:
    return make.street("江苏路街道"), make.street("八大关街道")


@pytest.fixture
def policy_list(streets: tuple[Any, Any]) -> PolicyListPage:
    columns = [
        make.column("事项名称", is_title=True, is_required=True),
        make.column("类别", "choice", choices=["取消", "上收"]),
        make.column("数量", "number"),
        make.column("联系人", is_public=False),
    ]
    return make.policy_list(under=make.channel(ListChannel, streets[0]), columns=columns)


@pytest.fixture
def editor(streets: tuple[Any, Any], client: Client) -> Client:
    """The editor of the street that owns the list."""
    client.force_login(make.user("street_editor", streets[0]))
    return client


@pytest.fixture
def stranger(streets: tuple[Any, Any]) -> Client:
    """The editor of the other street."""
    client = Client()
    client.force_login(make.user("street_editor", streets[1]))
    return client


def draft_of(page: PolicyListPage, *rows: dict[str, Any], **fields: Any) -> ListEdition:
    return make.list_edition(page, rows or [{"事项名称": "低保申报", "类别": "取消", "数量": "1"}], **fields)


def cells(edition: ListEdition, **by_label: str) -> dict[str, str]:
    """Form data of a row, by column label."""
    return {column.key: by_label.get(column.label, "") for column in edition.columns}


# Whose editions these are


ADDRESSES = [
    "rows", "row_add", "rows_delete", "rows_restore", "rows_renumber", "edit", "history", "history_results",
    "usage", "delete", "unpublish", "lock", "unlock", "workflow_history", "confirm_workflow_cancellation",
    "revise", "check", "difference",
]  # fmt: skip


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_streets_editor_finds_nothing_in_any_view(
    stranger: Client, policy_list: PolicyListPage, method: str
) -> None:
    edition = draft_of(policy_list)
    row, revision = edition.rows.get(), edition.save_revision()
    addresses = [url(name, edition) for name in ADDRESSES]
    addresses += [url(name, edition, row.pk) for name in ("row_edit", "row_move")]
    addresses += [url(name, edition, revision.pk) for name in ("revisions_revert", "revisions_unschedule")]
    addresses += [url("revisions_compare", edition, "earliest", "latest")]

    answers = {address: getattr(stranger, method)(address).status_code for address in addresses}

    assert set(answers.values()) == {404}, answers
    assert ListEntry.objects.get(pk=row.pk).digest == row.digest


def test_every_address_of_an_edition_is_tried_above() -> None:
    tried = {
        *ADDRESSES,
        "row_edit",
        "row_move",
        "revisions_revert",
        "revisions_unschedule",
        "revisions_compare",
    }
    patterns = ListEdition.snippet_viewset.get_urlpatterns()

    # A workflow's own addresses ask for a task in progress besides; they are tried below.
    workflow = {"workflow_action", "collect_workflow_action_data", "workflow_history_detail"}
    assert {pattern.name for pattern in patterns} == tried | workflow | {"list", "list_results", "add"}


@pytest.mark.parametrize("name", ["workflow_action", "collect_workflow_action_data"])
def test_another_streets_editor_cannot_act_in_a_workflow(
    stranger: Client, policy_list: PolicyListPage, name: str
) -> None:
    edition = draft_of(policy_list)

    assert stranger.post(url(name, edition, "approve", 1)).status_code == 404
    assert stranger.get(url("workflow_history_detail", edition, 1)).status_code == 404


def test_listings_show_only_the_editors_own_street(
    editor: Client, stranger: Client, policy_list: PolicyListPage
) -> None:
    draft_of(policy_list, title="机密第一批")
    for name in ("list", "list_results"):
        address = reverse(f"wagtailsnippets_policy_lists_listedition:{name}")

        assert "机密第一批" in editor.get(address).content.decode()
        assert "机密第一批" not in stranger.get(address).content.decode()
        assert "机密第一批" not in stranger.get(f"{address}?owner={policy_list.pk}").content.decode()


def test_nobody_chooses_editions_and_the_ping_of_others_is_refused(
    stranger: Client, policy_list: PolicyListPage
) -> None:
    edition = draft_of(policy_list)

    assert stranger.get("/admin/snippets/choose/policy_lists/listedition/").status_code == 404
    ping = reverse("wagtailadmin_editing_sessions:ping", args=["policy_lists", "listedition", edition.pk, 1])
    assert stranger.post(ping).status_code == 404


def test_a_new_edition_cannot_be_started_for_another_street(
    stranger: Client, policy_list: PolicyListPage
) -> None:
    address = reverse("wagtailsnippets_policy_lists_listedition:add")

    response = stranger.post(address, {"owner": policy_list.pk, "start": "empty", "title": "偷建"})

    assert not response.context["form"].is_valid()
    assert not ListEdition.objects.exists()


@pytest.mark.parametrize("role", ["importer", "reviewer"])
def test_who_may_not_publish_cannot(policy_list: PolicyListPage, streets: tuple[Any, Any], role: str) -> None:
    edition, client = draft_of(policy_list), Client()
    client.force_login(make.user(role, streets[0]))

    client.post(url("check", edition), {"action": "publish"})
    client.post(url("edit", edition), {"title": "第一批", "stated_by_category": "", "action-publish": "1"})

    assert not make.fresh(edition).is_current
    assert client.get(url("check", edition)).context["can_publish"] is False


def test_an_auditor_sees_no_editions(policy_list: PolicyListPage) -> None:
    edition, client = draft_of(policy_list), Client()
    client.force_login(make.user("auditor"))

    assert client.get(url("rows", edition)).status_code == 404
    assert client.get(reverse("wagtailsnippets_policy_lists_listedition:list")).status_code == 302


# New editions


def test_a_new_edition_copies_the_one_in_force(editor: Client, policy_list: PolicyListPage) -> None:
    draft_of(policy_list, published=True)
    address = reverse("wagtailsnippets_policy_lists_listedition:add")

    response = editor.post(address, {"owner": policy_list.pk, "start": "copy", "title": "第二批"})

    draft = ListEdition.objects.get(title="第二批")
    assert response["Location"] == url("rows", draft)
    assert [row.title for row in draft.rows.all()] == ["低保申报"]
    assert draft.status == "draft"


def test_a_public_edition_is_revised_as_a_draft(editor: Client, policy_list: PolicyListPage) -> None:
    current = draft_of(policy_list, published=True)

    assert "新建修订版本" in editor.get(url("rows", current)).content.decode()
    editor.post(url("revise", current), {"title": "第一批（修订）"})

    assert ListEdition.objects.get(title="第一批（修订）").based_on == current


# Rows


def test_a_row_is_added_by_the_lists_columns(editor: Client, policy_list: PolicyListPage) -> None:
    edition = draft_of(policy_list)
    typed = cells(edition, 事项名称="高龄津贴", 类别="上收", 数量="１,２００", 联系人="王某")

    editor.post(url("row_add", edition), {**typed, "order": "2"})

    row = edition.rows.get(order=2)
    assert row.values == {**typed, columns_of(edition)["数量"]: "1200"}
    assert "新增条目“高龄津贴”" in editor.get(url("history", edition)).content.decode()


def columns_of(edition: ListEdition) -> dict[str, str]:
    return {column.label: column.key for column in edition.columns}


def test_rows_with_a_number_of_their_own_are_numbered_once(
    editor: Client, streets: tuple[Any, Any], policy_list: PolicyListPage
) -> None:
    own = make.policy_list(
        "自带序号",
        under=make.channel(ListChannel, streets[0]),
        columns=[make.column("序号", "number"), make.column("事项名称", is_title=True)],
    )

    for page in (own, policy_list):
        said_of_rows = editor.get(url("rows", draft_of(page))).content.decode()
        assert len(re.findall(r"<th[^>]*>\s*序号\s*</th>", said_of_rows)) == 1


def test_a_row_that_does_not_fit_its_columns_is_not_saved(
    editor: Client, policy_list: PolicyListPage
) -> None:
    edition = draft_of(policy_list)

    response = editor.post(url("row_add", edition), cells(edition, 类别="上收", 数量="很多"))

    errors, keys = response.context["form"].errors, columns_of(edition)
    assert "很多" in errors[keys["数量"]][0]
    assert keys["事项名称"] in errors
    assert edition.rows.count() == 1


def test_a_row_is_changed(editor: Client, policy_list: PolicyListPage) -> None:
    edition = draft_of(policy_list)
    address = url("row_edit", edition, edition.rows.get().pk)
    stamp = editor.get(address).context["stamp"]

    response = editor.post(address, {**cells(edition, 事项名称="低保复核"), "order": "1", "stamp": stamp})

    assert response["Location"].startswith(url("rows", edition))
    assert edition.rows.get().title == "低保复核"


def test_what_a_colleague_saved_meanwhile_is_shown_beside_ones_own(
    editor: Client, policy_list: PolicyListPage
) -> None:
    edition = draft_of(policy_list)
    row = edition.rows.get()
    address = url("row_edit", edition, row.pk)
    stamp = editor.get(address).context["stamp"]
    row.values = {**row.values, columns_of(edition)["事项名称"]: "同事改的"}
    row.save()
    mine = {**cells(edition, 事项名称="我改的", 类别="取消", 数量="1"), "order": "1"}

    refused = editor.post(address, {**mine, "stamp": stamp})

    key = columns_of(edition)["事项名称"]
    assert refused.context["conflict"] == [("事项名称", "同事改的", "我改的", key)]
    shown = refused.content.decode()
    assert '<td data-label="您要保存的">我改的</td>' in shown
    assert "side_by_side/side_by_side" in shown
    assert edition.rows.get().title == "同事改的"

    taken = editor.post(address, {**mine, "stamp": refused.context["stamp"], "take": key})
    assert taken.context["form"][key].value() == "同事改的"
    assert taken.context["form"][columns_of(edition)["类别"]].value() == "取消"
    assert "已取用 1 处，还没有保存" in said(taken)
    assert not taken.context["conflict"]

    editor.post(address, {**mine, "stamp": refused.context["stamp"]})

    assert edition.rows.get().title == "我改的"


def test_deleted_rows_come_back(editor: Client, policy_list: PolicyListPage) -> None:
    edition = draft_of(policy_list, {"事项名称": "甲"}, {"事项名称": "乙"}, {"事项名称": "丙"})
    before = list(edition.rows.values_list("key", "order", "digest"))
    ticked = [row.pk for row in edition.rows.all()[:2]]

    asked = editor.post(url("rows_delete", edition), {"row": ticked})
    assert "甲" in asked.content.decode()
    assert edition.rows.count() == 3

    done = editor.post(url("rows_delete", edition), {"row": ticked, "confirmed": "1"}, follow=True)
    assert "撤销删除" in said(done)
    assert edition.rows.count() == 1

    editor.post(url("rows_restore", edition))
    assert list(edition.rows.values_list("key", "order", "digest")) == before


def test_rows_of_another_edition_cannot_be_reached_through_ones_own(
    editor: Client, policy_list: PolicyListPage, streets: tuple[Any, Any]
) -> None:
    mine = draft_of(policy_list)
    others = make.list_edition(make.policy_list("别街清单", under=make.channel(ListChannel, streets[1])))
    row = others.rows.get()

    editor.post(url("rows_delete", mine), {"row": row.pk, "confirmed": "1"})
    editor.post(url("row_edit", mine, row.pk), cells(mine, 事项名称="改了"))
    editor.post(url("row_move", mine, row.pk), {"to": "up"})

    assert ListEntry.objects.get(pk=row.pk).values == row.values


def test_rows_move_and_are_numbered_anew(editor: Client, policy_list: PolicyListPage) -> None:
    edition = draft_of(policy_list, {"事项名称": "甲"}, {"事项名称": "乙"}, {"事项名称": "丙"})
    edition.rows.filter(order=3).update(order=9)

    editor.post(url("row_move", edition, edition.rows.get(order=9).pk), {"to": "up"})
    assert [row.title for row in edition.rows.all()] == ["甲", "丙", "乙"]

    editor.post(url("rows_renumber", edition))
    assert list(edition.rows.values_list("order", flat=True)) == [1, 2, 3]


@pytest.mark.parametrize("name", ["row_add", "rows_delete", "rows_renumber", "rows_restore"])
def test_rows_of_a_public_edition_cannot_be_changed(
    editor: Client, policy_list: PolicyListPage, name: str
) -> None:
    edition = draft_of(policy_list, published=True)
    row = edition.rows.get()

    for address in (url(name, edition), url("row_edit", edition, row.pk)):
        response = editor.post(
            address, {**cells(edition, 事项名称="改"), "row": row.pk, "confirmed": "1"}, follow=True
        )
        assert "请新建修订版本" in said(response)

    assert [row.title for row in edition.rows.all()] == ["低保申报"]


def test_rows_of_a_locked_draft_cannot_be_changed_by_others(
    editor: Client, policy_list: PolicyListPage
) -> None:
    edition = draft_of(policy_list)
    ListEdition.objects.filter(pk=edition.pk).update(
        locked=True, locked_by=make.user("reviewer", policy_list)
    )

    response = editor.post(url("row_add", edition), cells(edition, 事项名称="改"), follow=True)

    assert "已被锁定" in said(response)
    assert edition.rows.count() == 1


# Checking and publishing


def test_faulty_rows_are_named_linked_and_keep_the_edition_from_the_public(
    editor: Client, policy_list: PolicyListPage
) -> None:
    edition = draft_of(policy_list, {"事项名称": "好的"}, {"事项名称": "坏的", "类别": "撤销", "数量": "abc"})
    faulty = edition.rows.get(order=2)

    page = editor.get(url("rows", edition)).content.decode()
    assert url("row_edit", edition, faulty.pk) in page
    assert re.search(r"第 2 条“坏的”.*“abc”不是数字", page)

    only = editor.get(url("rows", edition), {"problems": "1"}).context["table"]
    assert [line["name"] for line in only] == ["坏的"]

    by_check = editor.post(url("check", edition), {"action": "publish"}, follow=True)
    assert "第 2 条" in said(by_check)
    form = {"title": "第一批", "stated_by_category": "", "action-publish": "1"}
    by_form = editor.post(url("edit", edition), form)
    assert "第 2 条" in said(by_form)
    editor.post(url("check", edition), {"action": "submit"})

    assert make.fresh(edition).status == "draft"


def test_an_editor_publishes_and_takes_back(editor: Client, policy_list: PolicyListPage) -> None:
    first = draft_of(policy_list, title="第一批", published=True)
    second = first.new_draft(title="第二批")

    editor.post(url("check", second), {"action": "publish"})

    assert make.fresh(second).is_current
    assert AuditEntry.objects.filter(action="publish_edition", by__isnull=False).exists()

    question = editor.get(url("unpublish", second)).content.decode()
    assert "重新显示它替换的“第一批”" in question
    refused = editor.post(url("unpublish", first), follow=True)
    assert "不能撤回" in said(refused)
    editor.post(url("unpublish", second))

    assert make.fresh(first).is_current
    assert make.fresh(second).status == "taken_back"


def test_the_header_form_publishes_and_reads_counts_by_category(
    editor: Client, policy_list: PolicyListPage
) -> None:
    edition = draft_of(policy_list)
    form = {"title": "第一批", "stated_total": "26", "stated_by_category": "取消=12\n上收：14；"}

    wrong = editor.post(url("edit", edition), {**form, "stated_by_category": "取消十二"})
    assert "看不懂" in wrong.content.decode()
    editor.post(url("edit", edition), {**form, "action-publish": "1"})

    published = make.fresh(edition)
    assert published.is_current
    assert published.stated_by_category == [["取消", 12], ["上收", 14]]


def test_publishing_may_be_scheduled(editor: Client, policy_list: PolicyListPage) -> None:
    edition = draft_of(policy_list)
    form = {
        "title": "第一批",
        "stated_by_category": "",
        "go_live_at": "2099-01-01 08:00",
        "action-publish": "1",
    }

    editor.post(url("edit", edition), form)

    assert make.fresh(edition).status == "scheduled"
    assert "2099-01-01 08:00" in editor.get(url("rows", edition)).content.decode()


def test_an_edition_in_review_is_read_only(editor: Client, policy_list: PolicyListPage) -> None:
    edition = draft_of(policy_list)

    editor.post(url("check", edition), {"action": "submit"})

    assert make.fresh(edition).status == "in_review"
    response = editor.post(url("row_add", edition), cells(edition, 事项名称="改"), follow=True)
    assert "审核中" in said(response)
    assert edition.rows.count() == 1


def test_only_drafts_are_deleted(editor: Client, policy_list: PolicyListPage) -> None:
    current = draft_of(policy_list, published=True)
    draft = current.new_draft(title="第二批")

    editor.post(url("delete", current))
    editor.post(url("delete", draft))

    assert list(ListEdition.objects.all()) == [current]


def test_the_difference_shows_internal_columns_too(editor: Client, policy_list: PolicyListPage) -> None:
    current = draft_of(policy_list, {"事项名称": "甲", "联系人": "王某"}, published=True)
    draft = current.new_draft(title="第二批")
    row = draft.rows.get()
    row.values = {**row.values, columns_of(draft)["联系人"]: "李某"}
    row.save()

    changes = editor.get(url("difference", draft)).context["changes"]

    assert changes["changed"][0]["cells"] == [("联系人", "王某", "李某")]


def test_the_listing_tells_status_as_the_edition_does(editor: Client, policy_list: PolicyListPage) -> None:
    first = draft_of(policy_list, title="甲版", published=True)
    first.new_draft(title="乙版")
    second = publish(first.new_draft(title="丙版"))
    take_back(publish(second.new_draft(title="丁版")))
    editor.post(url("check", first.new_draft(title="戊版")), {"action": "submit"})
    address = reverse("wagtailsnippets_policy_lists_listedition:list")

    shown = {edition.title: edition for edition in editor.get(address).context["object_list"]}

    assert {title: edition.shown_status for title, edition in shown.items()} == {
        title: edition.status for title, edition in shown.items()
    }
    assert len({edition.shown_status for edition in shown.values()}) == 5
    drafts = editor.get(address, {"status": "draft"}).context["object_list"]
    assert [edition.title for edition in drafts] == ["乙版"]


def test_five_thousand_rows_ask_few_questions(editor: Client, policy_list: PolicyListPage) -> None:
    edition = draft_of(policy_list, *({"事项名称": f"事项 {n}", "数量": str(n)} for n in range(5000)))
    editor.get(url("rows", edition))

    with CaptureQueriesContext(connection) as asked:
        response = editor.get(url("rows", edition), {"p": "77"})

    assert response.context["page_obj"].number == 77
    assert len(response.context["table"]) == 50
    assert len(asked) < 32, [query["sql"][:200] for query in asked]


# The other kinds


@pytest.fixture
def district_editor() -> Client:
    client = Client()
    client.force_login(make.user("district_editor", make.home()))
    return client


def test_a_certificate_item_is_written_with_its_alternatives(district_editor: Client) -> None:
    edition = make.certificate_edition(make.certificate_list(), [])
    form = {
        "order": "1", "name": "亲属关系证明", "polarity": "must_not", "status": "in_force",
        "sample_text": "null",
        "alternatives-TOTAL_FORMS": "1", "alternatives-INITIAL_FORMS": "0",
        "alternatives-MIN_NUM_FORMS": "0", "alternatives-MAX_NUM_FORMS": "1000",
        "alternatives-0-kind": "1", "alternatives-0-text": "查户口簿", "alternatives-0-ORDER": "1",
    }  # fmt: skip

    district_editor.post(url("row_add", edition), form)

    item = edition.rows.get()
    assert [alternative.text for alternative in item.alternatives.all()] == ["查户口簿"]

    district_editor.post(url("rows_delete", edition), {"row": item.pk, "confirmed": "1"})
    district_editor.post(url("rows_restore", edition))

    assert [alternative.text for alternative in edition.rows.get().alternatives.all()] == ["查户口簿"]


def test_dropping_a_certificate_that_guides_ask_for_is_pointed_out(district_editor: Client) -> None:
    page = make.certificate_list()
    current = make.certificate_edition(page, ["居住证明"], published=True)
    certificate = Certificate.objects.get(owner=page)
    make.guide("老年人优待证", materials=[make.Material(name="住址材料", certificate=certificate)])
    draft = current.new_draft(title="第二批")
    draft.rows.all().delete()
    make.certificate_item(draft, name="亲属关系证明")

    page_text = district_editor.get(url("check", draft)).content.decode()

    assert "没有了“居住证明”" in page_text
    assert "老年人优待证" in page_text


def test_each_guide_is_arranged_once(district_editor: Client) -> None:
    community, guide = make.community(), make.guide()
    edition = make.provision_edition(community)
    form = {"guide": guide.pk, "is_offered": "on", "waived_materials": "身份证"}
    form["promised_unit"] = edition.row_model._meta.get_field("promised_unit").default

    district_editor.post(url("row_add", edition), form)
    again = district_editor.post(url("row_add", edition), form)

    assert edition.rows.get().guide_id == guide.pk
    assert "已有这项服务的安排" in again.content.decode()


@pytest.mark.parametrize("model", [ListEdition, CertificateEdition, ProvisionEdition])
def test_every_kind_keeps_rights_by_subtree(stranger: Client, streets: tuple[Any, Any], model: Any) -> None:
    make_one = {
        ListEdition: lambda: make.list_edition(make.policy_list()),
        CertificateEdition: lambda: make.certificate_edition(make.certificate_list()),
        ProvisionEdition: lambda: make.provision_edition(streets[0]),
    }

    edition = make_one[model]()

    assert stranger.get(url("rows", edition)).status_code == 404
    assert stranger.get(url("edit", edition)).status_code == 404


def test_deleting_a_list_says_which_editions_go(editor: Client, policy_list: PolicyListPage) -> None:
    draft_of(policy_list)

    response = editor.get(reverse("wagtailadmin_pages:delete", args=[policy_list.pk]))

    assert "1 个清单版本（共 1 条）" in said(response)


def test_an_edition_without_a_day_it_takes_effect_warns_and_is_published(
    editor: Client, policy_list: PolicyListPage
) -> None:
    edition = draft_of(policy_list, effective_on=None)

    before = editor.get(url("check", edition)).content.decode()
    editor.post(url("check", edition), {"action": "publish"})

    assert "可以发布。请留意：" in before
    assert "没有填写“施行日期”" in before
    assert "没有发现问题" not in before
    edition.refresh_from_db()
    assert edition.is_current


def test_an_edition_without_anything_to_mind_says_so(editor: Client, policy_list: PolicyListPage) -> None:
    edition = draft_of(policy_list, effective_on=datetime.date(2026, 1, 1))

    page = editor.get(url("check", edition)).content.decode()

    assert "没有发现问题。" in page
    assert "请留意" not in page
