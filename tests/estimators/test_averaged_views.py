"""The mean over looks, and its way through the model file."""

import numpy as np
import skops.io
from sklearn.linear_model import LogisticRegression

from bioselect.bundle.estimator_file import dump_estimator, made_of
from bioselect.estimators.averaged_views import AveragedViews

RANDOM = np.random.default_rng(0)
ROWS, PLACES = RANDOM.normal(size=(30, 2)), np.arange(30) % 3
MODEL = LogisticRegression().fit(ROWS + PLACES[:, None], PLACES)


def test_it_is_the_mean_of_the_looks():
    wide = RANDOM.normal(size=(5, 6))
    expected = sum(MODEL.predict_proba(wide[:, first : first + 2]) for first in (0, 2, 4)) / 3
    averaged = AveragedViews(MODEL, 3, 3)
    assert np.allclose(averaged.predict_proba(wide), expected)
    assert np.array_equal(averaged.predict(wide), expected.argmax(axis=1))


def test_it_can_be_kept_without_pickle():
    data = dump_estimator(AveragedViews(MODEL, 3, 3), made_of("hog", {}, "lda", {}), None)
    trusted = skops.io.get_untrusted_types(data=data)
    read = skops.io.loads(data, trusted=trusted)
    wide = RANDOM.normal(size=(5, 6))
    expected = AveragedViews(MODEL, 3, 3).predict_proba(wide)
    assert np.array_equal(read.predict_proba(wide), expected)
