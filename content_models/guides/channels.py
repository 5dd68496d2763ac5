from django.utils.translation import gettext_lazy as _

from content_models.base.pages import Channel, ContentPage
from content_models.communities.reader import community_of
from content_models.guides.filters import GuideFilters
from content_models.guides.guides import GuidePage
from content_models.guides.provisions import local_answers


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

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        guides = list(context["listing"].page)
        answers = local_answers([guide.pk for guide in guides], community_of(request))
        for guide in guides:
            guide.local_text, guide.local_badge = answers.get(guide.pk, ("", ""))
        context["guides"] = guides
        return context
