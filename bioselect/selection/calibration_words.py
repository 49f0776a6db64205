"""How far the percentages of the model can be believed, for somebody who knows no statistics."""

from __future__ import annotations

from dataclasses import dataclass

from bioselect.estimators.calibration import NONE
from bioselect.selection.calibrating import FEWEST_OF_CLASS, CalibratedModel
from bioselect.selection.reliability import SURE, Reliability

#: With fewer images, a share of them says little.
ENOUGH_TO_SAY = 10
#: Nearer to one than this a share is one.
ROUNDING = 1e-9


@dataclass(frozen=True)
class _What:
    """What probabilities are given to, in words."""

    singular: str
    plural: str
    given: str
    of_all: str
    predicted: str


IMAGES = _What("image", "images", "the class it chose", "the images", "class")
#: Of several labels an image.
ANSWERS = _What(
    "answer", "answers", "its answers, whether an image has a label or not,", "them", "label"
)


def reliability_words(
    model: CalibratedModel, label: str, where: str = "in cross-validation"
) -> str:
    """Return a paragraph on the probabilities of the exported model.

    Parameters
    ----------
    model : CalibratedModel
        What was measured.
    label : str
        Of the exported candidate.
    where : str
        Where the predictions come from that this rests on.
    """
    what = ANSWERS if model.of_labels else IMAGES
    sentences = [f"Can its percentages be believed ({label})?", _before(model.before, where, what)]
    used = model.calibration.method != NONE
    if used and model.after is not None:
        sentences += [_after(model.after, what), _figures(model.before, model.after)]
        sentences.append(
            f"The model gives the calibrated ones ({model.tried}; measured on images that the "
            f"calibration had not seen). Calibration changes no predicted {what.predicted}; the "
            "scores in the tables are those before it."
        )
        return " ".join(sentences)
    sentences.append(_figures(model.before, None))
    if model.tried == NONE:
        sentences.append("They are not calibrated (bundle.calibration: none).")
    elif model.after is None:
        sentences.append(
            "They are not calibrated: whether that helps can only be measured from "
            f"{FEWEST_OF_CLASS} independent images or groups of each class on."
        )
    else:
        sentences.append(
            f"They are left as they are: calibration ({model.tried}) was tried, and did not "
            f"improve them on images that it had not seen (log loss {model.after.log_loss:.2f})."
        )
    return " ".join(sentences)


def _before(found: Reliability, where: str, what: _What) -> str:
    overall = (
        f"{where[:1].upper()}{where[1:]} it gave {what.given} {_percent(found.said)} on "
        f"average, and {_percent(found.right)} of {what.of_all} were right."
    )
    sure = found.sure
    if sure is None or sure.n_images < ENOUGH_TO_SAY:
        return overall
    return (
        f"{overall} Of the {sure.n_images:.0f} {what.plural} given {_percent(SURE)} or more "
        f"({_percent(sure.said)} on average), {_percent(sure.right)} were right."
    )


def _after(found: Reliability, what: _What) -> str:
    text = f"After calibration it gives {_percent(found.said)} on average"
    sure = found.sure
    if sure is None:
        return f"{text}, and no {what.singular} {_percent(SURE)} or more."
    if sure.n_images < ENOUGH_TO_SAY:
        return f"{text}, and hardly any {what.singular} {_percent(SURE)} or more."
    return (
        f"{text}; of the {sure.n_images:.0f} {what.plural} given {_percent(SURE)} or more "
        f"({_percent(sure.said)} on average), {_percent(sure.right)} were right."
    )


def _figures(before: Reliability, after: Reliability | None) -> str:
    pairs = [
        ("log loss", before.log_loss, after and after.log_loss),
        (
            "expected calibration error",
            before.expected_calibration_error,
            after and after.expected_calibration_error,
        ),
        ("Brier score", before.brier, after and after.brier),
    ]
    texts = [
        f"{name} {old:.3f}" if new is None else f"{name} {old:.3f}, then {new:.3f}"
        for name, old, new in pairs
    ]
    return f"In figures (lower is better): {'; '.join(texts)}."


def _percent(share: float) -> str:
    """Return a share in whole per cent, but never a rounded 0 or 100.

    Examples
    --------
    >>> _percent(0.843), _percent(0.9996), _percent(1.0), _percent(1.0 - 1e-16)
    ('84 %', 'over 99 %', '100 %', '100 %')
    """
    # A mean of ones may be a rounding error away from one.
    if 0.995 <= share < 1.0 - ROUNDING:
        return "over 99 %"
    if 0.0 < share < 0.005:
        return "under 1 %"
    return f"{share:.0%}".replace("%", " %")
