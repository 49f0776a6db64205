"""A training that can be killed at any moment: what is kept after every epoch, whole or not at all.

Two files in a folder: `state.npy` with the history so far, the weights and the optimizer's numbers
after the last epoch, and `best-<epoch>.npy` with the weights of the best epoch. The first one names
the second, which is written before it: whatever moment a kill chooses, the state that is found is
whole. Everything else (order of the images, augmentation, learning rate, patience) follows from the
seed, the epoch and the history.

A file is arrays in the format of numpy one after the other, none of them pickled, and a CRC-32 of
them: it is for accidents, and as quick as a disk. Others would take longer than the writing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from bioselect.networks.history import EpochRecord, record_from
from bioselect.storage import atomic_path, crc32_of, digest_of

STATE_FILE = "state.npy"
#: Raised when a training that goes on would end in other bits than before.
CHECKPOINT_VERSION = 1
CHECKSUM_BYTES = 4


@dataclass
class Checkpoint:
    """A training after some epochs.

    `weights` are the variables that it changes, `optimizer` those of the optimizer; `best` are the
    weights after the best epoch, None where that is the last one. `seconds` has one for each epoch.
    """

    weights: list[np.ndarray]
    optimizer: list[np.ndarray]
    best: list[np.ndarray] | None
    best_epoch: int
    history: list[EpochRecord]
    seconds: list[float] = field(default_factory=list)


class CheckpointFolder:
    """Where the checkpoint of one training lies.

    Parameters
    ----------
    folder : Path
        Nothing else may lie in it.
    facts : mapping
        Everything that tells this training from others, in JSON's types. A checkpoint of another
        one is not used.
    """

    def __init__(self, folder: Path, facts: Mapping[str, Any]) -> None:
        self.folder = Path(folder)
        self.key = digest_of({"version": CHECKPOINT_VERSION, **facts})
        self._kept_best = 0

    def read(self) -> Checkpoint | None:
        """Return the last checkpoint of this training, or None if there is none that is whole."""
        try:
            with _checked(self.folder / STATE_FILE) as file:
                notes = json.loads(str(_next(file)))
                if notes["key"] != self.key:
                    return None
                weights = [_next(file) for _ in range(notes["n_weights"])]
                optimizer = [_next(file) for _ in range(notes["n_optimizer"])]
            best = None
            if notes["best_file"]:
                with _checked(self.folder / notes["best_file"]) as file:
                    best = [_next(file) for _ in range(notes["n_weights"])]
            history = [record_from(record) for record in notes["history"]]
        except (OSError, ValueError, KeyError, TypeError, EOFError):
            return None
        self._kept_best = notes["best_epoch"] if best is not None else 0
        return Checkpoint(
            weights, optimizer, best, notes["best_epoch"], history, list(notes["seconds"])
        )

    def write(self, checkpoint: Checkpoint) -> None:
        """Keep a training as it is after an epoch."""
        best_file = ""
        if checkpoint.best is not None:
            best_file = _best_name(checkpoint.best_epoch)
            if self._kept_best != checkpoint.best_epoch:
                _save(self.folder / best_file, checkpoint.best)
                self._kept_best = checkpoint.best_epoch
        notes = {
            "key": self.key,
            "n_weights": len(checkpoint.weights),
            "n_optimizer": len(checkpoint.optimizer),
            "best_file": best_file,
            "best_epoch": checkpoint.best_epoch,
            "history": [asdict(record) for record in checkpoint.history],
            "seconds": checkpoint.seconds,
        }
        described = np.array(json.dumps(notes))
        _save(self.folder / STATE_FILE, [described, *checkpoint.weights, *checkpoint.optimizer])
        for old in self.folder.glob("best-*.npy"):
            if old.name != best_file:
                old.unlink(missing_ok=True)


def _best_name(epoch: int) -> str:
    return f"best-{epoch:06d}.npy"


def _save(path: Path, arrays: Sequence[np.ndarray]) -> None:
    with atomic_path(path) as unfinished, open(unfinished, "w+b") as file:
        for array in arrays:
            np.save(file, array, allow_pickle=False)
        n_bytes = file.tell()
        file.seek(0)
        checksum = crc32_of(file, n_bytes, lambda: None)
        file.seek(n_bytes)
        file.write(checksum.to_bytes(CHECKSUM_BYTES, "little"))


@contextmanager
def _checked(path: Path) -> Iterator[BinaryIO]:
    """Open a file of arrays of which the checksum is right."""
    with open(path, "rb") as file:
        n_bytes = max(0, os.fstat(file.fileno()).st_size - CHECKSUM_BYTES)
        checksum = crc32_of(file, n_bytes, lambda: None)
        if file.read() != checksum.to_bytes(CHECKSUM_BYTES, "little"):
            raise ValueError("the checksum differs")
        file.seek(0)
        yield file


def _next(file: BinaryIO) -> np.ndarray:
    array: np.ndarray = np.load(file, allow_pickle=False)
    return array
