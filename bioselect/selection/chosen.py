"""What searches chose in the folds of a candidate, summed up: the usual value, and range ends."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.registry import ComponentSpec, Parameter, find_row
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult
from bioselect.selection.phrases import wrapped

#: A value at the end of what was tried that is chosen in more than this part of the folds is a
#: sign that better ones lie beyond.
MOST = 0.5


@dataclass(frozen=True)
class ChosenValue:
    """What a search chose for one parameter.

    `value` is what it chose most often (of equally many the one listed first), in `n_folds` of
    `n_searched` folds. `end` is `smallest` or `largest` when the end of the values that were
    tried was chosen in most folds, and the parameter has no limit there; else empty.
    """

    parameter: str
    value: Any
    n_folds: int
    n_searched: int
    end: str


def chosen_values(
    results: Sequence[FoldResult],
    spec: ComponentSpec,
    base_dir: Path | None = None,
    kind: str = "classifier",
) -> tuple[ChosenValue, ...]:
    """Sum up what the folds of one candidate chose.

    Parameters
    ----------
    results : sequence of FoldResult
        Of a candidate with a search; those that failed are passed over.
    spec : ComponentSpec
        Its estimator.
    base_dir : Path, optional
        Where a user's own modules lie.
    kind : str
        What the estimator is, unless it is a network: ``classifier`` or ``regressor``.

    Returns
    -------
    tuple of ChosenValue
        One for each searched parameter, in the order of their names; none if every fold failed.
    """
    found = [result.chosen for result in results if result.chosen]
    if any(one.candidate.is_network for one in results):
        kind = "network"
    parameters = {one.name: one for one in find_row(kind, spec.name, base_dir).parameters}
    return tuple(
        _summed_up(parameters[name], tried, [chosen[name] for chosen in found])
        for name, tried in spec.search_dict.items()
        if found
    )


def _summed_up(parameter: Parameter, tried: Sequence[Any], found: Sequence[Any]) -> ChosenValue:
    counts = Counter(json.dumps(value) for value in found)
    order = {json.dumps(value): place for place, value in reversed(list(enumerate(tried)))}
    usual = min(counts, key=lambda text: (-counts[text], order.get(text, len(order))))
    end = _end_of_range(parameter, tried, found)
    return ChosenValue(parameter.name, json.loads(usual), counts[usual], len(found), end)


def _end_of_range(parameter: Parameter, tried: Sequence[Any], found: Sequence[Any]) -> str:
    numbers = [value for value in tried if _is_number(value)]
    if len(set(numbers)) < 2:
        return ""
    ends = {
        "smallest": (min(numbers), parameter.minimum),
        "largest": (max(numbers), parameter.maximum),
    }
    for end, (value, limit) in ends.items():
        n_there = sum(_is_number(one) and one == value for one in found)
        if value != limit and n_there > MOST * len(found):
            return end
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def chosen_in_words(chosen: Mapping[Candidate, Sequence[ChosenValue]]) -> list[str]:
    """Return a paragraph for each candidate: what was chosen, and what should be tried beyond.

    Examples
    --------
    >>> candidate = Candidate(ComponentSpec("hog"), ComponentSpec.of("svm", search={"C": [1, 10]}))
    >>> [text] = chosen_in_words({candidate: [ChosenValue("C", 10, 38, 50, "largest")]})
    >>> print(text)
    Searched inside the folds: hog + svm(C searched) took C = 10 in 38 of 50 folds. That is the
      largest value of C that was tried, so a larger one may be better: search further.
    """
    paragraphs = []
    for candidate, values in chosen.items():
        if not values:
            continue
        counts = ", ".join(
            f"{one.parameter} = {as_text(one.value)} in {one.n_folds} of {one.n_searched} folds"
            for one in values
        )
        text = f"Searched inside the folds: {candidate.label} took {counts}."
        for one in values:
            if one.end:
                beyond = "a larger" if one.end == "largest" else "a smaller"
                text += (
                    f" That is the {one.end} value of {one.parameter} that was tried, so {beyond} "
                    "one may be better: search further."
                )
        paragraphs.append(wrapped(text))
    return paragraphs


def as_text(value: Any) -> str:
    """Return a value as a person writes it.

    Examples
    --------
    >>> as_text(1.0), as_text(None), as_text("scale"), as_text(0.0001)
    ('1', 'null', 'scale', '0.0001')
    """
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value)
