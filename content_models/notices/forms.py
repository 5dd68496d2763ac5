"""The editor's form of a notice."""

from django.utils.translation import gettext as _

from content_models.base.pages import ContentForm


class NoticeForm(ContentForm):
    """A publicity notice says where residents send their opinions."""

    def check_rules(self):
        kind, contact = self.cleaned_data.get("notice_kind"), self.cleaned_data.get("feedback_contact")
        if kind == self.instance.Kind.PUBLICITY and not contact:
            self.add_error("feedback_contact", _("公示要写“意见反馈方式”。"))
