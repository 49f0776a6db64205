"""The targets of a data set in words: classes, or any number of labels an image."""

from __future__ import annotations

from collections import Counter

from bioselect.data.records import ImageDataset

#: So many classes are told of; a run writes all.
N_TOLD = 20


def counts_in_words(dataset: ImageDataset) -> str:
    """Return how many images there are of each class, or with each label."""
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
