"""The drill: the newest backup is put back in an empty place of its own, looked at, and thrown away."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import Error, connection
from django.utils.translation import gettext as _

from operations.backup import Refused

# Nothing that others use may be reached from there.
NOT_THERE = ("REDIS_URL", "SEARCH_URL", "SEARCH_BACKEND", "SEARCH_PREFIX")


def drill(place: Path) -> dict[str, Any]:
    """Restore in a process of its own; returns what it says of itself. Raises Refused. Leaves nothing."""
    with tempfile.TemporaryDirectory(prefix="doorstep-drill-") as folder, _database(Path(folder)) as url:
        command = [
            sys.executable,
            str(settings.ROOT / "manage.py"),
            "restore",
            str(place.resolve()),
            "--json",
        ]
        environment = {name: value for name, value in os.environ.items() if name not in NOT_THERE}
        environment |= {
            "DATABASE_URL": url,
            "DATA_DIR": folder,
            "SECRET_KEY": settings.SECRET_KEY,
            "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace")
    try:
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        raise Refused(_("演练没有做成：%(said)s") % {"said": done.stderr[-1000:]}) from None
    if done.returncode:
        raise Refused(*said["refused"])
    return said


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[str]:
    """The address of an empty database of the same kind, which goes afterwards."""
    if connection.vendor != "postgresql":
        yield f"sqlite:///{folder / 'db.sqlite3'}"
        return
    name = f"doorstep_drill_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        except Error as error:
            sentence = _("不能建立演练用的数据库：%(error)s。请让数据库管理员执行 ALTER ROLE … CREATEDB。")
            raise Refused(sentence % {"error": str(error).strip()}) from error
        try:
            yield _address(name)
        finally:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _address(name: str) -> str:
    """Our own address with another database in it."""
    own = connection.settings_dict
    user = f"{quote(own['USER'], safe='')}:{quote(own['PASSWORD'], safe='')}"
    place = f"{quote(own['HOST'], safe='')}:{own['PORT']}" if own["HOST"] else ""
    options = {key: value for key, value in own["OPTIONS"].items() if isinstance(value, str)}
    return f"postgres://{user}@{place}/{name}" + (f"?{urlencode(options)}" if options else "")
