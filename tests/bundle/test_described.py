"""Rows are compared behind what an extractor learnt, of one look; of mixed ensembles not at all."""

import numpy as np
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from bioselect.bundle.described import described
from bioselect.estimators.averaged_views import AveragedViews
from bioselect.estimators.averaging import AveragedModels
from bioselect.estimators.fitted_pipeline import FittedPipeline

ROWS = np.array([[1.0, 10.0], [3.0, 30.0], [5.0, 20.0]])
MODEL = KNeighborsClassifier(1).fit(ROWS, [0, 1, 1])
STEP = StandardScaler().fit(ROWS)
LEARNT = FittedPipeline([("learnt", STEP), ("estimator", MODEL)])


def test_rows_of_a_plain_model_stay():
    np.testing.assert_array_equal(described(MODEL, ROWS), ROWS)
    # A pipeline's own scaling is no step that an extractor learnt.
    scaled = FittedPipeline([("scale", STEP), ("model", MODEL)])
    np.testing.assert_array_equal(described(scaled, ROWS), ROWS)


def test_what_an_extractor_learnt_is_applied_to_the_image_itself():
    np.testing.assert_allclose(described(LEARNT, ROWS), STEP.transform(ROWS))
    views = np.hstack([ROWS, 100 * ROWS, -ROWS])
    seen = described(AveragedViews(LEARNT, 3, 2), views, n_looks=3)
    np.testing.assert_allclose(seen, STEP.transform(ROWS))


def test_an_ensemble_is_compared_only_where_nothing_was_learnt():
    columns = [np.arange(2), np.arange(2)]
    plain = AveragedModels([MODEL, MODEL], columns, 2)
    np.testing.assert_array_equal(described(plain, ROWS), ROWS)
    assert described(AveragedModels([MODEL, LEARNT], columns, 2), ROWS) is None
