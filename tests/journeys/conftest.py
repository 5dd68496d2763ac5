"""Journeys walk through a real server with a real browser, as a resident or an editor would.

They see the site only through its pages and commands: nothing here uses Django inside the test's process.
"""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import migrated
from tests.conftest import NewPage
from tests.demo_site import Demo, Site

expect.set_options(timeout=20_000)  # for two busy cores; a page that answers is never waited for


@pytest.fixture
def site(demo: Demo, tmp_path: Path) -> Iterator[Site]:
    """A fresh site for this test alone, which may change anything in it."""
    with demo.serve_copy(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def reading_site(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all tests that only read: it starts once."""
    with demo.serve_copy(tmp_path_factory.mktemp("reading")) as running:
        yield running


@pytest.fixture(scope="session")
def demo(shared_folder: Path) -> Demo:
    """The demo content, loaded once for all workers and copied for each site."""
    demo = Demo(shared_folder / "demo")
    with (shared_folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not demo.is_loaded:
            demo.load(migrated.ensure(shared_folder))
    return demo


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def resident(request: pytest.FixtureRequest, new_page: NewPage) -> Page:
    """A visitor, once with a browser that runs JavaScript and once without."""
    return new_page(java_script_enabled=request.param)
