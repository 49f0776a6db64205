"""The metrics that are computed of everything, whichever of them decides."""

from __future__ import annotations

from bioselect.metrics.base import ChosenMetric, Metric, get_metric
from bioselect.metrics.builtin import CLASSES, LABEL_SETS, OF_TARGETS
from bioselect.registry import ComponentSpec


def usual_metrics(label_sets: bool) -> list[Metric]:
    """Return the built-in metrics that need no parameter.

    Parameters
    ----------
    label_sets : bool
        Whether images may have several labels, rather than one class each.

    Examples
    --------
    >>> [metric.name for metric in usual_metrics(label_sets=True)][:2]
    ['f1_macro', 'precision_macro']
    """
    names = OF_TARGETS[LABEL_SETS if label_sets else CLASSES]
    return [get_metric(ChosenMetric(ComponentSpec(name), (), label_sets)) for name in names]
