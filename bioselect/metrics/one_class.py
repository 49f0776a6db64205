"""Which class a metric is about: always said by the user, never guessed from an order of names."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from bioselect.exceptions import ComponentError

#: So many names of classes are listed in an error.
NAMES_LISTED = 10


def place_of(metric: str, positive: str | int, class_names: Sequence[str]) -> int:
    """Return the place of the class that is named.

    Parameters
    ----------
    metric : str
        For the message.
    positive : str or int
        The name; YAML reads that of a class called 1 as a number.
    class_names : sequence of str
        The classes of the study, in the order of their places.

    Raises
    ------
    ComponentError
        If there is no class of that name; the message names the nearest.

    Examples
    --------
    >>> place_of("recall", "mitotic", ("interphase", "mitotic"))
    1
    """
    if str(positive) in class_names:
        return list(class_names).index(str(positive))
    near = difflib.get_close_matches(str(positive), class_names, n=1, cutoff=0.4)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    known = ", ".join(class_names[:NAMES_LISTED])
    rest = len(class_names) - NAMES_LISTED
    more = f" and {rest} more" if rest > 0 else ""
    raise ComponentError(
        f"metric {metric!r}: params.positive: must be one of the classes of the images "
        f"({known}{more}). Got {str(positive)!r}.{hint}"
    )
