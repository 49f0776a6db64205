"""Small models of every kind, written as bundles."""

import numpy as np

from bioselect.backbones.keras_import import import_keras
from bioselect.bundle.column_part import ColumnFacts, ColumnPart
from bioselect.bundle.mask_model import MaskBundleContents, write_mask_bundle
from bioselect.bundle.writing import BundleContents, NetworkContents, write_bundle
from bioselect.data.intensities import Intensity
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.preparation import Reading
from bioselect.estimators.calibration import Calibration
from bioselect.networks.masks.tiling import TilePlan
from bioselect.networks.masks.trained import MaskNetwork
from bioselect.registry import ComponentSpec
from bioselect.segmenters.otsu import TrainedOtsu
from bioselect.selection.candidates import IMAGES
from bioselect.workflows.export import versions

MOBILENET = ComponentSpec.of("mobilenet_v2", {"weights": "none", "alpha": 0.35, "input_size": 96})
SIZE = (14, 16)


def small_features(folder):
    """Return the spec of a small network of somebody's own that gives features."""
    keras = import_keras()
    keras.utils.set_random_seed(1)
    images = keras.Input((24, 20, 3))
    mapped = keras.layers.Conv2D(9, 5, strides=2, activation="relu")(images)
    model = keras.Model(images, keras.layers.GlobalAveragePooling2D()(mapped))
    model.save(folder / "features.keras")
    path = (folder / "features.keras").as_posix()
    return ComponentSpec.of("model_file", {"path": path, "mean": 0.4, "std": [0.2, 0.3, 0.4]})


SIGMOID = Calibration("sigmoid", 0.6, 0.001, (0.8, 0.0, -0.5), lapse=0.02)


def pixel_network(n_channels=3, last="softmax"):
    keras = import_keras()
    keras.utils.set_random_seed(n_channels)
    images = keras.Input((*SIZE, n_channels))
    mapped = keras.layers.Conv2D(6, 3, activation="relu")(images)
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(30.0, -4.0)(mapped))
    return keras.Model(images, keras.layers.Dense(3, activation=last)(pooled))


def write_pixel_bundle(folder, calibration=SIGMOID, intensity="dtype", dtype="uint8"):
    """Write a network that was trained from pixels; with `versions`, as a study writes them."""
    write_bundle(
        folder,
        BundleContents(
            class_names=("one", "two", "the third"),
            extractor_spec=IMAGES,
            extractor=None,
            estimator_spec=ComponentSpec("small_cnn"),
            estimator=None,
            reading=Reading(Intensity.from_config(intensity)),
            n_features=3,
            image_shape=(20, 18, 3),
            image_dtype=dtype,
            calibration=calibration,
            card="# A network\n",
            dataset={"name": "drawn", "fingerprint": "abc"},
            versions=versions(),
            network=NetworkContents(pixel_network(), (*SIZE, 3)),
        ),
    )
    return folder


def write_value_bundle(folder, offset, number):
    """Write a network of numbers: a few tenths around an offset."""
    keras = import_keras()
    keras.utils.set_random_seed(2)
    images = keras.Input((*SIZE, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(images)
    last = keras.layers.Dense(1, bias_initializer=keras.initializers.Constant(offset))
    write_bundle(
        folder,
        BundleContents(
            class_names=(),
            extractor_spec=IMAGES,
            extractor=None,
            estimator_spec=ComponentSpec("small_cnn"),
            estimator=None,
            reading=Reading(Intensity("dtype")),
            n_features=1,
            image_shape=(20, 18, 3),
            image_dtype="uint8",
            card="# A network\n",
            dataset={"name": "drawn", "fingerprint": "abc"},
            versions=versions(),
            network=NetworkContents(keras.Model(images, last(pooled)), (*SIZE, 3)),
            number=number,
        ),
    )
    return folder


def mask_network():
    keras = import_keras()
    keras.utils.set_random_seed(4)
    images = keras.Input((None, None, 1))
    half = keras.layers.MaxPooling2D()(keras.layers.Conv2D(4, 3, padding="same")(images))
    back = keras.layers.UpSampling2D(interpolation="bilinear")(half)
    scores = keras.layers.Conv2D(2, 1)(keras.layers.Rescaling(5.0)(back))
    return MaskNetwork(keras.Model(images, keras.layers.Softmax()(scores)), TilePlan((32, 48), 8))


def write_mask_model(folder, trained=None):
    write_mask_bundle(
        folder,
        MaskBundleContents(
            spec=ComponentSpec("unet" if trained is None else "otsu"),
            identity={},
            trained=trained or mask_network(),
            codes=MaskCodes(("background", "nucleus"), ((0, 0), (255, 1))),
            reading=Reading(Intensity("range", 0, 4095)),
            n_channels=1,
            pixel_size=0.65,
            image_shape=(60, 100, 1),
            image_dtype="uint16",
            dataset={"name": "nuclei", "fingerprint": "abc"},
            versions=versions(),
            card="# A network of masks\n",
        ),
    )
    return folder


def write_otsu(folder):
    return write_mask_model(folder, TrainedOtsu(0, (0, 1), 0))


def some_images(shape, count=3, dtype="uint8", seed=0):
    random = np.random.default_rng(seed)
    highest = np.iinfo(dtype).max
    return [random.integers(0, highest, shape, endpoint=True).astype(dtype) for _ in range(count)]


COLUMNS_OF_PATIENTS = ColumnPart(
    columns=[
        ColumnFacts(name="sex", categories=["f", "m"]),
        ColumnFacts(name="age", categories=None, low=20.0, high=80.0),
    ]
)


def write_columns(folder, spec, estimator, **more):
    given = {
        "class_names": ("ill", "well"),
        "extractor_spec": spec,
        "extractor": None,
        "estimator_spec": ComponentSpec("lda"),
        "estimator": estimator,
        "reading": Reading(Intensity("dtype")),
        "n_features": 2,
        "image_shape": (0, 0, 0),
        "image_dtype": "float64",
        "columns": COLUMNS_OF_PATIENTS,
    }
    write_bundle(folder, BundleContents(**{**given, **more}))
    return folder


def patients(n_before=0):
    """Return rows: what images give, sex, age; and who is ill."""
    random = np.random.default_rng(0)
    before = random.random((40, n_before))
    ages = random.uniform(20, 80, 40)
    ages[3] = np.nan
    rows = np.column_stack([before, np.arange(40) % 2, ages])
    return rows, (np.nan_to_num(ages) > 45).astype(int)
