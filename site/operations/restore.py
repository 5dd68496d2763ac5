"""Putting a backup back: checked first, and what was there before goes only when all is well."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from operations import backup, databases, files, manifest, settle, smoke
from operations.backup import Refused
from operations.manifest import Manifest

SHOWN = 5  # names in a sentence
Tell = Callable[[str], None]


@dataclass
class Restored:
    """What was done, for people and for programs."""

    backup: str
    made_at: str
    rows: int
    files: int
    migrated: int
    topics: int
    remarks: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def restore(place: Path, *, replace: bool = False, anyway: bool = False, tell: Tell = print) -> Restored:
    """Put the backup back that ``place`` is, or the newest whole one in it. Raises Refused.

    Unless the smoke checks pass, what was there before stands again (``anyway`` keeps the new all the same).
    """
    folder, made = find(place)
    tell(_("检查备份 %(name)s……") % {"name": folder.name})
    _refuse_unless_whole(folder, made)
    _refuse_what_does_not_fit(made)
    if said := _tidy_up():
        tell(said)
    _refuse_unless_free(replace=replace)
    with _or_what_was_before():
        tell(_("写回数据库和文件……"))
        databases.here().put_back(folder)
        for name, target in backup.folders().items():
            _put_files_back(folder, name, target, made)
        done = _bring_to_life(folder, made, tell)
        if done.checks and not anyway:
            raise Refused(_("恢复后的检查没有通过，没有替换原来的内容。"), *done.checks)
        _finished().touch()
    _forget_what_was_before()
    return done


def find(place: Path) -> tuple[Path, Manifest]:
    folder = backup.newest(place)
    if folder is None:
        raise Refused(_("“%(place)s”里没有完整的备份。") % {"place": place})
    try:
        return folder, manifest.read(folder)
    except manifest.Unreadable:
        raise Refused(_("备份 %(name)s 的清单读不出来，不能恢复。") % {"name": folder.name}) from None


def _refuse_unless_whole(folder: Path, made: Manifest) -> None:
    if wrong := files.damaged(folder, made.files):
        raise Refused(
            _("备份 %(name)s 已损坏或不完整，%(number)d 个文件对不上：%(files)s。请换一个备份。")
            % {"name": folder.name, "number": len(wrong), "files": _some(wrong)}
        )


def _refuse_what_does_not_fit(made: Manifest) -> None:
    if made.database != connection.vendor:
        raise Refused(
            _("这是 %(theirs)s 的备份，本站用的是 %(ours)s。请先按备份配置 DATABASE_URL。")
            % {"theirs": made.database, "ours": connection.vendor}
        )
    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations or {}}
    if newer := sorted(set(made.migrations) - known - _gone()):
        raise Refused(
            _("备份来自更新的程序版本，这个版本不认识：%(names)s。请先升级程序再恢复。")
            % {"names": _some(newer)}
        )


def _gone() -> set[str]:
    """Migrations that were replaced by others and may still stand in old backups."""
    loader = MigrationLoader(None)
    replaced = [migration.replaces for migration in (loader.disk_migrations or {}).values()]
    return {f"{app}.{name}" for names in replaced for app, name in names}


def _refuse_unless_free(*, replace: bool) -> None:
    database = databases.here()
    if replace:
        if database.is_used_by_others():
            raise Refused(_("还有别的进程在用数据库。请先停下网站、任务和定时进程，再恢复。"))
        return
    taken = [] if database.is_empty() else [_("数据库里已有内容")]
    for target in backup.folders().values():
        if target.is_dir() and any(target.iterdir()):
            taken.append(_("“%(folder)s”里已有文件") % {"folder": target})
    if taken:
        raise Refused(
            _("%(taken)s。要用备份替换，请加 --replace；原来的内容会留到新的确认无误为止。")
            % {"taken": "，".join(taken)}
        )


# Beside what is there


def _put_files_back(folder: Path, name: str, target: Path, made: Manifest) -> None:
    part = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for kept in made.files:
        if kept.startswith(f"{name}/"):
            copied = part / kept.removeprefix(f"{name}/")
            copied.parent.mkdir(parents=True, exist_ok=True)
            files.copy(folder / kept, copied, mode=0o644 if name == "media" else 0o600)
    target.mkdir(parents=True, exist_ok=True)
    target.rename(_before(target))
    part.rename(target)


def _before(target: Path) -> Path:
    return target.with_name(f"{target.name}.{databases.BEFORE}")


def _finished() -> Path:
    """Stands from the moment the new is sure until the old is gone."""
    return Path(settings.DATA_DIR) / "restore-finished"


@contextlib.contextmanager
def _or_what_was_before() -> Iterator[None]:
    """Whatever goes wrong inside, what was there before stands again."""
    try:
        yield
    except BaseException as error:
        _go_back()
        if isinstance(error, OSError):
            raise Refused(backup.said_of(error)) from error
        if isinstance(error, (databases.Failed, Error)):
            raise Refused(str(error)) from error
        raise


def _go_back() -> None:
    databases.here().go_back()
    for target in backup.folders().values():
        shutil.rmtree(target.with_name(f"{target.name}.unfinished"), ignore_errors=True)
        if _before(target).is_dir():
            shutil.rmtree(target, ignore_errors=True)
            _before(target).rename(target)


def _forget_what_was_before() -> None:
    databases.here().forget_earlier()
    for target in backup.folders().values():
        shutil.rmtree(_before(target), ignore_errors=True)
    _finished().unlink(missing_ok=True)


def _tidy_up() -> str:
    """End what a killed restore began, one way or the other; returns a sentence where there was one."""
    has_earlier = databases.here().has_earlier() or any(
        _before(target).exists() for target in backup.folders().values()
    )
    if not has_earlier:
        _finished().unlink(missing_ok=True)
        return ""
    if _finished().exists():
        _forget_what_was_before()
        return _("上一次恢复已完成，清掉了替换下来的内容。")
    _go_back()
    return _("上一次恢复没有做完，已退回到它之前的内容。")


# What the new place needs


def _bring_to_life(folder: Path, made: Manifest, tell: Tell) -> Restored:
    problems = smoke.counts(made)
    pending = len({f"{app}.{name}" for app, name in MigrationLoader(None).graph.nodes} - {*made.migrations})
    if pending:
        tell(_("升级到这个版本（%(number)d 步）……") % {"number": pending})
    call_command("migrate", verbosity=0, interactive=False)
    tell(_("重建搜索，更换版本标记……"))
    topics = settle.settle(name=folder.name)
    tell(_("检查恢复后的网站……"))
    problems += smoke.check()
    remarks = _remarks(made) + smoke.missing_files()
    return Restored(
        backup=folder.name,
        made_at=made.made_at,
        rows=sum(made.counts.values()),
        files=len(made.files),
        migrated=pending,
        topics=topics,
        remarks=remarks,
        checks=problems,
    )


def _remarks(made: Manifest) -> list[str]:
    said = []
    differing = manifest.differing_settings(made)
    secret = [name for name in differing if manifest.SECRET.search(name)]
    if secret:
        said.append(
            _("%(names)s 与备份时不同：预览链接、密码重置链接和其他带签名的内容都会失效。")
            % {"names": "、".join(secret)}
        )
    if others := [name for name in differing if name not in secret]:
        said.append(_("这些设置与备份时不同：%(names)s。") % {"names": "、".join(others)})
    said.append(
        _("账号、岗位和访问令牌是 %(moment)s 的样子：之后停用的，请再停用一次。") % {"moment": made.made_at}
    )
    return said


def _some(names: list[str]) -> str:
    return "、".join(names[:SHOWN]) + ("……" if len(names) > SHOWN else "")
