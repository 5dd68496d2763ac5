"""What every test may use: a database, a private Redis, a browser, no network, settings for random inputs."""

import contextlib
import gc
import ipaddress
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import redis
from django.db import connection, transaction
from django.test import TransactionTestCase
from hypothesis import is_hypothesis_test
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django import Settings
from xdist.scheduler import LoadScopeScheduling

from staff import guard
from tests import migrated, servers

# Which fixture makes a test need which program.
MARKS = {"chromium": "browser", "redis_url": "redis"}
# Files whose tests share content that takes long to make (see ``standing_content``).
SHARING_CONTENT = {
    "tests/api/test_content.py",
    "tests/appearance/test_themes.py",
    "tests/deploy/test_processes.py",
    "tests/roles/test_buttons.py",
    "tests/roles/test_matrix.py",
    "tests/search/test_find.py",
    "tests/search/test_narrowing.py",
    "tests/search/test_synonym_admin.py",
    "tests/test_languages.py",
    "tests/test_load_demo.py",
    "tests/test_pages.py",
    "tests/test_structured_demo.py",
}

gc.set_threshold(100_000, 50, 50)  # less often than usual: tests throw away whole sites
hypothesis.settings.register_profile("quick", max_examples=50, deadline=None, derandomize=True)
hypothesis.settings.register_profile("long", max_examples=2000, deadline=None, derandomize=True)
IS_LONG = os.environ.get("LONG") == "1"
hypothesis.settings.load_profile("long" if IS_LONG else "quick")


def pytest_itemcollected(item: pytest.Item) -> None:
    for fixture, mark in MARKS.items():
        if fixture in getattr(item, "fixturenames", ()):
            item.add_marker(mark)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Run in one worker what shares a module's content; all other tests go wherever there is room."""
    config.option.loadscopereorder = False  # tests that empty the database, and browsers, stay last
    return TogetherWhereShared(config, log)


class TogetherWhereShared(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file in SHARING_CONTENT else nodeid


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the other database's tests, and what another run says as well; run the browser's last.

    Playwright keeps an event loop running in this thread, in which Django refuses to use the database.
    """
    other = "sqlite" if connection.vendor == "postgresql" else "postgres"
    left_out = [item for item in items if item.get_closest_marker(other) or is_repeated(item)]
    config.hook.pytest_deselected(items=left_out)
    chosen = [item for item in items if item not in left_out]
    items[:] = sorted(chosen, key=lambda item: item.get_closest_marker("browser") is not None)


def is_repeated(item: pytest.Item) -> bool:
    """Whether this run of a test would only say what the quick run, or the one on SQLite, says."""
    is_second, is_browser = connection.vendor == "postgresql", item.get_closest_marker("browser") is not None
    if IS_LONG and item.get_closest_marker("long") is None:
        is_fuller = is_hypothesis_test(getattr(item, "obj", None)) or (is_second and is_browser)
        if not is_fuller:
            return True
    asks = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    return is_second and not is_browser and not asks and item.get_closest_marker("django_db") is None


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run see."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory,
    shared_folder: Path,
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    """Begin with a copy of the database that was migrated once for all workers.

    A SQLite database is kept in a file: one in memory locks whole tables between threads.
    """
    made = migrated.ensure(shared_folder)
    test_settings = connection.settings_dict["TEST"]
    if connection.vendor == "sqlite":
        test_settings["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        shutil.copy(made, test_settings["NAME"])
    else:
        test_settings["TEMPLATE"] = made


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Django would replace the copy by an empty file."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse every connection that leaves this machine."""
    with pytest.MonkeyPatch.context() as patch:
        for method in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, method, _local_only(getattr(socket.socket, method)))
        yield


def _local_only(method: Any) -> Any:
    def checked(self: socket.socket, *arguments: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(arguments[-1]):
            raise RuntimeError(f"A test wanted to reach {arguments[-1]!r}. Tests use no network.")
        return method(self, *arguments)

    return checked


def _is_local(address: Any) -> bool:
    host = address[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


StandingContent = Callable[[], contextlib.AbstractContextManager[None]]


@pytest.fixture(scope="session")
def standing_content(django_db_setup: None, django_db_blocker: Any) -> StandingContent:
    """For a module's fixture: what it writes within stands for all tests of the module, and goes with it."""

    @contextlib.contextmanager
    def standing() -> Iterator[None]:
        with django_db_blocker.unblock(), transaction.atomic():
            yield
            transaction.set_rollback(True)

    return standing


@pytest.fixture(scope="session", autouse=True)
def _records_end_with_their_test() -> Iterator[None]:
    """The database refuses to empty the record of what was done, except between two tests."""
    empty: Any = getattr(TransactionTestCase, "_fixture_teardown")  # noqa: B009  the types do not know it

    def lift_and_empty(case: TransactionTestCase) -> None:
        guard.lift()
        empty(case)
        guard.ensure()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lift_and_empty)
        yield


@pytest.fixture(autouse=True)
def _media_of_its_own(tmp_path: Path, settings: Settings) -> None:
    """Uploads of a test never land in the site's own folders."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.OPEN_DATA_ROOT = str(tmp_path / "open-data")


def need(program: Any) -> Any:
    """Find an installed program; without it skip the test, or fail it where REQUIRE_ALL=1."""
    try:
        return program()
    except servers.Missing as why:
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(str(why))
        pytest.skip(str(why))


@pytest.fixture(scope="session")
def _redis() -> Iterator[str]:
    need(servers.find_redis)
    with servers.redis_server() as url:
        yield url


@pytest.fixture
def redis_url(_redis: str) -> str:
    """The address of an empty Redis."""
    with redis.Redis.from_url(_redis) as client:
        client.flushall()
    return _redis


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The installed Chromium."""
    return need(servers.find_chromium)


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """The installed Chromium without a window, which reaches nothing but this machine."""
    arguments = [
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        "--disable-background-networking",
        "--disable-dev-shm-usage",  # containers give it 64 MB, on which tabs crash
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's sandbox refuses to start as root
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield launched
        launched.close()


NewPage = Callable[..., Page]


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Open further pages, each of another visitor; an error in a script fails the test, as does what a
    page's policy does not allow.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(**options: Any) -> Page:
        visitor = {
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
            "viewport": {"width": 1280, "height": 900},
        }
        context = browser.new_context(**(visitor | options))
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.extend([said.text] if is_refusal(said) else []))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors, f"Scripts failed: {errors}"


def is_refusal(said: ConsoleMessage) -> bool:
    """Whether the browser says here that a page's policy did not let it do something.

    That the page may not stand in a frame is no fault of its own, but of who put it there.
    """
    is_about_it = "violates the following Content Security Policy" in said.text
    return said.type == "error" and is_about_it and "frame-ancestors" not in said.text


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """A visitor at a desk."""
    return new_page()


@pytest.fixture
def phone_page(new_page: NewPage) -> Page:
    """A visitor with a phone."""
    return new_page(
        viewport={"width": 375, "height": 812}, has_touch=True, is_mobile=True, device_scale_factor=2
    )


@pytest.fixture
def noscript_page(new_page: NewPage) -> Page:
    """A visitor whose browser runs no JavaScript."""
    return new_page(java_script_enabled=False)
