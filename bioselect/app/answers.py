"""Plain questions about a study, and what their answers change in the proposed configuration.

The configuration is text with comments that a person reads; an answer changes the one line that it
is about and leaves all others alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bioselect.app.refusal import RefusedError
from bioselect.config.duration import duration_problem
from bioselect.workflows.proposal.yaml_text import value

_GROUP = re.compile(r"^  (#?)group: (.*)$", re.MULTILINE)
_METRIC = re.compile(r"^  metric: (.*)$", re.MULTILINE)
_BUDGET = re.compile(r"^budget: (.*)\n", re.MULTILINE)
_OUTPUT = re.compile(r"^(?:# [^\n]*\n)?output: ", re.MULTILINE)
AS_FOUND, ALONE = "found", "alone"


@dataclass(frozen=True)
class Option:
    """One answer: what is sent, and what a person reads."""

    value: str
    label: str
    help: str = ""


@dataclass(frozen=True)
class Question:
    """A question with its answers, and the one that stands in the configuration now."""

    name: str
    text: str
    help: str
    options: tuple[Option, ...]
    chosen: str


def questions(text: str, kind: str, classes: Sequence[str]) -> list[Question]:
    """Return the questions that make sense for a proposed configuration.

    Parameters
    ----------
    text : str
        The configuration.
    kind : str
        What is learnt: classes, labels, values or masks.
    classes : sequence of str
        Their names.
    """
    asked = [_about_groups(text), _about_metric(text, kind, classes)]
    if kind != "masks":
        asked.append(_about_time(text))
    return [one for one in asked if one is not None]


def answered(text: str, name: str, answer: str) -> str:
    """Return the configuration with another answer to one question.

    Raises
    ------
    RefusedError
        If there is no such question, or the answer is none.
    """
    if name == "group":
        return _with_group(text, answer)
    if name == "metric":
        return _with_metric(text, answer)
    if name == "budget":
        return _with_budget(text, answer)
    raise RefusedError("There is no such question.", 404)


def _about_groups(text: str) -> Question | None:
    found = _GROUP.search(text)
    if found is None:
        return None
    options = [Option(ALONE, "Each image stands for itself")]
    sign, written = found.groups()
    if written != "null":
        options.insert(
            0,
            Option(AS_FOUND, "Some belong together, as was found", _group_in_words(text, written)),
        )
    return Question(
        "group",
        "Which images belong together?",
        "Several images of one patient, animal, slide or plate look alike. They must not be on "
        "both sides of a test, or scores are too good. If yours do and nothing was found, write "
        "it behind group: below, for example {level: 2} for a folder, {pattern: '^([^_]+)_'} for "
        "a part of the name, or the name of a table's column.",
        tuple(options),
        ALONE if sign or written == "null" else AS_FOUND,
    )


def _group_in_words(text: str, written: str) -> str:
    match = re.search(r"look like those of (\d[\d,]* groups[^.]*)\.", _joined_comments(text))
    return match[1] if match else written


def _joined_comments(text: str) -> str:
    lines = re.findall(r"^\s*# ?(.*)$", text, re.MULTILINE)
    return " ".join(" ".join(lines).split())


def _with_group(text: str, answer: str) -> str:
    if answer not in (AS_FOUND, ALONE):
        raise RefusedError("Which images belong together: choose one of the answers.")
    found = _GROUP.search(text)
    if found is None:
        return text
    written = found[2]
    if written == "null":
        return text
    sign = "#" if answer == ALONE else ""
    return f"{text[: found.start()]}  {sign}group: {written}{text[found.end() :]}"


def _metrics(kind: str, classes: Sequence[str]) -> list[Option]:
    if kind == "classes":
        one = [
            Option(
                value({"name": "recall", "params": {"positive": name}}),
                f"Not to miss {name}",
                f"The share of {name} that is found; false alarms cost nothing.",
            )
            for name in classes
        ]
        return [
            Option("balanced_accuracy", "Every class counts alike", "Also the rare ones."),
            Option("accuracy", "Every image counts alike", "Frequent classes count more."),
            Option("roc_auc", "A good order", "Whether the more likely image gets more percent."),
            *one[:12],
        ]
    if kind == "labels":
        return [
            Option("f1_macro", "Every label counts alike"),
            Option("f1_micro", "Every answer counts alike", "Frequent labels count more."),
        ]
    if kind == "values":
        return [
            Option("mae", "How far off predictions are on average"),
            Option("rmse", "Large errors count more"),
            Option("r2", "How much of the differences is explained"),
        ]
    return [Option("dice", "Overlap (Dice)"), Option("iou", "Overlap (IoU)")]


def _about_metric(text: str, kind: str, classes: Sequence[str]) -> Question | None:
    found = _METRIC.search(text)
    if found is None:
        return None
    options = _metrics(kind, classes)
    if found[1] not in [one.value for one in options]:
        options.insert(0, Option(found[1], f"As written below: {found[1]}"))
    return Question(
        "metric",
        "What matters most?",
        "By this score combinations are compared, and the model is chosen.",
        tuple(options),
        found[1],
    )


def _with_metric(text: str, answer: str) -> str:
    if "\n" in answer or not answer.strip():
        raise RefusedError("What matters most: choose one of the answers.")
    return _METRIC.sub(lambda _: f"  metric: {answer}", text, count=1)


def _about_time(text: str) -> Question:
    times = {"": "As long as it needs", "5min": "5 minutes", "20min": "20 minutes"}
    times |= {"1h": "An hour", "8h": "A night (8 hours)"}
    found = _BUDGET.search(text)
    chosen = found[1].strip() if found else ""
    if chosen not in times:
        times = {chosen: f"As written below: {chosen}", **times}
    return Question(
        "budget",
        "How long may it take?",
        "What does not fit is left out, and the results say so.",
        tuple(Option(one, words) for one, words in times.items()),
        chosen,
    )


def _with_budget(text: str, answer: str) -> str:
    if answer and (problem := duration_problem(answer)):
        raise RefusedError(f"How long it may take {problem}")
    without = _BUDGET.sub("", text)
    place = _OUTPUT.search(without)
    if not answer or place is None:
        return without
    return f"{without[: place.start()]}budget: {answer}\n{without[place.start() :]}"
