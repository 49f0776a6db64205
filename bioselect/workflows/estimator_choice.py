"""Which estimators a study compares: those of the configuration, and the floor."""

from __future__ import annotations

from bioselect.config.sections import Config
from bioselect.data.records import ImageDataset
from bioselect.estimators.creation import check_can_resample, check_not_balanced_twice
from bioselect.estimators.threshold_rule import with_places
from bioselect.exceptions import ConfigurationError
from bioselect.registry import ComponentSpec

#: One that learns, by the kind of the estimators.
_LEARNS = {"classifier": "logistic_regression", "regressor": "ridge"}


def studied_estimators(config: Config) -> list[ComponentSpec]:
    """Return the classifiers, or regressors, that are compared, the dummy among them.

    Raises
    ------
    BioselectError
        If none of them learns, or what a classifier asks for cannot be had.
    """
    kind = config.estimator_kind
    estimators = with_dummy(config.estimator_specs, bool(config.networks), kind)
    if kind == "classifier":
        check_can_resample(estimators)
        check_not_balanced_twice(estimators)
    return estimators


def told_of_classes(estimators: list[ComponentSpec], dataset: ImageDataset) -> list[ComponentSpec]:
    """Return the estimators with places where classes are named in their thresholds."""
    if dataset.is_multilabel or dataset.is_values:
        return estimators
    return with_places(estimators, dataset.class_names)


def with_dummy(
    estimators: list[ComponentSpec], is_optional: bool = False, kind: str = "classifier"
) -> list[ComponentSpec]:
    """Add the floor of every study, the estimator that looks at no feature.

    Where `is_optional`, there need be no other.
    """
    if (estimators or not is_optional) and all(spec.name == "dummy" for spec in estimators):
        raise ConfigurationError(
            f"{kind}s: must list at least one that learns. Got the dummy only, which is the floor "
            f"to compare with. Add another, for example {_LEARNS[kind]}."
        )
    if any(spec.name == "dummy" for spec in estimators):
        return list(estimators)
    return [*estimators, ComponentSpec.of("dummy")]
