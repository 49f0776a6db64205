"""What is written predicts the same bits anywhere, twice the same bytes, whole or not at all."""

import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from bioselect.bundle.reading import load_bundle
from bioselect.bundle.writing import draw_check_images, write_bundle
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.fitted_pipeline import FittedPipeline
from bioselect.estimators.responses import class_probabilities
from bioselect.exceptions import BundleError
from bioselect.execution import one_thread
from bioselect.features.extraction import transform_prepared
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import draw_classes, small_contents, write_small_bundle

NAMES = ("coarse", "fine", "middle")
#: Classifiers whose defaults take long, and what else can be chosen that changes their files.
PARAMS = {
    "random_forest": {"n_estimators": 10},
    "extra_trees": {"n_estimators": 10, "max_features": 0.5},
    "gradient_boosting": {"n_estimators": 5, "components": 8},
    "mlp": {"hidden": 10},
    "svm": {"kernel": "poly"},
    "knn": {"metric": "cosine"},
    "logistic_regression": {"class_weight": "balanced"},
    "naive_bayes": {"class_weight": "balanced"},
}

PREDICT = """
import json, sys
from pathlib import Path
from bioselect.bundle.reading import load_bundle
from bioselect.testing.small_bundle import draw_classes
images, _ = draw_classes(("a", "b"), seed=3)
model = load_bundle(Path(sys.argv[1]))
print(json.dumps(model.predict_images(images, ["image"] * len(images)).tolist()))
"""

WRITE = """
import sys
from pathlib import Path
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import write_small_bundle
for name in sys.argv[2:]:
    write_small_bundle(Path(sys.argv[1]) / name, ComponentSpec("intensity"), ComponentSpec(name))
"""


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def in_fresh_process(code, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows_of(contents, images):
    return transform_prepared(
        contents.extractor, images, contents.reading, ["image"] * len(images)
    ).astype(np.float64)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_predicts_the_same_bits_from_its_file(name, tmp_path):
    spec = ComponentSpec.of(name, PARAMS.get(name))
    contents = small_contents(ComponentSpec("intensity"), spec)
    images, _ = draw_classes(NAMES, seed=3)
    with one_thread():
        expected = class_probabilities(contents.estimator, rows_of(contents, images), 3)
    write_bundle(tmp_path / "model", contents)
    got = load_bundle(tmp_path / "model").predict_images(images, ["image"] * len(images))
    np.testing.assert_array_equal(got, expected)
    write_bundle(tmp_path / "again", small_contents(ComponentSpec("intensity"), spec))
    assert files_of(tmp_path / "again") == files_of(tmp_path / "model")


def test_another_process_writes_the_same_bytes(tmp_path):
    names = ("logistic_regression", "gradient_boosting", "nearest_centroid", "dummy")
    for name in names:
        write_small_bundle(tmp_path / "one" / name, ComponentSpec("intensity"), ComponentSpec(name))
    # The order of sets changes with the seed of hashes, places in memory from start to start.
    in_fresh_process(WRITE, tmp_path / "two", *names, PYTHONHASHSEED="1")
    first, second = files_of(tmp_path / "one"), files_of(tmp_path / "two")
    assert len(first) == 4 * len(names)
    assert [name for name in first if first[name] != second[name]] == []


@pytest.fixture(scope="module")
def deep(tmp_path_factory):
    """Return the contents of a model with a network, and the file that its weights came from."""
    from bioselect.backbones.keras_import import in_fresh_keras

    def saved(keras):
        network = keras.applications.MobileNetV2(
            input_shape=(96, 96, 3), alpha=0.35, include_top=False, weights=None
        )
        network.save_weights(weights)

    weights = tmp_path_factory.mktemp("ward7") / "network.weights.h5"
    in_fresh_keras(saved)
    # The first blocks of seventeen are compiled in a third of the time of all.
    params = {"alpha": 0.35, "input_size": 96, "layer": "block_3_expand_relu"}
    params["weights"] = str(weights)
    spec = ComponentSpec.of("mobilenet_v2", params)
    return small_contents(spec, ComponentSpec("lda")), weights


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_network_travels_with_the_model(deep, tmp_path):
    contents, weights = deep
    write_bundle(tmp_path / "model", contents)
    write_bundle(tmp_path / "again", contents)
    files = files_of(tmp_path / "model")
    assert files == files_of(tmp_path / "again")
    assert {"extractor/backbone.keras", "extractor/backbone.json"} <= set(files)
    assert not [name for name, data in files.items() if b"ward7" in data]
    images, _ = draw_classes(("a", "b"), seed=3)
    with one_thread():
        expected = class_probabilities(contents.estimator, rows_of(contents, images), 3)
    got = load_bundle(tmp_path / "model").predict_images(images, ["image"] * len(images))
    np.testing.assert_array_equal(got, expected)
    # On another machine there is no weights file and nothing in Keras's folder.
    weights.rename(weights.with_suffix(".gone"))
    try:
        printed = in_fresh_process(PREDICT, tmp_path / "model", KERAS_HOME=str(tmp_path / "keras"))
    finally:
        weights.with_suffix(".gone").rename(weights)
    np.testing.assert_array_equal(np.array(json.loads(printed.splitlines()[-1])), expected)
    assert not (tmp_path / "keras" / "models").exists()


def test_older_model_is_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "model"
    write_small_bundle(folder, ComponentSpec("hu_moments"), ComponentSpec("knn"))
    (folder / "notes.txt").write_text("of the older one")
    write_small_bundle(folder, ComponentSpec("intensity"), ComponentSpec("lda"))
    assert load_bundle(folder).manifest.extractor.name == "intensity"
    assert not (folder / "notes.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


class Keeps(KNeighborsClassifier):
    """Somebody's own classifier, which will hold something that is no number."""


@pytest.mark.parametrize("what", [(n for n in "ab"), 1j, threading.Lock(), lambda x: x, range(3)])
def test_classifier_that_cannot_be_kept_leaves_the_older_model(what, tmp_path, monkeypatch):
    contents = small_contents(ComponentSpec("intensity"), ComponentSpec("knn"))
    folder = tmp_path / "model"
    write_bundle(folder, contents)
    before = files_of(folder)
    bad = Keeps().fit(rows_of(contents, draw_classes(NAMES)[0]), np.repeat([0, 1, 2], 8))
    own = replace(contents, estimator_spec=ComponentSpec(f"{__name__}:Keeps"))
    monkeypatch.setitem(sys.modules, __name__, sys.modules[Keeps.__module__])
    write_bundle(tmp_path / "fine", replace(own, estimator=bad))
    bad.extra_ = what
    with pytest.raises(BundleError, match="must hold only numbers") as raised:
        write_bundle(folder, replace(own, estimator=bad))
    assert "\n" not in str(raised.value)
    assert files_of(folder) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fine", "model"]


class Foreign(KNeighborsClassifier):
    """Not of the package that provides the classifier."""


def test_what_would_be_refused_on_loading_is_not_written(tmp_path):
    contents = small_contents(ComponentSpec("intensity"), ComponentSpec("knn"))
    foreign = Foreign().fit(rows_of(contents, draw_classes(NAMES)[0]), np.repeat([0, 1, 2], 8))
    with pytest.raises(BundleError, match=r"classifier 'knn'.*Foreign"):
        write_bundle(tmp_path / "model", replace(contents, estimator=foreign))


def test_a_learnt_step_of_nobody_named_is_not_written(tmp_path):
    contents = small_contents(ComponentSpec("orb_bow"), ComponentSpec("knn"))
    foreign = FittedPipeline([("learnt", Foreign()), ("estimator", contents.estimator.steps[1][1])])
    with pytest.raises(BundleError, match=r"must hold only numbers.*Foreign"):
        write_bundle(tmp_path / "model", replace(contents, estimator=foreign))


def test_folders_of_the_machine_are_left_out(tmp_path):
    contents = small_contents(ComponentSpec("intensity"), ComponentSpec("lda"))
    folder = tmp_path / "patients of ward 7"
    spec = ComponentSpec.of(
        "intensity", {"a": str(folder / "x.h5"), "b": [{"c": "~/y.h5"}], "d": "block/conv"}
    )
    write_bundle(tmp_path / "model", replace(contents, extractor_spec=spec))
    manifest = json.loads((tmp_path / "model" / "manifest.json").read_text())
    expected = {"a": "x.h5", "b": [{"c": "y.h5"}], "d": "block/conv"}
    assert manifest["extractor"]["params"] == expected


@pytest.mark.parametrize(
    ("dtype", "intensity", "low", "high"),
    [
        ("uint8", Intensity("dtype"), 0, 255),
        ("uint16", Intensity("dtype"), 0, 65535),
        ("uint16", Intensity("range", 0, 4095), 0, 4095),
        # The commonest type need not hold the whole range of a set of mixed types.
        ("uint8", Intensity("range", 0, 4095), 0, 255),
        ("float32", Intensity("dtype"), 0.0, 1.0),
        ("float32", Intensity("range", -1, 0), -1.0, 0.0),
        ("int16", Intensity("range", -1000, 3000), -1000, 3000),
    ],
)
def test_check_images_fill_the_range_that_is_scaled(dtype, intensity, low, high):
    images = draw_check_images((40, 30, 2), dtype, intensity)
    assert images.shape == (4, 40, 30, 2)
    assert images.dtype == dtype
    span = high - low
    assert low <= images.min() < low + 0.2 * span
    assert high - 0.2 * span < images.max() <= high


def test_check_images_of_slides_stay_small_unless_the_rows_depend_on_the_size(tmp_path):
    contents = small_contents(ComponentSpec("intensity"), ComponentSpec("lda"))
    write_bundle(tmp_path / "model", replace(contents, image_shape=(3000, 40, 3)))
    with np.load(tmp_path / "model" / "check_sample.npz") as sample:
        assert sample["images"].shape == (4, 512, 40, 3)

    class Sides:
        """One feature for each row of pixels."""

        def transform(self, images):
            return np.stack([image.mean(axis=(1, 2)) for image in images]).astype(np.float32)

    rows = np.random.default_rng(0).normal(size=(9, 600))
    estimator = KNeighborsClassifier(1).fit(rows, np.arange(9) % 3)
    own = replace(
        contents,
        extractor=Sides(),
        estimator=estimator,
        estimator_spec=ComponentSpec("knn"),
        n_features=600,
        image_shape=(600, 40, 3),
    )
    write_bundle(tmp_path / "own", own)
    with np.load(tmp_path / "own" / "check_sample.npz") as sample:
        assert sample["images"].shape == (4, 600, 40, 3)


def test_reading_is_replayed(tmp_path):
    contents = small_contents(ComponentSpec("intensity"), ComponentSpec("lda"))
    reading = Reading(Intensity("range", 0, 4095), (2, 1, 0), repeat_grey=True)
    write_bundle(tmp_path / "model", replace(contents, reading=reading, image_dtype="uint16"))
    assert load_bundle(tmp_path / "model").reading == reading


def test_names_of_classes_in_any_script(tmp_path):
    names = ("größer, als", '"quoted"', "细胞")
    folder = write_small_bundle(
        tmp_path / "model", ComponentSpec("intensity"), ComponentSpec("lda"), names
    )
    assert load_bundle(folder).class_names == names
    assert re.search("细胞", (folder / "manifest.json").read_text(encoding="utf-8"))
