"""One decision about a data set: what is written for it, why, and what a person should know."""

from __future__ import annotations

import re
import shlex
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.data.table_numbers import unit_of

_N_LISTED = 12
_NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Choice:
    """A key of the configuration with its value.

    `why` is the comment above it; `in_words` is what the terminal says, nothing if empty, and
    `to_look_at` whether it is among what a person should look at. A choice that is not active is
    written as a comment, to be switched on by taking away one sign.

    Examples
    --------
    >>> Choice("folds", 5).is_active
    True
    """

    key: str
    value: Any
    why: str = ""
    in_words: str = ""
    to_look_at: bool = False
    is_active: bool = True


def unit_choice(column: str) -> Choice:
    """Return the key for what the numbers of a column are measured in, of which its name may tell.

    Examples
    --------
    >>> unit_choice("age (months)").why
    "How errors are told; null: as the column's name says, in months."
    >>> unit_choice("age").to_look_at
    True
    """
    if unit := unit_of(column):
        return Choice(
            "unit", None, f"How errors are told; null: as the column's name says, in {unit}."
        )
    why = "What the numbers are measured in, such as mm; errors are then told in it. null: no unit."
    words = f"unit: the name {column!r} tells none. Write what the numbers are measured in."
    return Choice("unit", None, why, words, to_look_at=True)


def plain(text: str) -> str:
    r"""Return text that fits into one line of a comment, whatever a file is called.

    Examples
    --------
    >>> plain("two\nlines\x07")
    'two lines?'
    """
    joined = " ".join(text.split())
    return "".join("?" if unicodedata.category(one)[0] == "C" else one for one in joined)


def wrapped(text: str, width: int) -> list[str]:
    """Return text in lines; what stands in backquotes is not broken, so that it can be copied.

    Examples
    --------
    >>> wrapped("list them with `bioselect components`", 20)
    ['list them with', '`bioselect components`']
    """
    kept = re.sub("`[^`]*`", lambda found: found[0].replace(" ", _NO_BREAK), plain(text))
    lines = textwrap.wrap(kept, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_NO_BREAK, " ") for line in lines] or [""]


def sentence(words: str) -> str:
    """Return words with a capital at their beginning.

    Examples
    --------
    >>> sentence("two planes.")
    'Two planes.'
    """
    return words[0].upper() + words[1:]


def listed(names: Iterable[str], most: int = _N_LISTED) -> str:
    """Return names in a row, of many only the first.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    every = [plain(name) for name in names]
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def counted(number: int, what: str, several: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "image"), counted(2000, "image"), counted(2, "class", "classes")
    ('1 image', '2,000 images', '2 classes')
    """
    return f"{number:,} {what if number == 1 else several or what + 's'}"


def as_argument(path: Path | str) -> str:
    """Return a path as it is typed in a shell; a first ``-`` must not make an option of it.

    Examples
    --------
    >>> as_argument("my cells.yaml"), as_argument("-x.yaml")
    ("'my cells.yaml'", './-x.yaml')
    """
    text = str(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def evenly_spread(n_items: int, n_chosen: int) -> list[int]:
    """Return places that are spread evenly over a list, always the same.

    Examples
    --------
    >>> evenly_spread(10, 4), evenly_spread(3, 8)
    ([0, 2, 5, 7], [0, 1, 2])
    """
    n_chosen = min(n_items, n_chosen)
    return [place * n_items // n_chosen for place in range(n_chosen)]


def some_of(items: Sequence[Any], n_chosen: int) -> list[Any]:
    """Return items that are spread evenly over a list."""
    return [items[place] for place in evenly_spread(len(items), n_chosen)]
