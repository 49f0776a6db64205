"""A note on estimators whose models hold rows of the training."""

from __future__ import annotations

from collections.abc import Iterable

from bioselect.checks.findings import NOTE, Finding
from bioselect.estimators.kept_rows import names_that_hold_rows
from bioselect.registry import ComponentSpec


def kept_row_findings(estimators: Iterable[ComponentSpec]) -> list[Finding]:
    """Return a note where a model would hold values of the table.

    Examples
    --------
    >>> kept_row_findings([ComponentSpec("lda")])
    []
    """
    names = names_that_hold_rows(estimators)
    if not names:
        return []
    return [
        Finding(
            NOTE,
            "",
            f"models of {', '.join(names)} hold rows of the training table: they predict by "
            "comparing with them.",
            "Where rows are confidential, do not hand such a model out, or leave these out.",
        )
    ]
