"""Images on disk -> one prediction per image, streamed, so that any number of files fits."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from bioselect.bundle.familiar import Familiar
from bioselect.bundle.reading import Model
from bioselect.data.combining import without_configuration
from bioselect.data.image_quality import N_MEASURES, Measures
from bioselect.data.layouts import IMAGE_SUFFIXES, list_images
from bioselect.data.names import as_text, exists, name_problem, stored_path
from bioselect.data.reading import forget_scan, read_source
from bioselect.data.records import Source
from bioselect.data.sheets import split_sheet
from bioselect.data.table_rows import is_table
from bioselect.data.tables import from_table
from bioselect.exceptions import DataError
from bioselect.features.base import FeatureExtractor
from bioselect.features.extraction import iterate_features
from bioselect.progress import SILENT, Reporter

NOTHING_KNOWN = Familiar()


@dataclass(frozen=True)
class Prediction:
    """What a model says of one image.

    `path` is its file, or part of a file, or the name of a row; `prediction` is empty and
    `probabilities` is None when it could not be used; `error` then says why. `names` are the class,
    or the labels, of which there may be several or none; `prediction` has them as text. A number
    that is predicted is text in `prediction` and stands alone in `probabilities`; there are no
    `names` then, and `interval` is between which numbers the truth lies, if the model knows.
    `possible` are the classes that cannot be ruled out. `novelty` is how unlike the training images
    it is (above 1: unlike all of them), and `quality` what is unusual in how it was taken, by its
    `measures`; all as far as the model knows. `strange` is what in its columns of a table is unlike
    the training. Where a person is to look, because of `reasons`,
    `prediction` and `names` are empty.
    """

    path: Source | str
    prediction: str
    probabilities: np.ndarray | None
    error: str
    names: tuple[str, ...] = ()
    interval: tuple[float, float] | None = None
    possible: tuple[str, ...] = ()
    novelty: float | None = None
    quality: tuple[str, ...] = ()
    measures: Measures | None = None
    strange: str = ""
    reasons: tuple[str, ...] = ()

    @property
    def is_left(self) -> bool:
        """Whether the image could be used and is left to a person."""
        return bool(self.reasons)


class ColumnsBeside(Protocol):
    """The columns of a table beside each image."""

    def behind(self, rows: np.ndarray, sources: Sequence[Source]) -> np.ndarray:
        """Return the rows of some images with their columns behind."""

    def error_of(self, source: Source) -> str:
        """Return what is wrong with the columns of an image; empty if nothing is."""

    def strange_in(self, source: Source) -> str:
        """Return what in the columns of an image is unlike the training; empty if nothing is."""


def refuse_images_alone(model: Model) -> None:
    """Refuse images alone for a model that takes columns beside them.

    Raises
    ------
    DataError
        With the columns.
    """
    part = model.manifest.columns
    if part is not None and part.with_images:
        names = ", ".join(one.name for one in part.columns)
        raise DataError(
            f"this model takes columns beside each image ({names}). Give one table with these and "
            "a column with the paths of the images, and the name of that column with "
            "--image-column NAME (--image for evaluate)."
        )


def find_images(
    paths: Sequence[Path], image_column: str | None = None
) -> tuple[list[Path], list[str]]:
    """Return the images that files, folders (with all sub-folders) and tables name.

    Returns
    -------
    images : list of Path
        Sorted, each once.
    notes : list of str
        What in folders was left aside and what is strange in tables, in words.

    Raises
    ------
    DataError
        If a path does not exist or no image is found.
    """
    found: list[Path] = []
    notes: list[str] = []
    for place, given in enumerate(paths):
        path = stored_path(Path(), str(given))
        _check_path(split_sheet(path)[0], paths[place + 1 :])
        if is_table(path):
            if image_column is None:
                raise DataError(
                    f"{path}: a table must come with the name of its image column. Add "
                    "--image-column NAME (image_column in Python)."
                )
            dataset, more = from_table(path, image_column, None, None, None)
            images = dataset.paths
        else:
            images, more = list_images(path)
        found += images
        notes += more
    if not found:
        raise DataError(
            f"{', '.join(map(str, paths)) or 'paths'}: must hold at least one image. Got none. "
            f"Images end in {', '.join(sorted(IMAGE_SUFFIXES))}."
            + "".join(f" In it, {note}" for note in notes)
        )
    # One row a file, however its path was written.
    once = {os.path.abspath(path): path for path in sorted(found, reverse=True)}
    return sorted(once.values()), notes


def _check_path(path: Path, following: Sequence[Path]) -> None:
    if problem := name_problem(path):
        raise DataError(f"{as_text(path)}: the names of files {problem}. Rename it.")
    if not exists(path):
        joined = f"{path} {following[0]}" if following else ""
        if joined and exists(Path(joined)):
            remedy = f'A name with a blank needs quotes: "{joined}".'
        else:
            remedy = "Check the spelling of the path."
        raise DataError(f"{path}: there is no such file or folder. {remedy}")
    if not os.path.isfile(path) and not os.path.isdir(path):
        raise DataError(
            f"{path}: must be an image, a folder or a table. It is a pipe or a device, or you have "
            "no right to look at it. Ask for the right to, or name another."
        )


def predict_files(
    model: Model,
    sources: Sequence[Source],
    reporter: Reporter = SILENT,
    n_jobs: int = 1,
    columns: ColumnsBeside | None = None,
    familiar: Familiar = NOTHING_KNOWN,
    opened: Callable[[], FeatureExtractor] | None = None,
) -> Iterator[Prediction]:
    """Yield a prediction for each image, in order; a bad file is a row with its reason.

    Parameters
    ----------
    model : Model
        From :func:`bioselect.bundle.reading.load_bundle`.
    sources : sequence of Path or FilePart
        Image files, and parts of files as
        :func:`bioselect.data.expansion.expanded_sources` lists them.
    reporter : Reporter
        Shows the progress.
    n_jobs : int
        Processes for descriptors, threads for reading.
    columns : ColumnsBeside, optional
        The columns of a table beside each image, for a model that takes them.
    familiar : Familiar, optional
        What the model knows of its training images
        (:func:`bioselect.bundle.familiar.read_familiar`): then novelty and quality are told too.
    opened : callable, optional
        Gives the model's extractor to a worker of a cluster.

    Raises
    ------
    DataError
        If the model takes columns and there are none.
    """
    if columns is None:
        refuse_images_alone(model)
    with reporter.task("predicting", len(sources)) as task:
        measured = familiar.quality is not None
        batches = iterate_features(
            model.extractor, sources, model.reading, n_jobs, measured, opened
        )
        for batch, rows, errors in batches:
            yield from _predictions(model, batch, rows, errors, columns, familiar)
            task.advance(len(batch))
    forget_scan()


def _predictions(
    model: Model,
    batch: Sequence[Source],
    rows: np.ndarray | None,
    errors: Sequence[str],
    columns: ColumnsBeside | None,
    familiar: Familiar,
) -> Iterator[Prediction]:
    """Join the rows of the readable images of a batch with the errors of the others."""
    measured: list[Measures] = []
    if rows is not None and familiar.quality is not None:
        measured = familiar.measures_of(rows[:, -N_MEASURES:])
        rows = rows[:, :-N_MEASURES]
    stack = model.reading.stack
    wrong = ""
    if rows is not None:
        one = batch[next(place for place, error in enumerate(errors) if not error)]
        wrong = model.wrong_length(rows, lambda: read_source(one, stack))
    errors = [without_configuration(error, stack) if error else wrong for error in errors]
    readable = [place for place, error in enumerate(errors) if not error]
    probabilities, novelty = None, list[float | None]()
    if readable and rows is not None:
        novelty = familiar.novelty_of(model, rows)
        if columns is not None:
            rows = columns.behind(rows, [batch[place] for place in readable])
            beside = [columns.error_of(source) for source in batch]
            errors = [error or other for error, other in zip(errors, beside, strict=True)]
        probabilities = model.probabilities_of_rows(rows)
    place_of = {place: row for row, place in enumerate(readable)}
    for place, source in enumerate(batch):
        if errors[place] or probabilities is None:
            yield Prediction(source, "", None, errors[place])
        else:
            number = place_of[place]
            looks = measured[number] if measured else None
            yield replace(
                said_of_row(model, source, probabilities[number]),
                novelty=novelty[number],
                quality=familiar.flags_of(looks),
                measures=looks,
                strange="" if columns is None else columns.strange_in(source),
            )


def said_of_row(model: Model, source: Source | str, row: np.ndarray) -> Prediction:
    """Return what a model says of an image with these probabilities, or this number."""
    said, interval, possible = model.predicted(row), model.bounds(row), model.prediction_set(row)
    return Prediction(source, model.text_of(row), row, "", said, interval, possible)
