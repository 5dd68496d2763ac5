"""The editor's form of a guide."""

from django.utils.translation import gettext as _

from content_models.base.pages import ContentForm
from content_models.guides.translations import languages_twice, note_what_was_translated


class GuideForm(ContentForm):
    """Errors stand beside the field or material concerned."""

    def check_rules(self):
        materials = self.kept_rows("materials")
        has_none = self.cleaned_data.get("needs_no_materials")
        if not has_none and not materials:
            self.add_error("needs_no_materials", _("请填写“申请材料”，或勾选“无需材料”。"))
        if has_none and materials:
            self.add_error("needs_no_materials", _("已勾选“无需材料”，但还列着材料。请只留一种。"))
        if not self.kept_rows("steps"):
            self.add_error_to_list("steps", _("请填写“办理流程”，至少一个环节。"))
        if not self.kept_rows("legal_basis"):
            self.add_error_to_list("legal_basis", _("请填写“设定依据”，至少一条。"))
        if self.cleaned_data.get("is_charged") and not self.kept_rows("fees"):
            self.add_error("is_charged", _("收费事项要列出“收费项目”。"))
        self._refuse_a_language_twice()

    def _refuse_a_language_twice(self):
        rows = self.kept_rows("in_other_languages")
        for name in languages_twice([form.instance for form in rows]):
            same = [form for form in rows if form.instance.get_language_display() == name]
            same[-1].add_error(
                "language", _("“%(language)s”的译文写了两份，请只留一份。") % {"language": name}
            )

    def save(self, commit=True):
        new = [
            form.instance
            for form in self.kept_rows("in_other_languages")
            if not form.instance.made_from or "translated_on" in form.changed_data
        ]
        note_what_was_translated(self.as_typed(), new)
        return super().save(commit)
