"""What is said beforehand of an estimator whose training takes long or much memory."""

from __future__ import annotations

from collections.abc import Sequence

from bioselect.estimators.training_cost import training_cost
from bioselect.progress import duration_in_words
from bioselect.registry import ComponentSpec
from bioselect.storage import BYTES_PER_GIGABYTE

#: From so many training images on it is said: a fit takes 20 seconds, and 0.2 GB.
MANY_IMAGES = 2000
#: They learn curved surfaces too, from as many images in a fraction of the time.
_INSTEAD = "svr or gradient_boosting"


def slow_training_in_words(
    estimators: Sequence[ComponentSpec], n_train: Sequence[int], n_extractors: int
) -> list[str]:
    """Return a line for each estimator that has too much to learn from.

    Parameters
    ----------
    estimators : sequence of ComponentSpec
        Regressors, or classifiers.
    n_train : sequence of int
        How many images each fold trains on, and the exported model.
    n_extractors : int
        On the rows of each of these it is trained.

    Examples
    --------
    >>> slow = ComponentSpec("gaussian_process")
    >>> print(slow_training_in_words([slow], [4000] * 10 + [5000], n_extractors=1)[0])
    gaussian_process: its time grows with the cube of the training images: about 2 min 21 s for a \
fit on 4000, 28 min 3 s for all folds on one core, and 1 GB of memory in each process. Take it \
out, or write fewer folds, repeats or splits; svr or gradient_boosting learn curved surfaces too, \
in a fraction of that.
    """
    lines = []
    for spec in estimators:
        fits = [cost for cost in (training_cost(spec, n) for n in n_train) if cost is not None]
        largest = max(n_train)
        if not fits or largest < MANY_IMAGES:
            continue
        total = n_extractors * sum(cost.seconds for cost in fits)
        lines.append(
            f"{spec.label}: its time grows with the cube of the training images: about "
            f"{duration_in_words(fits[0].seconds)} for a fit on {n_train[0]}, "
            f"{duration_in_words(total)} for all folds on one core, and "
            f"{max(cost.bytes for cost in fits) / BYTES_PER_GIGABYTE:.2g} GB of memory in each "
            "process. Take it out, or write fewer folds, repeats or splits; "
            f"{_INSTEAD} learn curved surfaces too, in a fraction of that."
        )
    return lines
