"""What `validation.metric` may hold: the score that decides, by name or with parameters."""

from __future__ import annotations

from typing import Any

from bioselect.config.components import CheckedComponents, Folders, checked_spec
from bioselect.config.rules import rule_error, shown
from bioselect.config.task_keys import SEGMENTATION, task_of
from bioselect.registry import ComponentSpec, known_rows
from bioselect.strict_yaml import Document, Problem

AUTO_METRIC = "auto"
#: What the rows of metrics say that they take, where it is masks.
_MASKS = "masks"
METRIC_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"name": {"type": "string"}, "params": {"type": "object"}},
            "required": ["name"],
            "additionalProperties": False,
        },
    ],
    "examples": ["auto", "roc_auc", {"name": "recall", "params": {"positive": "tumour"}}],
}


def check_metric(value: Any) -> str | dict[str, Any]:
    """Check the form of `metric`; its name and parameters are checked with the component.

    Examples
    --------
    >>> check_metric({"name": "recall", "params": {"positive": "tumour"}})
    {'name': 'recall', 'params': {'positive': 'tumour'}}
    """
    if isinstance(value, str) and value:
        return value
    is_mapping = isinstance(value, dict) and isinstance(value.get("name"), str)
    if (
        not is_mapping
        or not set(value) <= {"name", "params"}
        or not isinstance(value.get("params", {}), dict)
    ):
        raise rule_error(
            "must be text (the name of a metric), or a mapping with name and params, for example "
            f"{{name: recall, params: {{positive: tumour}}}}. Got {shown(value)}."
        )
    return dict(value) if value.get("params") else str(value["name"])


def metric_spec(written: str | dict[str, Any]) -> ComponentSpec | None:
    """Return the spec of a metric that was checked; None for `auto`.

    Examples
    --------
    >>> metric_spec({"name": "recall", "params": {"positive": "tumour"}}).label
    'recall(positive=tumour)'
    """
    if isinstance(written, str):
        return None if written == AUTO_METRIC else ComponentSpec(written)
    return ComponentSpec.of(written["name"], written["params"])


def metric_problems(document: Document, folders: Folders) -> list[Problem]:
    """Return what is wrong with the name and the parameters of the metric that was written."""
    validation = document.value.get("validation")
    written = validation.get("metric") if isinstance(validation, dict) else None
    if isinstance(written, str):
        written = {"name": written}
    if not isinstance(written, dict) or not isinstance(written.get("name"), str):
        return []
    if written["name"] == AUTO_METRIC and not written.get("params"):
        return []
    row = known_rows("metric").get(written["name"])
    if row is not None and task_of(document.value) == SEGMENTATION and _MASKS not in row.takes:
        # No parameter would make it one for masks: the study refuses it, and names those that are.
        return []
    checked = CheckedComponents("metric", document, folders)
    checked_spec(checked, written, ("validation", "metric"))
    return checked.problems
