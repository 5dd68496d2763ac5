"""Policy lists (清单): pages whose columns and rows are kept by editors."""

from django import forms
from django.apps import apps
from django.db import models
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField

from content_models.base.blocks import RICH_TEXT_FEATURES
from content_models.base.edition_pages import EditionedPage, with_current_editions
from content_models.base.pages import Channel, ContentPage
from content_models.base.public_tables import BATCH, PublicColumn
from content_models.policy_lists.columns import Column, ColumnFields, ColumnSpec, ListType, give_keys
from content_models.policy_lists.comparison import compare
from content_models.policy_lists.entries import count_inactive
from content_models.policy_lists.filters import ListFilters, filterset_of
from content_models.policy_lists.forms import PolicyListForm
from content_models.policy_lists.values import ColumnType


class PolicyListPage(EditionedPage):
    """A list of policies, duties or tasks; rows live in editions, columns are data."""

    kind = "lists"
    source_field = "source"

    @property
    def information_source(self):
        edition = self.current_edition
        said = self.source or (edition.source if edition else "")
        return said or (self.owner_unit.name if self.owner_unit else "")

    list_type = models.ForeignKey(
        ListType,
        on_delete=models.SET_NULL,
        null=True,
        related_name="lists",
        verbose_name=gettext_lazy("清单类型"),
    )
    owner_unit = models.ForeignKey(
        "places.Department",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="lists",
        verbose_name=gettext_lazy("责任单位"),
    )
    scope = models.CharField(gettext_lazy("适用范围"), max_length=120, blank=True)
    intro = RichTextField(gettext_lazy("说明"), blank=True, features=RICH_TEXT_FEATURES)
    source = models.CharField(gettext_lazy("来源"), max_length=300, blank=True)
    source_file = models.ForeignKey(
        "wagtaildocs.Document",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("来源文件"),
    )
    is_internal = models.BooleanField(
        gettext_lazy("内部清单"),
        default=False,
        help_text=gettext_lazy("整个清单只供工作人员使用，公开网站、搜索和接口都看不到。"),
    )
    is_demo = models.BooleanField(gettext_lazy("演示数据"), default=False)
    compared_with = models.ForeignKey(
        "policy_lists.ListEdition",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("与哪一版对比"),
        help_text=gettext_lazy("选一个以前公布的版本。选了现行版本的，等下一版公布以后才显示对比。"),
    )
    compared_on = models.DateField(
        gettext_lazy("或者与哪一天有效的版本对比"),
        null=True,
        blank=True,
        help_text=gettext_lazy("例如清理以前的一天。两样只填一样，都不填就不对比。"),
    )
    comparison_title = models.CharField(
        gettext_lazy("对比的标题"),
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text=gettext_lazy("例如：清理前后的检查。留空则写“前后对比”。"),
    )
    comparison_unit = models.CharField(
        gettext_lazy("单位"),
        max_length=10,
        blank=True,
        default="",
        db_default="",
        help_text=gettext_lazy("例如：项。留空则写“条”。"),
    )

    base_form_class = PolicyListForm
    parent_page_types = ["policy_lists.ListChannel"]
    subpage_types = []
    template = "policy_lists/policy_list_page.html"
    entry_template = "policy_lists/list_entry.html"
    changes_template = "policy_lists/policy_list_changes.html"
    shown_with = ["list_type", "owner_unit", "source_file"]

    content_panels = ContentPage.title_panels + [
        MultiFieldPanel(
            [
                FieldPanel("list_type"),
                FieldRowPanel([FieldPanel("owner_unit"), FieldPanel("scope")]),
                FieldRowPanel([FieldPanel("is_internal"), FieldPanel("is_demo")]),
            ],
            gettext_lazy("清单信息"),
        ),
        FieldPanel("intro"),
        FieldPanel("source"),
        FieldPanel("source_file"),
    ]
    columns_panels = [
        InlinePanel(
            "columns",
            heading=gettext_lazy("栏目"),
            label=gettext_lazy("栏目"),
            help_text=gettext_lazy("新建清单时留空，就用所选清单类型的默认栏目。改动在发布本页后生效。"),
        )
    ]
    comparison_panels = [
        MultiFieldPanel(
            [
                FieldPanel("compared_with", widget=forms.Select),
                FieldPanel("compared_on"),
                FieldRowPanel([FieldPanel("comparison_title"), FieldPanel("comparison_unit")]),
            ],
            gettext_lazy("前后对比"),
            help_text=gettext_lazy(
                "公开页用条形图和表格写出：以前有几条，现在有几条，差多少。按“栏目设置”里“按此分类计数”的栏目分类；"
                "值是“表示不再有效的值”的条目（例如退出）不计。"
            ),
        )
    ]
    edit_handler = ContentPage.tabs(
        (content_panels, gettext_lazy("内容")),
        (columns_panels, gettext_lazy("栏目设置")),
        (comparison_panels, gettext_lazy("前后对比")),
    )
    exclude_fields_in_copy = ["compared_with"]

    class Meta:
        verbose_name = gettext_lazy("清单")
        verbose_name_plural = gettext_lazy("清单")

    @cached_property
    def column_specs(self):
        return [ColumnSpec.of(column) for column in self.columns.all()]

    @cached_property
    def guide_titles(self):
        """Titles of live guides by page id, read only when a column points at guides."""
        if not any(column.column_type == ColumnType.GUIDE for column in self.column_specs):
            return {}
        guides = apps.get_model("guides", "GuidePage").objects.live().public()
        return {
            str(pk): title for pk, title in guides.order_by("sort_name", "path").values_list("pk", "title")
        }

    @cached_property
    def shown_guides(self):
        """Guides that the rows on display point at, by page id as text; filled by ``before_display``."""
        return {}

    @cached_property
    def comparison(self):
        """The edition in force against the one this list is compared with, if both are there."""
        if not self.is_compared:
            return None
        before, after = self.compared_edition, self.current_edition
        if before is None or after is None or before == after:
            return None
        before.owner = after.owner = self
        return compare(before, after, title=self.comparison_title, unit=self.comparison_unit)

    @property
    def is_compared(self):
        """Whether this list declares itself compared with anything."""
        return bool(self.compared_with_id or self.compared_on)

    @property
    def compared_edition(self):
        """The public edition this list declares itself compared with, by name or by day."""
        if self.compared_with_id:
            return self.editions.public().filter(pk=self.compared_with_id).first()
        return self.edition_on(self.compared_on.isoformat())[0] if self.compared_on else None

    def before_display(self, rows):
        keys = [column.key for column in self.column_specs if column.is_guide]
        wanted = {row.values[key] for row in rows for key in keys if row.values.get(key, "").isdecimal()}
        if wanted:
            guides = apps.get_model("guides", "GuidePage").objects.live().public().filter(pk__in=wanted)
            self.shown_guides = {str(guide.pk): guide for guide in guides}

    def publish_problems(self):
        problems = super().publish_problems()
        if not self.columns.all():
            problems.append(_("请至少设置一个栏目。"))
        return problems

    def take_default_columns(self):
        """Give a new list the columns of its type."""
        if self.list_type_id and not self.columns.all():
            names = [field.name for field in ColumnFields._meta.get_fields() if field.name not in ("id",)]
            self.columns = [
                Column(**{name: getattr(default, name) for name in names})
                for default in self.list_type.default_columns.all()
            ]
        give_keys(list(self.columns.all()))

    def prepare(self):
        super().prepare()
        self.take_default_columns()

    def save(self, *args, **kwargs):
        stored = type(self).objects.filter(pk=self.pk).first()
        before = stored.column_specs if stored else []
        super().save(*args, **kwargs)
        saved = type(self).objects.get(pk=self.pk)
        if before and saved.column_specs != before:
            saved.follow_columns(before)

    def save_revision(self, *args, **kwargs):
        # A column keeps its key from its first draft on, whatever it is called by the time it goes public.
        give_keys(list(self.columns.all()))
        return super().save_revision(*args, **kwargs)

    def follow_columns(self, before):
        """Bring the rows up to changed columns; older editions show no more than they did."""
        dropped = {column.key for column in before} - {column.key for column in self.column_specs}
        withdrawn = {column.key for column in before if column.key in dropped and not column.is_public}
        for edition in self.editions.all():
            edition.owner = self
            if edition.is_current or edition.is_editable:
                edition.settle()
            elif edition.live:
                edition.withdraw(withdrawn)

    def route(self, request, path_components):
        if self.is_internal:
            raise Http404
        return super().route(request, path_components)

    def filterset_for(self, edition):
        return filterset_of(edition)

    def columns_of_table(self, edition):
        return [
            PublicColumn(column.key, column.label, str(column.column_type), explained(column))
            for column in edition.public_columns
        ]

    def rows_of_table(self, edition):
        """A number stays the text it is kept as; a guide that residents cannot read is nothing."""
        readers = [(column.key, self._reader_of(column)) for column in edition.public_columns]
        rows = edition.row_model.objects.filter(edition=edition.pk)
        for key, values in rows.values_list("key", "values").iterator(chunk_size=BATCH):
            found = values.get
            yield [key, *[read(found(name)) if read else found(name) or None for name, read in readers]]

    def _reader_of(self, column):
        if column.is_guide:
            return self.guide_titles.get
        return YES_OR_NO.get if column.column_type == ColumnType.YES_NO else None


YES_OR_NO = {"yes": True, "no": False}


def explained(column):
    """What a column says of itself to whoever uses its cells as data."""
    sentences = [column.help_text]
    if column.choices:
        sentences.append(_("可选：%(choices)s。") % {"choices": "、".join(column.choices)})
    if column.empty_text:
        sentences.append(_("空着表示：%(text)s。") % {"text": column.empty_text.rstrip("。")})
    if column.inactive_values:
        sentences.append(_("“%(values)s”的条目不再有效。") % {"values": "”“".join(column.inactive_values)})
    return "".join(sentences)


def with_current_counts(pages):
    """``pages`` as a list, each with its current edition and that with its counts, by three queries."""
    pages = with_current_editions(pages)
    editions = [page.current_edition for page in pages if page.current_edition is not None]
    models.prefetch_related_objects([edition.owner for edition in editions], "columns")
    inactive = count_inactive(editions)
    for edition in editions:
        edition.inactive = inactive[edition.pk]
    return pages


class ListChannel(Channel):
    """The index of policy lists of a district, street or community."""

    lists_kind = "lists"
    subpage_types = ["policy_lists.PolicyListPage"]
    filterset_class = ListFilters
    template = "policy_lists/list_channel.html"
    content_panels = Channel.content_panels
    edit_handler = ContentPage.tabs((content_panels, gettext_lazy("内容")))

    class Meta:
        verbose_name = gettext_lazy("清单栏目")
        verbose_name_plural = gettext_lazy("清单栏目")

    def items(self):
        return (
            PolicyListPage.objects.live()
            .public()
            .filter(is_internal=False)
            .descendant_of(self.region_page)
            .select_related("list_type", "owner_unit")
            .order_by("sort_name", "path")
        )

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["lists"] = with_current_counts(context["listing"].page)
        return context
