"""`bioselect predict`: a model and some paths -> a table of predictions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bioselect.bundle.reading import load_bundle
from bioselect.exceptions import DataError
from bioselect.execution import resolve_jobs
from bioselect.predict.files import find_images, predict_files
from bioselect.predict.tables import write_predictions
from bioselect.progress import SILENT, Reporter


def predict(
    model_path: Path,
    paths: Sequence[Path],
    output: Path,
    image_column: str | None = None,
    components_dir: Path | None = None,
    jobs: int | None = None,
    reporter: Reporter = SILENT,
) -> str:
    """Predict images, folders and tables, write the table, and say in words what came out.

    Raises
    ------
    DataError
        If not one file could be used.
    """
    files = find_images(paths, image_column)
    model = load_bundle(model_path, components_dir)
    predictions = predict_files(model, files, reporter, resolve_jobs(jobs))
    counts = write_predictions(output, model.class_names, predictions)
    if counts.n_predicted == 0:
        raise DataError(
            f"none of the {counts.n_failed} images could be used; the column `error` of {output} "
            "says why for each."
        )
    classes = ", ".join(f"{name} {n}" for name, n in counts.per_class.items())
    lines = [f"{counts.n_predicted} images predicted: {classes}"]
    if counts.n_failed:
        lines.append(
            f"{counts.n_failed} images could not be used; the column `error` says why for each"
        )
    lines.append(f"table: {output}")
    return "\n".join(lines)
