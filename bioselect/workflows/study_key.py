"""What a budget's decisions are about: equal keys are the same study with the same budget."""

from __future__ import annotations

import numpy as np

from bioselect.config.duration import seconds_of
from bioselect.features.keys import feature_key, step_key
from bioselect.metrics.base import metric_identity
from bioselect.registry import identity
from bioselect.selection.cross_validation import FOLD_VERSION, Problem
from bioselect.storage import digest_of, named_files
from bioselect.workflows.columns.contents import column_facts_of_key
from bioselect.workflows.export import versions
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.usable_extractors import UsableExtractor


def study_key(inputs: StudyInputs, problem: Problem) -> str:
    """Return a digest of everything that a decision for lack of time may depend on.

    The number of processes is not among it: the same study on more of them goes by the decisions
    that are there.
    """
    base_dir = inputs.config.base_dir
    return digest_of(
        {
            "budget_seconds": seconds_of(inputs.config.budget) if inputs.config.budget else None,
            "fold_version": FOLD_VERSION,
            "versions": versions(),
            "images": [mark.pixels_sha256 for mark in inputs.fingerprints],
            "targets": problem.class_indices.tolist(),
            "units": problem.units.tolist(),
            "folds": [np.asarray(fold.test).tolist() for fold in problem.plan.folds],
            "seed": problem.seed,
            **column_facts_of_key(inputs),
            "metric": metric_identity(inputs.metric, base_dir),
            "extractors": [_identified(usable, inputs) for usable in inputs.extractors],
            "classifiers": [
                [
                    spec.label,
                    spec.as_dict(),
                    identity(inputs.config.estimator_kind, spec.name, base_dir),
                    *filter(
                        None, [named_files({**spec.params_dict, **spec.search_dict}, base_dir)]
                    ),
                ]
                for spec in inputs.estimators
            ],
        }
    )


def _identified(usable: UsableExtractor, inputs: StudyInputs) -> list[str]:
    base_dir = inputs.config.base_dir
    try:
        return [
            usable.spec.label,
            feature_key(usable.spec, usable.extractor, inputs.reading, base_dir),
            step_key(usable.spec, usable.extractor, base_dir),
        ]
    except Exception:
        # Somebody's own that cannot say what it is: its combinations will be told as failed.
        return [usable.spec.label]
