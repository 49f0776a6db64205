"""What the exported candidate said of every image that it was not trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.data.targets import is_label_sets
from bioselect.report.candidate_label import short_label
from bioselect.report.results import RunResults

#: A study that divided its images once keeps the test part for this one score.
_ONE_SPLIT = "test part"


@dataclass(frozen=True, eq=False)
class ExportedPredictions:
    """Predictions of the exported candidate.

    Attributes
    ----------
    label : str
        What the candidate is called.
    probabilities : np.ndarray
        float64 ``(n_repeats, n_images, n_classes)``; NaN of an image that a repeat did not test.
    truth : np.ndarray
        Class places ``(n_images,)``, or 0 and 1 ``(n_images, n_labels)``.
    class_names : tuple of str
        Of the classes or labels.
    folds : np.ndarray
        ``(n_repeats, n_images)``, -1 where an image was not tested.
    where : str
        Which images these are, to stand behind the label in a sentence.
    noun : str
        What was predicted: image, or row of a table.
    """

    label: str
    probabilities: np.ndarray
    truth: np.ndarray
    class_names: tuple[str, ...]
    folds: np.ndarray
    where: str
    noun: str

    @property
    def has_label_sets(self) -> bool:
        """Whether images may have several labels."""
        return is_label_sets(self.truth)

    @property
    def n_repeats(self) -> int:
        """How often every image was predicted."""
        return len(self.probabilities)

    @property
    def rounds(self) -> str:
        """What the repeats are called: each of several random splits tests some images only."""
        return "splits" if (self.folds < 0).any() else "repeats"

    @property
    def n_tested(self) -> int:
        """How many images were tested at least once."""
        tested = np.isfinite(self.probabilities).all(axis=2).any(axis=0)
        return int(tested.sum())


def exported_predictions(results: RunResults) -> ExportedPredictions | None:
    """Return the predictions of classes or labels; None where there are none (numbers, masks)."""
    predictions = results.predictions
    if predictions is None or not predictions.class_names:
        return None
    found = predictions.of_candidates.get(results.exported)
    if found is None:
        return None
    folds = predictions.folds[: len(found)]
    if _is_one_split(results):
        # The test part was predicted too, but only by what was chosen, and after the choice.
        found = np.where((folds == 0)[..., None], found, np.nan)
    return ExportedPredictions(
        short_label(results, *results.exported),
        found,
        predictions.truth.astype(np.int64),
        predictions.class_names,
        folds,
        _where(results, folds),
        results.noun,
    )


def _is_one_split(results: RunResults) -> bool:
    return bool(results.study["honest_score"].get("method") == _ONE_SPLIT)


def _where(results: RunResults, folds: np.ndarray) -> str:
    if _is_one_split(results):
        return "on the validation part, on which the candidates were compared"
    where = f"on {results.noun}s it was not trained on"
    if len(folds) < 2:
        return where
    return f"{where}, mean of {len(folds)} {'splits' if (folds < 0).any() else 'repeats'}"
