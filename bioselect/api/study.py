"""A finished study: its tables as data frames, its verdict in words, its model."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bioselect.api.histories import histories
from bioselect.api.loading import listed, load
from bioselect.api.out_of_fold import out_of_fold
from bioselect.api.tables import frame
from bioselect.config.task_keys import REGRESSION
from bioselect.drawing.notebook_html import escaped, paragraphs, table
from bioselect.exceptions import BioselectError
from bioselect.predict.mask_predictor import MaskPredictor
from bioselect.report.results import RunResults
from bioselect.report.score_words import judged_by, number, score_text
from bioselect.report.sections.verdict import in_paragraphs
from bioselect.report.short_names import short_names, with_short_names
from bioselect.run_folder import (
    CHOSEN_COLUMNS,
    DATASET_COLUMNS,
    FINDING_COLUMNS,
    METRIC_COLUMNS,
    PART_COLUMNS,
    PER_CLASS_COLUMNS,
    PER_IMAGE_COLUMNS,
    RANKING_COLUMNS,
    SCORE_COLUMNS,
    RunFolder,
)
from bioselect.selection.outcome import HonestScore

if TYPE_CHECKING:
    import pandas as pd

    from bioselect.predict.predictor import Predictor

COMPARISON_COLUMNS = ("stage", "family", "first", "second", "difference", "p_adjusted", "words")
#: So many combinations are shown in a notebook; `ranking` has all.
MOST_SHOWN = 12
FIGURES = (".svg", ".png")


class Combination(NamedTuple):
    """An extractor with an estimator, as the tables call them.

    Of a network trained from pixels the extractor is `images`.
    """

    extractor: str
    estimator: str

    def __str__(self) -> str:
        """Return it as the verdict writes it."""
        return " + ".join(filter(None, self))


class Study:
    """A finished study, as its run folder tells.

    :func:`bioselect.run` and :func:`bioselect.open_study` return one. Everything is read when it is
    asked for. In a notebook it shows the verdict in short and the ranking.

    Parameters
    ----------
    folder : path
        The run folder.
    components_dir : path, optional
        The folder with your own components, if the model uses any; their code is then run.
    trust : iterable of str
        Installed modules that provide components of the model.
    summary : str
        What the run said at its end; read from the folder otherwise.

    Raises
    ------
    BioselectError
        If there is no finished study in the folder.
    """

    def __init__(
        self,
        folder: Path | str,
        components_dir: Path | str | None = None,
        trust: Iterable[str] = (),
        summary: str = "",
    ) -> None:
        self._results = RunResults(Path(folder))
        self._components_dir = components_dir
        self._trust = listed(trust)
        self._summary = summary

    # What there is to read.

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self._places.root

    @property
    def report(self) -> Path:
        """The report, one HTML file."""
        return self._places.report

    @property
    def task(self) -> str:
        """What was asked: classification, regression or segmentation."""
        return self._results.task

    @property
    def verdict(self) -> str:
        """What was found and how sure it is, in words."""
        return str(self._results.study["in_words"])

    @property
    def summary(self) -> str:
        """The verdict, and what a run says beside it at its end, where this study was just run."""
        return self._summary or self.verdict

    @property
    def in_short(self) -> str:
        """The first sentences of the verdict."""
        short, paragraphs_ = in_paragraphs(self.verdict)
        names = short_names(self._results)
        return "\n".join(with_short_names(one, names) for one in short or paragraphs_[:1])

    @property
    def honest_score(self) -> HonestScore:
        """What to expect of the best combination on new images: `value`, `ci_low`, `ci_high` ...

        `naive` is its mean in cross-validation, which is flattering; `chance` is what guessing
        gets.
        """
        return HonestScore(**self._results.study["honest_score"])

    @property
    def best(self) -> Combination:
        """The combination with the highest mean."""
        return self._named("best")

    @property
    def recommended(self) -> Combination:
        """The combination that is recommended: among equals the one that costs least."""
        return self._named("recommended")

    @property
    def exported(self) -> Combination:
        """The combination of which the model was made."""
        return Combination(*self._results.exported)

    @property
    def tied_with_best(self) -> list[Combination]:
        """Those that could be as good as the best."""
        tied = self._results.study["tied_with_best"]
        return [Combination(one["extractor"], one["estimator"]) for one in tied]

    @property
    def config(self) -> dict[str, Any]:
        """The configuration as it was run, every default and every `auto` written out."""
        return self._results.config

    # Tables. Each is read anew, so that a changed one changes no other.

    @property
    def ranking(self) -> pd.DataFrame:
        """A row for each combination, the best first: mean, interval, p-values, role."""
        return self._table(self._places.ranking, RANKING_COLUMNS)

    @property
    def scores(self) -> pd.DataFrame:
        """A row for each combination, repeat, fold and metric."""
        return self._table(self._places.scores, SCORE_COLUMNS)

    @property
    def comparisons(self) -> pd.DataFrame:
        """A row for each compared pair: difference, interval, p-value, and what follows."""
        return self._table(self._places.comparisons, COMPARISON_COLUMNS)

    @property
    def per_class(self) -> pd.DataFrame:
        """Precision, recall and F1 of each class, of every combination; without rows of numbers."""
        return self._table(self._places.per_class, PER_CLASS_COLUMNS)

    @property
    def findings(self) -> pd.DataFrame:
        """What was noticed about the images: severity, image, what, remedy."""
        return self._table(self._places.findings, FINDING_COLUMNS)

    @property
    def dataset(self) -> pd.DataFrame:
        """Every image with its target, its group and its fold in each repeat."""
        numbers = ("target",) if self.task == REGRESSION else ()
        return self._table(self._places.dataset, DATASET_COLUMNS, numbers)

    @property
    def out_of_fold(self) -> pd.DataFrame:
        """What each combination said of each image that it was not trained on, in every repeat.

        `prediction` and ``probability_<class>``, before calibration, as they were scored; of
        several labels an image the probabilities alone. Masks are pictures in the run folder.
        """
        return out_of_fold(self._results)

    @property
    def chosen(self) -> pd.DataFrame:
        """Values that `search` chose in each fold, and the best epoch of networks; as text."""
        return self._table(self._places.chosen, CHOSEN_COLUMNS, texts=("value",))

    @property
    def histories(self) -> pd.DataFrame:
        """Each epoch of each training of networks; `fold` is missing of that on all images."""
        return histories(self._results)

    @property
    def metrics(self) -> pd.DataFrame:
        """Of masks: the mean of every metric with its interval; without rows elsewhere."""
        return self._table(self._places.metrics, METRIC_COLUMNS)

    @property
    def per_image(self) -> pd.DataFrame:
        """Of masks: every score of every image and class; without rows elsewhere."""
        return self._table(self._places.per_image, PER_IMAGE_COLUMNS)

    @property
    def parts(self) -> pd.DataFrame:
        """Of masks: scores of training, validation and test images; without rows elsewhere."""
        return self._table(self._places.parts, PART_COLUMNS)

    @property
    def figures(self) -> list[Path]:
        """The drawings (SVG, PNG): those of the report, of trainings, of what predictions go by."""
        places = self._places
        folders = (places.report_parts, places.plots, places.networks, places.heat)
        lying = [*(path for folder in folders for path in folder.rglob("*")), places.examples]
        return sorted(path for path in lying if path.suffix in FIGURES and path.is_file())

    # The model.

    @cached_property
    def model(self) -> Predictor | MaskPredictor:
        """The trained model, opened when it is first asked for; see :func:`bioselect.load`."""
        return load(self._places.model, self._components_dir, self._trust)

    def predict(
        self,
        paths: Path | str | Iterable[Path | str],
        output: Path | str | None = None,
        **options: Any,
    ) -> pd.DataFrame:
        """Apply the model to images, folders and tables.

        Parameters
        ----------
        paths : path or iterable of paths
            Images, folders (searched with all sub-folders) and tables.
        output : path, optional
            Of masks, and of these only: the new or empty folder to write them into.
        **options
            Others of the model's own `predict`: `image_column`, `reporter`; of classes and numbers
            `n_jobs` and `abstain`.

        Raises
        ------
        BioselectError
            If the images cannot be used, or masks have no folder.
        """
        if not isinstance(self.model, MaskPredictor):
            if output is not None:
                raise BioselectError(
                    "output: is for masks only; a model of classes or numbers returns a table and "
                    f"writes nothing. Got {str(output)!r}. Write predict(...).to_csv(FILE), or "
                    "use `bioselect predict`."
                )
            return self.model.predict(paths, **options)
        if output is None:
            raise BioselectError(
                "output: is missing. This model writes a mask for each image. Name a new or empty "
                "folder: predict(paths, FOLDER)."
            )
        return self.model.predict(paths, output, **options)

    # How it shows itself.

    def __repr__(self) -> str:
        """Return one line: where it lies, what is recommended, what to expect."""
        return f"<Study {self.folder}: {self.recommended}, {self._expected()}>"

    def __str__(self) -> str:
        """Return the verdict."""
        return self.verdict

    def _repr_html_(self) -> str:
        names = short_names(self._results)
        metric = judged_by(self._results)
        rows = [
            [
                row["rank"],
                names.get(row["extractor"], row["extractor"]),
                names.get(row["estimator"], row["estimator"]),
                row["role"],
                *(score_text(number(row[key]), metric) for key in ("mean", "ci_low", "ci_high")),
            ]
            for row in self._results.ranking
        ]
        columns = ("rank", "extractor", "estimator", "role", metric.in_words, "from", "to")
        more = len(rows) - MOST_SHOWN
        told = [f"... and {more} more; all are in .ranking"] if more > 0 else []
        return (
            f"<div>{paragraphs(self.in_short.splitlines())}"
            f"{table(columns, rows[:MOST_SHOWN], n_texts=4)}{paragraphs(told)}"
            f'<p style="margin: 0.3em 0"><code>{escaped(str(self.report))}</code></p></div>'
        )

    @property
    def _places(self) -> RunFolder:
        return self._results.folder

    def _expected(self) -> str:
        metric, value = judged_by(self._results), self.honest_score.value
        told = "not known" if value is None else score_text(value, metric)
        return f"expected {metric.in_words} {told}"

    def _named(self, key: str) -> Combination:
        one = self._results.study[key]
        return Combination(one["extractor"], one["estimator"])

    def _table(
        self,
        path: Path,
        columns: Iterable[str],
        numbers: Iterable[str] = (),
        texts: Iterable[str] = (),
    ) -> pd.DataFrame:
        return frame(self._results.table(path), columns, numbers, texts)
