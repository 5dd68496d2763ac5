from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    name = "feedback"
    verbose_name = _("居民反馈")

    def ready(self) -> None:
        from feedback import digest, receive, reports  # noqa: PLC0415  models must be loaded first
        from publishing import schedule  # noqa: PLC0415  models must be loaded first

        for job in (
            reports.recount_demands,
            reports.forget_contacts,
            receive.forget_sendings,
            digest.send_digests,
        ):
            schedule.also(job, every=schedule.HOURLY)
