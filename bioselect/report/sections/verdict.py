"""What won, what to expect of it, and whether to believe it: the words of the study itself."""

from __future__ import annotations

from bioselect.metrics.base import Metric
from bioselect.report.blocks import Block, Fact, Facts, Folded, Listed, Section, Text
from bioselect.report.places import without_places
from bioselect.report.results import RunResults
from bioselect.report.score_words import judged_by, rough_score_text
from bioselect.report.short_names import short_names, with_short_names

SHORT = "In short:"


def verdict(results: RunResults) -> Section:
    """Return the headline, three numbers, and every paragraph of the verdict."""
    study, metric = results.study, judged_by(results)
    score = study["honest_score"]
    names = short_names(results)
    short, paragraphs = (
        [with_short_names(one, names) for one in part]
        for part in in_paragraphs(without_places(study["in_words"]))
    )
    facts = [
        Fact(
            f"expected {metric.in_words} on new {results.noun}s",
            rough_score_text(score["value"], metric),
            _ends(score["ci_low"], score["ci_high"], metric),
        ),
        Fact(
            f"best score {_where(results)}",
            rough_score_text(score["naive"], metric),
            "flattering: the best of all tries",
        ),
    ]
    if score.get("chance") is not None:
        guess = "mean or median" if results.task == "regression" else "commonest answer"
        facts.append(
            Fact(
                f"always guessing the {guess}",
                rough_score_text(score["chance"], metric),
                f"the same for every {results.noun}",
            )
        )
    blocks: list[Block] = [Text(short[0], "lead")] if short else []
    blocks.append(Facts(facts))
    if short[1:]:
        blocks.append(Listed(short[1:]))
    if paragraphs:
        blocks.append(Folded("The verdict in full", [Text(one) for one in paragraphs]))
    return Section("verdict", "Verdict", blocks)


def _where(results: RunResults) -> str:
    """Say where candidates were scored."""
    validation = results.config["validation"]
    if validation.get("split"):
        return "on the validation part"
    return "over the splits" if validation.get("splits") else "in cross-validation"


def _ends(low: float | None, high: float | None, metric: Metric) -> str:
    if low is None or high is None:
        return "no interval can be given"
    return f"very likely {rough_score_text(low, metric)} to {rough_score_text(high, metric)}"


def in_paragraphs(words: str) -> tuple[list[str], list[str]]:
    r"""Return the sentences of the summary, and the other paragraphs, each without line breaks.

    Examples
    --------
    >>> in_paragraphs("In short:\n  Use a.\n  Expect\n    0.9.\n\nBest: a\n  of two.\nSecond.")
    (['Use a.', 'Expect 0.9.'], ['Best: a of two.', 'Second.'])
    """
    short: list[str] = []
    others: list[str] = []
    in_short = False
    for line in words.splitlines():
        if line.strip() == SHORT:
            in_short = True
        elif not line.strip():
            in_short = False
        elif in_short:
            _add(short, line, line.startswith("    "))
        else:
            _add(others, line, line.startswith(" "))
    return short, others


def _add(paragraphs: list[str], line: str, goes_on: bool) -> None:
    if goes_on and paragraphs:
        paragraphs[-1] += " " + line.strip()
    else:
        paragraphs.append(line.strip())
