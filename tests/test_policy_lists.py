"""Policy lists: columns are data, cells are canonical strings, and what is internal stays inside."""

import datetime
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from content_models.base.amounts import Change
from content_models.base.checks import NotPublishable
from content_models.base.edition_pages import describe_difference
from content_models.policy_lists.columns import ColumnSpec
from content_models.policy_lists.filters import filterset_of
from content_models.policy_lists.models import (
    Column,
    ListChannel,
    ListEdition,
    ListType,
    PolicyListPage,
)
from content_models.policy_lists.values import PLAIN, ColumnType, canonical, shown
from publishing.models import OutboxEntry, TopicVersion
from publishing.publish import publish, take_back
from tests import factories
from tests.admin_forms import fields_of
from tests.factories import column, committed
from tests.live.visitors import Site, run
from tests.screens import answers

# Cells


@pytest.mark.parametrize(
    ("column_type", "written", "stored"),
    [
        ("text", " 低保 ", "低保"),
        ("text", None, ""),
        ("long_text", "甲\n乙", "甲\n乙"),
        ("number", "１２３", "123"),
        ("number", "1,234.50", "1234.5"),
        ("number", "-0.0", "0"),
        ("number", "1e3", "1000"),
        ("number", 12.5, "12.5"),
        ("number", 0, "0"),
        ("date", "2022年6月20日", "2022-06-20"),
        ("date", "2022.6.20", "2022-06-20"),
        ("date", "2022/06/20", "2022-06-20"),
        ("date", datetime.date(2022, 6, 20), "2022-06-20"),
        ("date", datetime.datetime(2022, 6, 20, tzinfo=datetime.UTC), "2022-06-20"),
        ("yes_no", "√", "yes"),
        ("yes_no", "■", "yes"),
        ("yes_no", "□", "no"),
        ("yes_no", "口", "no"),
        ("yes_no", "否", "no"),
        ("link", "https://example.com/a?b=1", "https://example.com/a?b=1"),
        ("guide", "12", "12"),
    ],
)
def test_a_cell_is_stored_in_one_form(column_type: str, written: Any, stored: str) -> None:
    assert canonical(column_type, written) == stored
    assert canonical(column_type, stored) == stored


@pytest.mark.parametrize(
    ("column_type", "written"),
    [
        ("text", "字" * 501),
        ("number", "约1.5万"),
        ("number", "NaN"),
        ("number", "Infinity"),
        ("number", "1e15"),
        ("number", "1e999999999"),
        ("number", "1e-999999"),
        ("number", "0." + "1" * 40),
        ("date", "2022-02-30"),
        ("date", "2022-06"),
        ("date", "0000-01-01"),
        ("date", "去年"),
        ("yes_no", "也许"),
        ("link", "javascript:alert(1)"),
        ("link", "example.com"),
        ("guide", "没有这个"),
    ],
)
def test_a_cell_that_does_not_fit_is_refused_in_a_sentence(column_type: str, written: str) -> None:
    with pytest.raises(ValidationError) as refused:
        canonical(column_type, written)

    assert len(refused.value.messages[0]) < 200


@pytest.mark.parametrize("column_type", PLAIN)
@given(text=st.one_of(st.text(max_size=12), st.from_regex(r"-?0?[0-9]{0,4}\.?[0-9]{0,3}", fullmatch=True)))
@example(text="字" * 501)
@example(text="-0")
@example(text="1.50")
@example(text="https://example.com/a?b=1")
@example(text=" 前后 ")
def test_what_is_plain_at_a_glance_is_canonical(column_type: str, text: str) -> None:
    if PLAIN[column_type].fullmatch(text):
        assert canonical(column_type, text) == text


def test_a_choice_is_one_of_those_offered_where_any_are() -> None:
    assert canonical("choice", "取消", choices=["取消", "保留"]) == "取消"
    assert canonical("choice", "随便") == "随便"
    with pytest.raises(ValidationError, match="可选：取消、保留"):
        canonical("choice", "随便", choices=["取消", "保留"])


def test_a_guide_is_found_by_id_or_title() -> None:
    guides = {"7": "低保申报"}

    assert canonical("guide", "低保申报", guides=guides) == "7"
    assert canonical("guide", "7", guides=guides) == "7"
    assert shown("guide", "7", guides=guides) == "低保申报"
    with pytest.raises(ValidationError):
        canonical("guide", "8", guides=guides)


@given(st.decimals(-(10**14), 10**14, places=6))
def test_any_number_is_read_back_as_it_was_stored(number: Decimal) -> None:
    stored = canonical("number", str(number))

    assert Decimal(stored) == number
    assert canonical("number", stored) == stored


@given(st.dates())
def test_any_date_is_read_back_as_it_was_stored(day: datetime.date) -> None:
    for written in (
        f"{day.year:04d}年{day.month}月{day.day}日",
        f"{day.year:04d}.{day.month}.{day.day}",
        day.isoformat(),
    ):
        assert canonical("date", written) == day.isoformat()


@given(
    st.sampled_from(ColumnType.values),
    st.text(max_size=30) | st.text("0123456789.,-eE年月日:/x", max_size=12),
)
def test_any_cell_is_refused_or_settles_at_once(column_type: str, text: str) -> None:
    try:
        stored = canonical(column_type, text)
    except ValidationError:
        return
    assert canonical(column_type, stored) == stored


# Columns


@pytest.mark.django_db
def test_a_new_list_takes_the_columns_of_its_type() -> None:
    page = factories.policy_list(columns=[], list_type=ListType.objects.get(slug="jiedao-quanze"))

    labels = [(spec.label, spec.key, spec.column_type) for spec in page.column_specs]

    assert labels[:3] == [
        ("序号", "xu_hao", "number"),
        ("事项名称", "shi_xiang_ming_cheng", "text"),
        ("类型", "lei_xing", "text"),
    ]
    assert [spec.label for spec in page.column_specs if spec.is_title] == ["事项名称"]
    assert [spec.label for spec in page.column_specs if spec.is_category] == ["调整"]


@pytest.mark.django_db
def test_keys_are_unique_and_never_those_of_the_address() -> None:
    page = factories.policy_list(
        columns=[column("类别"), column("类别!"), column("q"), column("。"), column("2022年")]
    )

    assert [spec.key for spec in page.column_specs] == [
        "lei_bie",
        "lei_bie_2",
        "c_q",
        "column",
        "c_2022_nian",
    ]


def test_a_column_survives_being_frozen() -> None:
    spec = ColumnSpec(
        "lei_bie", "类别", "choice", choices=("甲", "乙"), is_filter=True, inactive_values=("退出",)
    )

    assert ColumnSpec.from_json(spec.as_json()) == spec


def test_personal_data_is_never_public_whatever_else_is_ticked() -> None:
    assert ColumnSpec.of(Column(label="姓名", is_public=True, has_personal_data=True)).is_public is False


@pytest.mark.django_db
def test_publishing_names_the_cells_that_do_not_fit() -> None:
    page = factories.policy_list(
        columns=[column("事项", is_title=True, is_required=True), column("份数", "number")]
    )
    edition = factories.list_edition(page, [{"事项": "甲", "份数": "3"}, {"事项": "", "份数": "三"}])

    with pytest.raises(NotPublishable) as refused:
        publish(edition)

    assert refused.value.problems == ["第 2 条：“事项”必须填写。", "第 2 条：“份数”“三”不是数字。"]


@pytest.mark.django_db
def test_publishing_settles_cells_in_canonical_form() -> None:
    page = factories.policy_list(columns=[column("份数", "number"), column("日期", "date")])

    edition = factories.list_edition(page, [{"份数": "１,０００", "日期": "2022.6.20"}], published=True)

    assert edition.rows.get().values == {"fen_shu": "1000", "ri_qi": "2022-06-20"}


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(factories.user("administrator"))
    return client


def edit(admin: Client, page: PolicyListPage, **changes: Any) -> Any:
    """Send back the page's edit form with changes, published; returns the errors of form and columns."""
    address = f"/admin/pages/{page.pk}/edit/"
    data = answers(admin.get(address).context["form"]) | {"action-publish": "1"} | changes
    response = admin.post(address, data)
    if response.status_code == 302:
        return None
    form = response.context["form"]
    return str(form.errors) + str(form.formsets["columns"].errors)


@pytest.mark.django_db
def test_a_column_keeps_its_key_and_values_through_any_renaming(admin: Client) -> None:
    page = publish(factories.policy_list())
    # Added to a live page, so that its draft has no id of the database yet.
    new = {
        "columns-TOTAL_FORMS": "4",
        "columns-3-id": "",
        "columns-3-ORDER": "4",
        "columns-3-DELETE": "",
        "columns-3-label": "备注",
        "columns-3-column_type": "text",
        "columns-3-choices": "",
        "columns-3-is_public": "on",
        "columns-3-help_text": "",
        "columns-3-inactive_values": "",
        "columns-3-empty_text": "",
    }
    assert edit(admin, page, **new) is None
    factories.list_edition(factories.fresh(page), [{"事项名称": "甲", "备注": "留意"}], published=True)

    for label in ("附注", "说明"):
        assert edit(admin, page, **{"columns-3-label": label}) is None

        page = factories.fresh(page)
        assert [(spec.key, spec.label) for spec in page.column_specs][3] == ("bei_zhu", label)
        assert ("bei_zhu", label, "留意") in page.current_edition.rows.get().public_cells()


@pytest.mark.django_db
def test_a_column_added_to_a_live_list_is_guarded_like_any_other(admin: Client) -> None:
    page = factories.policy_list()
    columns: Any = page.columns
    columns.add(column("备注"))
    page.save_revision().publish()
    factories.list_edition(factories.fresh(page), [{"事项名称": "甲", "备注": "三份"}], published=True)

    assert "已有 1 个值不符合新类型" in edit(admin, page, **{"columns-3-column_type": "number"})
    assert "已有 1 个值" in edit(admin, page, **{"columns-3-DELETE": "1"})


@pytest.mark.django_db
def test_changing_a_type_names_the_rows_that_would_not_fit(admin: Client) -> None:
    page = publish(factories.policy_list())
    factories.list_edition(
        page, [{"事项名称": "低保申报", "类别": "12"}, {"事项名称": "老年证", "类别": "十二"}], published=True
    )

    refused = edit(admin, page, **{"columns-1-column_type": "number"})

    assert "第2条“老年证”" in refused
    assert "低保申报" not in refused
    assert [spec.column_type for spec in factories.fresh(page).column_specs][1] == "text"


@pytest.mark.django_db
def test_a_column_with_values_is_not_removed_an_empty_one_is(admin: Client) -> None:
    page = publish(factories.policy_list())
    factories.list_edition(page, [{"事项名称": "低保申报", "类别": "救助"}], published=True)

    assert "里已有 1 个值" in edit(admin, page, **{"columns-1-DELETE": "1"})
    assert edit(admin, page, **{"columns-2-DELETE": "1"}) is None
    assert [spec.label for spec in factories.fresh(page).column_specs] == ["事项名称", "类别"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "problem"),
    [({"columns-1-label": "事项名称"}, "出现了两次"), ({"columns-1-is_title": "on"}, "只能有一个栏目")],
)
def test_names_of_columns_differ_and_one_names_the_row(
    admin: Client, change: dict[str, str], problem: str
) -> None:
    assert problem in edit(admin, publish(factories.policy_list()), **change)


# What residents see


SECRETS = {"内部意见": "暂缓", "联系人": "张三"}


@pytest.fixture
def guarded(db: None) -> PolicyListPage:
    """A list with an internal and a personal column, both marked for search and filter as well."""
    return publish(
        factories.policy_list(
            columns=[
                column("事项名称", is_title=True),
                column("内部意见", is_public=False, is_filter=True, is_searched=True, is_category=True),
                column("联系人", has_personal_data=True, is_filter=True, is_searched=True),
            ]
        )
    )


def test_internal_and_personal_columns_are_nowhere_public(guarded: PolicyListPage) -> None:
    first = factories.list_edition(guarded, [{"key": "a", "事项名称": "低保", **SECRETS}], published=True)
    draft = first.new_draft(title="第二批")
    row = draft.rows.get()
    row.values = {**row.values, "nei_bu_yi_jian": "不办", "lian_xi_ren": "李四"}
    row.save()
    second = publish(draft)
    row = second.rows.get()

    assert row.public_cells() == [("shi_xiang_ming_cheng", "事项名称", "低保")]
    assert row.text == "低保"
    assert row.public_title == "低保"
    assert list(filterset_of(second).base_filters) == ["q"]
    assert second.category_totals == []
    assert describe_difference(second, first)["changed"] == []
    page = factories.fresh(guarded)
    for address in (
        "",
        "?edition=1",
        "entries/a/",
        "changes/",
        "editions/2/changes/",
        "?q=张三",
        "?lian_xi_ren=张三",
    ):
        said = serve(page, address)
        assert not [secret for secret in ("暂缓", "不办", "李四", "内部意见", "联系人") if secret in said], (
            address
        )


def serve(page: PolicyListPage, address: str = "") -> str:
    response = Client().get(f"/qing-dan/{page.slug}/{address}")
    assert response.status_code == 200, address
    # What the reader typed is shown to him again; that is no leak.
    return re.sub(r"<(input|a|link|form)\b[^>]*>", "", response.content.decode())


def test_a_column_made_internal_later_is_hidden_in_every_edition(db: None) -> None:
    page = publish(factories.policy_list())
    rows = [{"key": "a", "事项名称": "低保", "类别": "机密", "依据": "某文"}]
    first = factories.list_edition(page, rows, published=True)
    publish(first.new_draft(title="第二批"))
    page = factories.fresh(page)
    columns = list(page.columns.all())
    columns[1].is_public = False
    page.columns = columns
    page.save_revision().publish()

    for edition in factories.fresh(page).editions.all():
        assert "lei_bie" not in [spec.key for spec in edition.public_columns]
        assert "机密" not in edition.rows.get().text
        assert "某文" in edition.rows.get().text
    assert "机密" not in serve(page, "?edition=1")

    # Nor does dropping the internal column show it again.
    page = factories.fresh(page)
    page.columns = [kept for kept in page.columns.all() if kept.key != "lei_bie"]
    page.save_revision().publish()

    old = factories.fresh(page).editions.get(number=1)
    assert "lei_bie" not in [spec.key for spec in old.public_columns]
    assert "机密" not in old.rows.get().text


def test_a_replaced_edition_keeps_the_columns_it_was_last_seen_with(db: None) -> None:
    page = publish(factories.policy_list())
    first = factories.list_edition(page, published=True)
    second = publish(first.new_draft(title="第二批"))
    page = factories.fresh(page)
    columns = list(page.columns.all())
    columns[1].label = "门类"
    page.columns = columns
    page.save_revision().publish()

    def labels() -> list[str]:
        return [edition.columns[1].label for edition in factories.fresh(page).editions.order_by("number")]

    assert labels() == ["类别", "门类"]

    second.refresh_from_db()
    second.note = "更正说明"
    second.save_revision().publish()

    assert labels() == ["类别", "门类"]

    third = publish(second.new_draft(title="第三批"))

    assert labels() == ["类别", "门类", "门类"]
    assert third.is_current


def test_an_internal_list_is_known_to_nobody_outside(db: None, client: Client) -> None:
    page = publish(factories.policy_list("帮扶台账"))
    factories.list_edition(page, [{"key": "a", "事项名称": "甲"}], published=True)
    page = factories.fresh(page)
    page.is_internal = True
    page.save_revision().publish()
    edition = factories.list_edition(factories.fresh(page), title="机密批次", published=True)

    for address in ("", "entries/a/", "changes/", "?edition=1", "editions/1/changes/"):
        assert client.get(f"/qing-dan/{page.slug}/{address}").status_code == 404, address
    for address in ("/", "/qing-dan/", "/search/?q=帮扶"):
        assert "帮扶台账" not in client.get(address).content.decode(), address
    told = OutboxEntry.objects.filter(topic=edition.topic).order_by("-sequence")[:2]
    assert [(entry.what, entry.detail) for entry in told] == [("taken_back", {}), ("taken_back", {})]


# Filters


@pytest.fixture
def filtered(db: None) -> ListEdition:
    page = factories.policy_list(
        columns=[
            column("事项", is_title=True),
            column("类别", is_filter=True, is_category=True),
            column("金额", "number", is_filter=True),
            column("日期", "date", is_filter=True),
            column("公开否", "yes_no", is_filter=True),
            column("去向", "choice", choices=["取消", "保留"], is_filter=True),
        ]
    )
    rows = [
        {
            "key": "a",
            "事项": "甲",
            "类别": "服务",
            "金额": "9",
            "日期": "2021-12-31",
            "公开否": "是",
            "去向": "取消",
        },
        {
            "key": "b",
            "事项": "乙",
            "类别": "服务",
            "金额": "10.5",
            "日期": "2022-01-01",
            "公开否": "否",
            "去向": "保留",
        },
        {"key": "c", "事项": "丙", "类别": "管理", "金额": "-100"},
        {"key": "d", "事项": "丁"},
    ]
    return factories.list_edition(page, rows, published=True)


def asked(edition: ListEdition, query: str) -> Any:
    return filterset_of(edition)(QueryDict(query), queryset=edition.rows.all())


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", "abcd"),
        ("q=甲", "a"),
        ("q=服务 乙", "b"),
        ("lei_bie=服务", "ab"),
        ("lei_bie=服务&lei_bie=管理", "abc"),
        ("jin_e_from=9.5", "b"),
        ("jin_e_from=9&jin_e_to=10.5", "ab"),
        ("jin_e_to=0", "c"),
        ("jin_e_from=-1000", "abc"),
        ("ri_qi_from=2022-01-01", "b"),
        ("ri_qi_to=2021-12-31", "a"),
        ("gong_kai_fou=yes", "a"),
        ("qu_xiang=保留&lei_bie=服务", "b"),
        ("qu_xiang=保留&lei_bie=管理", ""),
    ],
)
def test_filters_follow_from_the_columns(filtered: ListEdition, query: str, keys: str) -> None:
    assert "".join(row.key for row in asked(filtered, query).found()) == keys


def test_choices_say_how_many_entries_they_lead_to(filtered: ListEdition) -> None:
    def counts(query: str, name: str) -> dict[str, int]:
        fields = {field.name: field for field in asked(filtered, query).fields_with_counts}
        return {option["value"]: option["count"] for option in fields[name].options}

    assert counts("", "lei_bie") == {"服务": 2, "管理": 1}
    assert counts("", "gong_kai_fou") == {"yes": 1, "no": 1}
    assert counts("jin_e_from=10", "lei_bie") == {"服务": 1}
    assert counts("lei_bie=管理", "lei_bie") == {"服务": 2, "管理": 1}


@pytest.mark.parametrize(
    "query",
    [
        "lei_bie=没有", "jin_e_from=很多", "jin_e_from=1e40", "jin_e_to=-1e40", "jin_e_from=1e999999",
        "jin_e_from=NaN", "ri_qi_from=昨天", "ri_qi_from=0000-00-00", "gong_kai_fou=maybe", "lei_bie=%00",
    ],
)  # fmt: skip
def test_a_filter_value_nobody_offered_is_named_and_ignored(filtered: ListEdition, query: str) -> None:
    answer = asked(filtered, query)

    assert len(answer.found()) == 4
    assert len(answer.notes) == 1


def test_numbers_older_than_their_column_type_stop_no_filter(filtered: ListEdition) -> None:
    row = filtered.rows.get(key="a")
    type(row).objects.filter(pk=row.pk).update(values={**row.values, "jin_e": "约5万"})

    assert [row.key for row in asked(filtered, "jin_e_from=0").found()] == ["b"]


def test_chosen_filters_can_be_taken_off_one_by_one(filtered: ListEdition) -> None:
    chips = asked(filtered, "lei_bie=服务&lei_bie=管理&page=3").chosen

    assert [(chip["label"], chip["value"]) for chip in chips] == [("类别", "服务"), ("类别", "管理")]
    assert QueryDict(chips[0]["remove"][1:]).getlist("lei_bie") == ["管理"]
    assert "page" not in chips[0]["remove"]


# Numbers and days


def test_rows_entered_stand_beside_the_number_stated(db: None) -> None:
    page = factories.policy_list(columns=[column("事项", is_title=True), column("调整", is_category=True)])
    kinds = ["区级取消"] * 12 + ["上收"] * 14 + ["下放"] * 16
    rows = [{"事项": f"事项{number}", "调整": kind} for number, kind in enumerate(kinds)]

    edition = factories.list_edition(
        page, rows, stated_total=161, stated_by_category=[["区级取消", 12], ["下放", 17]]
    )

    assert edition.totals_text == "已录入 42 / 公布 161"
    assert edition.missing == 119
    assert edition.category_totals == [("区级取消", 12, 12), ("下放", 16, 17), ("上收", 14, None)]
    assert edition.shortfalls == [("下放", 1)]


def test_too_many_rows_are_said_as_well(db: None) -> None:
    edition = factories.list_edition(factories.policy_list(), stated_total=0)

    assert (edition.missing, edition.is_over, edition.is_short) == (-1, True, False)


def test_entries_marked_as_ended_are_shown_but_not_in_force(db: None, client: Client) -> None:
    page = factories.policy_list(
        columns=[column("事项", is_title=True), column("状态", inactive_values=["退出"], is_filter=True)]
    )
    first = factories.list_edition(
        page, [{"事项": f"{n}", "状态": "准入"} for n in range(33)], published=True
    )
    draft = first.new_draft(title="2022版")
    for row in draft.rows.all()[:12]:
        row.values = {**row.values, "zhuang_tai": "退出"}
        row.save()

    edition = publish(draft)

    assert (edition.entered, edition.in_force) == (33, 21)
    assert edition.change_text == "33 → 21，−36.4%"
    for address in (page.get_url(), page.get_parent().get_url(), "/"):
        assert "现行 21 条，已退出 12 条" in client.get(address).content.decode(), address
    assert "共 12 条" in client.get(f"{page.get_url()}?zhuang_tai=退出").content.decode()


def test_entries_that_ended_are_named_beside_what_is_still_to_be_entered(db: None) -> None:
    page = factories.policy_list(
        columns=[column("事项", is_title=True), column("状态", inactive_values=["取消", "退出"])]
    )

    edition = factories.list_edition(
        page, [{"事项": "甲", "状态": "取消"}, {"事项": "乙"}], stated_total=9, published=True
    )

    assert edition.summary_text == "已录入 2 / 公布 9，其中现行 1 条，不再有效 1 条"


def test_the_index_of_lists_counts_ended_entries_without_a_query_per_list(db: None, client: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(factories.channel(ListChannel).get_url())
        return len(captured)

    def add(number: int) -> None:
        columns = [column("事项", is_title=True), column("状态", inactive_values=["退出"])]
        page = factories.policy_list(f"清单{number}", columns=columns)
        factories.list_edition(page, [{"事项": "甲", "状态": "退出"}], published=True)

    add(0)
    asked()  # content types and the site's root are read once
    one = asked()
    for number in range(1, 10):
        add(number)

    assert asked() == one


def test_the_table_of_entries_leaves_out_empty_columns_and_shows_the_category_early(
    db: None, client: Client
) -> None:
    labels = ["序号", "事项", "依据", "追责", "经费", "类别", "状态"]
    page = factories.policy_list(
        columns=[
            column("序号", "number"),
            column("事项", is_title=True),
            column("依据"),
            column("追责", "long_text"),
            column("经费", empty_text="未明确经费"),
            column("类别", is_category=True),
            column("状态", inactive_values=["退出"]),
        ]
    )
    first = factories.list_edition(
        page, [{"序号": "1", "事项": "甲", "依据": "条例", "类别": "报表", "状态": "退出"}], published=True
    )
    draft = first.new_draft(title="第二批")
    factories.fill(draft, [{"事项": "乙", "追责": "通报"}])
    publish(draft)

    def headings(query: str) -> list[str]:
        said = BeautifulSoup(client.get(page.get_url() + query).content, "html.parser")
        return [cell.get_text() for cell in said.select("thead th")]

    assert headings("?edition=1") == ["序号", "事项", "类别", "状态", "依据", "经费"]
    assert headings("") == ["序号", "事项", "类别", "状态", "依据", "追责", "经费"]
    assert [label for _key, label, _text in factories.fresh(first).rows.get().public_cells()] == labels


@pytest.mark.parametrize(
    ("query", "title", "words"),
    [
        ("", "乙", ""),
        ("as_of=2018-01-01", "甲", "施行的版本"),
        ("as_of=2022-06-20", "乙", "施行的版本"),
        ("as_of=2017-12-31", None, "还没有施行"),
        ("as_of=昨天", "乙", "不是日期"),
        ("as_of=2022-02-30", "乙", "不是日期"),
        ("as_of=%00", "乙", ""),
        ("edition=1", "甲", ""),
        ("edition=3", "乙", "没有这个版本"),
        ("edition=x", "乙", "没有这个版本"),
        ("edition=99999999999999999999", "乙", "没有这个版本"),
        ("edition=²", "乙", "没有这个版本"),
    ],
)
def test_a_reader_asks_for_an_edition_by_day_or_number(
    db: None, rf: Any, query: str, title: str | None, words: str
) -> None:
    page = publish(factories.policy_list())
    for name, day in {"甲": (2018, 1, 1), "乙": (2022, 6, 20)}.items():
        factories.list_edition(page, title=name, effective_on=datetime.date(*day), published=True)
    factories.list_edition(page, title="草稿")

    edition, note = page.chosen_edition(rf.get(f"/?{query}"))

    assert (edition.title if edition else None) == title
    assert words in note


def test_a_repealed_edition_is_not_given_as_in_force(db: None, rf: Any) -> None:
    page = publish(factories.policy_list())
    factories.list_edition(
        page, effective_on=datetime.date(2018, 1, 1), repealed_on=datetime.date(2020, 1, 1), published=True
    )

    edition, note = page.chosen_edition(rf.get("/?as_of=2021-01-01"))

    assert edition is None
    assert "已经废止" in note


def test_an_entry_keeps_its_address_through_the_editions(db: None, client: Client) -> None:
    page = publish(factories.policy_list())
    first = factories.list_edition(
        page, [{"key": "dibao", "事项名称": "低保申报"}, {"key": "old", "事项名称": "旧事"}], published=True
    )
    draft = first.new_draft(title="第二批")
    draft.rows.get(key="old").delete()
    row = draft.rows.get(key="dibao")
    row.values = {"shi_xiang_ming_cheng": "低保申请"}
    row.save()
    second = publish(draft)

    assert second.rows.get().url == f"/qing-dan/{page.slug}/entries/dibao/"
    assert "低保申请" in serve(page, "entries/dibao/")
    assert "低保申报" in serve(page, "entries/dibao/?edition=1")
    assert "旧事" in serve(page, "entries/old/?edition=1")
    for gone in (
        "entries/old/",
        "entries/nothing/",
        "entries/dibao/?as_of=1900-01-01",
        "editions/3/changes/",
    ):
        assert client.get(f"/qing-dan/{page.slug}/{gone}").status_code == 404, gone


def test_what_a_new_edition_changed_is_told_in_words(db: None) -> None:
    page = publish(factories.policy_list())
    first = factories.list_edition(
        page, [{"key": "a", "事项名称": "甲", "类别": "管理"}, {"key": "b", "事项名称": "乙"}], published=True
    )
    draft = first.new_draft(title="第二批")
    draft.rows.get(key="b").delete()
    row = draft.rows.get(key="a")
    row.values = {**row.values, "lei_bie": "服务"}
    row.save()
    factories.fill(draft, [{"key": "c", "事项名称": "丙"}])
    second = publish(draft)

    changes = describe_difference(second, first)

    assert [row.key for row in changes["added"]] == ["c"]
    assert [row.key for row in changes["removed"]] == ["b"]
    assert [(change["row"].key, change["cells"]) for change in changes["changed"]] == [
        ("a", [("类别", "管理", "服务")])
    ]
    assert {name: changes["counts"][name] for name in ("added", "removed", "changed")} == {
        "added": 1,
        "removed": 1,
        "changed": 1,
    }
    said = serve(page, "changes/")
    assert all(word in said for word in ("丙", "乙", "管理", "服务"))


def test_a_list_published_today_is_in_force_today(db: None) -> None:
    edition = factories.list_edition(factories.policy_list(), published=True)

    assert edition.owner.editions.in_force_on(timezone.localdate()).get() == edition


# Before and after


def state_columns() -> list[Column]:
    return [
        column("事项", is_title=True),
        column("类别", is_category=True),
        column("状态", inactive_values=["退出"]),
    ]


def compared(was: dict[str, int], ended: dict[str, int], **fields: Any) -> PolicyListPage:
    """A list whose second edition marks some entries of each category 退出, compared with its first."""
    page = factories.policy_list(columns=state_columns())
    rows = [
        {"事项": f"{name}{number}", "类别": name} for name, count in was.items() for number in range(count)
    ]
    first = factories.list_edition(
        page, rows, title="清理前", effective_on=datetime.date(2021, 1, 1), published=True
    )
    draft = first.new_draft(title="清理后")
    draft.effective_on = datetime.date(2022, 6, 20)
    draft.save_revision()
    left = dict(ended)
    for row in draft.rows.all():
        name = row.values.get("lei_bie", "")
        if left.get(name):
            left[name] -= 1
            row.values = {**row.values, "zhuang_tai": "退出"}
            row.save()
    publish(draft)
    page = factories.fresh(page)
    for name, value in ({"compared_with": first} | fields).items():
        setattr(page, name, value)
    page.save_revision().publish()
    return factories.fresh(page)


def bars_of(page: PolicyListPage, query: str = "") -> Any:
    return BeautifulSoup(Client().get(page.get_url() + query).content, "html.parser").find(id="comparison")


def test_a_list_says_how_many_there_were_and_are(db: None) -> None:
    page = compared(
        {"巡查检查": 33}, {"巡查检查": 12}, comparison_title="清理前后的检查", comparison_unit="项"
    )

    shown = bars_of(page)

    assert shown.h2.get_text() == "清理前后的检查"
    assert "清理前 → 清理后：33 → 21，−36.4%" in shown.get_text()
    assert [cell.get_text() for cell in shown.select("tbody tr > *")] == [
        "巡查检查",
        "33",
        "21",
        "−12",
        "−36.4%",
    ]
    assert [bar["width"] for bar in shown.select("rect")] == ["100.00", "63.64"]
    assert [number.get_text() for number in shown.select(".bars__number")] == ["33 项", "21 项"]
    assert shown.select_one("[role=img]")["aria-label"].startswith("条形图：清理前 → 清理后：33 → 21")
    assert not shown.find_all(style=True)
    assert "标为“退出”的条目不计" in shown.get_text()
    said = Client().get(page.get_url()).content.decode()
    assert "与上一版相比：" not in said  # which is the same comparison


def test_each_category_is_compared_and_a_new_one_has_no_percentage(db: None) -> None:
    page = compared({"检查": 8, "报表": 40, "": 2}, {"报表": 11})
    draft = page.current_edition.new_draft(title="第三版")
    factories.fill(draft, [{"key": "new", "事项": "新的", "类别": "评比"}])
    publish(draft)

    rows = {
        row.label: (row.change.text, row.change.difference_text, row.change.percent_text)
        for row in factories.fresh(page).comparison.shown
    }

    assert rows == {
        "报表": ("40 → 29，−27.5%", "−11", "−27.5%"),
        "检查": ("8 → 8，没有变化", "没有变化", "—"),
        "评比": ("0 → 1，+1", "+1", "—"),
        "未分类": ("2 → 2，没有变化", "没有变化", "—"),
    }
    assert list(rows)[-1] == "未分类"
    assert factories.fresh(page).comparison.total.text == "50 → 40，−20.0%"
    assert "合计504" in bars_of(page).table.get_text().replace("\n", "")


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (33, 21, "33 → 21，−36.4%"),
        (40, 29, "40 → 29，−27.5%"),
        (8, 9, "8 → 9，+12.5%"),
        (2000, 2001, "2,000 → 2,001，+0.1%"),  # half a tenth goes up
        (100000, 99999, "100,000 → 99,999，不到 0.1%"),
        (5, 5, "5 → 5，没有变化"),
        (0, 0, "0 → 0，没有变化"),
        (0, 7, "0 → 7，+7"),
        (7, 0, "7 → 0，−100.0%"),
        (None, 7, "— → 7"),
        (7, None, "7 → —"),
        (-4, 4, "−4 → 4，+8"),
        (Decimal("999999999999.99"), Decimal("0.5"), "999,999,999,999.99 → 0.5，−100.0%"),
    ],
)
def test_a_change_is_told_in_numbers_and_percent(before: Any, after: Any, text: str) -> None:
    assert Change(before, after).text == text


def test_a_list_is_compared_with_a_day(db: None) -> None:
    page = compared({"检查": 3}, {"检查": 1}, compared_with=None, compared_on=datetime.date(2021, 7, 1))

    assert page.comparison.text == "清理前 → 清理后：3 → 2，−33.3%"


@pytest.mark.parametrize("day", [datetime.date(2020, 1, 1), datetime.date(2024, 1, 1)])
def test_a_day_without_an_older_edition_shows_no_comparison(db: None, day: datetime.date) -> None:
    assert bars_of(compared({"检查": 3}, {}, compared_with=None, compared_on=day)) is None


def test_the_edition_in_force_shows_the_comparison_and_older_ones_do_not(db: None) -> None:
    page = compared({"检查": 3}, {"检查": 1})

    assert bars_of(page) is not None
    assert bars_of(page, "?edition=1") is None


def test_no_comparison_with_an_edition_that_is_the_current_one_or_gone(db: None) -> None:
    page = compared({"检查": 3}, {"检查": 1})
    first, second = page.editions.order_by("number")

    take_back(second)
    assert bars_of(page) is None  # the first is in force again

    publish(first.new_draft(title="再清理"))
    assert bars_of(page) is not None
    ListEdition.objects.filter(pk=first.pk).update(live=False)
    assert factories.fresh(page).comparison is None


def test_a_category_residents_could_not_read_then_is_not_compared_now(db: None) -> None:
    page = compared({"检查": 3, "机密": 1}, {"检查": 1})
    first = page.editions.get(number=1)
    for data in first.frozen_columns:
        data["is_public"] = data["label"] != "类别"
    first.save()

    comparison = factories.fresh(page).comparison

    assert [(row.label, row.change.text) for row in comparison.shown] == [("合计", "4 → 3，−25.0%")]
    assert "机密" not in bars_of(page).get_text()


def test_entries_still_to_be_entered_are_said_beside_the_numbers(db: None) -> None:
    page = compared({"检查": 3}, {"检查": 1})
    ListEdition.objects.filter(number=1).update(stated_total=43)

    assert "“清理前”公布 43 条，已录入 3 条，这里按已录入的计算。" in bars_of(page).get_text()


def test_many_categories_are_drawn_as_far_as_one_can_read_them(db: None) -> None:
    page = compared({f"类{number:03d}": 1 + number % 3 for number in range(80)}, {"类002": 1})

    rows = page.comparison.shown

    assert len(rows) == 30
    assert rows[-1].label == "其他 51 类"
    assert sum(row.change.after for row in rows) == page.comparison.total.after


@committed
def test_an_open_page_follows_a_new_edition() -> None:
    page = compared({"检查": 4}, {"检查": 1})
    topic, address = f"lists:{page.pk}", page.get_url()
    seen = TopicVersion.objects.get(topic=topic).version
    draft = page.current_edition.new_draft(title="第三版")
    row = draft.rows.get(key="row-4")
    row.values = {**row.values, "zhuang_tai": "退出"}
    row.save()
    publish(draft)

    answer = run(lambda: Site().get(f"/live/{topic}/", since=seen, on=address))

    assert "清理前 → 第三版：<strong" in answer.json["regions"]["main"]
    assert "4 → 2，−50.0%" in answer.json["regions"]["main"]


def test_a_comparison_costs_two_questions(db: None, client: Client) -> None:
    page = compared({"检查": 3, "报表": 4}, {"检查": 1})

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(page.get_url())
        return len(captured)

    asked()
    with_it = asked()
    PolicyListPage.objects.update(compared_with=None)

    assert with_it == asked() + 2


def test_the_interface_gives_the_comparison_as_numbers(db: None, client: Client) -> None:
    page = compared({"检查": 33}, {"检查": 12}, comparison_unit="项")

    said = client.get(f"/api/v1/lists/{page.pk}/").json()["comparison"]

    assert said["total"] == {"before": 33, "after": 21, "difference": -12, "percent": -36.4}
    assert said["categories"] == [{"label": "检查", "change": said["total"]}]
    assert (said["before"]["title"], said["after"]["title"], said["unit"]) == ("清理前", "清理后", "项")
    assert said["left_out"] == ["退出"]
    assert "comparison" not in client.get("/api/v1/lists/").json()["results"][0]
    file: Any = client.get(page.file_url(page.current_edition, "json"))
    assert json.loads(b"".join(file.streaming_content))["comparison"] == "清理前 → 清理后：33 → 21，−36.4%"


def test_an_entry_without_funding_says_so(db: None) -> None:
    page = factories.policy_list(
        columns=[column("事项", is_title=True), column("经费保障", empty_text="未明确经费")]
    )
    factories.list_edition(page, [{"key": "a", "事项": "协助普查"}], published=True)

    assert "未明确经费" in serve(page)
    assert "未明确经费" in serve(page, "entries/a/")


# The editor's form


def edit_list(page: PolicyListPage, **fields: Any) -> Any:
    client = Client()
    client.force_login(factories.user("district_editor", page.get_site().root_page))
    address = f"/admin/pages/{page.pk}/edit/"
    data = fields_of(client.get(address).content.decode()) | fields
    return client.post(address, {**data, "action-publish": "1"})


def test_an_editor_chooses_what_to_compare_with_by_name(db: None) -> None:
    page = compared({"检查": 3}, {"检查": 1}, compared_with=None)
    other = compared({"别的": 2}, {})
    first = page.editions.get(number=1)
    client = Client()
    client.force_login(factories.user("district_editor", page.get_site().root_page))

    form = BeautifulSoup(client.get(f"/admin/pages/{page.pk}/edit/").content, "html.parser")
    offered = [option.get_text() for option in form.select("[name=compared_with] option")]
    answer = edit_list(page, compared_with=str(first.pk))

    assert offered == ["不选", "清理后，2022-06-20 起，现行", "清理前，2021-01-01 起"]
    assert answer.status_code == 302
    assert factories.fresh(page).compared_with == first
    refused = edit_list(page, compared_with=str(other.editions.first().pk))
    assert refused.status_code == 200
    assert factories.fresh(page).compared_with == first


@pytest.mark.parametrize(
    ("day", "says"),
    [("2020-01-01", "2020-01-01 还没有施行的版本。请换一个日期，或者选一个版本。"), ("2021-07-01", None)],
)
def test_an_editor_is_told_of_a_day_without_an_edition(db: None, day: str, says: str | None) -> None:
    page = compared({"检查": 3}, {"检查": 1}, compared_with=None)

    answer = edit_list(page, compared_on=day)

    assert answer.status_code == (200 if says else 302)
    if says:
        assert says in answer.content.decode()


def test_an_edition_and_a_day_are_one_too_many(db: None) -> None:
    page = compared({"检查": 3}, {"检查": 1})

    answer = edit_list(page, compared_on="2021-07-01")

    assert answer.status_code == 200
    assert "已经选了版本，就不用再填日期" in answer.content.decode()
