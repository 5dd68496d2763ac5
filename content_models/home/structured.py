"""The site, the district and its streets in the terms of schema.org."""

from django.urls import reverse

from content_models.base.structured import coded, place, publisher, thing
from content_models.places.structured import region


def home_page(scene, page):
    """The website with its search, and who runs it."""
    about, address = scene.about, scene.url("/")
    search = thing(
        "SearchAction",
        target=thing("EntryPoint", urlTemplate=f"{scene.url(reverse('search'))}?q={{search_term_string}}"),
    )
    search["query-input"] = "required name=search_term_string"
    organisation = publisher(scene) | thing(
        "GovernmentOrganization",
        telephone=about.hotline,
        identifier=coded("统一社会信用代码", about.uscc),
        areaServed=place(scene, page),
    )
    site = thing(
        "WebSite",
        name=about.site_name,
        url=address,
        inLanguage="zh-Hans",
        publisher=publisher(scene),
        potentialAction=search,
    )
    return [site, organisation]


def street_page(scene, page):
    offices = [office for office, _state in page.around["offices"]]
    return [region(scene, page, offices=offices, communities=page.present_communities)]
