"""Several fitted models as one: the mean of what each says of its own columns."""

import numpy as np
import pytest
from sklearn.svm import SVC

from bioselect.estimators.averaging import AveragedModels, mean_of_tables
from bioselect.estimators.ensemble_spec import ensemble_spec, estimator_identity
from bioselect.estimators.responses import class_probabilities, probability_source
from bioselect.registry import ComponentSpec, identity

RANDOM = np.random.default_rng(0)
Y = np.arange(60) % 3
X = RANDOM.normal(size=(60, 5)) + Y[:, None]
COLUMNS = [np.array([0, 1]), np.array([4, 2])]


def averaged():
    # Three classes, decision values and not probabilities: their softmax is averaged.
    models = [SVC(random_state=0).fit(X[:, columns], Y) for columns in COLUMNS]
    return models, AveragedModels(models, COLUMNS, 3)


def test_the_mean_of_the_probabilities_of_the_study():
    models, both = averaged()
    parts = [
        class_probabilities(model, X[:, columns], 3)
        for model, columns in zip(models, COLUMNS, strict=True)
    ]
    np.testing.assert_allclose(both.predict_proba(X), (parts[0] + parts[1]) / 2)
    np.testing.assert_array_equal(both.predict(X), both.predict_proba(X).argmax(axis=1))
    np.testing.assert_allclose(class_probabilities(both, X, 3), both.predict_proba(X), atol=1e-12)
    assert probability_source(both) == "predict_proba"


def test_the_order_of_columns_is_that_of_each_model():
    _, both = averaged()
    swapped = AveragedModels(both.models, [COLUMNS[0], COLUMNS[1][::-1]], 3)
    assert not np.allclose(both.predict_proba(X), swapped.predict_proba(X))


def test_tables_are_not_written_to():
    first = np.array([[1.0, 0.0]])
    assert mean_of_tables([first, first]).tolist() == [[1.0, 0.0]]
    assert first.tolist() == [[1.0, 0.0]]


def test_the_identity_is_that_of_every_member():
    hog = ComponentSpec("hog")
    spec = ensemble_spec([(hog, ComponentSpec("lda")), (hog, ComponentSpec.of("svm", {"C": 2}))])
    assert estimator_identity(spec, None) == {
        "members": [identity("classifier", name, None) for name in ("lda", "svm")]
    }
    assert estimator_identity(ComponentSpec("lda"), None) == identity("classifier", "lda", None)
    assert spec.params_dict["members"][1]["estimator"]["params"] == {"C": 2}


def test_columns_must_be_as_many_as_models():
    models, _ = averaged()
    with pytest.raises(ValueError, match="zip"):
        AveragedModels(models, COLUMNS[:1], 3).predict_proba(X)
