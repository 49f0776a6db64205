"""Whether a model of each classifier or regressor could be kept, found out before the study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bioselect.bundle.estimator_file import MadeOf, dump_estimator
from bioselect.checks.findings import WARNING, Finding
from bioselect.data.records import ImageDataset
from bioselect.estimators.creation import create_classifier, create_regressor
from bioselect.estimators.search import grid
from bioselect.exceptions import BundleError
from bioselect.registry import ComponentSpec, find_row
from bioselect.selection.fitting import collected_warnings, one_line

#: Toy rows of each class, a dozen for two, and for numbers. Few features: what is built of them
#: then (the tree of a neighbours classifier, say) is what is hardest to keep.
ROWS_PER_CLASS = 6
N_FEATURES = 4


def check_keepable(
    estimators: Sequence[ComponentSpec], dataset: ImageDataset, seed: int, base_dir: Path | None
) -> list[Finding]:
    """Stop before the work when an estimator, once trained, could not be written into a model.

    Each that is not built in is trained on a few toy rows, with as many classes as the images have,
    or with numbers. Returns a warning for each that raises at that: it may need more rows, and the
    study will tell.

    Raises
    ------
    BundleError
        If one cannot be kept; a line for each says what is in the way.
    """
    kind = "regressor" if dataset.is_values else "classifier"
    create = create_regressor if dataset.is_values else create_classifier
    rows, targets = _toy_rows(dataset)
    findings, problems = [], []
    for spec in estimators:
        if find_row(kind, spec.name, base_dir).provider == "bioselect":
            continue
        _, first = next(grid(spec))
        estimator = create(first, seed, base_dir)
        try:
            with collected_warnings([]):
                estimator.fit(rows, targets)
        except Exception as error:  # Anybody's own may raise anything.
            findings.append(_untried(kind, spec, len(rows), error))
            continue
        try:
            dump_estimator(estimator, MadeOf(spec.name, kind=kind), base_dir)
        except BundleError as error:
            problems.append(str(error))
    if problems:
        raise BundleError("\n".join(problems))
    return findings


def _toy_rows(dataset: ImageDataset) -> tuple[np.ndarray, np.ndarray]:
    """Return rows ``(n_rows, N_FEATURES)`` and their targets; of labels yes and no."""
    n_classes = len(dataset.class_names)
    if dataset.is_values or dataset.is_multilabel:
        n_classes = 2
    targets: np.ndarray = np.tile(np.arange(n_classes), ROWS_PER_CLASS)
    if dataset.is_values:
        targets = np.arange(len(targets), dtype=np.float64)
    noise = np.random.default_rng(0).normal(size=(len(targets), N_FEATURES))
    return noise + targets[:, None], targets


def _untried(kind: str, spec: ComponentSpec, n_rows: int, error: Exception) -> Finding:
    reason = one_line(f"{type(error).__name__}: {error}")
    return Finding(
        WARNING,
        "",
        f"{kind} {spec.label}: whether its model can be kept is not known, because it cannot "
        f"be trained on {n_rows} toy rows of {N_FEATURES} features ({reason}).",
        f"Try it with `bioselect components {kind} --check {spec.name}`.",
    )
