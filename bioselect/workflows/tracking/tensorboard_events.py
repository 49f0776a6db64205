"""The epochs of networks trained from pixels, as TensorBoard reads them."""

from __future__ import annotations

import io
import re
import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bioselect.data.plain_cells import read_plain
from bioselect.run_folder import RunFolder
from bioselect.storage import atomic_write_bytes, explained_storage_errors
from bioselect.workflows.training_histories import FOLDS_FILE, REFIT_FILE

#: TensorBoard takes files whose names hold the second word.
EVENT_FILE = "events.out.tfevents.bioselect"
VERSION = "brain.Event:2"
#: The folder of the training on all images, beside those of the folds.
ALL_IMAGES = "all_images"
#: Columns that say which epoch it is.
_PLACES = ("repeat", "fold", "epoch")


def write_events(folder: RunFolder) -> str:
    """Write the histories of all networks of a study anew; return in words where.

    A folder for each training: `tensorboard/NETWORK/repeat_0_fold_1`, and `all_images`.
    """
    with explained_storage_errors(folder.tensorboard, "removed"):
        shutil.rmtree(folder.tensorboard, ignore_errors=True)
    n_trainings = 0
    for path in sorted(folder.networks.glob("*/*.csv")):
        if path.name not in (FOLDS_FILE, REFIT_FILE):
            continue
        for name, rows in _trainings(path).items():
            target = folder.tensorboard / path.parent.name / name / EVENT_FILE
            atomic_write_bytes(target, events(rows, path.stat().st_mtime))
            n_trainings += 1
    if not n_trainings:
        return "TensorBoard: nothing to show, as no network was trained from pixels"
    return f"TensorBoard: tensorboard --logdir {folder.tensorboard}"


def _trainings(path: Path) -> dict[str, list[dict[str, str]]]:
    """Return the epochs of each training in a table, by the name of its folder."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = read_plain(file)
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        is_fold = path.name == FOLDS_FILE
        name = f"repeat_{row['repeat']}_fold_{row['fold']}" if is_fold else ALL_IMAGES
        found[name].append(row)
    return found


def events(rows: Sequence[dict[str, str]], seconds: float) -> bytes:
    """Return the epochs of a training as the bytes of an event file.

    Parameters
    ----------
    rows : sequence of dict
        A row for each epoch: `epoch`, and numbers by their names.
    seconds : float
        When that was, since 1970. Epochs have no times of their own.
    """
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    file = io.BytesIO()
    writer = RecordWriter(file)
    writer.write(Event(wall_time=seconds, file_version=VERSION).SerializeToString())
    for row in rows:
        values: list[Any] = [
            Summary.Value(tag=tag_of(name), simple_value=float(text))
            for name, text in row.items()
            if name not in _PLACES and text
        ]
        event = Event(wall_time=seconds, step=int(row["epoch"]), summary=Summary(value=values))
        writer.write(event.SerializeToString())
    return file.getvalue()


def tag_of(column: str) -> str:
    """Return what a column is called, so that training and validation stand in one section.

    Examples
    --------
    >>> tag_of("val_loss"), tag_of("loss"), tag_of("learning_rate")
    ('loss/validation', 'loss/training', 'learning_rate')
    """
    if column == "learning_rate":
        return column
    of_validation = re.fullmatch(r"val_(\w+)", column)
    return f"{of_validation[1]}/validation" if of_validation else f"{column}/training"
