"""The admin of a policy list's editions: the row form and table follow the list's columns."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList, PublishingPanel

from content_models.base.edition_admin import CARE_PANELS, EditionViewSet
from content_models.base.edition_rows import EditionRows, shortened
from content_models.base.fields import LinesWidget
from content_models.policy_lists.cells import cell
from content_models.policy_lists.entries import ListEdition
from content_models.policy_lists.values import ColumnType


class CountsField(forms.CharField):
    """Counts by category as people write them: ``取消=12``, one per line; kept as ``[["取消", 12]]``."""

    widget = LinesWidget

    def prepare_value(self, value):
        if isinstance(value, list):
            return "\n".join(f"{name}={count}" for name, count in value)
        return value

    def to_python(self, value):
        counts = {}
        for line in (value or "").replace(";", "\n").replace("；", "\n").splitlines():
            if not line.strip():
                continue
            name, _sign, count = line.replace("＝", "=").replace("：", "=").replace(":", "=").rpartition("=")
            if not name.strip() or not count.strip().isdecimal():
                raise ValidationError(
                    _("“%(line)s”看不懂。请每行写一类，例如：取消=12。") % {"line": line.strip()[:40]}
                )
            counts[name.strip()] = int(count)
        return [list(pair) for pair in counts.items()]

    def has_changed(self, initial, data):
        try:
            return (initial or []) != self.to_python(data)
        except ValidationError:
            return True


class ListEditionForm(WagtailAdminModelForm):
    """The header of an edition of a policy list."""

    stated_by_category = CountsField(
        label=gettext_lazy("公布的分类数"),
        required=False,
        help_text=gettext_lazy("文件里写明的各类条数，每行一类，例如：取消=12。"),
    )


class EntryForm(forms.Form):
    """The form of one entry, made from the list's columns."""

    order = forms.IntegerField(label=gettext_lazy("顺序"), min_value=0, required=False)

    def __init__(self, data=None, *, row, columns, guides):
        self.row, self.columns, self.guides = row, columns, guides
        super().__init__(data, initial={"order": row.order, **row.values})
        for column in columns:
            self.fields[column.key] = self._field_of(column)
        self.order_fields([*(column.key for column in columns), "order"])

    def _field_of(self, column):
        field = column.formfield(guides=list(self.guides.items()))
        stored = self.row.values.get(column.key, "")
        if isinstance(field, forms.ChoiceField) and stored not in dict(field.choices):
            # A value that came in otherwise must be seen to be put right.
            field.choices = [*field.choices, (stored, _("%(value)s（不符合要求）") % {"value": stored})]
        if not column.is_public:
            field.help_text = " ".join(filter(None, [field.help_text, _("内部栏目，不公开。")]))
        return field

    def clean(self):
        cleaned = super().clean()
        for column in self.columns:
            if column.key in cleaned:
                try:
                    cleaned[column.key] = column.read(cleaned[column.key], guides=self.guides)
                except ValidationError as error:
                    self.add_error(column.key, error)
        return cleaned

    @property
    def typed_values(self):
        typed = {
            column.key: self.cleaned_data.get(column.key, self.data.get(column.key, ""))
            for column in self.columns
        }
        return {**self.row.values, **typed}

    def save(self):
        values = {**self.row.values, **{column.key: self.cleaned_data[column.key] for column in self.columns}}
        self.row.values = {key: value for key, value in values.items() if value}
        if self.cleaned_data["order"] is not None:
            self.row.order = self.cleaned_data["order"]
        self.row.save()
        return self.row


class ListRows(EditionRows):
    """Entries of an edition, by the columns of their list."""

    panel = None

    @property
    def columns(self):
        return self.edition.columns

    @property
    def guides(self):
        return self.edition.owner.guide_titles

    def headings(self):
        named = [column for column in self.columns if column.is_title]
        return [
            (column.label, not column.is_public)
            for column in [*named, *(column for column in self.columns if column not in named)]
        ]

    def summary(self, row):
        by_key = {key: text for key, _label, text in self.cells(row)}
        ordered = sorted(self.columns, key=lambda column: not column.is_title)
        return [shortened(by_key[column.key]) for column in ordered]

    def name(self, row):
        return row.title

    def cells(self, row):
        return [
            (column.key, column.label, column.show(row.values.get(column.key, ""), guides=self.guides))
            for column in self.columns
        ]

    def problems(self, row):
        return row.problems(columns=self.columns, guides=self.guides)

    def search(self, rows, text):
        wanted = Q(key__icontains=text)
        for number, column in enumerate(self.columns):
            rows = rows.annotate(**{f"searched_{number}": cell(column.key)})
            wanted |= Q(**{f"searched_{number}__icontains": text})
            if column.column_type == ColumnType.GUIDE:
                named = [pk for pk, title in self.guides.items() if text in title]
                wanted |= Q(**{f"searched_{number}__in": named})
        return rows.filter(wanted)

    def warnings(self):
        edition, found = self.edition, []
        if edition.missing:
            found.append(
                _("%(totals)s，相差 %(missing)d 条。公开页会照实写明。")
                % {"totals": edition.totals_text, "missing": abs(edition.missing)}
            )
        for name, entered, stated in edition.category_totals:
            if stated is not None and stated != entered:
                found.append(
                    _("“%(name)s”：已录入 %(entered)d / 公布 %(stated)d。")
                    % {"name": name, "entered": entered, "stated": stated}
                )
        return found

    def form(self, row, data=None, files=None):
        return EntryForm(data, row=row, columns=self.columns, guides=self.guides)

    def takes(self, key):
        return True

    def merged(self, form, row, keys):
        stored = {key: row.values.get(key, "") for key in keys}
        row.values = {**form.typed_values, **stored}
        return self.form(row)

    def typed(self, form, row):
        typed = form.typed_values
        return [
            (column.key, column.label, column.show(typed.get(column.key, ""), guides=self.guides))
            for column in self.columns
        ]


class ListEditionViewSet(EditionViewSet):
    """Editions of policy lists."""

    model = ListEdition
    rows_class = ListRows
    icon = "list-ul"
    menu_label = gettext_lazy("清单版本")
    menu_name = "list-editions"
    owner_noun = gettext_lazy("清单")
    edit_handler = ObjectList(
        [
            FieldPanel("title"),
            FieldRowPanel([FieldPanel("doc_no"), FieldPanel("announced_on")]),
            FieldRowPanel([FieldPanel("effective_on"), FieldPanel("repealed_on")]),
            FieldRowPanel([FieldPanel("stated_total"), FieldPanel("stated_by_category")]),
            FieldPanel("source"),
            FieldPanel("note"),
            *CARE_PANELS,
            PublishingPanel(),
        ],
        base_form_class=ListEditionForm,
    )
