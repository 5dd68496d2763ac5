"""Choosing "我的社区"."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from content_models.communities import reader
from content_models.communities.filters import named
from content_models.communities.models import grouped_by_street


@require_http_methods(["GET", "POST"])
def choose_community(request):
    """A page of all communities by street; the choice is one click, and so is taking it back."""
    if request.method == "POST":
        return _remember(request)
    communities = reader.present_communities()
    words = request.GET.get("q", "").replace("\0", "").strip()[:60]
    if words:
        communities = named(communities, words)
    return render(
        request,
        "communities/choose.html",
        {
            "groups": grouped_by_street(communities),
            "words": words,
            "next": _next(request, request.GET.get("next", "")),
            "chosen": reader.community_of(request),
        },
    )


def _remember(request):
    response = redirect(_next(request, request.POST.get("next", "")))
    value = request.POST.get("community", "")
    if not value:
        reader.forget(response)
        return response
    community = reader.find_community(value)
    if community is None:
        return render(
            request,
            "communities/choose.html",
            {
                "groups": grouped_by_street(reader.present_communities()),
                "unknown": True,
                "next": _next(request, request.POST.get("next", "")),
                "chosen": reader.community_of(request),
            },
        )
    reader.remember(response, community)
    return response


def _next(request, address):
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return address if address and is_ours else reverse("wagtail_serve", args=[""])
