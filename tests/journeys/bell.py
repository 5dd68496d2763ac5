"""A stand-in for the live room's server, driven by a test: it rings, and answers with what the test says."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Route, WebSocketRoute

Answer = dict[str, Any]


class Bell:
    """Takes the place of ``/live/`` for one page; set up before the page is opened.

    ``answers`` maps topics to what a fetch of theirs gets: an object or an HTTP status alone, or a list of
    them (one a fetch, the last stays). ``told`` is what a question for versions (polling) gets.
    """

    def __init__(self, page: Page, *, is_blocked: bool = False) -> None:
        self.page = page
        self.answers: dict[str, Any] = {}
        self.told: dict[str, Any] = {}
        self.is_deaf = False  # hears, and says nothing
        self.sockets: list[WebSocketRoute] = []
        self.heard: list[Answer] = []
        self.closed: list[int | None] = []
        self.fetched: list[dict[str, str]] = []
        self.polled: list[dict[str, str]] = []
        page.route(re.compile(r"/live/[a-z]+:\d+/"), self._fetch)
        page.route(re.compile(r"/live/\?topics="), self._poll)
        if is_blocked:
            page.add_init_script(BLOCKED)
        else:
            page.route_web_socket(re.compile(r"/live/$"), self._open)

    def _open(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda message: self._hear(socket, json.loads(message)))
        socket.on_close(lambda code, reason: self.closed.append(code))

    def _hear(self, socket: WebSocketRoute, message: Answer) -> None:
        self.heard.append(message)
        if message["type"] == "ping" and not self.is_deaf:
            socket.send(json.dumps({"type": "pong"}))

    def _fetch(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        topic = address.path.split("/")[2]
        asked = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        self.fetched.append({"topic": topic, **asked})
        answer = self.answers[topic]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, int):
            route.fulfill(status=answer)
            return
        is_gone = bool(answer.get("gone")) and "regions" not in answer
        route.fulfill(status=404 if is_gone else 200, json=answer)

    def _poll(self, route: Route) -> None:
        self.polled.append(dict(route.request.headers))
        etag = f'"{hash(json.dumps(self.told, sort_keys=True))}"'
        if route.request.headers.get("if-none-match") == etag:
            route.fulfill(status=304)
        else:
            route.fulfill(json={"topics": self.told}, headers={"ETag": etag})

    def ring(self, topic: str, version: int, **more: Any) -> None:
        """Say that a topic is at this version."""
        self.say(
            {
                "type": "version",
                "topic": topic,
                "version": version,
                "epoch": epochs(self.page).get(topic, ""),
                **more,
            }
        )

    def say(self, message: Answer) -> None:
        self.sockets[-1].send(json.dumps(message))


# Every socket fails, as behind a proxy that knows none.
BLOCKED = """
window.WebSocket = class extends EventTarget {
  constructor() {
    super();
    window.socketsTried = (window.socketsTried ?? 0) + 1;
    queueMicrotask(() => this.onclose({code: 1006}));
  }
  close() {}
};
"""


def topics(page: Page) -> dict[str, int]:
    """The topics of an open page with their versions, its own first."""
    return json.loads(page.locator("body").get_attribute("data-topics") or "{}")


def epochs(page: Page) -> dict[str, str]:
    return json.loads(page.locator("body").get_attribute("data-epochs") or "{}")


def region(page: Page, name: str) -> str:
    """A region's content as served."""
    html = page.evaluate(
        """async (name) => {
            const html = await (await fetch(location.href)).text();
            const page = new DOMParser().parseFromString(html, "text/html");
            return page.querySelector(`[data-region="${name}"]`).innerHTML;
        }""",
        name,
    )
    assert html, f"The page has no region “{name}”."
    return str(html)
