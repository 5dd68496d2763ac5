"""The editor's form of a policy list, which looks after the values already entered."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from content_models.base.pages import ContentForm
from content_models.policy_lists.values import canonical

ROWS_NAMED = 5


class PolicyListForm(ContentForm):
    """Before columns change: names stay unique, one names the row, no entered value is lost or misread."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "compared_with" in self.fields:
            self._offer_public_editions(self.fields["compared_with"])
        # A column without a database id yet is a new object in each form; its key travels with it.
        for form in self._column_forms():
            form.fields["key"] = forms.CharField(
                widget=forms.HiddenInput, required=False, initial=form.instance.key
            )

    def _offer_public_editions(self, field):
        """Only this list's own, named as residents see them; a new list has none yet."""
        field.queryset = self.instance.public_editions if self.instance.pk else field.queryset.none()
        field.label_from_instance = _edition_label
        field.empty_label = _("不选")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("compared_with") and cleaned.get("compared_on"):
            self.add_error(
                "compared_on", _("已经选了版本，就不用再填日期；要按日期对比，请把版本改为“不选”。")
            )
        return cleaned

    def check_rules(self):
        """Before it goes public: a day to compare with is one on which an edition was in force."""
        super().check_rules()
        day = self.cleaned_data.get("compared_on")
        if day and self.instance.pk and self.instance.current_edition is not None:
            edition, note = self.instance.edition_on(day.isoformat())
            if edition is None:
                self.add_error("compared_on", note + _("请换一个日期，或者选一个版本。"))

    def _column_forms(self):
        return self.formsets["columns"].forms if "columns" in self.formsets else []

    def is_valid(self):
        if not super().is_valid():
            return False
        self._give_back_keys()
        self._check_columns()
        return not self.errors and all(formset.is_valid() for formset in self.formsets.values())

    def _give_back_keys(self):
        lost = {column.key for column in self.instance.columns.all() if column.pk is None}
        for form in self._column_forms():
            key = form.cleaned_data.get("key", "")
            if key in lost and not form.instance.key:
                form.instance.key = key
                lost.remove(key)

    def _check_columns(self):
        kept = self.kept_rows("columns") if "columns" in self.formsets else []
        seen, titles = {}, []
        for form in kept:
            label = form.cleaned_data.get("label", "").strip()
            if label in seen:
                form.add_error("label", _("“%(label)s”出现了两次，请改成不同的名称。") % {"label": label})
            seen[label] = form
            if form.cleaned_data.get("is_title"):
                titles.append(form)
        for form in titles[1:]:
            form.add_error("is_title", _("一个清单只能有一个栏目作为条目名称。"))
        if self.instance.pk:
            self._check_removed()
            self._check_retyped(kept)

    def _editable_editions(self):
        return [
            edition for edition in self.instance.editions.all() if edition.is_current or edition.is_editable
        ]

    def _check_removed(self):
        for form in self._column_forms():
            if form.instance.key and form.cleaned_data.get("DELETE"):
                used = self._rows_with(form.instance.key)
                if used:
                    self.add_error(
                        None,
                        _(
                            "栏目“%(label)s”里已有 %(count)d 个值（%(where)s），不能删除。"
                            "可改为“不公开”，或先清空这些值。"
                        )
                        % {"label": form.instance.label, "count": len(used), "where": _named(used)},
                    )

    def _check_retyped(self, kept):
        for form in kept:
            if form.instance.key and {"column_type", "choices"} & set(form.changed_data):
                wrong = []
                for row in self._rows_with(form.instance.key):
                    try:
                        canonical(
                            form.cleaned_data["column_type"],
                            row.values[form.instance.key],
                            choices=form.cleaned_data.get("choices") or (),
                            guides=self.instance.guide_titles or None,
                        )
                    except ValidationError:
                        wrong.append(row)
                if wrong:
                    form.add_error(
                        "column_type",
                        _("已有 %(count)d 个值不符合新类型（%(where)s）。请先改好这些值。")
                        % {"count": len(wrong), "where": _named(wrong)},
                    )

    def _rows_with(self, key):
        return [
            row for edition in self._editable_editions() for row in edition.rows.all() if row.values.get(key)
        ]


def _edition_label(edition):
    said = [edition.title]
    if edition.since:
        said.append(_("%(day)s 起") % {"day": edition.since})
    if edition.is_current:
        said.append(_("现行"))
    return "，".join(said)


def _named(rows):
    names = "、".join(
        _("第%(order)d条“%(title)s”") % {"order": row.order, "title": row.title[:20]}
        for row in rows[:ROWS_NAMED]
    )
    return names + ("……" if len(rows) > ROWS_NAMED else "")
