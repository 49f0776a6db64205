"""What a candidate of a run is called in sentences, and in comparisons.csv."""

from __future__ import annotations

from bioselect.report.results import RunResults
from bioselect.report.short_names import short_names, with_short_names
from bioselect.selection.outcome import joint_label


def candidate_label(results: RunResults, extractor: str, estimator: str) -> str:
    """Return both names in one; what learns masks from pixels has no extractor."""
    return joint_label("" if results.task == "segmentation" else extractor, estimator)


def short_label(results: RunResults, extractor: str, estimator: str) -> str:
    """Return the same without parameters, where that leaves no two alike."""
    return with_short_names(candidate_label(results, extractor, estimator), short_names(results))
