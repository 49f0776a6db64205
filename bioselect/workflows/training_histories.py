"""`networks/` of a run folder: how every network was trained, as a table and a drawing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bioselect.run_folder import RunFolder, table_text
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult
from bioselect.storage import atomic_write_text, digest_of, explained_storage_errors
from bioselect.workflows.history_plot import MASK_PANELS, PANELS, VALUE_PANELS, history_svg

EPOCH_COLUMNS = ("epoch", "learning_rate", "loss", "accuracy", "val_loss", "val_accuracy")
#: Of networks that learn a number; errors are mean absolute ones, in the target's units.
VALUE_COLUMNS = ("epoch", "learning_rate", "loss", "error", "val_loss", "val_error")
#: Of networks that draw masks, besides.
MASK_COLUMN = "val_dice"
#: In the folder of a network: of the folds, and of the training on all images.
FOLDS_FILE, REFIT_FILE = "history.csv", "refit.csv"
#: In a bundle: the training on all images.
BUNDLE_FILE = "history.csv"
LONGEST_NAME = 80
DIGEST_DIGITS = 8


def folder_of(folder: RunFolder, candidate: Candidate) -> Path:
    """Return where the history of a network lies; no two networks of a study share a folder."""
    return folder.networks / folder_name(candidate.estimator.label)


def folder_name(label: str) -> str:
    """Return a folder's name for a component's label.

    Examples
    --------
    >>> folder_name("small_cnn"), folder_name("resnet18(epochs=5, weights=a b.keras)")
    ('small_cnn', 'resnet18-epochs=5-weights=a_b.keras-a58c490b')
    """
    plain = re.sub(r"[^A-Za-z0-9_.=-]+", "_", re.sub(r"[(,] ?", "-", label.rstrip(")")))
    if plain == label and len(plain) <= LONGEST_NAME:
        return plain
    return f"{plain[:LONGEST_NAME]}-{digest_of(label)[:DIGEST_DIGITS]}"


def write_histories(folder: RunFolder, results: Sequence[FoldResult]) -> None:
    """Write the folder of every network that was trained in this study, and no other."""
    by_network: dict[Candidate, list[FoldResult]] = {}
    for result in results:
        if result.candidate.is_network and result.history:
            by_network.setdefault(result.candidate, []).append(result)
    if folder.networks.exists():
        # Those of networks of an earlier run would be taken for this one's.
        with explained_storage_errors(folder.networks, "removed"):
            shutil.rmtree(folder.networks)
    for candidate, trained in by_network.items():
        place = folder_of(folder, candidate)
        columns = _columns(trained[0].history)
        rows = [
            (one.repeat, one.fold, *(record[name] for name in columns))
            for one in trained
            for record in one.history
        ]
        table = table_text(("repeat", "fold", *columns), rows)
        atomic_write_text(place / FOLDS_FILE, table)
        title = f"{candidate.estimator.label}: {len(trained)} fold{'s' * (len(trained) > 1)}"
        drawing = _drawn(title, [one.history for one in trained])
        atomic_write_text((place / FOLDS_FILE).with_suffix(".svg"), drawing)


def refit_texts(candidate: Candidate, history: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the table and the drawing of the training on all images, by the names in a bundle."""
    columns = _columns(history)
    rows = [[record[name] for name in columns] for record in history]
    drawing = _drawn(f"{candidate.estimator.label}: all images", [history])
    return {
        BUNDLE_FILE: table_text(columns, rows),
        str(Path(BUNDLE_FILE).with_suffix(".svg")): drawing,
    }


def _columns(history: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the columns of a history: of masks the Dice as well, of numbers errors."""
    if history and "val_error" in history[0]:
        return VALUE_COLUMNS
    of_masks = bool(history) and MASK_COLUMN in history[0]
    return (*EPOCH_COLUMNS, MASK_COLUMN) if of_masks else EPOCH_COLUMNS


def _drawn(title: str, histories: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    columns = _columns(next(iter(histories), ()))
    if columns == VALUE_COLUMNS:
        return history_svg(title, histories, VALUE_PANELS)
    return history_svg(title, histories, PANELS if columns == EPOCH_COLUMNS else MASK_PANELS)


def copy_refit(folder: RunFolder, candidate: Candidate) -> None:
    """Put the history of the exported network beside those of its folds."""
    for suffix in (".csv", ".svg"):
        source = (folder.model / BUNDLE_FILE).with_suffix(suffix)
        if source.is_file():
            target = (folder_of(folder, candidate) / REFIT_FILE).with_suffix(suffix)
            atomic_write_text(target, source.read_text(encoding="utf-8"))
