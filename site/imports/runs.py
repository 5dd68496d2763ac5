"""The life of an import: received, matched, checked, confirmed, undone; for screens, commands and the API.

Each step leaves the run in a state from which it can go on or begin again; what changes the site is one
transaction that also changes the run's state, so a run that was killed has either happened or not.
"""

import errno
import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import IO, Any

from django.core.files import File
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from content_models.base.slugs import slug_of
from content_models.base.widgets import fold
from content_models.policy_lists.models import ListChannel
from imports import staging, totals
from imports.infer import Proposed, list_type_for
from imports.kinds import lane_of
from imports.lanes import Lane, NotNow
from imports.match import Match, match
from imports.models import KEPT_DAYS, HeaderChoice, ImportRun
from imports.reading import workbook
from imports.reading.refusals import Refused
from imports.reading.workbook import visible
from imports.sheets import find_tables, layout_of
from imports.tables import Table
from publishing import outbox
from staff import audit

logger = logging.getLogger("imports")
State = ImportRun.State
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SILENT_FOR = timedelta(seconds=90)  # a working run says more often than this how far it is


def receive(file: IO[bytes], *, name: str, kind: str, into: Any, by: Any) -> ImportRun:
    """Keep an uploaded file and begin a run with it; Refused when it is no spreadsheet."""
    file_hash = hash_of(file)
    run = ImportRun(kind=kind, into=into, by=by, file_name=visible(name)[-200:], file_hash=file_hash)
    try:
        run.file.save(name, File(file), save=False)
    except OSError as error:
        if error.errno in FULL:
            raise Refused("no_space") from error
        raise
    run.file_size = run.file.size
    try:
        run.survey = workbook.read(run.file.path, name=name).survey
        run.save()
    except Exception:
        run.file.delete(save=False)
        raise
    return run


def hash_of(file: IO[bytes]) -> str:
    """The SHA-256 of a file, read from its start and left there."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]  # an upload is read like a file
    file.seek(0)
    return digest.hexdigest()


def book_of(run: ImportRun) -> workbook.Workbook:
    if not run.file:
        raise NotNow(_("上传的文件已删除（保存 %(days)d 天）。请重新上传。") % {"days": KEPT_DAYS})
    return workbook.read(run.file.path, name=run.file_name, survey=run.survey)


def tables_of(run: ImportRun, lane: Lane, book: workbook.Workbook | None = None) -> dict[str, Table]:
    """The main table under "" and further ones by part; NotNow when no header can be made out."""
    return find_tables(book or book_of(run), lane, run.sheet)[0]


def table_of(run: ImportRun, lane: Lane, book: workbook.Workbook | None = None) -> Table:
    """The table of the run's main sheet: the one that was chosen, else the one that fits best."""
    return tables_of(run, lane, book)[""]


# Columns


def scope_of(run: ImportRun) -> str:
    """Where a remembered choice of columns holds."""
    return f"{run.kind}:{run.into_id or ''}" if run.kind == "lists" else run.kind


def propose(run: ImportRun, lane: Lane, table: Table) -> list[Match]:
    """What each column of the file is taken for, with what its owner said of such columns before."""
    chosen = HeaderChoice.objects.filter(by=run.by, scope=scope_of(run))
    remembered = dict(chosen.values_list("label", "field"))
    return match(table.labels, lane.targets(), remembered)


def choose_columns(run: ImportRun, mapping: dict[str, str], *, remember: Iterable[str] = ()) -> None:
    """Settle what the columns are; ``remember`` are labels that their owner decided on."""
    run.mapping = mapping
    run.save(update_fields=["mapping", "sheet"])
    for label in remember:
        HeaderChoice.objects.update_or_create(
            by=run.by, scope=scope_of(run), label=fold(label)[:120], defaults={"field": mapping[label]}
        )


def choose_new_list(run: ImportRun, title: str, columns: Sequence[Proposed]) -> None:
    """Settle what the list will be that comes with this file; it is made when the run is confirmed."""
    wanted = [column for column in columns if column.is_wanted]
    taken = set(ListChannel.objects.get(pk=run.into_id).get_children().values_list("slug", flat=True))
    base = slug_of(title) or "list"
    slug, count = base, 1
    while slug in taken:
        count += 1
        slug = f"{base}-{count}"
    list_type = list_type_for(title)
    new_list = {
        "title": title,
        "slug": slug,
        "list_type": list_type.pk if list_type else None,
        "columns": [column.as_json() for column in wanted],
    }
    run.header = {**run.header, "new_list": new_list}
    run.mapping = {column.label: column.label for column in wanted}
    run.save(update_fields=["header", "mapping", "sheet"])


def unmatched_required(run: ImportRun, lane: Lane) -> list[str]:
    """Columns that every new row needs and the file does not have."""
    found = set(run.mapping.values())
    return [target.title for target in lane.targets() if target.is_required and target.title not in found]


# Check


def check(run: ImportRun) -> None:
    """Read the file, stage every row, compare with the site. Writes to the import's own tables only."""
    lane = lane_of(run)
    now = timezone.now()
    run.beat(state=State.CHECKING, started_at=now, rows_read=0, message="", counts={}, remarks=[], skipped=[])
    staging.clear(run)
    try:
        if not any(run.mapping.values()):
            raise NotNow(_("没有一列对应到网站上的列，没有可以导入的内容。请选对应的列，或换一个文件。"))
        tables, run.remarks = find_tables(book_of(run), lane, run.sheet)
        table = tables[""]
        run.beat(rows_expected=table.sheet.rows)
        lane.check(tables)
        staging.analyze()
        staging.refuse_duplicates(run, _same_key)
        found = staging.counts(run)
        if not found:
            raise NotNow(_("表头下面没有内容，什么都不会改变。请填好再上传，或选别的工作表。"))
        missing, names = lane.missing(20)
        run.counts = {**found, "missing": missing, "skipped": table.skipped_count}
        if lane.warns:
            run.counts["warnings"] = staging.warned(run).count()
        if further := staging.refused_parts(run):
            run.counts["refused_parts"] = further
        run.header = {**run.header, "sheets": layout_of(tables, lane, run.mapping)}
        run.skipped = [[row.number, row.reason, row.text] for row in table.skipped]
        run.result = {"missing": names}
        run.remarks += lane.remarks()
        run.remarks += [remark for each in tables.values() for remark in totals.remarks_on_table(each)]
        run.state = State.CHECKED
    except (NotNow, Refused) as error:
        run.state, run.message = State.FAILED, str(error)
    except Exception:
        logger.exception("Import %s could not be checked", run.pk)
        run.state = State.FAILED
        run.message = _("检查时出了意外，什么都没有写入。请再试一次；还不行就把文件交给管理员。")
    run.heartbeat = timezone.now()
    run.save()


def _same_key(others: list[int]) -> str:
    return _("与第 %(rows)s 行重复。") % {"rows": "、".join(str(number) for number in others)}


# Confirm and undo


def confirm(run: ImportRun, *, by: Any) -> ImportRun:
    """Write what the preview showed, all in one transaction. A second call gives the first result."""
    with outbox.publication():
        outbox.take_turn()
        run = ImportRun.objects.select_for_update(of=("self",)).select_related("by", "into").get(pk=run.pk)
        if run.state == State.DONE:
            return run
        if run.state not in (State.CHECKED, State.CONFIRMING):
            raise NotNow(_("这次导入现在不能确认（%(state)s）。") % {"state": run.get_state_display()})
        lane = lane_of(run)
        why_not = refusal(run, lane, by)
        if why_not:
            raise NotNow(why_not)
        outcome = lane.confirm()
        run.result = {**run.result, "confirm": outcome.as_json()}
        run.state, run.confirmed_at, run.message = State.DONE, timezone.now(), ""
        run.save()
        audit.record("import", run, by=by, kind=run.kind, file=run.file_hash, **outcome.counts)
    return run


def refusal(run: ImportRun, lane: Lane, by: Any) -> str:
    """Why this run may not be confirmed as asked; empty when it may."""
    if not lane.may(by, run.outcome):
        return _("您没有这样写入的权限。可以改为“存为草稿”或“提交审核”。")
    if staging.total(run) != run.staged_count:
        return _("预览的内容已经不在了。请重新检查。")
    refused = run.count("refused") or run.count("refused_parts")
    if refused and run.accept == ImportRun.Accept.ALL:
        return _("还有 %(count)d 行有错误。请改好文件重新上传，或选择“只写入没有错误的行”。") % {
            "count": refused
        }
    retires = run.missing == ImportRun.Missing.RETIRE and run.count("missing")
    if not (run.count("new") or run.count("changed") or retires):
        return _("没有要写入的变化。")
    return ""


def undo(run: ImportRun, *, by: Any) -> ImportRun:
    """Bring back what was before the import; what others changed since is named and left."""
    with outbox.publication():
        outbox.take_turn()
        run = ImportRun.objects.select_for_update(of=("self",)).select_related("by", "into").get(pk=run.pk)
        if run.state == State.UNDONE:
            return run
        if run.state not in (State.DONE, State.UNDOING):
            raise NotNow(_("只有已完成的导入才能撤销。"))
        lane = lane_of(run)
        if not lane.may(by, run.outcome):
            raise NotNow(_("您没有撤销这次导入的权限。"))
        outcome = lane.undo()
        run.result = {**run.result, "undo": outcome.as_json()}
        run.undone_at = timezone.now()
        run.state = State.DONE if outcome.left else State.UNDONE
        run.save()
        audit.record("undo_import", run, by=by, kind=run.kind, left=len(outcome.left), **outcome.counts)
    return run


# Housekeeping


def settle_lost() -> int:
    """Runs whose worker is gone: nothing was written, so each can be confirmed or checked again."""
    return settle(ImportRun.objects.filter(heartbeat__lt=timezone.now() - SILENT_FOR))


def settle(lost: QuerySet[ImportRun]) -> int:
    """Bring runs that nobody works on back to where their owners can go on, with a word on what happened."""
    count = 0
    for state, back, message in (
        (State.CHECKING, State.FAILED, _("检查中断了，什么都没有写入。请重新检查。")),
        (State.CONFIRMING, State.CHECKED, _("写入中断了，什么都没有写入。请重新确认。")),
        (State.UNDOING, State.DONE, _("撤销中断了，什么都没有改变。请重新撤销。")),
    ):
        count += lost.filter(state=state).update(state=back, message=message)
    return count


def remove_old_files() -> int:
    """Uploaded files go after 30 days; the record of the import stays."""
    old = ImportRun.objects.filter(created_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).exclude(file="")
    count = 0
    for run in old:
        run.file.delete(save=False)
        ImportRun.objects.filter(pk=run.pk).update(file="")
        staging.clear(run)
        count += 1
    return count
