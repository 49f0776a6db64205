"""The section `validation`: how the combinations are compared."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from bioselect.config.metric import METRIC_SCHEMA, check_metric
from bioselect.config.rules import allowed, checked_by, one_of
from bioselect.config.section import Section
from bioselect.config.validation_design import SPLIT_SCHEMA, check_split

LARGEST_SEED = 2**32 - 1


class ValidationSection(Section):
    """How the combinations are compared: folds drawn once, the same for all."""

    folds: Annotated[int | str, allowed("int", choices=("auto",), minimum=2)] = Field(
        default="auto", description="Parts the images are divided into; each is the test part once."
    )
    repeats: Annotated[int | str, allowed("int", choices=("auto",), minimum=1)] = Field(
        default="auto", description="How often the division is drawn anew."
    )
    splits: Annotated[int | None, allowed("int", "null", minimum=2)] = Field(
        default=None,
        description="Instead of folds: so many random splits into a training and a test part.",
    )
    test_size: Annotated[float | None, allowed("float", "null", minimum=0.05, maximum=0.5)] = Field(
        default=None, description="With splits: the share of the images that is tested. null: 0.2."
    )
    split: Annotated[
        tuple[float, ...] | dict[str, str] | str | None, checked_by(check_split, SPLIT_SCHEMA)
    ] = Field(
        default=None,
        description="Instead of folds, one split: the shares [training, validation, test]; "
        "{column: NAME} of the table, which says train, validation or test for each image; or "
        "official, the splits of an .npz file. The validation part chooses, the test part is "
        "opened once, for what was chosen.",
    )
    metric: Annotated[str | dict[str, Any], checked_by(check_metric, METRIC_SCHEMA)] = Field(
        default="auto",
        description="The score that decides: a name, or a mapping with name and params. auto: "
        "balanced_accuracy, of several labels f1_macro, of numbers mae, of masks dice.",
    )
    honest: Annotated[str, one_of("bbc", "nested")] = Field(
        default="bbc",
        description="How the expected score corrects for having chosen the best of many: bbc (from "
        "the predictions that are there) or nested (the choice repeated inside the folds: about "
        "twice the work).",
    )
    seed: Annotated[int, allowed("int", minimum=0, maximum=LARGEST_SEED)] = Field(
        default=0, description="The same seed gives the same result."
    )
