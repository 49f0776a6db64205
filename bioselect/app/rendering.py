"""Templates, and how numbers look in them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from bioselect.app.notes import percent

#: Metrics whose names say little to who has not read of them.
_NAMES = {
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
    "r2": "share of the differences explained (R²)",
    "roc_auc": "area under the ROC curve",
    "dice": "Dice (overlap)",
    "iou": "IoU (overlap)",
}
HERE = Path(__file__).parent


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        percent=percent, score=score, about=about, metric=metric, bar=bar, ticks=ticks
    )
    return made


def render(template: str, **values: Any) -> str:
    """Return a page, or a part of one, as HTML; every value is escaped."""
    text: str = _environment().get_template(template).render(**values)
    return sendable(text)


def sendable(text: str) -> str:
    r"""Return text with `?` for what is none: on Linux the name of a file may be any bytes.

    Examples
    --------
    >>> sendable("M\udcfcller")
    'M?ller'
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def score(value: object) -> str:
    """Return a score as it is shown: three digits behind the point, or what it is.

    Examples
    --------
    >>> score(0.8612345), score("12.3456"), score(None), score("")
    ('0.861', '12.3', '', '')
    """
    if value is None or value == "":
        return ""
    try:
        number = float(str(value))
    except ValueError:
        return str(value)
    return f"{number:.3f}" if abs(number) < 10 else f"{number:.3g}"


def about(value: object) -> str:
    """Return an expected score, of which a third digit says nothing but that it is not perfect.

    Examples
    --------
    >>> about(0.8612345), about(0.9971), about(None)
    ('0.86', '0.997', '')
    """
    text = score(value)
    try:
        rounded = f"{float(text):.2f}" if "." in text[1:3] else text
    except ValueError:
        return text
    return text if rounded in ("0.00", "1.00") else rounded


def metric(name: object) -> str:
    """Return the name of a metric as a person writes it.

    Examples
    --------
    >>> metric("balanced_accuracy"), metric("recall(positive=tumour_a)"), metric("mae")
    ('balanced accuracy', 'recall of tumour_a', 'mean absolute error')
    """
    found = re.fullmatch(r"(\w+)\(positive=(.*)\)", str(name))
    if found:
        return f"{metric(found[1])} of {found[2]}"
    return _NAMES.get(str(name)) or str(name).replace("_", " ")


def bar(share: float) -> str:
    """Return the length of a bar of 100.

    Examples
    --------
    >>> bar(0.8612)
    '86.1'
    """
    return f"{max(0.0, min(1.0, share)) * 100:.1f}"


def ticks(text: object) -> Any:
    """Return text whose pieces in backquotes are code; everything is escaped.

    Examples
    --------
    >>> str(ticks("run `a<b` now"))
    'run <code>a&lt;b</code> now'
    """
    from markupsafe import Markup, escape

    pieces = str(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(str(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece)
        for place, piece in enumerate(pieces)
    )
