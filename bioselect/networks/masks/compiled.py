"""A network of masks compiled for tiles of one size: it predicts without TensorFlow.

To OpenVINO a tile's probabilities are one long row, so that everything about rows of numbers holds
for them: a thread for each tile, and the same bits on any number of cores.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.compiling import compile_model
from bioselect.backbones.engines import F32, OPENVINO, check_openvino, installed_version
from bioselect.backbones.keras_import import in_fresh_keras
from bioselect.backbones.openvino_runner import OpenVinoRunner
from bioselect.exceptions import BioselectError, BundleError, UnavailableError
from bioselect.execution import resolve_jobs
from bioselect.networks.history import EpochRecord
from bioselect.networks.masks.tiled import TiledNetwork
from bioselect.networks.masks.tiling import TilePlan
from bioselect.storage import atomic_write_bytes

GRAPH_FILE, WEIGHTS_FILE = "network.xml", "network.bin"
#: How far a probability of the compiled network may be from that of Keras.
TOLERANCE = 1e-4
#: Pixels are scaled inside the network.
MODE = "unit"


@dataclass(frozen=True, eq=False)
class CompiledMaskNetwork(TiledNetwork):
    """A network that OpenVINO computes; it was trained elsewhere, and is saved as it came."""

    runner: OpenVinoRunner
    tiles: TilePlan
    best_epoch: int = 0
    history: tuple[EpochRecord, ...] = ()

    @property
    def n_channels(self) -> int:
        """How many channels an image must have."""
        return self.runner.image_shape[2]

    @property
    def n_classes(self) -> int:
        """How many classes there are."""
        return self.runner.widths[0] // math.prod(self.tiles.size)

    def predict_tiles(self, images: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
        """Give the probabilities of each tile; as many are computed at once as there are cores."""
        n_at_once = resolve_jobs(None)
        for start in range(0, len(images), n_at_once):
            rows = self.runner.rows(images[start : start + n_at_once], MODE)
            yield from rows.reshape(len(rows), *self.tiles.size, self.n_classes)

    def save(self, folder: Path) -> dict[str, Any]:
        """Refuse: the files that it came from are the model."""
        raise BundleError(
            f"{folder}: a compiled network must be copied with its files, and not be saved anew."
        )


def compiled_into(
    folder: Path, model: Any, shape: tuple[int, int, int], samples: Iterable[np.ndarray] = ()
) -> str:
    """Write the compiled files of a network for tiles of a shape, and return nothing.

    Or return why there are none: without OpenVINO, or where its numbers are not those of Keras on
    noise or on some samples, float32 tiles of images that it was trained on. They are not written.
    """
    if not installed_version(OPENVINO):
        return "openvino was not installed"
    noise = np.random.default_rng(0).random(shape).astype(np.float32)
    rows = in_fresh_keras(lambda keras: _as_rows(keras, model, shape))
    try:
        graph, weights = compile_model(rows, shape, MODE, "the network")
        compiled = OpenVinoRunner(graph, weights, shape, F32)
        # Noise alone may leave asleep what images wake. One at a time: maps are large.
        largest = max(_difference(compiled, rows, image) for image in (noise, *samples))
    except BioselectError as error:
        return str(error)
    if not largest <= TOLERANCE:
        return f"its probabilities differ from those of Keras by up to {largest:.2g}"
    atomic_write_bytes(folder / GRAPH_FILE, graph)
    atomic_write_bytes(folder / WEIGHTS_FILE, weights)
    return ""


def _difference(compiled: OpenVinoRunner, rows: Any, image: np.ndarray) -> float:
    """Return how far the probabilities of a tile are from those of Keras; NaN counts as far."""
    expected = np.asarray(rows(image[np.newaxis], training=False))
    largest = float(np.abs(compiled.rows([image], MODE) - expected).max())
    return largest if math.isfinite(largest) else math.inf


def _as_rows(keras: Any, model: Any, shape: tuple[int, int, int]) -> Any:
    image = keras.Input(shape)
    n_values = math.prod(shape[:2]) * model.output_shape[-1]
    return keras.Model(image, keras.layers.Reshape((n_values,))(model(image)))


def read_compiled(folder: Path, tiles: TilePlan, n_channels: int) -> CompiledMaskNetwork | None:
    """Open the compiled files; None, with a warning, where OpenVINO cannot."""
    shape = (*tiles.size, n_channels)
    try:
        check_openvino("the model", F32)
        graph, weights = ((folder / name).read_bytes() for name in (GRAPH_FILE, WEIGHTS_FILE))
        runner = OpenVinoRunner(graph, weights, shape, F32)
    except UnavailableError:
        why = "openvino is not installed"
    except OSError as error:
        raise BundleError(
            f"{folder}: the compiled network cannot be read ({error}). Take another copy of the "
            "model."
        ) from error
    except Exception as error:  # A version of OpenVINO that does not read it any more.
        reason = " ".join(str(error).split())[:200]
        why = f"it cannot be opened ({type(error).__name__}: {reason})"
    else:
        return CompiledMaskNetwork(runner, tiles)
    warnings.warn(
        f"the network of this model is computed by Keras, which starts slowly: compiled for "
        f"OpenVINO, {why}. `pip install openvino` makes it fast.",
        stacklevel=2,
    )
    return None
