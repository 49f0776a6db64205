"""How many images there are of each class, or with each label."""

from __future__ import annotations

from collections import Counter

from bioselect.report.results import RunResults


def target_counts(results: RunResults) -> tuple[list[tuple[str, int]], str]:
    """Return the counts, the most frequent first, and what stands behind them.

    Of several labels an image has, each counts.
    """
    predictions = results.predictions
    if predictions is None or predictions.truth.ndim != 2:
        return Counter(row["target"] for row in results.images).most_common(), ""
    counts = dict(
        zip(
            predictions.class_names, predictions.truth.sum(axis=0).astype(int).tolist(), strict=True
        )
    )
    none = int((predictions.truth.sum(axis=1) == 0).sum())
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ordered, f"; several labels an image, {none} without any"
