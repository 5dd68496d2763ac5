"""Screens for administrators: which systems are told of changes, and how that goes."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from api.webhooks import manage
from api.webhooks.forms import WebhookForm
from api.webhooks.models import BOTH_SECRETS_FOR, Delivery, Webhook
from publishing import outbox

PER_PAGE = 25


class Screen(WagtailAdminTemplateMixin, View):
    """What these screens share; they are for administrators."""

    page_title = gettext_lazy("变更推送")
    header_icon = "link-external"
    webhook: Webhook | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not self.user.is_superuser:
            raise PermissionDenied
        if "pk" in kwargs:
            self.webhook = get_object_or_404(Webhook.objects.select_related("created_by"), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        items = [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": reverse("webhooks:index"), "label": _("变更推送")},
        ]
        if self.webhook is not None:
            items.append({"url": self.address, "label": self.webhook.name})
        return items

    @property
    def user(self) -> Any:
        return self.request.user

    @property
    def of(self) -> Webhook:
        """The one that the address names."""
        assert self.webhook is not None
        return self.webhook

    @property
    def address(self) -> str:
        return reverse("webhooks:detail", args=[self.of.pk])

    def show(self, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(webhook=self.webhook, **context))


class Step(Screen):
    """A screen below the list or below one endpoint."""

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": str(self.page_title)}]


class Index(Screen):
    template_name = "api/webhooks/index.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        newest = outbox.newest()
        webhooks = [(webhook, max(newest - webhook.told_until, 0)) for webhook in Webhook.objects.all()]
        return self.show(webhooks=webhooks)


class Create(Step):
    """Asks where to; answers with the secret, which is shown in this answer and never again."""

    page_title = gettext_lazy("新建变更推送")
    template_name = "api/webhooks/form.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(form=WebhookForm())

    @method_decorator(never_cache)
    @sensitive_variables("secret")
    def post(self, request: HttpRequest) -> HttpResponse:
        form = WebhookForm(request.POST)
        if not form.is_valid():
            return self.show(form=form)
        webhook = form.save(commit=False)
        secret = manage.create(webhook, by=self.user)
        self.webhook, self.template_name = webhook, "api/webhooks/secret.html"
        return self.show(secret=secret, is_new=True)


class Edit(Step):
    page_title = gettext_lazy("修改")
    template_name = "api/webhooks/form.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(form=WebhookForm(instance=self.of))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = WebhookForm(request.POST, instance=self.of)
        if not form.is_valid():
            return self.show(form=form)
        manage.change(form.save(commit=False), by=self.user)
        messages.success(request, _("已保存。"))
        return redirect(self.address)


class Detail(Screen):
    """How it stands, and what was sent, newest first."""

    template_name = "api/webhooks/detail.html"

    @property
    def page_subtitle(self) -> str:
        return self.of.name

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        log = self.of.deliveries.defer("payload").order_by("-created_at", "-pk")
        page = Paginator(log, PER_PAGE).get_page(request.GET.get("p"))
        return self.show(page=page, behind=max(outbox.newest() - self.of.told_until, 0))


class Question(Step):
    """Asks once more before something that others notice."""

    template_name = "api/webhooks/confirm.html"
    question: Any = ""
    yes: Any = ""
    no = gettext_lazy("不了，返回")
    is_destructive = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        question = self.question % {"name": self.of.name}
        return self.show(question=question, yes=self.yes, no=self.no, is_destructive=self.is_destructive)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        raise NotImplementedError


class Stop(Question):
    page_title = gettext_lazy("停用")
    question = gettext_lazy("停用后，“%(name)s”不再收到变更。恢复时会从停下的地方接着发，不会漏。")
    yes = gettext_lazy("停用")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        manage.stop(self.of, by=self.user)
        messages.success(request, _("“%(name)s”已停用。") % {"name": self.of.name})
        return redirect(self.address)


class Resume(Screen):
    """One click: nothing is lost by it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        manage.resume(self.of, by=self.user)
        messages.success(request, _("从停下的地方接着发送。"))
        return redirect(self.address)


class Rotate(Question):
    page_title = gettext_lazy("更换密钥")
    question = gettext_lazy(
        "会给“%(name)s”一个新密钥。24 小时内新旧两个密钥都签名，请在这段时间里告诉对方；之后旧密钥作废。"
    )
    yes = gettext_lazy("更换密钥")

    @method_decorator(never_cache)
    @sensitive_variables("secret")
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        secret = manage.rotate(self.of, by=self.user)
        self.template_name = "api/webhooks/secret.html"
        return self.show(secret=secret, is_new=False, hours=BOTH_SECRETS_FOR.total_seconds() // 3600)


class Delete(Question):
    page_title = gettext_lazy("删除")
    question = gettext_lazy("删除“%(name)s”和它的全部推送记录。不能恢复。只是暂时不发，请用“停用”。")
    yes = gettext_lazy("删除")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        name = self.of.name
        manage.remove(self.of, by=self.user)
        messages.success(request, _("“%(name)s”已删除。") % {"name": name})
        return redirect("webhooks:index")


@method_decorator(non_atomic_requests, name="dispatch")
class SendNow(Screen):
    """Sends while one waits, and says what the other side answered."""

    http_method_names = ["post"]

    def say(self, request: HttpRequest, delivery: Delivery) -> HttpResponse:
        if delivery.state == Delivery.State.DELIVERED:
            told = {"status": delivery.status_code, "ms": delivery.duration_ms}
            messages.success(request, _("已送达：对方回答 %(status)d，用时 %(ms)d 毫秒。") % told)
        else:
            messages.error(request, _("没有送到：%(error)s") % {"error": delivery.error})
        return redirect(self.address)


class Test(SendNow):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.say(request, manage.test(self.of, by=self.user))


class Resend(SendNow):
    def post(self, request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
        found = get_object_or_404(self.of.deliveries.select_related("webhook"), pk=delivery)
        return self.say(request, manage.resend(found, by=self.user))
