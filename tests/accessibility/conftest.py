"""Accessibility is checked in the same running sites as the journeys."""

from tests.journeys.conftest import demo, reading_site, resident, site

__all__ = ["demo", "reading_site", "resident", "site"]
