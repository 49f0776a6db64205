"""Images as dots in a plane, marked by what they are: a colour and a shape for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bioselect.drawing.colours import BLUE, GREEN, GREY, IN_TURN, ORANGE
from bioselect.drawing.panel import drawing, shortened, text

WIDTH, SIDE = 640, 420
_TOP, _MARGIN, _LEGEND = 48, 10, 190
_LETTERS = 20
#: Kinds that have a mark of their own; others are grey dots.
MOST_KINDS = 8
SHAPES = ("circle", "square", "triangle", "diamond", "cross", "plus", "down", "ring")
#: With more dots, none has the name of its image.
MOST_NAMES = 600


@dataclass(frozen=True)
class MapKind:
    """What some images have in common: its name, and how they are marked."""

    name: str
    colour: str
    shape: str
    size: float = 3.2


def kinds_in_turn(names: Sequence[str], others: str) -> list[MapKind]:
    """Return a mark for each of at most 8 names; with more there is one for all others, in grey.

    Examples
    --------
    >>> [one.shape for one in kinds_in_turn(["a", "b"], "others")]
    ['circle', 'square']
    >>> kinds_in_turn([str(n) for n in range(20)], "12 others")[-1]
    MapKind(name='12 others', colour='#666666', shape='circle', size=2.0)
    """
    kinds = [
        MapKind(name, IN_TURN[place % len(IN_TURN)], SHAPES[place])
        for place, name in enumerate(names[:MOST_KINDS])
    ]
    if len(names) > MOST_KINDS:
        kinds.append(MapKind(others, GREY, "circle", 2.0))
    return kinds


#: Right below wrong: what is wrong is seen first.
RIGHT_OR_WRONG = (
    MapKind("right", BLUE, "circle", 2.4),
    MapKind("wrong", ORANGE, "cross", 4.2),
    MapKind("not tested", GREY, "ring", 2.6),
)
#: Three parts of numbers in their order.
IN_ORDER = (
    MapKind("low", BLUE, "circle", 2.6),
    MapKind("middle", GREEN, "triangle", 3.0),
    MapKind("high", ORANGE, "square", 3.4),
)


def map_svg(
    title: str,
    note: str,
    points: Sequence[tuple[float, float]],
    kinds: Sequence[MapKind],
    of_point: Sequence[int],
    names: Sequence[str],
) -> str:
    """Return the map with a legend; kinds that are listed later lie on top.

    Parameters
    ----------
    points : sequence of (float, float)
    kinds : sequence of MapKind
    of_point : sequence of int
        The place of the kind of each point.
    names : sequence of str
        Of the images.

    Examples
    --------
    >>> kinds = kinds_in_turn(["a", "b"], "")
    >>> drawn = map_svg("m", "", [(0, 0), (1, 2)], kinds, [0, 1], ["x", "y"])
    >>> "<title>y: b</title>" in drawn
    True
    """
    counts = [sum(kind == place for kind in of_point) for place in range(len(kinds))]
    left = [one[0] for one in points]
    up = [one[1] for one in points]
    span = max(max(left) - min(left), max(up) - min(up)) or 1.0
    room = SIDE - 2 * _MARGIN - 10
    x_gap, y_gap = (span - (max(one) - min(one)) for one in (left, up))
    parts = [
        f'<rect x="{_MARGIN}" y="{_TOP}" width="{SIDE - 2 * _MARGIN}" '
        f'height="{SIDE - 2 * _MARGIN}" fill="none" stroke="{GREY}" stroke-opacity="0.4"/>'
    ]
    for place, kind in sorted(enumerate(kinds), key=lambda item: item[1].colour != GREY):
        for point, of, name in zip(points, of_point, names, strict=True):
            if of != place:
                continue
            x = _MARGIN + 5 + room * (point[0] - min(left) + x_gap / 2) / span
            y = _TOP + 5 + room * (max(up) - point[1] + y_gap / 2) / span
            about = f"{name}: {kind.name}" if len(points) <= MOST_NAMES else ""
            parts.append(_mark(x, y, kind, about))
    y = _TOP + 14.0
    for kind, count in zip(kinds, counts, strict=True):
        if not count:
            continue
        parts.append(_mark(SIDE + 14, y - 4, MapKind(kind.name, kind.colour, kind.shape, 4.5), ""))
        parts.append(text(SIDE + 28, y, f"{shortened(kind.name, _LETTERS)} ({count})"))
        y += 22
    height = max(_TOP + SIDE, int(y) + _MARGIN)
    return drawing(title, (WIDTH, height), parts, note)


def _mark(x: float, y: float, kind: MapKind, name: str) -> str:
    s = kind.size
    paths = {
        "square": f"M{x - s:.1f} {y - s:.1f}h{2 * s:.1f}v{2 * s:.1f}h{-2 * s:.1f}Z",
        "triangle": f"M{x:.1f} {y - 1.2 * s:.1f}l{1.2 * s:.1f} {2.1 * s:.1f}h{-2.4 * s:.1f}Z",
        "down": f"M{x:.1f} {y + 1.2 * s:.1f}l{1.2 * s:.1f} {-2.1 * s:.1f}h{-2.4 * s:.1f}Z",
        "diamond": f"M{x:.1f} {y - 1.3 * s:.1f}l{1.3 * s:.1f} {1.3 * s:.1f}l{-1.3 * s:.1f} "
        f"{1.3 * s:.1f}l{-1.3 * s:.1f} {-1.3 * s:.1f}Z",
        "cross": f"M{x - s:.1f} {y - s:.1f}l{2 * s:.1f} {2 * s:.1f}m0 {-2 * s:.1f}"
        f"l{-2 * s:.1f} {2 * s:.1f}",
        "plus": f"M{x - s:.1f} {y:.1f}h{2 * s:.1f}M{x:.1f} {y - s:.1f}v{2 * s:.1f}",
    }
    filled = f'fill="{kind.colour}" fill-opacity="0.7"'
    lines = f'fill="none" stroke="{kind.colour}" stroke-width="1.6"'
    if kind.shape in paths:
        look = lines if kind.shape in ("cross", "plus") else filled
        shape = f'<path d="{paths[kind.shape]}" {look}'
    else:
        look = lines if kind.shape == "ring" else filled
        shape = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{s:g}" {look}'
    return (
        f"{shape}><title>{escape(name)}</title></{shape[1:].split()[0]}>" if name else f"{shape}/>"
    )
