"""What the cells of a table's column are: classes, numbers, dates, paths, text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from bioselect.data.layouts import is_image_name

#: Values of a column that may be classes: at most so many, ...
MOST_CLASSES = 100
#: ... of numbers fewer, as more are counts or measurements, ...
MOST_NUMBERED_CLASSES = 10
#: ... each in so many rows on average, as what is nearly everywhere different is no class.
FEWEST_ROWS = 3
_LONGEST_CLASS = 60
_MOST_WORDS = 6
#: So many of the cells of a column of paths look like paths.
_MOST = 0.5

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?%?")
_WHOLE = re.compile(r"[-+]?\d+")
_DATE = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})([ T]\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}:\d{2}(:\d{2})?"
)


def words_of(name: str) -> list[str]:
    """Return the words of a column's name, in small letters.

    Examples
    --------
    >>> words_of("cellType_ID 2")
    ['cell', 'type', 'id']
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[^a-zà-ÿ]+", spaced.lower()) if word]


def has_word(name: str, words: Collection[str]) -> bool:
    """Tell whether a name has one of these words in it, in singular or plural.

    Examples
    --------
    >>> has_word("Patient_ID", {"patient"}), has_word("patience", {"patient"})
    (True, False)
    """
    return any(word in words or word.removesuffix("s") in words for word in words_of(name))


def why_no_class(cells: Sequence[str]) -> str:
    """Say why the cells of a column cannot be classes, or nothing.

    Examples
    --------
    >>> why_no_class(["tumour", "normal"] * 9)
    ''
    >>> why_no_class(["0.31", "0.7", "1.25"])
    'measurements'
    """
    values = Counter(cell for cell in cells if cell)
    if len(values) < 2:
        return "one value only" if values else "nothing"
    if all(map(_DATE.fullmatch, values)):
        return "dates"
    if sum(map(is_path, values)) > _MOST * len(values):
        return "paths"
    if all(map(_NUMBER.fullmatch, values)):
        if not all(map(_WHOLE.fullmatch, values)):
            return "measurements"
        if len(values) > MOST_NUMBERED_CLASSES:
            return "numbers"
    if any(len(text) > _LONGEST_CLASS or len(text.split()) > _MOST_WORDS for text in values):
        return "free text"
    n_filled = sum(values.values())
    if len(values) > max(2, n_filled // FEWEST_ROWS):
        return "nearly everywhere another value"
    return "too many different values" if len(values) > MOST_CLASSES else ""


def is_path(cell: str) -> bool:
    """Tell whether a cell looks like the path of an image, or of anything.

    Examples
    --------
    >>> is_path("plate 1/a"), is_path("a.TIF"), is_path("n/a")
    (True, True, False)
    """
    name = cell.replace("\\", "/")
    return is_image_name(Path(name)) or ("/" in name and name.lower() not in ("n/a", "+/-", "-/+"))


def is_zero_or_one(cells: Sequence[str]) -> bool:
    """Tell whether a column holds 0 and 1, as for a label that an image has or has not."""
    return set(cells) == {"0", "1"}
