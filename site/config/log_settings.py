"""How the site writes its log: lines of JSON in production, readable lines elsewhere."""

from typing import Any

JSON, TEXT = "json", "text"
# While a service is away they say so every time; the rooms that use it say it once.
TALKATIVE = ("channels_redis", "django_redis", "opensearch", "elastic_transport", "psycopg.pool")


def logging(form: str) -> dict[str, Any]:
    """The LOGGING setting, and how the server itself writes where that is to be JSON."""
    is_json = form == JSON
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {"()": "operations.logs.JsonLines"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": JSON if is_json else TEXT},
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            # Without its own console and mails of errors, which would say all again in another form.
            **({"django": {"handlers": [], "level": "WARNING"}} if is_json else {}),
            **{name: {"level": "INFO"} for name in ("publishing", "operations", "django_tasks_db")},
            "access": {"level": "INFO" if is_json else "WARNING"},
            **{name: {"level": "CRITICAL"} for name in TALKATIVE},
        },
    }


def of_server() -> dict[str, Any]:
    """The same as JSON for uvicorn, whose own lines come before the site is loaded."""
    config = logging(JSON)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        config["loggers"][name] = {"handlers": [], "level": "INFO", "propagate": True}
    return config
