"""An extractor as scikit-learn knows transformers; its rows are those of a study."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils import estimator_checks, get_tags

import bioselect
from bioselect.api.image_features import ImageFeatures
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.exceptions import ComponentError, ConfigurationError, DataError
from bioselect.features.cache import FeatureCache
from bioselect.features.extraction import extract_features
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec, create


@pytest.fixture(scope="module")
def paths(drawn_images):
    return sorted(drawn_images.rglob("*.png"))


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (6, 24, 24, 3), dtype=np.uint8)


def test_rows_are_those_of_a_study(paths, tmp_path):
    spec = ComponentSpec.of("lbp", {"radii": [1, 2]})
    pairs = [(path, path.name + path.parent.name) for path in paths]
    expected = extract_features(
        spec,
        create("extractor", spec),
        pairs,
        Reading(Intensity("dtype")),
        FeatureCache(tmp_path),
        SILENT,
        1,
    )
    made = bioselect.extractor("lbp", radii=(1, 2))
    np.testing.assert_array_equal(made.fit_transform(paths), expected)


def test_parameters_are_those_of_the_extractor_too():
    made = bioselect.extractor("lbp", radii=[1])
    own = {"name": "lbp", "intensity": "dtype", "image_channels": None, "seed": 0, "n_jobs": 1}
    given = {"radii": [1], "channels": "each", "mapping": "rotation_invariant_uniform"}
    assert made.get_params() == own | given
    assert clone(made).get_params() == made.get_params()
    assert made.set_params(radii=[2], seed=3).get_params()["radii"] == [2]
    with pytest.raises(ValueError, match=r"lbp: unknown parameter 'radius'. Known: "):
        made.set_params(radius=3)
    assert repr(bioselect.extractor("hog", cell=4)).startswith("ImageFeatures(block=2, cell=4,")


def test_another_name_has_other_parameters():
    made = clone(bioselect.extractor("lbp"))
    assert "cell" in made.set_params(name="hog").get_params()
    assert "radii" not in made.get_params()
    # What somebody chose for one means nothing to the other, and is not forgotten in silence.
    chosen = bioselect.extractor("lbp", radii=[1]).set_params(name="hog")
    with pytest.raises(ComponentError, match="radii"):
        chosen.fit([np.zeros((32, 32, 3), np.uint8)])


@pytest.mark.parametrize(
    ("name", "params", "error", "said"),
    [
        ("hgo", {}, ComponentError, "unknown extractor 'hgo'. Did you mean 'hog'?"),
        ("hog", {"cells": 4}, ComponentError, "unknown parameter. Did you mean 'cell'?"),
        ("hog", {"cell": "four"}, ComponentError, "cell: must be"),
        ("svm", {}, ComponentError, "classifier"),
    ],
)
def test_what_is_wrong_is_told_at_once(name, params, error, said):
    with pytest.raises(error) as caught:
        bioselect.extractor(name, **params)
    assert said in str(caught.value)


def test_how_pixels_are_read(images):
    deep = images.astype(np.uint16) * 8
    same = bioselect.extractor("intensity", intensity={"min": 0, "max": 2040})
    expected = bioselect.extractor("intensity").fit_transform(images)
    np.testing.assert_allclose(same.fit_transform(deep), expected, rtol=1e-5, atol=1e-6)
    with pytest.raises(ConfigurationError, match="must be dtype, percentile or"):
        ImageFeatures("intensity", intensity="percent").fit(images)


def test_a_search_of_scikit_learn_goes_through_it(paths):
    classes = [path.parent.name for path in paths]
    pipeline = Pipeline(
        [("x", bioselect.extractor("intensity")), ("c", LogisticRegression(max_iter=300))]
    )
    grid = [{"x__name": ["intensity"]}, {"x__name": ["lbp"], "x__radii": [[1], [1, 2]]}]
    search = GridSearchCV(pipeline, grid, cv=3, error_score="raise").fit(paths, classes)
    assert len(search.cv_results_["params"]) == 3
    assert search.best_score_ > 0.8
    assert len(search.best_estimator_.predict(paths[:2])) == 2


def test_names_of_the_numbers(images):
    made = bioselect.extractor("color_histogram", bins=4).fit(images)
    names = made.get_feature_names_out()
    assert names.dtype == object
    assert len(set(names)) == len(names) == made.n_features_out_ == 12
    numbered = bioselect.extractor("sift_bow", words=3, keypoints=8).fit(images)
    assert numbered.get_feature_names_out()[0] == "sift_bow0"
    assert len(numbered.get_feature_names_out()) == numbered.transform(images).shape[1]


def test_a_vocabulary_is_learnt_from_the_images_of_fit_alone(images):
    made = bioselect.extractor("sift_bow", words=3, keypoints=8)
    rows = made.fit_transform(images)
    np.testing.assert_array_equal(made.fit(images).transform(images), rows)
    np.testing.assert_array_equal(clone(made).fit_transform(images), rows)
    others = clone(made).fit(images[:3]).transform(images)
    assert not np.array_equal(others, rows)
    first = made.fit(images[:3]).transform(images[3:])
    np.testing.assert_array_equal(first, others[3:])


def test_other_images_than_it_was_fitted_on_are_told(images):
    made = bioselect.extractor("color_histogram", bins=4).fit(images)
    with pytest.raises(ValueError, match="gives 4 features; those that it was fitted on gave 12"):
        made.transform(images[..., :1])
    with pytest.raises(DataError, match="images must be a list of paths"):
        made.transform(np.zeros((3, 4)))


#: scikit-learn's own checks that ask nothing of the input.
WITHOUT_INPUT = (
    "check_estimator_cloneable",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_estimator_repr",
    "check_no_attributes_set_in_init",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_mixin_order",
    "check_get_params_invariance",
    "check_parameters_default_constructible",
)


@pytest.mark.parametrize("check", WITHOUT_INPUT)
def test_checks_of_scikit_learn_that_ask_nothing_of_the_input(check):
    made = bioselect.extractor("intensity")
    getattr(estimator_checks, check)("ImageFeatures", made)


def test_scikit_learn_sees_that_it_takes_images():
    made = bioselect.extractor("intensity")
    assert not get_tags(made).input_tags.two_d_array
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        done = estimator_checks.check_estimator(made)
    assert [one["status"] for one in done] == ["passed"]
    assert any(issubclass(one.category, SkipTestWarning) for one in caught)


def test_fitting_changes_neither_parameters_nor_images(images):
    made, before = bioselect.extractor("lbp"), images.copy()
    params = made.get_params()
    assert made.fit(images) is made
    made.transform(images)
    assert made.get_params() == params
    np.testing.assert_array_equal(images, before)
    locked = images.copy()
    locked.flags.writeable = False
    np.testing.assert_array_equal(made.transform(locked), made.transform(images))


def test_order_and_number_of_images_change_no_row(images):
    made = bioselect.extractor("lbp").fit(images)
    rows = made.transform(images)
    assert rows.dtype == np.float32
    order = [3, 0, 5, 1, 4, 2]
    np.testing.assert_array_equal(made.transform(images[order]), rows[order])
    np.testing.assert_array_equal(made.transform(images[2:3]), rows[2:3])
    np.testing.assert_array_equal(made.fit(images[:1]).transform(images), rows)


def test_a_copy_of_a_fitted_one_gives_the_same(images):
    made = bioselect.extractor("sift_bow", words=3, keypoints=8).fit(images)
    copy = pickle.loads(pickle.dumps(made))
    np.testing.assert_array_equal(copy.transform(images), made.transform(images))
    with pytest.raises(NotFittedError, match=r"not fitted yet. Call fit"):
        clone(made).transform(images)
    with pytest.raises(NotFittedError):
        clone(made).get_feature_names_out()


OWN = '''
import numpy as np

class Mean:
    """The mean of each channel, to a power."""

    def __init__(self, power=1):
        self.power = power

    def transform(self, images):
        means = [image.mean(axis=(0, 1)) ** self.power for image in images]
        return np.array(means, dtype=np.float32)
'''


def test_an_extractor_of_your_own(images, tmp_path, monkeypatch):
    (tmp_path / "ownmeans.py").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    made = bioselect.extractor("ownmeans:Mean", power=2)
    assert made.get_params()["power"] == 2
    expected = (images / np.float32(255)).mean(axis=(1, 2)) ** 2
    np.testing.assert_allclose(made.fit_transform(images), expected, rtol=1e-4)
    assert made.get_feature_names_out().tolist() == ["mean0", "mean1", "mean2"]
