"""`manifest.json`: what a bundle says of itself, and the number of its format.

When the format changes: raise `FORMAT`, keep a reader for each older number in `READERS`, and add
a bundle of the old format to the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    field_validator,
    model_validator,
)

from bioselect.backbones.table import LARGEST_INPUT
from bioselect.bundle.column_part import ColumnPart
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.preparation import Reading
from bioselect.data.records import LABEL_SEPARATOR
from bioselect.estimators.calibration import Calibration
from bioselect.estimators.prediction_interval import PredictionInterval
from bioselect.estimators.prediction_set import PredictionSets
from bioselect.exceptions import BioselectError
from bioselect.storage import digest_of

#: The highest number; each task is written in the lowest that holds it, so that a model of classes
#: can be opened by versions that know nothing of masks, numbers, columns or prediction sets.
FORMAT = 7
CLASSIFICATION_FORMAT, SEGMENTATION_FORMAT, REGRESSION_FORMAT, COLUMNS_FORMAT = 3, 4, 5, 6
SETS_FORMAT = 7
MANIFEST_FILE = "manifest.json"
ESTIMATOR_FILE = "estimator.skops"
NETWORK_FILE = "network.keras"
CHECK_SAMPLE_FILE = "check_sample.npz"
CARD_FILE = "card.md"
EXTRACTOR_FOLDER = "extractor"
SEGMENTER_FOLDER = "segmenter"


def _shape(written: list[int]) -> list[int]:
    """Return height, width and channels, if they are that; of a table they are 0."""
    if len(written) != 3 or min(written) < 0:
        raise ValueError("image_shape must be height, width and channels")
    return written


def _dtype(written: str) -> str:
    """Return the name of a kind of numbers, if it is one."""
    import numpy as np

    try:
        is_number = np.dtype(written).kind in "biuf"
    except TypeError:
        is_number = False
    if not is_number:
        raise ValueError(f"image_dtype must be a kind of numbers. Got {written!r}")
    return written


def _checked(written: dict[str, Any], read: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """Return what is written, if it can be read."""
    try:
        read(written)
    except (KeyError, TypeError, ValueError, OverflowError, BioselectError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    return written


#: Fields of both kinds of manifests, as they are checked.
ReadingFields: TypeAlias = Annotated[
    dict[str, Any], AfterValidator(lambda written: _checked(written, Reading.from_dict))
]
Shape: TypeAlias = Annotated[list[int], AfterValidator(_shape)]
Dtype: TypeAlias = Annotated[str, AfterValidator(_dtype)]


class Component(BaseModel):
    """A component as it stands in a configuration, with the identity of what was used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    params: dict[str, Any] = Field(default_factory=dict)
    identity: dict[str, Any] = Field(default_factory=dict)


class LabelText(BaseModel):
    """How the labels of an image stand in one cell of a table, as in the table of the training.

    `none_label` is what stands there for none of them; null where each image had one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    separator: str = Field(default=LABEL_SEPARATOR, min_length=1)
    none_label: str | None = ""

    def of(self, names: Iterable[str]) -> str:
        """Return some labels, or none, as one cell.

        Examples
        --------
        >>> LabelText(separator=";", none_label="normal").of(["mass", "nodule"])
        'mass;nodule'
        """
        return self.separator.join(names) or self.none_label or ""


class NumberText(BaseModel):
    """What the numbers of a model are: their name and unit, and between which it was trained.

    `interval` says between which the truth of a predicted number lies, as
    :class:`~bioselect.estimators.prediction_interval.PredictionInterval` is written; null where
    nothing is known of that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    unit: str = ""
    lowest: FiniteFloat
    highest: FiniteFloat
    interval: dict[str, Any] | None = None

    @field_validator("interval")
    @classmethod
    def _can_be_used(cls, written: dict[str, Any] | None) -> dict[str, Any] | None:
        return written if written is None else _checked(written, PredictionInterval.from_dict)

    @property
    def in_words(self) -> str:
        """What is predicted, with its unit.

        Examples
        --------
        >>> NumberText(name="age (months)", unit="months", lowest=1, highest=9).in_words
        'age (months)'
        >>> NumberText(name="age", unit="months", lowest=1, highest=9).in_words
        'age in months'
        """
        if not self.unit or self.unit in self.name:
            return self.name
        return f"{self.name} in {self.unit}"


class SetsText(BaseModel):
    """Prediction sets: from which probability on a class stands in the set of an image.

    `level` and `borders` are those of
    :class:`~bioselect.estimators.prediction_set.PredictionSets`. `measured` is how sets did in the
    study, on images that they were not made from, null where that could not be measured:
    `coverage`, `mean_size`, `single` (the share of sets of one class), `right_if_single` and
    `right` (of all).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: float
    borders: list[float]
    measured: dict[str, float | None] | None = None

    @model_validator(mode="after")
    def _can_be_used(self) -> SetsText:
        _checked({"level": self.level, "borders": self.borders}, PredictionSets.from_dict)
        return self


class NetworkPart(BaseModel):
    """What is said of a network that was trained from pixels.

    `input_size` is (height, width, n_channels) of the images that it takes; `compiled` tells
    whether it lies there compiled for OpenVINO too, and `why_not` why it does not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    input_size: list[int]
    compiled: bool
    why_not: str = ""

    @field_validator("input_size")
    @classmethod
    def _is_a_size(cls, written: list[int]) -> list[int]:
        if len(written) != 3 or min(written) < 1 or max(written) > LARGEST_INPUT:
            raise ValueError(
                "input_size must be height, width and channels, all at least 1 and at most "
                f"{LARGEST_INPUT}"
            )
        return written


class Manifest(BaseModel):
    """Everything about a model but its numbers.

    `image_shape` (height, width, n_channels) and `image_dtype` are those of a typical training
    image; `calibration` is what becomes of the estimator's probabilities (nothing in format 1);
    `labels` says how labels are written where an image may have several, of which `class_names` are
    then the names (since format 3; null for one class an image);
    `network` stands where a network was trained from pixels, which is then extractor and estimator
    in one (none before format 3);
    `columns` are those of a table that the model takes, without images or joined to them (since
    format 6);
    `number` says what is predicted where that is a number (since format 5; there are no classes
    then);
    `sets` says which classes cannot be ruled out (since format 7; null where there are no sets);
    `files` holds the SHA-256 of every other file, `checksum` that of all other fields.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = CLASSIFICATION_FORMAT
    bioselect_version: str
    task: Literal["classification", "regression"]
    class_names: list[str]
    labels: LabelText | None = None
    number: NumberText | None = None
    extractor: Component
    estimator: Component
    chosen: dict[str, Any]
    calibration: dict[str, Any] = Field(default_factory=lambda: Calibration().as_dict())
    n_features: int = Field(ge=1)
    probability_source: str
    network: NetworkPart | None = None
    columns: ColumnPart | None = None
    sets: SetsText | None = None
    image_shape: Shape
    image_dtype: Dtype
    reading: ReadingFields
    scores: dict[str, Any]
    dataset: dict[str, Any]
    versions: dict[str, str]
    files: dict[str, str]
    checksum: str = ""

    @field_validator("class_names")
    @classmethod
    def _are_told_apart(cls, written: list[str]) -> list[str]:
        if len(set(written)) < len(written) or not all(written):
            raise ValueError("classes must have different names")
        return written

    @model_validator(mode="after")
    def _has_what_its_task_needs(self) -> Manifest:
        is_regression = self.task == "regression"
        if is_regression != (self.number is not None) or is_regression == bool(self.class_names):
            raise ValueError("a model must have either the names of classes or a number")
        if self.sets is not None and len(self.sets.borders) != len(self.class_names):
            raise ValueError("prediction sets must have a border for each class")
        return self

    @field_validator("calibration")
    @classmethod
    def _can_be_applied(cls, written: dict[str, Any]) -> dict[str, Any]:
        return _checked(written, Calibration.from_dict)


class SegmentationManifest(BaseModel):
    """Everything about a model of masks but its numbers (since format 4).

    `codes` are those of the masks that it was trained with, and so its classes; `facts` what its
    segmenter said of itself when it was saved (its kind, its tiles); `n_channels` those of an image
    that it takes; `pixel_size` is in micrometres, null where it is not known.
    The other fields are those of `Manifest`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = SEGMENTATION_FORMAT
    bioselect_version: str
    task: Literal["segmentation"]
    codes: dict[str, Any]
    segmenter: Component
    facts: dict[str, Any]
    chosen: dict[str, Any]
    n_channels: int = Field(ge=1)
    pixel_size: float | None
    image_shape: Shape
    image_dtype: Dtype
    reading: ReadingFields
    scores: dict[str, Any]
    dataset: dict[str, Any]
    versions: dict[str, str]
    files: dict[str, str]
    checksum: str = ""

    @field_validator("codes")
    @classmethod
    def _are_codes(cls, written: dict[str, Any]) -> dict[str, Any]:
        return _checked(written, MaskCodes.from_dict)


AnyManifest: TypeAlias = Manifest | SegmentationManifest

#: Format number -> what turns the fields of such a file into today's manifest of its task.
READERS: Mapping[int, Callable[[dict[str, Any]], AnyManifest]] = {
    1: Manifest.model_validate,  # without `calibration`, whose default is none
    2: Manifest.model_validate,  # without `labels` and `network`: one class an image, of features
    3: Manifest.model_validate,
    4: SegmentationManifest.model_validate,
    5: Manifest.model_validate,  # with `number`
    6: Manifest.model_validate,  # with `columns`
    7: Manifest.model_validate,  # with `sets`
}


def as_fields(manifest: Manifest) -> dict[str, Any]:
    """Return what is written of a manifest: of a model of classes what its format knows."""
    fields = manifest.model_dump(mode="json")
    for later in ("number", "columns", "sets"):
        if fields[later] is None:
            del fields[later]
    return fields


def signed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with the checksum that belongs to them.

    It finds damage (two class names swapped, say), not ill will: anybody can compute it.

    Examples
    --------
    >>> first = signed({"class_names": ["a", "b"]})
    >>> first == signed({"class_names": ["b", "a"]}), first == signed(first)
    (False, True)
    """
    content = {key: value for key, value in values.items() if key != "checksum"}
    return {**content, "checksum": digest_of(content)}
