"""What the exported model remembers of the images that it was trained on."""

from __future__ import annotations

from typing import Any

from bioselect.bundle.described import described
from bioselect.bundle.novelty import Novelty, measure_novelty
from bioselect.bundle.quality import UsualQuality, usual_quality
from bioselect.bundle.reference import Reference, make_reference, numbers_remembered
from bioselect.bundle.thumbnails import LONGEST_SIDE, as_thumbnail
from bioselect.data.image_quality import Measures
from bioselect.data.reading import forget_scan, read_source
from bioselect.features.cache import FeatureCache
from bioselect.networks.grad_cam import rows_before_head
from bioselect.networks.pixels import Pixels
from bioselect.predict.as_picture import as_picture
from bioselect.progress import Reporter
from bioselect.selection.cross_validation import Problem
from bioselect.workflows.extractor_study import features_of
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.usable_extractors import UsableExtractor

#: Raised when a model would remember something else of the same images.
#: 2: how far training images lie from one another, and what is usual of their quality.
REMEMBERED_VERSION = 2


def remembered_key(inputs: StudyInputs) -> dict[str, Any]:
    """Return what tells a model that remembers something from one that remembers something else."""
    return {"remembered": [REMEMBERED_VERSION, inputs.config.bundle.thumbnails]}


def remembered_rows(
    usable: UsableExtractor,
    estimator: Any,
    inputs: StudyInputs,
    problem: Problem,
    cache: FeatureCache,
    reporter: Reporter,
) -> Reference | None:
    """Return what is remembered of the rows of an extractor; None of columns of a table.

    Also None of ensembles of what different extractors learnt, whose rows cannot be compared.
    """
    if inputs.columns is not None:
        return None
    features = features_of(usable, inputs, cache, reporter)
    numbers = numbers_remembered(inputs.dataset.n_images)
    rows = described(estimator, features.rows[numbers], features.looks.n_rows)
    if rows is None:
        return None
    return make_reference(rows, problem.class_indices[numbers], numbers)


def remembered_novelty(reference: Reference | None, problem: Problem) -> Novelty | None:
    """Return how far training images lie from one another; None where no rows are compared."""
    if reference is None:
        return None
    return measure_novelty(reference, problem.units[reference.numbers])


def remembered_quality(inputs: StudyInputs) -> UsualQuality | None:
    """Return what is usual of the focus and the light of training images; None of few, or none."""
    return usual_quality(
        [Measures.of_row(list(mark.quality)) for mark in inputs.fingerprints if mark.quality]
    )


def remembered_by_network(model: Any, pixels: Pixels, problem: Problem) -> Reference:
    """Return what is remembered of what the last layer of a network sees."""
    numbers = numbers_remembered(len(pixels))
    rows = rows_before_head(model, pixels, numbers)
    return make_reference(rows, problem.class_indices[numbers], numbers)


def thumbnails(
    inputs: StudyInputs, reference: Reference | None, reporter: Reporter
) -> dict[int, bytes]:
    """Return small pictures of the images in a reference, where the configuration allows them."""
    if not inputs.config.bundle.thumbnails:
        return {}
    if reference is None:
        reporter.warn(
            "bundle.thumbnails: no picture goes into the model. It is an ensemble of which several "
            "members learnt a vocabulary of their own, so it cannot say which images are near."
        )
        return {}
    pictures = {}
    with reporter.task("drawing thumbnails", len(reference.numbers)) as task:
        for number in reference.numbers.tolist():
            image = read_source(inputs.dataset.records[number].source, inputs.reading.stack)
            pictures[number] = as_thumbnail(as_picture(image))
            task.advance()
    forget_scan()
    return pictures


def remembered_words(inputs: StudyInputs, reference: Reference | None, n_pictures: int) -> str:
    """Return a section of the card: what travels with the model of the images it learnt from."""
    if reference is None:
        return ""
    n_rows, n_all = len(reference.numbers), inputs.dataset.n_images
    which = "each" if n_rows == n_all else f"{n_rows:,} of the {n_all:,}"
    kind = "number" if inputs.dataset.is_values else "class"
    text = (
        f"## What it remembers\n\nOf {which} training image{'' if n_rows == n_all else 's'}: "
        f"{reference.points.shape[1]} numbers that follow from its features, its {kind} and its "
        "running number in the data set; no name and no path. `bioselect explain` tells by them "
        "which training images a new one is most like, and `bioselect predict` whether it is "
        "unlike all of them. Of all images together it has the usual focus, brightness and "
        "size.\n\n"
    )
    if n_pictures:
        text += (
            f"**It holds pictures of {n_pictures:,} training images** (at most {LONGEST_SIDE} "
            "pixels a side), as its configuration asked for (`bundle: {thumbnails: true}`). "
            "Whoever has this model can see them: pass it on only to people who may.\n\n"
        )
    else:
        text += "No picture of a training image is in it.\n\n"
    return text
