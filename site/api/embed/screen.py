"""嵌入到其他网站: the code with which another site shows a channel, ready to copy, and how it will look."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from api.embed.views import COUNT, MOST
from content_models.base.managers import is_restricted
from content_models.base.pages import Channel
from content_models.base.rights import visible_pages
from content_models.communities.models import CommunityPage
from content_models.communities.reader import present_communities


def may_be_embedded(page: Page) -> bool:
    """Whether the page is a channel that the public can read."""
    kind = page.specific_class
    return kind is not None and issubclass(kind, Channel) and page.live and not is_restricted(page.path)


def embed_button(page: Page, *, priority: int) -> Button:
    address = reverse("embed_channel", args=[page.pk])
    return Button(_("嵌入到其他网站"), url=address, icon_name="code", priority=priority)


class EmbedForm(forms.Form):
    """How many entries, and for whom."""

    count = forms.IntegerField(label=gettext_lazy("显示几条"), min_value=1, max_value=MOST, initial=COUNT)
    community = forms.ModelChoiceField(
        CommunityPage.objects.none(),
        label=gettext_lazy("只显示一个社区的"),
        required=False,
        empty_label=gettext_lazy("不限"),
    )

    def __init__(self, *args: Any, channel: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["community"]
        field.queryset = present_communities().descendant_of(channel.region_page, inclusive=True)


class EmbedScreen(WagtailAdminTemplateMixin, View):
    """For whoever works in the admin: what is shown is public."""

    page_title = gettext_lazy("嵌入到其他网站")
    header_icon = "code"
    template_name = "api/embed.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        page = visible_pages(request.user).filter(pk=kwargs["pk"]).first()
        if page is None or not may_be_embedded(page):
            raise Http404
        self.channel: Any = page.specific

    def get_page_subtitle(self) -> str:
        return self.channel.title

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": reverse("wagtailadmin_explore", args=[self.channel.pk]), "label": self.channel.title},
            {"url": "", "label": str(self.page_title)},
        ]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = EmbedForm(request.GET or None, channel=self.channel)
        is_set = form.is_bound and form.is_valid()
        count = form.cleaned_data["count"] if is_set else COUNT
        community = form.cleaned_data["community"] if is_set else None
        return self.render_to_response(
            self.get_context_data(
                form=form,
                script=self._script(count, community),
                frame=self._frame(count, community),
                preview=self._address(count, community),
                channel=self.channel,
            )
        )

    def _address(self, count: int, community: Any) -> str:
        asked = {"count": count} | ({"community": community.pk} if community else {})
        return f"{reverse('embed', args=[self.channel.pk])}?{urlencode(asked)}"

    def _script(self, count: int, community: Any) -> SafeString:
        address = self.request.build_absolute_uri(reverse("embed_script"))
        local = format_html(' data-community="{}"', community.pk) if community else ""
        code = '<script src="{}" data-channel="{}" data-count="{}"{} data-title="{}" async></script>'
        return format_html(code, address, self.channel.pk, count, local, self.channel.title)

    def _frame(self, count: int, community: Any) -> SafeString:
        address = self.request.build_absolute_uri(self._address(count, community))
        height = 130 + 80 * count
        code = '<iframe src="{}" title="{}" width="100%" height="{}" frameborder="0" loading="lazy"></iframe>'
        return format_html(code, address, self.channel.title, height)
