"""Charts as SVG, made from numbers; each stands beside the table that says the same."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from chalicelib.rendering.templates import NOTHING, joined

WIDTH, HEIGHT = 640, 180
LEFT, RIGHT, BOTTOM = 34, 12, 20
"""Room for the numbers on the left and the days below, in the units of the drawing."""

_CHART = Markup(
    '<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{id}-title {id}-desc">'
    '<title id="{id}-title">{title}</title><desc id="{id}-desc">{words}</desc>{grid}{bars}{days}</svg>'
)


def stacked(identity: str, title: str, words: str, days: Sequence[str], series: Mapping[str, Sequence[int]]) -> Markup:
    """Return bars, one a day, each the values of all series one on top of the other.

    `series` maps a series' class name to its values, from the bottom up; values are 0 or more.
    """
    totals = [sum(values) for values in zip(*series.values(), strict=True)]
    top = scale(max(totals, default=0))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(days))
    bars = joined(
        _bar(index, step, top, [(name, values[index]) for name, values in series.items()]) for index in range(len(days))
    )
    return _CHART.format(
        width=WIDTH,
        height=HEIGHT,
        id=identity,
        title=title,
        words=words,
        grid=_grid(top),
        bars=bars,
        days=_days(days, step),
    )


def scale(most: int) -> int:
    """Return the number at the top of an axis: the least of 1, 2, 5 times a power of ten, and 4, that is not below."""
    size = 1
    while True:
        for step in (1, 2, 4, 5):
            if step * size >= most:
                return step * size
        size *= 10


def _y(value: float, top: int) -> float:
    return round((HEIGHT - BOTTOM) * (1 - value / top) + 6 * value / top, 2)


def _bar(index: int, step: float, top: int, parts: Sequence[tuple[str, int]]) -> Markup:
    found, below = NOTHING, 0
    rect = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>')
    for name, value in parts:
        if value:
            y, end = _y(below + value, top), _y(below, top)
            found += rect.format(
                f"bar {name}", round(LEFT + index * step + step * 0.12, 2), y, round(step * 0.76, 2), round(end - y, 2)
            )
        below += value
    return found


def _grid(top: int) -> Markup:
    line = Markup(
        '<line class="gridline" x1="{}" y1="{}" x2="{}" y2="{}"/><text class="axis" x="{}" y="{}">{:,}</text>'
    )
    values = sorted({0, top // 2, top})
    return joined(
        line.format(LEFT, _y(value, top), WIDTH, _y(value, top), LEFT - 5, _y(value, top) + 4, value)
        for value in values
    )


def _days(days: Sequence[str], step: float) -> Markup:
    if not days:
        return NOTHING
    text = Markup('<text class="day" x="{}" y="{}">{}</text>')
    every = max(1, -(-len(days) * 46 // (WIDTH - LEFT - RIGHT)))
    shown = range(len(days) - 1, -1, -every)
    return joined(text.format(round(LEFT + (index + 0.5) * step, 2), HEIGHT - 4, days[index][5:]) for index in shown)
