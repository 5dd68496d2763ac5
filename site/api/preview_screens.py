"""Where an editor makes a link with which another front end shows a draft."""

from typing import Any
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import Page

from api import previews
from api.forms import PreviewForm
from content_models.home.models import SiteSettings
from staff import audit


class PreviewLink(WagtailAdminTemplateMixin, View):
    """Asks how long the link is to hold, and shows it."""

    page_title = gettext_lazy("给其他前端的预览链接")
    header_icon = "link-external"
    template_name = "api/preview_link.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.page = get_object_or_404(Page, pk=kwargs["pk"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not previews.may_read(request.user, self.page) or type(self.page.specific) not in previews.APIS:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": self.editor, "label": self.page.get_admin_display_title()},
            {"url": "", "label": str(self.page_title)},
        ]

    @property
    def editor(self) -> str:
        return reverse("wagtailadmin_pages:edit", args=[self.page.pk])

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(form=PreviewForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = PreviewForm(request.POST)
        if not form.is_valid():
            return self.show(form=form)
        text = previews.make(self.page, by=request.user, lifetime=form.lifetime)
        until = timezone.localtime(timezone.now() + form.lifetime)
        audit.record("make_preview_link", self.page, by=request.user, days=form.cleaned_data["days"])
        link = request.build_absolute_uri(reverse("api:preview", args=[text]))
        frame = SiteSettings.for_request(request).preview_address
        links = [(_("其他前端的预览页"), frame.replace("{link}", quote(link, safe="")))] if frame else []
        return self.show(form=form, links=[*links, (_("草稿的数据（JSON）"), link)], until=until)

    def show(self, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(page=self.page, editor=self.editor, **context))
