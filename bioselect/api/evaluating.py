"""A finished model looked at: judged on labelled images, and asked where predictions come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bioselect.api.loading import listed, model_place
from bioselect.api.notebook import chosen_reporter
from bioselect.api.study import Study
from bioselect.api.tables import frame_of_file
from bioselect.data.remote_files import brought
from bioselect.drawing.notebook_html import escaped
from bioselect.own_modules import trusting
from bioselect.predict.given_paths import given_paths
from bioselect.progress import Reporter
from bioselect.workflows.evaluate import evaluate as evaluate_model
from bioselect.workflows.evaluated_figures import METRIC_COLUMNS
from bioselect.workflows.explain import TABLE
from bioselect.workflows.explain import explain as explain_files
from bioselect.workflows.labelled_images import TableColumns
from bioselect.workflows.segmentation.labelled_pairs import MaskPlaces

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class _Written:
    """A folder that was written, and what is to be said of it.

    Of results at an address, `folder` is the copy here.
    """

    folder: Path
    words: str = field(repr=False)

    def __str__(self) -> str:
        """Return the words."""
        return self.words

    def _repr_html_(self) -> str:
        lines = map(escaped, self.words.splitlines())
        return f'<pre style="white-space: pre-wrap">{"<br>".join(lines)}</pre>'


@dataclass(frozen=True)
class Evaluation(_Written):
    """How good a model is on labelled images that it never saw; `words` has the figures."""

    @property
    def metrics(self) -> pd.DataFrame:
        """Every metric with its 95 % interval."""
        return frame_of_file(self.folder / "metrics.csv", METRIC_COLUMNS)

    @property
    def groups(self) -> pd.DataFrame:
        """How good it is on each patient or slide; without rows where none are known."""
        return frame_of_file(self.folder / "groups.csv", may_be_missing=True)

    @property
    def drift(self) -> pd.DataFrame:
        """How these images differ from those of the training, as far as the model knows them."""
        return frame_of_file(self.folder / "drift.csv", may_be_missing=True)


@dataclass(frozen=True)
class Explanations(_Written):
    """Where in images predictions come from; the maps are pictures in the folder."""

    @property
    def table(self) -> pd.DataFrame:
        """A row for each image: what is predicted, and the training images most like it."""
        found = frame_of_file(self.folder / TABLE)
        distances = [name for name in found.columns if str(name).endswith("_distance")]
        return frame_of_file(self.folder / TABLE, found.columns, distances)

    @property
    def pictures(self) -> list[Path]:
        """The maps, sorted by name."""
        return sorted(self.folder.rglob("*.png"))


def evaluate(
    model: Path | str | Study,
    dataset: Path | str,
    output: Path | str,
    columns: tuple[str | None, str | None, str | None],
    masks: Path | str | None,
    components_dir: Path | str | None,
    trust: Iterable[str],
    seed: int,
    jobs: int | None,
    progress: bool,
    reporter: Reporter | None,
) -> Evaluation:
    """Judge a model on labelled images; see :func:`bioselect.evaluate`."""
    with trusting(listed(trust)):
        words = evaluate_model(
            _folder_of(model),
            Path(dataset),
            Path(output),
            columns=TableColumns(*columns),
            components_dir=_path(components_dir),
            seed=seed,
            jobs=jobs,
            reporter=chosen_reporter(reporter, progress),
            masks=MaskPlaces(_path(masks)),
        )
    return Evaluation(brought(output), words)


def explain_images(
    model: Path | str | Study,
    paths: Path | str | Iterable[Path | str],
    output: Path | str,
    classes: Iterable[str],
    image_column: str | None,
    components_dir: Path | str | None,
    trust: Iterable[str],
    progress: bool,
    reporter: Reporter | None,
) -> Explanations:
    """Say where predictions come from; see :func:`bioselect.explain_images`."""
    with trusting(listed(trust)):
        words = explain_files(
            _folder_of(model),
            [Path(path) for path in given_paths(paths)],
            Path(output),
            listed(classes),
            image_column,
            _path(components_dir),
            chosen_reporter(reporter, progress),
        )
    return Explanations(brought(output), words)


def _folder_of(model: Path | str | Study) -> Path:
    return model.folder if isinstance(model, Study) else Path(model_place(model))


def _path(given: Path | str | None) -> Path | None:
    return None if given is None else Path(given)
