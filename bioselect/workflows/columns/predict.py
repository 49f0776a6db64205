"""`bioselect predict` with a model of columns: tables in, a table of predictions out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bioselect.bundle.reading import bundle_folder, load_bundle, read_any_manifest
from bioselect.data.sheets import split_sheet
from bioselect.exceptions import BundleError, ConfigurationError, DataError, StorageError
from bioselect.predict.rows import ROW, column_part_of, predict_rows, read_new_tables
from bioselect.predict.tables import write_predictions
from bioselect.progress import Reporter
from bioselect.workflows.output_places import check_not_read, check_table_place


def takes_columns(model_path: Path) -> bool:
    """Tell whether a model takes tables without images; what is wrong with it is told elsewhere.

    Examples
    --------
    >>> takes_columns(Path("no-such-model"))
    False
    """
    try:
        with bundle_folder(Path(model_path)) as folder:
            part = getattr(read_any_manifest(folder, model_path), "columns", None)
    except (BundleError, OSError):
        return False
    return part is not None and not part.with_images


def predict_tables(
    model_path: Path,
    paths: Sequence[Path],
    output: Path,
    components_dir: Path | None,
    reporter: Reporter,
    of_images: Sequence[str] = (),
) -> str:
    """Predict every row of some tables, write the table, and say in words what came out.

    Parameters
    ----------
    model_path : Path
        A model for which :func:`takes_columns` is true.
    paths : sequence of Path
        Tables with the columns of the training, in any order.
    output : Path
        The table that is written.
    components_dir : Path or None
        Where the user's own components lie, if the model uses any.
    reporter : Reporter
        Told what is left aside.
    of_images : sequence of str
        Options that were given and are about images, which are refused.

    Raises
    ------
    BioselectError
        If a table or the model cannot be used, or not one row could be predicted.
    """
    if of_images:
        raise ConfigurationError(
            f"{', '.join(of_images)}: must go with a model of images. Got one of the columns of a "
            f"table ({model_path}). Leave it out, or name another model."
        )
    if os.path.isdir(output):
        raise StorageError(
            f"{output}: must be a file, the table to write. Got a folder. Write "
            f"{Path(output) / 'predictions.csv'}."
        )
    check_table_place(Path(output))
    check_not_read([Path(output)], [split_sheet(Path(path))[0] for path in paths])
    is_there = os.path.isfile(output)
    model = load_bundle(model_path, components_dir)
    new = read_new_tables(paths, column_part_of(model))
    for note in new.notes:
        reporter.say(note)
    for line in new.doubts:
        reporter.warn(line)
    predictions = predict_rows(model, new)
    counts = write_predictions(output, model.class_names, predictions, first=ROW)
    if counts.n_predicted == 0:
        raise DataError(
            f"none of the {counts.n_failed} rows could be used; the column `error` of {output} "
            f"says why for each. The first: {counts.first_error}"
        )
    classes = ", ".join(f"{name} {n}" for name, n in counts.per_class.items())
    lines = [f"{counted_rows(counts.n_predicted)} predicted: {classes}"]
    if counts.n_failed:
        lines.append(
            f"{counted_rows(counts.n_failed)} could not be used; the column `error` says why for "
            "each"
        )
    lines += [f"warning: {line}" for line in new.doubts]
    lines.append(f"table: {output}{' (an earlier one was written over)' * is_there}")
    return "\n".join(lines)


def counted_rows(number: int) -> str:
    """Return how many rows, in words.

    Examples
    --------
    >>> counted_rows(1), counted_rows(2)
    ('1 row', '2 rows')
    """
    return f"{number} row{'s' * (number != 1)}"
