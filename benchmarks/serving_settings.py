"""As ``make run``, but the worker is a process of its own, as in production."""

from config.settings.dev import *  # noqa: F403  all of them

RUN_BACKGROUND_THREADS = False
