"""Classifiers of images that may have several labels: one classifier of two classes a label."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier

from bioselect.data.targets import is_label_sets, is_values, predicted_sets
from bioselect.estimators.builtin import CHAIN, CLASSIFIERS, MULTILABEL
from bioselect.estimators.creation import create_classifier, create_regressor
from bioselect.estimators.responses import class_probabilities, probability_source
from bioselect.exceptions import ComponentError
from bioselect.registry import ComponentSpec, parameter_problems


class LabelSetClassifier(BaseEstimator):
    """A classifier that answers for each label whether an image has it.

    A label that all training images have, or none, is predicted as they have it, as scikit-learn's
    `OneVsRestClassifier` does: no classifier can learn it. Otherwise the answers are those of
    scikit-learn's `MultiOutputClassifier`, or with `chain` of its `ClassifierChain`.

    Parameters
    ----------
    estimator : object
        A classifier that was not trained; a copy of it learns each label.
    chain : bool
        Each label is learnt from the features and the labels before it, in the order of their
        names in the study: in training the true ones, then those predicted. Otherwise each is
        learnt by itself (binary relevance).

    Attributes
    ----------
    models_ : list
        Of each label, the classifier that was trained.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> rows, labels = np.array([[0.0], [1.0], [5.0]]), np.array([[0, 1], [1, 1], [1, 1]])
    >>> LabelSetClassifier(KNeighborsClassifier(1)).fit(rows, labels).predict(np.array([[0.1]]))
    array([[0, 1]], dtype=int8)
    """

    #: What `responses.gives_label_sets` looks for.
    gives_label_sets = True

    def __init__(self, estimator: Any, chain: bool = False) -> None:
        self.estimator = estimator
        self.chain = chain

    def fit(
        self, X: np.ndarray, y: np.ndarray, units: np.ndarray | None = None
    ) -> LabelSetClassifier:
        """Learn from ``(n_images, n_features)`` rows and 0 and 1 ``(n_images, n_labels)``.

        `units` are int ``(n_images,)``: where the border of a label is chosen on parts of the rows,
        images that share one are never split. By default each image stands for itself.
        """
        labels = np.asarray(y)
        units = np.arange(len(labels)) if units is None else units
        self.models_ = [
            _trained(self.estimator, self._given(X, labels[:, :place]), column, units)
            for place, column in enumerate(labels.T)
        ]
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_labels)``: the probability of each label."""
        table = np.empty((len(X), len(self.models_)))
        for place, model in enumerate(self.models_):
            given = self._given(X, predicted_sets(table[:, :place]))
            table[:, place] = class_probabilities(model, given, 2)[:, 1]
        return table

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return 0 or 1 for each image and label, int8."""
        return predicted_sets(self.predict_proba(X)).astype(np.int8)

    def source(self) -> str:
        """Return where the probabilities of the labels come from."""
        learnt = [one for one in self.models_ if not isinstance(one, DummyClassifier)]
        return probability_source((learnt or self.models_)[0])

    def _given(self, X: np.ndarray, known: np.ndarray) -> np.ndarray:
        if self.chain and known.shape[1]:
            return np.hstack([X, known])
        # Anybody's own may write into its rows, which those of the next label must not show.
        return X.copy() if X.flags.writeable else X


def _trained(estimator: Any, X: np.ndarray, y: np.ndarray, units: np.ndarray) -> Any:
    from bioselect.estimators.training import train

    if (y == y[0]).all():
        return DummyClassifier(strategy="prior").fit(X[:1], y[:1])
    model = copy.deepcopy(estimator)
    train(model, X, y, units)
    return model


def create_for(
    targets: np.ndarray, spec: ComponentSpec, seed: int, base_dir: Path | None = None
) -> Any:
    """Make the estimator that a spec names: of values a regressor, else a classifier.

    Parameters
    ----------
    targets : np.ndarray
        What it is going to learn; only its form is looked at, and whether it holds values.
    spec, seed, base_dir
        As for :func:`~bioselect.estimators.creation.create_classifier`. Of a built-in classifier
        `multilabel` says how several labels are learnt.

    Examples
    --------
    >>> made = create_for(np.eye(3), ComponentSpec.of("lda", {"multilabel": "chain"}), seed=0)
    >>> made.chain, made.estimator["model"]
    (True, ShrunkenDiscriminant())
    """
    if not is_label_sets(targets):
        create = create_regressor if is_values(targets) else create_classifier
        return create(spec, seed, base_dir)
    params, chain = spec.params_dict, False
    if spec.name in CLASSIFIERS:
        if problems := parameter_problems(CLASSIFIERS[spec.name], params):
            raise ComponentError(f"classifier {spec.name!r}: " + " ".join(problems))
        chain = params.pop(MULTILABEL, None) == CHAIN
    one_label = create_classifier(ComponentSpec.of(spec.name, params), seed, base_dir)
    return LabelSetClassifier(one_label, chain)
