"""How many looks at an image its row holds: one, or one more for each augmented view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Looks:
    """Rows of the image and of `n_views` views side by side, all of one length.

    Classifiers are trained on each as an image of its own. `at_prediction` says whether the views
    of an image to be predicted count as well; what is said of all looks is then averaged.

    Examples
    --------
    >>> Looks(n_views=4).n_tested, Looks(n_views=4, at_prediction=True).n_tested
    (1, 5)
    """

    n_views: int = 0
    at_prediction: bool = False

    @property
    def n_rows(self) -> int:
        """How many rows stand side by side."""
        return 1 + self.n_views

    @property
    def n_tested(self) -> int:
        """How many of them are looked at in a prediction."""
        return self.n_rows if self.at_prediction else 1


ONE_LOOK = Looks()


def looks_of(extractor: Any) -> Looks:
    """Return the looks of any object that has `transform`."""
    looks = getattr(extractor, "looks", ONE_LOOK)
    return looks if isinstance(looks, Looks) else ONE_LOOK
