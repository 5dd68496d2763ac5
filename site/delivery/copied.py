"""What a static copy holds: which file stands for which address, and what each was made from."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

NAME = ".copy.sqlite3"
AT_ONCE = 500  # values in one question


class Copied:
    """The register of a copy, in a file beside it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / NAME
        self.connection = sqlite3.connect(self.file)
        self.connection.executescript(
            """
            PRAGMA journal_mode=WAL;
            CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT);
            CREATE TABLE IF NOT EXISTS page (address TEXT PRIMARY KEY, file TEXT, made_at REAL);
            CREATE TABLE IF NOT EXISTS key (key TEXT, address TEXT, PRIMARY KEY (key, address)) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS key_address ON key (address);
            """
        )

    def close(self) -> None:
        self.connection.close()

    def save(self) -> None:
        self.connection.commit()

    def fact(self, name: str) -> str:
        row = self.connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def set_fact(self, name: str, value: object) -> None:
        self.connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, str(value)))

    def addresses(self) -> set[str]:
        return {row[0] for row in self.connection.execute("SELECT address FROM page")}

    def older_than(self, moment: float) -> set[str]:
        rows = self.connection.execute("SELECT address FROM page WHERE made_at < ?", (moment,))
        return {row[0] for row in rows}

    def made_from(self, keys: Iterable[str]) -> set[str]:
        """The addresses of pages that read one of ``keys``."""
        wanted, found = list(keys), set()
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            marks = ",".join("?" * len(some))
            rows = self.connection.execute(f"SELECT address FROM key WHERE key IN ({marks})", some)
            found |= {row[0] for row in rows}
        return found

    def note(self, address: str, *, file: str, keys: Iterable[str], made_at: float) -> None:
        self.connection.execute("INSERT OR REPLACE INTO page VALUES (?, ?, ?)", (address, file, made_at))
        self.connection.execute("DELETE FROM key WHERE address = ?", (address,))
        self.connection.executemany("INSERT INTO key VALUES (?, ?)", [(key, address) for key in keys])

    def forget(self, address: str) -> str | None:
        """Strike an address; returns the file that stood for it."""
        with closing(self.connection.execute("SELECT file FROM page WHERE address = ?", (address,))) as found:
            row = found.fetchone()
        self.connection.execute("DELETE FROM page WHERE address = ?", (address,))
        self.connection.execute("DELETE FROM key WHERE address = ?", (address,))
        return row[0] if row else None
