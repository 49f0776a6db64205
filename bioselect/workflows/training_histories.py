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
from bioselect.workflows.extractor_study import ExtractorStudy
from bioselect.workflows.history_plot import history_svg

EPOCH_COLUMNS = ("epoch", "learning_rate", "loss", "accuracy", "val_loss", "val_accuracy")
HISTORY_COLUMNS = ("repeat", "fold", *EPOCH_COLUMNS)
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


def write_histories(folder: RunFolder, studies: Sequence[ExtractorStudy]) -> None:
    """Write the folder of every network that was trained in this study, and no other."""
    by_network: dict[Candidate, list[FoldResult]] = {}
    for study in studies:
        for result in study.results:
            if result.candidate.is_network and result.history:
                by_network.setdefault(result.candidate, []).append(result)
    if folder.networks.exists():
        # Those of networks of an earlier run would be taken for this one's.
        with explained_storage_errors(folder.networks, "removed"):
            shutil.rmtree(folder.networks)
    for candidate, results in by_network.items():
        place = folder_of(folder, candidate)
        rows = [
            (one.repeat, one.fold, *(record[name] for name in EPOCH_COLUMNS))
            for one in results
            for record in one.history
        ]
        atomic_write_text(place / FOLDS_FILE, table_text(HISTORY_COLUMNS, rows))
        title = f"{candidate.estimator.label}: {len(results)} folds"
        drawing = history_svg(title, [one.history for one in results])
        atomic_write_text((place / FOLDS_FILE).with_suffix(".svg"), drawing)


def refit_texts(candidate: Candidate, history: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the table and the drawing of the training on all images, by the names in a bundle."""
    rows = [[record[name] for name in EPOCH_COLUMNS] for record in history]
    drawing = history_svg(f"{candidate.estimator.label}: all images", [history])
    return {
        BUNDLE_FILE: table_text(EPOCH_COLUMNS, rows),
        str(Path(BUNDLE_FILE).with_suffix(".svg")): drawing,
    }


def copy_refit(folder: RunFolder, candidate: Candidate) -> None:
    """Put the history of the exported network beside those of its folds."""
    for suffix in (".csv", ".svg"):
        source = (folder.model / BUNDLE_FILE).with_suffix(suffix)
        if source.is_file():
            target = (folder_of(folder, candidate) / REFIT_FILE).with_suffix(suffix)
            atomic_write_text(target, source.read_text(encoding="utf-8"))
