"""What may be raised: a `BioselectError` whose message can be printed and stored."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable


def is_plain(message: str) -> bool:
    """Tell whether a message can be printed and stored: no control characters, no halves of any."""
    return message.replace("\n", "").isprintable() or not any(
        unicodedata.category(one) in ("Cc", "Cs") for one in message.replace("\n", "")
    )


def all_of(uses: Iterable[Callable[[], object]]) -> None:
    """Do everything with an input, also after a refusal; the first one is raised in the end."""
    from bioselect.exceptions import BioselectError

    refusals = []
    for use in uses:
        try:
            use()
        except BioselectError as error:
            refusals.append(error)
    assert all(is_plain(str(error)) for error in refusals), list(map(str, refusals))
    if refusals:
        raise refusals[0]
