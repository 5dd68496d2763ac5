"""窗口状态: in two taps an office serves nobody for a while, in one it does again."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.permissions import page_permission_policy

from content_models.places.calendar import Calendar
from content_models.places.hours import OpenState, moment_text, rest_of_the_day
from content_models.places.offices import OfficePage, with_opening_hours
from content_models.places.pause_forms import ClosedEarlyForm, PauseForm, ReasonForm
from content_models.places.pauses import OfficePause, PausedMeanwhile, pause_office, resume_office

FORMS = {form.kind: form for form in (PauseForm, ClosedEarlyForm)}
PER_PAGE = 20


def offices_kept_by(user):
    """Live offices for which ``user`` may speak: those whose pages they may publish."""
    own = page_permission_policy.instances_user_has_permission_for(user, "publish")
    return OfficePage.objects.live().filter(pk__in=own.values("pk")).order_by("sort_name", "pk")


def keeps_offices(user):
    return offices_kept_by(user).exists()


@dataclass(frozen=True)
class Choice:
    """What a first tap opens."""

    label: str
    form: ReasonForm
    is_open: bool


@dataclass(frozen=True)
class Card:
    """One office as its staff see it: what residents read now, and what can be done about it."""

    office: OfficePage
    state: OpenState
    pause: OfficePause | None
    until: str
    choices: list[Choice]


class WindowStatus(WagtailAdminTemplateMixin, View):
    """The offices of the user, or with ``pk`` one alone, which staff may keep on their phone's screen."""

    page_title = gettext_lazy("窗口状态")
    header_icon = "time"
    template_name = "office_admin/window_status.html"

    def get_breadcrumbs_items(self):
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("首页")},
            {"url": "", "label": self.page_title},
        ]

    def get(self, request, pk=None):
        if pk is not None:
            return self.show([get_object_or_404(self.offices, pk=pk)], is_alone=True)
        words = request.GET.get("q", "").replace("\0", "").strip()[:60]
        found = self.offices.filter(title__icontains=words) if words else self.offices
        listed = Paginator(found, PER_PAGE).get_page(request.GET.get("p"))
        return self.show(listed.object_list, listed=listed, words=words)

    def post(self, request, pk=None):
        if pk is None:
            raise Http404
        office = get_object_or_404(self.offices, pk=pk)
        if "resume" in request.POST:
            return self._resume(office, request.POST["resume"])
        form_class = FORMS.get(request.POST.get("kind", ""))
        if form_class is None:
            raise Http404
        form = form_class(request.POST, **self._known(office))
        if not form.is_valid() or not self._pause(office, form):
            # Read again: a colleague may just have set something else.
            return self.show([self.offices.get(pk=pk)], is_alone=True, sent=form)
        return self._say(office, _("“%(office)s”：居民现在看到“%(text)s”，到 %(until)s 自动结束。"))

    def _pause(self, office, form):
        """Whether the pause stands now as it was asked for."""
        asked = {"kind": form.kind, "reason": form.cleaned_data["reason"], "by": self.request.user}
        try:
            pause_office(
                office,
                until=form.cleaned_data["until"],
                instead_of=form.cleaned_data["instead_of"],
                at=self.now,
                **asked,
            )
        except PausedMeanwhile as found:
            if found.pause.is_same(**asked):
                return True
            form.add_error(
                None,
                _("%(name)s刚才设了别的，居民现在看到的写在上面。要改成下面这样，请再点一次。")
                % {"name": found.pause.set_by or _("同事")},
            )
            return False
        return True

    def _resume(self, office, key):
        pause = next((pause for pause in office.standing_pauses if str(pause.pk) == key), None)
        if pause is None and office.standing_pauses:
            messages.warning(self.request, _("窗口状态刚才已经变了，请看一眼再点。"))
            return redirect("window_status:office", office.pk)
        if pause is not None:
            resume_office(pause, by=self.request.user)
        return self._say(office, _("“%(office)s”已恢复办理，居民现在看到“%(text)s”。"))

    def _say(self, office, sentence):
        """What residents read from now on, and send the user to that office."""
        office = self.offices.get(pk=office.pk)
        state = office.open_state(at=self.now, calendar=self.calendar)
        told = {"office": office.title, "text": state.text, "until": self._until(state)}
        messages.success(self.request, sentence % told)
        return redirect("window_status:office", office.pk)

    def show(self, offices, *, sent=None, is_alone=False, listed=None, words=""):
        count = self.offices.count()
        return self.render_to_response(
            self.get_context_data(
                cards=[self._card(office, sent) for office in offices],
                listed=listed,
                words=words,
                is_searched=not is_alone and count > PER_PAGE,
                has_others=is_alone and count > 1,
            )
        )

    def _card(self, office, sent):
        state = office.open_state(at=self.now, calendar=self.calendar)
        pause = office.standing_pauses[0] if state.is_paused else None
        known = self._known(office)
        choices = []
        for kind, form_class in FORMS.items():
            form = sent if sent is not None and sent.kind == kind else form_class(**known)
            if form is sent or form.closing is not None or form.kind == OfficePause.Kind.PAUSED:
                is_this = pause is not None and pause.kind == kind
                choices.append(Choice(_("改时间或原因") if is_this else kind.label, form, form is sent))
        return Card(office, state, pause, self._until(state), choices)

    def _until(self, state):
        return moment_text(state.pause.until, at=self.now) if state.is_paused else ""

    def _known(self, office):
        hours = office.opening_hours
        rest = rest_of_the_day(hours, at=self.now, calendar=self.calendar)
        return {"rest": rest, "now": self.now, "knows_hours": bool(hours)}

    @property
    def offices(self):
        return with_opening_hours(offices_kept_by(self.request.user)).prefetch_related(
            "standing_pauses__set_by"
        )

    @cached_property
    def now(self):
        return timezone.localtime()

    @cached_property
    def calendar(self):
        return Calendar.load()


app_name = "window_status"
urlpatterns = [
    path("", WindowStatus.as_view(), name="index"),
    path("<int:pk>/", WindowStatus.as_view(), name="office"),
]
