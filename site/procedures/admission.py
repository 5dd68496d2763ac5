"""What follows when a task is let into a community, or leaves it: a new edition of the admission list."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from content_models.policy_lists.columns import ColumnSpec
from content_models.policy_lists.models import ListEdition, ListEntry, PolicyListPage
from procedures.models import Case
from procedures.private import require_no_personal_data
from procedures.rights import may_keep
from publishing.outbox import publication, take_turn
from publishing.publish import publish
from staff import audit

# What is known of a case, by the keys that a list's columns have from their first names on.
KEYS = {
    "seq": ("xu_hao", "seq"),
    "category": ("lei_bie", "category", "kind"),
    "title": ("shi_xiang", "shi_xiang_ming_cheng", "name"),
    "department": ("shen_qing_bu_men", "department"),
    "applied_on": ("shen_qing_ri", "applied_on"),
    "admitted_on": ("zhun_ru_ri", "admitted_on"),
    "ends_on": ("you_xiao_qi", "ends_on"),
    "funding": ("jing_fei_bao_zhang", "funding"),
    "basis": ("yi_ju", "basis"),
    "state": ("zhuang_tai", "state", "status"),
}
ADMITTED, LEFT = "准入", "退出"


def columns_of(page: PolicyListPage) -> dict[str, ColumnSpec]:
    """Which column of the list holds what; the column of names is whichever is marked so."""
    by_key = {column.key: column for column in page.column_specs}
    found = {
        part: next(by_key[key] for key in keys if key in by_key)
        for part, keys in KEYS.items()
        if any(key in by_key for key in keys)
    }
    named = next((column for column in page.column_specs if column.is_title), None)
    if named is not None:
        found["title"] = named
    return found


def problems_with(case: Case) -> list[str]:
    """Why the list could not take this entry, in sentences."""
    if case.target is None:
        return [_("还没有选进入哪个清单。")]
    columns, problems = columns_of(case.target), []
    if "title" not in columns:
        problems.append(_("清单没有作为条目名称的栏目，请先在清单的“栏目设置”里选一个。"))
    for name, column in columns.items():
        try:
            column.read(_cells(case).get(name, ""))
        except ValidationError as error:
            if name != "seq":
                problems.append(
                    _("清单的“%(label)s”栏：%(message)s")
                    % {"label": column.label, "message": error.messages[0]}
                )
    return problems


def _cells(case: Case) -> dict[str, str]:
    applied = timezone.localdate(case.submitted_at) if case.submitted_at else timezone.localdate()
    return {
        "category": case.category,
        "title": case.title,
        "department": case.department.name if case.department else "",
        "applied_on": applied.isoformat(),
        "admitted_on": (case.decided_on or timezone.localdate()).isoformat(),
        "ends_on": case.ends_on.isoformat() if case.ends_on else "",
        "funding": case.funding,
        "basis": case.basis,
        "state": ADMITTED,
    }


def admit(case: Case, *, by: Any) -> None:
    """Publish a new edition of the list with an entry for the task."""
    page = _held(case)
    edition, waiting = _next_edition(page, title=_("%(day)s 准入"), by=by)
    columns = columns_of(page)
    for each in (edition, *waiting):
        if case.entry_key and each.rows.filter(key=case.entry_key).exists():
            continue
        values = {columns[name].key: text for name, text in _cells(case).items() if name in columns and text}
        if "seq" in columns:
            values[columns["seq"].key] = str(_last_number(each, columns["seq"].key) + 1)
        last = each.rows.order_by("-order").values_list("order", flat=True).first() or 0
        entry = ListEntry(edition=each, order=last + 1, key=case.entry_key, values=values)
        entry.save()
        case.entry_key = entry.key
    case.save(update_fields=["entry_key"])
    _make_public(edition, by=by)


@publication()
def leave(case: Case, *, by: Any, reason: str) -> None:
    """Publish a new edition of the list in which the task has left the community."""
    take_turn()
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if case.state == Case.State.EXITED:  # clicked twice
        return
    if case.is_rating or case.state != Case.State.AGREED:
        raise ValidationError(_("只有已准入的事项可以退出。"))
    if not may_keep(by, case):
        raise ValidationError(_("您不能办理退出：由最后一步的办理人办理，本人不能办理自己申请的。"))
    if not reason.strip():
        raise ValidationError(_("请写明退出原因。"))
    if case.procedure.is_public:
        require_no_personal_data(reason)
    page = _held(case)
    columns = columns_of(page)
    if "state" not in columns:
        raise ValidationError(_("清单没有“状态”栏，请先在清单的“栏目设置”里加上，再办理退出。"))
    edition, waiting = _next_edition(page, title=_("%(day)s 退出"), by=by)
    word = next(iter(columns["state"].inactive_values), LEFT)
    for each in (edition, *waiting):
        entry = each.rows.filter(key=case.entry_key).first()
        if entry is None and each is edition:
            raise ValidationError(_("清单里已经没有这一条了，请到清单里核对。"))
        if entry is not None:
            entry.values = entry.values | {columns["state"].key: word}
            entry.save()
    case.state, case.exited_on, case.exit_reason = Case.State.EXITED, timezone.localdate(), reason.strip()
    case.save(update_fields=["state", "exited_on", "exit_reason"])
    _make_public(edition, by=by)
    audit.record("exit_case", case, by=by, reason=case.exit_reason)


def _held(case: Case) -> PolicyListPage:
    page: PolicyListPage = PolicyListPage.objects.select_for_update(of=("self",)).get(pk=case.target_id)
    if not page.live:
        raise ValidationError(_("清单“%(page)s”还没有发布。") % {"page": page.title})
    return page


def _next_edition(page: PolicyListPage, *, title: str, by: Any) -> tuple[ListEdition, list[ListEdition]]:
    """A draft made from the edition in force, and the drafts of others, which must not lose the change."""
    waiting = list(page.editions.filter(live=False, taken_back_at=None).select_related("owner"))
    if closed := next((each for each in waiting if not each.is_editable), None):
        sentence = _("清单有一个版本“%(title)s”%(status)s，等它发布或退回以后再办理。")
        raise ValidationError(sentence % {"title": closed.title, "status": closed.status_label})
    named = title % {"day": timezone.localdate().isoformat()}
    current = page.current_edition
    if current is None:
        edition = ListEdition(owner=page, title=named, created_by=by)
        edition.save()
    else:
        edition = current.new_draft(by=by, title=named)
    # The total that a document states is of that document, not of what was decided since.
    edition.stated_total, edition.stated_by_category = None, []
    edition.effective_on = edition.announced_on = timezone.localdate()
    edition.save()
    return edition, waiting


def _last_number(edition: ListEdition, key: str) -> int:
    numbers = (row.values.get(key, "") for row in edition.rows.only("values"))
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


def _make_public(edition: ListEdition, *, by: Any) -> None:
    edition.save_revision(user=by)
    publish(edition, by=by)
