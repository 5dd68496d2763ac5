"""Public pages that are not in the page tree."""

from django.http import HttpResponseNotFound, HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from wagtail.models import Site

from content_models.certificates.filters import ItemFilters
from content_models.certificates.models import CertificateItem
from content_models.guides.filters import GuideFilters
from content_models.guides.models import GuidePage
from content_models.notices.filters import NoticeFilters
from content_models.notices.models import latest_notices

SHOWN = 20


def search(request):
    """Everything a word is found in, kind by kind."""
    words = request.GET.get("q", "").strip()[:100]
    root = Site.find_for_request(request).root_page
    found = {}
    if words:
        found = {
            "certificates": ItemFilters(
                {"q": words},
                CertificateItem.objects.filter(
                    edition__is_current=True, edition__live=True, edition__owner__live=True
                ).select_related("edition__owner"),
            ).found()[:SHOWN],
            "guides": GuideFilters(
                {"q": words}, GuidePage.objects.live().public().descendant_of(root)
            ).found()[:SHOWN],
            "notices": NoticeFilters({"q": words}, latest_notices(root)).found()[:SHOWN],
        }
    return render(
        request, "search.html", {"words": words, "found": found, "has_results": any(found.values())}
    )


def not_found(request, exception=None):
    return HttpResponseNotFound(loader.get_template("404.html").render({}, request))


def server_error(request):
    # No context: whatever broke may break the context too.
    return HttpResponseServerError(loader.get_template("500.html").render())
