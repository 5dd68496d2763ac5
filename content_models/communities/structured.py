"""Communities in the terms of schema.org."""

from content_models.places.structured import region


def community_page(scene, page):
    """The community with its offices; one that was dissolved has none any more."""
    offices = [] if page.is_dissolved else [office for office, _state in page.around["offices"]]
    return [region(scene, page, offices=offices)]
