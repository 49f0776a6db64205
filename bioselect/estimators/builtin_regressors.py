"""The table of built-in regressors: names, parameters, search spaces. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioselect.component import ComponentRow, Parameter
from bioselect.estimators.builtin import ABOVE_ZERO

#: The parameter of every regressor but the floor of the table that chooses among the features.
SELECT = "select"

_SELECT = Parameter(
    SELECT,
    None,
    ("int", "null"),
    minimum=1,
    summary="only so many features are used, those that go best with the target (correlation, on "
    "the training images of a fold); null: all",
)
#: What people write who want features scaled.
_LACKS = (
    (
        "scale",
        "features are scaled inside the fold wherever a regressor depends on their units. Take it "
        "out.",
    ),
    (
        "normalize",
        "features are scaled inside the fold wherever a regressor depends on their units. Take it "
        "out.",
    ),
)


def _trees(max_features: float | str) -> tuple[Parameter, ...]:
    return (
        Parameter("n_estimators", 200, ("int",), minimum=1, summary="number of trees"),
        *_tree(max_features),
    )


def _tree(max_features: float | str) -> tuple[Parameter, ...]:
    return (
        Parameter(
            "max_depth", None, ("int", "null"), minimum=1, summary="deepest tree; null: no limit"
        ),
        Parameter("min_samples_leaf", 1, ("int",), minimum=1, summary="fewest images in a leaf"),
        Parameter(
            "max_features",
            max_features,
            ("float",),
            choices=("sqrt", "log2"),
            minimum=ABOVE_ZERO,
            maximum=1.0,
            summary="features tried at each split: sqrt, log2 or a share of them",
        ),
    )


def _row(
    name: str,
    summary: str,
    parameters: tuple[Parameter, ...] = (),
    search: tuple[tuple[str, tuple[Any, ...]], ...] = (),
    reference: str = "",
    version: int = 1,
) -> ComponentRow:
    learns = name != "dummy"
    return ComponentRow(
        name=name,
        target=f"bioselect.estimators.regressors:{name}",
        summary=summary,
        parameters=(*parameters, _SELECT) if learns else parameters,
        search=search,
        reference=reference,
        version=version,
        lacks=_LACKS,
    )


_ROWS = (
    _row(
        "linear",
        "least squares: a weight for each feature; the simplest that learns",
        reference="Gauss (1809), Theoria motus corporum coelestium",
    ),
    _row(
        "ridge",
        "least squares with small weights; a strong first choice for the features of a network",
        (Parameter("alpha", 1.0, ("float",), minimum=ABOVE_ZERO, summary="larger: simpler"),),
        (("alpha", (0.1, 1.0, 10.0, 100.0, 1000.0)),),
        "Hoerl and Kennard (1970), Technometrics 12, 55-67",
    ),
    _row(
        "random_forest",
        "mean of trees grown on resampled images",
        _trees(1.0),
        (("max_features", (0.33, 1.0)), ("min_samples_leaf", (1, 3))),
        "Breiman (2001), Machine Learning 45, 5-32",
    ),
    _row(
        "dummy",
        "always predicts the mean (or the median) of the training images: the floor of every table",
        (
            Parameter(
                "strategy",
                "mean",
                choices=("mean", "median"),
                summary="what of the training images is predicted",
            ),
        ),
    ),
)

REGRESSORS: Mapping[str, ComponentRow] = {row.name: row for row in _ROWS}
