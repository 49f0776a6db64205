"""What goes with one class an image only, or with several labels only: refused, never ignored."""

from __future__ import annotations

import numpy as np

from bioselect.checks.findings import WARNING, Finding
from bioselect.config.sections import Config
from bioselect.data.records import ImageDataset
from bioselect.data.splitting import SplitPlan
from bioselect.estimators.builtin import CLASSIFIERS, MULTILABEL
from bioselect.estimators.creation import ONE_CLASS_EACH
from bioselect.estimators.threshold_rule import OF_BOTH, OF_POSITIVE, with_places
from bioselect.exceptions import ConfigurationError

#: By what the border of each label can be chosen.
OF_LABELS = (*OF_POSITIVE, *OF_BOTH)
#: So many labels are named in a finding.
N_NAMED = 5


def refuse_unfit_for_targets(config: Config, dataset: ImageDataset) -> None:
    """Refuse what a configuration asks for and these images cannot have.

    Raises
    ------
    BioselectError
        With what does not go with one class an image, or with several labels, and what to do.
    """
    if dataset.is_multilabel:
        _refuse_with_labels(config, dataset)
        return
    if dataset.is_values:
        return  # What regressors have no parameter for was refused with the configuration.
    for spec in config.classifier_specs:
        place = config.place_of(spec, "classifier")
        try:
            with_places([spec], dataset.class_names)
        except ConfigurationError as error:
            raise ConfigurationError(f"{place}{error}") from error
        if spec.name in CLASSIFIERS and MULTILABEL in {**spec.params_dict, **spec.search_dict}:
            raise ConfigurationError(
                f"{place}classifiers: {spec.label}: {MULTILABEL}: {ONE_CLASS_EACH}"
            )


def _refuse_with_labels(config: Config, dataset: ImageDataset) -> None:
    for spec in config.classifier_specs:
        asked = [spec.params_dict.get("threshold"), *spec.search_dict.get("threshold", [])]
        if spec.name in CLASSIFIERS and any(isinstance(value, dict) for value in asked):
            raise ConfigurationError(
                f"{config.place_of(spec, 'classifier')}classifiers: {spec.label}: threshold: must "
                f"be a rule for every label, as an image of {dataset.name} may have several. Got "
                f"one about one class. Write {', '.join(OF_LABELS[:-1])} or {OF_LABELS[-1]}."
            )


def constant_labels(dataset: ImageDataset, plan: SplitPlan) -> list[Finding]:
    """Warn of labels that all training images of some fold have, or none of them.

    No classifier can learn such a label; in these folds it is predicted as the training images
    have it.
    """
    if not dataset.is_multilabel:
        return []
    labels = dataset.label_matrix()
    of_folds = [labels[fold.train] for fold in plan.folds]
    n_constant = np.sum([(here == here[0]).all(axis=0) for here in of_folds], axis=0)
    found = [
        f"{name} ({count} of {len(plan.folds)})"
        for name, count in zip(dataset.class_names, n_constant.tolist(), strict=True)
        if count
    ]
    if not found:
        return []
    more = f" and {len(found) - N_NAMED} more labels" if len(found) > N_NAMED else ""
    return [
        Finding(
            WARNING,
            "",
            "in some folds all training images have a label, or none has: "
            f"{', '.join(found[:N_NAMED])}{more}. It cannot be learnt there, and is predicted as "
            "the training images have it.",
            "Collect images from more groups with and without the label, or choose fewer folds.",
        )
    ]
