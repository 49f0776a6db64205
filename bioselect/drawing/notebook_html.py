"""How results show themselves in a notebook, in its own colours, whether it is light or dark."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence

from bioselect.visible import visible_line

#: Nothing here sets a colour: text and lines take those of the notebook.
_CELL = "padding: 0.2em 0.8em 0.2em 0; text-align: {}; border-bottom: 1px solid; border-color: "
_LINE = "color-mix(in srgb, currentColor 25%, transparent)"


def escaped(text: str) -> str:
    """Return a text for HTML: names come from anybody.

    Examples
    --------
    >>> escaped("<b>a & b</b>")
    '&lt;b&gt;a &amp; b&lt;/b&gt;'
    """
    return html.escape(visible_line(text))


def paragraphs(texts: Iterable[str]) -> str:
    """Return paragraphs as HTML."""
    return "".join(f'<p style="margin: 0.3em 0">{escaped(text)}</p>' for text in texts)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], n_texts: int = 1) -> str:
    """Return a table as HTML, the first `n_texts` columns to the left, numbers to the right."""
    sides = ["left" if place < n_texts else "right" for place in range(len(columns))]

    def line(tag: str, cells: Sequence[str]) -> str:
        pairs = zip(sides, cells, strict=True)
        written = (
            f'<{tag} style="{_CELL.format(side)}{_LINE}">{escaped(cell)}</{tag}>'
            for side, cell in pairs
        )
        return f"<tr>{''.join(written)}</tr>"

    body = "".join(line("td", row) for row in rows)
    return (
        '<table style="border-collapse: collapse; margin: 0.5em 0">'
        f"<thead>{line('th', columns)}</thead><tbody>{body}</tbody></table>"
    )


def facts(named: Mapping[str, str]) -> str:
    """Return what things are called beside what they are, as HTML.

    Examples
    --------
    >>> facts({"model": "hog + <svm>"})
    '<div><b>model</b> hog + &lt;svm&gt;</div>'
    """
    return "".join(f"<div><b>{escaped(key)}</b> {escaped(one)}</div>" for key, one in named.items())
