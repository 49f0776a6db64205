"""Which images a model leaves to a person, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bioselect.bundle.novelty import reason_of
from bioselect.bundle.reading import Model
from bioselect.exceptions import BundleError
from bioselect.predict.files import Prediction


def check_can_abstain(model: Model) -> None:
    """Refuse a model that does not know which classes cannot be ruled out.

    Raises
    ------
    BundleError
        With the reason.
    """
    if model.sets is not None:
        return
    must = "abstain: must go with a model that has prediction sets. Got one "
    if model.number is not None:
        raise BundleError(
            f"{must}that predicts {model.number.in_words}. Leave it out, and look at low and high."
        )
    if model.manifest.labels is not None:
        raise BundleError(
            f"{must}of several labels an image. Leave it out, and look at the probabilities."
        )
    raise BundleError(
        f"{must}without: it was made by an earlier version, of too few images, or with "
        "bundle.coverage: null. Leave it out, or run its study again."
    )


def reasons_against(item: Prediction) -> tuple[str, ...]:
    """Return why a person is to look at an image; none where its prediction can stand.

    Examples
    --------
    >>> reasons_against(Prediction("a.png", "round", None, "", possible=("round", "spiky")))
    ('2 classes cannot be ruled out',)
    >>> reasons_against(Prediction("a.png", "round", None, "", possible=("round",)))
    ()
    >>> reasons_against(Prediction("a.png", "round", None, "", possible=("round",), novelty=1.5))
    ('unlike the training images',)
    >>> far = "far from the training: age 560; in training mostly 20 to 80"
    >>> reasons_against(Prediction("line 3", "ill", None, "", possible=("ill",), strange=far))
    ('far from the training: age 560; in training mostly 20 to 80',)
    """
    reasons = [reason_of(item.novelty), item.strange]
    if len(item.possible) > 1:
        reasons.append(f"{len(item.possible)} classes cannot be ruled out")
    return tuple(filter(None, reasons))


def abstaining(predictions: Iterable[Prediction]) -> Iterator[Prediction]:
    """Yield predictions, without the class where there are reasons for a person to look."""
    for item in predictions:
        reasons = () if item.error else reasons_against(item)
        if reasons:
            yield replace(item, prediction="", names=(), reasons=reasons)
        else:
            yield item
