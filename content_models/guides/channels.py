from django.utils.translation import gettext_lazy as _

from content_models.base.pages import Channel, ContentPage
from content_models.guides.filters import GuideFilters
from content_models.guides.guides import GuidePage


class GuideChannel(Channel):
    """The index of service guides of a district, street or community."""

    lists_kind = "guides"
    subpage_types = ["guides.GuidePage"]
    filterset_class = GuideFilters
    template = "guides/guide_channel.html"
    content_panels = Channel.content_panels
    edit_handler = ContentPage.tabs((content_panels, _("内容")))

    class Meta:
        verbose_name = _("办事指南栏目")
        verbose_name_plural = _("办事指南栏目")

    def items(self):
        return (
            GuidePage.objects.live()
            .public()
            .descendant_of(self.region_page)
            .select_related("department")
            .prefetch_related("audiences")
            .order_by("sort_name")
        )
