"""`card.md` of a bundle: what the model is, what to expect of it, where its limits are."""

from __future__ import annotations

from typing import Any

from bioselect.data.targets import counted
from bioselect.estimators.kept_rows import names_that_hold_rows
from bioselect.estimators.threshold_words import DECISION_THRESHOLD, threshold_words
from bioselect.selection.chosen import as_text
from bioselect.workflows.class_table import class_table_markdown
from bioselect.workflows.judgement import Judged
from bioselect.workflows.number_table import number_table_markdown
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.targets import values_in_words
from bioselect.workflows.trained_network import training_words

#: What the columns of the table in the card mean.
OF_CLASSES = (
    "Recall is the share of the images of a class that is found, precision the share of right ones "
    "among those that are called so; F1 is the harmonic mean of both."
)
OF_LABELS = (
    "An image may have several labels, or none; it is said to have a label whose probability is "
    "above one half. Recall is the share of the images with a label that is found, precision the "
    "share of right ones among those said to have it; F1 is the harmonic mean of both. ROC AUC is "
    "the chance that an image with the label gets a higher probability of it than one without."
)


LIMITS = (
    "## Limits\n\n"
    "The figures hold for images like those it was trained on. Check it on images from "
    "elsewhere with `bioselect evaluate` before relying on it. Not a medical device.\n"
)


def is_ensemble(judged: Judged) -> bool:
    """Tell whether the exported model is the mean of several."""
    return judged.ensemble is not None and judged.exported == judged.ensemble.candidate


def counts_of(inputs: StudyInputs) -> dict[str, int]:
    """Return how many images are of each class, or have each label."""
    names = inputs.dataset.class_names
    counts = counted(inputs.dataset.targets(), len(names)).tolist()
    return dict(zip(names, counts, strict=True))


def own_score(judged: Judged) -> str:
    """Return the score of the exported model where that is not the best combination."""
    about = judged.verdict.honest_score.of
    if judged.exported.label == about:
        return ""
    row = next(
        row
        for row in judged.verdict.ranking
        if f"{row.extractor} + {row.estimator}" == judged.exported.label
    )
    between = ""
    if row.ci_low is not None and row.ci_high is not None:
        between = f" (95 % interval {row.ci_low:.3f} to {row.ci_high:.3f})"
    return (
        f"This model is {judged.exported.label}: {row.mean:.3f}{between} {judged.place_of_scores}. "
        f"What is expected of new images, below, is about {about}, the best combination.\n\n"
    )


def _threshold_section(inputs: StudyInputs, judged: Judged, chosen: dict[str, Any]) -> str:
    """Say where two classes are divided; of an ensemble, member by member."""
    names = inputs.dataset.class_names
    if judged.ensemble is None or not is_ensemble(judged):
        words = threshold_words(judged.exported.estimator.params_dict, chosen, names)
        return f"## Threshold\n\n{words}\n\n" if words else ""
    of_members = []
    for member in judged.ensemble.members:
        start = f"{member.label}: "
        own = {key.removeprefix(start): chosen[key] for key in chosen if key.startswith(start)}
        if words := threshold_words(member.estimator.params_dict, own, names):
            of_members.append(f"- {member.label}: {words}\n")
    if not of_members:
        return ""
    return (
        f"## Thresholds\n\n{''.join(of_members)}\nThe model gives the mean of the probabilities of "
        "its members, after these are moved: one half is the border of the mean too.\n\n"
    )


def _held_rows(inputs: StudyInputs, judged: Judged) -> str:
    """Say that rows of the training lie in the model, where they do."""
    specs = [judged.exported.estimator]
    if judged.ensemble is not None and is_ensemble(judged):
        specs = [member.estimator for member in judged.ensemble.members]
    names = [] if judged.exported.is_network else names_that_hold_rows(specs)
    if not names:
        return ""
    what = "the features (not the pixels) of images it was trained on"
    if inputs.columns is not None:
        what = f"{what}, and their columns of the table"
        if inputs.config.dataset.is_columns:
            what = "rows of the table it was trained on (scaled, which can be undone)"
    compares = "predicts" if len(names) == 1 else "predict"
    return (
        f"## What this file holds\n\n**This model holds {what}**: {' and '.join(names)} {compares} "
        "by comparing with them. Whoever gets the file can read them. Do not hand it out where "
        "they are confidential.\n\n"
    )


def model_card(
    inputs: StudyInputs, judged: Judged, chosen: dict[str, Any], remembered: str = ""
) -> str:
    """Return the text of `card.md`: what the model is, how good, and where its limits are.

    `remembered` is its section about the training images.
    """
    is_network = judged.exported.is_network
    how = f" {training_words(inputs, judged)}" if is_network else _found(chosen)
    if inputs.dataset.is_values:
        return _card_of_numbers(inputs, judged, how, remembered)
    classes = "\n".join(f"- {name}: {count} images" for name, count in counts_of(inputs).items())
    title, what, meaning = ("Classes", "Class by class", OF_CLASSES)
    if inputs.dataset.is_multilabel:
        title, what, meaning = ("Labels", "Label by label", OF_LABELS)
    return (
        f"# {judged.exported.label}\n\n"
        f"A classifier of images, chosen and trained by bioselect.{how}\n\n"
        f"## {title}\n\n{classes}\n\n"
        f"## What to expect\n\n{own_score(judged)}{judged.verdict.in_words}\n\n"
        f"## {what}\n\n{class_table_markdown(judged, inputs.dataset.class_names)}\n{meaning}\n\n"
        f"{_threshold_section(inputs, judged, chosen)}"
        f"## Probabilities\n\n{judged.reliability}\n\n"
        f"{_sets_section(judged)}"
        f"{_held_rows(inputs, judged)}"
        f"{remembered}{LIMITS}"
    )


def _sets_section(judged: Judged) -> str:
    return f"## Prediction sets\n\n{judged.sets_in_words}\n\n" if judged.sets_in_words else ""


def _card_of_numbers(inputs: StudyInputs, judged: Judged, how: str, remembered: str) -> str:
    values = inputs.dataset.values()
    range_words = values_in_words(inputs.dataset.target_name, values, inputs.unit)
    intervals = f"## Intervals\n\n{judged.reliability}\n\n" if judged.reliability else ""
    return (
        f"# {judged.exported.label}\n\n"
        f"A regressor of images, chosen and trained by bioselect.{how}\n\n"
        f"## What it predicts\n\nA number: {range_words} ({len(values)} images). Predictions far "
        "outside of this range are not backed by any image it has seen.\n\n"
        f"## What to expect\n\n{own_score(judged)}{judged.verdict.in_words}\n\n"
        f"## In figures\n\n{number_table_markdown(judged, inputs.unit)}\n"
        f"{intervals}"
        f"{_held_rows(inputs, judged)}"
        f"{remembered}{LIMITS}"
    )


def _found(chosen: dict[str, Any]) -> str:
    """Say which values the search on all images chose."""
    # Where two classes are divided has a section of its own.
    searched = {
        name: value
        for name, value in chosen.items()
        if name.rpartition(": ")[2] != DECISION_THRESHOLD
    }
    if not searched:
        return ""
    values = ", ".join(f"{name} = {as_text(value)}" for name, value in searched.items())
    return f" Its search, repeated on all images, chose {values}."
