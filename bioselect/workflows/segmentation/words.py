"""The last thing a study of masks prints: ranking, verdict, classes, parts, where things lie."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence

import numpy as np

from bioselect.metrics.base import get_metric
from bioselect.run_folder import RunFolder
from bioselect.selection.outcome import RankingRow
from bioselect.selection.tested_masks import PartScores
from bioselect.workflows.segmentation.class_scores import class_scores
from bioselect.workflows.segmentation.example_sheet import WORST, chosen_examples
from bioselect.workflows.segmentation.inputs import SegmentationInputs
from bioselect.workflows.segmentation.judgement import JudgedMasks
from bioselect.workflows.segmentation.products import OVERLAP, part_mean
from bioselect.workflows.summary import shortened

#: Shown in the table beside the deciding metric, where another decides.
SHOWN = ("dice", "iou")
#: In tables of classes and parts.
FIGURES = OVERLAP
HEADINGS = {"dice": "Dice", "iou": "IoU", "pixel_accuracy": "pixel accuracy"}
N_SHOWN = 10
#: More classes than this are left to the file.
MOST_CLASSES = 12


def mask_results_in_words(
    folder: RunFolder, inputs: SegmentationInputs, judged: JudgedMasks, shown: Mapping[str, str]
) -> str:
    """Return what a study found, many lines; a model need not be there yet.

    `shown` are short names of segmenters by their labels.
    """
    return "\n".join(
        [
            *ranking_table(judged, shown),
            "",
            judged.verdict.in_words,
            "",
            *class_table(inputs, judged),
            *part_table(judged),
            *worst_images(inputs, judged),
            "",
            f"Tables, masks and verdict: {folder.root}",
        ]
    )


def mask_model_in_words(folder: RunFolder, judged: JudgedMasks) -> str:
    """Return where the model lies and how it is applied."""
    return (
        f"Model: {folder.model} ({judged.exported.estimator.label})\n"
        f"Apply it: bioselect predict {shlex.quote(str(folder.model))} FOLDER -o masks"
    )


def ranking_table(judged: JudgedMasks, shown: Mapping[str, str]) -> list[str]:
    """Return the ranking by the deciding metric, with Dice and IoU beside it."""
    deciding = judged.verdict.honest_score.metric
    metrics = [deciding, *(name for name in SHOWN if name != deciding)]
    ranked = [row for row in judged.verdict.ranking if row.rank is not None]
    head = ["rank", "model"]
    for metric in metrics:
        head += [_heading(metric), "95 % interval"]
    rows = [[*head, ""]]
    names = shortened([shown.get(row.estimator, row.estimator) for row in ranked[:N_SHOWN]])
    for name, row in zip(names, ranked, strict=False):
        cells = [str(row.rank), name]
        for metric in metrics:
            cells += _mean_cells(judged.by_metric.get(metric, ()), row.estimator)
        rows.append([*cells, row.role])
    lines = _aligned(rows, texts=(1, len(rows[0]) - 1))
    if len(ranked) > N_SHOWN:
        lines.append(f"      and {len(ranked) - N_SHOWN} more in ranking.csv")
    return lines


def class_table(inputs: SegmentationInputs, judged: JudgedMasks) -> list[str]:
    """Return the scores of every class of the exported model, for a terminal."""
    results = judged.exported_folds if judged.opened is None else (judged.opened,)
    names = inputs.codes.class_names
    if len(names) > MOST_CLASSES:
        return [f"Class by class: {len(names)} classes (per_class.csv)"]
    rows = [["class", "images", *map(_heading, FIGURES)]]
    found = {(one.class_name, one.metric): one for one in class_scores(results, names)}
    for place, name in enumerate(names):
        if place == inputs.codes.background or not found:
            continue
        scores = [found[name, metric] for metric in FIGURES]
        rows.append([name, str(scores[0].n_images), *(_figure(one.mean) for one in scores)])
    where = judged.place_of_scores if judged.opened is None else "on the test part"
    which = f"{judged.exported.estimator.label} {where}"
    file = "per_class.csv: all models"
    file += "" if judged.opened is None else ", on the validation part"
    title = f"Class by class: {which} ({file}):"
    return [title, *(f"  {line}" for line in _aligned(rows, texts=(0,)))]


def part_table(judged: JudgedMasks) -> list[str]:
    """Return how well the exported model does on what it was trained on, and on what not."""
    results = judged.exported_folds if judged.opened is None else (judged.opened,)
    rows = [["part", *map(_heading, FIGURES)]]
    for name in ("training", "validation", "test"):
        parts = [part for one in results for part in one.parts if part.name == name]
        if parts:
            rows.append([name, *(_figure(_mean(parts, metric)) for metric in FIGURES)])
    title = "Part by part (parts.csv; much better in training means learnt by heart):"
    return [title, *(f"  {line}" for line in _aligned(rows, texts=(0,)))]


def _mean(parts: Sequence[PartScores], metric: str) -> float | None:
    """Return the mean over the folds that have the score; None where none has."""
    means = np.array([part_mean(part, metric) for part in parts])
    known = means[np.isfinite(means)]
    return float(known.mean()) if len(known) else None


def worst_images(inputs: SegmentationInputs, judged: JudgedMasks) -> list[str]:
    """Return the images that the exported model segments worst, those that its sheet shows."""
    metric = judged.verdict.honest_score.metric
    results = judged.exported_folds if judged.opened is None else (judged.opened,)
    parts = [one.parts[0] for one in results if one.repeat == 0 and one.parts]
    if not parts:
        return []
    places = np.concatenate([part.places for part in parts])
    scores = np.concatenate([part.of_images(metric) for part in parts])
    is_higher_better = get_metric(inputs.metric, inputs.config.base_dir).higher_is_better
    shown = chosen_examples(scores, is_higher_better)
    worst_first = [number for role, number in reversed(shown) if role == WORST]
    named = ", ".join(
        f"{inputs.dataset.records[int(places[number])].image_id} ({scores[number]:.2f})"
        for number in worst_first
    )
    where = "look at them in examples.png; per_image.csv has all"
    return [f"Worst images ({where}): {named}"] if named else []


def _mean_cells(rows: Sequence[RankingRow], estimator: str) -> list[str]:
    row = next((one for one in rows if one.estimator == estimator), None)
    if row is None or row.mean is None:
        return ["-", ""]
    interval = "not known"
    if row.ci_low is not None and row.ci_high is not None:
        interval = f"{row.ci_low:.3f} to {row.ci_high:.3f}"
    return [f"{row.mean:.3f}", interval]


def _heading(metric: str) -> str:
    return HEADINGS.get(metric, metric.replace("_", " "))


def _figure(share: float | None) -> str:
    """Write a share with two digits, or with three where two would make a perfect one of it."""
    if share is None or not math.isfinite(share):
        return "-"
    return f"{share:.3f}" if f"{share:.2f}" == "1.00" and share < 1 else f"{share:.2f}"


def _aligned(rows: Sequence[Sequence[str]], texts: Sequence[int]) -> list[str]:
    """Return rows with columns of one width; those of words begin at the left."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if place in texts else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
