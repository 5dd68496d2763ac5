from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublishingConfig(AppConfig):
    name = "publishing"
    verbose_name = _("发布")

    def ready(self) -> None:
        from publishing import clock, outbox, receivers, schedule, troubles  # noqa: PLC0415  models load first
        from staff import retention  # noqa: PLC0415  models load first
        from staff.sign_in import upkeep  # noqa: PLC0415  models load first

        receivers.connect()
        schedule.also(clock.end_pauses)
        schedule.also(clock.turn_banners)
        schedule.also(clock.turn_pages, every=clock.EVERY_MINUTE)
        schedule.also(troubles.forget_settled, every=clock.EVERY_MINUTE)
        schedule.also(outbox.compact, every=schedule.HOURLY)
        schedule.also(upkeep.clear_old_sign_ins, every=schedule.HOURLY)
        schedule.also(retention.forget_audit, every=schedule.HOURLY)
