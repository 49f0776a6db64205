"""How well one class can be told from the rest, whatever the border: ROC, precision and recall."""

from __future__ import annotations

from typing import Any

import numpy as np

from bioselect.drawing.curve_plot import MOST_CURVES, Curve, curves_svg
from bioselect.report.blocks import Block, Cell, Figure, Section, Table, Text
from bioselect.report.exported_predictions import ExportedPredictions, exported_predictions
from bioselect.report.mean_curves import GRID, MeanCurves, mean_curves
from bioselect.report.results import RunResults
from bioselect.report.score_words import share_text

COLUMNS = ("area under ROC", "average precision", "by guessing")


def curves(results: RunResults) -> Section | None:
    """Return both curves of the exported model with their areas; None of numbers and masks."""
    tested = exported_predictions(results)
    if tested is None:
        return None
    positives = _positives(tested, _chosen_class(results))
    found = {
        place: one
        for place, is_positive in positives.items()
        if (one := mean_curves(is_positive, tested.probabilities[..., place], tested.folds))
    }
    if not found:
        return None
    # Of many classes those that are told least well.
    order = sorted(found, key=lambda place: found[place].roc_area)
    drawn = sorted(order[:MOST_CURVES])
    blocks: list[Block] = [Text(_about(results, tested, positives, found))]
    if len(drawn) < len(found):
        blocks.append(
            Text(f"Drawn are the {len(drawn)} with the smallest area; the table has all.", "note")
        )
    blocks += [
        _figure(tested, found, drawn, "roc"),
        _figure(tested, found, drawn, "precision_recall"),
        _table(tested, found, positives),
    ]
    return Section("curves", "ROC, precision and recall", blocks)


def _chosen_class(results: RunResults) -> str | None:
    """Return the class that the deciding metric is about, if it is about one."""
    metric: Any = (results.config.get("validation") or {}).get("metric")
    params = metric.get("params") if isinstance(metric, dict) else None
    positive = (params or {}).get("positive")
    return None if positive is None else str(positive)


def _positives(tested: ExportedPredictions, chosen: str | None) -> dict[int, np.ndarray]:
    """Return what has a curve: each label or class; of two classes one, the other is its mirror."""
    names = tested.class_names
    if tested.has_label_sets:
        return {place: tested.truth[:, place] == 1 for place in range(len(names))}
    places = list(range(len(names)))
    if len(names) == 2:
        places = [names.index(chosen) if chosen in names else 1]
    return {place: tested.truth == place for place in places}


def _about(
    results: RunResults,
    tested: ExportedPredictions,
    positives: dict[int, np.ndarray],
    found: dict[int, MeanCurves],
) -> str:
    kind = "label" if tested.has_label_sets else "class"
    words = f"{tested.label} {tested.where}."
    if len(positives) == 1 and not tested.has_label_sets:
        words += f" The class looked for is {tested.class_names[next(iter(positives))]}."
    else:
        words += f" Each {kind} against the rest."
    if max(one.n_folds for one in found.values()) > 1:
        words += " Curves and areas are means over the folds, since every fold has its own model."
    missing = [tested.class_names[place] for place in positives if place not in found]
    if missing:
        words += f" No fold held {tested.noun}s with and without: {', '.join(missing)}."
    if (results.study.get("calibration") or {}).get("used") not in (None, "none"):
        words += " Probabilities are those before calibration."
    return words


def _figure(
    tested: ExportedPredictions, found: dict[int, MeanCurves], drawn: list[int], kind: str
) -> Figure:
    is_roc = kind == "roc"
    lines, rows, told = [], [], []
    for place in drawn:
        one, name = found[place], tested.class_names[place]
        area = one.roc_area if is_roc else one.average_precision
        x, y = (np.append(0.0, GRID), np.append(0.0, one.roc)) if is_roc else (GRID, one.precision)
        lines.append(Curve(f"{area:.3f}  {name}", x.tolist(), y.tolist()))
        rows += [(name, *point) for point in zip(x.tolist(), y.tolist(), strict=True)]
        told.append(f"{name} {area:.3f}")
    if is_roc:
        title, axes = "ROC curves", ("share of the others taken for it", "share found (recall)")
        columns = ("class", "share_of_others_taken_for_it", "share_found")
        caption = (
            "The further up on the left, the better; the dotted line is guessing. The number is "
            f"the area: how often {'an' if tested.noun == 'image' else 'a'} {tested.noun} of the "
            "class gets a higher probability than another one."
        )
    else:
        title, axes = "precision and recall", ("share found (recall)", "precision")
        columns = ("class", "recall", "precision")
        caption = (
            "The further up on the right, the better. Precision: how many of those called so are "
            "so. The number is the average precision; guessing gets the share of the class."
        )
    svg = curves_svg(title, "", axes, lines, diagonal=is_roc)
    what = "Area under the ROC curve" if is_roc else "Average precision"
    return Figure(kind, caption, svg, f"{what}: {', '.join(told)}.", columns, rows)


def _table(
    tested: ExportedPredictions, found: dict[int, MeanCurves], positives: dict[int, np.ndarray]
) -> Table:
    is_tested = np.isfinite(tested.probabilities).all(axis=2).any(axis=0)
    rows: list[list[Cell | str]] = []
    for place, one in found.items():
        held = positives[place][is_tested]
        rows.append(
            [
                tested.class_names[place],
                Cell(str(int(held.sum())), int(held.sum())),
                Cell(f"{one.roc_area:.3f}", one.roc_area),
                Cell(f"{one.average_precision:.3f}", one.average_precision),
                Cell(share_text(float(held.mean())), float(held.mean())),
            ]
        )
    return Table(
        "areas",
        "Areas below the curves. By guessing, the area under ROC is 0.5 and the average "
        "precision the share of the class.",
        ("label" if tested.has_label_sets else "class", f"{tested.noun}s", *COLUMNS),
        rows,
        (False, True, True, True, True),
    )
