"""Choosing "我的社区": by name, by street, by where one stands."""

import json

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from content_models.communities import reader
from content_models.communities.filters import named
from content_models.communities.models import grouped_by_street
from content_models.communities.positions import positions_of
from content_models.places.distance import DETOUR, LONGEST_WALK, METRES_A_MINUTE, Position
from content_models.places.models import OfficePage

POSITIONS_KEPT = 300  # seconds, by browsers


@require_http_methods(["GET", "POST"])
def choose_community(request):
    """A page of all communities by street; the choice is one click, and so is taking it back.

    ``?follow=1`` takes the successor of a community that is no more for the reader's own, and leads back.
    """
    if request.method == "POST":
        return _remember(request)
    if request.GET.get("follow"):
        return _follow(request)
    communities = reader.present_communities()
    words = request.GET.get("q", "").replace("\0", "").strip()[:60]
    if words:
        communities = named(communities, words)
    return _page(request, communities, words=words, address=request.GET.get("next", ""))


def _page(request, communities, *, address, **context):
    choice = reader.choice_of(request)
    context |= {
        "groups": grouped_by_street(communities),
        "next": _next(request, address),
        "chosen": choice.community,
        "choice": choice,
    }
    return render(request, "communities/choose.html", context)


def _remember(request):
    address = request.POST.get("next", "")
    response = redirect(_next(request, address))
    value = request.POST.get("community", "")
    if not value:
        reader.forget(response)
        return response
    community = reader.find_community(value)
    if community is None:
        return _page(request, reader.present_communities(), address=address, unknown=True)
    reader.remember(response, community)
    return response


def _follow(request):
    response = redirect(_next(request, request.GET.get("next", "")))
    community = reader.community_of(request)
    if community is not None:
        reader.remember(response, community)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _next(request, address):
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return address if address and is_ours else reverse("wagtail_serve", args=[""])


# Where places are, for browsers that look for the nearest themselves: where readers stand, nobody is told.


@require_safe
@cache_control(public=True, max_age=POSITIONS_KEPT)
def community_positions(request):
    """``{"places": [[id, name, street, latitude, longitude]], "walking": {…}}`` of communities of today."""
    groups = grouped_by_street(reader.present_communities())
    positions = positions_of([community for _street, communities in groups for community in communities])
    places = [
        [page.pk, page.title, street.title if street else "", *_degrees(positions[page.path])]
        for street, communities in groups
        for page in communities
        if page.path in positions
    ]
    return _positions(places)


@require_safe
@cache_control(public=True, max_age=POSITIONS_KEPT)
def office_positions(request):
    """The same of offices: ``[id, name, address, latitude, longitude, link]``."""
    offices = OfficePage.objects.live().public().exclude(latitude=None).order_by("path")
    places = [
        [page.pk, page.title, page.address, *_degrees(Position.of(page)), page.get_url(request)]
        for page in offices
    ]
    return _positions(places)


def _degrees(position):
    return position.latitude, position.longitude


def _positions(places):
    walking = {"detour": DETOUR, "metres_a_minute": METRES_A_MINUTE, "longest": LONGEST_WALK}
    text = json.dumps({"places": places, "walking": walking}, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, content_type="application/json")
