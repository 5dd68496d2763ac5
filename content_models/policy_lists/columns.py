"""Columns are data: kept by editors, read by form, table, filters, import and API alike."""

import re
from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.models import Orderable

from content_models.base.fields import LinesField
from content_models.base.slugs import slug_of
from content_models.policy_lists.values import ColumnType, canonical, shown

RESERVED_KEYS = {"q", "page", "edition", "as_of", "page_size", "order", "key"}


class ColumnFields(Orderable):
    """What a column is, whether of a list or the default of a list type."""

    label = models.CharField(gettext_lazy("栏目名称"), max_length=60)
    column_type = models.CharField(
        gettext_lazy("类型"), max_length=10, choices=ColumnType.choices, default=ColumnType.TEXT
    )
    choices = LinesField(
        gettext_lazy("选项"),
        help_text=gettext_lazy("“选项”类型用，每行一个。留空则不限制，按出现过的值筛选。"),
    )
    is_required = models.BooleanField(gettext_lazy("必填"), default=False)
    is_filter = models.BooleanField(gettext_lazy("可筛选"), default=False)
    is_searched = models.BooleanField(gettext_lazy("可搜索"), default=True)
    is_public = models.BooleanField(
        gettext_lazy("公开"),
        default=True,
        help_text=gettext_lazy("不勾选则只有工作人员能看到，不会出现在任何公开页面。"),
    )
    has_personal_data = models.BooleanField(
        gettext_lazy("含个人信息"), default=False, help_text=gettext_lazy("含个人信息的栏目一律不公开。")
    )
    is_title = models.BooleanField(
        gettext_lazy("作为条目名称"), default=False, help_text=gettext_lazy("一个清单只选一个。")
    )
    is_category = models.BooleanField(
        gettext_lazy("按此分类计数"),
        default=False,
        help_text=gettext_lazy("页面上按这一栏分别列出条数。一个清单只选一个。"),
    )
    inactive_values = LinesField(
        gettext_lazy("表示不再有效的值"),
        help_text=gettext_lazy("每行一个，例如：退出。这样的条目照常显示，但不计入现行条数。"),
    )
    empty_text = models.CharField(
        gettext_lazy("空着时显示"), max_length=30, blank=True, help_text=gettext_lazy("例如：未明确经费。")
    )
    help_text = models.CharField(gettext_lazy("填写说明"), max_length=200, blank=True)

    panels = [
        FieldRowPanel([FieldPanel("label"), FieldPanel("column_type")]),
        FieldPanel("choices"),
        FieldRowPanel(
            [
                FieldPanel("is_title"),
                FieldPanel("is_required"),
                FieldPanel("is_filter"),
                FieldPanel("is_searched"),
            ]
        ),
        FieldRowPanel([FieldPanel("is_category"), FieldPanel("is_public"), FieldPanel("has_personal_data")]),
        FieldRowPanel([FieldPanel("inactive_values"), FieldPanel("empty_text")]),
        FieldPanel("help_text"),
    ]

    class Meta(Orderable.Meta):
        abstract = True

    def __str__(self):
        return self.label


class ListType(ClusterableModel):
    """A kind of list (权责清单, 准入清单 …) with the columns a new list of it starts with."""

    name = models.CharField(gettext_lazy("清单类型"), max_length=60, unique=True)
    slug = models.SlugField(gettext_lazy("网址名"), max_length=60, unique=True)
    description = models.CharField(gettext_lazy("说明"), max_length=300, blank=True)

    panels = [
        FieldPanel("name"),
        FieldPanel("slug"),
        FieldPanel("description"),
        InlinePanel("default_columns", heading=gettext_lazy("默认栏目"), label=gettext_lazy("栏目")),
    ]

    class Meta:
        verbose_name = gettext_lazy("清单类型")
        verbose_name_plural = gettext_lazy("清单类型")
        ordering = ["name"]

    def __str__(self):
        return self.name


class DefaultColumn(ColumnFields):
    list_type = ParentalKey(ListType, on_delete=models.CASCADE, related_name="default_columns")

    class Meta(ColumnFields.Meta):
        verbose_name = gettext_lazy("默认栏目")
        verbose_name_plural = gettext_lazy("默认栏目")


class Column(ColumnFields):
    """A column of one list. Its key stays when it is renamed, so old rows keep their values."""

    page = ParentalKey("policy_lists.PolicyListPage", on_delete=models.CASCADE, related_name="columns")
    key = models.SlugField(max_length=40, blank=True, editable=False)

    class Meta(ColumnFields.Meta):
        verbose_name = gettext_lazy("栏目")
        verbose_name_plural = gettext_lazy("栏目")
        constraints = [
            models.UniqueConstraint(
                fields=["page", "key"],
                name="policy_lists_column_key_once",
                violation_error_message=gettext_lazy("两个栏目不能用同样的名称。"),
            )
        ]


@dataclass(frozen=True)
class ColumnSpec:
    """A column as rows, forms, tables and filters use it; also the frozen form kept with an edition."""

    key: str
    label: str
    column_type: str = ColumnType.TEXT
    choices: tuple = ()
    is_required: bool = False
    is_filter: bool = False
    is_searched: bool = True
    is_public: bool = True
    is_title: bool = False
    is_category: bool = False
    inactive_values: tuple = ()
    empty_text: str = ""
    help_text: str = ""

    @classmethod
    def of(cls, column):
        return cls(
            key=column.key,
            label=column.label,
            column_type=column.column_type,
            choices=tuple(column.choices),
            is_required=column.is_required,
            is_filter=column.is_filter,
            is_searched=column.is_searched,
            is_public=column.is_public and not column.has_personal_data,
            is_title=column.is_title,
            is_category=column.is_category,
            inactive_values=tuple(column.inactive_values),
            empty_text=column.empty_text,
            help_text=column.help_text,
        )

    def as_json(self):
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, data):
        known = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        return cls(
            **{name: tuple(value) if isinstance(value, list) else value for name, value in known.items()}
        )

    def read(self, value, *, guides=None):
        """The canonical string of ``value``; ValidationError when it does not fit this column."""
        text = canonical(self.column_type, value, choices=self.choices, guides=guides)
        if self.is_required and not text:
            raise ValidationError(_("“%(label)s”必须填写。") % {"label": self.label})
        return text

    def show(self, value, *, guides=None):
        return shown(self.column_type, value, guides=guides) or self.empty_text

    @property
    def is_number(self):
        return self.column_type == ColumnType.NUMBER

    @property
    def is_early(self):
        """Whether it says what sort an entry is or if it still holds: a wide table shows that first."""
        return self.is_category or bool(self.inactive_values)

    @property
    def filter_names(self):
        """The parameters by which entries are filtered by this column."""
        if not self.is_filter:
            return []
        if self.column_type in (ColumnType.NUMBER, ColumnType.DATE):
            return [f"{self.key}_from", f"{self.key}_to"]
        return [self.key]

    @property
    def is_choice(self):
        return self.column_type in (ColumnType.CHOICE, ColumnType.YES_NO)

    @property
    def is_link(self):
        return self.column_type == ColumnType.LINK

    @property
    def is_guide(self):
        return self.column_type == ColumnType.GUIDE

    def formfield(self, *, guides=()):
        """The form field for this column; ``guides`` are (id, title) pairs."""
        common = {"label": self.label, "required": self.is_required, "help_text": self.help_text}
        match self.column_type:
            case ColumnType.LONG_TEXT:
                return forms.CharField(widget=forms.Textarea({"rows": 3}), **common)
            case ColumnType.CHOICE if self.choices:
                return forms.ChoiceField(
                    choices=[("", "---------"), *((c, c) for c in self.choices)], **common
                )
            case ColumnType.YES_NO:
                return forms.ChoiceField(
                    choices=[("", "---------"), ("yes", _("是")), ("no", _("否"))], **common
                )
            case ColumnType.GUIDE:
                return forms.ChoiceField(choices=[("", "---------"), *guides], **common)
            case ColumnType.DATE:
                return forms.CharField(widget=forms.TextInput({"placeholder": "2022-06-20"}), **common)
            case _:
                return forms.CharField(**common)


def _plain(value):
    return list(value) if isinstance(value, tuple) else value


def key_for(label, taken):
    """A stable, readable key for a new column: 事项名称 → shi_xiang_ming_cheng."""
    base = re.sub(r"[^a-z0-9]+", "_", slug_of(label)).strip("_")[:32] or "column"
    if base in RESERVED_KEYS or base[0].isdigit():
        base = f"c_{base}"
    key, count = base, 1
    while key in taken:
        count += 1
        key = f"{base}_{count}"
    return key


def give_keys(columns):
    """Give every new column a key that its siblings do not use, and a place behind them."""
    taken = {column.key for column in columns if column.key}
    last = max((column.sort_order for column in columns if column.sort_order is not None), default=-1)
    for column in columns:
        if column.sort_order is None:
            last += 1
            column.sort_order = last
        if not column.key:
            column.key = key_for(column.label, taken)
            taken.add(column.key)
