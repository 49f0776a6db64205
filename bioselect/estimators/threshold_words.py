"""Where two classes are divided, and by what that was chosen, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bioselect.estimators.threshold_rule import ThresholdRule

#: In `chosen`: the probability of the second class from which an image is called so.
DECISION_THRESHOLD = "decision_threshold"

_HIGHEST = {
    "balanced_accuracy": "the highest balanced accuracy",
    "youden": "the highest index of Youden (sensitivity + specificity - 1)",
    "f1_macro": "the highest mean F1 of both classes",
}
#: Of labels, of which an image may have several.
_OF_A_LABEL = {
    **_HIGHEST,
    "f1_macro": "the highest mean F1 of having the label and of not having it",
    "f1": "the highest F1",
}


def threshold_words(
    params: Mapping[str, Any], chosen: Mapping[str, Any], class_names: Sequence[str]
) -> str:
    """Return a paragraph on the border of a trained classifier; nothing if it is one half.

    Parameters
    ----------
    params, chosen : mapping
        Parameters of the classifier, with `threshold` after `with_places`, and what was chosen in
        training.
    class_names : sequence of str
        The classes or labels.

    Examples
    --------
    >>> threshold_words({"threshold": "youden"}, {"decision_threshold": 0.2}, "ab")[:46]
    'An image is called b from 0.2 on (and a below)'
    """
    if DECISION_THRESHOLD not in chosen:
        return ""
    rule = ThresholdRule.of(params.get("threshold", chosen.get("threshold")))
    if isinstance(chosen[DECISION_THRESHOLD], list):
        return _of_labels(rule, chosen[DECISION_THRESHOLD], class_names)
    second = float(chosen[DECISION_THRESHOLD])
    border = second if rule.place == 1 else 1.0 - second
    positive, other = class_names[rule.place], class_names[1 - rule.place]
    return (
        f"An image is called {positive} from {border:.3g} on (and {other} below): this border, on "
        f"the classifier's own scale, was chosen on the training images for {_aim(rule, positive)}"
        ". The probabilities given are moved so that one half is the border: they agree with the "
        "predicted class and keep the order of the images."
    )


def _of_labels(rule: ThresholdRule, borders: Sequence[float | None], names: Sequence[str]) -> str:
    of_each = ", ".join(
        f"{name} from {border:.3g} on"
        for name, border in zip(names, borders, strict=True)
        if border is not None
    )
    return (
        f"An image is said to have {of_each}: these borders, on the classifier's own scale, were "
        f"chosen on the training images for {_OF_A_LABEL[rule.criterion]}, label by label. The "
        "probabilities given are moved so that one half is the border of each label, and keep the "
        "order of the images."
    )


def _aim(rule: ThresholdRule, positive: str) -> str:
    asked = f"{rule.at_least:.3g}"
    if rule.criterion == "sensitivity":
        return f"a sensitivity of at least {asked} (the share of {positive} that is found)"
    if rule.criterion == "specificity":
        return f"a specificity of at least {asked} (the share of the others not called {positive})"
    return _HIGHEST.get(rule.criterion, f"the highest {rule.criterion} of {positive}")
