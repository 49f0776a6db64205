"""What competes: a representation of the images together with an estimator."""

from __future__ import annotations

from dataclasses import dataclass

from bioselect.registry import ComponentSpec

#: Stands for the extractor where a network takes the images themselves.
IMAGES = ComponentSpec("images")


@dataclass(frozen=True)
class Candidate:
    """One extractor with one estimator.

    Examples
    --------
    >>> Candidate(ComponentSpec("hog"), ComponentSpec.of("svm", {"C": 1})).label
    'hog + svm(C=1)'
    """

    extractor: ComponentSpec
    estimator: ComponentSpec

    @property
    def label(self) -> str:
        """What people read in tables and messages."""
        return f"{self.extractor.label} + {self.estimator.label}"

    @property
    def is_network(self) -> bool:
        """Whether it is a network that is trained from pixels.

        Examples
        --------
        >>> Candidate(IMAGES, ComponentSpec("small_cnn")).is_network
        True
        >>> Candidate(IMAGES, ComponentSpec("dummy")).is_network
        False
        """
        return self.extractor == IMAGES and self.estimator.name != "dummy"


def pairings(
    extractors: tuple[ComponentSpec, ...] | list[ComponentSpec],
    estimators: tuple[ComponentSpec, ...] | list[ComponentSpec],
) -> list[Candidate]:
    """Return every extractor with every estimator, in the order they were written.

    Examples
    --------
    >>> specs = [ComponentSpec("lda"), ComponentSpec("svm")]
    >>> [candidate.label for candidate in pairings([ComponentSpec("hog")], specs)]
    ['hog + lda', 'hog + svm']
    """
    return [Candidate(extractor, estimator) for extractor in extractors for estimator in estimators]
