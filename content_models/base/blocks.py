"""Blocks that any page body may use."""

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
