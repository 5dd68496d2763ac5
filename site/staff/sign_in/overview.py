"""我的登录, and what administrators do about the sign-ins and the second factor of others."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from staff import audit
from staff.models import User
from staff.sign_in import second_factor, sessions
from staff.sign_in.models import end_all


class OwnSignIns(WagtailAdminTemplateMixin, View):
    """Where one is signed in, with a button to end each, or all but this one."""

    page_title = gettext_lazy("我的登录")
    header_icon = "user"
    template_name = "staff/sign_in/own.html"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": reverse("wagtailadmin_account"), "label": _("账号")},
            {"url": "", "label": str(self.page_title)},
        ]

    def get(self, request: HttpRequest) -> HttpResponse:
        mine: Any = request.user
        this = sessions.standing(request).sign_in
        return self.render_to_response(self.get_context_data(sign_ins=mine.sign_ins.open(), this=this))

    def post(self, request: HttpRequest) -> HttpResponse:
        """End the one that the button names, else all others."""
        mine: Any = request.user
        this = sessions.standing(request).sign_in
        if named := request.POST.get("sign_in", ""):
            number = mine.sign_ins.filter(pk=named if named.isdecimal() else None).end()
        else:
            number = end_all(mine, but=this)
        if number:
            audit.record("end_sessions", mine, by=mine, count=number)
        words = ngettext("结束了 %(count)d 处登录。", "结束了 %(count)d 处登录。", number)
        messages.success(request, words % {"count": number})
        return redirect("staff_sign_ins")


class OfSomebody(WagtailAdminTemplateMixin, View):
    """Something administrators do to another's account; asks once more, then does it."""

    header_icon = "user"
    template_name = "staff/sign_in/of_somebody.html"
    lead: Any

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.person = get_object_or_404(User, pk=kwargs["pk"])

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_superuser:
            raise PermissionDenied
        if request.user.pk == self.person.pk:  # one's own go by one's own screens, which ask for the password
            return redirect(
                "staff_second_factor" if isinstance(self, ResetSecondFactor) else "staff_sign_ins"
            )
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": self.editor, "label": str(self.person)},
            {"url": "", "label": str(self.page_title)},
        ]

    @property
    def editor(self) -> str:
        return reverse("wagtailusers_users:edit", args=[self.person.pk])

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        context = self.get_context_data(person=self.person, lead=self.lead, editor=self.editor)
        return self.render_to_response(context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        messages.success(request, self.do(request.user))
        return redirect(self.editor)

    def do(self, by: Any) -> str:
        """Do it in the request's transaction; returns what to say."""
        raise NotImplementedError


class EndSignIns(OfSomebody):
    page_title = gettext_lazy("结束全部登录")
    lead = gettext_lazy("这个人在各处的登录会马上结束，没有保存的内容可能丢失。之后可以重新登录。")

    def do(self, by: Any) -> str:
        number = end_all(self.person)
        audit.record("end_sessions", self.person, by=by, count=number)
        words = ngettext("结束了 %(count)d 处登录。", "结束了 %(count)d 处登录。", number)
        return words % {"count": number}


class ResetSecondFactor(OfSomebody):
    page_title = gettext_lazy("重设第二重验证")
    lead = gettext_lazy(
        "请先确认是本人。重设以后，这个人的手机和恢复码都作废，登录全部结束；下次凭密码登录，可以设置新的手机。"
    )

    def do(self, by: Any) -> str:
        second_factor.remove(self.person)
        end_all(self.person)
        audit.record("reset_second_factor", self.person, by=by)
        return _("“%(name)s”的第二重验证已重设。") % {"name": self.person}
