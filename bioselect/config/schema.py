"""The JSON Schema of the configuration, with which editors complete and check it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bioselect.config.combinations import COMBINED, COMBINED_FOR_NUMBERS
from bioselect.config.rules import parameter_schema
from bioselect.config.sections import Config
from bioselect.registry import ComponentRow, known_rows

IMPORT_PATH = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"
SECTION_OF_KIND = {
    "extractor": "ExtractorSection",
    "classifier": "ClassifierSection",
    "regressor": "RegressorSection",
    "network": "NetworkSection",
    "augmentation": "AugmentationSection",
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a configuration file.

    Names of components are those known on this machine, installed packages included, or an
    import path.

    Examples
    --------
    >>> schema()["properties"]["validation"]["description"]
    'Folds, metric and seed.'
    """
    made = Config.model_json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "bioselect configuration"
    for kind, section in SECTION_OF_KIND.items():
        rows = known_rows(kind)
        if kind == "network":  # What learns masks is listed there too.
            rows = {name: _with_losses_of_numbers(row) for name, row in rows.items()}
            rows = {**rows, **known_rows("segmenter")}
        body = made["$defs"][section]
        body["properties"]["name"].update(name_schema(rows))
        body["allOf"] = [_params_of(row) for row in rows.values() if row.provider == "bioselect"]
        made["$defs"][section] = {"anyOf": [name_schema(rows), body]}
    made["anyOf"] = [
        {"required": list(COMBINED)},
        {"required": list(COMBINED_FOR_NUMBERS)},
        {"required": ["networks"]},
        # A table without images is learnt from as it stands.
        *(
            {"required": [key], "properties": {"dataset": {"required": ["table"]}}}
            for key in ("classifiers", "regressors")
        ),
    ]
    metric = made["$defs"]["ValidationSection"]["properties"]["metric"]
    metric.update(_metric_schema(known_rows("metric")))
    return made


def _with_losses_of_numbers(row: ComponentRow) -> ComponentRow:
    """Return the row of a network with the losses of both tasks, which share the section."""
    other = known_rows("value_network")[row.name]
    losses = [choice for one in other.parameters if one.name == "loss" for choice in one.choices]
    parameters = (
        replace(one, choices=(*one.choices, *losses)) if one.name == "loss" else one
        for one in row.parameters
    )
    return replace(row, parameters=tuple(parameters))


def _metric_schema(rows: Mapping[str, ComponentRow]) -> dict[str, Any]:
    """Say how a metric is named: one that must be told something only with parameters."""
    alone = [name for name, row in rows.items() if not any(one.required for one in row.parameters)]
    body = {
        "type": "object",
        "properties": {"name": name_schema(rows), "params": {"type": "object"}},
        "required": ["name"],
        "additionalProperties": False,
        "allOf": [_params_of(row) for row in rows.values() if row.provider == "bioselect"],
    }
    return {"anyOf": [name_schema(["auto", *alone]), body]}


def name_schema(names: Any) -> dict[str, Any]:
    """Return the schema of a component's name: a known one, or an import path.

    Examples
    --------
    >>> name_schema(["hog"])["anyOf"][0]
    {'enum': ['hog']}
    """
    return {
        "anyOf": [{"enum": list(names)}, {"type": "string", "pattern": IMPORT_PATH}],
        "examples": [*list(names)[:3], "mylab.features:NucleusShape"],
    }


def _params_of(row: ComponentRow) -> Mapping[str, Any]:
    """Say which parameters go with a name."""
    properties = {}
    for parameter in row.parameters:
        described: dict[str, Any] = parameter_schema(parameter)
        if parameter.summary:
            described["description"] = parameter.summary
        described["default"] = parameter.default
        properties[parameter.name] = described
    params = {"type": "object", "properties": properties, "additionalProperties": False}
    then: dict[str, Any] = {"properties": {"params": params}}
    required = [parameter.name for parameter in row.parameters if parameter.required]
    if required:
        params["required"] = required
        then["required"] = ["params"]
    return {"if": {"type": "object", "properties": {"name": {"const": row.name}}}, "then": then}
