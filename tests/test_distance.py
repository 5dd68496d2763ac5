"""How far it is, how long one walks, and the sketch that is drawn of it."""

import json
import re
from pathlib import Path

import pytest

from content_models.places.distance import (
    DETOUR,
    METRES_A_MINUTE,
    Position,
    Walk,
    by_distance,
    map_url,
    metres_between,
    walk_between,
)
from content_models.places.sketch import HEIGHT, MARGIN, WIDTH, draw

HERE = Position(36.0671, 120.3826)


def north(metres: float, *, of: Position = HERE) -> Position:
    return Position(of.latitude + metres / 111_194.93, of.longitude)


def test_a_degree_of_latitude_and_of_longitude_are_as_long_as_on_the_globe() -> None:
    assert metres_between(Position(0, 0), Position(1, 0)) == pytest.approx(111_195, abs=1)
    assert metres_between(Position(60, 0), Position(60, 1)) == pytest.approx(55_597, abs=5)
    assert metres_between(Position(0, 179.5), Position(0, -179.5)) == pytest.approx(111_195, abs=1)
    assert metres_between(HERE, HERE) == 0


@pytest.mark.parametrize(
    ("metres", "said"),
    [
        (3, "就在旁边"),
        (54, "直线约 50 米，步行约 2 分钟（估算）"),
        (320, "直线约 320 米，步行约 6 分钟（估算）"),
        (1_049, "直线约 1.0 公里，步行约 20 分钟（估算）"),
        (9_000, "直线约 9.0 公里"),
    ],
)
def test_a_walk_is_an_estimate_and_a_long_one_is_no_walk(metres: float, said: str) -> None:
    assert Walk(metres).text == said


def test_minutes_follow_from_the_detour_and_the_pace() -> None:
    assert Walk(METRES_A_MINUTE / DETOUR * 10).minutes == 10
    assert Walk(METRES_A_MINUTE / DETOUR * 10 + 1).minutes == 11


def test_the_nearest_comes_first_and_unknown_places_last() -> None:
    places = {"远": north(900), "不知道": None, "近": north(100)}

    found = by_distance(places, start=HERE, position_of=places.get)

    assert [name for name, _walk in found] == ["近", "远", "不知道"]
    assert found[-1][1] is None
    assert [name for name, _walk in by_distance(places, start=None, position_of=places.get)] == list(places)
    assert walk_between(HERE, None) is None


def test_the_map_is_told_which_coordinates_these_are() -> None:
    url = map_url(HERE, name="江苏路<社区>&1")

    assert "position=120.382600%2C36.067100" in url
    assert "coordinate=wgs84" in url
    assert "<" not in url
    assert "%261" in url


def test_the_sketch_keeps_directions_and_stays_within_its_frame() -> None:
    east = Position(HERE.latitude, HERE.longitude + 0.01)

    sketch = draw([("1", north(800)), ("2", east), ("3", None)], home=HERE)

    assert sketch is not None
    home, above, beside = sketch.dots
    assert [dot.label for dot in sketch.dots] == ["", "1", "2"]
    assert above.x == home.x
    assert above.y < home.y == beside.y
    assert beside.x > home.x
    assert all(MARGIN - 1 <= dot.x <= WIDTH - MARGIN + 1 for dot in sketch.dots)
    assert all(MARGIN - 1 <= dot.y <= HEIGHT - MARGIN for dot in sketch.dots)
    drawn = (home.y - above.y) / 800
    assert sketch.bar / sketch.bar_metres == pytest.approx(drawn, rel=0.02)


@pytest.mark.parametrize("places", [[], [("1", HERE)], [("1", north(5))], [("1", north(90_000))]])
def test_there_is_no_sketch_of_one_place_or_of_places_far_apart(places: list[tuple[str, Position]]) -> None:
    assert draw(places, home=HERE) is None


def test_browsers_measure_by_the_same_globe() -> None:
    script = Path("themes/civic/static/civic/near.js").read_text()

    assert json.loads(re.findall(r"EARTH = (\d+)", script)[0]) == 6_371_000
    assert "detour" in script
    assert not re.search(r"\b(1\.3|70)\b", script)  # told by the list of places
