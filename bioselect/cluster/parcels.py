"""A task on its way to a worker: large arrays apart, so that they travel once for all tasks.

They travel in pieces: who passes them on copies a piece and not the whole.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.cluster.own_code import OwnCode

#: Larger arrays are sent by themselves, once, and not with every task.
LARGE_BYTES = 1 << 16
PIECE_BYTES = 1 << 26


@dataclass(frozen=True)
class Parcel:
    """What a worker is given beside the large arrays.

    `content` is the function with its task; `folder` is where relative paths start; `files` are
    those that the task reads; `code` are modules of somebody's own.
    """

    content: bytes
    folder: str
    files: tuple[str, ...] = ()
    code: OwnCode | None = None


@dataclass(frozen=True)
class Died:
    """The process in which a worker did a task ended before the task did."""


@dataclass(frozen=True)
class Unseen:
    """A file that a worker cannot see."""

    path: str


def as_bytes(one: Any) -> bytes:
    """Return an object as bytes, for a process that works for this one."""
    return pickle.dumps(one, protocol=pickle.HIGHEST_PROTOCOL)


def from_bytes(content: bytes) -> Any:
    """Return an object that `as_bytes` wrote; who sent it may run code here."""
    return pickle.loads(content)


def packed(function: Callable[..., Any], task: Any) -> tuple[bytes, list[np.ndarray]]:
    """Return a function with its task as bytes, and the large arrays in it.

    Examples
    --------
    >>> content, arrays = packed(abs, -3)
    >>> function, task = opened(content, arrays)
    >>> function(task)
    3
    """
    import cloudpickle  # comes with Dask

    arrays: list[np.ndarray] = []

    class Packer(cloudpickle.Pickler):
        def persistent_id(self, one: Any) -> int | None:
            if type(one) in (np.ndarray, np.memmap) and _travels_apart(one):
                place = next((n for n, other in enumerate(arrays) if other is one), len(arrays))
                if place == len(arrays):
                    arrays.append(one)
                return place
            return None

    written = io.BytesIO()
    Packer(written, protocol=pickle.HIGHEST_PROTOCOL).dump((function, task))
    return written.getvalue(), arrays


def _travels_apart(array: np.ndarray) -> bool:
    if array.nbytes < LARGE_BYTES or array.dtype.hasobject:
        return False
    # Some types (bfloat16) come out of a file of NumPy as bytes without a meaning.
    kept = np.lib.format.descr_to_dtype(np.lib.format.dtype_to_descr(array.dtype))
    return bool(kept == array.dtype)


def pieces(array: np.ndarray) -> Iterator[bytes]:
    """Yield what a file of the array holds (NumPy's own format), piece by piece.

    Examples
    --------
    >>> np.load(io.BytesIO(b"".join(pieces(np.arange(3)))))
    array([0, 1, 2])
    """
    if not (array.flags.c_contiguous or array.flags.f_contiguous):
        array = np.ascontiguousarray(array)
    head = io.BytesIO()
    np.lib.format.write_array_header_2_0(head, np.lib.format.header_data_from_array_1_0(array))
    yield head.getvalue()
    content = array.ravel(order="K").view(np.uint8)
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES].tobytes()


def mapped(path: str) -> np.ndarray:
    """Return the array of a file, read-only; it is read as it is needed."""
    array: np.ndarray = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    return array


def opened(content: bytes, arrays: Sequence[np.ndarray]) -> tuple[Callable[..., Any], Any]:
    """Return the function and its task; the large arrays in it are read-only."""

    class Opener(pickle.Unpickler):
        def persistent_load(self, place: int) -> np.ndarray:
            array: np.ndarray = arrays[place].view()
            array.flags.writeable = False
            return array

    function, task = Opener(io.BytesIO(content)).load()
    return function, task
