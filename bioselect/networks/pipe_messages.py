"""Messages between two processes: facts as JSON, and arrays as their bytes. Reading runs nothing.

A message is eight bytes that say how long its head is, the head, and the bytes of the arrays, one
after the other. The head is JSON: the facts, and the shape of each array. All arrays are float32.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import IO, Any

import numpy as np

#: How the numbers of arrays lie in a message, whatever the machine.
_FLOAT32 = np.dtype("<f4")
_LENGTH_BYTES = 8


def write_message(
    stream: IO[bytes], facts: Mapping[str, Any], arrays: Sequence[np.ndarray] = ()
) -> None:
    """Write a message, and send what waits in the stream.

    Parameters
    ----------
    stream : binary file
        Open for writing; a pipe, say.
    facts : mapping
        What JSON holds.
    arrays : sequence of np.ndarray
        float32, of any shape.

    Raises
    ------
    TypeError
        If an array holds anything else, or facts do that JSON has no form for.
    """
    if wrong := [str(array.dtype) for array in arrays if array.dtype != np.float32]:
        raise TypeError(f"arrays of a message must be float32. Got {wrong[0]}.")
    head = json.dumps({"facts": dict(facts), "shapes": [array.shape for array in arrays]}).encode()
    stream.write(len(head).to_bytes(_LENGTH_BYTES, "little"))
    stream.write(head)
    for array in arrays:
        stream.write(np.ascontiguousarray(array, dtype=_FLOAT32).tobytes())
    stream.flush()


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Return the facts and the arrays of the next message.

    Raises
    ------
    EOFError
        If the stream ends, before the message or within it.
    ValueError
        If what comes is no message.

    Examples
    --------
    >>> import io
    >>> stream = io.BytesIO()
    >>> write_message(stream, {"epoch": 3}, [np.float32([[1.5, 2.5]])])
    >>> _ = stream.seek(0)
    >>> read_message(stream)
    ({'epoch': 3}, [array([[1.5, 2.5]], dtype=float32)])
    """
    length = int.from_bytes(_exactly(stream, _LENGTH_BYTES), "little")
    head = json.loads(_exactly(stream, length))
    if not isinstance(head, dict) or head.keys() != {"facts", "shapes"}:
        raise ValueError("a message must have facts and shapes.")
    return head["facts"], [_array(stream, tuple(map(int, shape))) for shape in head["shapes"]]


def _array(stream: IO[bytes], shape: tuple[int, ...]) -> np.ndarray:
    sent = np.frombuffer(_exactly(stream, math.prod(shape) * _FLOAT32.itemsize), dtype=_FLOAT32)
    # A copy can be written to.
    array: np.ndarray = sent.reshape(shape).astype(np.float32, copy=True)
    return array


def _exactly(stream: IO[bytes], n_bytes: int) -> bytes:
    """Return so many bytes, of a stream that may give fewer at a time."""
    parts, missing = [], n_bytes
    while missing:
        part = stream.read(missing)
        if not part:
            raise EOFError(f"{missing} of {n_bytes} bytes of a message are missing.")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
