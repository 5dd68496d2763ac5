"""What a backup says of itself: its versions, how much of everything there is, and each file's checksum."""

import hashlib
import json
import os
import platform
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import django
import wagtail
from django.conf import settings
from django.db import connection

from operations.files import Kept

NAME = "manifest.json"
FORMAT = 1
# Settings without which what is restored would mean something else; secret ones are kept as a hash.
PLAIN = ["ALLOWED_HOSTS", "INSTALLED_APPS", "LANGUAGE_CODE", "THEME", "TIME_ZONE", "WAGTAILADMIN_BASE_URL"]
SECRET = re.compile(r"(^|_)(KEY|KEYS|SECRET|SECRETS|FALLBACKS)$")
ROUNDS = 200_000  # so that nobody finds a weak key by trying


class Unreadable(Exception):
    """A manifest that is not one, or of a format that this version does not know."""


@dataclass(frozen=True)
class Manifest:
    """The facts of a backup."""

    made_at: str
    database: str
    versions: Mapping[str, str]
    migrations: list[str]
    counts: Mapping[str, int]  # rows by table
    settings: Mapping[str, str]  # by name: as they are, or hashed
    salt: str
    files: Mapping[str, Kept] = field(default_factory=dict)
    format: int = FORMAT


def describe(
    *, now: datetime, counts: Mapping[str, int], migrations: list[str], files: Mapping[str, Kept]
) -> Manifest:
    """The manifest of what was just copied."""
    salt = secrets.token_hex(16)
    return Manifest(
        made_at=now.isoformat(timespec="seconds"),
        database=connection.vendor,
        versions=versions(),
        migrations=migrations,
        counts=counts,
        settings=fingerprint(salt),
        salt=salt,
        files=files,
    )


def versions() -> dict[str, str]:
    """What runs here: our code by a hash, as it has no number of its own."""
    return {
        "code": code(),
        "python": platform.python_version(),
        "django": django.get_version(),
        "wagtail": wagtail.__version__,
    }


def code() -> str:
    """A hash that changes with the program."""
    digest = hashlib.sha256()
    for folder in ("content_models", "site", "themes"):
        for path in sorted(Path(settings.ROOT, folder).rglob("*")):
            if path.suffix in (".py", ".html") and path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def fingerprint(salt: str) -> dict[str, str]:
    """The settings that matter to what is stored: plain ones as text, secret ones as a salted hash."""
    found = {name: json.dumps(getattr(settings, name, None), ensure_ascii=False) for name in PLAIN}
    for name in dir(settings):
        value = getattr(settings, name) if name.isupper() and SECRET.search(name) else None
        if value:
            text = json.dumps(value, default=str).encode()
            found[name] = hashlib.pbkdf2_hmac("sha256", text, bytes.fromhex(salt), ROUNDS).hex()
    return found


def differing_settings(made: Manifest) -> list[str]:
    """Names of settings that are not here what they were there."""
    now = fingerprint(made.salt)
    return sorted(
        name for name in now.keys() | made.settings.keys() if now.get(name) != made.settings.get(name)
    )


def write(folder: Path, made: Manifest) -> None:
    facts = {name: value for name, value in vars(made).items() if name != "files"}
    facts["files"] = {name: list(kept) for name, kept in made.files.items()}
    handle = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(facts, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path) -> Manifest:
    """The manifest of a backup; raises Unreadable."""
    try:
        facts: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if facts["format"] != FORMAT:
            raise Unreadable(folder)
        facts["files"] = {_inside(name): Kept(*kept) for name, kept in facts["files"].items()}
        return Manifest(**facts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(folder) from error


def _inside(name: str) -> str:
    """A name that leads nowhere out of the backup."""
    if name.startswith("/") or ".." in Path(name).parts:
        raise ValueError(name)
    return name
