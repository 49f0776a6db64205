"""Every built-in extractor holds the contract, and each check catches its mutant."""

import numpy as np
import pytest

from bioselect.features.base import Extractor
from bioselect.features.builtin import EXTRACTORS
from bioselect.registry import create
from bioselect.testing.contract import checks_of, problem_of, run_contract

#: Parameters without which a component cannot be made.
NEEDED = {"concat": {"extractors": ["intensity", {"name": "lbp", "params": {}}]}}
DESCRIPTORS = ("color_histogram", "hog", "lbp", "haralick", "intensity", "hu_moments")
RANDOM = {"weights": "none"}
#: Small networks of different make run by default; the others when asked for (`-m slow`).
QUICK_NETWORKS = {"mobilenet_v2": {**RANDOM, "alpha": 0.35, "input_size": 96}}
NETWORKS = [name for name in EXTRACTORS if name not in (*DESCRIPTORS, "concat", "model_file")]


class MeanOfPixels(Extractor):
    """A correct extractor, to be broken below."""

    def transform(self, images):
        return np.array([[image.mean(), image.std()] for image in images], dtype=np.float32)


class WrongType(MeanOfPixels):
    def transform(self, images):
        return super().transform(images).astype(np.float64)


class AllTheSame(MeanOfPixels):
    def transform(self, images):
        return np.ones((len(images), 2), dtype=np.float32)


class Random(MeanOfPixels):
    def transform(self, images):
        noise = np.random.default_rng().random((len(images), 2))
        return (super().transform(images) + noise).astype(np.float32)


class Learns(MeanOfPixels):
    def transform(self, images):
        rows = super().transform(images)
        return rows - rows.mean(axis=0)


class Writes(MeanOfPixels):
    def transform(self, images):
        for image in images:
            if image.flags.writeable:
                image *= 0.5
        return super().transform(images)


class Divides(MeanOfPixels):
    def transform(self, images):
        with np.errstate(all="ignore"):
            return np.array(
                [[image.mean() / image.std(), 1.0] for image in images], dtype=np.float32
            )


class GlobalRandom(MeanOfPixels):
    def transform(self, images):
        np.random.random()
        return super().transform(images)


class Forgets(MeanOfPixels):
    """Keeps something in the process that made it."""

    def __init__(self):
        self.scale = 2.0

    def __getstate__(self):
        return {"scale": 1.0}

    def transform(self, images):
        return super().transform(images) * np.float32(self.scale)


class SavesNothing(MeanOfPixels):
    n_made = 0

    def restore(self, folder):
        self.restored = True

    def transform(self, images):
        rows = super().transform(images)
        return rows * 2 if getattr(self, "restored", False) else rows


class NegativeCost(MeanOfPixels):
    def operations(self):
        return -1.0


MUTANTS = {
    "rows": (WrongType, "must return float32"),
    "tells images apart": (AllTheSame, "must give different rows"),
    "repeatable": (Random, "must give the same rows again"),
    "independent rows": (Learns, "must not depend on the other images"),
    "inputs unchanged": (Writes, "must not write into the images"),
    "constant images": (Divides, "must give finite numbers"),
    "random state": (GlobalRandom, "global random numbers"),
    "other processes": (Forgets, "sent to another process"),
    "bundle files": (SavesNothing, "restored from its files"),
    "declared cost": (NegativeCost, "must be a number of at least 0"),
}


def test_every_check_has_a_mutant():
    assert list(MUTANTS) == list(checks_of("extractor"))
    assert len(MUTANTS) == 10


@pytest.mark.parametrize("check", MUTANTS)
def test_check_catches_its_mutant(check):
    mutant, message = MUTANTS[check]
    assert message in problem_of(checks_of("extractor")[check], mutant)


@pytest.mark.parametrize("check", MUTANTS)
def test_check_passes_a_correct_extractor(check):
    assert problem_of(checks_of("extractor")[check], MeanOfPixels) == ""


@pytest.mark.parametrize("n_channels", [1, 3, 5])
def test_a_correct_extractor_may_ask_for_any_number_of_channels(n_channels):
    class Chooses(MeanOfPixels):
        pass

    Chooses.n_channels = n_channels
    assert problem_of(checks_of("extractor")["other processes"], Chooses) == ""


@pytest.mark.parametrize("name", [*DESCRIPTORS, "concat", *QUICK_NETWORKS])
def test_builtin_extractor_holds_the_contract(name):
    params = NEEDED.get(name) or QUICK_NETWORKS.get(name)
    results = run_contract("extractor", name, params=params)
    assert len(results) == 10
    assert [result for result in results if result.problem] == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_holds_the_contract(name):
    results = run_contract("extractor", name, params=RANDOM)
    assert [result for result in results if result.problem] == []


def test_model_file_holds_the_contract(tmp_path):
    source = create("extractor", _spec("mobilenet_v2", QUICK_NETWORKS["mobilenet_v2"]))
    source.save(tmp_path)
    params = {"path": str(tmp_path / "backbone.keras")}
    results = run_contract("extractor", "model_file", params=params)
    assert [result for result in results if result.problem] == []


def test_the_table_is_covered():
    assert set(EXTRACTORS) == {*DESCRIPTORS, "concat", "model_file", *NETWORKS}
    assert len(NETWORKS) >= 38


def _spec(name, params):
    from bioselect.registry import ComponentSpec

    return ComponentSpec.of(name, params)
