"""Sheets as SVG: to be printed from the browser, with its own fonts, or taken along as a file."""

from html import escape

from posters.layout import HEIGHT, WIDTH, Box, Mark, Sheet

FONT = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"


def svg_of(sheet: Sheet, *, label: str) -> str:
    """One sheet; ``label`` says what it is to who cannot see it."""
    marks = "".join(map(_mark, sheet))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="paper" width="{WIDTH:g}mm" height="{HEIGHT:g}mm"'
        f' viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(label)}" lang="zh-Hans">'
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#fff"/>'
        f'<g font-family="{FONT}" shape-rendering="crispEdges">{marks}</g></svg>'
    )


def _mark(mark: Mark) -> str:
    if isinstance(mark, Box):
        place = f'x="{mark.x:.3f}" y="{mark.y:.3f}" width="{mark.width:.3f}" height="{mark.height:.3f}"'
        if mark.is_cut:
            return (
                f'<rect {place} fill="none" stroke="{mark.colour}" stroke-width=".2" stroke-dasharray="2 2"/>'
            )
        return f'<rect {place} fill="{mark.colour}"/>'
    weight = ' font-weight="700"' if mark.is_bold else ""
    return (
        f'<text x="{mark.x:.2f}" y="{mark.y:.2f}" font-size="{mark.size:g}" fill="{mark.colour}"'
        f' text-anchor="{mark.anchor}"{weight}>{escape(mark.text)}</text>'
    )
