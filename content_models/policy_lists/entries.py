"""Editions and entries of a policy list."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel

from content_models.base.amounts import Change
from content_models.base.editions import Edition, EditionRow
from content_models.base.slugs import slug_of
from content_models.policy_lists.cells import cell
from content_models.policy_lists.columns import ColumnSpec

PROBLEMS_SHOWN = 50


class ListEdition(Edition):
    """An edition of a policy list; drafts and the current one follow its columns, older ones keep theirs."""

    owner = models.ForeignKey(
        "policy_lists.PolicyListPage",
        on_delete=models.CASCADE,
        related_name="editions",
        verbose_name=gettext_lazy("清单"),
    )
    stated_total = models.PositiveIntegerField(
        gettext_lazy("公布的总数"),
        null=True,
        blank=True,
        help_text=gettext_lazy("文件里写明的条数，用来与已录入的条数核对。"),
    )
    stated_by_category = models.JSONField(
        gettext_lazy("公布的分类数"),
        default=list,  # [[category, number]] in the document's order, which PostgreSQL does not keep for keys
        blank=True,
        help_text=gettext_lazy("文件里写明的各类条数。"),
    )
    frozen_columns = models.JSONField(default=list, blank=True, editable=False)

    kept_by_revisions = [*Edition.kept_by_revisions, "frozen_columns"]

    panels = [
        FieldPanel("title"),
        FieldRowPanel([FieldPanel("doc_no"), FieldPanel("announced_on")]),
        FieldRowPanel(
            [
                FieldPanel("effective_on"),
                FieldPanel("repealed_on", help_text=gettext_lazy("从这一天起不再有效。")),
            ]
        ),
        FieldPanel("stated_total"),
        FieldPanel("source"),
        FieldPanel("note"),
    ]

    class Meta(Edition.Meta):
        verbose_name = gettext_lazy("清单版本")
        verbose_name_plural = gettext_lazy("清单版本")

    @property
    def topic(self):
        return f"lists:{self.owner_id}"

    @cached_property
    def columns(self):
        """Columns of this edition: the list's of today, or those it had when it was replaced."""
        if self.frozen_columns and not self.is_current:
            return [ColumnSpec.from_json(data) for data in self.frozen_columns]
        return self.owner.column_specs

    @cached_property
    def public_columns(self):
        """Columns residents may see: public then and not withdrawn since."""
        hidden_now = {column.key for column in self.owner.column_specs if not column.is_public}
        return [column for column in self.columns if column.is_public and column.key not in hidden_now]

    @cached_property
    def table_columns(self):
        """The public columns of the table of entries: none that is empty throughout."""
        columns = [column for column in self.public_columns if column.is_title or column.empty_text]
        others = {f"has_{n}": column for n, column in enumerate(self.public_columns) if column not in columns}
        if others:
            rows = self.row_model.objects.filter(edition=OuterRef("pk")).order_by()
            filled = {
                name: Exists(rows.annotate(cell=cell(column.key)).filter(cell__gt=""))
                for name, column in others.items()
            }
            found = type(self).objects.filter(pk=self.pk).order_by().values(**filled).get()
            columns += [column for name, column in others.items() if found[name]]
        columns.sort(key=self.public_columns.index)
        return with_early_columns_first(columns)

    @cached_property
    def category_column(self):
        """The public column by whose values entries are counted, if the list has one."""
        return next((column for column in self.public_columns if column.is_category), None)

    def copied_header(self):
        return {
            **super().copied_header(),
            "stated_total": self.stated_total,
            "stated_by_category": self.stated_by_category,
        }

    def row_problems(self):
        guides = self.owner.guide_titles
        problems = []
        for row in self.rows.iterator(chunk_size=2000):
            for message in row.problems(columns=self.columns, guides=guides):
                problems.append(_("第 %(order)d 条：%(message)s") % {"order": row.order, "message": message})
                if len(problems) > PROBLEMS_SHOWN:
                    return [*problems[:PROBLEMS_SHOWN], _("……还有更多，改好这些后再检查。")]
        return problems

    @cached_property
    def inactive(self):
        """Number of entries marked as no longer valid (退出), which are shown but not counted as in force."""
        return count_inactive([self])[self.pk]

    @property
    def inactive_word(self):
        """What became of the inactive entries: 已退出, or plainly that they hold no more."""
        values = {value for column in self.columns for value in column.inactive_values}
        word = values.pop() if len(values) == 1 else ""
        if not word:
            return _("不再有效")
        return word if word.startswith("已") else _("已%(state)s") % {"state": word}

    @property
    def in_force(self):
        return self.entered - self.inactive

    @cached_property
    def change_text(self):
        """33 → 21，−36.4%: entries in force against the edition it replaced; empty when there is none."""
        older = self.replaces if self.replaces_id and self.replaces.live else None
        if older is None or not older.in_force:
            return ""
        older.owner = self.owner
        if older.in_force == self.in_force:
            return ""
        return Change(older.in_force, self.in_force).text

    @property
    def totals_text(self):
        """已录入 42 / 公布 161; never pretends that the list is whole."""
        if self.stated_total is None:
            return _("共 %(entered)d 条") % {"entered": self.entered}
        return _("已录入 %(entered)d / 公布 %(stated)d") % {
            "entered": self.entered,
            "stated": self.stated_total,
        }

    @property
    def in_force_text(self):
        """现行 21 条，已退出 12 条; empty where every entry is in force."""
        if not self.inactive:
            return ""
        return _("现行 %(in_force)d 条，%(state)s %(inactive)d 条") % {
            "in_force": self.in_force,
            "state": self.inactive_word,
            "inactive": self.inactive,
        }

    @property
    def summary_text(self):
        """What a line about the list says of its size: entries in force first, gaps never hidden."""
        if not self.inactive:
            return self.totals_text
        if not self.missing:
            return self.in_force_text
        return _("%(totals)s，其中%(in_force)s") % {
            "totals": self.totals_text,
            "in_force": self.in_force_text,
        }

    @property
    def missing(self):
        """How many entries the document states beyond those entered; negative when there are too many."""
        return None if self.stated_total is None else self.stated_total - self.entered

    @cached_property
    def category_totals(self):
        """``[(category, entered, stated)]``; stated is None where the document is silent."""
        if self.category_column is None:
            return []
        counts = self.counts_of(self.category_column.key)
        stated = dict(self.stated_by_category)
        return [(name, counts.get(name, 0), stated.get(name)) for name in {**stated, **counts} if name]

    def counts_of(self, key):
        """How many entries hold each value of column ``key``; counted once."""
        known = self.__dict__.setdefault("_counts", {})
        if key not in known:
            cells = self.rows.order_by().annotate(cell=cell(key)).values_list("cell")
            numbers = cells.annotate(number=models.Count("pk")).order_by("cell")
            known[key] = {value: number for value, number in numbers if value}
        return known[key]

    @property
    def is_short(self):
        return bool(self.missing) and self.missing > 0

    @property
    def is_over(self):
        return bool(self.missing) and self.missing < 0

    @property
    def shortfalls(self):
        """``[(category, missing)]``: categories with fewer entries than the document states."""
        return [
            (name, stated - entered)
            for name, entered, stated in self.category_totals
            if stated is not None and stated > entered
        ]

    def after_publish(self, replaced=None):
        """The edition that was replaced keeps the columns residents last saw it with."""
        if replaced is not None:
            frozen = [column.as_json() for column in self.owner.column_specs]
            type(self).objects.filter(pk=replaced.pk).update(frozen_columns=frozen)

    def withdraw(self, keys):
        """Keep columns from residents that were internal when the list dropped them, in search as well."""
        for data in self.frozen_columns:
            data["is_public"] = data["is_public"] and data["key"] not in keys
        type(self).objects.filter(pk=self.pk).update(frozen_columns=self.frozen_columns)
        rows = list(self.rows.all())
        for row in rows:
            row.edition = self
            row.text = row.search_text()
        ListEntry.objects.bulk_update(rows, ["text"], batch_size=2000)

    def settle(self):
        """Bring stored values and search text up to the list's columns, after those changed."""
        guides, changed = self.owner.guide_titles, []
        for row in self.rows.iterator(chunk_size=2000):
            before = (row.values, row.text)
            row.settle(guides=guides)
            if (row.values, row.text) != before:
                changed.append(row)
            if len(changed) == 2000:
                ListEntry.objects.bulk_update(changed, ["values", "text", "digest"])
                changed = []
        ListEntry.objects.bulk_update(changed, ["values", "text", "digest"])

    def publish(self, revision, *args, **kwargs):
        self.settle()
        return super().publish(revision, *args, **kwargs)


def with_early_columns_first(columns):
    """``columns`` with category and status right behind the name, where a wide table still shows them."""
    place = next((place for place, column in enumerate(columns) if column.is_title), None)
    if place is None:
        return columns
    before, after = columns[: place + 1], columns[place + 1 :]
    return before + sorted(after, key=lambda column: not column.is_early)


def count_inactive(editions):
    """``{edition id: number of its entries that are no longer in force}``, by one query at most."""
    found = dict.fromkeys((edition.pk for edition in editions), 0)
    ended, names = models.Q(), {}
    for edition in editions:
        for column in edition.columns:
            if column.inactive_values:
                name = names.setdefault(column.key, f"ended_{len(names)}")
                ended |= models.Q(edition=edition.pk, **{f"{name}__in": column.inactive_values})
    if names:
        rows = ListEntry.objects.order_by().annotate(**{name: cell(key) for key, name in names.items()})
        found |= dict(rows.filter(ended).values_list("edition").annotate(models.Count("pk")))
    return found


class ListEntry(EditionRow):
    """One row of a policy list: canonical strings by column key."""

    edition = models.ForeignKey(
        ListEdition, on_delete=models.CASCADE, related_name="rows", verbose_name=gettext_lazy("版本")
    )
    values = models.JSONField(gettext_lazy("内容"), default=dict, blank=True)
    text = models.TextField(blank=True, editable=False)

    class Meta(EditionRow.Meta):
        verbose_name = gettext_lazy("清单条目")
        verbose_name_plural = gettext_lazy("清单条目")

    def __str__(self):
        return self.title or self.key

    @property
    def title(self):
        """What the entry is called: its name column, else the first cell that has a text."""
        columns = self.edition.columns
        named = next((column for column in columns if column.is_title), None)
        if named is not None:
            return self.values.get(named.key, "")
        return next((text for column in columns if (text := self.values.get(column.key, ""))), "")

    @property
    def public_title(self):
        """The name residents read; never taken from an internal column."""
        columns = self.edition.public_columns
        named = next((column for column in columns if column.is_title), None)
        if named is not None:
            return self.values.get(named.key, "") or self.key
        return next((text for column in columns if (text := self.values.get(column.key, ""))), self.key)

    @property
    def is_inactive(self):
        """Whether a public cell says that the entry is no longer in force."""
        return any(
            self.values.get(column.key) in column.inactive_values for column in self.edition.public_columns
        )

    @property
    def url(self):
        return self.edition.owner.entry_url(self.key)

    def problems(self, *, columns=None, guides=None):
        """What keeps this row from being published, one sentence per cell."""
        problems = []
        for column in columns if columns is not None else self.edition.columns:
            try:
                column.read(self.values.get(column.key, ""), guides=guides)
            except ValidationError as error:
                message = error.messages[0]
                problems.append(message if column.label in message else f"“{column.label}”{message}")
        return problems

    def content(self):
        return {key: value for key, value in self.values.items() if value}

    def settle(self, *, guides):
        """Write values in canonical form where they fit their columns, and the search text anew."""
        values = dict(self.values)
        for column in self.edition.columns:
            try:
                values[column.key] = column.read(values.get(column.key, ""), guides=guides)
            except ValidationError:
                continue
        self.values = {key: value for key, value in values.items() if value}
        self.prepare()

    def prepare(self):
        super().prepare()
        self.text = self.search_text()

    def search_text(self):
        """What residents may find this entry by: its public, searched cells and nothing else."""
        columns = [column for column in self.edition.public_columns if column.is_searched]
        return "\n".join(value for column in columns if (value := self.values.get(column.key, "")))

    def public_cells(self):
        guides = self.edition.owner.guide_titles
        return [
            (column.key, column.label, column.show(self.values.get(column.key, ""), guides=guides))
            for column in self.edition.public_columns
        ]

    def table_cells(self):
        """The display cells of the columns that the table of entries shows."""
        return self.display_cells(self.edition.table_columns)

    def display_cells(self, columns=None):
        """``[(column, text, address)]`` of the public cells; only a link or guide has an address."""
        cells = []
        for column in self.edition.public_columns if columns is None else columns:
            value = self.values.get(column.key, "")
            if column.is_guide:
                guide = self.edition.owner.shown_guides.get(value)
                text, address = (guide.title, guide.url) if guide else ("", "")
            else:
                text, address = column.show(value), value if column.is_link else ""
            cells.append((column, text, address))
        return cells

    def other_cells(self):
        """The display cells that hold something, without the name of the entry."""
        return [cell for cell in self.display_cells() if cell[1] and not cell[0].is_title]

    def readable_key(self):
        return slug_of(self.title)[:60]
