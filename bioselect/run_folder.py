"""Where each product of a run lies, and the columns of its tables."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.addresses import named
from bioselect.data.plain_cells import PlainWriter
from bioselect.storage import atomic_write_text

DATASET_COLUMNS = ("image_id", "path", "target", "group", "sha256")  # + fold_<repeat> ...
FINDING_COLUMNS = ("severity", "image", "what", "remedy")
SCORE_COLUMNS = ("extractor", "estimator", "repeat", "fold", "metric", "score", "error")
TIMING_COLUMNS = ("extractor", "estimator", "repeat", "fold", "fit_seconds", "predict_seconds")
CHOSEN_COLUMNS = ("extractor", "estimator", "repeat", "fold", "parameter", "value")
#: Of masks: the scores of every image, and those of each part of a fold.
MASK_DATASET_COLUMNS = ("image_id", "path", "mask", "group", "sha256", "mask_sha256")
PER_IMAGE_COLUMNS = (
    "estimator",
    "repeat",
    "fold",
    "image_id",
    "group",
    "class",
    "metric",
    "score",
)
PART_COLUMNS = ("estimator", "repeat", "fold", "part", "n_images", "metric", "score")
METRIC_COLUMNS = ("estimator", "metric", "mean", "ci_low", "ci_high")
PER_CLASS_COLUMNS = (
    "extractor",
    "estimator",
    "class",
    "n_images",
    "metric",
    "mean",
    "sd",
    "n_repeats",
)
DESCRIPTIVE_COLUMNS = (
    "stage",
    "family",
    "candidate",
    "against",
    "quantity",
    "value",
    "note",
)
RANKING_COLUMNS = (
    "rank",
    "extractor",
    "estimator",
    "mean",
    "ci_low",
    "ci_high",
    "stage1_p_adjusted",
    "stage2_p_adjusted",
    "p_better",
    "p_practically_equal",
    "p_worse",
    "cost",
    "role",
)
#: In `evidence/`. A row of pictures is an image in one of the lists; a pair of copies has two rows.
PICTURE_COLUMNS = (
    "kind", "place", "image_id", "label", "given", "predicted", "probability", "score", "thumbnail",
)  # fmt: skip
SUSPICION_COLUMNS = ("place", "image_id", "label", "given", "predicted", "probability", "trust")
CURVE_COLUMNS = ("share", "draw", "fold", "n_training", "score")
EXPLANATION_COLUMNS = (
    "kind", "image_id", "given", "predicted", "explained", "said_now", "largest_drop", "file",
    "error",
)  # fmt: skip
MAP_COLUMNS = ("image_id", "x", "y", "target", "group", "predicted", "error")
#: Behind these, in studies with a budget.
RANKING_COLUMNS_OF_BUDGET = ("n_folds", "reason")


@dataclass(frozen=True)
class RunFolder:
    """The paths inside one run folder."""

    root: Path

    @property
    def config(self) -> Path:
        """The configuration as run, every default written out."""
        return self.root / "config.yaml"

    @property
    def environment(self) -> Path:
        """Versions, machine, seed."""
        return self.root / "environment.json"

    @property
    def dataset(self) -> Path:
        """Every image with its target, group, checksum and the fold of each repeat."""
        return self.root / "dataset.csv"

    @property
    def findings(self) -> Path:
        """What was noticed about the images."""
        return self.root / "findings.csv"

    @property
    def features(self) -> Path:
        """The feature cache, unless the configuration names another folder."""
        return self.root / "features"

    @property
    def scores(self) -> Path:
        """Every metric of every fold."""
        return self.root / "scores.csv"

    @property
    def timings(self) -> Path:
        """Seconds of every fold."""
        return self.root / "timings.csv"

    @property
    def chosen(self) -> Path:
        """Values that `search` chose inside each fold; only where something is searched."""
        return self.root / "chosen.csv"

    @property
    def out_of_fold(self) -> Path:
        """Out-of-fold probabilities of every candidate and repeat."""
        return self.root / "out_of_fold.h5"

    @property
    def out_of_fold_masks(self) -> Path:
        """Of masks: those of every candidate, repeat and image; a folder."""
        return self.root / "out_of_fold"

    @property
    def per_image(self) -> Path:
        """Of masks: every score of every image and class."""
        return self.root / "per_image.csv"

    @property
    def examples(self) -> Path:
        """Of masks: input, truth, prediction and difference of some images."""
        return self.root / "examples.png"

    @property
    def parts(self) -> Path:
        """Of masks: how well the images of each part of a fold are segmented."""
        return self.root / "parts.csv"

    @property
    def metrics(self) -> Path:
        """Of masks: the mean of every metric with its interval."""
        return self.root / "metrics.csv"

    @property
    def ranking(self) -> Path:
        """One row per candidate, best first."""
        return self.root / "ranking.csv"

    @property
    def comparisons(self) -> Path:
        """One row per compared pair."""
        return self.root / "comparisons.csv"

    @property
    def per_class(self) -> Path:
        """Precision, recall and F1 of every class, of every candidate."""
        return self.root / "per_class.csv"

    @property
    def descriptive(self) -> Path:
        """Statistics that describe the scores and decide nothing."""
        return self.root / "descriptive.csv"

    @property
    def study(self) -> Path:
        """The verdict as data."""
        return self.root / "study.json"

    @property
    def budget(self) -> Path:
        """What a budget decided, so that another start decides the same."""
        return self.root / "budget.json"

    @property
    def plots(self) -> Path:
        """Predicted beside true numbers and what predictions go by: tables and drawings."""
        return self.root / "plots"

    @property
    def networks(self) -> Path:
        """How the networks of the study were trained: a folder for each."""
        return self.root / "networks"

    @property
    def tensorboard(self) -> Path:
        """How they were trained, for TensorBoard, where `tracking` asks for it: a folder."""
        return self.root / "tensorboard"

    @property
    def training(self) -> Path:
        """Where trainings that are under way are kept, epoch by epoch."""
        return self.root / ".training"

    def products(self) -> tuple[Path, ...]:
        """Every file that a run writes anew."""
        return (
            self.config,
            self.environment,
            self.dataset,
            self.findings,
            self.scores,
            self.timings,
            self.chosen,
            self.out_of_fold,
            self.ranking,
            self.comparisons,
            self.per_class,
            self.per_image,
            self.parts,
            self.metrics,
            self.examples,
            self.descriptive,
            self.study,
            self.budget,
        )

    @property
    def model(self) -> Path:
        """The bundle."""
        return self.root / "model"

    @property
    def evidence(self) -> Path:
        """What the report shows of images: small pictures, a map, a learning curve; a folder."""
        return self.root / "evidence"

    @property
    def pictures(self) -> Path:
        """Which images are shown, and why."""
        return self.evidence / "pictures.csv"

    @property
    def thumbnails(self) -> Path:
        """Small pictures of them; a folder."""
        return self.evidence / "thumbnails"

    @property
    def explanations(self) -> Path:
        """Of which images there are maps of what the model goes by, and what these say."""
        return self.evidence / "explanations.csv"

    @property
    def explanations_facts(self) -> Path:
        """How many images that are, or why there are none."""
        return self.evidence / "explanations.json"

    @property
    def heat(self) -> Path:
        """The maps; a folder."""
        return self.evidence / "heat"

    @property
    def suspicion(self) -> Path:
        """All images, those first whose label is believed the least."""
        return self.evidence / "suspicion.csv"

    @property
    def learning_curve(self) -> Path:
        """The scores of trainings on parts of the images."""
        return self.evidence / "learning_curve.csv"

    @property
    def learning_forecast(self) -> Path:
        """The curve through them, and what it says of more images."""
        return self.evidence / "learning_curve.json"

    @property
    def image_map(self) -> Path:
        """Where each image lies in a plane in which alike images are neighbours."""
        return self.evidence / "map.csv"

    @property
    def image_map_facts(self) -> Path:
        """Of which features the map is, and of how many images."""
        return self.evidence / "map.json"

    @property
    def report(self) -> Path:
        """Everything that a person wants to look at, in one file."""
        return self.root / "report.html"

    @property
    def report_parts(self) -> Path:
        """The figures of the report as SVG, and their data."""
        return self.root / "report"

    @property
    def log(self) -> Path:
        """What was told on the way and at the end, with the time."""
        return self.root / "run.log"

    @property
    def journal(self) -> Path:
        """Finished folds, so that a second start repeats nothing."""
        return self.root / ".journal"

    @property
    def lock(self) -> Path:
        """Held while a run writes here."""
        return self.root / ".lock"


def as_text(value: Any) -> str:
    """Return a value as it stands in a table: floats to their last digit, None and NaN empty.

    A copy of what lies at an address is called by that address.

    Examples
    --------
    >>> as_text(0.1), as_text(None), as_text(float("nan")), as_text(3)
    ('0.1', '', '', '3')
    """
    if value is None:
        return ""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return "" if value != value else repr(value)
    return named(str(value))


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV table, whole or not at all."""
    atomic_write_text(path, table_text(columns, rows))


def table_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return the text of a CSV table."""
    buffer = io.StringIO()
    writer = PlainWriter(buffer)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([as_text(value) for value in row])
    return buffer.getvalue()
