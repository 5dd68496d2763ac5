"""The editors' box for formatted text."""

from wagtail.admin.rich_text import DraftailRichTextArea


class RichTextArea(DraftailRichTextArea):
    """Wagtail's, which hands over each letter at once: saving right after the last one loses nothing."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Milliseconds; without it a quarter of a second passes, in which a form may be sent.
        self.options["stateSaveInterval"] = 0
