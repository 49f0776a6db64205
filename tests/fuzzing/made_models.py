"""Small models of every kind, made by code: what bundles with damage in them are made from."""

from dataclasses import replace

import numpy as np

from bioselect.bundle.manifest import NumberText, SetsText
from bioselect.bundle.mask_model import MaskBundleContents, write_mask_bundle
from bioselect.bundle.novelty import measure_novelty
from bioselect.bundle.quality import usual_quality
from bioselect.bundle.reference import make_reference
from bioselect.bundle.thumbnails import as_thumbnail
from bioselect.bundle.writing import BundleContents, NetworkContents, write_bundle
from bioselect.component import ComponentSpec
from bioselect.data.image_quality import measures
from bioselect.data.intensities import Intensity
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.pairs import ArrayPairs
from bioselect.data.preparation import Reading
from bioselect.segmenters.base import MaskTask
from bioselect.segmenters.creation import create_segmenter
from bioselect.selection.candidates import IMAGES
from bioselect.testing.small_bundle import small_contents

SHAPE = (40, 40, 3)
READING = Reading(Intensity("dtype"))


def _of_rows(classifier, **params):
    """Return what writes a model of images; it remembers training images, and shows two."""

    def write(folder):
        made = small_contents(ComponentSpec("intensity"), ComponentSpec.of(classifier, params))
        random = np.random.default_rng(0)
        rows = random.normal(size=(12, made.n_features))
        reference = make_reference(rows, np.arange(12) % 3, np.arange(12))
        picture = as_thumbnail(np.zeros(SHAPE, dtype=np.uint8))
        looks = [measures(image) for image in random.integers(0, 255, (12, *SHAPE), np.uint8)]
        remembered = {
            "reference": reference,
            "novelty": measure_novelty(reference, np.arange(12)),
            "quality": usual_quality(looks),
            "sets": SetsText(level=0.9, borders=[0.2, 0.3, 0.4]),
        }
        write_bundle(folder, replace(made, thumbnails={0: picture, 3: picture}, **remembered))

    return write


def _of_numbers(folder):
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    made = small_contents(ComponentSpec("intensity"), ComponentSpec("lda"))
    random = np.random.default_rng(0)
    rows = random.normal(size=(20, made.n_features))
    model = make_pipeline(StandardScaler(), Ridge()).fit(rows, rows[:, 0])
    number = NumberText(name="dose", unit="mg", lowest=-2.0, highest=2.0)
    ridge = ComponentSpec("ridge")
    write_bundle(
        folder,
        replace(made, class_names=(), estimator_spec=ridge, estimator=model, number=number),
    )


def _network(folder):
    from bioselect.backbones.keras_import import import_keras

    keras = import_keras()
    keras.utils.set_random_seed(0)
    images = keras.Input(SHAPE)
    mapped = keras.layers.Conv2D(4, 3, activation="relu")(images)
    pooled = keras.layers.GlobalAveragePooling2D()(mapped)
    network = keras.Model(images, keras.layers.Dense(3, activation="softmax")(pooled))
    contents = BundleContents(
        class_names=("a", "b", "c"),
        extractor_spec=IMAGES,
        extractor=None,
        estimator_spec=ComponentSpec("small_cnn"),
        estimator=None,
        reading=READING,
        n_features=3,
        image_shape=SHAPE,
        image_dtype="uint8",
        card="a b c",
        network=NetworkContents(network, SHAPE),
    )
    write_bundle(folder, contents)


def _of_masks(name, **params):
    def write(folder):
        spec = ComponentSpec.of(name, params)
        random = np.random.default_rng(0)
        masks = [random.integers(0, 2, SHAPE[:2]).astype(np.uint8) for _ in range(3)]
        images = [np.repeat(one[:, :, None] * 0.5, 3, axis=2).astype(np.float32) for one in masks]
        for array in (*masks, *images):
            array.flags.writeable = False
        pairs = ArrayPairs(tuple(images), tuple(masks))
        trained = create_segmenter(spec).fit(
            pairs, MaskTask(2, 0, np.arange(3), np.array([], dtype=int), seed=0)
        )
        contents = MaskBundleContents(
            spec=spec,
            identity={"name": name},
            trained=trained,
            codes=MaskCodes(("background", "cell"), ((0, 0), (255, 1))),
            reading=READING,
            n_channels=3,
            pixel_size=0.65,
            image_shape=SHAPE,
            image_dtype="uint8",
            scores={"metric": "dice", "expected": 0.9},
            dataset={"fingerprint": "abc"},
            versions={"numpy": "2"},
            card="# masks\n",
            texts={},
        )
        write_mask_bundle(folder, contents)

    return write


#: The name of a model -> what writes it into a folder.
MADE = {
    "lda": _of_rows("lda"),
    "forest": _of_rows("random_forest", n_estimators=5),
    "svm": _of_rows("svm"),
    "knn": _of_rows("knn"),
    "numbers": _of_numbers,
    "network": _network,
    "otsu": _of_masks("otsu"),
    "pixel_forest": _of_masks("pixel_forest", trees=3, pixels=200),
}


def write_models(root):
    """Write every model into a folder of its name."""
    for name, write in MADE.items():
        write(root / name)
