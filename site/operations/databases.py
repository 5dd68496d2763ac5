"""Writing a database down at one moment and putting it back, with what was there kept until the end."""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

# What is true of running processes and signed-in people only; it is left out of every backup.
PASSING = ["django_session", "wagtailadmin_editingsession", "live_tally"]
BEFORE = "before-restore"  # what stood here while the new is not yet sure
DEBIAN = Path("/usr/lib/postgresql")  # where Debian keeps the programs of each version
SCHEMA = "public"
SCHEMA_BEFORE = "doorstep_before_restore"

Dumped = tuple[dict[str, int], list[str]]  # rows by table, names of migrations


class Failed(Exception):
    """The database could not be written down or put back; the text says why."""


class Database(Protocol):
    """What a backup and a restore ask of either kind."""

    files: list[str]

    def dump(self, folder: Path) -> Dumped: ...
    def is_empty(self) -> bool: ...
    def is_used_by_others(self) -> bool: ...
    def put_back(self, folder: Path) -> None: ...
    def has_earlier(self) -> bool: ...
    def go_back(self) -> None: ...
    def forget_earlier(self) -> None: ...


def here() -> Database:
    """The database of this site."""
    return PostgreSQL() if connection.vendor == "postgresql" else SQLite()


def counts() -> dict[str, int]:
    """How many rows each table has."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        found = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            if table in PASSING:
                continue
            cursor.execute(f"SELECT COUNT(*) FROM {quote(table)}")
            found[table] = cursor.fetchone()[0]
        return found


def applied() -> list[str]:
    """The migrations that were run, as ``app.name``."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


class SQLite:
    """A file: copied page by page by SQLite itself while others read and write it."""

    files = ["db.sqlite3"]

    def __init__(self) -> None:
        self.path = Path(connection.settings_dict["NAME"])

    def dump(self, folder: Path) -> Dumped:
        copied = folder / self.files[0]
        copied.touch(mode=0o600)
        try:
            with (
                contextlib.closing(sqlite3.connect(self.path, timeout=20)) as source,
                contextlib.closing(sqlite3.connect(copied)) as target,
            ):
                source.backup(target)
                target.execute("PRAGMA journal_mode=DELETE")
                target.execute("PRAGMA secure_delete=ON")
                tables = {
                    name for (name,) in target.execute("SELECT name FROM sqlite_master WHERE type='table'")
                }
                with target:
                    for table in tables.intersection(PASSING):
                        target.execute(f'DELETE FROM "{table}"')
                said = _soundness(target)
                if said != "ok":
                    raise Failed(_("数据库文件已损坏，没有备份：%(said)s") % {"said": said})
                found = self._count(target, sorted(tables - set(PASSING)))
                rows = target.execute("SELECT app, name FROM django_migrations")
                migrations = sorted(f"{app}.{name}" for app, name in rows)
        except sqlite3.Error as error:
            raise Failed(_("数据库没有备份成：%(error)s。") % {"error": error}) from error
        with copied.open("rb") as written:
            os.fsync(written.fileno())
        return found, migrations

    def _count(self, target: sqlite3.Connection, tables: Iterable[str]) -> dict[str, int]:
        known = set(connection.introspection.table_names())
        return {
            table: target.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]
            for table in tables
            if table in known
        }

    def is_empty(self) -> bool:
        return not self.path.exists() or not connection.introspection.table_names()

    def is_used_by_others(self) -> bool:
        """Only who is alone with a database may end its journal."""
        connection.close()
        if not self.path.exists():
            return False
        with contextlib.closing(sqlite3.connect(self.path, timeout=1)) as own:
            try:
                own.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.OperationalError:
                return True
            except sqlite3.DatabaseError:  # damaged, which may be why something is to be put back
                return False
        return False

    @property
    def before(self) -> Path:
        return self.path.with_name(f"{self.path.name}.{BEFORE}")

    def put_back(self, folder: Path) -> None:
        connection.close()
        part = self.path.with_name(f"{self.path.name}.unfinished")
        part.unlink(missing_ok=True)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / self.files[0], part)
            part.chmod(0o600)
            with contextlib.closing(sqlite3.connect(part)) as copied:
                said = _soundness(copied)
                broken = copied.execute("PRAGMA foreign_key_check").fetchone()
            if said != "ok" or broken:
                raise Failed(_("备份里的数据库不完整：%(said)s") % {"said": broken or said})
            self._drop_journal()
            self.path.touch()  # where nothing was, nothing is kept, and comes back
            self.path.rename(self.before)
            part.rename(self.path)
        except sqlite3.Error as error:
            raise Failed(_("数据库没有恢复成：%(error)s。") % {"error": error}) from error
        finally:
            part.unlink(missing_ok=True)

    def _drop_journal(self) -> None:
        """What is left of a journal belongs to the file that goes."""
        for end in ("-wal", "-shm", "-journal"):
            Path(f"{self.path}{end}").unlink(missing_ok=True)

    def has_earlier(self) -> bool:
        return self.before.exists()

    def go_back(self) -> None:
        connection.close()
        if not self.before.exists():
            return
        self._drop_journal()
        self.before.replace(self.path)
        if not self.path.stat().st_size:
            self.path.unlink()

    def forget_earlier(self) -> None:
        self.before.unlink(missing_ok=True)


def _soundness(database: sqlite3.Connection) -> str:
    """ "ok", or what is broken; the rules of rows use functions that only Django's connections have."""
    database.execute("PRAGMA ignore_check_constraints=ON")
    return str(database.execute("PRAGMA quick_check").fetchone()[0])


class PostgreSQL:
    """A database on a server, by PostgreSQL's own programs; the password goes to them by the environment."""

    files = ["database.dump"]

    def dump(self, folder: Path) -> Dumped:
        program = _program("pg_dump")
        with _snapshot() as snapshot:
            command = [
                program, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}",
                f"--exclude-schema={SCHEMA_BEFORE}", f"--file={folder / self.files[0]}",
                *(f"--exclude-table-data={SCHEMA}.{table}" for table in PASSING),
            ]  # fmt: skip
            _run(command)
            found, migrations = counts(), applied()
        dumped = folder / self.files[0]
        dumped.chmod(0o600)
        with dumped.open("rb") as written:
            os.fsync(written.fileno())
        return found, migrations

    def is_empty(self) -> bool:
        return not connection.introspection.table_names()

    def is_used_by_others(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return cursor.fetchone()[0] > 0

    def put_back(self, folder: Path) -> None:
        """Into an empty schema, in one transaction; what was in it before waits under another name."""
        program = _program("pg_restore")
        _execute(f"ALTER SCHEMA {SCHEMA} RENAME TO {SCHEMA_BEFORE}", f"CREATE SCHEMA {SCHEMA}")
        connection.close()
        parameters = connection.get_connection_params()
        _run(
            [
                program, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
                f"--dbname={parameters['dbname']}", str(folder / self.files[0]),
            ]
        )  # fmt: skip
        _execute("ANALYZE")

    def has_earlier(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [SCHEMA_BEFORE])
            return cursor.fetchone() is not None

    def go_back(self) -> None:
        if self.has_earlier():
            _execute(
                f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE", f"ALTER SCHEMA {SCHEMA_BEFORE} RENAME TO {SCHEMA}"
            )
        connection.close()

    def forget_earlier(self) -> None:
        _execute(f"DROP SCHEMA IF EXISTS {SCHEMA_BEFORE} CASCADE")


def _execute(*statements: str) -> None:
    """All of them or none."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextlib.contextmanager
def _snapshot() -> Any:
    """The name of this moment, which pg_dump and we look at together."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor.fetchone()[0]
        finally:
            cursor.execute("ROLLBACK")


def _program(name: str) -> str:
    """Where pg_dump or pg_restore is, in a version that knows this server; raises Failed."""
    connection.ensure_connection()
    server = connection.connection.info.server_version // 10_000
    debian = [DEBIAN / str(server) / "bin" / name]
    usual = [Path(found)] if (found := shutil.which(name)) else []
    versions = []
    for path in [*usual, *(path for path in debian if os.access(path, os.X_OK))]:
        said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
        number = re.search(r"(\d+)", said.partition(")")[2])
        if number and int(number[1]) >= server:
            return str(path)
        versions.append(number[1] if number else "?")
    if not versions:
        raise Failed(
            _("没有找到 %(program)s。请安装 PostgreSQL %(server)s 或更新的客户端程序。")
            % {"program": name, "server": server}
        )
    raise Failed(
        _(
            "%(program)s 的版本（%(found)s）比数据库服务器（%(server)s）旧。"
            "请安装 PostgreSQL %(server)s 的客户端程序。"
        )
        % {"program": name, "found": "、".join(versions), "server": server}
    )


PASSED_ON = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
    "service": "PGSERVICE", "passfile": "PGPASSFILE",
}  # fmt: skip


def _run(command: list[str]) -> None:
    parameters = connection.get_connection_params()
    told = {PASSED_ON[name]: str(value) for name, value in parameters.items() if name in PASSED_ON and value}
    done = subprocess.run(command, env=os.environ | told, capture_output=True, text=True, errors="replace")
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise Failed(
            _("%(program)s 没有完成：%(said)s")
            % {"program": Path(command[0]).name, "said": "；".join(lines[-3:])}
        )
