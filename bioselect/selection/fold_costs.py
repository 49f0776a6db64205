"""How long a fold of a candidate takes: measured where one was done, reckoned where none was.

Nothing here decides a result by itself. A plan that rests on these seconds is written down before
it is followed, so that a second run follows it whatever its own seconds are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from bioselect.estimators.search_plan import relative_cost
from bioselect.estimators.training_cost import training_cost
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult

#: Of somebody's own classifier nobody knows; it is taken for one of the slow ones.
_LIKE_UNKNOWN = "random_forest"


def _quick(n: float, d: float, k: float) -> float:
    return 0.002 + 2e-8 * n**2 + 3e-11 * n**2 * d


#: Seconds of one fold on one core of a laptop, fitted to measurements from 160 to 2,500 images, 40
#: to 1,500 features, 2 and 8 classes: right within a factor of two. Those that are not named
#: are quick once rows are scaled and inner products known.
_SECONDS: Mapping[str, Callable[[float, float, float], float]] = {
    "dummy": lambda n, d, k: 0.001,
    "mlp": lambda n, d, k: 0.02 + n * (1e-4 + 1.5e-7 * d),
    "extra_trees": lambda n, d, k: 0.12 + 1.6e-5 * n * math.sqrt(d),
    "random_forest": lambda n, d, k: 0.15 + 5.6e-5 * n * math.sqrt(d),
    "gradient_boosting": lambda n, d, k: 0.02 + 1.5e-4 * d * (1 if k == 2 else k),
}
_QUICK = frozenset(
    {"logistic_regression", "linear_svm", "svm", "knn", "lda", "naive_bayes", "nearest_centroid"}
)
#: Of all images of a study so many are trained on, in most designs.
_TRAINED_SHARE = 0.8


def reckoned_seconds(spec: ComponentSpec, n_images: int, n_features: int, n_classes: int) -> float:
    """Return about how long one fold of a classifier takes on one core, in seconds.

    Examples
    --------
    >>> forest = reckoned_seconds(ComponentSpec("random_forest"), 800, 1500, 2)
    >>> quick = reckoned_seconds(ComponentSpec("svm"), 800, 1500, 2)
    >>> round(forest, 1), round(quick, 2)
    (1.9, 0.04)
    """
    if (cost := training_cost(spec, round(_TRAINED_SHARE * n_images))) is not None:
        return 0.05 + cost.seconds
    name = spec.name if spec.name in _SECONDS or spec.name in _QUICK else _LIKE_UNKNOWN
    once = _SECONDS.get(name, _quick)(n_images, n_features, n_classes)
    return once * relative_cost(spec)


class FoldCosts:
    """Seconds of a fold, learnt from the folds that were done.

    Parameters
    ----------
    n_images, n_classes : int
        Of the study.
    n_models : int
        Models that a classifier consists of, one for each label where an image may have several.

    Examples
    --------
    >>> costs = FoldCosts(n_images=100, n_classes=2)
    >>> on_hog, on_lbp = (Candidate(ComponentSpec(n), ComponentSpec("svm")) for n in ("hog", "lbp"))
    >>> costs.learn([FoldResult(on_hog, 0, 0, None, fit_seconds=3.0, predict_seconds=1.0)], 50)
    >>> costs.seconds(on_hog, n_features=50), costs.seconds(on_lbp, n_features=50)
    (4.0, 4.0)
    """

    def __init__(self, n_images: int, n_classes: int, n_models: int = 1) -> None:
        self.n_images = n_images
        self.n_models = n_models
        self.n_classes = n_classes
        self._measured: dict[Candidate, list[float]] = {}
        self._ratios: dict[ComponentSpec, list[float]] = {}

    def learn(self, results: Sequence[FoldResult], n_features: int) -> None:
        """Take note of folds that were done on rows of so many features."""
        for result in results:
            if result.error:
                continue
            seconds = result.fit_seconds + result.predict_seconds
            self._measured.setdefault(result.candidate, []).append(seconds)
            ratio = seconds / self._reckoned(result.candidate, n_features)
            self._ratios.setdefault(result.candidate.estimator, []).append(ratio)

    def knows(self, estimator: ComponentSpec) -> bool:
        """Tell whether a fold of a classifier was done, on whatever features."""
        return estimator in self._ratios

    def seconds(self, candidate: Candidate, n_features: int) -> float:
        """Return how long one fold of a candidate takes on one core.

        Its own folds count; without any, those of the same classifier on other features; without
        these, how fast all the others were on this machine.
        """
        own = self._measured.get(candidate)
        if own:
            return sum(own) / len(own)
        ratios = self._ratios.get(candidate.estimator)
        if ratios is None:
            # The dummy does nothing: what its folds take tells of no work.
            others = {spec: some for spec, some in self._ratios.items() if spec.name != "dummy"}
            ratios = [median(some) for some in others.values()] or [1.0]
        return self._reckoned(candidate, n_features) * median(ratios)

    def _reckoned(self, candidate: Candidate, n_features: int) -> float:
        once = reckoned_seconds(
            candidate.estimator, self.n_images, max(1, n_features), self.n_classes
        )
        return self.n_models * once
