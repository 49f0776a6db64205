"""The last thing a run prints: the ranking, the verdict in words, where things lie."""

from __future__ import annotations

import shlex
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence

from bioselect.features.columns import COLUMNS
from bioselect.run_folder import RunFolder
from bioselect.selection.candidates import Candidate
from bioselect.selection.outcome import RankingRow, Verdict
from bioselect.selection.phrases import WIDTH

N_SHOWN = 10
COMBINATION_WIDTH = 60


def results_in_words(
    folder: RunFolder,
    verdict: Verdict,
    shown: Mapping[str, str] | None = None,
    reliability: str = "",
    classes: Sequence[str] = (),
    unit: str = "",
    sets: str = "",
) -> str:
    """Return what a study found, many lines; a model need not be there yet.

    `shown` are short names of components by their labels, see `short_labels`; `reliability` says
    how far probabilities can be believed; `classes` is the table of
    :func:`bioselect.workflows.class_table.class_table_lines`; `unit` is that of the deciding
    metric, where it has one; `sets` says what prediction sets are worth.
    """
    return "\n".join(
        [
            *ranking_lines(verdict.ranking, verdict.honest_score.metric, shown, unit),
            "",
            verdict.in_words,
            *_wrapped(reliability),
            *_wrapped(sets),
            "",
            *([*classes, ""] if classes else []),
            f"Tables and verdict: {folder.root}",
        ]
    )


def _wrapped(paragraph: str) -> list[str]:
    return textwrap.wrap(
        paragraph,
        WIDTH,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def model_in_words(folder: RunFolder, exported: Candidate, image: str | None = None) -> str:
    """Return where the model lies and how it is applied.

    `image` is the column with the images, where columns of the table are joined to them.
    """
    what = "TABLE.csv" if exported.extractor == COLUMNS else "FOLDER"
    if image is not None and not exported.is_network:
        what = f"TABLE.csv --image-column {shlex.quote(image)}"
    return (
        f"Model: {folder.model} ({exported.label})\n"
        f"Apply it: bioselect predict {shlex.quote(str(folder.model))} {what} -o predictions.csv"
    )


def ranking_lines(
    ranking: Sequence[RankingRow],
    metric: str,
    shown: Mapping[str, str] | None = None,
    unit: str = "",
) -> list[str]:
    r"""Return the first rows of the ranking as a table for a terminal.

    No two rows have the same name, however long the names are.

    Examples
    --------
    >>> p_values = [None] * 5
    >>> row = RankingRow(1, "hog", "svm", 0.91, 0.88, 0.94, *p_values, 1e6, "best")
    >>> print("\n".join(ranking_lines([row], "balanced_accuracy")))
    rank  combination  balanced accuracy  95 % interval
       1  hog + svm                0.910  0.880 to 0.940  best
    """
    ranked = [row for row in ranking if row.rank is not None]
    short = shown or {}
    names = shortened(
        [
            f"{short.get(row.extractor, row.extractor)} + {short.get(row.estimator, row.estimator)}"
            for row in ranked[:N_SHOWN]
        ]
    )
    width = max(len("combination"), *(len(name) for name in names))
    # Its parameters would push the columns apart; the words below the table have them.
    heading = metric.partition("(")[0].replace("_", " ") + (f" in {unit}" if unit else "")
    lines = [f"rank  {'combination'.ljust(width)}  {heading}  95 % interval"]
    for name, row in zip(names, ranked, strict=False):
        interval = "not known"
        if row.ci_low is not None and row.ci_high is not None:
            interval = f"{row.ci_low:.3f} to {row.ci_high:.3f}"
        mean = f"{row.mean:.3f}".rjust(len(heading))
        lines.append(f"{row.rank:4d}  {name.ljust(width)}  {mean}  {interval}  {row.role}")
    if len(ranked) > N_SHOWN:
        lines.append(f"      and {len(ranked) - N_SHOWN} more in ranking.csv")
    return lines


def shortened(names: list[str]) -> list[str]:
    """Leave out the middle of long names, unless two would be the same then."""
    half = (COMBINATION_WIDTH - 3) // 2
    cut = [
        name if len(name) <= COMBINATION_WIDTH else f"{name[:half]}...{name[-half:]}"
        for name in names
    ]
    counts = Counter(cut)
    return [short if counts[short] == 1 else name for short, name in zip(cut, names, strict=True)]
