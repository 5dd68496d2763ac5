"""The site as it is installed: several processes, each of which may go away."""

import contextlib
import json
import signal
import ssl
from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg
import pytest
from django.core.management import get_commands
from websockets.sync.client import connect
from websockets.typing import Origin

from tests import servers
from tests.conftest import need
from tests.deploy.installation import HOST, UNAVAILABLE, Installation, Visitor, installation, until

GUIDE = "/guides/canjiren-butie/"
LIST = "xiachen-fuwu"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    for program in (servers.find_postgres, servers.find_redis, servers.find_nginx):
        need(program)
    with installation(tmp_path_factory.mktemp("site") / "installed") as running:
        yield running


def guide_of(visitor: Visitor) -> int:
    found = visitor.get("/api/v1/guides/").json()["results"]
    return next(int(guide["id"]) for guide in found if guide["url"].endswith(GUIDE))


def publish(editor: Visitor, summary: str) -> None:
    path = f"/admin/pages/{guide_of(editor)}/edit/"
    answer = editor.submit(path, summary=summary, **{"action-publish": "action-publish"})
    assert answer.url != editor.site.address + path, "The form came back."


def test_both_web_processes_give_the_same_pages(site: Installation) -> None:
    through_nginx = site.visitor().get("/")

    assert through_nginx.status_code == 200
    assert through_nginx.headers["Strict-Transport-Security"]
    assert len(through_nginx.headers["X-Request-ID"]) == 32, "nginx names the request"
    for name in "ab":
        assert "家门口" in site.read_from(name, "/")
        assert "残疾人两项补贴" in site.read_from(name, GUIDE)


def test_style_sheets_come_from_nginx_and_may_be_kept(site: Installation) -> None:
    visitor = site.visitor()
    page = visitor.get("/").text
    start = page.index("/static/civic/")

    answer = visitor.get(page[start : page.index('"', start)])

    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert "X-Request-ID" not in answer.headers


def test_what_watches_the_site_is_closed_outside(site: Installation) -> None:
    visitor = site.visitor()

    assert visitor.get("/healthz").text == "ok\n"
    assert visitor.get("/metrics").status_code == 404
    ready = until(lambda: (answer := visitor.get("/readyz")).status_code == 200 and answer.json())
    assert ready == {
        "ready": True,
        "parts": {"database": True, "channel_layer": True, "outbox": True, "schedule": True},
    }
    forged = {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"}
    assert "reasons" not in visitor.get("/readyz", headers=forged).json()


def test_a_publication_reaches_both_processes_and_every_open_page(site: Installation) -> None:
    trusted = ssl.create_default_context(cafile=str(site.certificate))
    visitor = site.visitor()
    topic = f"guides:{guide_of(visitor)}"
    known = visitor.get(f"/live/?topics={topic}").json()["topics"][topic]
    watch = {"type": "watch", "topics": {topic: known["version"]}, "epochs": {topic: known["epoch"]}}
    address = f"wss://{HOST}:{site.port}/live/"
    options: dict[str, Any] = {
        "ssl": trusted,
        "origin": Origin(site.address),
        "compression": None,
        "open_timeout": 60,
    }
    with contextlib.ExitStack() as stack:
        pages = [stack.enter_context(connect(address, **options)) for _page in range(4)]
        for page in pages:
            page.send(json.dumps(watch))
            page.send(json.dumps({"type": "ping"}))
            assert json.loads(page.recv(30))["type"] == "pong"

        publish(site.editor(), "今年起当场办结，一次交齐。")

        for page in pages:
            said = json.loads(page.recv(30))
            assert (said["type"], said["topic"]) == ("version", topic)
            assert said["version"] > known["version"]
    for name in "ab":
        until(partial(site.reads, name, GUIDE, "今年起当场办结"))


def test_a_large_import_is_done_by_the_worker(site: Installation) -> None:
    token = site.manage("shell", "--no-imports", "--command", MAKE_TOKEN).strip().splitlines()[-1]
    sheet = "事项名称,现办理地点\n" + "".join(f"事项{n},社区党群服务中心\n" for n in range(2_100))
    program = site.visitor()
    program.headers["Authorization"] = f"Bearer {token}"

    files = {"file": ("清单.csv", sheet.encode("utf-8-sig"), "text/csv")}
    begun = program.post(
        "/api/v1/imports/", data={"kind": "lists", "into": LIST, "outcome": "publish"}, files=files
    )
    assert begun.status_code in (201, 202), begun.text
    run = f"/api/v1/imports/{begun.json()['id']}/"

    until(lambda: program.get(run).json()["state"] == "checked")
    assert program.post(f"{run}confirm/").status_code == 202
    done = until(lambda: (now := program.get(run).json())["state"] == "done" and now)

    assert done["counts"]["new"] == 2_100
    assert "imports.tasks.confirm" in site.processes["worker"].written()
    assert program.post(f"{run}undo/").ok
    until(lambda: program.get(run).json()["state"] == "undone")


def test_what_is_due_is_published_by_the_scheduler(site: Installation) -> None:
    site.manage("shell", "--no-imports", "--command", MAKE_DUE)

    for name in "ab":
        until(partial(site.reads, name, GUIDE, "到点自己上线"))
    assert "published 1" in site.processes["scheduler"].written()


def test_the_doctor_finds_all_processes(site: Installation) -> None:
    def said() -> list[Any]:
        found = json.loads(site.doctor())["findings"]
        return [finding["says"] for finding in found if finding["about"] == "processes"]

    until(lambda: said() == ["2 web, 1 worker, 1 scheduler"])


def test_the_log_is_one_object_a_line_and_names_no_query(site: Installation) -> None:
    answer = site.visitor().get("/search/?q=13800138000")
    number = answer.headers["X-Request-ID"]

    def written() -> str:
        return "".join(site.processes[name].written() for name in "ab")

    def mine() -> list[Any]:
        lines = [json.loads(line) for line in written().splitlines()]
        return [line for line in lines if line.get("request_id") == number]

    [line] = until(mine)
    assert (line["path"], line["status"], line["method"]) == ("/search/", 200, "GET")
    assert "13800138000" not in written()
    assert number in (site.folder / "nginx" / "doorstep.log").read_text()


def test_one_web_process_dies_and_the_other_answers(site: Installation) -> None:
    visitor, dead = site.visitor(), site.processes["a"]

    assert dead.stop(signal.SIGKILL) == -signal.SIGKILL
    answers = [visitor.get(GUIDE) for _time in range(8)]

    assert {answer.status_code for answer in answers} == {200}
    assert not any("X-Served-From" in answer.headers for answer in answers)
    dead.start()
    until(lambda: site.is_up("a"))


def test_without_redis_pages_are_read_and_published(site: Installation) -> None:
    editor = site.editor()
    site.redis.stop()
    try:
        publish(editor, "没有消息服务也照样发布。")

        for name in "ab":
            until(partial(site.reads, name, GUIDE, "没有消息服务也照样发布"))
        ready = until(lambda: (answer := editor.get("/readyz")).status_code == 503 and answer.json())
        assert ready["parts"]["channel_layer"] is False
        assert editor.get("/readyz?parts=database").status_code == 200
    finally:
        site.redis.start()
    until(lambda: editor.get("/readyz").status_code == 200)


def test_error_pages_outlive_a_restart_of_the_database(site: Installation) -> None:
    visitor = site.visitor()
    assert {visitor.get("/nothing-here/").status_code for _time in range(4)} == {404}

    with psycopg.connect(site.env["DATABASE_URL"], autocommit=True) as database:
        # A task that loses its database is a fault in the log; its work is found undone within the hour.
        until(lambda: database.execute(IS_IDLE).fetchone() == (True,))
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    until(lambda: visitor.get("/readyz?parts=database").status_code == 200)
    assert {visitor.get("/nothing-here/").status_code for _time in range(4)} == {404}


def test_with_nobody_to_answer_nginx_gives_the_copy(site: Installation) -> None:
    visitor, copy = site.visitor(), site.folder / "data" / "export"
    if "export_site" in get_commands():
        site.manage("export_site", str(copy))
    else:  # what it makes: a folder for each address, with the page in it
        folder = copy / GUIDE.strip("/")
        folder.mkdir(parents=True)
        (folder / "index.html").write_text(visitor.get(GUIDE).text)
    web = [site.processes[name] for name in "ab"]

    codes = [process.stop() for process in web]
    try:
        page, form = visitor.get(GUIDE), visitor.post(GUIDE)
        other = visitor.get("/api/v1/guides/")
    finally:
        for process in web:
            process.start()

    assert codes == [0, 0]
    assert (page.status_code, page.headers["X-Served-From"]) == (200, "copy")
    assert "残疾人两项补贴" in page.text
    assert (form.status_code, UNAVAILABLE in form.text) == (503, True)
    assert (other.status_code, UNAVAILABLE in other.text) == (502, True)
    for name in "ab":
        until(partial(site.is_up, name))
    until(lambda: "X-Served-From" not in visitor.get(GUIDE).headers)


def test_worker_and_scheduler_end_in_order(site: Installation) -> None:
    for name in ("worker", "scheduler"):
        process = site.processes[name]
        assert process.stop() == 0
        process.start()

    assert "The scheduler has ended in order" in site.processes["scheduler"].written()
    assert "Traceback" not in site.processes["worker"].written()


IS_IDLE = """
SELECT NOT EXISTS (SELECT FROM publishing_outboxentry WHERE sent_at IS NULL)
AND NOT EXISTS (SELECT FROM django_tasks_database_dbtaskresult WHERE status IN ('READY', 'RUNNING'))
"""
MAKE_TOKEN = """
from datetime import timedelta
from api import tokens
from api.models import Scope
from staff.models import User
editor = User.objects.get(username="district_editor")
print(tokens.make(editor, name="import", scopes=[Scope.IMPORTS], lifetime=timedelta(days=1))[1])
"""
MAKE_DUE = """
from datetime import timedelta
from django.utils import timezone
from wagtail.models import Page
guide = Page.objects.get(slug="canjiren-butie").specific
guide.summary = "到点自己上线。"
guide.go_live_at = timezone.now() + timedelta(hours=1)
revision = guide.save_revision()
revision.publish()
revision.refresh_from_db()
past = timezone.now() - timedelta(seconds=1)
revision.approved_go_live_at, revision.content["go_live_at"] = past, past.isoformat()
revision.save()
"""
