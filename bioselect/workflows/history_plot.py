"""How a network was trained, drawn: loss, accuracy and Dice over the epochs, a line each fold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

WIDTH, HEIGHT, GAP = 420, 260, 70
MARGIN_LEFT, MARGIN_TOP, MARGIN_BOTTOM = 60, 50, 50
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
        (None where there was no validation, and what is not there is not drawn).
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
    total_width = MARGIN_LEFT + len(panels) * WIDTH + (len(panels) - 1) * GAP + 20
    total_height = MARGIN_TOP + HEIGHT + MARGIN_BOTTOM
    # A long name would be cut at the edge; a letter is little more than half as wide as high.
    letters = min(14.0, (total_width - MARGIN_LEFT - 20) / (0.55 * max(1, len(title))))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total_width}" height="{total_height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{total_width}" height="{total_height}" fill="white"/>',
        f'<text x="{MARGIN_LEFT}" y="22" font-size="{letters:.3g}">{escape(title)}</text>',
        *_legend(histories),
    ]
    for place, (name, *keys) in enumerate(panels):
        left = MARGIN_LEFT + place * (WIDTH + GAP)
        lines = zip(keys, (TRAINING, VALIDATION), strict=True)
        parts += _panel(name, [(key, colour) for key, colour in lines if key], histories, left)
    return "\n".join([*parts, "</svg>", ""])


def _legend(histories: Sequence[History]) -> list[str]:
    shown = [("training", TRAINING)]
    if any(one.get("val_loss") is not None for history in histories for one in history):
        shown.append(("validation", VALIDATION))
    return [
        f'<text x="{MARGIN_LEFT + 90 * place}" y="40" fill="{colour}">{name}</text>'
        for place, (name, colour) in enumerate(shown)
    ]


def _panel(
    name: str, lines: Sequence[tuple[str, str]], histories: Sequence[History], left: int
) -> list[str]:
    values = [
        float(one[key])
        for history in histories
        for one in history
        for key, _ in lines
        if _is_drawn(one.get(key))
    ]
    low, high = (0.0, 1.0) if name in _SHARES else (0.0, max(values, default=1.0) or 1.0)
    last = max((one["epoch"] for history in histories for one in history), default=1)

    def x_of(epoch: float) -> float:
        return left + WIDTH * (epoch - 1) / max(1, last - 1)

    def y_of(value: float) -> float:
        return MARGIN_TOP + HEIGHT * (1 - (value - low) / (high - low))

    parts = [
        f'<rect x="{left}" y="{MARGIN_TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" '
        'stroke="#999"/>'
    ]
    for number in range(N_TICKS + 1):
        value = low + (high - low) * number / N_TICKS
        y = y_of(value)
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    for epoch in sorted({1, (1 + last) // 2, last}):
        parts.append(
            f'<text x="{x_of(epoch):.1f}" y="{MARGIN_TOP + HEIGHT + 18}" text-anchor="middle">'
            f"{epoch}</text>"
        )
    middle = left + WIDTH / 2
    bottom = MARGIN_TOP + HEIGHT + 38
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
    return parts


def _is_drawn(value: Any) -> bool:
    return value is not None and math.isfinite(value)
