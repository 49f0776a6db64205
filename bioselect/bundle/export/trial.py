"""Whether an exported file says what the model says, computed by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.backbones.compiling import relative_difference
from bioselect.bundle.export.onnx_graph import PREDICTED, PROBABILITIES, TAKEN, VALUE
from bioselect.bundle.export.packages import needed
from bioselect.bundle.export.pieces import COLUMNS, Piece
from bioselect.bundle.export.table import has_steps
from bioselect.bundle.reading import Model
from bioselect.data.targets import BORDER
from bioselect.exceptions import BundleError
from bioselect.features.batches import prepare_native
from bioselect.features.transforming import checked_transform, flat_parts

#: How far a probability of the file may be from that of the model; of numbers, in parts of the
#: range that they have in training.
TOLERANCE = 1e-4
#: Which share of the images may jump: one check image with its three mirror images, of which
#: descriptors may say the same. If more do, it is no matter of rounding.
MOST_JUMPING = 0.25


@dataclass(frozen=True, eq=False)
class Tried:
    """Some images, as a graph takes them, and what the model says of them.

    `given` has an array for each input, `rows` the numbers of each piece, `expected` probabilities
    or numbers.
    """

    given: Mapping[str, np.ndarray]
    rows: Sequence[np.ndarray]
    expected: np.ndarray


@dataclass(frozen=True)
class Found:
    """How well file and model agree: on how many images, and the largest difference.

    `n_jumped` of the images differ by more than is allowed because a feature lies within rounding
    of a border; `largest` is that of all others.
    """

    n_images: int
    largest: float
    n_jumped: int = 0
    largest_jump: float = 0.0


def tried_on(model: Model, pieces: Sequence[Piece], images: Sequence[np.ndarray],
             columns: np.ndarray | None, where: Sequence[str]) -> Tried:  # fmt: skip
    """Return what the graph is given for some images, and what the model says of them.

    Parameters
    ----------
    model : Model
        As it was opened.
    pieces : sequence of Piece
        What its rows are made of.
    images : sequence of np.ndarray
        As they were read from files; of a model of columns rows.
    columns : np.ndarray or None
        The columns of each image, where they are joined to images.
    where : sequence of str
        What to call each image in an error.
    """
    given: dict[str, np.ndarray] = {}
    rows: list[np.ndarray] = []
    if model.extractor is None:
        rows.append(np.stack(images).astype(np.float64))
        given[COLUMNS] = rows[0]
    else:
        parts = flat_parts(model.extractor)
        prepared = [
            prepare_native(image, model.reading, parts, one)
            for image, one in zip(images, where, strict=True)
        ]
        for place, (piece, part) in enumerate(zip(pieces, parts, strict=False)):
            taken = [one[place] for one in prepared]
            rows.append(_in_batches(part, taken, where))
            given[piece.input] = rows[-1] if piece.inside is None else np.stack(taken)
    if columns is not None:
        rows.append(np.asarray(columns, dtype=np.float64))
        given[COLUMNS] = rows[-1]
    together = np.hstack([one.astype(np.float64) for one in rows])
    return Tried(given, rows, model.probabilities_of_rows(together))


def _in_batches(part: Any, images: Sequence[np.ndarray], where: Sequence[str]) -> np.ndarray:
    size = part.traits.batch_size
    return np.vstack(
        [
            checked_transform(part, images[first : first + size], where[first : first + size])
            for first in range(0, len(images), size)
        ]
    )


def check_graph(model: Model, whole: Any, head: Any, pieces: Sequence[Piece],
                tried: Tried) -> Found:  # fmt: skip
    """Make sure that a graph says what the model says.

    Parameters
    ----------
    model : Model
        As it was opened.
    whole : onnx.ModelProto
        What is exported; it gives the rows that its estimator takes too.
    head : onnx.ModelProto
        Its estimator alone.
    pieces : sequence of Piece
        What its rows are made of.
    tried : Tried
        What both say is compared on.

    Raises
    ------
    BundleError
        If it does not; the message has the difference.
    """
    allowed = tolerance_of(model)
    session = session_of(whole)
    apart = np.abs(_asked(session, tried.given) - tried.expected).max(axis=1)
    n_images, largest = len(apart), float(apart.max())
    beyond = ~(apart <= allowed)
    _check_predicted(session, tried, model.manifest.labels is not None, ~beyond)
    if not beyond.any():
        return Found(n_images, largest)
    if not has_steps(model.estimator):
        raise refused(model, largest, n_images, "The file is not written.")
    # What jumps may jump, if it is given the same rows and says the same of the same ones.
    together = np.hstack([one.astype(np.float64) for one in tried.rows])
    own = np.abs(_asked(session_of(head), {"rows": together}) - tried.expected)
    if not float(own.max()) <= allowed:
        why = "Its estimator differs on the same features. The file is not written."
        raise refused(model, float(own.max()), n_images, why)
    _check_rows(model, _asked(session, tried.given, TAKEN), pieces, tried, largest)
    n_jumped = int(beyond.sum())
    if n_jumped > MOST_JUMPING * n_images:
        why = (
            f"{n_jumped} of them are beyond that; where what an estimator says jumps, at most a "
            "quarter may be. The file is not written."
        )
        raise refused(model, largest, n_images, why)
    return Found(n_images, float(apart[~beyond].max()), n_jumped, largest)


def _check_predicted(session: Any, tried: Tried, is_labels: bool, near: np.ndarray) -> None:
    """Make sure that the class or the labels said are those of the model.

    Only of images that are `near` in their probabilities, and none of whose classes are tied there.
    """
    if PREDICTED not in _outputs(session):
        return
    said, expected = _run(session, tried.given, PREDICTED), tried.expected
    if is_labels:
        is_clear = np.abs(expected - BORDER) > TOLERANCE
        wrong = ((said != (expected > BORDER)) & is_clear).any(axis=1)
    else:
        second, first = np.partition(expected, -2, axis=1)[:, -2:].T
        wrong = (said != expected.argmax(axis=1)) & (first - second > 2 * TOLERANCE)
    n_wrong = int((wrong & near).sum())
    if n_wrong:
        raise BundleError(
            "export: the file must predict what the model predicts. It says something else of "
            f"{n_wrong} of {len(wrong)} images, though the probabilities are the same. The file is "
            "not written."
        )


def _check_rows(model: Model, taken: np.ndarray, pieces: Sequence[Piece], tried: Tried,
                largest: float) -> None:  # fmt: skip
    """Make sure that the estimator in a graph is given what that of the model is given."""
    first = 0
    for piece, rows in zip(pieces, tried.rows, strict=True):
        own = taken[:, first : first + rows.shape[1]]
        first += rows.shape[1]
        # What is missing in a table is missing in both.
        difference = relative_difference(np.nan_to_num(own), np.nan_to_num(rows))
        if not difference <= TOLERANCE or not np.array_equal(np.isnan(own), np.isnan(rows)):
            why = (
                f"The features of {piece.name} differ by {difference:.2g} of their length. The "
                "file is not written."
            )
            raise refused(model, largest, len(taken), why)


def tolerance_of(model: Model) -> float:
    """Return how far what the model says may be from what a file says."""
    number = model.number
    return TOLERANCE if number is None else TOLERANCE * (number.highest - number.lowest)


def session_of(whole: Any) -> Any:
    """Return what computes an ONNX model, on processors alone.

    Raises
    ------
    UnavailableError
        If ONNX Runtime is not installed.
    """
    runtime = needed("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    with _refusals_told():
        return runtime.InferenceSession(
            whole.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )


@contextmanager
def _refusals_told() -> Iterator[None]:
    """Turn what ONNX Runtime refuses (each version knows other operators) into one line."""
    try:
        yield
    except (OSError, MemoryError):
        raise
    except Exception as error:  # Its errors have no class in common.
        reason = " ".join(str(error).split())
        raise BundleError(
            f"export: ONNX Runtime {needed('onnxruntime').__version__} must compute the file. It "
            f"says: {reason[:300]}. The file is not written. Install another version of "
            "onnxruntime."
        ) from error


def _outputs(session: Any) -> list[str]:
    return [one.name for one in session.get_outputs()]


def _asked(session: Any, given: Mapping[str, np.ndarray], output: str = "") -> np.ndarray:
    """Return what a session says of all images; by default its answer."""
    names = _outputs(session)
    return _run(session, given, output or (PROBABILITIES if PROBABILITIES in names else VALUE))


def _run(session: Any, given: Mapping[str, np.ndarray], output: str) -> np.ndarray:
    """Return an output for all images, a few at a time, as float64."""
    n_images = len(next(iter(given.values())))
    with _refusals_told():
        parts = [
            session.run(
                [output], {name: array[first : first + 8] for name, array in given.items()}
            )[0]
            for first in range(0, n_images, 8)
        ]
    return np.concatenate(parts).astype(np.float64)


def refused(model: Model, difference: float, n_images: int, why: str) -> BundleError:
    """Return the error for a file that says something else than the model."""
    what = "probabilities" if model.number is None else "numbers"
    return BundleError(
        f"export: the file must say what the model says. On {n_images} images its {what} differ by "
        f"up to {difference:.2g}, allowed {tolerance_of(model):g}. {why}"
    )


def checked_words(found: Found, units: str, what: str, by: str = "ONNX Runtime") -> str:
    """Return on how much a file was compared with the model.

    Examples
    --------
    >>> checked_words(Found(16, 1.5e-7), "tiles", "probabilities")
    'Checked with ONNX Runtime on 16 tiles: probabilities differ by at most 1.5e-07.'
    """
    return (
        f"Checked with {by} on {found.n_images} {units}: {what} differ by at most "
        f"{found.largest:.2g}."
    )
