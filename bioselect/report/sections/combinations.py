"""Which extractor goes with which estimator: every mean score as a tile."""

from __future__ import annotations

from dataclasses import replace

from bioselect.drawing.tile_map import Tile, tile_map_svg
from bioselect.metrics.base import Metric
from bioselect.report.blocks import Figure, Section
from bioselect.report.results import Row, RunResults
from bioselect.report.score_words import judged_by, number, score_text
from bioselect.report.short_names import short_names

Pair = tuple[str, str]
BASELINE = "baseline"
#: The worst one is not left white, which is what is missing.
LIGHTEST = 0.1


def combinations(results: RunResults) -> Section | None:
    """Return the heat map; None where there is nothing to compare in two directions."""
    rows = {
        (row["extractor"], row["estimator"]): row
        for row in results.ranking
        if row["role"] != BASELINE
    }
    extractors, estimators, alone = _crossed(list(rows))
    if len(extractors) < 2 or len(estimators) < 2:
        return None
    metric = judged_by(results)
    shown = {pair: row for pair, row in rows.items() if pair[0] in extractors}
    # Few columns are read more easily than many; rows go on downwards.
    upright = len(estimators) <= len(extractors)
    down, across = (extractors, estimators) if upright else (estimators, extractors)
    places = [[(a, b) if upright else (b, a) for b in across] for a in down]
    ends = _ends(shown, metric)
    names = short_names(results)
    title = f"{metric.in_words} of every combination"
    title += f", in {metric.unit}" if metric.unit else ""
    svg = tile_map_svg(
        title,
        "the stronger the colour, the better; framed: the best",
        [names[one] for one in down],
        [names[one] for one in across],
        [[_tile(pair, shown.get(pair), metric, ends) for pair in line] for line in places],
    )
    figure = Figure(
        "combinations",
        _caption(shown, extractors, estimators, alone),
        svg,
        _description(shown, metric),
        ("extractor", "estimator", metric.name, "role"),
        [(*pair, row["mean"], row["role"]) for pair, row in shown.items()],
    )
    return Section("combinations", "Extractors and estimators", [figure])


def _crossed(pairs: list[Pair]) -> tuple[list[str], list[str], list[str]]:
    """Return extractors and estimators that were combined, the best first, and those left alone.

    A row that shares no column with another one (networks, which learn from the images) would only
    be a diagonal.
    """
    extractors = list(dict.fromkeys(extractor for extractor, _ in pairs))
    partners = {one: {b for a, b in pairs if a == one} for one in extractors}
    crossed = [
        one
        for one in extractors
        if any(partners[one] & partners[other] for other in extractors if other != one)
    ]
    estimators = list(dict.fromkeys(b for a, b in pairs if a in crossed))
    return crossed, estimators, [one for one in extractors if one not in crossed]


def _ends(rows: dict[Pair, Row], metric: Metric) -> tuple[float, float]:
    """Return the worst and the best mean."""
    means = [mean for row in rows.values() if (mean := number(row["mean"])) is not None]
    ends = (min(means), max(means)) if means else (0.0, 0.0)
    return ends if metric.higher_is_better else ends[::-1]


def _tile(pair: Pair, row: Row | None, metric: Metric, ends: tuple[float, float]) -> Tile:
    """Return the tile of a combination: a score, or in a word why there is none."""
    name = " + ".join(pair)
    if row is None:
        return Tile(None, ["-"], name=f"{name}: not tried")
    mean = number(row["mean"])
    if mean is None:
        return Tile(None, [row["role"]], name=f"{name}: {row['role']}")
    worst, best = ends
    share = (mean - worst) / (best - worst) if best != worst else 1.0
    written = score_text(mean, replace(metric, unit=""))
    shade = LIGHTEST + (1 - LIGHTEST) * share
    return Tile(shade, [written], row["role"] == "best", f"{name}: {written}")


def _caption(
    rows: dict[Pair, Row], extractors: list[str], estimators: list[str], alone: list[str]
) -> str:
    parts = ["A row or a column of strong colour all along does well whatever it is combined with."]
    failed = sum(row["role"] == "failed" for row in rows.values())
    if failed:
        parts.append(f"Failed: {failed}; run.log says why.")
    missing = len(extractors) * len(estimators) - len(rows)
    if missing:
        parts.append(f"“-”: not tried ({missing}).")
    if alone:
        parts.append(f"Not combined with anything, and so only in the ranking: {', '.join(alone)}.")
    return " ".join(parts)


def _description(rows: dict[Pair, Row], metric: Metric) -> str:
    scored = [
        (pair, mean) for pair, row in rows.items() if (mean := number(row["mean"])) is not None
    ]
    if not scored:
        return "No combination has a score."
    ordered = sorted(scored, key=lambda one: one[1], reverse=metric.higher_is_better)
    (best, high), (worst, low) = ordered[0], ordered[-1]
    return (
        f"{len(scored)} combinations have a {metric.in_words}: from {score_text(low, metric)} "
        f"({' + '.join(worst)}) to {score_text(high, metric)} ({' + '.join(best)})."
    )
