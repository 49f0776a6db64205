"""The table of networks: complete, light, and right about Keras."""

import importlib
import subprocess
import sys
from types import SimpleNamespace

import pytest

from bioselect.backbones.building import build_network
from bioselect.backbones.counting import cost_of
from bioselect.backbones.keras_import import import_keras
from bioselect.backbones.table import ROWS, parameters_of
from bioselect.registry import ComponentRow, parameter_problems

#: Multiply-adds in 1e9, as the publications state them (tables of the papers in `reference`; for
#: VGG, table 1 of He et al. 2016). Theirs include the classifying top, so a few percent are free.
PUBLISHED_MULTIPLY_ADDS = {
    "vgg16": 15.3,
    "vgg19": 19.6,
    "resnet50": 3.8,
    "resnet101": 7.6,
    "resnet152": 11.3,
    "mobilenet": 0.569,
    "mobilenet_v2": 0.300,
    "mobilenet_v3_large": 0.219,
    "mobilenet_v3_small": 0.056,
    "efficientnet_b0": 0.39,
    "efficientnet_b4": 4.2,
    "efficientnet_b7": 37.0,
    "efficientnet_v2_s": 8.4,
    "nasnet_mobile": 0.564,
    "nasnet_large": 23.8,
    "xception": 8.4,
    "convnext_tiny": 4.5,
    "convnext_large": 34.4,
}


def application_names():
    """Return the constructors of keras.applications: everything there with a capital."""
    applications = import_keras().applications
    return {name for name in dir(applications) if name[0].isupper()}


def test_every_network_of_keras_applications_has_a_row():
    assert {row.constructor.split(":")[1] for row in ROWS.values()} == application_names()
    assert len(ROWS) == 40


def test_reading_the_table_imports_nothing_heavy():
    code = (
        "import sys, bioselect.backbones.table; "
        "print([name for name in ('numpy', 'keras', 'tensorflow', 'h5py') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", PUBLISHED_MULTIPLY_ADDS)
def test_operations_are_the_published_ones(name):
    assert ROWS[name].operations == pytest.approx(2e9 * PUBLISHED_MULTIPLY_ADDS[name], rel=0.05)


@pytest.mark.parametrize("name", ROWS)
def test_rows_hold_together(name):
    row = ROWS[name]
    assert row.name == name == name.lower()
    assert row.preprocessing in ("caffe", "tf", "torch", "none")
    assert row.alphas == tuple(sorted(row.alphas))
    assert row.alphas[-1] >= 1.0
    operations = [width.operations for width in row.widths]
    assert operations == sorted(operations)
    parameters = [width.n_parameters for width in row.widths]
    assert parameters == sorted(parameters)
    assert row.min_size <= row.input_size[0] == row.input_size[1]
    assert "arXiv:" in row.reference


def test_no_two_networks_have_the_same_number_of_parameters():
    counts = [width.n_parameters for row in ROWS.values() for width in row.widths]
    assert len(set(counts)) == len(counts) == 50


@pytest.mark.parametrize("name", ROWS)
def test_defaults_of_the_parameters_are_valid(name):
    parameters = parameters_of(ROWS[name])
    row = ComponentRow(name, "", "", parameters)
    assert parameter_problems(row, {p.name: p.default for p in parameters}) == []
    assert ("alpha" in {p.name for p in parameters}) == name.startswith("mobilenet")


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"pooling": "mean"}, "params.pooling: must be one of avg, max, avg+max, flatten."),
        ({"alpha": 0.36}, "params.alpha: must be one of 0.35, 0.5,"),
        ({"input_size": 16}, "params.input_size: must be at least 32. Got 16."),
        ({"input_size": 22400}, "params.input_size: must be at most 4096. Got 22400."),
        ({"weights": 3}, "params.weights: must be text. Got 3."),
        ({"layers": "x"}, "params.layers: unknown parameter. Did you mean 'layer'?"),
    ],
)
def test_wrong_parameters_are_found_without_the_network(params, problem):
    row = ComponentRow("mobilenet_v2", "", "", parameters_of(ROWS["mobilenet_v2"]))
    (found,) = parameter_problems(row, params)
    assert found.startswith(problem)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "alpha"), [(row.name, alpha) for row in ROWS.values() for alpha in row.alphas]
)
def test_the_numbers_are_those_of_the_network(name, alpha):
    row = ROWS[name]
    network = build_network(row, row.input_size, alpha, as_trained=False)
    width = row.width(alpha)
    cost = cost_of(network, (*row.input_size, 3))
    assert (cost.operations, cost.peak_values) == (width.operations, width.peak_values)
    assert network.output.shape[-1] == width.n_features
    arrays = [weight for weight in network.weights if len(weight.shape)]
    assert sum(int(weight.numpy().size) for weight in arrays) == width.n_parameters


@pytest.mark.slow
@pytest.mark.parametrize("name", ROWS)
def test_the_smallest_size_is_accepted(name):
    row = ROWS[name]
    network = build_network(row, (row.min_size, row.min_size), 1.0, as_trained=False)
    assert min(network.output.shape[1:3]) >= 1


class AskedError(Exception):
    """Stops Keras where it would download."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "alpha", "side"),
    [(row.name, alpha, row.input_size[0]) for row in ROWS.values() for alpha in row.alphas]
    + [("mobilenet", 0.5, 128), ("mobilenet_v2", 0.35, 96), ("mobilenet_v2", 1.3, 100)],
)
@pytest.mark.filterwarnings("ignore:`input_shape` is undefined or non-square")
def test_the_weights_file_is_the_one_that_keras_asks_for(name, alpha, side, monkeypatch):
    row = ROWS[name]
    constructor = getattr(import_keras().applications, row.constructor.split(":")[1])
    asked = {}

    def get_file(file_name, origin, cache_subdir, file_hash=""):
        asked.update(name=file_name, url=origin, folder=cache_subdir, checksum=file_hash)
        raise AskedError

    module = importlib.import_module(constructor.__module__)
    for owner in (module, importlib.import_module("keras.src.applications.resnet")):
        replaced = SimpleNamespace(get_file=get_file, exists=None)
        monkeypatch.setattr(owner, "file_utils", replaced, raising=False)
    width = {"alpha": alpha} if row.has_alpha else {}
    with pytest.raises(AskedError):
        constructor(include_top=False, weights="imagenet", input_shape=(side, side, 3), **width)
    assert asked == {
        "name": row.weights_name(alpha, (side, side)),
        "url": row.weights_url(alpha, (side, side)),
        "folder": "models",
        "checksum": row.width(alpha).checksum,
    }
