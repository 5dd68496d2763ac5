"""Shared vocabulary in the settings menu, and the guard that keeps what is in use from being removed."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.models import Page
from wagtail.snippets.models import register_snippet

from content_models.base.admin_views import AudienceViewSet, CodeViewSet, TopicViewSet
from content_models.base.page_choosers import urlpatterns as chooser_urls
from content_models.base.usage import uses_of

register_snippet(TopicViewSet)
register_snippet(AudienceViewSet)
register_snippet(CodeViewSet)

NAMED_AT_MOST = 10


@hooks.register("register_admin_urls")
def register_choosers():
    return chooser_urls


def _refuse(request, things, destination):
    """Say what uses ``things`` and send the editor back; None when nothing does."""
    found = [(thing, lines) for thing in things if (lines := uses_of(thing))]
    for thing, lines in found[:NAMED_AT_MOST]:
        messages.error(
            request,
            _("“%(thing)s”正在使用，不能删除：%(uses)s。请先改掉这些地方。")
            % {"thing": thing, "uses": "；".join(lines)},
        )
    return redirect(get_valid_next_url_from_request(request) or destination) if found else None


@hooks.register("before_delete_page")
def keep_page_in_use(request, page):
    return _refuse(request, [page.specific], reverse("wagtailadmin_pages:edit", args=[page.pk]))


@hooks.register("before_bulk_action")
def keep_in_use(request, action_type, objects, action):
    if action_type != "delete" or not objects or not _is_ours(type(objects[0])):
        return None
    things = [thing.specific if isinstance(thing, Page) else thing for thing in objects]
    return _refuse(request, things, action.next_url)


@hooks.register("before_delete_snippet")
def keep_snippets_in_use(request, instances):
    if not instances or not _is_ours(type(instances[0])):
        return None
    viewset = instances[0].snippet_viewset
    return _refuse(request, instances, reverse(viewset.get_url_name("list")))


def _is_ours(model):
    return issubclass(model, Page) or model.__module__.startswith("content_models.")


@hooks.register("before_unpublish_page")
def warn_before_unpublishing(request, page):
    """Taking a page in use off the site is allowed, but never by surprise."""
    if request.method == "POST":
        for line in uses_of(page.specific):
            messages.warning(
                request, _("“%(page)s”仍在使用：%(uses)s。") % {"page": page.title, "uses": line}
            )
