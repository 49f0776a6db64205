"""What is given to `predict` in Python: a path, or several."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bioselect.exceptions import DataError


def given_paths(paths: Any) -> list[Path | str]:
    """Return what is given as a list of paths.

    Raises
    ------
    DataError
        If something in it is no path: pixels, or a table of which no column is named.

    Examples
    --------
    >>> given_paths("cells"), given_paths(("a.png", "b.png"))
    (['cells'], ['a.png', 'b.png'])
    >>> given_paths([3])
    Traceback (most recent call last):
    bioselect.exceptions.DataError: paths: must be a path or a list of paths, ... a list of int...
    """
    if isinstance(paths, str | Path):
        return [paths]
    is_table = hasattr(paths, "columns")
    listed = list(paths) if isinstance(paths, Iterable) and not is_table else []
    wrong = next((one for one in listed if not isinstance(one, str | os.PathLike)), None)
    if wrong is None and (listed or (hasattr(paths, "__len__") and not len(paths))):
        return listed
    kind = type(paths).__name__ + ("" if wrong is None else f" of {type(wrong).__name__}")
    remedy = (
        'Give the column that holds them: table["path"].'
        if is_table
        else "Pixels in memory go to the model's `pipeline`, or, of masks, to its `mask`."
    )
    raise DataError(
        "paths: must be a path or a list of paths, of images, folders and tables. Got a "
        f"{kind}. {remedy}"
    )
