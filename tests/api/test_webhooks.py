"""Webhooks: the feed of changes pushed to other systems, signed, in order, and only where it may go."""

import base64
import hashlib
import hmac
import json
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page, PageViewRestriction

from api.changes import feed
from api.webhooks import addresses, deliver, manage, post, signing
from api.webhooks.models import Delivery, Webhook
from outside import exchange
from outside.addresses import Refused
from publishing import outbox
from publishing.publish import publish, take_back
from staff.models import ACTION_LABELS, AuditEntry
from tests import factories
from tests.api.receiver import Receiver, receiver
from tests.factories import committed
from tests.imports.mortal import ROOT, environment

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ADMIN = "/admin/webhooks/"
HIDDEN = "不可外传"
State = Delivery.State


class FakeClock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **length: float) -> None:
        self.now += timedelta(**length)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(autouse=True)
def _loopback_is_allowed(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.0/8"]


@pytest.fixture
def other() -> Iterator[Receiver]:
    with receiver() as it:
        yield it


def webhook(url: str, **fields: Any) -> Webhook:
    made = Webhook(name="区政府门户", url=url, **fields)
    manage.create(made, by=None)
    return made


def changes_in(other: Receiver) -> list[int]:
    """Sequence numbers in the order in which they came, each message once."""
    messages = {each.headers["webhook-id"]: json.loads(each.body) for each in other.received}
    return [row["sequence"] for message in messages.values() for row in message["changes"]]


# Arriving


@pytest.mark.django_db
def test_a_publish_arrives_signed_and_in_the_words_of_the_feed(other: Receiver, clock: FakeClock) -> None:
    hook = webhook(other.url)
    guide = publish(factories.guide())

    assert deliver.run(clock) == 1

    [message] = other.received
    told = json.loads(message.body)
    [row] = told["changes"]
    assert (row["topic"], row["what"], told["type"]) == (guide.topic, "published", "changes")
    assert row["url"] == f"http://127.0.0.1:8000{guide.url}"
    [expected] = feed.read(hook.told_until, absolute=lambda path: f"http://127.0.0.1:8000{path}").changes
    assert row == expected
    assert told["last"] == outbox.newest()
    assert message.path == "/in/?from=doorstep"
    assert message.headers["content-type"] == "application/json"
    hook.refresh_from_db()
    assert (hook.told_until, hook.delivered_at, hook.state) == (outbox.newest(), NOW, "正常")
    delivery = hook.deliveries.get()
    assert (delivery.state, delivery.status_code, delivery.rows) == ("delivered", 200, 1)
    assert delivery.response == "ok"
    assert deliver.run(clock) == 0


def verify(message: Any, secret: str) -> bool:
    """As a receiver checks it who has read the specification, and none of our code."""
    key = base64.b64decode(secret[len("whsec_") :])
    text = f"{message.headers['webhook-id']}.{message.headers['webhook-timestamp']}.{message.body.decode()}"
    expected = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in message.headers["webhook-signature"].split(" ")


@pytest.mark.django_db
def test_the_signature_holds_for_who_reads_the_specification(other: Receiver, clock: FakeClock) -> None:
    hook = webhook(other.url)
    publish(factories.guide("低保申请"))
    deliver.run(clock)

    [message] = other.received
    assert verify(message, hook.secret)
    assert message.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert not verify(message, signing.new_secret())
    message.body += b" "
    assert not verify(message, hook.secret)


def test_the_signature_is_that_of_the_specifications_example() -> None:
    signed = signing.sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.django_db
def test_only_chosen_kinds_and_only_what_is_public_arrive(other: Receiver, clock: FakeClock) -> None:
    hook = webhook(other.url, kinds=["guides", "lists"])
    internal = factories.policy_list(HIDDEN, is_internal=True)
    factories.list_edition(internal, title=HIDDEN, published=True)
    factories.banner()

    assert deliver.run(clock) == 0
    hook.refresh_from_db()
    assert hook.told_until == outbox.newest()

    guide = publish(factories.guide(HIDDEN, slug="mingcheng"))
    page = Page.objects.get(pk=guide.pk)
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    deliver.run(clock)

    [message] = other.received
    assert [(row["id"], row["what"], row["url"]) for row in json.loads(message.body)["changes"]] == [
        (guide.pk, "taken_back", None)
    ]
    assert HIDDEN not in message.body.decode()


@pytest.mark.django_db
def test_what_is_much_comes_in_several_messages_in_order(
    other: Receiver, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "BATCH", 4)
    guide = factories.guide()
    webhook(other.url)
    publish(guide)
    start = outbox.newest()
    for _ in range(9):
        outbox.announce(guide.topic, "published")

    assert deliver.run(clock) == 3

    assert changes_in(other) == list(range(start, start + 10))
    assert [len(json.loads(each.body)["changes"]) for each in other.received] == [4, 4, 2]


@pytest.mark.django_db
def test_a_dead_endpoint_keeps_no_other_waiting(other: Receiver, clock: FakeClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    webhook(f"http://127.0.0.1:{port}/")
    webhook(other.url)
    publish(factories.guide())

    assert deliver.run(clock) == 2
    assert len(other.received) == 1


# Failing


@pytest.mark.django_db
def test_failures_are_tried_again_later_and_later_with_the_same_message(
    other: Receiver, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "random", lambda: 0.5)
    other.status = 500
    hook = webhook(other.url)
    first = publish(factories.guide())
    pauses = []

    for _ in range(10):
        assert deliver.run(clock) == 1
        hook.refresh_from_db()
        assert hook.next_try_at is not None
        pauses.append((hook.next_try_at - clock.now).total_seconds())
        clock.now = hook.next_try_at - timedelta(seconds=1)
        assert deliver.run(clock) == 0
        clock.now = hook.next_try_at
        publish(first)  # what follows waits for its turn

    assert pauses == [10, 30, 90, 270, 810, 2430, 7290, 21600, 21600, 21600]
    assert hook.state == "发送失败，正在重试"
    assert len({each.body for each in other.received}) == 1
    assert len({each.headers["webhook-id"] for each in other.received}) == 1
    assert len({each.headers["webhook-timestamp"] for each in other.received}) == 10
    delivery = hook.deliveries.get()
    assert (delivery.attempts, delivery.status_code, delivery.error) == (10, 500, "对方回答 500。")

    other.status = 204
    assert deliver.run(clock) == 2
    hook.refresh_from_db()
    assert (hook.failing_since, hook.attempts, hook.next_try_at) == (None, 0, None)
    assert changes_in(other) == [row["sequence"] for row in feed.read(0, absolute=str).changes]


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 8.0), (0.5, 10.0), (1.0, 12.0)])
def test_pauses_differ_so_that_endpoints_do_not_come_together(chance: float, seconds: float) -> None:
    assert deliver.pause_after(1, chance).total_seconds() == seconds


@pytest.mark.django_db
def test_after_three_days_it_stops_with_a_record_and_goes_on_where_it_was(
    other: Receiver, clock: FakeClock
) -> None:
    other.status = 503
    hook = webhook(other.url)
    guide = publish(factories.guide())
    start = outbox.newest()
    deliver.run(clock)
    publish(guide)

    clock.passes(days=3, seconds=1)
    deliver.run(clock)
    hook.refresh_from_db()
    assert (hook.is_active, hook.stopped_because) == (False, "failing")
    assert AuditEntry.objects.get(action="stop_webhook").detail["reason"] == "failing"
    clock.passes(days=2)
    assert deliver.run(clock) == 0

    other.status = 200
    manage.resume(hook, by=None)
    assert deliver.run(clock) == 2
    assert changes_in(other) == [start, start + 1]


@pytest.mark.django_db
def test_who_says_gone_is_not_asked_again(other: Receiver, clock: FakeClock) -> None:
    other.status = 410
    hook = webhook(other.url)
    publish(factories.guide())

    deliver.run(clock)

    hook.refresh_from_db()
    assert (hook.is_active, hook.stopped_because) == (False, "gone")


@pytest.mark.django_db
def test_a_redirect_is_not_followed(other: Receiver, clock: FakeClock) -> None:
    with receiver() as elsewhere:
        other.status, other.headers = 302, {"Location": elsewhere.url}
        hook = webhook(other.url)
        publish(factories.guide())

        deliver.run(clock)

        assert elsewhere.received == []
        assert "转到别的地址" in hook.deliveries.get().error


@pytest.mark.django_db
def test_a_slow_answer_is_cut_off_and_a_long_one_is_not_read(
    other: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "OVER_WITHIN", 0.5)
    is_over = threading.Event()

    def trickle(handler: Any) -> None:
        """A header line that never ends, a byte at a time: no single wait is long."""
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not is_over.wait(0.05):
            try:
                handler.wfile.write(b"x")
            except OSError:
                return

    other.on_request = trickle
    outcome = post.post(other.url, b"{}", {})
    is_over.set()
    assert (outcome.status, outcome.is_success, outcome.error) == (None, False, "对方没有及时回答。")
    assert 400 < outcome.duration_ms < 5000

    other.on_request, other.said = None, b"<script>\x00" + b"x" * 5_000_000
    outcome = post.post(other.url, b"{}", {})
    assert outcome.is_success
    assert outcome.response.startswith("<script>·")
    assert len(outcome.response) <= 1024


@pytest.mark.parametrize(
    "said", [b"\xff\xfe nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200, b""]
)
def test_an_answer_that_is_none_is_a_failure_like_others(other: Receiver, said: bytes) -> None:
    def say(handler: Any) -> None:
        handler.wfile.write(said)
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)

    other.on_request = say

    outcome = post.post(other.url, b"{}", {})

    assert (outcome.status, outcome.error) == (None, "连接不上，或者连接中断。")


# Workers


def work() -> None:
    """As the task worker does with what is in its queue."""
    Worker(
        queue_names=["*"], interval=0, batch=True, backend_name="default", startup_delay=False,
        max_tasks=None, worker_id="tests", excluded_queue_names=[],
    ).run()  # fmt: skip


@committed
def test_a_publish_has_the_worker_deliver(other: Receiver) -> None:
    guide = publish(factories.guide())
    webhook(other.url)
    DBTaskResult.objects.all().delete()

    publish(guide)
    publish(guide)

    assert DBTaskResult.objects.filter(task_path=deliver.deliver.module_path).count() == 1
    work()
    assert [len(json.loads(each.body)["changes"]) for each in other.received] == [2]
    assert deliver.call_worker() == 0


@committed
def test_what_is_hidden_wakes_no_worker(other: Receiver) -> None:
    webhook(other.url)
    internal = factories.policy_list(is_internal=True)
    DBTaskResult.objects.all().delete()

    factories.list_edition(internal, published=True)

    assert not DBTaskResult.objects.filter(task_path=deliver.deliver.module_path).exists()


@committed
def test_two_workers_never_send_the_same_and_lose_nothing(
    other: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "BATCH", 3)
    guide = publish(factories.guide())
    webhook(other.url)
    start = outbox.newest()
    for _ in range(30):
        outbox.announce(guide.topic, "published")
    at_once, together = threading.Semaphore(1), []

    def alone(_handler: Any) -> None:
        if not at_once.acquire(blocking=False):
            together.append(1)
            return
        time.sleep(0.01)  # what the other side does with it
        at_once.release()

    other.on_request = alone

    def run() -> None:
        try:
            deliver.run()
        finally:
            connection.close()

    workers = [threading.Thread(target=run) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)

    assert together == []
    numbers = [row["sequence"] for each in other.received for row in json.loads(each.body)["changes"]]
    assert numbers == list(range(start + 1, start + 31))


@committed
def test_a_worker_that_is_killed_in_the_middle_is_made_up_for(other: Receiver, tmp_path: Path) -> None:
    hook = webhook(other.url)
    publish(factories.guide())
    process: list[subprocess.Popen[bytes]] = []
    is_begun = threading.Event()

    def kill_sender(_handler: Any) -> None:
        is_begun.wait(60)
        process[0].send_signal(signal.SIGKILL)
        process[0].wait(60)

    other.on_request = kill_sender
    code = "import django; django.setup(); from api.webhooks import deliver; deliver.run()"
    outside = environment(tmp_path) | {"WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8"}
    process.append(subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=outside))
    is_begun.set()
    assert process[0].wait(120) == -signal.SIGKILL
    other.on_request = None
    clock = FakeClock()
    hook.refresh_from_db()
    assert hook.claimed_until is not None

    clock.now = hook.claimed_until - timedelta(seconds=1)
    assert deliver.run(clock) == 0  # it might still be at it
    clock.now = hook.claimed_until
    assert deliver.run(clock) == 1

    assert len(other.received) == 2
    assert len({(each.headers["webhook-id"], each.body) for each in other.received}) == 1
    hook.refresh_from_db()
    assert hook.told_until == outbox.newest()


@pytest.mark.django_db
def test_who_lost_the_claim_changes_nothing(other: Receiver, clock: FakeClock) -> None:
    hook = webhook(other.url)
    publish(factories.guide())
    parcel = deliver.take(hook.pk, clock.now)
    assert parcel is not None
    assert deliver.take(hook.pk, clock.now) is None
    clock.passes(minutes=2)
    again = deliver.take(hook.pk, clock.now)
    assert again is not None
    assert (again.message_id, again.body) == (parcel.message_id, parcel.body)

    deliver.note(parcel, post.Outcome(status=500), clock.now)

    hook.refresh_from_db()
    assert (hook.attempts, hook.claim) == (0, again.claim)


@pytest.mark.django_db
def test_one_message_waits_at_a_time(other: Receiver) -> None:
    hook = webhook(other.url)
    hook.deliveries.create(message_id="msg_1", payload="{}")
    with pytest.raises(IntegrityError):
        hook.deliveries.create(message_id="msg_2", payload="{}")


@pytest.mark.django_db
def test_old_deliveries_and_secrets_go(other: Receiver) -> None:
    hook = webhook(other.url)
    long_ago = NOW - timedelta(days=400)
    hook.deliveries.create(message_id="msg_1", payload="{}", created_at=long_ago, state=State.DELIVERED)
    hook.deliveries.create(message_id="msg_2", payload="{}", created_at=long_ago)
    hook.deliveries.create(message_id="msg_3", payload="{}", state=State.FAILED)
    Webhook.objects.update(old_secret="whsec_b2xk", old_secret_until=long_ago)

    assert deliver.forget_deliveries() == 1

    assert set(hook.deliveries.values_list("message_id", flat=True)) == {"msg_2", "msg_3"}
    hook.refresh_from_db()
    assert hook.old_secret == ""


# Where it may go


REFUSED = [
    "http://example.cn/",  # in the open
    "ftp://example.cn/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://",
    "https:///x",
    "example.cn/x",
    "https://user:secret@example.cn/",
    "https://user@example.cn/",
    "https://example.cn/#part",
    "https://example.cn:0/",
    "https://example.cn:99999/",
    "https://example.cn/a b",
    "https://example.cn\\@127.0.0.1/",
    "https://example.cn/\r\nX: y",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://１２７.0.0.1/",
    "https://127.0.0.1./",
    "https://10.0.0.8/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://192.88.99.1/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25lo]/",
    "https://[fec0::1]/",
    "https://[fc00::1]/",
    "https://[fd12:3456::1]/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
    "https://localhost/",
    "https://" + "a" * 500 + ".cn/",
]


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_inside_or_in_disguise_is_refused(url: str, settings: Any) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = []

    with pytest.raises(Refused) as refused:
        addresses.check(url)

    assert any("\u4e00" <= char <= "\u9fff" for char in str(refused.value))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """A name server: what is in it can be looked up, and addresses stand for themselves."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def look_up(host: str, port: Any, *args: Any, **more: Any) -> Any:
        if host in known:
            return [each for place in known[host] for each in real(place, port, *args, **more)]
        if host.replace(".", "").isdigit() or ":" in host:
            return real(host, port, *args, **more)
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize(
    ("places", "is_allowed"),
    [
        (["93.184.215.14"], True),
        (["2606:2800:21f:cb07:6820:80da:af6b:8b2c"], True),
        (["93.184.215.14", "10.0.0.1"], False),
        (["127.0.0.1"], False),
        (["::ffff:192.168.0.1"], False),
        ([], False),
    ],
)
def test_a_name_counts_by_every_address_behind_it(
    places: list[str], is_allowed: bool, names: dict[str, list[str]], settings: Any
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = []
    names["hook.example.cn"] = places

    if is_allowed:
        addresses.check("https://hook.example.cn/in/")
    else:
        with pytest.raises(Refused):
            addresses.check("https://hook.example.cn/in/")


def test_networks_that_the_operator_names_are_allowed_in_the_open_too(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = ["10.1.0.0/16", "fd00:1::/32"]

    for url in (
        "http://10.1.2.3:8080/x",
        "https://10.1.2.3/",
        "http://[::ffff:10.1.2.3]/",
        "http://[fd00:1::5]/",
    ):
        addresses.check(url)
    for url in ("http://10.2.0.1/", "https://127.0.0.1/", "http://[fd00:2::5]/"):
        with pytest.raises(Refused):
            addresses.check(url)


@pytest.mark.django_db
def test_a_name_that_moves_inside_is_refused_when_sending(
    other: Receiver, clock: FakeClock, names: dict[str, list[str]], settings: Any
) -> None:
    names["hook.example.cn"] = ["93.184.215.14"]
    url = other.url.replace("127.0.0.1", "hook.example.cn").replace("http:", "https:")
    addresses.check(url)
    hook = webhook(url)
    publish(factories.guide())
    settings.WEBHOOK_ALLOW_PRIVATE = []
    names["hook.example.cn"] = ["127.0.0.1"]

    deliver.run(clock)

    assert other.received == []
    assert "内网" in hook.deliveries.get().error


@pytest.mark.django_db
def test_the_connection_goes_to_the_address_that_was_checked(
    other: Receiver, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = socket.getaddrinfo

    def changes_its_mind(host: str, port: Any, *args: Any, **more: Any) -> Any:
        """Says loopback, which is allowed here, when it is checked, and something else ever after."""
        if host == "hook.example.cn":
            asked.append(host)
            return real("127.0.0.1" if len(asked) == 1 else "127.9.9.9", port, *args, **more)
        return real(host, port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", changes_its_mind)
    webhook(other.url.replace("127.0.0.1", "hook.example.cn"))
    publish(factories.guide())

    deliver.run(clock)

    [message] = other.received
    assert asked == ["hook.example.cn"]
    assert message.headers["host"].startswith("hook.example.cn:")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for hook.example.cn with its key, which nobody has signed but itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: apt install openssl")
    made, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", key, "-out", made, "-days", "2", "-subj", "/CN=hook.example.cn",
            "-addext", "subjectAltName=DNS:hook.example.cn",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    made.write_text(made.read_text() + key.read_text())
    return made


@pytest.mark.parametrize(
    ("host", "is_trusted", "arrives"),
    [
        ("hook.example.cn", True, True),
        ("hook.example.cn", False, False),  # signed by nobody we know
        ("other.example.cn", True, False),  # of another host, though the address is the same
    ],
)
def test_the_certificate_has_to_be_that_of_the_name(
    host: str,
    is_trusted: bool,
    arrives: bool,
    certificate: Path,
    names: dict[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names[host] = ["127.0.0.1"]
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    exchange.trust.cache_clear()
    with receiver(certificate) as other:
        outcome = post.post(other.url.replace("127.0.0.1", host), b"{}", {})
    exchange.trust.cache_clear()

    assert outcome.is_success is arrives
    assert len(other.received) == arrives
    assert outcome.error == ("" if arrives else "对方的证书有问题，没有发送。")


# The screens


@pytest.fixture
def administrator() -> Client:
    client = Client()
    client.force_login(factories.user("administrator", username="guanliyuan"))
    return client


def shown_secret(response: Any) -> str:
    words = response.content.decode().replace("<", " ").replace(">", " ").split()
    [secret] = [word for word in words if word.startswith("whsec_")]
    return secret


@pytest.mark.django_db
def test_an_administrator_connects_a_system_and_sees_the_secret_once(
    administrator: Client, other: Receiver
) -> None:
    answer = administrator.post(
        f"{ADMIN}add/", {"name": "门户", "url": other.url, "kinds": ["guides", "notices"]}
    )

    hook = Webhook.objects.get()
    assert shown_secret(answer) == hook.secret
    assert "no-store" in answer["Cache-Control"]
    assert (hook.kinds, hook.told_until) == (["guides", "notices"], outbox.newest())
    entry = AuditEntry.objects.get(action="create_webhook")
    assert entry.by is not None
    assert entry.detail == {"url": other.url, "kinds": ["guides", "notices"]}


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://user:p@example.cn/", "http://8.8.8.8/"])
def test_a_wrong_address_is_refused_with_a_sentence(administrator: Client, url: str, settings: Any) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = []

    answer = administrator.post(f"{ADMIN}add/", {"name": "门户", "url": url})

    assert list(answer.context["form"].errors) == ["url"]
    assert not Webhook.objects.exists()


@pytest.mark.django_db
def test_every_step_works_and_is_recorded_and_no_page_shows_the_secret(
    administrator: Client, other: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    hook = webhook(other.url)
    secrets_used = {hook.secret}
    publish(factories.guide())
    deliver.run()
    address = f"{ADMIN}{hook.pk}/"
    pages: list[str] = []

    def see(path: str) -> str:
        response = administrator.get(path)
        assert response.status_code == 200
        pages.append(response.content.decode())
        return pages[-1]

    def do(path: str, data: Any = None) -> None:
        response = administrator.post(path, data or {}, follow=True)
        assert response.status_code == 200
        pages.append(response.content.decode())

    assert "区政府门户" in see(ADMIN)
    assert "已送达" in see(address)
    see(f"{ADMIN}add/")
    see(f"{address}edit/")
    do(f"{address}edit/", {"name": "市门户", "url": other.url})
    do(f"{address}test/")
    do(f"{address}deliveries/{hook.deliveries.filter(cause='feed').get().pk}/resend/")
    see(f"{address}stop/")
    do(f"{address}stop/")
    assert "继续发送" in see(address)
    do(f"{address}resume/")
    see(f"{address}rotate/")
    secrets_used.add(shown_secret(administrator.post(f"{address}rotate/")))
    see(address)
    see(f"{address}delete/")
    do(f"{address}delete/")
    see("/admin/audit/")
    for entry in AuditEntry.objects.all():
        see(f"/admin/audit/inspect/{entry.pk}/")

    assert not Webhook.objects.exists()
    steps = [
        "create_webhook", "change_webhook", "test_webhook", "resend_delivery", "stop_webhook",
        "resume_webhook", "rotate_webhook_secret", "delete_webhook",
    ]  # fmt: skip
    recorded = AuditEntry.objects.filter(action__endswith="webhook") | AuditEntry.objects.filter(
        action__in=steps
    )
    assert list(recorded.order_by("pk").values_list("action", flat=True)) == steps
    assert set(steps) <= set(ACTION_LABELS)
    everything = "\n".join([*pages, caplog.text, *map(str, AuditEntry.objects.values())])
    assert len(secrets_used) == 2
    assert not [secret for secret in secrets_used if secret in everything]
    assert "whsec_" not in everything


@pytest.mark.django_db
def test_after_a_change_of_secret_both_sign_for_a_day(other: Receiver, clock: FakeClock) -> None:
    hook = webhook(other.url)
    old = hook.secret
    new = manage.rotate(hook, by=None)
    guide = publish(factories.guide())
    hook.refresh_from_db()
    assert hook.old_secret_until is not None

    clock.now = hook.old_secret_until - timedelta(seconds=1)
    deliver.run(clock)
    publish(guide)
    clock.now = hook.old_secret_until
    deliver.run(clock)

    before, after = other.received
    assert verify(before, old)
    assert verify(before, new)
    assert verify(after, new)
    assert not verify(after, old)


@pytest.mark.django_db
def test_a_message_is_sent_again_as_it_was(administrator: Client, other: Receiver, clock: FakeClock) -> None:
    hook = webhook(other.url)
    guide = publish(factories.guide())
    deliver.run(clock)
    take_back(guide)
    [first] = hook.deliveries.all()
    hook.refresh_from_db()
    stands_at = hook.told_until

    administrator.post(f"{ADMIN}{hook.pk}/deliveries/{first.pk}/resend/")

    sent, again = other.received
    assert (again.body, again.headers["webhook-id"]) == (sent.body, sent.headers["webhook-id"])
    assert again.headers["webhook-timestamp"] > sent.headers["webhook-timestamp"]
    assert verify(again, hook.secret)
    hook.refresh_from_db()
    assert hook.told_until == stands_at
    assert hook.deliveries.filter(cause="resend", state="delivered").count() == 1


@pytest.mark.django_db
def test_a_test_says_what_came_back(administrator: Client, other: Receiver) -> None:
    other.status, other.said = 401, "<b>签名不对</b>".encode()
    hook = webhook(other.url)

    answer = administrator.post(f"{ADMIN}{hook.pk}/test/", follow=True).content.decode()

    assert "没有送到：对方回答 401。" in answer
    assert "&lt;b&gt;签名不对&lt;/b&gt;" in answer
    assert json.loads(other.received[0].body) == {"type": "test", "changes": [], "last": hook.told_until}
    hook.refresh_from_db()
    assert hook.failing_since is None


@pytest.mark.django_db
def test_the_log_is_paged_and_costs_the_same_however_long(administrator: Client, other: Receiver) -> None:
    hook = webhook(other.url)

    def add(number: int) -> None:
        Delivery.objects.bulk_create(
            Delivery(webhook=hook, message_id=f"msg_{n}", payload="{}", state=State.DELIVERED)
            for n in range(number)
        )

    add(1)
    administrator.get(f"{ADMIN}{hook.pk}/")  # warm
    asked = questions(administrator, f"{ADMIN}{hook.pk}/")
    add(60)

    assert questions(administrator, f"{ADMIN}{hook.pk}/") == asked
    assert administrator.get(f"{ADMIN}{hook.pk}/?p=3").context["page"].number == 3


def questions(client: Client, address: str) -> int:
    """How often a page asks the database."""
    asked: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        client.get(address)
    return len(asked)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["district_editor", "reviewer", "auditor", "importer", "visitor"])
def test_nobody_else_gets_in(role: str, other: Receiver) -> None:
    hook = webhook(other.url)
    client = Client()
    if role != "visitor":
        client.force_login(factories.user(role, factories.home()))
    delivery = hook.deliveries.create(message_id="msg_1", payload="{}", state=State.DELIVERED)
    paths = [
        "", "add/", f"{hook.pk}/", f"{hook.pk}/edit/", f"{hook.pk}/stop/", f"{hook.pk}/resume/",
        f"{hook.pk}/rotate/", f"{hook.pk}/delete/", f"{hook.pk}/test/",
        f"{hook.pk}/deliveries/{delivery.pk}/resend/",
    ]  # fmt: skip

    for path in paths:
        for answer in (client.get(ADMIN + path), client.post(ADMIN + path)):
            assert answer.status_code in (302, 403, 405)
            assert hook.url.encode() not in answer.content

    hook.refresh_from_db()
    assert hook.is_active
    assert other.received == []


@pytest.mark.django_db
def test_sending_needs_a_form_of_ours(administrator: Client, other: Receiver) -> None:
    hook = webhook(other.url)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = administrator.cookies

    assert strict.post(f"{ADMIN}{hook.pk}/test/").status_code == 403
    assert administrator.get(f"{ADMIN}{hook.pk}/test/").status_code == 405
    assert other.received == []
