"""What follows from the rating of a community: the notice, the stars on its page, and their loss."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from wagtail.models import TaskState

from content_models.communities.models import CommunityPage, Rating
from content_models.notices.models import NoticeChannel, NoticePage
from content_models.places.calendar import Calendar, YearNotMaintained
from procedures.models import Case, Recheck, Theme
from procedures.private import require_no_personal_data
from procedures.rights import may_keep
from publishing.outbox import publication, take_turn
from publishing.publish import publish
from staff import audit


def draft_notice(case: Case, *, by: Any) -> NoticePage:
    """Write the draft of the notice that tells the result; its editors publish it as any other."""
    channel = _channel_of(case)
    today = timezone.localdate()
    try:
        ends_on = Calendar.load().add_workdays(today, case.procedure.notice_days)
    except YearNotMaintained:
        ends_on = None  # the notice says so where it tells its period
    notice = NoticePage(
        title=_("关于%(place)s%(year)d年星级评定结果的公示")
        % {"place": case.place.title, "year": case.year or today.year},
        notice_kind=NoticePage.Kind.PUBLICITY,
        body=[("text", _notice_text(case))],
        publisher=channel.publisher,
        content_source=channel.publisher,
        notice_from=today,
        notice_to=ends_on,
        stated_working_days=case.procedure.notice_days,
        feedback_contact=case.procedure.objections,
        scope=case.place.title,
        live=False,
        owner=by,
    )
    channel.add_child(instance=notice)
    notice.save_revision(user=by, log_action=True)
    case.notice = notice.page_ptr
    case.save(update_fields=["notice"])
    return notice


def _channel_of(case: Case) -> NoticeChannel:
    """The channel that was set, else the nearest one above the community."""
    chosen: NoticeChannel | None = case.procedure.notice_channel
    places = case.place.get_ancestors(inclusive=True).filter(depth__gt=1).order_by("-depth")
    found = [chosen, *(NoticeChannel.objects.live().child_of(place).first() for place in places)]
    for channel in found:
        if channel is not None:
            return channel
    raise ValidationError(_("还没有公告栏目可以放公示。请先在社区、街道或区里建一个公告栏目。"))


def _notice_text(case: Case) -> str:
    won = "、".join(theme["name"] for theme in case.themes if theme["has_star"]) or _("无")
    lines = [
        _("经逐级评定，%(place)s%(year)d年获得 %(stars)d 星，等次为“%(level)s”。")
        % {"place": case.place.title, "year": case.year, "stars": case.stars, "level": case.level},
        _("获得的主题星：%(themes)s。") % {"themes": won},
        _("公示 %(days)d 个工作日。对结果有异议，请在公示期内反映：%(contact)s。")
        % {"days": case.procedure.notice_days, "contact": case.procedure.objections},
    ]
    return format_html("{}", format_html_join("", "<p>{}</p>", ((line,) for line in lines)))


@publication()
def redraft_notice(case: Case, *, by: Any) -> None:
    """Write the notice anew where somebody deleted it."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    step = case.current_step
    if case.notice_id is None and step is not None and step.is_publicity:
        draft_notice(case, by=by)
        audit.record("draft_case_notice", case, by=by, page=case.notice_id)


def show_stars(case: Case, *, by: Any) -> None:
    """Put the stars on the community's public page, beside whatever its editors are at."""
    page = CommunityPage.objects.get(pk=case.place_id)
    if not page.live:
        raise ValidationError(_("“%(page)s”还没有发布，亮星前请先发布社区页面。") % {"page": page.title})
    draft = page.get_latest_revision_as_object() if page.has_unpublished_changes else None
    _put_rating(page, case)
    page.save_revision(user=by, clean=False)
    publish(page, by=by)
    if draft is not None:  # somebody's unfinished changes stay what they are: theirs, and unfinished
        _put_rating(draft, case)
        draft.save_revision(user=by, clean=False)


def _put_rating(page: CommunityPage, case: Case) -> None:
    known = {rating.year: rating for rating in page.ratings.all()}
    rating = known.get(case.year) or Rating(year=case.year)
    rating.themes, rating.steps = case.themes, steps_taken(case)
    rating.follow_themes()
    rating.shown_on, rating.source = case.decided_on, case.procedure.source
    rating.objections, rating.notice_id = case.procedure.objections, case.notice_id
    known[case.year] = rating
    page.ratings = [known[year] for year in sorted(known, reverse=True)]


def steps_taken(case: Case) -> list[list[str]]:
    """``[[name, day]]`` of the steps that were agreed to, in order."""
    states = TaskState.objects.for_instance(case).filter(status=TaskState.STATUS_APPROVED)
    return [
        [state.task.name, timezone.localdate(state.finished_at).isoformat()]
        for state in states.select_related("task").order_by("finished_at", "pk")
    ]


@publication()
def recheck(case: Case, *, by: Any, theme: Theme | None = None, reason: str = "") -> Recheck:
    """Note that a rating was looked at again; with ``theme`` its star is taken away, for a reason."""
    take_turn()
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not case.is_rating or case.state != Case.State.AGREED:
        raise ValidationError(_("只有已亮星的评定可以复核。"))
    if not may_keep(by, case):
        raise ValidationError(_("您不能复核这次评定：复核由最后一步的办理人进行，本人不能复核自己申报的。"))
    today = timezone.localdate()
    again = case.rechecks.filter(by=by, theme=theme, done_on=today).first()
    if again is not None:  # clicked twice
        return again
    has_star = theme is None or any(
        result.theme_id == theme.pk and result.has_star for result in case.theme_results
    )
    if not has_star:
        raise ValidationError(_("社区没有“%(theme)s”这颗星。") % {"theme": theme})
    if theme is not None and case.procedure.is_public:
        require_no_personal_data(reason)
    check = Recheck(case=case, by=by, theme=theme, reason=reason.strip(), done_on=today)
    check.full_clean()
    check.save()
    if theme is not None:
        if case.procedure.is_public:
            show_stars(case, by=by)
        audit.record("take_star", case, by=by, name=theme.name, reason=check.reason)
    else:
        audit.record("recheck_stars", case, by=by, reason=check.reason)
    return check
