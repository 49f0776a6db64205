"""The targets of a data set in words: classes, any number of labels an image, or numbers."""

from __future__ import annotations

from collections import Counter

import numpy as np

from bioselect.data.records import ImageDataset

#: So many classes are told of; a run writes all.
N_TOLD = 20


def counts_in_words(dataset: ImageDataset) -> str:
    """Return how many images there are of each class, or with each label; or how numbers lie."""
    if dataset.is_values:
        return values_in_words(dataset.target_name, dataset.values())
    if not dataset.is_multilabel:
        counts = Counter(record.target_text for record in dataset.records)
        told = dataset.class_names[:N_TOLD]
        n_more = len(dataset.class_names) - len(told)
        more = f" and {n_more} more classes" if n_more else ""
        return ", ".join(f"{name} {counts[name]}" for name in told) + more
    labels = dataset.label_matrix()
    named = ", ".join(
        f"{name} {count}"
        for name, count in zip(dataset.class_names, labels.sum(axis=0), strict=True)
    )
    n_none = int((labels.sum(axis=1) == 0).sum())
    return f"{named}, none of these {n_none}; {labels.sum(axis=1).mean():.2f} labels an image"


def values_in_words(name: str, values: np.ndarray, unit: str = "") -> str:
    """Return between which numbers values lie, with their mean and standard deviation.

    Examples
    --------
    >>> values_in_words("radius", np.array([7.0, 9.0, 14.0]), "um")
    'radius from 7 to 14 um, mean 10, standard deviation 3.61'
    >>> values_in_words("age (years)", np.array([7.0, 9.0]), "years")
    'age (years) from 7 to 9, mean 8, standard deviation 1.41'
    """
    spread = f", standard deviation {values.std(ddof=1):.3g}" if len(values) > 1 else ""
    behind = f" {unit}" if unit and unit not in name else ""
    return (
        f"{name} from {values.min():.4g} to {values.max():.4g}{behind}, mean {values.mean():.3g}"
        f"{spread}"
    )
