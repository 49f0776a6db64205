"""A network of masks as an ONNX graph: from tiles of one size to probabilities of every pixel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.saving import read_keras
from bioselect.bundle.arrays import read_arrays
from bioselect.bundle.export.facts import FACTS_FORMAT, as_props, input_lines
from bioselect.bundle.export.graph import N_IMAGES, Graph
from bioselect.bundle.export.keras_graph import onnx_of_keras
from bioselect.bundle.export.onnx_file import OnnxModel
from bioselect.bundle.export.onnx_graph import PROBABILITIES
from bioselect.bundle.export.pieces import IMAGE, Given
from bioselect.bundle.export.reading_words import reading_words
from bioselect.bundle.export.trial import TOLERANCE, Found, checked_words, session_of
from bioselect.bundle.manifest import CHECK_SAMPLE_FILE, SEGMENTER_FOLDER
from bioselect.bundle.mask_model import MaskModel
from bioselect.data.preparation import channels_asked
from bioselect.exceptions import BundleError, ComponentError
from bioselect.networks.masks.tiled import TiledNetwork
from bioselect.networks.masks.trained import NETWORK_FILE
from bioselect.own_modules import distribution_version


def mask_onnx(
    model: MaskModel, folder: Path, images: Sequence[np.ndarray] = (), where: Sequence[str] = ()
) -> OnnxModel:
    """Return a network of masks as an ONNX graph that has been compared with it, tile by tile.

    Parameters
    ----------
    model : MaskModel
        Opened.
    folder : Path
        Of its bundle, unpacked.
    images : sequence of np.ndarray
        As they were read from files, in addition to the check sample.
    where : sequence of str
        What to call each of them.

    Raises
    ------
    ComponentError
        If it is no network, or cannot be written as operations.
    BundleError
        If the graph does not say what the model says.
    """
    network = mask_network(model)
    shape = (*network.tiles.size, network.n_channels)
    translated = onnx_of_keras(read_keras(keras_file(folder)), shape, model.manifest.segmenter.name)
    session = session_of(_graph(translated, shape, len(model.class_names)))

    def ask(tile: np.ndarray) -> np.ndarray:
        answer: np.ndarray = session.run([PROBABILITIES], {IMAGE: tile[np.newaxis]})[0]
        return answer

    facts, found = mask_facts(model, network, folder, images, where, ask)
    words = mask_words(facts, found)
    whole = _graph(translated, shape, len(model.class_names), words, as_props(facts))
    return OnnxModel(whole, facts, words)


def mask_network(model: MaskModel) -> TiledNetwork:
    """Return the network of a model of masks.

    Raises
    ------
    ComponentError
        If it has none.
    """
    if isinstance(model.trained, TiledNetwork):
        return model.trained
    raise ComponentError(
        f"export: {model.manifest.segmenter.name} is no network, and its arithmetic cannot be "
        "written for other programs. Export a model of masks that is one (unet, attention_unet, "
        "fpn), or go on predicting with bioselect."
    )


def keras_file(folder: Path) -> Path:
    """Return where the Keras file of a model of masks lies in its bundle."""
    return folder / SEGMENTER_FOLDER / NETWORK_FILE


def mask_facts(
    model: MaskModel,
    network: TiledNetwork,
    folder: Path,
    images: Sequence[np.ndarray],
    where: Sequence[str],
    ask: Callable[[np.ndarray], np.ndarray],
) -> tuple[dict[str, Any], Found]:
    """Compare a file with the model and return what is known of it, for programs.

    `ask` is what the file says of a tile, ``(1, height, width, n_classes)``.

    Raises
    ------
    BundleError
        If it says something else.
    """
    check = list(read_arrays(folder / CHECK_SAMPLE_FILE)["images"])
    names = [*["check image"] * len(check), *where]
    shown = zip([*check, *images], names, strict=True)
    found = _compared(network, [model.scene(image, name) for image, name in shown], ask)
    asked = channels_asked(model.n_channels, model.reading)
    shape = (*network.tiles.size, network.n_channels)
    given = Given(IMAGE, IMAGE, shape, reading_words(model.reading, None, asked))
    return {**_facts(model, network, given), "checked": asdict(found)}, found


def _graph(
    translated: Any,
    shape: tuple[int, int, int],
    n_classes: int,
    words: str = "",
    facts: dict[str, str] | None = None,
) -> Any:
    graph = Graph()
    images = graph.input(IMAGE, np.float32, shape)
    (found,) = graph.inside(translated, {translated.graph.input[0].name: images})
    graph.output(PROBABILITIES, found, [*shape[:2], n_classes])
    return graph.model(words, facts)


def _compared(
    network: TiledNetwork, scenes: Sequence[Any], ask: Callable[[np.ndarray], np.ndarray]
) -> Found:
    """Compare a file with the model on tiles, evenly spread over all images."""
    tiles = list(network.sample_tiles(scenes))
    tiles += [np.ascontiguousarray(tile[::-1, ::-1]) for tile in tiles]
    largest = 0.0
    for tile, expected in zip(tiles, network.predict_tiles(tiles), strict=True):
        difference = float(np.abs(ask(tile)[0] - expected).max())
        largest = max(largest, difference)
        if not difference <= TOLERANCE:
            raise BundleError(
                "export: the file must say what the model says. On a tile of an image its "
                f"probabilities differ by up to {difference:.2g}, allowed {TOLERANCE:g}. The file "
                "is not written."
            )
    return Found(len(tiles), largest)


def _facts(model: MaskModel, network: TiledNetwork, given: Given) -> dict[str, Any]:
    manifest = model.manifest
    return {
        "format": FACTS_FORMAT,
        "made_by": f"bioselect {distribution_version('bioselect')}",
        "task": manifest.task,
        "class_names": list(model.class_names),
        "codes": manifest.codes,
        "segmenter": {"name": manifest.segmenter.name, "params": manifest.segmenter.params},
        "inputs": [given.facts()],
        "outputs": [
            {
                "name": PROBABILITIES,
                "shape": [N_IMAGES, *given.shape[:2], len(model.class_names)],
                "meaning": "float32, one of each class for every pixel; they sum to 1",
            }
        ],
        "tiles": {"size": list(network.tiles.size), "overlap": network.tiles.overlap},
        "reading": manifest.reading,
        "pixel_size_micrometres": manifest.pixel_size,
        "training_data": manifest.dataset.get("fingerprint", ""),
        "scores": manifest.scores,
    }


def mask_words(facts: dict[str, Any], found: Found, by: str = "ONNX Runtime") -> str:
    """Return what a person should know of a file that holds a network of masks."""
    height, width = facts["tiles"]["size"]
    lines = [
        f"Made by {facts['made_by']}. Inside: the network {facts['segmenter']['name']}, for tiles.",
        *input_lines(facts["inputs"][0]),
        f"Larger images are cut into tiles of {height} x {width} that overlap by at least "
        f"{facts['tiles']['overlap']} pixels, and probabilities averaged where they do; smaller "
        "ones are filled up. Not inside: that.",
        f"It gives {PROBABILITIES}: {facts['outputs'][0]['meaning']}.",
        f"Classes, in this order: {', '.join(facts['class_names'])}.",
        checked_words(found, "tiles", "probabilities", by),
    ]
    return "\n".join(lines)
