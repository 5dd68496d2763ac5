import django_filters
from django.utils.translation import gettext_lazy as _

from content_models.base import codes
from content_models.base.filters import PublicFilterSet, counted, counted_codes
from content_models.base.taxonomy import Audience, Topic
from content_models.guides.guides import GuidePage
from content_models.places.models import Department


class GuideFilters(PublicFilterSet):
    """How residents narrow the guides."""

    search_fields = ["title", "everyday_names", "summary", "full_name"]

    audience = django_filters.ModelMultipleChoiceFilter(
        label=_("服务人群"),
        field_name="audiences__slug",
        queryset=Audience.objects.all(),
        to_field_name="slug",
    )
    topic = django_filters.ModelMultipleChoiceFilter(
        label=_("主题"), field_name="topics__slug", queryset=Topic.objects.all(), to_field_name="slug"
    )
    form = django_filters.MultipleChoiceFilter(
        label=_("办理形式"),
        field_name="handle_forms",
        lookup_expr="has",
        choices=lambda: codes.choices("handle_form"),
        conjoined=True,
    )
    department = django_filters.ModelMultipleChoiceFilter(
        label=_("实施主体"),
        field_name="department__code",
        queryset=lambda request: Department.objects.filter(guides__live=True).distinct(),
        to_field_name="code",
    )

    class Meta:
        model = GuidePage
        fields = []

    def count_audience(self, queryset):
        return counted(queryset, "audiences__slug")

    def count_topic(self, queryset):
        return counted(queryset, "topics__slug")

    def count_form(self, queryset):
        return counted_codes(queryset, "handle_forms", "handle_form")

    def count_department(self, queryset):
        return counted(queryset, "department__code")
