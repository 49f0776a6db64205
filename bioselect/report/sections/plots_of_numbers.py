"""Of predicted numbers: the drawings that the run made, with how far off predictions are."""

from __future__ import annotations

from pathlib import Path

from bioselect.report.blocks import Block, Fact, Facts, Figure, Section
from bioselect.report.results import Row, RunResults
from bioselect.report.score_words import number
from bioselect.selection.phrases import figures

#: File of the drawing, that of its data, caption.
DRAWINGS = (
    (
        "predicted_against_true", "predictions",
        "Predicted against true numbers, each dot one that the model was not trained on. On the "
        "line a prediction is right.",
    ),
    (
        "errors", "predictions",
        "Residuals: how much too high or too low predictions are, along the predicted number. A "
        "slope or a funnel says that errors depend on size.",
    ),
    (
        "bland_altman", "agreement",
        "Bland-Altman: the differences with their mean (bias) and the limits between which 95 % of "
        "them lie.",
    ),
    ("error_by_group", "error_by_group", "Errors group by group, the largest first."),
    (
        "importances", "importances",
        "What predictions go by: how much worse they become when a column is shuffled.",
    ),
)  # fmt: skip


def plots_of_numbers(results: RunResults) -> Section | None:
    """Return what `plots/` of the run folder holds; None where numbers are not predicted."""
    plots = results.folder.plots
    if results.task != "regression" and not (plots / "importances.svg").is_file():
        return None
    blocks: list[Block] = []
    agreement = {row["quantity"]: row for row in results.table(plots / "agreement.csv")}
    if agreement:
        blocks.append(Facts(_facts(agreement, results)))
    blocks += [
        _figure(results, plots, drawing, data, caption)
        for drawing, data, caption in DRAWINGS
        if (plots / f"{drawing}.svg").is_file()
    ]
    if not blocks:
        return None
    title = "Predicted and true" if results.task == "regression" else "What predictions go by"
    return Section("numbers", title, blocks)


def _figure(results: RunResults, plots: Path, drawing: str, data: str, caption: str) -> Figure:
    rows = results.table(plots / f"{data}.csv")
    # Names of images say which is meant; where they lie is nobody's business but the owner's.
    columns = [name for name in rows[0] if name != "path"] if rows else []
    svg = results.text(plots / f"{drawing}.svg")
    description = f"{caption} The numbers are in report/{drawing}.csv."
    cells = [[row[column] for column in columns] for row in rows]
    return Figure(drawing, caption, svg, description, columns, cells)


def _facts(agreement: dict[str, Row], results: RunResults) -> list[Fact]:
    unit = (results.study.get("target") or {}).get("unit", "")
    behind = f" {unit}" if unit else ""
    facts = []
    for quantity, label in (
        ("mean_error", "bias: mean error"),
        ("lower_limit_of_agreement", "lower limit of agreement"),
        ("upper_limit_of_agreement", "upper limit of agreement"),
    ):
        row = agreement.get(quantity)
        value = number(row["value"]) if row else None
        if row is None or value is None:
            continue
        low, high = number(row["ci_low"]), number(row["ci_high"])
        about = "" if low is None or high is None else f"{figures(low)} to {figures(high)}{behind}"
        facts.append(Fact(label, f"{figures(value)}{behind}", about))
    return facts
