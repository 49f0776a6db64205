"""Sentences about images, said of the rows of a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: Names in quotes stay as they are, and so do parts of paths.
_WORDS = re.compile(
    r"(?<=[\s(:])'[^'\n]{1,60}'"
    r"|(?<![\w/\\.-])([Aa]n )?([Ii]mage)(s?)(?![\w/\\-]|\.\w)"
)
#: Keys under which results hold sentences.
_TOLD = frozenset({"in_words", "design", "left_out", "decision", "words", "reduced"})


def of_rows(text: str) -> str:
    """Return a sentence about images as one about rows.

    Examples
    --------
    >>> of_rows("Images of one patient; an image of 'image 1' in 2 images.")
    "Rows of one patient; a row of 'image 1' in 2 rows."
    """
    return _WORDS.sub(_word, text)


def told_of_rows(value: Any, is_told: bool = False) -> Any:
    """Return results in which what is said in sentences is said of rows.

    Examples
    --------
    >>> told_of_rows({"in_words": "12 images", "names": ["image"]})
    {'in_words': '12 rows', 'names': ['image']}
    """
    if isinstance(value, Mapping):
        return {key: told_of_rows(one, is_told or key in _TOLD) for key, one in value.items()}
    if isinstance(value, list):
        return [told_of_rows(one, is_told) for one in value]
    return of_rows(value) if is_told and isinstance(value, str) else value


def _word(found: re.Match[str]) -> str:
    if found[2] is None:
        return found[0]
    row = "Row" if found[2][0] == "I" else "row"
    article = "" if found[1] is None else f"{found[1][0]} "
    return f"{article}{row}{found[3]}"
