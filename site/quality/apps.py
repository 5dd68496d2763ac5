from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QualityConfig(AppConfig):
    name = "quality"
    verbose_name = _("内容质量")

    def ready(self) -> None:
        from content_models.base import checks  # noqa: PLC0415  models must be loaded first
        from publishing import schedule  # noqa: PLC0415  models must be loaded first
        from quality import (  # noqa: PLC0415  models must be loaded first
            checkup,
            conflicts,  # noqa: F401  its checks join
            documents,  # noqa: F401  its checks join
            guide_rules,  # noqa: F401  its checks join
            privacy,  # noqa: F401  its checks join
            review,
            wording,  # noqa: F401  its checks join
        )

        checks.review_with(review.review)
        schedule.also(checkup.check_nightly, every=schedule.HOURLY)
