"""The Python face of a trained model: paths in, a pandas table out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bioselect.bundle.reading import Model, load_bundle
from bioselect.data.expansion import expanded_sources
from bioselect.data.names import as_text
from bioselect.predict.familiarity import doubts
from bioselect.predict.files import Prediction, find_images, predict_files
from bioselect.predict.tables import columns
from bioselect.progress import SILENT, Reporter

if TYPE_CHECKING:
    import pandas as pd


class Predictor:
    """A model opened with :func:`bioselect.load`."""

    def __init__(self, model: Model) -> None:
        self.model = model

    @classmethod
    def from_path(cls, path: Path | str, components_dir: Path | str | None = None) -> Predictor:
        """Open a model folder, its zip or a run folder."""
        components = None if components_dir is None else Path(components_dir)
        return cls(load_bundle(Path(path), components))

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, in the order of the columns of probabilities; of numbers none."""
        return self.model.class_names

    def predict(
        self,
        paths: Path | str | Iterable[Path | str],
        reporter: Reporter = SILENT,
        n_jobs: int = 1,
        image_column: str | None = None,
    ) -> pd.DataFrame:
        """Return one row per image: path, prediction, ``probability_<class>``..., error.

        Of a model of numbers, `prediction` is the number, and in place of probabilities there are
        `low` and `high`, between which the truth lies as often as the model says; NaN where it
        does not know.

        Parameters
        ----------
        paths : path or iterable of paths
            Images, folders (searched with all sub-folders) and tables.
        reporter : Reporter
            Shows the progress; silent by default.
        n_jobs : int
            Processes at a time.
        image_column : str, optional
            For a table: the column with the paths of the images.

        Returns
        -------
        pandas.DataFrame
            Sorted by path; ``#7`` behind it is plane 7 of a stack, for a model that takes planes
            one by one. A file that cannot be used has an empty prediction, NaN and its error.

        Warns
        -----
        UserWarning
            If pixel types or values do not fit those of the training images.

        Raises
        ------
        DataError
            If a path does not exist or no image is found.
        """
        import pandas as pd

        given = [paths] if isinstance(paths, str | Path) else list(paths)
        files, notes = find_images([Path(path) for path in given], image_column)
        for note in notes:
            reporter.say(note)
        sources = expanded_sources(files, self.model.reading, reporter)
        for line in doubts(self.model, sources):
            warnings.warn(line, stacklevel=2)
        rows = []
        for item in predict_files(self.model, sources, reporter, n_jobs):
            rows.append([as_text(str(item.path)), *self._said(item), item.error])
        return pd.DataFrame(rows, columns=columns(self.class_names, self.model.number is not None))

    def _said(self, item: Prediction) -> list[str | float]:
        """Return what is predicted of an image and the probabilities; of a number low and high."""
        unknown = float("nan")
        if self.model.number is not None:
            number = unknown if item.probabilities is None else float(item.probabilities[0])
            return [number, *(item.interval or (unknown, unknown))]
        if item.probabilities is None:
            return [item.prediction, *([unknown] * len(self.class_names))]
        return [item.prediction, *map(float, item.probabilities)]
