"""Of masks: the sheet of examples, scores of all metrics, and every image."""

from __future__ import annotations

from bioselect.report.blocks import Block, Cell, Section, Sheet, Table
from bioselect.report.results import Row, RunResults
from bioselect.report.score_words import number
from bioselect.report.short_names import short_names

#: Not shares between 0 and 1.
DISTANCES = ("hausdorff_95",)
#: What metrics are called above their columns; the others as they are written, without underscores.
_HEADS = {
    "dice": "Dice",
    "iou": "IoU",
    "boundary_f1": "boundary F1",
    "object_f1": "object F1",
    "object_ap50": "object AP50",
}


def masks(results: RunResults) -> Section | None:
    """Return pictures and scores of masks; None of other tasks."""
    if results.task != "segmentation":
        return None
    blocks: list[Block] = []
    if results.folder.examples.is_file():
        blocks.append(
            Sheet(
                results.folder.examples.read_bytes(),
                "Input, truth, prediction and their difference, for images where the exported "
                "model did best, in the middle, and worst, none of which it was trained on.",
                "Rows of images, each with its true mask, its predicted mask and the difference.",
            )
        )
    names = short_names(results)
    # Where the configuration says how wide a pixel is, distances were measured in micrometres.
    unit = "µm" if results.config["dataset"].get("pixel_size") else "pixels"
    blocks += [
        *_metrics(results.table(results.folder.metrics), names, unit),
        *_parts(results.table(results.folder.parts), results.exported[1], names, unit),
        *_images(results.table(results.folder.per_image), results.exported[1], unit),
    ]
    return Section("masks", "Masks", blocks)


def _metrics(rows: list[Row], names: dict[str, str], unit: str) -> list[Block]:
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    estimators = list(dict.fromkeys(row["estimator"] for row in rows))
    values = {(row["estimator"], row["metric"]): row for row in rows}
    cells: list[list[Cell | str]] = []
    for estimator in estimators:
        line: list[Cell | str] = [names.get(estimator, estimator)]
        for metric in metrics:
            row = values.get((estimator, metric))
            line.append(_score(row["mean"] if row else "", metric))
        cells.append(line)
    caption = "Mean over images of every score."
    if any(row["ci_low"] for row in rows):
        caption = "Mean over images of every score; metrics.csv has the intervals."
    numeric = (False, *(True for _ in metrics))
    heads = ["model", *(_head(metric, unit) for metric in metrics)]
    return [Table("mask_metrics", caption, heads, cells, numeric)] if cells else []


def _parts(rows: list[Row], exported: str, names: dict[str, str], unit: str) -> list[Block]:
    sums: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        value = number(row["score"])
        if row["estimator"] == exported and value is not None:
            sums.setdefault(row["part"], {}).setdefault(row["metric"], []).append(value)
    if not sums:
        return []
    metrics = list(next(iter(sums.values())))
    cells: list[list[Cell | str]] = [
        [part, *(_score(str(sum(own) / len(own)), metric) for metric, own in by_metric.items())]
        for part, by_metric in sums.items()
    ]
    caption = (
        f"{names.get(exported, exported)}, part by part, on average. Much better in training "
        "than elsewhere means learnt by heart."
    )
    heads = ["part", *(_head(metric, unit) for metric in metrics)]
    return [Table("mask_parts", caption, heads, cells, (False, *(True for _ in metrics)))]


def _images(rows: list[Row], exported: str, unit: str) -> list[Block]:
    scores: dict[str, dict[str, list[float]]] = {}
    groups: dict[str, str] = {}
    for row in rows:
        value = number(row["score"])
        if row["estimator"] != exported or row["class"] or value is None:
            continue
        scores.setdefault(row["image_id"], {}).setdefault(row["metric"], []).append(value)
        groups[row["image_id"]] = row["group"]
    if not scores:
        return []
    metrics = list(dict.fromkeys(metric for own in scores.values() for metric in own))
    ordered = sorted(scores, key=lambda name: (_mean(scores[name].get(metrics[0], [])), name))
    cells: list[list[Cell | str]] = [
        [
            name,
            groups[name],
            *(_score(str(_mean(scores[name][m])) if m in scores[name] else "", m) for m in metrics),
        ]
        for name in ordered
    ]
    caption = "Every image, the worst first, by masks of models that were not trained on it."
    heads = ["image", "group", *(_head(metric, unit) for metric in metrics)]
    numeric = (False, False, *(True for _ in metrics))
    return [Table("mask_images", caption, heads, cells, numeric, n_shown=8)]


def _head(metric: str, unit: str) -> str:
    if metric in DISTANCES:
        return f"Hausdorff 95 % ({unit})"
    return _HEADS.get(metric, metric.replace("_", " "))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _score(text: str, metric: str) -> Cell:
    value = number(text)
    if value is None:
        return Cell("")
    return Cell(f"{value:.1f}" if metric in DISTANCES else f"{value:.3f}", value)
