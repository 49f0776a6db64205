"""Group by group (patients, slides, plates): where a model does well, and where it does not."""

from __future__ import annotations

from dataclasses import dataclass

from bioselect.metrics.base import Metric
from bioselect.report.blocks import Block, Cell, Section, Table, Text
from bioselect.report.candidate_label import short_label
from bioselect.report.exported_predictions import exported_predictions
from bioselect.report.group_scores import (
    Group,
    Groups,
    groups_of_classes,
    groups_of_masks,
    groups_of_numbers,
)
from bioselect.report.results import RunResults
from bioselect.report.score_words import judged_by, score_text, share_text

MOST_SHOWN = 40
#: A share of fewer images is hardly one.
TINY = 5


def groups(results: RunResults) -> Section | None:
    """Return a table of the groups of the exported model; None where images have no groups."""
    of_image = {row["image_id"]: row.get("group", "") for row in results.images}
    if not any(of_image.values()):
        return None
    tested = exported_predictions(results)
    if tested is not None:
        return _section(results, groups_of_classes(results, tested, of_image), _SHARE)
    if results.task == "segmentation":
        return _section(results, groups_of_masks(results), _mask_words(judged_by(results)))
    return _section(results, groups_of_numbers(results, of_image), _error_words(results))


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
    columns = ["group", f"{results.noun}s", words.column] + ([words.worst] if words.worst else [])
    rows: list[list[Cell | str]] = [
        [
            name,
            Cell(str(found[name].n_images), found[name].n_images),
            Cell(words.written(found[name].value), found[name].value),
            *([found[name].worst or "-"] if words.worst else []),
        ]
        for name in order
    ]
    label = short_label(results, *results.exported)
    caption = f"{label} on {results.noun}s it was not trained on; "
    caption += "first the groups that lose most, in all."
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
    words_of_spread = _spread(found, words)
    blocks: list[Block] = [Text(words_of_spread)] if words_of_spread else []
    blocks.append(table)
    tiny = sum(one.n_images < TINY for one in found.values())
    if tiny:
        many = f"{tiny} of {len(found)} groups have" if tiny > 1 else "One group has"
        many = "All groups have" if tiny == len(found) else many
        blocks.append(
            Text(
                f"{many} fewer than {TINY} {results.noun}s: one more or less changes much.", "note"
            )
        )
    return Section("groups", "Group by group", blocks)


def _lost(group: Group, words: _Words) -> float:
    return group.n_images * (1 - group.value if words.higher_is_better else group.value)


def _spread(found: Groups, words: _Words) -> str:
    """Say from where to where groups of some size go; nothing where there are none to compare."""
    large = {name: one for name, one in found.items() if one.n_images >= TINY}
    if len(large) < 2:
        return ""
    ordered = sorted(large, key=lambda name: large[name].value)
    low, high = ordered[0], ordered[-1]
    worst, best = (low, high) if words.higher_is_better else (high, low)
    size = f" with {TINY} or more images" if len(large) < len(found) else ""
    return (
        f"Of {len(large)} groups{size}, {worst} does worst ({words.column}: "
        f"{words.written(large[worst].value)}), {best} best ({words.written(large[best].value)})."
    )
