"""The extractors that come with bioselect, as data: nothing is imported to read their names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bioselect.backbones.model_options import hub_parameters, model_file_parameters
from bioselect.backbones.row import BackboneRow
from bioselect.backbones.table import ROWS, parameters_of
from bioselect.features.descriptors.table import ROWS as DESCRIPTOR_ROWS
from bioselect.features.visual_words.table import ROWS as VISUAL_WORD_ROWS
from bioselect.registry import ComponentRow, Parameter

_CONCAT = ComponentRow(
    name="concat",
    target="bioselect.features.concat:Concat",
    summary="the rows of several extractors side by side",
    parameters=(
        Parameter(
            "extractors",
            None,
            ("list",),
            summary="names, or mappings with name and params, in the order of the columns",
            required=True,
        ),
    ),
    reference="bioselect",
)

_VIEWS = ComponentRow(
    name="views",
    target="bioselect.features.views:Views",
    summary="an extractor's rows of each image and of augmented views of it, to train on all",
    parameters=(
        Parameter(
            "extractor",
            None,
            ("str", "dict"),
            summary="a name, or a mapping with name and params; one that learns nothing",
            required=True,
        ),
        Parameter(
            "views",
            4,
            ("int",),
            minimum=1,
            maximum=64,
            summary="how many views of each training image, beside the image itself",
        ),
        Parameter(
            "at_prediction",
            False,
            ("bool",),
            summary="also look at the views of images that are predicted, and average",
        ),
        Parameter(
            "steps",
            None,
            ("list", "null"),
            summary="augmentation steps; null: those under augmentation",
        ),
    ),
    reference="bioselect",
)

_MODEL_FILE = ComponentRow(
    name="model_file",
    target="bioselect.features.deep:ModelFile",
    summary="your own model, or one exported elsewhere: Keras, ONNX, OpenVINO IR, LiteRT",
    parameters=model_file_parameters(),
    reference="https://onnx.ai; https://keras.io/guides/serialization_and_saving/",
)

_KERAS_HUB = ComponentRow(
    name="keras_hub",
    target="bioselect.features.deep:KerasHub",
    summary="an image backbone of KerasHub, by preset or folder (pip install bioselect[hub])",
    parameters=hub_parameters(),
    reference="https://keras.io/keras_hub/presets/",
)


def _of_backbone(row: BackboneRow) -> ComponentRow:
    return ComponentRow(
        name=row.name,
        target="bioselect.features.deep:DeepFeatures",
        summary=row.summary,
        parameters=parameters_of(row),
        fixed=(("architecture", row.name),),
        reference=row.reference,
        # 2: weights of one's own take their pixels as they were trained.
        version=2 if row.is_scaled_twice else 1,
    )


_ROWS = (
    *DESCRIPTOR_ROWS,
    *VISUAL_WORD_ROWS,
    _CONCAT,
    _VIEWS,
    _MODEL_FILE,
    _KERAS_HUB,
    *(_of_backbone(row) for row in ROWS.values()),
)

#: Every extractor that comes with bioselect, by its name in a configuration.
EXTRACTORS: Mapping[str, ComponentRow] = MappingProxyType({row.name: row for row in _ROWS})
