from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content_models.base.pages import Channel, ContentPage
from content_models.places.calendar import Calendar
from content_models.places.filters import OfficeFilters
from content_models.places.offices import OfficePage, with_opening_hours


class OfficeChannel(Channel):
    """The index of offices of a district, street or community."""

    lists_kind = "offices"
    subpage_types = []
    filterset_class = OfficeFilters
    template = "places/office_channel.html"
    content_panels = Channel.content_panels
    edit_handler = ContentPage.tabs((content_panels, _("内容")))

    class Meta:
        verbose_name = _("办事场所栏目")
        verbose_name_plural = _("办事场所栏目")

    def items(self):
        offices = OfficePage.objects.live().public().descendant_of(self.region_page)
        return with_opening_hours(offices.order_by("sort_name", "path"))

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        calendar, now = Calendar.load(), timezone.localtime()
        for office in context["listing"].page:
            office.state_now = office.open_state(at=now, calendar=calendar)
        return context
