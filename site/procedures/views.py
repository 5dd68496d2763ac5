"""The screens of 评定与准入: what there is, what one hands in, and where it is decided."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import TaskState

from content_models.places.calendar import Calendar
from procedures import admission, deciding, rating
from procedures.due import decision_due, earliest_start, period_end, recheck_due
from procedures.forms import FORMS, CaseForm, FileForm, StarsForm
from procedures.models import Case, CaseFile, Procedure, Theme, ThemeResult
from procedures.rights import cases_of, may_begin, may_keep, may_see, places_to_begin
from procedures.turns import Turn, turns_of
from staff import audit
from staff.models import AuditEntry, Post

PER_PAGE = 30
State = Case.State
SHOWN = {
    "mine": _("等我办理"),
    "running": _("办理中"),
    "late": _("超期"),
    "recheck": _("到期复核"),
    "own": _("我填写的"),
    "all": _("全部"),
}


class Screen(WagtailAdminTemplateMixin, View):
    """A screen of this room, for those who work on pages."""

    page_title: Any = _("评定与准入")
    header_icon = "tasks"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_see(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        trail = [{"url": reverse("wagtailadmin_home"), "label": _("首页")}]
        if self.page_title != Screen.page_title:
            trail.append({"url": reverse("procedures:index"), "label": Screen.page_title})
        return [*trail, {"url": "", "label": self.page_title}]

    @cached_property
    def cases(self) -> QuerySet[Case]:
        return cases_of(self.request.user)

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar.load()

    def held(self, pk: int) -> Case:
        """A case in the user's own part of the site; for anybody else it does not exist."""
        case: Case = get_object_or_404(self.cases, pk=pk)
        if case.state == State.DRAFT and not may_read_draft(self.request.user, case):
            raise Http404
        return case

    def say(self, error: ValidationError) -> None:
        for sentence in error.messages:
            messages.error(self.request, sentence)


def may_read_draft(user: Any, case: Case) -> bool:
    """A draft is its writer's, and of those who may write for the same place."""
    return case.created_by_id == user.pk or places_to_begin(user).filter(pk=case.place_id).exists()


class Index(Screen):
    """Every case of the user's part of the site: how it stands, what is due, whose turn it is."""

    template_name = "procedure_admin/index.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("show", "")
        show = asked if asked in SHOWN else "all"
        cases = self._searched(self._readable())
        lines = self._lines(cases, show)
        listed = Paginator(lines, PER_PAGE).get_page(request.GET.get("p"))
        return self.render_to_response(
            self.get_context_data(
                listed=listed,
                shows=[(name, label, name == show) for name, label in SHOWN.items()],
                show=show,
                words=self.words,
                kind=self.kind,
                kinds=Procedure.Kind.choices,
                begins=self._begins(),
            )
        )

    @cached_property
    def words(self) -> str:
        return self.request.GET.get("q", "").replace("\0", "").strip()[:60]

    @cached_property
    def kind(self) -> str:
        kind = self.request.GET.get("kind", "")
        return kind if kind in Procedure.Kind.values else ""

    def _readable(self) -> QuerySet[Case]:
        own = Q(created_by=self.request.user.pk) | Q(
            place__in=places_to_begin(self.request.user).order_by().values("pk")
        )
        return self.cases.filter(~Q(state=State.DRAFT) | own).annotate(last_check=Max("rechecks__done_on"))

    def _searched(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        for word in self.words.split()[:6]:
            cases = cases.filter(Q(title__icontains=word) | Q(place__title__icontains=word))
        return cases.filter(procedure__kind=self.kind) if self.kind else cases

    def _lines(self, cases: QuerySet[Case], show: str) -> list[dict[str, Any]]:
        match show:
            case "mine" | "running" | "late":
                cases = cases.filter(state=State.RUNNING)
            case "recheck":
                cases = cases.filter(state=State.AGREED, procedure__recheck_months__isnull=False)
            case "own":
                cases = cases.filter(created_by=self.request.user.pk)
        found = list(cases)
        turns = turns_of(found, self.request.user)
        lines = []
        for each in found:
            turn, due, again = turns.get(each.pk), decision_due(each, self.calendar), recheck_due(each)
            is_asked = {
                "mine": bool(turn and turn.is_mine),
                "late": due.is_overdue,
                "recheck": again.is_overdue,
            }.get(show, True)
            if is_asked:
                lines.append({"case": each, "turn": turn, "due": due, "recheck": again})
        return lines

    def _begins(self) -> list[Procedure]:
        return list(Procedure.objects.filter(is_open=True)) if may_begin(self.request.user) else []


class Edit(Screen):
    """A new case of a procedure, or one that is a draft or was returned."""

    template_name = "procedure_admin/edit.html"
    case: Case

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.case = self._case(**kwargs)
        return self._show(self._form(), self._stars_form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.case = self._case(**kwargs)
        form, stars = self._form(request.POST), self._stars_form(request.POST)
        if not (form.is_valid() and (stars is None or stars.is_valid())):
            return self._show(form, stars)
        try:
            with transaction.atomic():
                case = form.save()
                if stars is not None:
                    _keep_stars(case, stars)
                audit.record("save_case", case, by=request.user)
                if "submit" in request.POST:
                    deciding.submit(case, by=request.user)
        except ValidationError as error:
            if kwargs.get("procedure"):  # it was not saved after all
                form.instance.pk = None
            self.say(error)
            return self._show(form, stars)
        said = _("已提交：“%(case)s”。") if "submit" in request.POST else _("已存为草稿：“%(case)s”。")
        messages.success(request, said % {"case": case})
        return redirect("procedures:case", case.pk)

    def _case(self, procedure: int | None = None, pk: int | None = None) -> Case:
        if pk is not None:
            case = self.held(pk)
            if not places_to_begin(self.request.user).filter(pk=case.place_id).exists():
                raise PermissionDenied
            if not case.is_editable:
                raise Http404
            return case
        if not may_begin(self.request.user):
            raise PermissionDenied
        return Case(procedure=get_object_or_404(Procedure, pk=procedure, is_open=True))

    def _form(self, data: Any = None) -> CaseForm:
        return FORMS[self.case.procedure.kind](data, instance=self.case, user=self.request.user)

    def _stars_form(self, data: Any = None) -> StarsForm | None:
        if not self.case.is_rating:
            return None
        return stars_form(self.case, data)

    def _show(self, form: CaseForm, stars: StarsForm | None) -> HttpResponse:
        self.page_title = self.case.procedure.name
        choice = form.fields.get("place") or form.fields.get("target")
        has_places = choice is None or choice.queryset.exists()  # type: ignore[attr-defined]  # a choice
        return self.render_to_response(
            self.get_context_data(
                form=form,
                stars=stars,
                case=self.case,
                procedure=self.case.procedure,
                has_places=has_places,
                today_due=earliest_start(self.case, self.calendar),
            )
        )


def stars_form(case: Case, data: Any = None) -> StarsForm:
    results = case.theme_results if case.pk else []
    known = [result.theme_id for result in results]
    themes = Theme.objects.filter(Q(procedure=case.procedure_id, is_used=True) | Q(pk__in=known))
    return StarsForm(data, themes=list(themes.order_by("sort_order", "pk")), results=results)


def _keep_stars(case: Case, form: StarsForm) -> None:
    for theme, (has_star, score, evidence) in form.stars.items():
        ThemeResult.objects.update_or_create(
            case=case,
            theme_id=theme,
            defaults={"has_star": has_star, "score": score, "evidence": evidence},
        )
    case.__dict__.pop("theme_results", None)
    case.__dict__.pop("themes", None)


class Detail(Screen):
    """One case: its steps as a line, what it asks for, what was said and done, and what the user can do."""

    template_name = "procedure_admin/case.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        case = self.held(pk)
        self.page_title = str(case)
        user: Any = request.user
        turn = turns_of([case], user).get(case.pk)
        keeps = case.state == State.AGREED and may_keep(user, case)
        sets_stars = turn is not None and turn.is_mine and turn.step.sets_stars and case.is_rating
        return self.render_to_response(
            self.get_context_data(
                case=case,
                procedure=case.procedure,
                steps=steps_of(case),
                turn=turn,
                colleagues=colleagues(turn, case),
                due=decision_due(case, self.calendar),
                ahead=earliest_start(case, self.calendar),
                period=period_end(case, self.calendar) if self._is_in_notice(case, turn) else None,
                is_in_notice=self._is_in_notice(case, turn),
                recheck=recheck_due(case),
                stars=stars_form(case) if sets_stars else None,
                history=history_of(case),
                file_form=FileForm(),
                may_edit=case.is_editable and places_to_begin(user).filter(pk=case.place_id).exists(),
                may_withdraw=(case.is_running or case.is_editable)
                and (user.is_superuser or case.is_own(user)),
                keeps=keeps,
                standing=[result for result in case.theme_results if self._stands(case, result)],
            )
        )

    @staticmethod
    def _is_in_notice(case: Case, turn: Any) -> bool:
        return bool(turn and turn.step.is_publicity and case.is_rating and case.procedure.is_public)

    @staticmethod
    def _stands(case: Case, result: ThemeResult) -> bool:
        return result.has_star and not any(check.theme_id == result.theme_id for check in case.rechecks.all())


def steps_of(case: Case) -> list[dict[str, Any]]:
    """Every step in order: how it stands, when, by whom and with which words."""
    states = TaskState.objects.for_instance(case).select_related("finished_by").order_by("started_at", "pk")
    last = {state.task_id: state for state in states}
    looks = {
        TaskState.STATUS_APPROVED: ("done", _("已同意")),
        TaskState.STATUS_IN_PROGRESS: ("now", _("正在办理")),
        TaskState.STATUS_REJECTED: ("back", _("退回修改")),
        TaskState.STATUS_CANCELLED: ("no", _("已结束")),
    }
    steps = []
    for step in case.procedure.steps:
        state = last.get(step.pk)
        look, said = looks.get(state.status if state else "", ("", _("还没到")))
        steps.append({"step": step, "state": state, "look": look, "said": said})
    return steps


def colleagues(turn: Turn | None, case: Case) -> list[str]:
    """The people who hold the post whose turn it is."""
    if turn is None:
        return []
    posts = Post.objects.filter(role=turn.step.role, place__path=turn.step.path_for(case))
    people = posts.filter(user__is_active=True).select_related("user").order_by("user__username")
    return [str(post.user) for post in people]


def history_of(case: Case) -> list[dict[str, Any]]:
    """Who did and said what when, the newest first."""
    kind = ContentType.objects.get_for_model(Case)
    entries = AuditEntry.objects.filter(content_type=kind, object_id=str(case.pk))
    told = [
        {"at": entry.at, "who": entry.who, "what": entry.action_label, "text": entry.detail_text}
        for entry in entries
    ]
    told += [
        {"at": note.at, "who": str(note.by or ""), "what": _("意见"), "text": note.text}
        for note in case.notes.select_related("by")
    ]
    told += [
        {"at": file.at, "who": str(file.by or ""), "what": _("上传材料"), "text": file.name}
        for file in case.files.select_related("by")
    ]
    return sorted(told, key=lambda line: line["at"], reverse=True)


class Do(Screen):
    """Something that is done to one case by a button; afterwards one sees the case."""

    http_method_names = ["post"]
    action = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        case = self.held(pk)
        try:
            with transaction.atomic():
                said = getattr(self, self.action)(case)
        except ValidationError as error:
            self.say(error)
        else:
            messages.success(request, said)
        return redirect("procedures:case", pk)

    @property
    def text(self) -> str:
        return self.request.POST.get("text", "").replace("\0", "").strip()[:2000]

    def submit(self, case: Case) -> str:
        if not places_to_begin(self.request.user).filter(pk=case.place_id).exists():
            raise PermissionDenied
        deciding.submit(case, by=self.request.user)
        return _gettext("已提交。")

    def decide(self, case: Case) -> str:
        asked = self.request.POST
        step = asked.get("step", "")
        stars = None
        if "has_stars" in asked:
            form = stars_form(case, asked)
            if not form.is_valid():
                raise ValidationError(_gettext("主题星的得分没有填对，请看一下再提交。"))
            stars = form.stars
        deciding.decide(
            case,
            step=int(step) if step.isdecimal() else 0,
            action=asked.get("action", ""),
            by=self.request.user,
            comment=self.text,
            stars=stars,
        )
        case.refresh_from_db()
        if case.is_running:
            return _gettext("已同意，转到下一步。")
        return _gettext("已办理：%(state)s。") % {"state": case.state_text}

    def withdraw(self, case: Case) -> str:
        deciding.withdraw(case, by=self.request.user)
        return _gettext("已撤回。")

    def remark(self, case: Case) -> str:
        if not self.text:
            raise ValidationError(_gettext("请先写意见。"))
        deciding.remark(case, by=self.request.user, text=self.text)
        return _gettext("意见已记下。")

    def attach(self, case: Case) -> str:
        form = FileForm(self.request.POST, self.request.FILES)
        if not form.is_valid():
            raise ValidationError([message for errors in form.errors.values() for message in errors])
        form.instance.case, form.instance.by = case, self.request.user
        form.save()
        audit.record("attach_to_case", case, by=self.request.user, file=form.instance.name)
        return _gettext("材料已上传。")

    def recheck(self, case: Case) -> str:
        theme, user = self.request.POST.get("theme", ""), self.request.user
        taken = get_object_or_404(case.procedure.themes, pk=int(theme)) if theme.isdecimal() else None
        if taken is not None and not self.text:
            raise ValidationError(_gettext("摘星要写明原因。"))
        rating.recheck(case, by=user, theme=taken, reason=self.text[:300])
        return _gettext("复核已记下。")

    def redraft(self, case: Case) -> str:
        rating.redraft_notice(case, by=self.request.user)
        return _gettext("公示已重新起草。")

    def exit(self, case: Case) -> str:
        admission.leave(case, by=self.request.user, reason=self.text)
        return _gettext("已办理退出，清单的新版本已经发布。")


class File(Screen):
    """A document of a case, for those who may see the case."""

    def get(self, request: HttpRequest, pk: int, file: int) -> FileResponse:
        kept = get_object_or_404(CaseFile, pk=file, case=self.held(pk))
        response = FileResponse(kept.file.open("rb"), as_attachment=True, filename=kept.name)
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response
