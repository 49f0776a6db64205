"""Names that say where in a larger image a tile lies: its row is no group."""

from __future__ import annotations

import re
from collections.abc import Sequence

_S = r"[_\-. ]?"
#: Row and column at the end of a name: x3_y4, r03c04, row-3_col-4, tile_3_4, patch 3-4.
_PLACE = re.compile(
    rf"(?i)(?<![a-z])(?:x{_S}\d+{_S}y|y{_S}\d+{_S}x|r{_S}\d+{_S}c|row{_S}\d+{_S}col(?:umn)?"
    rf"|(?:tile|patch){_S}\d+[_\-. ]){_S}\d+\.[^/]*$"
)
_FIRST = re.compile(rf"(?i)(?<![a-z])(?:x|y|r|row|tile|patch){_S}\d+$")


def are_rows_of_grid(groups: Sequence[str], files: Sequence[str]) -> bool:
    """Tell whether what looks like groups are the rows (or columns) in which tiles lie.

    Parameters
    ----------
    groups : sequence of str
        What was taken from each name.
    files : sequence of str
        The names.

    Examples
    --------
    >>> names = ["slide7_x1_y1.png", "slide7_x1_y2.png"]
    >>> are_rows_of_grid(["slide7_x1", "slide7_x1"], names)
    True
    >>> are_rows_of_grid(["slide7", "slide7"], names), are_rows_of_grid(["c1"], ["c1_r2.png"])
    (False, False)
    """
    return all(map(_PLACE.search, files)) and all(map(_FIRST.search, groups))
