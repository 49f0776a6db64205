"""Packages of the BioImage Model Zoo: the official validator passes them, and tries them."""

import zipfile

import numpy as np
import pytest
import yaml
from bioimageio import core
from bioimageio.spec import load_model_description

from bioselect.bundle.export.bioimageio_contents import mask_package_of, package_of
from bioselect.bundle.export.bioimageio_package import Package, _tolerances, write_package
from bioselect.bundle.manifest import NumberText
from bioselect.bundle.mask_model import load_mask_bundle
from bioselect.bundle.reading import load_bundle
from bioselect.data.intensities import Intensity
from bioselect.estimators.calibration import Calibration
from bioselect.exceptions import BundleError, ComponentError
from bioselect.registry import ComponentSpec
from bioselect.segmenters.base import whole
from bioselect.testing.small_bundle import write_small_bundle
from tests.bundle.export.models import (
    SIZE,
    some_images,
    write_mask_model,
    write_pixel_bundle,
    write_value_bundle,
)


def described(path):
    with zipfile.ZipFile(path) as archive:
        return yaml.safe_load(archive.read("rdf.yaml").decode()), set(archive.namelist())


def said_by(path, image, output):
    """Return what the Zoo's library makes of an image as it lies in a file."""
    model = load_model_description(path)
    found = core.predict(model=model, inputs={"image": image[np.newaxis]}, skip_preprocessing=False)
    return np.asarray(found.members[output].data)[0]


@pytest.mark.parametrize(
    ("intensity", "dtype", "steps"),
    [
        ("dtype", "uint8", ["scale_linear"]),
        ({"min": 100, "max": 3000}, "uint16", ["scale_linear", "clip"]),
        ("percentile", "uint16", ["scale_range", "clip"]),
    ],
)
def test_a_network_from_pixels(tmp_path, intensity, dtype, steps):
    folder = write_pixel_bundle(tmp_path / "m", intensity=intensity, dtype=dtype)
    model = load_bundle(folder)
    package, _ = package_of(model, folder)
    version = write_package(tmp_path / "p.zip", package)
    rdf, files = described(tmp_path / "p.zip")
    assert rdf["format_version"] == version
    assert {"weights.onnx", "test_input.npy", "test_output.npy", "README.md", "cover.png"} <= files
    # The Keras file says no calibrated probabilities, so it is not in the package.
    assert set(rdf["weights"]) == {"onnx"}
    assert rdf["outputs"][0]["axes"][-1]["channel_names"] == ["one", "two", "the third"]
    named = [one["id"] for one in rdf["inputs"][0]["preprocessing"]]
    assert named == ["ensure_dtype", *steps, "ensure_dtype"]
    (image,) = some_images((*SIZE, 3), 1, dtype, seed=4)
    expected = model.predict_images([image], ["x"])[0]
    said = said_by(tmp_path / "p.zip", image, "probabilities")
    np.testing.assert_allclose(said, expected, rtol=0, atol=1e-4)
    assert np.ptp(expected) > 0.1
    assert rdf["config"]["bioselect"]["class_names"] == ["one", "two", "the third"]


def test_without_a_calibration_the_keras_file_is_there_too(tmp_path):
    folder = write_pixel_bundle(tmp_path / "m", Calibration())
    package, _ = package_of(load_bundle(folder), folder)
    write_package(tmp_path / "p.zip", package)
    assert set(described(tmp_path / "p.zip")[0]["weights"]) == {"keras_v3", "onnx"}


@pytest.mark.parametrize(
    ("said", "allowed", "expected"),
    [
        # Of a number above 0 as the Zoo wants it: at most a hundredth of the highest.
        ([[5.0]], 0.001, (1e-4, 0.001)),
        # Below 0 it takes no absolute tolerance: 0.001 of 5 is 0.0002.
        ([[-5.0]], 0.001, (0.0002, 0.0)),
        ([[-0.001]], 0.001, (0.01, 0.0)),
        ([[0.0]], 0.001, (1e-4, 0.0)),
        # 0.0099 of 0.05, and what is missing of 0.001 in parts of 0.05.
        ([[0.05]], 0.001, (0.01, 0.000495)),
    ],
)
def test_how_far_a_number_may_be_off(said, allowed, expected):
    package = Package(
        *("", "", "", None, None, np.float32(said)), Intensity("dtype"), [], "value", {},
        allowed=allowed,
    )  # fmt: skip
    assert _tolerances(package) == pytest.approx(expected, rel=1e-6)


def test_a_model_of_numbers_below_zero(tmp_path):
    number = NumberText(name="logD", lowest=-9.0, highest=1.0)
    folder = write_value_bundle(tmp_path / "m", -5.0, number)
    package, _ = package_of(load_bundle(folder), folder)
    assert package.test_output.max() < -1
    write_package(tmp_path / "p.zip", package)
    (tolerance,) = described(tmp_path / "p.zip")[0]["config"]["bioimageio"][
        "reproducibility_tolerance"
    ]
    # A ten-thousandth of the range that was trained on, 0.001, all of it relative.
    allowed = tolerance["relative_tolerance"] * -package.test_output[0, 0]
    assert allowed == pytest.approx(0.001, rel=1e-5)
    assert tolerance["absolute_tolerance"] == 0


def test_a_network_of_masks(tmp_path):
    folder = write_mask_model(tmp_path / "m")
    model = load_mask_bundle(folder)
    package, _ = mask_package_of(model, folder)
    write_package(tmp_path / "p.zip", package)
    rdf, _ = described(tmp_path / "p.zip")
    y = rdf["outputs"][0]["axes"][1]
    assert (y["halo"], y["unit"], y["scale"]) == (4, "micrometer", 0.65)
    assert rdf["outputs"][0]["axes"][-1]["channel_names"] == ["background", "nucleus"]
    summary = core.test_description(tmp_path / "p.zip", weight_format="onnx")
    assert summary.status == "passed"
    # What the validator computes from the test image is what the model says of it.
    native, said = package.test_input[0], package.test_output[0]
    expected = whole(model.trained, model.scene(native, "x"))
    np.testing.assert_allclose(said, expected, rtol=0, atol=1e-6)
    assert np.ptp(expected) > 0.1


def test_a_package_whose_tensors_do_not_fit_is_refused(tmp_path):
    folder = write_pixel_bundle(tmp_path / "m")
    package, _ = package_of(load_bundle(folder), folder)
    package.test_output[:] = np.roll(package.test_output, 1, axis=1)
    with pytest.raises(BundleError, match=r"It says: weights.onnx: Output .* is not written\.$"):
        write_package(tmp_path / "p.zip", package)
    assert not (tmp_path / "p.zip").exists()


def test_what_takes_no_image_is_refused(tmp_path):
    folder = write_small_bundle(tmp_path / "m", ComponentSpec("hog"), ComponentSpec("lda"))
    with pytest.raises(ComponentError, match=r"Got a graph that takes rows, because of hog\."):
        package_of(load_bundle(folder), folder)
