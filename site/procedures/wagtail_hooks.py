"""The menu 评定与准入, its addresses, and the screens on which administrators set the procedures."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.admin_url_finder import register_admin_url_finder
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from procedures.models import Case, Procedure
from procedures.rights import cases_of, may_see
from procedures.turns import rechecks_due, turns_of
from staff import audit

procedure_menu = Menu(register_hook_name="register_procedure_menu_item")


class CasesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_see(request.user)


class SettingsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.is_superuser)


@hooks.register("register_admin_menu_item")
def add_menu() -> MenuItem:
    return SubmenuMenuItem(_("评定与准入"), procedure_menu, name="procedures", icon_name="tasks", order=168)


@hooks.register("register_procedure_menu_item")
def add_cases() -> MenuItem:
    return CasesMenuItem(
        _("申请与办理"), reverse_lazy("procedures:index"), name="cases", icon_name="tasks", order=10
    )


@hooks.register("register_procedure_menu_item")
def add_settings() -> MenuItem:
    address = reverse_lazy("procedure-settings:index")
    return SettingsMenuItem(_("程序设置"), address, name="procedure-settings", icon_name="cogs", order=20)


@hooks.register("register_admin_urls")
def add_addresses() -> list[URLResolver]:
    return [path("procedures/", include("procedures.admin_urls"))]


class ProcedureIndex(generic.IndexView):
    template_name = "procedure_admin/settings.html"


class ProcedureCreate(generic.CreateView):
    def save_instance(self) -> Procedure:
        procedure: Procedure = super().save_instance()
        audit.record("make_procedure", procedure, by=self.request.user)
        return procedure


class ProcedureEdit(generic.EditView):
    def save_instance(self) -> Procedure:
        procedure: Procedure = super().save_instance()
        audit.record("change_procedure", procedure, by=self.request.user)
        return procedure


class ProcedureViewSet(ModelViewSet):
    """The rules of each procedure; its steps are a workflow of Wagtail's."""

    name = "procedure-settings"
    model = Procedure
    icon = "cogs"
    index_view_class = ProcedureIndex
    add_view_class = ProcedureCreate
    edit_view_class = ProcedureEdit
    list_display = [
        "name",
        Column("kind", label=_("种类"), accessor="get_kind_display"),
        Column("steps", label=_("步骤"), accessor=lambda each: " → ".join(step.name for step in each.steps)),
        BooleanColumn("is_open", label=_("受理")),
        BooleanColumn("is_public", label=_("公开")),
    ]
    inspect_view_enabled = False


@hooks.register("register_admin_viewset")
def add_settings_screens() -> ProcedureViewSet:
    return ProcedureViewSet()


class Waiting(Component):
    """What waits for the user: decisions, and ratings that are to be looked at again."""

    order = 70
    template_name = "procedure_admin/waiting.html"

    def __init__(self, mine: int, again: int) -> None:
        self.mine, self.again = mine, again

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"mine": self.mine, "again": self.again}


@hooks.register("construct_homepage_panels")
def add_what_waits(request: HttpRequest, panels: list[Any]) -> None:
    if not may_see(request.user):
        return
    running = list(cases_of(request.user).filter(state=Case.State.RUNNING))
    mine = sum(turn.is_mine for turn in turns_of(running, request.user).values()) if running else 0
    again = len(rechecks_due(cases_of(request.user), request.user))
    if mine or again:
        panels.append(Waiting(mine, again))


class CaseFinder:
    """Where a case stands in the admin, for those who may see it."""

    def __init__(self, user: Any = None) -> None:
        self.user = user

    def get_edit_url(self, case: Case) -> str | None:
        is_seen = self.user is None or cases_of(self.user).filter(pk=case.pk).exists()
        return str(reverse_lazy("procedures:case", args=[case.pk])) if is_seen else None


register_admin_url_finder(Case, CaseFinder)
