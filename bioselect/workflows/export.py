"""Retrain the chosen candidate on all images and write the model."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError
from typing import Any

from bioselect.bundle.manifest import LabelText
from bioselect.bundle.reading import read_manifest
from bioselect.bundle.writing import BundleContents, write_bundle
from bioselect.data.fingerprint import ImageFingerprint, dataset_digest
from bioselect.data.table_labels import LabelCell
from bioselect.data.targets import counted
from bioselect.estimators.ensemble_spec import classifier_identity, ensemble_spec
from bioselect.estimators.threshold_words import DECISION_THRESHOLD, threshold_words
from bioselect.exceptions import BioselectError
from bioselect.features.cache import FeatureCache
from bioselect.features.columns import row_identity
from bioselect.features.looks import looks_of
from bioselect.features.views import Views
from bioselect.own_modules import distribution_version
from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec
from bioselect.run_folder import RunFolder
from bioselect.selection.chosen import as_text
from bioselect.selection.cross_validation import Problem
from bioselect.storage import digest_of, explained_storage_errors, named_files, sha256_of_file
from bioselect.workflows.class_table import class_table_markdown
from bioselect.workflows.columns.contents import column_part, told_of_columns
from bioselect.workflows.evaluated_metrics import DECIDED_BY
from bioselect.workflows.judgement import Judged
from bioselect.workflows.seen_images import N_CHECKSUM_DIGITS
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.trained_ensemble import joined_extractor, trained_ensemble
from bioselect.workflows.trained_network import (
    exported_network,
    fitted_network,
    network_facts,
    training_words,
)
from bioselect.workflows.trained_on_all import trained_on_all
from bioselect.workflows.usable_extractors import UsableExtractor

VERSIONED = (
    "tensorflow", "keras", "openvino", "scikit-learn", "numpy", "scipy", "opencv-python", "skops",
)  # fmt: skip
#: What the columns of the table in the card mean.
OF_CLASSES = (
    "Recall is the share of the images of a class that is found, precision the share of right ones "
    "among those that are called so; F1 is the harmonic mean of both."
)
OF_LABELS = (
    "An image may have several labels, or none; it is said to have a label whose probability is "
    "above one half. Recall is the share of the images with a label that is found, precision the "
    "share of right ones among those said to have it; F1 is the harmonic mean of both. ROC AUC is "
    "the chance that an image with the label gets a higher probability of it than one without."
)


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
    write_bundle(
        folder.model,
        BundleContents(
            **fitted,
            class_names=inputs.dataset.class_names,
            labels=_label_text(inputs),
            reading=inputs.reading,
            image_shape=typical[:3],
            image_dtype=typical[3],
            calibration=judged.calibrated.calibration,
            scores=description["scores"],
            dataset=description["dataset"],
            versions=versions(),
            card=told_of_columns(inputs, _card(inputs, judged, fitted["chosen"])),
            columns=column_part(inputs),
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


def _is_ensemble(judged: Judged) -> bool:
    return judged.ensemble is not None and judged.exported == judged.ensemble.candidate


def _extractor(inputs: StudyInputs, judged: Judged) -> UsableExtractor:
    if judged.ensemble is not None and _is_ensemble(judged):
        return joined_extractor(judged.ensemble, inputs)
    return next(item for item in inputs.extractors if item.spec == judged.exported.extractor)


def _for_prediction(usable: UsableExtractor) -> UsableExtractor:
    """Return what computes the rows of new images: views that were for training only are not."""
    extractor = usable.extractor
    if isinstance(extractor, Views) and not extractor.at_prediction:
        return UsableExtractor(extractor.inner_spec, extractor.inner)
    return usable


def _estimator_spec(judged: Judged) -> ComponentSpec:
    if judged.ensemble is not None and _is_ensemble(judged):
        return ensemble_spec([(one.extractor, one.estimator) for one in judged.ensemble.members])
    return judged.exported.estimator


def _fitted(
    inputs: StudyInputs, problem: Problem, judged: Judged, cache: FeatureCache, reporter: Reporter
) -> dict[str, Any]:
    """Train the exported classifier on all images; return what the bundle is told of it."""
    usable = _extractor(inputs, judged)
    if judged.ensemble is not None and _is_ensemble(judged):
        estimator, chosen, n_features = trained_ensemble(
            judged.ensemble, inputs, problem, cache, reporter
        )
    else:
        estimator, chosen, features = trained_on_all(
            judged.exported, usable, inputs, problem, cache, reporter
        )
        n_features = features.rows.shape[1] * looks_of(usable.extractor).n_tested
    predicting = _for_prediction(usable)
    return {
        "extractor_spec": predicting.spec,
        "extractor": predicting.extractor,
        "estimator_spec": _estimator_spec(judged),
        "estimator": estimator,
        "n_features": n_features,
        "chosen": chosen,
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
            "calibration": judged.calibrated.calibration.as_dict(),
            "reliability": judged.reliability,
        }
    )
    dataset = {
        "name": inputs.dataset.name,
        "fingerprint": fingerprint,
        "n_images": inputs.dataset.n_images,
        "n_images_per_class": _counts(inputs),
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


def _counts(inputs: StudyInputs) -> dict[str, int]:
    """Return how many images are of each class, or have each label."""
    names = inputs.dataset.class_names
    counts = counted(inputs.dataset.targets(), len(names)).tolist()
    return dict(zip(names, counts, strict=True))


def _facts(inputs: StudyInputs, problem: Problem, judged: Judged) -> dict[str, Any]:
    """Return what tells the components of the model from all others."""
    if judged.exported.is_network:
        return network_facts(inputs, judged)
    usable, estimator = _extractor(inputs, judged), _estimator_spec(judged)
    extra = usable.extractor.identity() if hasattr(usable.extractor, "identity") else {}
    return {
        "candidate": [usable.spec.as_dict(), estimator.as_dict()],
        "identity": extra,
        "components": [
            row_identity(usable.spec, problem.base_dir),
            classifier_identity(estimator, problem.base_dir),
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


def own_score(judged: Judged) -> str:
    """Return the score of the exported model where that is not the best combination."""
    about = judged.verdict.honest_score.of
    if judged.exported.label == about:
        return ""
    row = next(
        row
        for row in judged.verdict.ranking
        if f"{row.extractor} + {row.estimator}" == judged.exported.label
    )
    between = ""
    if row.ci_low is not None and row.ci_high is not None:
        between = f" (95 % interval {row.ci_low:.3f} to {row.ci_high:.3f})"
    return (
        f"This model is {judged.exported.label}: {row.mean:.3f}{between} {judged.place_of_scores}. "
        f"What is expected of new images, below, is about {about}, the best combination.\n\n"
    )


def _threshold_section(inputs: StudyInputs, judged: Judged, chosen: dict[str, Any]) -> str:
    """Say where two classes are divided; of an ensemble, member by member."""
    names = inputs.dataset.class_names
    if judged.ensemble is None or not _is_ensemble(judged):
        words = threshold_words(judged.exported.estimator.params_dict, chosen, names)
        return f"## Threshold\n\n{words}\n\n" if words else ""
    of_members = []
    for member in judged.ensemble.members:
        start = f"{member.label}: "
        own = {key.removeprefix(start): chosen[key] for key in chosen if key.startswith(start)}
        if words := threshold_words(member.estimator.params_dict, own, names):
            of_members.append(f"- {member.label}: {words}\n")
    if not of_members:
        return ""
    return (
        f"## Thresholds\n\n{''.join(of_members)}\nThe model gives the mean of the probabilities of "
        "its members, after these are moved: one half is the border of the mean too.\n\n"
    )


def _card(inputs: StudyInputs, judged: Judged, chosen: dict[str, Any]) -> str:
    is_network = judged.exported.is_network
    how = f" {training_words(inputs, judged)}" if is_network else _found(chosen)
    classes = "\n".join(f"- {name}: {count} images" for name, count in _counts(inputs).items())
    title, what, meaning = ("Classes", "Class by class", OF_CLASSES)
    if inputs.dataset.is_multilabel:
        title, what, meaning = ("Labels", "Label by label", OF_LABELS)
    return (
        f"# {judged.exported.label}\n\n"
        f"A classifier of images, chosen and trained by bioselect.{how}\n\n"
        f"## {title}\n\n{classes}\n\n"
        f"## What to expect\n\n{own_score(judged)}{judged.verdict.in_words}\n\n"
        f"## {what}\n\n{class_table_markdown(judged, inputs.dataset.class_names)}\n{meaning}\n\n"
        f"{_threshold_section(inputs, judged, chosen)}"
        f"## Probabilities\n\n{judged.reliability}\n\n"
        "## Limits\n\n"
        "The figures hold for images like those it was trained on. Check it on images from "
        "elsewhere with `bioselect evaluate` before relying on it. Not a medical device.\n"
    )


def _found(chosen: dict[str, Any]) -> str:
    """Say which values the search on all images chose."""
    # Where two classes are divided has a section of its own.
    searched = {
        name: value
        for name, value in chosen.items()
        if name.rpartition(": ")[2] != DECISION_THRESHOLD
    }
    if not searched:
        return ""
    values = ", ".join(f"{name} = {as_text(value)}" for name, value in searched.items())
    return f" Its search, repeated on all images, chose {values}."
