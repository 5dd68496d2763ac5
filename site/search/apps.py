from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = _("搜索")

    def ready(self) -> None:
        from publishing import registry, schedule  # noqa: PLC0415  models must be loaded first
        from search import changes, documents, follow, insight  # noqa: PLC0415  models must be loaded first

        for model in follow.NAMED_BY:
            post_save.connect(follow.renamed, sender=model, dispatch_uid="search.renamed")
        registry.accompany(follow.within)
        registry.follow(follow.after)
        schedule.also(documents.repair, every=schedule.HOURLY)
        schedule.also(documents.count_words_again, every=schedule.HOURLY)
        schedule.also(insight.forget_searches, every=schedule.HOURLY)
        schedule.also(changes.send_missed)
        schedule.also(changes.forget_sent, every=schedule.HOURLY)
