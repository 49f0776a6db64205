"""What prediction sets are worth, for somebody who knows no statistics."""

from __future__ import annotations

from collections.abc import Sequence

from bioselect.selection.interval_words import percent
from bioselect.selection.model_sets import MeasuredSets, ModelSets

#: Where not one prediction in so many is wrong, it would be said that all are right.
_ALL = 0.9995
#: With fewer than so many times the units that are needed, nearly the worst of all counts.
_FEW = 2
NOT_OF_LABELS = (
    "There are no prediction sets (bundle.coverage): they are made for images of one class each, "
    "and these may have several labels."
)
_LISTED = 6


def set_words(found: ModelSets, class_names: Sequence[str], label: str, noun: str = "image") -> str:
    """Return a paragraph on the prediction sets of the exported model.

    Parameters
    ----------
    found : ModelSets
        What was made and measured.
    class_names : sequence of str
        In the order of the probabilities.
    label : str
        Of the exported candidate.
    noun : str
        What has a class: an image, or the row of a table.

    Examples
    --------
    >>> words = set_words(ModelSets(None, (), None, 0.9, 6, 9), ["a", "b"], "lbp + lda")
    >>> "at least 9 independent images or groups, and there are 6" in words
    True
    """
    question = f"Which classes cannot be ruled out ({label})?"
    if found.sets is None:
        return (
            f"{question} That is not known: prediction sets need at least {found.n_needed} "
            f"independent {noun}s or groups, and there are {found.n_units} (bundle.coverage)."
        )
    sentences = [
        question,
        f"With each prediction comes a set of classes that is to hold the true one for "
        f"{percent(found.level)} of new {noun}s of each class; the predicted class is always in "
        "it.",
        *_shared(found, class_names, noun),
        *_measured(found, noun),
        f"That holds on average over {noun}s like these, approximately, and not for every kind of "
        f"{noun} alike.",
    ]
    return " ".join(sentences)


def _shared(found: ModelSets, class_names: Sequence[str], noun: str) -> list[str]:
    if not found.shared:
        return []
    names = [class_names[place] for place in found.shared]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return [
        f"With fewer than {found.n_needed} independent {noun}s or groups a class has no border of "
        f"its own: of {', '.join(names[:_LISTED])}{more} together, which share one, it holds on "
        "average."
    ]


def _measured(found: ModelSets, noun: str) -> list[str]:
    if found.measured is None:
        return ["How often the sets hold could not be measured: there are too few for that."]
    of, sentences = found.measured, [measured_words(found.measured, found.level, noun)]
    if found.n_units < _FEW * found.n_needed and of.single < _ALL:
        sentences.append(
            f"With {found.n_units} independent {noun}s or groups sets are larger than need be."
        )
    if of.right >= found.level and of.single > _ALL:
        return [
            *sentences,
            f"The predicted class alone is right that often ({percent(of.right)}), so sets of "
            f"this level single out no {noun}; a higher one would (bundle.coverage: "
            f"{_higher(of.right):g}).",
        ]
    if of.right_if_single is None:
        return [*sentences, "No set was one class alone."]
    return [
        *sentences,
        f"Of the {noun}s with one class in their set ({percent(of.single)}), "
        f"{percent(of.right_if_single)} were predicted right, of all {percent(of.right)}; "
        "`predict --abstain` leaves the others to a person.",
    ]


def _higher(right: float) -> float:
    return 0.95 if right < 0.95 else 0.99


def measured_words(found: MeasuredSets, level: float, noun: str = "image") -> str:
    """Say how often sets held the true class and how many classes were in them.

    Examples
    --------
    >>> found = MeasuredSets(0.914, (0.88, 0.95), 1.12, 0.9, 0.97, 0.9)
    >>> measured_words(found, 0.9)
    'On images that they were not made from, 90 % sets held the true class for 91.4 % of images \
(by class 88 to 95 %); 1.12 classes on average.'
    """
    known = [one for one in found.of_classes if one is not None]
    lowest, highest = percent(min(known)).removesuffix(" %"), percent(max(known))
    between = highest if lowest == highest.removesuffix(" %") else f"{lowest} to {highest}"
    return (
        f"On {noun}s that they were not made from, {percent(level)} sets held the true class for "
        f"{percent(found.coverage)} of {noun}s (by class {between}); "
        f"{found.mean_size:.2f} classes on average."
    )
