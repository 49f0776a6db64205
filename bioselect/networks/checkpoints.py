"""A training that can be killed at any moment: what is kept after every epoch, whole or not at all.

Two files in a folder: `state.npz` with the weights and the optimizer's numbers after the last
epoch and the history so far, and `best-<epoch>.npz` with the weights of the best epoch. The first
one names the second, which is written before it: whatever moment a kill chooses, the state that is
found is whole. Everything else (order of the images, augmentation, learning rate, patience)
follows from the seed, the epoch and the history. Nothing is pickled.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.networks.history import EpochRecord
from bioselect.storage import atomic_path, digest_of

STATE_FILE = "state.npz"
_NOTES = "notes"
#: Raised when a training that goes on would end in other bits than before.
CHECKPOINT_VERSION = 1


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
            with np.load(self.folder / STATE_FILE, allow_pickle=False) as file:
                notes = json.loads(str(file[_NOTES]))
                if notes["key"] != self.key:
                    return None
                weights = _numbered(file, "weight", notes["n_weights"])
                optimizer = _numbered(file, "optimizer", notes["n_optimizer"])
            best = None
            if notes["best_file"]:
                with np.load(self.folder / notes["best_file"], allow_pickle=False) as file:
                    best = _numbered(file, "weight", notes["n_weights"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        self._kept_best = notes["best_epoch"] if best is not None else 0
        history = [EpochRecord(**record) for record in notes["history"]]
        return Checkpoint(
            weights, optimizer, best, notes["best_epoch"], history, list(notes["seconds"])
        )

    def write(self, checkpoint: Checkpoint) -> None:
        """Keep a training as it is after an epoch."""
        best_file = ""
        if checkpoint.best is not None:
            best_file = _best_name(checkpoint.best_epoch)
            if self._kept_best != checkpoint.best_epoch:
                _save(self.folder / best_file, "weight", checkpoint.best)
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
        arrays: dict[str, Any] = {
            f"weight{n:05d}": array for n, array in enumerate(checkpoint.weights)
        }
        arrays |= {f"optimizer{n:05d}": array for n, array in enumerate(checkpoint.optimizer)}
        with atomic_path(self.folder / STATE_FILE) as unfinished, open(unfinished, "wb") as file:
            np.savez(file, **{_NOTES: np.array(json.dumps(notes)), **arrays})
        for old in self.folder.glob("best-*.npz"):
            if old.name != best_file:
                old.unlink(missing_ok=True)


def _best_name(epoch: int) -> str:
    return f"best-{epoch:06d}.npz"


def _save(path: Path, prefix: str, arrays: Sequence[np.ndarray]) -> None:
    with atomic_path(path) as unfinished, open(unfinished, "wb") as file:
        named: dict[str, Any] = {f"{prefix}{n:05d}": array for n, array in enumerate(arrays)}
        np.savez(file, **named)


def _numbered(file: Any, prefix: str, n_arrays: int) -> list[np.ndarray]:
    return [file[f"{prefix}{number:05d}"] for number in range(n_arrays)]
