from django import template

from feedback import reports

register = template.Library()


@register.simple_tag
def still_demanded(list_id: int, key: str) -> int:
    """How many residents reported in the last year that a certificate is still demanded."""
    return reports.still_demanded(list_id, key)
