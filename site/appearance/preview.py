"""The home page as it would look with colours and pictures that are not saved yet."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail.images import get_image_model
from wagtail.models import Site

from appearance import themes
from appearance.choices import Choices
from appearance.colours import FORM
from appearance.languages import SIMPLIFIED
from appearance.models import FAULTS, DistrictLook
from appearance.worn import theme_of_site

PICTURES = ("logo", "header_picture")


@never_cache
@require_safe
def preview_look(request: Any) -> HttpResponseBase:
    """``?brand=#0e4a50&accent=…&logo=3&colours=dark``: what cannot be shown is left as the theme has it."""
    if not request.user.has_perm("appearance.change_districtlook"):
        raise PermissionDenied
    site = Site.find_for_request(request)
    page = site.root_page.specific
    request.tried_look = _tried(request, site)
    request.reading_choices = Choices().changed({"colours": request.GET.get("colours", "light")})
    request.language = SIMPLIFIED
    request.is_preview = True
    request.user = AnonymousUser()  # as residents see it
    before = themes.wear(themes.Look(theme_of_site(request)))
    try:
        return page.serve(request).render()
    finally:
        themes.wear(before)


def _tried(request: HttpRequest, site: Site) -> DistrictLook:
    """The look in the query; a colour that would be refused is not worn."""
    fields = DistrictLook._meta
    look = DistrictLook(site=site, has_logo_plate=request.GET.get("has_logo_plate") == "1")
    for name, fault in FAULTS.items():
        colour = fields.get_field(name).to_python(request.GET.get(name, ""))
        if FORM.fullmatch(colour) and not fault(colour):
            setattr(look, name, colour)
    for name in PICTURES:
        number = request.GET.get(name, "")
        if number.isascii() and number.isdigit() and len(number) < 10:
            setattr(look, name, get_image_model().objects.filter(pk=int(number)).first())
    return look
