"""The screens 放行: letting findings pass, and the list of what was let pass."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from quality.models import Override
from quality.overrides import (
    SHORTEST_REASON,
    edit_address_of,
    find_thing,
    let_pass,
    may_let_pass,
    passable,
    seen_by,
    withdraw,
)
from quality.personal_data import find, mask

PAGE_SIZE = 50


class ReasonForm(forms.Form):
    """Which findings pass, and why."""

    findings = forms.MultipleChoiceField(
        label=gettext_lazy("放行哪些"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请勾选要放行的检查结果。")},
    )
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        min_length=SHORTEST_REASON,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "aria-describedby": "reason-help"}),
        error_messages={
            "required": gettext_lazy("请写明理由，别人以后查得到。"),
            "min_length": gettext_lazy("理由至少写 5 个字。"),
        },
    )

    def clean_reason(self) -> str:
        """It is kept and shown as it is, so what is personal stays out of it."""
        reason = str(self.cleaned_data["reason"]).strip()
        if find(reason):
            raise forms.ValidationError(
                _("理由里有个人信息，请改写成“%(masked)s”。") % {"masked": mask(reason)}
            )
        return reason


class OverrideScreen(WagtailAdminTemplateMixin, View):
    """A screen of 内容质量."""

    header_icon = "circle-check"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": reverse("quality_overrides"), "label": _("放行记录")},
            {"url": "", "label": str(self.page_title)},
        ]


class LetPass(OverrideScreen):
    """The findings in one page or edition that may be let pass."""

    page_title = gettext_lazy("放行检查结果")
    template_name = "quality/let_pass.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.thing = find_thing(kwargs["app_label"], kwargs["model_name"], kwargs["pk"])
        if not may_let_pass(request.user, self.thing):
            raise PermissionDenied
        self.findings = passable(self.thing)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        asked = request.GET.getlist("finding")
        return self.show(self.form(initial={"findings": asked}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        chosen = [finding for finding in self.findings if finding.key in form.cleaned_data["findings"]]
        let_pass(self.thing, chosen, reason=form.cleaned_data["reason"], by=request.user)
        said = ngettext(
            "已放行 %(count)d 处，现在可以发布。", "已放行 %(count)d 处，现在可以发布。", len(chosen)
        )
        messages.success(request, said % {"count": len(chosen)})
        return redirect(edit_address_of(self.thing))

    def form(self, *args: Any, **kwargs: Any) -> ReasonForm:
        form = ReasonForm(*args, **kwargs)
        field: Any = form.fields["findings"]
        field.choices = [(finding.key, finding.message) for finding in self.findings]
        return form

    def show(self, form: ReasonForm) -> HttpResponse:
        rows = [
            (finding, str(box.tag()), box.id_for_label)
            for finding, box in zip(self.findings, form["findings"], strict=True)
        ]
        return self.render_to_response(
            self.get_context_data(
                form=form, rows=rows, thing=self.thing, edit_url=edit_address_of(self.thing)
            )
        )


class Overrides(OverrideScreen):
    """What was let pass: when, by whom, where and why."""

    page_title = gettext_lazy("放行记录")
    template_name = "quality/overrides.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if not user_has_any_page_permission(user):
            raise PermissionDenied
        page = Paginator(seen_by(user).prefetch_related("thing"), PAGE_SIZE).get_page(request.GET.get("p"))
        rows = [
            {
                "override": override,
                "thing": override.thing,
                "url": edit_address_of(override.thing) if override.thing else "",
                "may_withdraw": override.thing is not None and may_let_pass(user, override.thing),
            }
            for override in page
        ]
        return self.render_to_response(self.get_context_data(rows=rows, page_obj=page))

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": "", "label": str(self.page_title)},
        ]


class Withdraw(OverrideScreen):
    """Asks once more, and stops again what was let pass."""

    page_title = gettext_lazy("撤回放行")
    template_name = "quality/withdraw.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.override = Override.objects.filter(pk=kwargs["pk"]).first()
        if self.override is None or self.override.thing is None:
            raise Http404
        if not may_let_pass(request.user, self.override.thing):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(override=self.override))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        assert self.override is not None
        withdraw(self.override, by=request.user)
        messages.success(request, _("已撤回。下次发布时会再检查这一处。"))
        return redirect("quality_overrides")
