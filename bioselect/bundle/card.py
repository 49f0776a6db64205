r"""`card.md`: Markdown in which names stay names, whatever program shows it."""

from __future__ import annotations

import re
from pathlib import Path

from bioselect.bundle.manifest import CARD_FILE
from bioselect.storage import atomic_write_text

#: How HTML begins, pictures, links, and where links are defined: a card has none of these itself.
_ACTIVE = re.compile(r"<(?=[A-Za-z/!?])|(?<=!)\[|(?<=\])[(:\[]")


def harmless(text: str) -> str:
    r"""Return Markdown without HTML, links and pictures.

    Examples
    --------
    >>> print(harmless("- <script>: 12, p < 0.05, ![x](http://x.org/x.png)"))
    - \<script>: 12, p < 0.05, !\[x]\(http://x.org/x.png)
    """
    return _ACTIVE.sub(lambda found: f"\\{found[0]}", text)


def write_card(folder: Path, text: str) -> None:
    """Write the card of a bundle."""
    atomic_write_text(folder / CARD_FILE, harmless(text))
