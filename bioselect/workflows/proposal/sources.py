"""What a person points at: a folder of class folders, a table or an .npz file -> a data set."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from bioselect.data.layouts import is_image_name
from bioselect.data.names import as_text
from bioselect.data.npz_datasets import from_npz, is_npz
from bioselect.data.sheets import split_sheet
from bioselect.data.table_rows import is_table
from bioselect.exceptions import DataError
from bioselect.workflows.proposal.choices import Choice, as_argument
from bioselect.workflows.proposal.folder_source import source_of_folder
from bioselect.workflows.proposal.source import ColumnNames, Source
from bioselect.workflows.proposal.table_source import source_of_table

CONFIGURATION_ENDINGS = (".yaml", ".yml")
#: Splits that are kept for the end.
TEST_NAMES = frozenset({"test", "testing", "holdout"})


def find_source(path: Path, named: ColumnNames) -> Source:
    """Find out what a path is, and list its images.

    Parameters
    ----------
    path : Path
        A folder with one folder per class, a table (`labels.xlsx#Sheet` names a sheet), or an
        .npz file in the form of MedMNIST.
    named : ColumnNames
        Columns of a table that are not to be looked for.

    Raises
    ------
    DataError
        If it is none of these, or what it holds is unclear.
    """
    if is_table(path) and split_sheet(path)[0].exists():
        return source_of_table(path, named)
    if named.given:
        raise DataError(
            f"{path}: --image, --target and --group name columns of a table (CSV, TSV, Excel). Got "
            f"{_kind(path)}. Leave them out, or name a table."
        )
    if is_npz(path) and path.exists():
        return _of_npz(path)
    if path.is_dir():
        return source_of_folder(path)
    raise DataError(_neither(path))


def _of_npz(path: Path) -> Source:
    from bioselect.data.arrays import npz_splits

    splits = npz_splits(path)
    used = [name for name in splits if name.lower() not in TEST_NAMES] or list(splits)
    dataset, _ = from_npz(path, used)
    notes = []
    keys = [Choice("path", path, "Images and labels in the form of MedMNIST.")]
    if len(splits) > 1:
        kept = [name for name in splits if name not in used]
        sizes = ", ".join(f"{name} ({count:,})" for name, count in splits.items())
        words = f"of the splits {sizes}, the study uses {' and '.join(used)}."
        if kept:
            words += (
                f" {' and '.join(kept).capitalize()} is kept for the end: bioselect evaluate MODEL "
                f"{as_argument(path.name)} --splits {' '.join(kept)}"
            )
        keys.append(Choice("splits", used, words[0].upper() + words[1:], words))
    if all(name.lstrip("-").isdigit() for name in dataset.class_names):
        notes.append("the classes have numbers only, as the file holds no names.")
    return Source(path, as_text(path.stem), dataset, tuple(keys), tuple(notes))


def _kind(path: Path) -> str:
    return "a folder" if path.is_dir() else "a file" if path.exists() else "nothing at this path"


def _neither(path: Path) -> str:
    rule = f"{path}: must be a folder with one folder per class, a table or an .npz file."
    if not path.exists():
        return f"{rule} There is none.{_near(path)} Check the path."
    if path.suffix.lower() in CONFIGURATION_ENDINGS:
        quoted = as_argument(path)
        return (
            f"{rule} Got a configuration, what `init` would write. Look at the images with: "
            f"bioselect check {quoted}."
        )
    if is_image_name(path):
        return (
            f"{rule} Got one image. Name the folder that holds the folders of the classes, for "
            f"example {as_argument(os.path.abspath(path.parent.parent))}."
        )
    return f"{rule} Got a file that is neither. Save tables as CSV (UTF-8) or .xlsx."


def _near(path: Path) -> str:
    """Say what is called nearly like a missing path, if anything is."""
    missing = next((one for one in (path, *path.parents) if one.parent.is_dir()), path)
    try:
        names = sorted(one.name for one in missing.parent.iterdir())
    except OSError:
        return ""
    lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(missing.name.lower(), list(lower), n=1)
    return f" Did you mean {as_text(missing.parent / lower[near[0]])}?" if near else ""
