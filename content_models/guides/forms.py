"""The editor's form of a guide."""

from django.utils.translation import gettext as _

from content_models.base.pages import ContentForm


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
