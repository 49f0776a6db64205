"""Retrain the chosen candidate on all images and write the model."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError
from typing import Any

from bioselect.bundle.manifest import LabelText, NumberText, SetsText
from bioselect.bundle.reading import read_manifest
from bioselect.bundle.writing import BundleContents, write_bundle
from bioselect.data.fingerprint import ImageFingerprint, dataset_digest
from bioselect.data.table_labels import LabelCell
from bioselect.estimators.calibration import Calibration
from bioselect.estimators.ensemble_spec import ensemble_spec, estimator_identity
from bioselect.exceptions import BioselectError
from bioselect.features.cache import FeatureCache
from bioselect.features.columns import row_identity
from bioselect.features.looks import looks_of
from bioselect.features.views import Views
from bioselect.own_modules import distribution_version
from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec
from bioselect.run_folder import RunFolder
from bioselect.selection.cross_validation import Problem
from bioselect.storage import digest_of, explained_storage_errors, named_files, sha256_of_file
from bioselect.workflows.columns.contents import (
    column_facts_of_key,
    column_part,
    n_joined,
    told_of_columns,
)
from bioselect.workflows.evaluated_metrics import DECIDED_BY
from bioselect.workflows.judgement import Judged
from bioselect.workflows.model_card import counts_of, is_ensemble, model_card
from bioselect.workflows.remembered_images import (
    remembered_key,
    remembered_novelty,
    remembered_quality,
    remembered_rows,
    remembered_words,
    thumbnails,
)
from bioselect.workflows.seen_images import N_CHECKSUM_DIGITS
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.trained_ensemble import joined_extractor, trained_ensemble
from bioselect.workflows.trained_network import (
    exported_network,
    fitted_network,
    network_facts,
)
from bioselect.workflows.trained_on_all import trained_on_all
from bioselect.workflows.usable_extractors import UsableExtractor

VERSIONED = (
    "tensorflow", "keras", "openvino", "scikit-learn", "numpy", "scipy", "opencv-python", "skops",
)  # fmt: skip


def export_model(
    folder: RunFolder,
    inputs: StudyInputs,
    problem: Problem,
    judged: Judged,
    cache: FeatureCache,
    reporter: Reporter,
) -> None:
    """Write `model/`, unless the one that lies there is already the one asked for."""
    description = _description(inputs, problem, judged)
    if _is_current(folder, description):
        reporter.say(f"the model in {folder.model} is up to date")
        return
    # The tables are those of this study already; a model of an earlier one must not lie beside
    # them, should the new one fail.
    if folder.model.exists():
        with explained_storage_errors(folder.model, "removed"):
            shutil.rmtree(folder.model)
    reporter.say(f"retraining {judged.exported.label} on all {inputs.dataset.n_images} images")
    if judged.exported.is_network:
        key = description["dataset"]["training"]
        fitted = fitted_network(inputs, problem, judged, cache, folder, key, reporter)
    else:
        fitted = _fitted(inputs, problem, judged, cache, reporter)
    typical = typical_image(inputs.fingerprints)
    pictures = thumbnails(inputs, fitted["reference"], reporter)
    remembered = remembered_words(inputs, fitted["reference"], len(pictures))
    card = model_card(inputs, judged, fitted["chosen"], remembered)
    write_bundle(
        folder.model,
        BundleContents(
            **fitted,
            class_names=inputs.dataset.class_names,
            labels=_label_text(inputs),
            number=_number_text(inputs, judged),
            reading=inputs.reading,
            image_shape=typical[:3],
            image_dtype=typical[3],
            calibration=_calibration(judged),
            scores=description["scores"],
            dataset=description["dataset"],
            versions=versions(),
            card=told_of_columns(inputs, card),
            thumbnails=pictures,
            quality=remembered_quality(inputs),
            columns=column_part(inputs, judged),
            sets=_sets_text(judged),
            base_dir=inputs.config.base_dir,
        ),
    )
    network = read_manifest(folder.model).network
    if network is not None and not network.compiled:
        reporter.say(f"the model will be computed by Keras, which starts slowly: {network.why_not}")


def _label_text(inputs: StudyInputs) -> LabelText | None:
    """Return how several labels are written in one cell: as in the table, if they are there."""
    if not inputs.dataset.is_multilabel:
        return None
    rule = inputs.config.dataset.target_rule
    if isinstance(rule, LabelCell):
        return LabelText(separator=rule.separator, none_label=rule.none_label)
    return LabelText()


def _number_text(inputs: StudyInputs, judged: Judged) -> NumberText | None:
    """Return what is predicted, where that is a number."""
    if not inputs.dataset.is_values:
        return None
    values = inputs.dataset.values()
    return NumberText(
        name=inputs.dataset.target_name,
        unit=inputs.unit,
        lowest=float(values.min()),
        highest=float(values.max()),
        interval=_interval(judged),
    )


def _interval(judged: Judged) -> dict[str, Any] | None:
    found = None if judged.intervals is None else judged.intervals.interval
    return None if found is None else found.as_dict()


def _sets_text(judged: Judged) -> SetsText | None:
    """Return the prediction sets, and how they did in the study."""
    found = judged.sets
    if found is None or found.sets is None:
        return None
    measured = None
    if found.measured is not None:
        measured = asdict(found.measured)
        del measured["of_classes"]
    return SetsText(**found.sets.as_dict(), measured=measured)


def _calibration(judged: Judged) -> Calibration:
    return Calibration() if judged.calibrated is None else judged.calibrated.calibration


def _extractor(inputs: StudyInputs, judged: Judged) -> UsableExtractor:
    if judged.ensemble is not None and is_ensemble(judged):
        return joined_extractor(judged.ensemble, inputs)
    return next(item for item in inputs.extractors if item.spec == judged.exported.extractor)


def _for_prediction(usable: UsableExtractor) -> UsableExtractor:
    """Return what computes the rows of new images: views that were for training only are not."""
    extractor = usable.extractor
    if isinstance(extractor, Views) and not extractor.at_prediction:
        return UsableExtractor(extractor.inner_spec, extractor.inner)
    return usable


def _estimator_spec(judged: Judged) -> ComponentSpec:
    if judged.ensemble is not None and is_ensemble(judged):
        return ensemble_spec([(one.extractor, one.estimator) for one in judged.ensemble.members])
    return judged.exported.estimator


def _fitted(
    inputs: StudyInputs, problem: Problem, judged: Judged, cache: FeatureCache, reporter: Reporter
) -> dict[str, Any]:
    """Train the exported classifier on all images; return what the bundle is told of it."""
    usable = _extractor(inputs, judged)
    if judged.ensemble is not None and is_ensemble(judged):
        estimator, chosen, n_features = trained_ensemble(
            judged.ensemble, inputs, problem, cache, reporter
        )
    else:
        estimator, chosen, features = trained_on_all(
            judged.exported, usable, inputs, problem, cache, reporter
        )
        n_own = features.rows.shape[1] - n_joined(inputs)
        n_features = n_own * looks_of(usable.extractor).n_tested
    predicting = _for_prediction(usable)
    reference = remembered_rows(usable, estimator, inputs, problem, cache, reporter)
    return {
        "extractor_spec": predicting.spec,
        "extractor": predicting.extractor,
        "estimator_spec": _estimator_spec(judged),
        "estimator": estimator,
        "n_features": n_features,
        "chosen": chosen,
        "reference": reference,
        "novelty": remembered_novelty(reference, problem),
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a model depends on."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in VERSIONED:
        try:
            found[name] = distribution_version(name)
        except PackageNotFoundError:
            continue
    return found


def _description(inputs: StudyInputs, problem: Problem, judged: Judged) -> dict[str, Any]:
    """Return what the manifest will say; the key tells one training from another."""
    honest = judged.verdict.honest_score
    scores = {
        "of": honest.of,
        "metric": honest.metric,
        DECIDED_BY: inputs.metric.spec.as_dict(),
        "expected": honest.value,
        "ci_low": honest.ci_low,
        "ci_high": honest.ci_high,
        "naive": honest.naive,
        "chance": honest.chance,
    }
    fingerprint = dataset_digest(list(inputs.fingerprints), inputs.dataset)
    key = digest_of(
        {
            **_facts(inputs, problem, judged),
            "dataset": fingerprint,
            "units": problem.units.tolist(),
            "reading": inputs.reading.as_dict(),
            "seed": problem.seed,
            "metric": str(problem.metric_name),
            "versions": versions(),
            "scores": scores,
            "words": judged.verdict.in_words,
            "calibration": _calibration(judged).as_dict(),
            **({} if judged.intervals is None else {"interval": _interval(judged)}),
            "reliability": judged.reliability,
            **({} if judged.sets is None else {"sets": [asdict(judged.sets)]}),
            **remembered_key(inputs),
        }
    )
    dataset = {
        "name": inputs.dataset.name,
        "fingerprint": fingerprint,
        "n_images": inputs.dataset.n_images,
        **({} if inputs.dataset.is_values else {"n_images_per_class": counts_of(inputs)}),
        "n_groups": len({group for group in inputs.dataset.groups if group is not None}),
        "training": key,
        "sha256": sorted(_trained_on(inputs, judged)),
    }
    return {"scores": scores, "dataset": dataset}


def _trained_on(inputs: StudyInputs, judged: Judged) -> list[str]:
    """Return the first digits of the checksums of all images that the model has ever seen."""
    own = [mark.sha256[:N_CHECKSUM_DIGITS] for mark in inputs.fingerprints]
    if not judged.exported.is_network:
        return own
    return [*own, *exported_network(inputs, judged).seen]


def _facts(inputs: StudyInputs, problem: Problem, judged: Judged) -> dict[str, Any]:
    """Return what tells the components of the model from all others."""
    if judged.exported.is_network:
        return network_facts(inputs, judged)
    usable, estimator = _extractor(inputs, judged), _estimator_spec(judged)
    extra = usable.extractor.identity() if hasattr(usable.extractor, "identity") else {}
    return {
        "candidate": [usable.spec.as_dict(), estimator.as_dict()],
        "identity": extra,
        **column_facts_of_key(inputs),
        "components": [
            row_identity(usable.spec, problem.base_dir),
            estimator_identity(estimator, problem.base_dir, inputs.config.estimator_kind),
            *filter(None, [named_files(estimator.params_dict, problem.base_dir)]),
        ],
    }


def _is_current(folder: RunFolder, description: dict[str, Any]) -> bool:
    try:
        manifest = read_manifest(folder.model)
    except BioselectError:
        return False
    if manifest.dataset.get("training") != description["dataset"]["training"]:
        return False
    return all(
        (folder.model / name).is_file() and sha256_of_file(folder.model / name) == expected
        for name, expected in manifest.files.items()
    )


def typical_image(marks: Sequence[ImageFingerprint]) -> tuple[int, int, int, str]:
    """Return the commonest shape and pixel type of the images."""
    shapes = Counter((mark.height, mark.width, mark.n_channels, mark.dtype) for mark in marks)
    commonest = max(shapes.values())
    return min(shape for shape, count in shapes.items() if count == commonest)
