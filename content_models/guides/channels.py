from django.utils.translation import gettext_lazy as _

from content_models.base.pages import Channel, ContentPage
from content_models.communities.reader import community_of
from content_models.guides.filters import GuideFilters
from content_models.guides.guides import GuidePage
from content_models.guides.provisions import local_answers, provision_topics


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
            .order_by("sort_name", "path")
        )

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        guides = list(context["listing"].page)
        community = community_of(request)
        answers = local_answers([guide.pk for guide in guides], community)
        for guide in guides:
            guide.local_text, guide.local_badge = answers.get(guide.pk, ("", ""))
        context.update(guides=guides, community=community)
        return context

    def shown_topics(self, context):
        """What the reader's community offers shows on every line; the guides follow."""
        local = provision_topics(context["community"])
        return [self.topic, *local, *(guide.topic for guide in context["guides"])]
