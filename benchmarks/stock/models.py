from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable, Page


class StockGuidePage(Page):
    """A guide as one would first write it: a title, an intro, a text and a few rows."""

    intro = models.TextField(blank=True)
    body = RichTextField(blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro"), FieldPanel("body"), InlinePanel("rows")]
    template = "stock/guide_page.html"


class StockRow(Orderable):
    """A material, an office: a name and what is said of it."""

    page = ParentalKey(StockGuidePage, on_delete=models.CASCADE, related_name="rows")
    name = models.CharField(max_length=200)
    text = models.TextField(blank=True)
