"""Retrain the chosen segmenter on all images with their masks and write the model."""

from __future__ import annotations

import gc
import shutil
from dataclasses import asdict
from typing import Any

import numpy as np

from bioselect.bundle.manifest import SegmentationManifest
from bioselect.bundle.mask_model import MaskBundleContents, write_mask_bundle
from bioselect.bundle.reading import read_any_manifest
from bioselect.data.fingerprint import dataset_digest
from bioselect.exceptions import BioselectError
from bioselect.networks.history import EpochRecord
from bioselect.segmenters.base import MaskTask, TrainedSegmenter
from bioselect.selection.fitting import derived_seed
from bioselect.selection.network_folds import median_best_epoch
from bioselect.storage import digest_of, explained_storage_errors, sha256_of_file
from bioselect.workflows.evaluated_metrics import DECIDED_BY
from bioselect.workflows.export import typical_image, versions
from bioselect.workflows.seen_images import N_CHECKSUM_DIGITS
from bioselect.workflows.segmentation.inputs import SegmentationInputs
from bioselect.workflows.segmentation.judgement import JudgedMasks
from bioselect.workflows.segmentation.mask_study import MaskStudy
from bioselect.workflows.segmentation.usable_segmenters import UsableSegmenter
from bioselect.workflows.segmentation.words import class_table, part_table
from bioselect.workflows.training_histories import refit_texts

N_KEY_DIGITS = 32


def export_segmenter(study: MaskStudy, judged: JudgedMasks) -> None:
    """Write `model/`, unless the one that lies there is already the one asked for."""
    inputs, folder = study.inputs, study.folder
    description = _description(study, judged)
    if _is_current(study, description):
        study.reporter.say(f"the model in {folder.model} is up to date")
        return
    # The tables are those of this study already; a model of an earlier one must not lie beside
    # them, should the new one fail.
    if folder.model.exists():
        with explained_storage_errors(folder.model, "removed"):
            shutil.rmtree(folder.model)
    usable = _exported(inputs, judged)
    name, n_images = usable.short_name, inputs.dataset.n_images
    study.reporter.say(f"retraining {name} on all {n_images} images")
    key = description["dataset"]["training"]
    trained = _trained_on_all(study, judged, usable, key)
    typical = typical_image(inputs.fingerprints)
    n_epochs = epochs_on_all(judged)
    history = [asdict(record) for record in trained.history]
    write_mask_bundle(
        folder.model,
        MaskBundleContents(
            spec=getattr(usable.segmenter, "spec", usable.spec),  # with what a plan chose
            identity=usable.segmenter.identity(),
            trained=trained,
            codes=inputs.codes,
            reading=inputs.reading,
            n_channels=inputs.n_channels,
            pixel_size=inputs.config.dataset.pixel_size,
            image_shape=typical[:3],
            image_dtype=typical[3],
            chosen={} if n_epochs is None else {"epochs": n_epochs},
            scores=description["scores"],
            dataset=description["dataset"],
            versions=versions(),
            card=_card(inputs, judged, usable),
            texts=refit_texts(judged.exported, history) if history else {},
        ),
    )
    shutil.rmtree(folder.training / key[:N_KEY_DIGITS], ignore_errors=True)
    gc.collect()
    manifest = read_any_manifest(folder.model)
    if isinstance(manifest, SegmentationManifest) and manifest.facts.get("compiled") is False:
        why = manifest.facts.get("why_not", "")
        study.reporter.say(f"the model will be computed by Keras, which starts slowly: {why}")


def epochs_on_all(judged: JudgedMasks) -> int | None:
    """Return how many epochs the training on all images has; None where there are none.

    There is no validation part any more: the median of the best epochs of the folds says it.
    """
    folds = [one.by("dice") for one in judged.exported_folds if one.history]
    return median_best_epoch(folds) if folds else None


def _exported(inputs: SegmentationInputs, judged: JudgedMasks) -> UsableSegmenter:
    return next(one for one in inputs.segmenters if one.spec == judged.exported.estimator)


def _trained_on_all(
    study: MaskStudy, judged: JudgedMasks, usable: UsableSegmenter, key: str
) -> TrainedSegmenter:
    """Train on all images; a training that was killed goes on from its last epoch."""
    inputs, n_epochs = study.inputs, epochs_on_all(judged)
    task = MaskTask(
        n_classes=inputs.codes.n_classes,
        background=inputs.codes.background,
        train=np.arange(inputs.dataset.n_images),
        validation=np.zeros(0, dtype=np.int64),
        seed=derived_seed(inputs.config.validation.seed),
        epochs=n_epochs,
    )
    label = f"training {usable.short_name} on all images"
    with study.reporter.task(label, n_epochs or 1) as bar:

        def progress(record: EpochRecord, n_epochs: int, seconds: float) -> None:
            bar.advance()

        checkpoints = study.folder.training / key[:N_KEY_DIGITS]
        trained = usable.segmenter.fit(study.pairs(), task, checkpoints, progress)
        if n_epochs is None:
            bar.advance()
    return trained


def _description(study: MaskStudy, judged: JudgedMasks) -> dict[str, Any]:
    """Return what the manifest will say; the key tells one training from another."""
    inputs, honest = study.inputs, judged.verdict.honest_score
    usable = _exported(inputs, judged)
    scores = {
        "of": honest.of,
        "metric": honest.metric,
        DECIDED_BY: inputs.metric.spec.as_dict(),
        "expected": honest.value,
        "ci_low": honest.ci_low,
        "ci_high": honest.ci_high,
        "naive": honest.naive,
    }
    fingerprint = digest_of(
        [
            dataset_digest(list(inputs.fingerprints), inputs.dataset),
            [one.sha256 for one in inputs.mask_facts],
        ]
    )
    key = digest_of(
        {
            "candidate": usable.spec.as_dict(),
            "identity": usable.segmenter.identity(),
            "epochs": epochs_on_all(judged),
            "pairs": inputs.demand().key,
            "dataset": fingerprint,
            "units": inputs.units.tolist(),
            "codes": inputs.codes.as_dict(),
            "pixel_size": inputs.config.dataset.pixel_size,
            "seed": inputs.config.validation.seed,
            "versions": versions(),
            "scores": scores,
            "words": judged.verdict.in_words,
        }
    )
    dataset = {
        "name": inputs.dataset.name,
        "fingerprint": fingerprint,
        "n_images": inputs.dataset.n_images,
        "n_groups": len({group for group in inputs.dataset.groups if group is not None}),
        "training": key,
        "sha256": sorted(
            [*(mark.sha256[:N_CHECKSUM_DIGITS] for mark in inputs.fingerprints), *usable.seen]
        ),
    }
    return {"scores": scores, "dataset": dataset}


def _is_current(study: MaskStudy, description: dict[str, Any]) -> bool:
    folder = study.folder
    try:
        manifest = read_any_manifest(folder.model)
    except BioselectError:
        return False
    if not isinstance(manifest, SegmentationManifest):
        return False
    if manifest.dataset.get("training") != description["dataset"]["training"]:
        return False
    return all(
        (folder.model / name).is_file() and sha256_of_file(folder.model / name) == expected
        for name, expected in manifest.files.items()
    )


def _card(inputs: SegmentationInputs, judged: JudgedMasks, usable: UsableSegmenter) -> str:
    n_epochs = epochs_on_all(judged)
    how = "It was fitted to all images."
    if n_epochs is not None:
        n_trainings = len(judged.exported_folds)
        which = "the one training" if n_trainings == 1 else f"the {n_trainings} trainings"
        how = (
            f"It was trained on all images for {n_epochs} epoch{'s' * (n_epochs != 1)}, the median "
            f"of those that were best in {which} of the study."
        )
    values = inputs.codes.values_of_places()
    classes = "\n".join(
        f"- {name} (written as {value} in masks)"
        for name, value in zip(inputs.codes.class_names, values, strict=True)
    )
    unit = inputs.config.dataset.pixel_size
    size = f"\n\nA pixel of the training images is {unit:g} micrometres wide." if unit else ""
    tables = "\n".join([*class_table(inputs, judged), "", *part_table(judged)])
    return (
        f"# {usable.spec.label}\n\n"
        f"A segmenter of images, chosen and trained by bioselect. {how}\n\n"
        f"## Classes\n\n{classes}{size}\n\n"
        f"## What to expect\n\n{judged.verdict.in_words}\n\n"
        f"## Class by class\n\n```text\n{tables}\n```\n\n"
        "## Limits\n\n"
        "The figures hold for images like those it was trained on. Check it on images from "
        "elsewhere with `bioselect evaluate` before relying on it. Not a medical device.\n"
    )
