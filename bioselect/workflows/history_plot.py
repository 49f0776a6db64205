"""How a network was trained, drawn: loss, accuracy and Dice over the epochs, a line each fold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

WIDTH, HEIGHT, GAP = 420, 260, 70
MARGIN_LEFT, MARGIN_TOP, MARGIN_BOTTOM = 60, 50, 50
#: Side by side; a third one stands below, or a page makes all of them too small to read.
N_BESIDE = 2
N_TICKS = 4
#: Of colour-blind people's palettes (Okabe and Ito): blue for training, orange for validation.
TRAINING, VALIDATION = "#0072B2", "#D55E00"
#: The name of each, and the keys of training and validation.
Panel = tuple[str, str | None, str]
PANELS: tuple[Panel, ...] = (
    ("loss", "loss", "val_loss"),
    ("accuracy", "accuracy", "val_accuracy"),
)
#: Of networks that draw masks; accuracy is that of pixels, Dice known of the validation part only.
MASK_PANELS: tuple[Panel, ...] = (*PANELS, ("Dice", None, "val_dice"))
#: Steps of an axis that are read easily, but for a power of ten.
_ROUND = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
#: Of networks that learn a number: errors in its units.
VALUE_PANELS: tuple[Panel, ...] = (PANELS[0], ("mean absolute error", "error", "val_error"))
#: What lies between 0 and 1 is drawn so, whatever the values are.
_SHARES = ("accuracy", "Dice")

History = Sequence[Mapping[str, Any]]


def history_svg(
    title: str,
    histories: Sequence[History],
    panels: Sequence[Panel] = PANELS,
) -> str:
    """Return a drawing (SVG) of one or more trainings of a network, side by side loss and accuracy.

    Parameters
    ----------
    title : str
        What stands above.
    histories : sequence
        The epochs of each training, with `epoch`, `loss`, `accuracy`, `val_loss`, `val_accuracy`
        (None where there was no validation, and what is not there is not drawn: of a training on
        all images no Dice is known, and there is no drawing of it).
    panels : sequence of (str, str or None, str)
        For each drawing its name, and the keys of training and validation: `MASK_PANELS` draws
        `val_dice` as well.

    Examples
    --------
    >>> epochs = [{"epoch": n, "loss": 1 / n, "accuracy": 0.5, "val_loss": None,
    ...     "val_accuracy": None} for n in (1, 2)]
    >>> history_svg("small_cnn", [epochs]).count("<polyline")
    2
    """
    panels = [one for one in panels if _has_values(one, histories)] or panels[:1]
    n_beside = min(len(panels), N_BESIDE)
    total_width = MARGIN_LEFT + n_beside * WIDTH + (n_beside - 1) * GAP + 20
    line_height = HEIGHT + MARGIN_BOTTOM + 10
    total_height = MARGIN_TOP + math.ceil(len(panels) / N_BESIDE) * line_height - 10
    # A long name would be cut at the edge; a letter is little more than half as wide as high.
    letters = min(14.0, (total_width - MARGIN_LEFT - 20) / (0.55 * max(1, len(title))))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total_width}" height="{total_height}" '
        f'viewBox="0 0 {total_width} {total_height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{total_width}" height="{total_height}" fill="white"/>',
        f'<text x="{MARGIN_LEFT}" y="22" font-size="{letters:.3g}">{escape(title)}</text>',
        *_legend(histories),
    ]
    for place, (name, *keys) in enumerate(panels):
        line, beside = divmod(place, N_BESIDE)
        left, top = MARGIN_LEFT + beside * (WIDTH + GAP), MARGIN_TOP + line * line_height
        lines = zip(keys, (TRAINING, VALIDATION), strict=True)
        shown = [(key, colour) for key, colour in lines if key]
        parts += _panel(name, shown, histories, left, top)
    return "\n".join([*parts, "</svg>", ""])


def _has_values(panel: Panel, histories: Sequence[History]) -> bool:
    _, *keys = panel
    found = (one.get(key) for history in histories for one in history for key in keys if key)
    return any(map(_is_drawn, found))


def _legend(histories: Sequence[History]) -> list[str]:
    shown = [("training", TRAINING)]
    if any(one.get("val_loss") is not None for history in histories for one in history):
        shown.append(("validation (the dot: best epoch)", VALIDATION))
    return [
        f'<text x="{MARGIN_LEFT + 90 * place}" y="40" fill="{colour}">{name}</text>'
        for place, (name, colour) in enumerate(shown)
    ]


def _panel(
    name: str,
    lines: Sequence[tuple[str, str]],
    histories: Sequence[History],
    left: int,
    top: int,
) -> list[str]:
    values = [
        float(one[key])
        for history in histories
        for one in history
        for key, _ in lines
        if _is_drawn(one.get(key))
    ]
    low, step = 0.0, 0.25
    if name not in _SHARES:
        step = round_step(max(values, default=1.0) or 1.0)
    high = N_TICKS * step
    last = max((one["epoch"] for history in histories for one in history), default=1)

    def x_of(epoch: float) -> float:
        return left + WIDTH * (epoch - 1) / max(1, last - 1)

    def y_of(value: float) -> float:
        return top + HEIGHT * (1 - (value - low) / (high - low))

    parts = [
        f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>'
    ]
    for number in range(N_TICKS + 1):
        value = low + step * number
        y = y_of(value)
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    for epoch in sorted({1, (1 + last) // 2, last}):
        parts.append(
            f'<text x="{x_of(epoch):.1f}" y="{top + HEIGHT + 18}" text-anchor="middle">'
            f"{epoch}</text>"
        )
    middle = left + WIDTH / 2
    bottom = top + HEIGHT + 38
    parts.append(f'<text x="{middle:.1f}" y="{bottom}" text-anchor="middle">epoch ({name})</text>')
    for history in histories:
        for key, colour in lines:
            points = " ".join(
                f"{x_of(one['epoch']):.1f},{y_of(float(one[key])):.1f}"
                for one in history
                if _is_drawn(one.get(key))
            )
            if points:
                parts.append(
                    f'<polyline points="{points}" fill="none" stroke="{colour}" '
                    'stroke-width="1.5" stroke-opacity="0.7"/>'
                )
        parts += _best_mark(history, lines, x_of, y_of)
    return parts


def _best_mark(
    history: History,
    lines: Sequence[tuple[str, str]],
    x_of: Callable[[float], float],
    y_of: Callable[[float], float],
) -> list[str]:
    """Return a dot on the validation line at the epoch whose weights were taken."""
    best = next((one for one in history if one["epoch"] == best_of(history)), {})
    return [
        f'<circle cx="{x_of(best["epoch"]):.1f}" cy="{y_of(float(best[key])):.1f}" r="3" '
        f'fill="{colour}"/>'
        for key, colour in lines
        if colour == VALIDATION and _is_drawn(best.get(key))
    ]


def best_of(history: History) -> int | None:
    """Return the epoch that validation images chose; None where there were none.

    Examples
    --------
    >>> best_of([{"epoch": n, "val_loss": loss} for n, loss in ((1, 0.7), (2, 0.5), (3, 0.6))])
    2
    """
    by_dice = [one for one in history if _is_drawn(one.get("val_dice"))]
    if by_dice:
        return int(max(by_dice, key=lambda one: float(one["val_dice"]))["epoch"])
    by_loss = [one for one in history if _is_drawn(one.get("val_loss"))]
    return int(min(by_loss, key=lambda one: float(one["val_loss"]))["epoch"]) if by_loss else None


def round_step(highest: float) -> float:
    """Return the smallest of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten to reach `highest`.

    `N_TICKS` steps reach it.

    Examples
    --------
    >>> round_step(0.89), round_step(2.1), round_step(12)
    (0.25, 0.6, 3.0)
    """
    power = 10.0 ** math.floor(math.log10(highest / N_TICKS))
    fitting = (number for number in _ROUND if number * power * N_TICKS >= highest * (1 - 1e-9))
    return float(f"{next(fitting) * power:.3g}")


def _is_drawn(value: Any) -> bool:
    return value is not None and math.isfinite(value)
