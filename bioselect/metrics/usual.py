"""The metrics that are computed of everything, whichever of them decides."""

from __future__ import annotations

from bioselect.metrics.base import ChosenMetric, Metric, get_metric
from bioselect.metrics.builtin import CLASSES, LABEL_SETS, OF_TARGETS, VALUES
from bioselect.registry import ComponentSpec


def usual_metrics(label_sets: bool = False, values: bool = False) -> list[Metric]:
    """Return the built-in metrics that need no parameter.

    Parameters
    ----------
    label_sets : bool
        Whether images may have several labels, rather than one class each.
    values : bool
        Whether images have a number each.

    Examples
    --------
    >>> [metric.name for metric in usual_metrics(label_sets=True)][:2]
    ['f1_macro', 'precision_macro']
    """
    names = OF_TARGETS[LABEL_SETS if label_sets else VALUES if values else CLASSES]
    return [get_metric(ChosenMetric(ComponentSpec(name), (), label_sets)) for name in names]
