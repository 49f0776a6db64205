"""Group by group (patients, slides, plates): where a model does well, and where it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.targets import is_right
from bioselect.metrics.base import Metric
from bioselect.report.blocks import Block, Cell, Section, Table, Text
from bioselect.report.results import RunResults
from bioselect.report.score_words import count_text, judged_by, number, score_text, share_text
from bioselect.report.tested_images import TestedImages, tested_images

MOST_SHOWN = 40
#: A share of fewer images is hardly one.
TINY = 5
#: A mask is right for an image, and so for its group, as the mean of its score.
Groups = dict[str, "Group"]


@dataclass(frozen=True)
class Group:
    """A group: its tested images, how good they are, and in words what is worst."""

    n_images: int
    value: float
    worst: str = ""


def groups(results: RunResults) -> Section | None:
    """Return a table of the groups of the exported model; None where images have no groups."""
    of_image = {row["image_id"]: row.get("group", "") for row in results.images}
    if not any(of_image.values()):
        return None
    tested = tested_images(results)
    if tested is not None:
        return _section(results, _of_classes(results, tested, of_image), _SHARE)
    if results.task == "segmentation":
        return _section(results, _of_masks(results), _mask_words(judged_by(results)))
    return _section(results, _of_numbers(results, of_image), _error_words(results))


@dataclass(frozen=True)
class _Words:
    """How the figure of a group is called and written, and which end of it is the bad one."""

    column: str
    write: Metric | None
    higher_is_better: bool
    worst: str = ""

    def written(self, value: float) -> str:
        """Return a figure as it stands in the table."""
        return share_text(value) if self.write is None else score_text(value, self.write)


_SHARE = _Words("right", None, True, "most often wrong")


def _mask_words(metric: Metric) -> _Words:
    return _Words(f"mean {metric.in_words}", metric, metric.higher_is_better)


def _error_words(results: RunResults) -> _Words:
    target = results.study.get("target") or {}
    unit = str(target.get("unit") or "")
    metric = Metric("mae", "lower", (0.0, float("inf")), "values", _none, unit=unit)
    return _Words("mean absolute error", metric, False)


def _none(*_: object) -> float:
    raise TypeError("only named here")


def _section(results: RunResults, found: Groups, words: _Words) -> Section | None:
    if len(found) < 2:
        return None
    # One image that is wrong makes a tiny group the worst of all: what counts is how much is lost.
    lost = {name: _lost(one, words) for name, one in found.items()}
    order = sorted(found, key=lambda name: (-lost[name], name))
    columns = ["group", "images", words.column] + ([words.worst] if words.worst else [])
    rows = [
        [
            name,
            Cell(str(found[name].n_images), found[name].n_images),
            Cell(words.written(found[name].value), found[name].value),
            *([found[name].worst or "-"] if words.worst else []),
        ]
        for name in order
    ]
    label = " + ".join(filter(None, results.exported))
    caption = f"{label} on images it was not trained on; first the groups that lose most, in all."
    if len(rows) > MOST_SHOWN:
        caption += f" The first {MOST_SHOWN} of {len(rows)}; all are in report/groups.csv."
    table = Table(
        "groups",
        caption,
        columns,
        rows[:MOST_SHOWN],
        (False, True, True, False)[: len(columns)],
        file_rows=rows,
    )
    blocks: list[Block] = [Text(_spread(found, words)), table]
    tiny = sum(one.n_images < TINY for one in found.values())
    if tiny:
        many = f"{tiny} of {len(found)} groups have" if tiny > 1 else "One group has"
        blocks.append(Text(f"{many} fewer than {TINY} images: one more or less changes much.", "note"))
    return Section("groups", "Group by group", blocks)


def _lost(group: Group, words: _Words) -> float:
    return group.n_images * (1 - group.value if words.higher_is_better else group.value)


def _spread(found: Groups, words: _Words) -> str:
    """Say from where to where groups of some size go."""
    large = {name: one for name, one in found.items() if one.n_images >= TINY} or found
    ordered = sorted(large, key=lambda name: large[name].value)
    low, high = ordered[0], ordered[-1]
    worst, best = (low, high) if words.higher_is_better else (high, low)
    size = f" with {TINY} or more images" if len(large) < len(found) else ""
    return (
        f"Of {len(large)} groups{size}, {worst} does worst ({words.column}: "
        f"{words.written(large[worst].value)}), {best} best ({words.written(large[best].value)})."
    )


def _by_group(image_ids: Sequence[str], of_image: dict[str, str]) -> dict[str, np.ndarray]:
    names = np.array([of_image.get(one, "") for one in image_ids])
    return {str(name): np.flatnonzero(names == name) for name in np.unique(names) if name}


def _of_classes(results: RunResults, tested: TestedImages, of_image: dict[str, str]) -> Groups:
    predictions = results.predictions
    image_ids = [] if predictions is None else predictions.image_ids
    is_tested = np.isfinite(tested.probabilities).all(axis=2)
    right = is_right(np.nan_to_num(tested.probabilities), tested.truth)
    found = {}
    for name, places in _by_group(image_ids, of_image).items():
        here = is_tested[:, places]
        if here.any():
            share = float(right[:, places][here].mean())
            n_images = int(here.any(axis=0).sum())
            found[name] = Group(n_images, share, _commonest_error(tested, places))
    return found


def _commonest_error(tested: TestedImages, places: np.ndarray) -> str:
    """Return what is wrong most often in a group: which class for which, or which label."""
    wrong: Counter[str] = Counter()
    for table in tested.probabilities[:, places]:
        for row, truth in zip(table, tested.truth[places], strict=True):
            if np.isfinite(row).all():
                wrong.update(_errors(tested, row, truth))
    if not wrong:
        return ""
    words, times = min(wrong.items(), key=lambda one: (-one[1], one[0]))
    return f"{words} ({count_text(times / tested.n_repeats)})"


def _errors(tested: TestedImages, row: np.ndarray, truth: np.ndarray) -> list[str]:
    names = tested.class_names
    if not tested.has_label_sets:
        said = int(row.argmax())
        return [] if said == truth else [f"{names[int(truth)]} taken for {names[said]}"]
    return [
        f"{name} {'missed' if has else 'said'}"
        for name, chance, has in zip(names, row, truth, strict=True)
        if (chance > 0.5) != bool(has)
    ]


def _of_numbers(results: RunResults, of_image: dict[str, str]) -> Groups:
    predictions = results.predictions
    found = None if predictions is None else predictions.of_candidates.get(results.exported)
    if predictions is None or found is None:
        return {}
    errors = np.abs(found - predictions.truth[None])
    groups = {}
    for name, places in _by_group(predictions.image_ids, of_image).items():
        here = errors[:, places]
        tested = np.isfinite(here)
        if tested.any():
            groups[name] = Group(int(tested.any(axis=0).sum()), float(here[tested].mean()))
    return groups


def _of_masks(results: RunResults) -> Groups:
    """Average the deciding score of the images of each group."""
    _, estimator = results.exported
    scores: dict[str, list[float]] = {}
    images: dict[str, set[str]] = {}
    for row in results.table(results.folder.per_image):
        value = number(row["score"])
        is_it = row["estimator"] == estimator and row["metric"] == results.metric
        if is_it and row["group"] and value is not None:
            scores.setdefault(row["group"], []).append(value)
            images.setdefault(row["group"], set()).add(row["image_id"])
    return {
        name: Group(len(images[name]), float(np.mean(values))) for name, values in scores.items()
    }
