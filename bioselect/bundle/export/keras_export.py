"""A network that was trained from pixels as one `.keras` file, which any Keras 3 opens."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.keras_import import full_precision
from bioselect.backbones.keras_runner import FixedBatchRunner
from bioselect.backbones.row import bounded_batch_size
from bioselect.backbones.saving import read_keras
from bioselect.bundle.export.facts import facts_of, in_words
from bioselect.bundle.export.mask_onnx import keras_file, mask_facts, mask_network, mask_words
from bioselect.bundle.export.onnx_file import shown_images
from bioselect.bundle.export.pieces import inputs_of, pieces_of
from bioselect.bundle.export.trial import Found, checked_words, refused, tolerance_of, tried_on
from bioselect.bundle.manifest import NETWORK_FILE
from bioselect.bundle.mask_model import MaskModel
from bioselect.bundle.network_model import MODE
from bioselect.bundle.reading import Model
from bioselect.estimators.calibration import NONE
from bioselect.exceptions import ComponentError

#: What computes the file where it is compared with the model.
KERAS = "Keras"


@dataclass(frozen=True)
class KerasNetwork:
    """The file of a bundle that holds the whole network, and what is known of it."""

    source: Path
    facts: dict[str, Any]
    words: str


def keras_network(
    model: Model, folder: Path, images: Sequence[np.ndarray] = (), where: Sequence[str] = ()
) -> KerasNetwork:
    """Return the Keras file of a network of classes or numbers, compared with the model.

    Parameters
    ----------
    model, folder, images, where
        As for :func:`~bioselect.bundle.export.onnx_file.onnx_model`.

    Raises
    ------
    ComponentError
        If the model is no network that was trained from pixels.
    BundleError
        If the file does not say what the model says.
    """
    manifest = model.manifest
    if manifest.network is None:
        raise ComponentError(
            "export: --to keras writes networks that were trained from pixels. Got "
            f"{manifest.extractor.name} + {manifest.estimator.name}, whose estimator is none of "
            "Keras. Write --to onnx, which holds both where it can."
        )
    shown, _, names = shown_images(model, folder, images, where)
    pieces = pieces_of(model, folder, np.stack(shown[:1]))
    inputs = inputs_of(pieces, model)
    tried = tried_on(model, pieces, shown, None, names)
    source = folder / NETWORK_FILE
    apart = np.abs(_asked(source, tried.given[inputs[0].name]) - tried.rows[0]).max(axis=1)
    if not float(apart.max()) <= tolerance_of(model):
        raise refused(model, float(apart.max()), len(apart), "The file is not written.")
    found = Found(len(apart), float(apart.max()))
    facts = facts_of(model, pieces, inputs, with_predicted=False)
    if manifest.calibration["method"] != NONE and model.number is None:
        facts["inside"] = facts["inside"][:-1]
        facts["outside"] = {
            f"the calibration ({manifest.calibration['method']})": "a Keras file keeps the network "
            "as it was trained; the probabilities of --to onnx are calibrated"
        }
    facts["checked"] = asdict(found)
    what = "probabilities" if model.number is None else "numbers"
    words = f"{in_words(facts)}\n{checked_words(found, 'images', what, KERAS)}"
    return KerasNetwork(source, facts, words)


def keras_mask_network(
    model: MaskModel, folder: Path, images: Sequence[np.ndarray] = (), where: Sequence[str] = ()
) -> KerasNetwork:
    """Return the Keras file of a network of masks, compared with the model tile by tile.

    Raises the errors of :func:`keras_network`.
    """
    network = mask_network(model)
    source = keras_file(folder)
    keras_model = read_keras(source)

    def ask(tile: np.ndarray) -> np.ndarray:
        with full_precision():
            answer: np.ndarray = keras_model(tile[np.newaxis], training=False).numpy()
        return answer

    facts, found = mask_facts(model, network, folder, images, where, ask)
    return KerasNetwork(source, facts, mask_words(facts, found, KERAS))


def _asked(source: Path, images: np.ndarray) -> np.ndarray:
    shape: tuple[int, int, int] = images.shape[1:]
    runner = FixedBatchRunner(read_keras(source), shape, bounded_batch_size(math.prod(shape)))
    return runner.rows(list(images), MODE)
