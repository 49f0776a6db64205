"""Names of components without their parameters, where that leaves no two alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bioselect.report.results import RunResults


def short_names(results: RunResults) -> dict[str, str]:
    """Return what extractors and estimators of a run are called in its report, by their labels."""
    names: dict[str, str] = {}
    for kind in ("extractor", "estimator"):
        names.update(shortest(row[kind] for row in results.ranking))
    return names


def shortest(labels: Iterable[str]) -> dict[str, str]:
    """Return labels without parameters, with them where two would be the same.

    Examples
    --------
    >>> shortest(["unet(depth=4)", "otsu"])
    {'unet(depth=4)': 'unet', 'otsu': 'otsu'}
    >>> shortest(["svm(C=1)", "svm(C=9)", "knn(k=3)"])
    {'svm(C=1)': 'svm(C=1)', 'svm(C=9)': 'svm(C=9)', 'knn(k=3)': 'knn'}
    """
    unique = list(dict.fromkeys(labels))
    bare = [label.partition("(")[0] for label in unique]
    return {
        label: name if bare.count(name) == 1 else label
        for label, name in zip(unique, bare, strict=True)
    }


def with_short_names(words: str, names: Mapping[str, str]) -> str:
    """Return sentences with the short names, the longest labels replaced first.

    Examples
    --------
    >>> with_short_names("use hog + svm(C=1, gamma=2)", {"svm(C=1, gamma=2)": "svm"})
    'use hog + svm'
    """
    for label in sorted(names, key=len, reverse=True):
        if "(" in label:
            words = words.replace(label, names[label])
    return words
