from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QualityConfig(AppConfig):
    name = "quality"
    verbose_name = _("内容质量")

    def ready(self) -> None:
        from content_models.base import checks  # noqa: PLC0415  models must be loaded first
        from publishing import schedule  # noqa: PLC0415  models must be loaded first
        from quality import checkup, conflicts, guide_rules, review  # noqa: F401, PLC0415  models must be loaded first

        checks.review_with(review.review)
        schedule.also(checkup.check_nightly, every=schedule.HOURLY)
