"""The table of built-in metrics: names and what they mean. Data only."""

from __future__ import annotations

from collections.abc import Mapping

from bioselect.registry import ComponentRow

_SUMMARIES = {
    "accuracy": "share of images classified rightly",
    "balanced_accuracy": "mean of the recalls of the classes: rare ones count as much",
    "f1_macro": "mean over classes of the harmonic mean of precision and recall",
    "f1_weighted": "as f1_macro, weighted by the images of each class",
    "precision_macro": "mean over classes: how often a prediction of the class is right",
    "recall_macro": "mean over classes: how much of the class is found (as balanced_accuracy)",
    "matthews_corrcoef": "correlation of true and predicted classes, -1 to 1",
    "cohen_kappa": "agreement beyond chance, at most 1",
    "roc_auc": "chance that an image of a class gets a higher score than one of the others",
    "average_precision": "precision averaged over the recalls reached, ordered by score",
    "log_loss": "mean surprise at the true class; punishes false certainty; lower is better",
    "brier": "squared error of the probabilities over all classes, 0 to 2; lower is better",
}

_REFERENCES = {
    "matthews_corrcoef": "Gorodkin (2004), Computational Biology and Chemistry 28, 367-374",
    "cohen_kappa": "Cohen (1960), Educational and Psychological Measurement 20, 37-46",
    "roc_auc": "Hanley and McNeil (1982), Radiology 143, 29-36",
    "brier": "Brier (1950), Monthly Weather Review 78, 1-3",
}

METRICS: Mapping[str, ComponentRow] = {
    name: ComponentRow(
        name=name,
        target=f"bioselect.metrics.classification:{name}",
        summary=summary,
        reference=_REFERENCES.get(name, ""),
    )
    for name, summary in _SUMMARIES.items()
}
