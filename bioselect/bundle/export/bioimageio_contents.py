"""What goes into a package of the BioImage Model Zoo: of a model of classes or numbers, of masks.

The package takes images as they lie in files, of the size that the model takes; its description
says how values become 0 to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bioselect.bundle.export.bioimageio_package import KINDS, Package
from bioselect.bundle.export.mask_onnx import keras_file, mask_network, mask_onnx
from bioselect.bundle.export.onnx_file import OnnxModel, onnx_model
from bioselect.bundle.export.onnx_graph import PROBABILITIES, VALUE
from bioselect.bundle.export.pieces import IMAGE
from bioselect.bundle.export.trial import TOLERANCE, tolerance_of
from bioselect.bundle.manifest import CARD_FILE, NETWORK_FILE
from bioselect.bundle.mask_model import MaskModel
from bioselect.bundle.reading import Model
from bioselect.bundle.writing import draw_check_images
from bioselect.data.preparation import Reading, channel_places, chosen_channels
from bioselect.estimators.calibration import NONE
from bioselect.exceptions import ComponentError

#: What a package has to say of a Keras file.
KERAS_VERSIONS = ("keras", "tensorflow")
#: The way of scaling that looks at the image.
PERCENTILE = "percentile"
_WHERE = ["test image"]


def package_of(
    model: Model, folder: Path, images: Sequence[np.ndarray] = (), where: Sequence[str] = ()
) -> tuple[Package, OnnxModel]:
    """Return the package of a model of classes, labels or numbers, and its graph.

    Parameters are those of :func:`~bioselect.bundle.export.onnx_file.onnx_model`, and so are the
    errors.

    Raises
    ------
    ComponentError
        If the model takes anything but one image, or a part of it is in no graph.
    """
    made = onnx_model(model, folder, images, where, with_predicted=False)
    manifest, inputs = model.manifest, made.facts["inputs"]
    if [one["kind"] for one in inputs] != [IMAGE]:
        names = ", ".join(one["name"] for one in inputs)
        outside = ", ".join(made.facts["outside"])
        raise ComponentError(
            "export: a package of the BioImage Model Zoo takes one image and says all that the "
            f"model says. Got a graph that takes {names}{f', because of {outside}' * bool(outside)}"
            ". Write --to onnx, or export a model whose features are those of one network."
        )
    shape = inputs[0]["shape"][1:]
    drawn = _test_images(model.reading, shape, manifest.image_shape, manifest.image_dtype)
    answers = model.predict_images([native for native, _ in drawn], _WHERE * len(drawn))
    number = model.number
    # The Zoo compares numbers in parts of their size: one near 0 would have to be exact.
    place = 0 if number is None else int(np.abs(answers[:, 0]).argmax())
    title = manifest.estimator.name
    if manifest.network is None:
        title = f"{manifest.extractor.name} + {title}"
    columns = manifest.class_names if number is None else [number.in_words]
    data = str(manifest.dataset.get("name", ""))
    package = Package(
        name=f"{data} {title}",
        description=_description(title, manifest.task, columns),
        document=_document(folder, made),
        graph=made.whole,
        test_input=drawn[place][1],
        test_output=answers[place : place + 1].astype(np.float32),
        intensity=model.reading.intensity,
        columns=columns,
        output=PROBABILITIES if number is None else VALUE,
        facts=made.facts,
        tags=["classification" if number is None else "regression"],
        allowed=TOLERANCE if number is None else tolerance_of(model),
        keras=_same_in_keras(model, folder),
        versions=manifest.versions,
    )
    return package, made


def mask_package_of(
    model: MaskModel, folder: Path, images: Sequence[np.ndarray] = (), where: Sequence[str] = ()
) -> tuple[Package, OnnxModel]:
    """Return the package of a network of masks, and its graph; see :func:`package_of`."""
    made = mask_onnx(model, folder, images, where)
    manifest, network = model.manifest, mask_network(model)
    shape = made.facts["inputs"][0]["shape"][1:]
    native, given = _test_images(model.reading, shape, manifest.image_shape, manifest.image_dtype)[
        0
    ]
    (tile,) = network.sample_tiles([model.scene(native, _WHERE[0])])
    (said,) = network.predict_tiles([tile])
    package = Package(
        name=f"{manifest.dataset.get('name', '')} {manifest.segmenter.name}",
        description=_description(manifest.segmenter.name, manifest.task, model.class_names),
        document=_document(folder, made),
        graph=made.whole,
        test_input=given,
        test_output=said[np.newaxis],
        intensity=model.reading.intensity,
        columns=model.class_names,
        output=PROBABILITIES,
        facts=made.facts,
        overlap=network.tiles.overlap,
        pixel_size=model.pixel_size,
        tags=["semantic-segmentation"],
        keras=keras_file(folder) if set(KERAS_VERSIONS) <= set(manifest.versions) else None,
        versions=manifest.versions,
    )
    return package, made


def _same_in_keras(model: Model, folder: Path) -> Path | None:
    """Return the Keras file that says what the model says, if there is one: nothing follows it."""
    manifest = model.manifest
    if manifest.network is None or not set(KERAS_VERSIONS) <= set(manifest.versions):
        return None
    is_calibrated = model.number is None and manifest.calibration["method"] != NONE
    return None if is_calibrated else folder / NETWORK_FILE


def _test_images(
    reading: Reading, shape: Sequence[int], file_shape: Sequence[int], dtype: str
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return drawn images as they would lie in files, and what of them a package is given."""
    height, width, n_channels = shape
    _check_percentiles(reading, file_shape[2], n_channels)
    kind = dtype if dtype in KINDS else "float32"
    drawn = draw_check_images((height, width, file_shape[2]), kind, reading.intensity)
    given = [_given(native, reading, n_channels) for native in drawn]
    if reading.intensity.mode == PERCENTILE and file_shape[2] == 1:
        # A package has percentiles of all copies of a grey image, which lie between other values
        # than those of one: the model is asked of the copies, too.
        return [(one[0], one) for one in given]
    return list(zip(drawn, given, strict=True))


def _check_percentiles(reading: Reading, n_found: int, n_channels: int) -> None:
    """Refuse a model that scales by channels which the package is not given.

    Raises
    ------
    ComponentError
        If it does.
    """
    places = channel_places(n_found, reading.channels, n_channels)
    if reading.intensity.mode != PERCENTILE or places is None:
        return
    if set(places) != set(range(n_found)):
        raise ComponentError(
            "export: a package of the BioImage Model Zoo must be given all that values are scaled "
            f"by. Got intensity: percentile, which is taken over all {n_found} channels of a file, "
            f"of which the package takes {', '.join(map(str, places))}. Write --to onnx, or train "
            "with `intensity: {min: ..., max: ...}`."
        )


def _given(native: np.ndarray, reading: Reading, n_channels: int) -> np.ndarray:
    chosen = native
    if native.shape[2] != n_channels or reading.channels is not None:
        chosen = chosen_channels(native, reading, n_channels, _WHERE[0])
    if chosen.shape[2] != n_channels:
        chosen = np.repeat(chosen, n_channels, axis=2)
    return np.ascontiguousarray(chosen)[np.newaxis]


def _description(title: str, task: str, names: Sequence[str]) -> str:
    return f"{title}, chosen by bioselect: {task}, {', '.join(names)}."


def _document(folder: Path, made: OnnxModel) -> str:
    """Return the card of the model, and how the package differs from it."""
    card = (folder / CARD_FILE).read_text(encoding="utf-8")
    return (
        f"{card.rstrip()}\n\n## This package\n\n{_PACKAGE}\n\n```text\n{made.words}\n```\n\n"
        f"## Validation\n\n{_VALIDATION}\n"
    )


_PACKAGE = (
    "It takes an image as it lies in its file, but of the size given; the description (rdf.yaml) "
    "says how values become 0 to 1. Images of other sizes have to be resized (of models of masks: "
    "cut into tiles) before, which bioselect does after values became 0 to 1. What follows is "
    "about the graph inside, weights.onnx, which takes values from 0 to 1."
)
_VALIDATION = (
    "What is known of how well the model does is said above, with the data that it was measured "
    "on. On images of your own: compare what it says with what people say of images that it was "
    "not trained on (`bioselect evaluate` does so with the model that this package was made from)."
)
