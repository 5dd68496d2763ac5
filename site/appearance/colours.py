"""Colours: how well they stand out from one another, and all colours of a look made from two.

Contrast is that of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio), from 1 to 21. Lighter and
darker shades are taken in OKLCH (https://bottosson.github.io/posts/oklab/), so that they keep their hue.
"""

import math
import re
from collections.abc import Iterable

FORM = re.compile(r"#[0-9a-f]{6}")
TEXT = 4.5  # SC 1.4.3: text
LARGE = 3.0  # SC 1.4.3 and 1.4.11: large text, lines and marks
WHITE = "#ffffff"
# No paper or wash of a theme is darker by day, or lighter by night.
GROUND_BY_DAY = "#eaeae6"
GROUND_BY_NIGHT = "#2c3a38"
STEPS = 512  # of lightness

Linear = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """How much lighter one of two colours is than the other."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def least_contrast(colour: str, grounds: Iterable[str]) -> float:
    return min(contrast(colour, ground) for ground in grounds)


def luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def nearest(colour: str, *grounds: str, ratio: float) -> str:
    """The colour of the same hue closest in lightness that has ``ratio`` to each of ``grounds``.

    Raises ValueError where no shade of it has.
    """
    if least_contrast(colour, grounds) >= ratio:
        return colour
    lightness, chroma, hue = to_lch(colour)
    shades = sorted((step / STEPS for step in range(STEPS + 1)), key=lambda each: abs(each - lightness))
    for shade in shades:
        found = from_lch(shade, chroma, hue)
        if least_contrast(found, grounds) >= ratio:
            return found
    raise ValueError(f"No shade of {colour} has {ratio}:1 to {', '.join(grounds)}.")


def shade(colour: str, lightness: float, most: float = 1.0) -> str:
    """The same hue at ``lightness`` (0 to 1), no more colourful than ``most`` (0.02 is a wash)."""
    _lightness, chroma, hue = to_lch(colour)
    return from_lch(lightness, min(chroma, most), hue)


def tokens_of(brand: str, accent: str) -> dict[str, dict[str, str]]:
    """``{"light": {token: colour}, "dark": …}`` from either colour or both; "" leaves the theme's own."""
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    if brand:
        light |= _brand_by_day(brand)
        dark |= _brand_by_night(brand)
    if accent:
        light |= _accent_by_day(accent)
        dark |= _accent_by_night(accent)
    return {"light": light, "dark": dark}


def _brand_by_day(brand: str) -> dict[str, str]:
    lightness, _chroma, _hue = to_lch(brand)
    deep, wash = shade(brand, lightness * 0.72), shade(brand, 0.955, 0.02)
    link = nearest(brand, GROUND_BY_DAY, wash, ratio=TEXT)
    return {
        "civic": brand,
        "civic-deep": nearest(deep, GROUND_BY_DAY, wash, ratio=TEXT),
        "civic-ink": link,
        "civic-wash": wash,
        "band": brand,
        "band-deep": deep,
        "ink-on-band-soft": nearest(shade(brand, 0.9, 0.02), brand, deep, ratio=TEXT),
        "line-on-band": shade(brand, lightness + 0.2, 0.08),
        "link": link,
        "link-hover": nearest(deep, GROUND_BY_DAY, wash, ratio=TEXT),
    }


def _brand_by_night(brand: str) -> dict[str, str]:
    wash = shade(brand, 0.28, 0.04)
    civic = nearest(shade(brand, 0.8, 0.09), GROUND_BY_NIGHT, wash, ratio=TEXT)
    return {
        "civic": civic,
        "civic-deep": shade(brand, 0.88, 0.06),
        "civic-ink": civic,
        "civic-wash": wash,
        "band": shade(brand, 0.33, 0.08),
        "band-deep": shade(brand, 0.26, 0.06),
        "ink-on-band-soft": shade(brand, 0.86, 0.02),
        "line-on-band": shade(brand, 0.58, 0.06),
        "link": nearest(shade(brand, 0.82, 0.09), GROUND_BY_NIGHT, wash, ratio=TEXT),
        "link-hover": shade(brand, 0.9, 0.05),
    }


def _accent_by_day(accent: str) -> dict[str, str]:
    wash = shade(accent, 0.965, 0.02)
    return {
        "accent": nearest(accent, GROUND_BY_DAY, wash, ratio=TEXT),
        "accent-line": nearest(accent, GROUND_BY_DAY, wash, ratio=LARGE),
        "accent-wash": wash,
    }


def _accent_by_night(accent: str) -> dict[str, str]:
    wash = shade(accent, 0.29, 0.04)
    return {
        "accent": nearest(shade(accent, 0.8, 0.11), GROUND_BY_NIGHT, wash, ratio=TEXT),
        "accent-line": nearest(shade(accent, 0.68, 0.12), GROUND_BY_NIGHT, wash, ratio=LARGE),
        "accent-wash": wash,
    }


# From sRGB to OKLCH and back


def to_lch(colour: str) -> tuple[float, float, float]:
    """Lightness (0 to 1), chroma (0 to about 0.3) and hue (in radians)."""
    red, green, blue = _linear(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def from_lch(lightness: float, chroma: float, hue: float) -> str:
    """The colour, less colourful where a screen could not show it."""
    lightness = min(1.0, max(0.0, lightness))
    while chroma > 0.001:
        red, green, blue = _from_lch(lightness, chroma, hue)
        if min(red, green, blue) >= -0.0005 and max(red, green, blue) <= 1.0005:
            return _written((red, green, blue))
        chroma *= 0.96
    return _written(_from_lch(lightness, 0.0, hue))


def _from_lch(lightness: float, chroma: float, hue: float) -> Linear:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _linear(colour: str) -> Linear:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _undone(red), _undone(green), _undone(blue)


def _undone(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _written(linear: Linear) -> str:
    return "#" + "".join(f"{_done(min(1.0, max(0.0, value))):02x}" for value in linear)


def _done(value: float) -> int:
    return round(255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055))
