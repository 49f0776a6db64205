"""What is to be read beside a verdict: how many labels look wrong, and what gives classes away."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.checks.shortcuts import SHORTCUTS
from bioselect.explain.label_noise import LabelNoise, label_noise
from bioselect.metrics.base import get_metric, in_units
from bioselect.selection.cross_validation import Problem
from bioselect.selection.phrases import WIDTH, wrapped
from bioselect.workflows.evidence_pictures import predictions
from bioselect.workflows.judgement import Judged
from bioselect.workflows.study_inputs import StudyInputs

#: With at most so many wrong labels by the upper end of the range, it is said that none is seen.
FEW_WRONG = 0.05


def told_beside(
    inputs: StudyInputs, problem: Problem, judged: Judged
) -> tuple[Judged, list[Finding]]:
    """Return the judgement with what stands beside its score, and what was noticed by it."""
    score = judged.verdict.honest_score
    metric = in_units(get_metric(inputs.metric, problem.base_dir), inputs.unit)
    lines = beside_the_score(inputs.findings, f"{metric.in_words} {score.naive:.3f}")
    recognised = score.naive if metric.name == "balanced_accuracy" else None
    in_words = with_shortcut(judged.verdict.in_words, inputs.findings, recognised)
    noise = None
    if not inputs.design.exploratory:
        _, together, targets = predictions(judged)
        noise = label_noise(together, targets, inputs.units, problem.seed)
    found = noise_findings(noise)
    lines += noise_in_words(noise)
    if not lines:
        return judged, found
    paragraphs = ["\n".join(textwrap.wrap(line, WIDTH, subsequent_indent="  ")) for line in lines]
    words = "\n".join([in_words, *paragraphs])
    return replace(judged, verdict=replace(judged.verdict, in_words=words)), found


def beside_the_score(findings: Sequence[Finding], score: str) -> list[str]:
    """Return what guesses reach without a look at the images, for whoever reads the score.

    Examples
    --------
    >>> from bioselect.checks.findings import WARNING
    >>> found = Finding(WARNING, "", "the class can be told.", "Take them alike.", "shortcut")
    >>> beside_the_score([found], "balanced accuracy 0.912")
    ['Beside the best score (balanced accuracy 0.912): the class can be told.']
    """
    return [
        f"Beside the best score ({score}): {one.what}" for one in findings if one.kind in SHORTCUTS
    ]


def with_shortcut(words: str, findings: Sequence[Finding], score: float | None) -> str:
    r"""Return a summary whose first lines, too, say what gives classes away.

    They do where it was warned of, and where the best combination is no better than such a guess:
    `score` is its balanced accuracy, None where another metric decides.

    Examples
    --------
    >>> told = "the class can be told."
    >>> found = Finding(WARNING, "", told, "Take them alike.", "shortcut")
    >>> print(with_shortcut("In short:\n  Use a.\n\nBest: a.", [found], 0.9))
    In short:
      Use a.
      A shortcut may be behind this score: the class can be told.
    <BLANKLINE>
    Best: a.
    >>> seen = Finding(NOTE, "", told, "", "shortcut by what is seen", guess=0.95)
    >>> print(with_shortcut("In short:", [seen], 0.9))
    In short:
      No combination does better than a guess by brightness and the like: the class can be told.
    >>> with_shortcut("In short:", [seen], 0.96), with_shortcut("In short:", [seen], None)
    ('In short:', 'In short:')
    """
    told = []
    for one in findings:
        if one.kind not in SHORTCUTS:
            continue
        if score is not None and one.guess is not None and score <= one.guess:
            told.append(
                f"No combination does better than a guess by brightness and the like: {one.what}"
            )
        elif one.severity == WARNING:
            told.append(f"A shortcut may be behind this score: {one.what}")
    short, rest, others = words.partition("\n\n")
    return "\n".join([short, *(wrapped(line, indent=4) for line in told)]) + rest + others


def noise_in_words(noise: LabelNoise | None) -> list[str]:
    """Return what is said of wrong labels in the verdict; nothing where it cannot be told.

    Examples
    --------
    >>> noise_in_words(LabelNoise(0.001, 0.0, 0.012))
    ['Labels: no sign of wrong ones (at most about 1 %).']
    >>> noise_in_words(LabelNoise(0.03, 0.0, 0.09)), noise_in_words(None)
    ([], [])
    """
    if noise is None:
        return []
    if noise.is_clear:
        return [f"Labels: {_share_in_words(noise)} evidence/suspicion.csv has them first."]
    if noise.high <= FEW_WRONG:
        return [f"Labels: no sign of wrong ones (at most about {_percent(noise.high)})."]
    return []


def noise_findings(noise: LabelNoise | None) -> list[Finding]:
    """Return a note where some labels are wrong beyond doubt."""
    if noise is None or not noise.is_clear:
        return []
    remedy = (
        "Look at the first images of evidence/suspicion.csv. Correct a label where the image shows "
        "that it is wrong, not where models disagree, and run again."
    )
    return [Finding(NOTE, "", _share_in_words(noise), remedy, "wrong labels")]


def _share_in_words(noise: LabelNoise) -> str:
    ends = f"{_percent(noise.low).removesuffix(' %')} to {_percent(noise.high)}"
    return (
        f"about {_percent(noise.share)} of the labels ({ends}) look wrong, as far as "
        "combinations can tell that were not trained on these images."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if 0 < share < 0.01 else f"{100 * share:.0f} %"
