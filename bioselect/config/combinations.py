"""What a study needs to compare: extractors with classifiers, or networks, or both."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from bioselect.config.task_keys import CLASSIFICATION, REGRESSION, SEGMENTATION

EXTRACTORS = "What turns an image into a row of numbers."
#: The sections whose entries are combined with each other, with what each is.
COMBINED: Mapping[str, str] = {
    "extractors": EXTRACTORS,
    "classifiers": "What turns rows of numbers into classes.",
}
#: The same where a number is predicted.
COMBINED_FOR_NUMBERS: Mapping[str, str] = {
    "extractors": EXTRACTORS,
    "regressors": "What turns rows of numbers into a number.",
}


def combination_problems(
    written: Mapping[str, Any], task: str = CLASSIFICATION
) -> list[tuple[str, str]]:
    """Return the section and the words of each list that is missing or empty but needed.

    Extractors come together with classifiers, or regressors; where networks are listed, both may
    be left out. Masks are learnt by networks alone. A list under a key that is misspelt is not
    missing.

    Examples
    --------
    >>> combination_problems({"extractors": ["hog"]})
    [('classifiers', 'is missing. What turns rows of numbers into classes.')]
    >>> combination_problems({"networks": ["small_cnn"]})
    []
    >>> combination_problems({"network": "small_cnn"})
    []
    >>> combination_problems({"extractors": ["hog"]}, "regression")
    [('regressors', 'is missing. What turns rows of numbers into a number.')]
    """
    combined = COMBINED_FOR_NUMBERS if task == REGRESSION else COMBINED
    if _holds(written.get("networks")) and not any(_holds(written.get(key)) for key in combined):
        return []
    meant = _misspelt(written, combined)
    if "networks" in meant:
        return []  # What it holds is not known, and the key itself is told of.
    if task == SEGMENTATION:
        if "networks" not in written:
            return [("networks", "is missing. What learns the masks, for example [unet, otsu].")]
        is_empty = written["networks"] == []
        return [("networks", "must list at least one. Got [].")] if is_empty else []
    problems = []
    for key, what in combined.items():
        if key in meant:
            continue
        if key not in written:
            problems.append((key, f"is missing. {what}"))
        elif written[key] == []:
            problems.append((key, "must list at least one. Got []."))
    return problems


def _misspelt(written: Mapping[str, Any], combined: Iterable[str]) -> set[str]:
    """Return the lists that are not there but that a key nearly names."""
    lists = [key for key in ("networks", *combined) if key not in written]
    near = [difflib.get_close_matches(str(key).lower(), lists, 1, 0.75) for key in written]
    return {name for names in near for name in names}


def _holds(section: Any) -> bool:
    """Tell whether something stands in a section, right or wrong."""
    return section is not None and section != []
