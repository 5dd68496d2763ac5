"""What streets and communities show of content that is not theirs to know."""

from django import template

from content_models.home.models import region_context

register = template.Library()


@register.simple_tag
def region_content(region):
    """Offices, notices, services and lists of a region: ``{% region_content page as around %}``."""
    return region_context(region)
