"""Policy lists and their entries as other systems read them: typed by their columns, which are data."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from content_models.base.api import Asked, ContentApi, PageApi
from content_models.base.edition_pages import public_editions_by_page
from content_models.base.managers import ContentQuerySet
from content_models.base.serializers import (
    Addresses,
    DepartmentLink,
    Document,
    PageSerializer,
    PublicSerializer,
    Term,
    Text,
)
from content_models.policy_lists.columns import ColumnSpec
from content_models.policy_lists.entries import ListEdition, ListEntry
from content_models.policy_lists.filters import EntryFilters, ListFilters
from content_models.policy_lists.lists import PolicyListPage
from content_models.policy_lists.values import ColumnType

# What a cell of each type is in JSON; every cell may also be empty.
JSON_TYPES: dict[str, dict[str, Any]] = {
    ColumnType.TEXT: {"type": ["string", "null"]},
    ColumnType.LONG_TEXT: {"type": ["string", "null"]},
    ColumnType.NUMBER: {"type": ["number", "null"]},
    ColumnType.DATE: {"type": ["string", "null"], "format": "date"},
    ColumnType.CHOICE: {"type": ["string", "null"]},
    ColumnType.YES_NO: {"type": ["boolean", "null"]},
    ColumnType.LINK: {"type": ["string", "null"], "format": "uri"},
    ColumnType.GUIDE: {
        "type": ["object", "null"],
        "properties": {
            "id": {"type": "integer"},
            "title": {"type": "string"},
            "url": {"type": "string", "format": "uri"},
        },
        "required": ["id", "title", "url"],
    },
}


class ColumnSerializer(PublicSerializer):
    """A public column: ``key`` names it in ``values`` and in filters."""

    key = serializers.CharField()
    label = serializers.CharField()
    type = serializers.CharField(
        source="column_type", help_text=gettext_lazy("text long_text number date choice yes_no link guide")
    )
    choices = serializers.ListField(child=serializers.CharField())
    is_required = serializers.BooleanField()
    is_title = serializers.BooleanField(help_text=gettext_lazy("条目的名称"))
    is_category = serializers.BooleanField()
    is_searched = serializers.BooleanField(help_text=gettext_lazy("q 会找这一栏"))
    filters = serializers.ListField(
        child=serializers.CharField(),
        source="filter_names",
        help_text=gettext_lazy("这一栏可用的筛选参数"),
    )
    help_text = serializers.CharField()


class EditionSerializer(PublicSerializer):
    """A public edition of a list with what its document states."""

    number = serializers.IntegerField()
    title = serializers.CharField()
    doc_no = serializers.CharField()
    announced_on = serializers.DateField(allow_null=True)
    effective_on = serializers.DateField(allow_null=True)
    repealed_on = serializers.DateField(allow_null=True)
    is_current = serializers.BooleanField()
    entries = serializers.IntegerField(source="entered", help_text=gettext_lazy("已录入的条数"))
    stated_total = serializers.IntegerField(allow_null=True, help_text=gettext_lazy("文件里写明的条数"))
    source = serializers.CharField()
    note = serializers.CharField()
    published_at = serializers.DateTimeField(source="last_published_at", allow_null=True)


class ChangeSerializer(PublicSerializer):
    """A number before and after; ``percent`` is null where it was 0 before."""

    before = serializers.IntegerField()
    after = serializers.IntegerField()
    difference = serializers.IntegerField()
    percent = serializers.FloatField(allow_null=True, help_text=gettext_lazy("百分比，保留一位小数"))


class CountedSerializer(PublicSerializer):
    """One category of a comparison."""

    label = serializers.CharField()
    change = ChangeSerializer()


class ComparisonSerializer(PublicSerializer):
    """Entries in force of an older edition against those of the current one."""

    title = serializers.CharField()
    unit = serializers.CharField()
    before = EditionSerializer()
    after = EditionSerializer()
    total = ChangeSerializer()
    categories = CountedSerializer(many=True, source="rows")
    left_out = serializers.ListField(
        child=serializers.CharField(),
        source="leaves_out",
        help_text=gettext_lazy("值是这些的条目不再有效，不计"),
    )
    text = serializers.CharField(help_text=gettext_lazy("给人看的写法"))


class PolicyListSerializer(PageSerializer):
    """A policy list with its columns and editions; its rows are at ``entries_url``."""

    list_type = Term(allow_null=True)
    owner_unit = DepartmentLink(allow_null=True)
    scope = serializers.CharField()
    intro = Text()
    source = serializers.CharField()
    source_file = Document()
    is_demo = serializers.BooleanField(help_text=gettext_lazy("演示数据"))
    columns = ColumnSerializer(many=True, source="public_column_specs")
    editions = EditionSerializer(many=True, source="editions_read")
    comparison = ComparisonSerializer(
        allow_null=True, help_text=gettext_lazy("前后对比；没有设置对比的是 null")
    )
    entries_url = serializers.SerializerMethodField()
    schema_url = serializers.SerializerMethodField(help_text=gettext_lazy("条目的 JSON Schema"))

    def get_entries_url(self, page: PolicyListPage) -> str:
        return f"{self.get_api_url(page)}entries/"

    def get_schema_url(self, page: PolicyListPage) -> str:
        return f"{self.get_api_url(page)}schema/"


class ListApi(PageApi):
    """Policy lists; internal ones are known to nobody."""

    name = "lists"
    title = gettext_lazy("清单")
    said = gettext_lazy("每个清单的栏目和版本；条目在 entries_url。")
    model = PolicyListPage
    serializer = PolicyListSerializer
    filterset = ListFilters
    # What a list is compared with is counted for each of them.
    brief = frozenset(PolicyListSerializer().fields) - {"comparison"}
    shown_with = ("list_type", "owner_unit", "source_file")

    def rows(self, asked: Asked) -> ContentQuerySet:
        lists = super().rows(asked).filter(is_internal=False)
        return lists.prefetch_related("columns") if asked.wants("columns") else lists

    def prepare(self, rows: list[Any], asked: Asked) -> None:
        super().prepare(rows, asked)
        editions = public_editions_by_page(rows) if asked.wants("editions") else {}
        for page in rows:
            page.editions_read = editions.get(page.pk, [])
            if asked.wants("columns"):
                page.public_column_specs = [column for column in page.column_specs if column.is_public]

    def prepare_draft(self, page: Any, asked: Asked) -> None:
        super().prepare_draft(page, asked)
        page.editions_read = list(page.public_editions)
        page.public_column_specs = [column for column in page.column_specs if column.is_public]


class EntrySerializer(PublicSerializer):
    """A row of a list: typed for programs, as text for people."""

    kind = serializers.SerializerMethodField()
    key = serializers.CharField(help_text=gettext_lazy("在各个版本里不变"))
    api_url = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    order = serializers.IntegerField()
    title = serializers.CharField(source="public_title")
    is_in_force = serializers.SerializerMethodField(help_text=gettext_lazy("没有标为退出、取消等"))
    values = serializers.SerializerMethodField(help_text=gettext_lazy("按栏目类型给出的值，空的是 null"))
    texts = serializers.SerializerMethodField(help_text=gettext_lazy("网页上显示的文字"))

    def get_kind(self, row: ListEntry) -> str:
        return "entries"

    def get_api_url(self, row: ListEntry) -> str:
        edition = row.edition
        return f"{self.answer.root}lists/{edition.owner_id}/entries/{row.key}/{edition.query}"

    def get_url(self, row: ListEntry) -> str:
        edition = row.edition
        page = self.answer.addresses.page(edition.owner.url_path)
        return f"{page}entries/{row.key}/{edition.query}"

    def get_is_in_force(self, row: ListEntry) -> bool:
        return not row.is_inactive

    def get_values(self, row: ListEntry) -> dict[str, Any]:
        guides, addresses = row.edition.owner.shown_guides, self.answer.addresses
        return {
            column.key: typed(column, row.values.get(column.key, ""), guides=guides, addresses=addresses)
            for column in row.edition.public_columns
        }

    def get_texts(self, row: ListEntry) -> dict[str, str]:
        return {column.key: text for column, text, _address in row.display_cells()}


def typed(column: ColumnSpec, value: str, *, guides: Mapping[str, Any], addresses: Addresses) -> Any:
    """A stored cell as JSON has it; None where it is empty or does not fit its column any more."""
    if not value:
        return None
    match column.column_type:
        case ColumnType.NUMBER:
            return _number(value)
        case ColumnType.DATE:
            return value if _is_date(value) else None
        case ColumnType.YES_NO:
            return {"yes": True, "no": False}.get(value)
        case ColumnType.LINK:
            return value if value.startswith(("http://", "https://")) else None
        case ColumnType.GUIDE:
            guide = guides.get(value)
            return guide and {
                "id": guide.pk,
                "title": guide.title,
                "url": addresses.page(guide.url_path),
            }
    return value


def _number(text: str) -> float | None:
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return None


def _is_date(text: str) -> bool:
    try:
        return bool(datetime.date.fromisoformat(text))
    except ValueError:
        return False


class EntryApi(ContentApi):
    """The entries of one edition, given in ``asked.context["edition"]``."""

    name = "entries"
    title = gettext_lazy("清单条目")
    said = gettext_lazy("values 按栏目的类型给出，texts 是网页上的文字。栏目的 filters 都是这里的参数。")
    serializer = EntrySerializer
    filterset = EntryFilters
    order = ("order", "pk")

    def rows(self, asked: Asked) -> Any:
        edition = asked.context["edition"]
        return edition.owner.public_rows(edition)

    def prepare(self, rows: list[Any], asked: Asked) -> None:
        edition = asked.context["edition"]
        for row in rows:
            row.edition = edition
        edition.owner.before_display(rows)


def json_schema(edition: ListEdition, *, address: str) -> dict[str, Any]:
    """What ``values`` of an entry of this edition hold, as JSON Schema 2020-12."""
    columns = edition.public_columns
    properties = {}
    for column in columns:
        described = {"title": column.label, "description": column.help_text, **JSON_TYPES[column.column_type]}
        if column.choices and column.column_type == ColumnType.CHOICE:
            described["examples"] = list(column.choices)
        properties[column.key] = {name: value for name, value in described.items() if value}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "title": _("“%(list)s”%(edition)s的一个条目")
        % {"list": edition.owner.title, "edition": edition.title},
        "type": "object",
        "properties": properties,
        "required": [column.key for column in columns],
        "additionalProperties": False,
    }
