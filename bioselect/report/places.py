"""Text without the places of this machine: a report goes from hand to hand."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

HIDDEN = "\N{HORIZONTAL ELLIPSIS}/"
_END = r"""[^\s/\\'"<>:;,()\[\]{}]+"""
#: Two folders or more from the root on; of an address on the web the slashes follow a colon.
_POSIX = re.compile(rf"(?<![\w/.:~<>…-])/(?:{_END}/)+({_END})?")
_WINDOWS = re.compile(rf"(?<!\w)(?:[A-Za-z]:[\\/]+|\\\\)(?:{_END}[\\/]+)*({_END})?")


def without_places(text: str) -> str:
    r"""Return text in which of a path from the root on only the last name is left.

    Examples
    --------
    >>> without_places("cannot read /users/anna/cells/a.png, see https://a.org/b/c")
    'cannot read …/a.png, see https://a.org/b/c'
    >>> without_places(r"C:\Users\anna\cells: empty; and/or, 3 / 4")
    '…/cells: empty; and/or, 3 / 4'
    """
    for pattern in (_POSIX, _WINDOWS):
        text = pattern.sub(lambda found: HIDDEN + (found.group(1) or ""), text)
    return text


def configuration_without_places(text: str, values: Any) -> str:
    """Return a configuration as it is written, with what it holds of paths cut to their last name.

    Parameters
    ----------
    text : str
        The file.
    values : Any
        What it says: paths with blanks are found in it.

    Examples
    --------
    >>> text = "dataset: {path: /users/anna lee/cells}"
    >>> configuration_without_places(text, {"dataset": {"path": "/users/anna lee/cells"}})
    'dataset: {path: …/cells}'
    """
    for place in sorted(_places_in(values), key=len, reverse=True):
        name = (PureWindowsPath if "\\" in place else PurePosixPath)(place).name
        text = text.replace(place, HIDDEN + name)
    return without_places(text)


def _places_in(values: Any) -> set[str]:
    if isinstance(values, dict):
        return {place for one in values.values() for place in _places_in(one)}
    if isinstance(values, list):
        return {place for one in values for place in _places_in(one)}
    if not isinstance(values, str) or len(values) < 2:
        return set()
    is_place = PurePosixPath(values).is_absolute() or PureWindowsPath(values).is_absolute()
    return {values} if is_place else set()
