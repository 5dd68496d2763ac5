"""Blocks that any page body may use."""

from django.core.exceptions import ValidationError
from django.forms.utils import ErrorList
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock

RICH_TEXT_FEATURES = ["h3", "h4", "bold", "italic", "ol", "ul", "link", "document-link"]


class BodyBlock(blocks.StreamBlock):
    """The body of a notice or plain page."""

    heading = blocks.CharBlock(label=_("小标题"), max_length=60, icon="title", template="blocks/heading.html")
    text = blocks.RichTextBlock(label=_("正文"), features=RICH_TEXT_FEATURES, icon="pilcrow")
    image = ImageBlock(label=_("图片"), template="blocks/image.html")
    table = TableBlock(label=_("表格"), template="blocks/table.html")
    attachment = DocumentChooserBlock(label=_("附件"), template="blocks/attachment.html")

    class Meta:
        block_counts = {}

    def clean(self, value):
        if self.required and not self.is_deferred_validation and not value:
            said = _("还没有内容。请点下面的加号（插入内容块），选“正文”后填写。")
            raise blocks.StreamBlockValidationError(non_block_errors=ErrorList([ValidationError(said)]))
        return super().clean(value)
