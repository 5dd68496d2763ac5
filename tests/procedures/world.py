"""A street with a community, and everybody who decides there, for the tests of procedures."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from content_models.notices.models import NoticeChannel
from content_models.places.models import CalendarDay, CalendarYear
from content_models.policy_lists.models import ListChannel, ListType, PolicyListPage
from procedures import deciding
from procedures.defaults import make_defaults
from procedures.models import Case, Procedure, Theme, ThemeResult
from publishing.publish import publish
from staff.models import User
from tests import factories

TODAY = datetime.date(2026, 9, 24)
YEAR = 2026


@dataclass
class Cast:
    """Who is there: one who writes, and one for each post that decides."""

    community: Any
    street: Any
    home: Any
    rating: Procedure
    admission: Procedure
    writer: User  # community editor
    street_editor: User
    street_reviewer: User
    district_reviewer: User
    district_editor: User
    stranger: User  # editor of another street

    def client(self, user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    @property
    def deciders(self) -> list[User]:
        """Of the five steps of a rating, in order."""
        return [
            self.street_editor,
            self.street_reviewer,
            self.district_reviewer,
            self.district_editor,
            self.district_editor,
        ]


def make() -> Cast:
    home = factories.home()
    street = factories.street("东区街道")
    other = factories.street("西区街道")
    community = publish(factories.community("花苑社区", under=street))
    factories.channel(NoticeChannel, home)
    for year in (2026,):
        maintain(year)
    rating, admission = make_defaults()
    return Cast(
        community=community,
        street=street,
        home=home,
        rating=rating,
        admission=admission,
        writer=factories.user("community_editor", community, username="writer"),
        street_editor=factories.user("street_editor", street, username="street"),
        street_reviewer=factories.user("reviewer", street, username="street_reviewer"),
        district_reviewer=factories.user("reviewer", home, username="district_reviewer"),
        district_editor=factories.user("district_editor", home, username="district"),
        stranger=factories.user("street_editor", other, username="stranger"),
    )


def maintain(year: int) -> None:
    """Have the year in the calendar; 2026 with its autumn holidays (FACTS H7)."""
    kept, _created = CalendarYear.objects.get_or_create(year=year)
    if year == 2026 and not kept.days.exists():
        holidays = [(9, 25), (9, 26), (9, 27), *((10, day) for day in range(1, 8))]
        for month, day in holidays:
            CalendarDay.objects.create(calendar_year=kept, on=datetime.date(year, month, day), kind="holiday")
        for month, day in ((9, 20), (10, 10)):
            CalendarDay.objects.create(calendar_year=kept, on=datetime.date(year, month, day), kind="workday")


def rating(
    cast: Cast, *, stars: int = 8, year: int = YEAR, submitted: bool = True, community: Any = None
) -> Case:
    """A rating of the community with the first ``stars`` of its themes."""
    case = Case(
        procedure=cast.rating,
        place=factories_page(community or cast.community),
        title=f"{year}年星级评定",
        year=year,
        created_by=cast.writer,
    )
    case.save()
    case.save_revision(user=cast.writer)
    for number, theme in enumerate(Theme.objects.filter(procedure=cast.rating)):
        ThemeResult.objects.create(case=case, theme=theme, has_star=number < stars)
    return deciding.submit(case, by=cast.writer) if submitted else case


def factories_page(page: Any) -> Any:
    return page.page_ptr if hasattr(page, "page_ptr") else page


def admission_list(cast: Cast, **fields: Any) -> PolicyListPage:
    """The community's list of admitted tasks, with the columns of its type and one entry."""
    page: PolicyListPage = factories.policy_list(
        "花苑社区工作事项准入清单",
        under=factories.channel(ListChannel, cast.community),
        columns=[],
        list_type=ListType.objects.get(name="社区工作事项准入清单"),
        **fields,
    )
    page = publish(page)
    row = {"key": "jiu", "序号": "1", "类别": "报表", "事项": "旧报表", "状态": "准入"}
    factories.list_edition(page, [row], published=True)
    return factories.fresh(page)


def application(cast: Cast, target: PolicyListPage, *, submitted: bool = True, **fields: Any) -> Case:
    """An application for a task of the department of civil affairs."""
    given = {
        "title": "养老服务月报表",
        "category": "报表",
        "basis": "示例文件〔2026〕1号",
        "funding": "部门随事拨付",
        "starts_on": datetime.date(2026, 12, 1),
        "ends_on": datetime.date(2026, 12, 31),
    } | fields
    case = Case(
        procedure=cast.admission,
        place=factories_page(cast.community),
        target=target,
        department=factories.department("区民政局"),
        created_by=cast.writer,
        **given,
    )
    case.save()
    case.save_revision(user=cast.writer)
    return deciding.submit(case, by=cast.writer) if submitted else case


def decide(case: Case, by: User, action: str = "approve", comment: str = "") -> Case:
    """What ``by`` decides of the step at which the case stands."""
    state = case.current_workflow_task_state
    assert state is not None
    return deciding.decide(case, step=state.pk, action=action, by=by, comment=comment)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def pdf(name: str = "依据.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.4 test", content_type="application/pdf")
