"""Shows pictures and drawings in a notebook; the notebooks beside this file import it."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from IPython.display import HTML


def side_by_side(
    images: Sequence[np.ndarray | Path | str], captions: Sequence[str], width: int = 112
) -> HTML:
    """Return pictures in a row that breaks where the page ends.

    Parameters
    ----------
    images : sequence of arrays or paths
        Arrays are uint8, ``(height, width)`` or ``(height, width, 3)``; paths are those of images.
    captions : sequence of str
        What stands below each of them.
    width : int
        How wide each is shown, in pixels of the screen.
    """
    from IPython.display import HTML

    figures = [
        '<figure style="margin: 0 1em 1em 0">'
        f'<img alt="{html.escape(words)}" src="data:image/png;base64,{_png(image)}"'
        f' style="width: {width}px; image-rendering: pixelated; border: 1px solid #aaa">'
        f'<figcaption style="max-width: {width}px; font-size: 85%">{html.escape(words)}'
        "</figcaption></figure>"
        for image, words in zip(images, captions, strict=True)
    ]
    return HTML(f'<div style="display: flex; flex-wrap: wrap">{"".join(figures)}</div>')


def drawing(path: Path | str, words: str) -> HTML:
    """Return a drawing of a run folder (SVG), no wider than the page; `words` say what it shows."""
    from IPython.display import HTML

    encoded = base64.b64encode(Path(path).read_bytes()).decode("ascii")
    return HTML(
        f'<img alt="{html.escape(words)}" src="data:image/svg+xml;base64,{encoded}"'
        ' style="max-width: 100%; background: white">'
    )


def _png(image: np.ndarray | Path | str) -> str:
    drawn = Image.open(image) if isinstance(image, str | Path) else Image.fromarray(image)
    written = io.BytesIO()
    drawn.save(written, "PNG")
    return base64.b64encode(written.getvalue()).decode("ascii")
