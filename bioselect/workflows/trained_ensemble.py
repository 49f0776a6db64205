"""The ensemble trained on all images: every member, and one extractor for all of their rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from bioselect.features.cache import FeatureCache
from bioselect.features.extraction import extract_parts
from bioselect.features.keys import specified_parts
from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec, create
from bioselect.selection.cross_validation import Problem
from bioselect.selection.ensemble import Ensemble
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.trained_on_all import trained_on_all
from bioselect.workflows.usable_extractors import UsableExtractor


def joined_extractor(ensemble: Ensemble, inputs: StudyInputs) -> UsableExtractor:
    """Return one extractor that computes the rows of all members, each part once."""
    specs = _part_specs(ensemble, inputs)
    usable = {item.spec: item for item in inputs.extractors}
    if len(specs) == 1 and specs[0] in usable:
        return usable[specs[0]]
    written = [{"name": spec.name, "params": spec.params_dict} for spec in specs]
    joined = ComponentSpec.of("concat", {"extractors": written})
    return UsableExtractor(joined, create("extractor", joined, inputs.config.base_dir))


def trained_ensemble(
    ensemble: Ensemble,
    inputs: StudyInputs,
    problem: Problem,
    cache: FeatureCache,
    reporter: Reporter,
) -> tuple[Any, dict[str, Any], int]:
    """Train every member on all images.

    Returns
    -------
    estimator : AveragedModels
        Takes the rows of `joined_extractor`.
    chosen : dict
        What the searches of members chose, by the member's label and the parameter.
    n_features : int
        The length of these rows.
    """
    from bioselect.estimators.averaging import AveragedModels

    places = _column_places(ensemble, inputs, cache, reporter)
    usable = {item.spec: item for item in inputs.extractors}
    models, columns = [], []
    chosen: dict[str, Any] = {}
    for member in ensemble.members:
        reporter.say(f"  {member.label}")
        extractor = usable[member.extractor]
        model, found, _ = trained_on_all(member, extractor, inputs, problem, cache, reporter)
        models.append(model)
        columns.append(np.concatenate([places[spec] for spec in _specs_of(extractor)]))
        chosen |= {f"{member.label}: {name}": value for name, value in found.items()}
    n_features = sum(map(len, places.values()))
    return AveragedModels(models, columns, problem.n_classes), chosen, n_features


def _specs_of(usable: UsableExtractor) -> list[ComponentSpec]:
    """Return the parts of an extractor; itself where it has none."""
    return [spec for spec, _ in specified_parts(usable.extractor)] or [usable.spec]


def _part_specs(ensemble: Ensemble, inputs: StudyInputs) -> list[ComponentSpec]:
    usable = {item.spec: item for item in inputs.extractors}
    specs = [spec for one in ensemble.members for spec in _specs_of(usable[one.extractor])]
    return list(dict.fromkeys(specs))


def _column_places(
    ensemble: Ensemble, inputs: StudyInputs, cache: FeatureCache, reporter: Reporter
) -> dict[ComponentSpec, np.ndarray]:
    """Return for each part its columns in the joined rows."""
    widths: dict[ComponentSpec, int] = {}
    for item in inputs.extractors:
        if any(item.spec == member.extractor for member in ensemble.members):
            parts = extract_parts(
                item.spec,
                item.extractor,
                inputs.images,
                inputs.reading,
                cache,
                reporter,
                inputs.n_jobs,
                inputs.config.base_dir,
            )
            widths |= {
                spec: part.shape[1] for spec, part in zip(_specs_of(item), parts, strict=True)
            }
    places, start = {}, 0
    for spec in _part_specs(ensemble, inputs):
        places[spec] = np.arange(start, start + widths[spec])
        start += widths[spec]
    return places
