"""网站地图: the whole site on one page, for people."""

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from wagtail.models import Site

from content_models.base.pages import Channel
from content_models.home.context import top_sections
from content_models.home.models import HomePage, PlainPage


@require_safe
def site_map(request):
    """Columns, streets with their communities, and what else there is."""
    site = Site.find_for_request(request)
    home = HomePage.objects.filter(pk=site.root_page_id).first() if site is not None else None
    sections = top_sections(request)
    return render(
        request,
        "home/site_map.html",
        {
            "columns": [page for page in sections if isinstance(page, Channel)],
            "plain_pages": [page for page in sections if isinstance(page, PlainPage)],
            "streets": home.streets_with_communities() if home is not None else [],
            "column_name": _("网站地图"),
            "column_text": _("本网站的全部栏目、街道和社区。"),
        },
    )
