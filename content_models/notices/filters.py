import django_filters
from django.apps import apps
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from content_models.base.filters import PublicFilterSet, counted
from content_models.base.taxonomy import Topic


def _model():
    return apps.get_model("notices", "NoticePage")


def _years():
    years = (
        _model()
        .objects.live()
        .filter(first_published_at__isnull=False)
        .annotate(year=ExtractYear("first_published_at"))
        .order_by("-year")
        .values_list("year", flat=True)
        .distinct()
    )
    return [(str(year), str(year)) for year in years]


class NoticeFilters(PublicFilterSet):
    """How residents narrow the notices."""

    search_fields = ["title", "publisher", "doc_no"]

    kind = django_filters.MultipleChoiceFilter(
        label=_("类型"), field_name="notice_kind", choices=lambda: _model().Kind.choices
    )
    topic = django_filters.ModelMultipleChoiceFilter(
        label=_("主题"), field_name="topic_term__slug", queryset=Topic.objects.all(), to_field_name="slug"
    )
    year = django_filters.ChoiceFilter(label=_("年份"), choices=_years, field_name="first_published_at__year")

    class Meta:
        model = Topic
        fields = []

    def count_kind(self, queryset):
        return counted(queryset, "notice_kind")

    def count_topic(self, queryset):
        return counted(queryset, "topic_term__slug")

    def count_year(self, queryset):
        return counted(queryset.annotate(year=ExtractYear("first_published_at")), "year")
