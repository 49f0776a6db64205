"""What an evaluation computes: the metrics of every study, and the one that chose the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bioselect.bundle.consent import missing_consent, own_path
from bioselect.exceptions import BioselectError, ComponentError
from bioselect.metrics.base import ChosenMetric, Metric, get_metric
from bioselect.metrics.usual import usual_metrics
from bioselect.own_modules import is_trusted
from bioselect.registry import ComponentSpec
from bioselect.workflows.evaluated_labels import metrics_of_each

#: In the scores of a manifest: name and parameters of the deciding metric.
DECIDED_BY = "decided_by"


def evaluated_metrics(
    scores: Mapping[str, Any],
    class_names: Sequence[str],
    components_dir: Path | None,
    label_sets: bool = False,
) -> tuple[list[Metric], dict[str, str]]:
    """Return the metrics to compute, and of one that cannot be had the reason, by its name.

    Parameters
    ----------
    scores : mapping
        Of a manifest; those of models of earlier versions do not say what decided.
    class_names : sequence of str
        Of the model, for the parameters that name a class; none of a model of numbers.
    components_dir : Path or None
        The folder with the user's own components: naming it is the consent to run what lies there,
        and nothing else is run.
    label_sets : bool
        Whether the model gives any number of labels; each of them has metrics of its own then.

    Examples
    --------
    >>> decided = {"decided_by": {"name": "recall", "params": {"positive": "b"}}}
    >>> metrics, missing = evaluated_metrics(decided, ("a", "b"), None)
    >>> metrics[-1].name, missing
    ('recall(positive=b)', {})
    """
    metrics = usual_metrics(label_sets, values=not class_names)
    if label_sets:
        metrics += metrics_of_each(class_names)
    spec = _decided_by(scores)
    if spec is None or spec.label in {metric.name for metric in metrics}:
        return metrics, {}
    try:
        _check_consent(spec.name, components_dir)
        metrics.append(
            get_metric(ChosenMetric(spec, tuple(class_names), label_sets), components_dir)
        )
    except BioselectError as error:
        return metrics, {spec.label: str(error)}
    return metrics, {}


def _decided_by(scores: Mapping[str, Any]) -> ComponentSpec | None:
    written = scores.get(DECIDED_BY)
    if not isinstance(written, dict) or not isinstance(written.get("name"), str):
        return None
    params = written.get("params")
    return ComponentSpec.of(written["name"], params if isinstance(params, dict) else {})


def _check_consent(name: str, components_dir: Path | None) -> None:
    path = own_path("metric", name)
    if path is None or is_trusted(path.split(":")[0]):
        return
    if problem := missing_consent(path, components_dir, installed_only=path != name):
        raise ComponentError(
            f"metric {name!r}, by which the model was chosen, is somebody's own, {problem}"
        )
