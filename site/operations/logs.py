"""Lines for machines: one JSON object each, which names its request and nobody's personal data."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from operations.asked import current
from quality import personal_data

LONGEST_MESSAGE, LONGEST_PATH, LONGEST_TRACEBACK = 4_000, 300, 12_000  # characters
FURTHER = ("status", "duration_ms")


class JsonLines(logging.Formatter):
    """Writes a record as one line; whatever goes wrong with one, a line comes out."""

    def format(self, record: logging.LogRecord) -> str:
        try:
            return self._line(record)
        except Exception as error:  # an object that cannot be printed, a message that does not fit its values
            told = {"time": _time(record), "level": record.levelname, "logger": record.name}
            why = f"A line could not be written: {type(error).__name__}"
            return json.dumps(told | {"message": why, "at": f"{record.pathname}:{record.lineno}"})

    def _line(self, record: logging.LogRecord) -> str:
        asked = current.get()
        secrets = asked.secrets if asked else []
        said: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": clean(record.getMessage(), secrets, longest=LONGEST_MESSAGE),
        }
        if asked is not None:
            said |= {"request_id": asked.id, "method": asked.method}
            said["path"] = clean(asked.path, secrets, longest=LONGEST_PATH)
            if asked.user is not None:
                said["user_id"] = asked.user
        for name in FURTHER:
            if (value := getattr(record, name, None)) is not None:
                said[name] = value if isinstance(value, int | float) else str(value)
        said["process"] = record.process
        if record.exc_info and record.exc_info[0] is not None:
            written = self.formatException(record.exc_info)
            said["exception"] = clean(written[-LONGEST_TRACEBACK:], secrets, longest=LONGEST_TRACEBACK)
        return json.dumps(said, ensure_ascii=False, default=str)


def clean(text: str, secrets: list[str], *, longest: int) -> str:
    """The text as it may be kept: not too long, without secrets, with personal data masked."""
    text = text[:longest]
    for secret in secrets:
        text = text.replace(secret, "…")
    return personal_data.mask(text)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).astimezone().isoformat(timespec="milliseconds")
