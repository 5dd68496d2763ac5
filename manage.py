#!/usr/bin/env python
"""Command line of the site."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main():
    sys.path.insert(0, str(ROOT / "site"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  needs the path set above

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
