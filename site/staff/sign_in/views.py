"""The way in and out: password, second factor, new password. Each screen asks for one thing."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST
from django.views.generic import View
from django.views.generic.base import TemplateResponseMixin
from wagtail.admin import messages
from wagtail.admin.views import account
from wagtail.log_actions import LogContext

from staff import audit
from staff.sign_in import guesses, second_factor, sessions
from staff.sign_in.address import address_of
from staff.sign_in.forms import (
    AskPassword,
    CodeForm,
    NewPasswordForm,
    SetUpForm,
    SetUpLaterForm,
    was_refused,
)
from staff.sign_in.models import end_all
from staff.sign_in.sessions import Due

TOO_MANY = 429
KEY = "staff_second_factor_key"  # of a phone that is being set up, kept in the session until it shows a code
# Passwords are hashed at length: outside of any transaction, so that nobody waits for its locks meanwhile,
# and a count of guesses is never undone with the request. Every change below is a transaction of its own.
unhurried = method_decorator(transaction.non_atomic_requests, name="dispatch")


@unhurried
class SignIn(account.LoginView):
    """Name and password."""

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        with transaction.atomic():
            response = super().form_valid(form)
            due = sessions.standing(self.request).due
            if due is not Due.CODE:
                audit.record("sign_in", user, by=user, address=address_of(self.request))
        return response if due is None else redirect(_address(due, self.get_success_url()))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = TOO_MANY if was_refused(form) else response.status_code
        return response


@unhurried
class SignOut(account.LogoutView):
    """Also for who has not come all the way in."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = sessions.standing(request).user
        if user is not None:
            audit.record("sign_out", user, by=user)
        return super().post(request, *args, **kwargs)


@unhurried
class ResetByMail(account.PasswordResetConfirmView):
    """A new password by a link that was mailed."""

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.user
        with transaction.atomic(), LogContext(user=user):
            response = super().form_valid(form)
            audit.record("change_password", user, by=user, how="mail", address=address_of(self.request))
        return response


@unhurried
@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class Step(TemplateResponseMixin, View):
    """What these screens share: whom they are for, and where they lead back to."""

    title: Any
    serves: tuple[Due | None, ...] = (None,)
    request: Any

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.standing = sessions.standing(request)
        if self.standing.user is None:
            return redirect_to_login(request.get_full_path(), reverse("wagtailadmin_login"))
        if self.standing.due not in self.serves:
            return redirect(_address(self.standing.due, self.next) if self.standing.due else self.next)
        return self.refusal() or super().dispatch(request, *args, **kwargs)

    def refusal(self) -> HttpResponse | None:
        """Where to send those for whom the screen has nothing."""
        return None

    @property
    def user(self) -> Any:
        return self.standing.user

    @property
    def next(self) -> str:
        wanted = self.request.POST.get("next") or self.request.GET.get("next") or ""
        is_ours = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )
        return wanted if is_ours else reverse("wagtailadmin_home")

    def show(self, form: Any = None, **context: Any) -> HttpResponse:
        status = TOO_MANY if form is not None and was_refused(form) else 200
        shared = {"title": self.title, "next": self.next, "staff": self.user, "due": self.standing.due}
        context = shared | {"form": form} | context
        return self.render_to_response(context, status=status)

    def record(self, action: str, **detail: Any) -> None:
        audit.record(action, self.user, by=self.user, address=address_of(self.request), **detail)


class Code(Step):
    """The second factor, after the password."""

    title = gettext_lazy("请输入验证码")
    template_name = "staff/sign_in/code.html"
    serves = (Due.CODE,)

    def get(self, request: Any) -> HttpResponse:
        return self.show(CodeForm())

    @sensitive_variables()
    def post(self, request: Any) -> HttpResponse:
        form = CodeForm(request.POST)
        if not form.is_valid() or not (kind := _use_up(form, self.user, request)):
            return self.show(form)
        with transaction.atomic():
            sessions.verify(request)
            self.record("sign_in", second_factor=kind)
        if kind == "recovery":
            _warn_of_codes_left(request, self.user)
        due = sessions.standing(request).due
        return redirect(_address(due, self.next) if due else self.next)


class SetUp(Step):
    """A phone is made the second factor, in place of one there may be."""

    title = gettext_lazy("设置第二重验证")
    template_name = "staff/sign_in/set_up.html"
    serves = (None, Due.SET_UP)

    @property
    def form_class(self) -> Any:
        return SetUpForm if self.standing.sign_in and self.standing.sign_in.is_fresh else SetUpLaterForm

    def form(self, *args: Any) -> Any:
        ours = {"request": self.request, "user": self.user} if self.form_class is SetUpLaterForm else {}
        return self.form_class(*args, **ours)

    def get(self, request: Any) -> HttpResponse:
        request.session[KEY] = request.session.get(KEY) or second_factor.new_key()
        return self.offer(self.form())

    @sensitive_variables()
    def post(self, request: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not request.session.get(KEY):
            return redirect(request.get_full_path())
        if not form.is_valid():
            return self.offer(form)
        device = second_factor.new_device(self.user, request.session[KEY])
        with transaction.atomic():
            codes = second_factor.set_up(self.user, device, form.cleaned_data["code"])
            if codes is not None:
                self.accept(request)
        if codes is None:
            form.add_error("code", _("验证码不对。请看手机上现在的 6 位数字，并核对手机的时间。"))
            return self.offer(form)
        self.template_name = "staff/sign_in/codes.html"
        return self.show(codes=codes, is_new=True, due=None)

    def accept(self, request: Any) -> None:
        end_all(self.user, but=self.standing.sign_in)
        sessions.verify(request)
        del request.session[KEY]
        self.record("set_second_factor")

    def offer(self, form: Any) -> HttpResponse:
        device = second_factor.new_device(self.user, self.request.session[KEY])
        is_change = second_factor.device_of(self.user) is not None
        return self.show(
            form,
            picture=second_factor.picture_of(device),
            key=second_factor.text_of(device),
            is_change=is_change,
        )


class SecondFactor(Step):
    """What there is, and what can be done about it."""

    title = gettext_lazy("第二重验证")
    template_name = "staff/sign_in/second_factor.html"

    def get(self, request: Any) -> HttpResponse:
        device = second_factor.device_of(self.user)
        must = second_factor.must_have(self.user)
        return self.show(device=device, must=must, left=second_factor.codes_left(self.user))


class AskFirst(Step):
    """Something about the second factor that the present password is asked for."""

    template_name = "staff/sign_in/ask.html"
    lead: Any
    button: Any

    def get(self, request: Any) -> HttpResponse:
        return self.ask(AskPassword(request=request, user=self.user))

    def refusal(self) -> HttpResponse | None:
        return None if second_factor.device_of(self.user) is not None else redirect("staff_second_factor")

    @sensitive_variables()
    def post(self, request: Any) -> HttpResponse:
        form = AskPassword(request.POST, request=request, user=self.user)
        return self.do(request) if form.is_valid() else self.ask(form)

    def ask(self, form: Any) -> HttpResponse:
        return self.show(form, lead=self.lead, button=self.button)

    def do(self, request: Any) -> HttpResponse:
        raise NotImplementedError


class NewCodes(AskFirst):
    title = gettext_lazy("重做恢复码")
    lead = gettext_lazy("会做出 10 个新的恢复码，旧的马上作废。")
    button = gettext_lazy("重做恢复码")

    def do(self, request: Any) -> HttpResponse:
        with transaction.atomic():
            codes = second_factor.make_codes(self.user)
            self.record("set_second_factor", what="recovery codes")
        self.template_name = "staff/sign_in/codes.html"
        return self.show(codes=codes, is_new=False)


class RemoveSecondFactor(AskFirst):
    title = gettext_lazy("移除第二重验证")
    lead = gettext_lazy("移除以后，只凭密码就能登录您的账号。您在别处的登录会全部结束。")
    button = gettext_lazy("移除")

    def refusal(self) -> HttpResponse | None:
        if not second_factor.must_have(self.user):
            return super().refusal()
        messages.error(self.request, _("您的岗位必须用第二重验证，不能移除。换了手机，请选“换一部手机”。"))
        return redirect("staff_second_factor")

    def do(self, request: Any) -> HttpResponse:
        with transaction.atomic():
            second_factor.remove(self.user)
            end_all(self.user, but=self.standing.sign_in)
            self.record("reset_second_factor")
        messages.success(request, _("第二重验证已移除。"))
        return redirect("staff_second_factor")


class ChangePassword(Step):
    """A new password of one's own; all other sign-ins end."""

    title = gettext_lazy("修改密码")
    template_name = "staff/sign_in/change_password.html"
    serves = (None, Due.PASSWORD)

    def get(self, request: Any) -> HttpResponse:
        return self.offer(NewPasswordForm(request=request, user=self.user))

    @sensitive_variables()
    def post(self, request: Any) -> HttpResponse:
        form = NewPasswordForm(request.POST, request=request, user=self.user)
        if not form.is_valid():
            return self.offer(form)
        self.user.set_password(form.cleaned_data["new_password1"])
        with transaction.atomic(), LogContext(user=self.user):
            self.user.save()
            sessions.keep(request, self.user)
            self.record("change_password")
        messages.success(request, _("密码已修改。您在别处的登录已经全部结束。"))
        return redirect(self.next)

    def offer(self, form: Any) -> HttpResponse:
        return self.show(form, days=settings.PASSWORD_MAX_AGE_DAYS)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    return redirect_to_login(request.GET.get("next", ""), reverse("wagtailadmin_login"))


@transaction.non_atomic_requests
@require_POST
def active(request: HttpRequest) -> HttpResponse:
    """Told by the page while somebody types; that it was asked is noted on the way here."""
    return HttpResponse(status=204)


def _use_up(form: Any, user: Any, request: Any) -> str:
    """Which kind of code was given, counted first; nothing for a wrong one, with the reason in the form."""
    try:
        guess = guesses.count(guesses.of_code(user))
    except guesses.TooMany as refusal:
        if refusal.is_first:
            audit.record("locked_out", user, address=address_of(request), stage="code")
        form.add_error("code", ValidationError(str(refusal), code="too_many"))
        return ""
    kind = second_factor.accepts(user, form.cleaned_data["code"])
    if kind:
        guesses.forgive(guess)
    else:
        audit.record("sign_in_failed", user, address=address_of(request), stage="code")
        form.add_error(
            "code", _("验证码不对，或者已经用过。请看手机上现在的 6 位数字，或者用一个没用过的恢复码。")
        )
    return kind


def _warn_of_codes_left(request: Any, user: Any) -> None:
    left = second_factor.codes_left(user)
    words = ngettext("您用了一个恢复码，还剩 %(count)d 个。", "您用了一个恢复码，还剩 %(count)d 个。", left)
    messages.warning(
        request, words % {"count": left} + _("手机丢了，请到“账号”里换一部手机，或者重做恢复码。")
    )


def _address(due: Due, then: str) -> str:
    return f"{reverse(due.value)}?{urlencode({'next': then})}"
