"""The site's addresses as they would be with further languages, each below its own prefix."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls

from config.urls import handler404, handler500
from config.urls import urlpatterns as own

__all__ = ["handler404", "handler500", "urlpatterns"]

urlpatterns = [*own[:-1], *i18n_patterns(path("", include(wagtail_urls)), prefix_default_language=False)]
