"""Whether a model of each classifier could be kept, found out before the study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.estimator_file import MadeOf, dump_estimator
from bioselect.checks.findings import WARNING, Finding
from bioselect.estimators.creation import create_classifier
from bioselect.estimators.search import grid
from bioselect.exceptions import BundleError
from bioselect.registry import ComponentSpec, find_row
from bioselect.selection.fitting import collected_warnings, one_line

#: Toy rows of each class, a dozen for two. Few features: what is built of them then (the tree of
#: a neighbours classifier, say) is what is hardest to keep.
ROWS_PER_CLASS = 6
N_FEATURES = 4


def check_keepable(
    classifiers: Sequence[ComponentSpec], n_classes: int, seed: int, base_dir: Path | None
) -> list[Finding]:
    """Stop before the work when a classifier, once trained, could not be written into a model.

    Each that is not built in is trained on a few toy rows. Returns a warning for each that raises
    at that: it may need more rows, and the study will tell.

    Raises
    ------
    BundleError
        If one cannot be kept; a line for each says what is in the way.
    """
    findings, problems = [], []
    for spec in classifiers:
        if find_row("classifier", spec.name, base_dir).provider == "bioselect":
            continue
        _, first = next(grid(spec))
        estimator = create_classifier(first, seed, base_dir)
        try:
            with collected_warnings([]):
                _fit_on_toy_rows(estimator, n_classes)
        except Exception as error:  # Anybody's own may raise anything.
            findings.append(_untried(spec, n_classes, error))
            continue
        try:
            dump_estimator(estimator, MadeOf(spec.name), base_dir)
        except BundleError as error:
            problems.append(str(error))
    if problems:
        raise BundleError("\n".join(problems))
    return findings


def _fit_on_toy_rows(estimator: Any, n_classes: int) -> None:
    classes = np.tile(np.arange(n_classes), ROWS_PER_CLASS)
    noise = np.random.default_rng(0).normal(size=(len(classes), N_FEATURES))
    estimator.fit(noise + classes[:, None], classes)


def _untried(spec: ComponentSpec, n_classes: int, error: Exception) -> Finding:
    reason = one_line(f"{type(error).__name__}: {error}")
    return Finding(
        WARNING,
        "",
        f"classifier {spec.label}: whether its model can be kept is not known, because it cannot "
        f"be trained on {ROWS_PER_CLASS * n_classes} toy rows of {N_FEATURES} features ({reason}).",
        f"Try it with `bioselect components classifier --check {spec.name}`.",
    )
