"""`study.json`: the verdict of a study as data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bioselect.metrics.base import Metric, get_metric, in_units
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem
from bioselect.selection.model_sets import MeasuredSets
from bioselect.selection.outcome import Entrant
from bioselect.workflows.budget import Decision
from bioselect.workflows.judgement import Judged
from bioselect.workflows.study_inputs import StudyInputs


def study_as_data(
    inputs: StudyInputs, problem: Problem, judged: Judged, decisions: Sequence[Decision]
) -> dict[str, Any]:
    """Return what `study.json` holds."""
    verdict = judged.verdict
    metric = in_units(get_metric(inputs.metric, problem.base_dir), inputs.unit)
    budget: dict[str, Any] = {}
    if inputs.config.budget is not None:
        budget["budget"] = {
            "duration": inputs.config.budget,
            "decisions": [asdict(decision) for decision in decisions],
        }
    return {
        "best": _named(verdict.best),
        "recommended": _named(verdict.recommended),
        "exported": {
            "extractor": judged.exported.extractor.label,
            "estimator": judged.exported.estimator.label,
        },
        "tied_with_best": [_named(entrant) for entrant in verdict.tied_with_best],
        "honest_score": asdict(verdict.honest_score),
        "judged_by": judged_by(metric, inputs.rope, inputs.config.statistics.alpha),
        **_target(inputs),
        **_calibration(judged),
        **_intervals(judged),
        **_sets(inputs, judged),
        "design": problem.plan.design,
        **_searched(judged),
        **_ensemble(judged),
        "left_out": list(inputs.left_out),
        **budget,
        "tests": [_finite(asdict(row)) for row in verdict.tests],
        "in_words": verdict.in_words,
    }


def judged_by(metric: Metric, rope: float, alpha: float) -> dict[str, Any]:
    """Return what candidates were judged by; a bound that there is not is null."""
    return {
        "metric": metric.name,
        "in_words": metric.in_words,
        "direction": metric.direction,
        "bounds": [bound if math.isfinite(bound) else None for bound in metric.bounds],
        "response": metric.response,
        "unit": metric.unit,
        "rope": rope,
        "alpha": alpha,
    }


def _calibration(judged: Judged) -> dict[str, Any]:
    found = judged.calibrated
    if found is None:
        return {}
    words = {
        "tried": found.tried,
        "used": found.calibration.method,
        "n_units": found.n_units,
        "before": asdict(found.before),
        "after": None if found.after is None else asdict(found.after),
        "in_words": judged.reliability,
    }
    return {"calibration": words}


def _intervals(judged: Judged) -> dict[str, Any]:
    """Return how far from a predicted number the truth may lie, and how that was measured."""
    if judged.intervals is None:
        return {}
    return {"intervals": {**asdict(judged.intervals), "in_words": judged.reliability}}


def _sets(inputs: StudyInputs, judged: Judged) -> dict[str, Any]:
    """Return how probable classes must be to stand in a set, and how that was measured."""
    found = judged.sets
    if found is None:
        return {}
    names = inputs.dataset.class_names
    written: dict[str, Any] = {
        "level": found.level,
        "borders": None
        if found.sets is None
        else dict(zip(names, found.sets.borders, strict=True)),
        "shared": [names[place] for place in found.shared],
        "n_units": found.n_units,
        "n_needed": found.n_needed,
        "measured": None if found.measured is None else _measured(found.measured, names),
        "by_level": [
            {"level": level, "measured": _measured(one, names)} for level, one in found.by_level
        ],
        "in_words": judged.sets_in_words,
    }
    return {"prediction_sets": written}


def _measured(found: MeasuredSets, names: Sequence[str]) -> dict[str, Any]:
    of_classes = dict(zip(names, found.of_classes, strict=True))
    return {**asdict(found), "of_classes": of_classes}


def _target(inputs: StudyInputs) -> dict[str, Any]:
    """Return what is predicted, where that is a number."""
    if not inputs.dataset.is_values:
        return {}
    values = inputs.dataset.values()
    target = {
        "name": inputs.dataset.target_name,
        "unit": inputs.unit,
        "lowest": float(values.min()),
        "highest": float(values.max()),
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)),
    }
    return {"task": inputs.config.task, "target": target}


def _searched(judged: Judged) -> dict[str, Any]:
    """Return what searches chose most often, if anything was searched."""
    rows = [
        {
            "extractor": candidate.extractor.label,
            "estimator": candidate.estimator.label,
            **asdict(value),
        }
        for candidate, values in judged.chosen.items()
        for value in values
    ]
    return {"searched": rows} if rows else {}


def _ensemble(judged: Judged) -> dict[str, Any]:
    """Return the members of the ensemble, if there is one."""
    if judged.ensemble is None:
        return {}
    members = [_labels(member) for member in judged.ensemble.members]
    return {"ensemble": {**_labels(judged.ensemble.candidate), "members": members}}


def _labels(candidate: Candidate) -> dict[str, str]:
    return {"extractor": candidate.extractor.label, "estimator": candidate.estimator.label}


def _named(entrant: Entrant) -> dict[str, str]:
    return {"extractor": entrant.extractor, "estimator": entrant.estimator}


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """Replace what JSON cannot hold (infinite statistics) by text."""
    return {
        key: str(value)
        if isinstance(value, float) and value in (float("inf"), float("-inf"))
        else value
        for key, value in values.items()
    }
