"""What is told of an exported model: for programs as JSON, for people as sentences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bioselect.bundle.export.pieces import IMAGE, Given, Piece
from bioselect.bundle.export.trial import Found, checked_words
from bioselect.bundle.reading import Model
from bioselect.estimators.calibration import NONE
from bioselect.own_modules import distribution_version

#: Raised when a key changes its meaning.
FACTS_FORMAT = 1


def facts_of(
    model: Model, pieces: Sequence[Piece], inputs: Sequence[Given], with_predicted: bool
) -> dict[str, Any]:
    """Return what a program must know to use an ONNX file of a model."""
    manifest = model.manifest
    return {
        "format": FACTS_FORMAT,
        "made_by": f"bioselect {distribution_version('bioselect')}",
        "task": manifest.task,
        "class_names": list(manifest.class_names),
        **({} if manifest.labels is None else {"labels": manifest.labels.model_dump(mode="json")}),
        **({} if manifest.number is None else {"number": manifest.number.model_dump(mode="json")}),
        "extractor": {"name": manifest.extractor.name, "params": manifest.extractor.params},
        "estimator": {"name": manifest.estimator.name, "params": manifest.estimator.params},
        "inputs": [one.facts() for one in inputs],
        "outputs": _outputs(model, with_predicted),
        "inside": _inside(model, pieces),
        "outside": {piece.name: piece.why_not for piece in pieces if piece.why_not},
        "calibration": manifest.calibration,
        "reading": manifest.reading,
        "training_data": manifest.dataset.get("fingerprint", ""),
        "scores": manifest.scores,
    }


def _outputs(model: Model, with_predicted: bool) -> list[dict[str, str]]:
    if model.number is not None:
        return [{"name": "value", "meaning": f"{model.number.in_words}, float32"}]
    labels = model.manifest.labels is not None
    what = "label, each for itself" if labels else "class; rows sum to 1"
    found = [{"name": "probabilities", "meaning": f"float32, one of each {what}"}]
    if with_predicted:
        predicted = "int64, 0 or 1 for each label" if labels else "int64, the place of the class"
        found.append({"name": "predicted", "meaning": predicted})
    return found


def _inside(model: Model, pieces: Sequence[Piece]) -> list[str]:
    """Return what the graph holds, in the order in which it is computed."""
    manifest = model.manifest
    found = [f"the network {piece.name}" for piece in pieces if piece.inside is not None]
    if manifest.network is None:
        found.append(f"the estimator {manifest.estimator.name}, with all that it learnt before it")
    if manifest.calibration["method"] != NONE and model.number is None:
        found.append(f"the calibration ({manifest.calibration['method']})")
    return found


def as_props(facts: dict[str, Any]) -> dict[str, str]:
    """Return facts as ONNX keeps them: strings, what is none as JSON.

    Examples
    --------
    >>> as_props({"task": "classification", "class_names": ["a", "b"]})
    {'task': 'classification', 'class_names': '["a", "b"]'}
    """
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in facts.items()
    }


def in_words(facts: dict[str, Any]) -> str:
    """Return what a person should know of an ONNX file."""
    lines = [f"Made by {facts['made_by']}. Inside: {'; '.join(facts['inside'])}."]
    for name, why in facts["outside"].items():
        lines.append(f"Not inside: {name}, because {why}.")
    for one in facts["inputs"]:
        lines += input_lines(one)
    for one in facts["outputs"]:
        lines.append(f"It gives {one['name']}: {one['meaning']}.")
    if facts["class_names"]:
        lines.append(f"Classes, in this order: {', '.join(facts['class_names'])}.")
    return "\n".join(lines)


def input_lines(one: dict[str, Any]) -> list[str]:
    """Return what a graph takes, and what has to be done before, line by line."""
    told = ""
    if one["kind"] == IMAGE:
        told = ", from 0 to 1" + (", red, green, blue" if one["shape"][-1] == 3 else "")
    shape = " x ".join(map(str, one["shape"]))
    first = f"It takes {one['name']}: {one['dtype']} {shape}{told}. Before that, outside:"
    return [first, *(f"  {number}. {step}" for number, step in enumerate(one["before"], 1))]


def found_in_words(found: Found, model: Model) -> str:
    """Return how well file and model agree."""
    what = "probabilities" if model.number is None else f"numbers ({model.number.in_words})"
    line = checked_words(found, "rows" if model.extractor is None else "images", what)
    if found.n_jumped:
        verb = "differs" if found.n_jumped == 1 else "differ"
        line = (
            f"{line.removesuffix('.')}, except that {found.n_jumped} of these {verb} by up to "
            f"{found.largest_jump:.2g}: a feature lies within rounding of a border, where what "
            "this estimator says jumps; on the same features it says the same."
        )
    return line
