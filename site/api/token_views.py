"""访问令牌: staff make and revoke the keys of their own programs; administrators see everybody's."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from api import tokens
from api.access import scopes_of
from api.forms import TokenForm
from api.models import StaffToken


class TokenScreen(WagtailAdminTemplateMixin, View):
    """What these screens share; they are for those whose tokens could do anything."""

    page_title = gettext_lazy("访问令牌")
    header_icon = "key"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not scopes_of(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": reverse("wagtailadmin_account"), "label": _("账号")},
            {"url": reverse("tokens:index"), "label": _("访问令牌")},
        ]

    @property
    def user(self) -> Any:
        return self.request.user

    @property
    def tokens_seen(self) -> Any:
        found = StaffToken.objects.select_related("user")
        return found if self.user.is_superuser else found.filter(user=self.user)

    def show(self, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**context))


class Index(TokenScreen):
    template_name = "api/tokens.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(tokens=self.tokens_seen, sees_all=self.user.is_superuser)


class Create(TokenScreen):
    """Asks what it is for; answers with the token, which is shown in this answer and never again."""

    page_title = gettext_lazy("新建访问令牌")
    template_name = "api/create_token.html"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": str(self.page_title)}]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(form=TokenForm(scopes=scopes_of(self.user)))

    @sensitive_variables("text")
    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.POST, scopes=scopes_of(self.user))
        if not form.is_valid():
            return self.show(form=form)
        token, text = tokens.make(
            self.user,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            lifetime=form.lifetime,
        )
        return self.show(token=token, text=text)


class Revoke(TokenScreen):
    """Asks once more, then stops a token."""

    page_title = gettext_lazy("停用访问令牌")
    template_name = "api/revoke_token.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.token: StaffToken = get_object_or_404(self.tokens_seen, pk=kwargs["pk"])

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": str(self.page_title)}]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.token.revoked_at is not None:
            return redirect("tokens:index")
        return self.show(token=self.token)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tokens.revoke(self.token, by=self.user)
        messages.success(request, _("“%(name)s”已停用。") % {"name": self.token.name})
        return redirect("tokens:index")
