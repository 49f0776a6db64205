"""The Python face of a trained model: paths in, a pandas table out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bioselect.bundle.familiar import NOVELTY, Familiar, read_familiar
from bioselect.bundle.opening import ModelPlace, opened_bundle
from bioselect.bundle.reading import Model, load_bundle
from bioselect.data.expansion import expanded_sources
from bioselect.data.names import as_text
from bioselect.data.remote_files import brought
from bioselect.drawing.notebook_html import facts
from bioselect.predict.abstaining import abstaining, check_can_abstain
from bioselect.predict.familiarity import doubts
from bioselect.predict.files import NOTHING_KNOWN, Prediction, find_images, predict_files
from bioselect.predict.given_paths import given_paths
from bioselect.predict.joined import read_joined
from bioselect.predict.rows import ROW, column_part_of, predict_rows, read_new_tables
from bioselect.predict.tables import cells_beside, columns, columns_beside
from bioselect.progress import SILENT, Reporter

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline


class Predictor:
    """A model opened with :func:`bioselect.load`."""

    def __init__(self, model: Model, familiar: Familiar = NOTHING_KNOWN) -> None:
        self.model = model
        self.familiar = familiar

    @classmethod
    def from_path(cls, place: ModelPlace, components_dir: Path | str | None = None) -> Predictor:
        """Open a model folder, its zip or a run folder."""
        components = None if components_dir is None else Path(components_dir)
        with opened_bundle(place) as bundle:
            return cls(load_bundle(bundle, components), read_familiar(bundle))

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, in the order of the columns of probabilities; of numbers none."""
        return self.model.class_names

    @property
    def pipeline(self) -> Pipeline:
        """The model as a fitted pipeline of scikit-learn, with the numbers of `predict`.

        It takes a list of paths or arrays of pixels: ``predict`` gives the class of each image (of
        labels 0 and 1 ``(n_images, n_labels)``, or the number), ``predict_proba`` the
        probabilities. An image that cannot be used is an error there.

        Raises
        ------
        BundleError
            If the model takes columns of a table.
        """
        from bioselect.predict.pipeline import pipeline_of

        return pipeline_of(self.model)

    def predict(
        self,
        paths: Path | str | Iterable[Path | str],
        reporter: Reporter = SILENT,
        n_jobs: int = 1,
        image_column: str | None = None,
        abstain: bool = False,
    ) -> pd.DataFrame:
        """Return one row per image: path, prediction, ``probability_<class>``..., error.

        Before `error` stand, as far as the model knows them, `prediction_set` (the classes that
        cannot be ruled out, joined by ``" | "``, the most probable first), `novelty` (above 1 an
        image is unlike the training images) and `quality` (what is unusual in it, empty when
        nothing is).

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
            For a table: the column with the paths of the images. A model of columns takes tables
            alone, and gives `row` in place of path.
        abstain : bool
            Whether images (or rows) of which several classes cannot be ruled out, or that are
            unlike those of the training, are left to a person: their prediction is empty, and
            `abstained_because`, before error, says why.

        Returns
        -------
        pandas.DataFrame
            Sorted by path; ``#7`` behind it is plane 7 of a stack, for a model that takes planes
            one by one. A file that cannot be used has an empty prediction, NaN and its error.

        Warns
        -----
        UserWarning
            If pixel types or values do not fit those of the training images, or values of columns
            those of the training.

        Raises
        ------
        DataError
            If a path does not exist or no image is found.
        BundleError
            If `abstain` is asked of a model without prediction sets.
        """
        if abstain:
            check_can_abstain(self.model)
        given = [brought(path, reporter) for path in given_paths(paths)]
        if self.model.extractor is None and self.model.manifest.columns is not None:
            return self._predict_tables(given, reporter, abstain)
        files, notes = find_images(given, image_column)
        for note in notes:
            reporter.say(note)
        sources = expanded_sources(files, self.model.reading, reporter)
        joined = read_joined(self.model, given, image_column)
        of_columns = () if joined is None else joined.new.doubts
        for line in [*doubts(self.model, sources), *of_columns]:
            warnings.warn(line, stacklevel=2)
        predictions = predict_files(self.model, sources, reporter, n_jobs, joined, self.familiar)
        return self._frame(predictions, abstain)

    def _predict_tables(
        self, tables: Sequence[Path], reporter: Reporter, abstain: bool
    ) -> pd.DataFrame:
        """Predict the rows of tables, whose first column is then `row`."""
        new = read_new_tables(tables, column_part_of(self.model))
        for note in new.notes:
            reporter.say(note)
        for line in new.doubts:
            warnings.warn(line, stacklevel=3)
        return self._frame(predict_rows(self.model, new), abstain, ROW)

    def _frame(
        self, predictions: Iterable[Prediction], abstain: bool, first: str = "path"
    ) -> pd.DataFrame:
        import pandas as pd

        familiar = NOTHING_KNOWN if first == ROW else self.familiar
        beside = columns_beside(self.model, abstain, familiar)
        rows = []
        for item in abstaining(predictions) if abstain else predictions:
            further: list[str | float] = [*cells_beside(item, beside)]
            if NOVELTY in beside:
                known = float("nan") if item.novelty is None else item.novelty
                further[beside.index(NOVELTY)] = known
            rows.append([as_text(str(item.path)), *self._said(item), *further, item.error])
        return pd.DataFrame(rows, columns=columns(self.class_names, first, beside))

    def _said(self, item: Prediction) -> list[str | float]:
        """Return what is predicted of an image and the probabilities; of a number low and high."""
        unknown = float("nan")
        if self.model.number is not None:
            number = unknown if item.probabilities is None else float(item.probabilities[0])
            return [number, *(item.interval or (unknown, unknown))]
        if item.probabilities is None:
            return [item.prediction, *([unknown] * len(self.class_names))]
        return [item.prediction, *map(float, item.probabilities)]

    def __repr__(self) -> str:
        """Return one line: what it is made of, and what it tells apart."""
        return f"<Predictor {self._made_of()}: {self._gives()}>"

    def _repr_html_(self) -> str:
        method = self.model.calibration.method
        return facts({"model": self._made_of(), "gives": self._gives(), "calibration": method})

    def _made_of(self) -> str:
        return f"{self.model.manifest.extractor.name} + {self.model.manifest.estimator.name}"

    def _gives(self) -> str:
        number = self.model.number
        return ", ".join(self.class_names) if number is None else number.in_words
