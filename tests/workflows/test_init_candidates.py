"""Which extractors and classifiers `init` proposes."""

from pathlib import Path

import pytest

from bioselect.backbones.table import ROWS
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.records import ImageRecord
from bioselect.exceptions import UnavailableError
from bioselect.workflows.proposal import candidates as module
from bioselect.workflows.proposal.candidates import cached_networks, candidates
from bioselect.workflows.proposal.looking import Looks


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Return Keras's cache folder, empty; weights in it count as whole."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(module, "check_weights", lambda *names: "whole")
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def put(cache, name, alpha=1.0):
    row = ROWS[name]
    (cache / row.weights_name(alpha, row.input_size)).write_bytes(b"weights")


def looks_of(n_images, side=100, is_coloured=False):
    record = ImageRecord("a/1.png", Path("a/1.png"), "a")
    mark = ImageFingerprint("a/1.png", "", "x", "x", side, side, 3, "uint8", 0, 255)
    return Looks((record,), (mark,), n_images, is_coloured=is_coloured)


def names(found):
    return [one.name for one in found]


@pytest.mark.parametrize(
    ("n_images", "side", "descriptors", "classifiers"),
    [
        (40, 100, ["haralick", "lbp"], 3),
        (900, 100, ["haralick", "lbp", "hog", "intensity"], 5),
        (6_000, 100, ["haralick", "lbp", "hog", "intensity"], 3),
        (30_000, 100, ["lbp", "intensity"], 2),
        # 900 x 3000 x 3000 x 3 = 2.4e10 values are too many for textures.
        (900, 3000, ["hog", "intensity"], 5),
        (30_000, 1000, ["intensity"], 2),  # 30,000 x 3,000,000 = 9e10
    ],
)
def test_fewer_for_few_and_for_many(cache, n_images, side, descriptors, classifiers):
    found = candidates(looks_of(n_images, side))
    assert names(found.descriptors) == descriptors
    assert len(found.estimators) == classifiers


def test_colours_are_described_only_where_there_are_any(cache):
    assert "color_histogram" in names(candidates(looks_of(900, is_coloured=True)).descriptors)
    assert "color_histogram" not in names(candidates(looks_of(900)).descriptors)


def test_without_weights_a_small_network_may_be_skipped(cache):
    (network,) = candidates(looks_of(900)).networks
    assert (network.name, network.may_be_skipped) == ("mobilenet_v2", True)
    (light,) = candidates(looks_of(30_000)).networks
    assert light.params == {"alpha": 0.35}


def test_networks_whose_weights_are_here_are_proposed(cache):
    # GFLOP of an image: ResNet50 7.7, DenseNet121 5.7, MobileNetV2 0.6, VGG16 31 (too much).
    for name in ("vgg16", "mobilenet_v2", "densenet121", "resnet50"):
        put(cache, name)
    assert cached_networks(500) == [("resnet50", 1.0), ("densenet121", 1.0)]
    found = candidates(looks_of(500)).networks
    assert names(found) == ["resnet50", "densenet121"]
    assert not any(one.may_be_skipped for one in found)
    # 2e13 operations for 10,000 images are 2 GFLOP for each.
    assert cached_networks(10_000) == [("mobilenet_v2", 1.0)]


def test_the_widest_weights_are_taken(cache):
    put(cache, "mobilenet_v2", 0.35)
    assert cached_networks(500) == [("mobilenet_v2", 0.35)]
    put(cache, "mobilenet_v2", 0.75)
    put(cache, "mobilenet_v2", 0.5)
    assert cached_networks(500) == [("mobilenet_v2", 0.75)]


def test_damaged_weights_are_not_proposed(cache, monkeypatch):
    def damaged(name, *others):
        raise UnavailableError("another checksum")

    put(cache, "resnet50")
    monkeypatch.setattr(module, "check_weights", damaged)
    assert cached_networks(500) == []


@pytest.mark.parametrize(
    ("n_images", "counts", "weighted"),
    [
        (900, (300, 300, 300), []),
        (900, (600, 300), []),
        (900, (719, 181), []),  # not quite four times
        (900, (720, 180), ["logistic_regression", "svm"]),
        (900, (500, 390, 10), ["logistic_regression", "svm"]),
        (50, (45, 5), ["logistic_regression"]),  # svm is not tried on so few
        (900, (), []),
    ],
)
def test_classes_of_clearly_unequal_size_are_weighted_as_well(cache, n_images, counts, weighted):
    found = candidates(looks_of(n_images), counts)
    plain = [one for one in found.estimators if not one.params]
    assert names(plain) == names(candidates(looks_of(n_images)).estimators)
    rest = found.estimators[len(plain) :]
    assert [one.name for one in rest] == weighted
    assert all(one.params == {"class_weight": "balanced"} for one in rest)
    assert bool(found.why_weighted) == bool(weighted)
    if weighted:
        assert f"commonest class has {max(counts)} images" in found.why_weighted
