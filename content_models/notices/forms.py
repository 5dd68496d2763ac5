"""The editor's form of a notice."""

from django.utils.translation import gettext as _

from content_models.base.pages import ContentForm


class NoticeForm(ContentForm):
    """A publicity notice says where residents send their opinions."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and self.parent_page is not None:
            for name in ("publisher", "content_source"):
                self.initial[name] = self.initial.get(name) or self.parent_page.specific.publisher
        if "index_no" in self.fields and self.instance.has_its_number:
            self.fields["index_no"].disabled = True

    def check_rules(self):
        kind, contact = self.cleaned_data.get("notice_kind"), self.cleaned_data.get("feedback_contact")
        if kind == self.instance.Kind.PUBLICITY and not contact:
            self.add_error("feedback_contact", _("公示要写“意见反馈方式”。"))
