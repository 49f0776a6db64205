"""The chosen network trained on all images of a study."""

from __future__ import annotations

import gc
import shutil
from dataclasses import asdict
from typing import Any

import numpy as np

from bioselect.bundle.network_model import N_TRIED
from bioselect.bundle.writing import NetworkContents
from bioselect.features.cache import FeatureCache
from bioselect.networks.history import EpochRecord
from bioselect.networks.task import NetworkTask
from bioselect.progress import Reporter, Task
from bioselect.registry import ComponentSpec
from bioselect.run_folder import RunFolder
from bioselect.selection.candidates import IMAGES, Candidate
from bioselect.selection.chosen import as_text
from bioselect.selection.cross_validation import FoldResult, Problem
from bioselect.selection.fitting import derived_seed
from bioselect.selection.network_folds import median_best_epoch, usual_values, who_chose_usual
from bioselect.workflows.judgement import Judged
from bioselect.workflows.network_study import PixelSources
from bioselect.workflows.remembered_images import remembered_by_network
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.training_histories import refit_texts
from bioselect.workflows.usable_networks import UsableNetwork, network_of

N_KEY_DIGITS = 32


def exported_network(inputs: StudyInputs, judged: Judged) -> UsableNetwork:
    """Return the network that becomes the model."""
    return next(one for one in inputs.networks if one.spec == judged.exported.estimator)


def network_facts(inputs: StudyInputs, judged: Judged) -> dict[str, Any]:
    """Return what tells the training of one network on all images from that of another."""
    return {
        "candidate": [IMAGES.as_dict(), _final_spec(judged).as_dict()],
        "identity": exported_network(inputs, judged).identity,
        "epochs": median_best_epoch(_folds(judged)),
    }


def fitted_network(
    inputs: StudyInputs,
    problem: Problem,
    judged: Judged,
    cache: FeatureCache,
    folder: RunFolder,
    key: str,
    reporter: Reporter,
) -> dict[str, Any]:
    """Train the exported network on all images, for as many epochs as the folds found best.

    Of a search, these are the folds that chose the values with which it is trained.

    There is no validation part any more: the median of the best epochs of the folds says when it
    ends. A training that was killed goes on from its last epoch.

    Parameters
    ----------
    inputs, problem, judged, cache, folder, reporter
        Of the study.
    key : str
        Tells this training from all others.

    Returns
    -------
    dict
        What `BundleContents` is told of it.
    """
    usable = exported_network(inputs, judged)
    spec, n_epochs = _final_spec(judged), median_best_epoch(_folds(judged))
    pixels = PixelSources(inputs, cache, reporter).of(usable.input_shape)
    task = NetworkTask(
        n_classes=problem.n_classes,
        class_indices=problem.class_indices,
        train=np.arange(len(problem.class_indices)),
        validation=np.zeros(0, dtype=np.int64),
        seed=derived_seed(problem.seed),
        epochs=n_epochs,
    )
    checkpoints = folder.training / key[:N_KEY_DIGITS]
    label = f"training {usable.spec.label} on all images"
    with reporter.task(label, n_epochs) as bar:
        network = network_of(spec, inputs.config, inputs.n_jobs)
        trained = network.fit(pixels, task, checkpoints, _told(bar))
    shutil.rmtree(checkpoints, ignore_errors=True)
    gc.collect()
    # Evenly spread, since images are sorted by class: some of each.
    shown = np.linspace(0, len(pixels) - 1, min(N_TRIED, len(pixels))).astype(np.int64)
    searched = {name: spec.params_dict[name] for name in usable.spec.search_dict}
    return {
        "extractor_spec": IMAGES,
        "extractor": None,
        "estimator_spec": spec,
        "estimator": None,
        "n_features": problem.n_classes,
        "chosen": {**searched, "epochs": n_epochs},
        "network": NetworkContents(
            trained.model, usable.input_shape, usable.identity, tuple(pixels.batch(shown))
        ),
        "reference": remembered_by_network(trained.model, pixels, problem),
        "texts": refit_texts(
            Candidate(IMAGES, usable.spec), [asdict(one) for one in trained.history]
        ),
    }


def training_words(inputs: StudyInputs, judged: Judged) -> str:
    """Return a paragraph for the card: how the network was trained."""
    usable = exported_network(inputs, judged)
    folds, n_all = _folds(judged), len(judged.exported_folds)
    n_epochs = median_best_epoch(folds)
    height, width, _ = usable.input_shape
    text = f"The network takes images of {height} x {width} pixels. "
    these = f"the {n_all} trainings of the study" if n_all > 1 else "the one training of the study"
    if usable.spec.search:
        final = _final_spec(judged).params_dict
        values = ", ".join(f"{name} = {as_text(final[name])}" for name in usable.spec.search_dict)
        text += f"Its search chose {values} in {len(folds)} of {these}. "
        these = "these"
    return (
        f"{text}It was trained on all images for {n_epochs} epoch{'s' * (n_epochs != 1)}, the "
        f"median of those that were best in {these}."
    )


def _folds(judged: Judged) -> list[FoldResult]:
    """Return the folds by which the training on all images goes."""
    return who_chose_usual(judged.exported_folds, judged.exported.estimator)


def _final_spec(judged: Judged) -> ComponentSpec:
    return usual_values(judged.exported_folds, judged.exported.estimator)


def _told(bar: Task) -> Any:
    def progress(record: EpochRecord, n_epochs: int, seconds: float) -> None:
        bar.advance()

    return progress
