"""A line of the log is one JSON object, holds nobody's personal data, and comes out whatever happens."""

import json
import logging
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.asked import Asked, current
from operations.logs import LONGEST_MESSAGE, JsonLines


def line(message: Any, *values: Any, **more: Any) -> dict[str, Any]:
    record = logging.LogRecord("imports", logging.WARNING, __file__, 1, message, values, more.get("exc_info"))
    written = JsonLines().format(record)
    assert "\n" not in written
    return json.loads(written)


def test_a_line_says_when_how_bad_where_and_what() -> None:
    said = line("%s 行已读", 12)

    assert (said["level"], said["logger"], said["message"]) == ("WARNING", "imports", "12 行已读")
    assert said["time"][-6] in "+-", "with its offset"


@pytest.mark.parametrize(
    ("private", "shown"),
    [
        ("13800138000", "138****8000"),
        ("11010519491231002X", "110105********002X"),
        ("zhang.san@qq.com", "z***@qq.com"),
    ],
)
def test_personal_data_is_masked(private: str, shown: str) -> None:
    assert line("收到 %s", private)["message"] == f"收到 {shown}"
    try:
        raise ValueError(private)
    except ValueError:
        assert private not in line("failed", exc_info=sys.exc_info())["exception"]


def test_a_message_that_does_not_fit_its_values_is_a_line_all_the_same() -> None:
    said = line("%d of %d", "one")

    assert said["message"] == "A line could not be written: TypeError"
    assert said["at"].endswith("test_logs.py:1")


def test_an_object_that_cannot_be_printed_is_a_line_all_the_same() -> None:
    class Unprintable:
        def __str__(self) -> str:
            raise RuntimeError("no")

    assert "RuntimeError" in line("%s", Unprintable())["message"]


def test_an_endless_message_is_cut() -> None:
    assert len(line("很长" * 100_000)["message"]) == LONGEST_MESSAGE


@given(st.text())
def test_whatever_is_said_comes_out_as_one_line(text: str) -> None:
    assert isinstance(line("%s", text)["message"], str)


def test_a_line_of_a_request_names_it_and_leaves_out_its_secrets() -> None:
    asked = Asked(id="abcdefgh", method="GET", path="/api/v1/preview/geheim/", user=7, secrets=["geheim"])
    token = current.set(asked)
    try:
        said = line("Opened /api/v1/preview/geheim/")
    finally:
        current.reset(token)

    assert (said["request_id"], said["method"], said["user_id"]) == ("abcdefgh", "GET", 7)
    assert said["path"] == "/api/v1/preview/…/"
    assert "geheim" not in said["message"]
