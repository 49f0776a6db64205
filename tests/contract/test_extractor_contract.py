"""Every built-in extractor holds the contract, and each check catches its mutant."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from bioselect.backbones.keras_import import import_keras
from bioselect.backbones.openvino_import import import_openvino
from bioselect.exceptions import UnreadableImageError
from bioselect.features.base import Extractor
from bioselect.features.builtin import EXTRACTORS
from bioselect.registry import create
from bioselect.testing.contract import checks_of, problem_of, run_contract
from tests.backbones.foreign_models import saved, transformer

#: Parameters without which a component cannot be made.
VISUAL_WORDS = ("sift_bow", "orb_bow")
NEEDED = {
    "concat": {"extractors": ["intensity", {"name": "lbp", "params": {}}]},
    "views": {"extractor": "intensity", "views": 3, "steps": ["rotation", "gaussian_noise"]},
}
DESCRIPTORS = (
    "color_histogram",
    "edges",
    "gabor",
    "granularity",
    "haralick",
    "hog",
    "hu_moments",
    "intensity",
    "lbp",
    "zernike",
)
#: What takes a model of the user's own.
OWN = ("model_file", "keras_hub")
RANDOM = {"weights": "none"}
#: Small networks of different make run by default; the others when asked for (`-m slow`).
QUICK_NETWORKS = {"mobilenet_v2": {**RANDOM, "alpha": 0.35, "input_size": 96}}
NETWORKS = [name for name in EXTRACTORS if name not in (*DESCRIPTORS, *VISUAL_WORDS, *NEEDED, *OWN)]


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


class RepeatsNames(MeanOfPixels):
    def feature_names(self, n_channels):
        return ["mean", "mean"]


class TooFewNames(MeanOfPixels):
    def feature_names(self, n_channels):
        return ["mean"]


class NumbersAsNames(MeanOfPixels):
    def feature_names(self, n_channels):
        return [0, 1]


class EachChannel(MeanOfPixels):
    """A row as long as the image has channels, whose names are always those of three."""

    def transform(self, images):
        return np.array([image.mean(axis=(0, 1)) for image in images], dtype=np.float32)

    def feature_names(self, n_channels):
        return ["red", "green", "blue"]


class OnlyColour(EachChannel):
    def transform(self, images):
        if any(image.shape[2] != 3 for image in images):
            raise UnreadableImageError("images must have 3 channels.")
        return super().transform(images)


class Centred(BaseEstimator):
    """A correct step, to be broken below: the mean of the training rows is taken away."""

    def __init__(self, seed):
        self.seed = seed

    def fit(self, X):
        self.mean_ = X.mean(axis=0)

    def transform(self, X):
        return X - self.mean_


class LearnsApart(MeanOfPixels):
    """A correct extractor with a learnt step."""

    step = Centred

    def learnt_step(self, seed):
        return self.step(seed)


class NotCopied(Centred):
    def __init__(self, seed):
        self.other_name = seed


class SmallSeedsOnly(Centred):
    def fit(self, X):
        if self.seed > 2**16:
            raise ValueError("seed must be below 65536")
        super().fit(X)


class Texts(Centred):
    def transform(self, X):
        return np.full((len(X), 2), "?")


class Infinite(Centred):
    def transform(self, X):
        return np.full((len(X), 2), np.inf)


class DrawsAnew(Centred):
    def fit(self, X):
        self.mean_ = np.random.default_rng().random(2)


class LooksAround(Centred):
    def transform(self, X):
        return X - X.mean(axis=0)


class WritesRows(Centred):
    def fit(self, X):
        super().fit(X)
        X *= 0


class LosesItsMean(Centred):
    def __getstate__(self):
        return {"mean_": self.mean_ * 0}


def learning(kind):
    """Return an extractor whose learnt step is of a kind."""

    class Learning(LearnsApart):
        step = kind

    return Learning


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
    "feature names": (RepeatsNames, "must all be different. Got 'mean' twice"),
    "learnt step": (learning(DrawsAnew), "the same seed must give the same learnt step"),
}


def test_every_check_has_a_mutant():
    assert list(MUTANTS) == list(checks_of("extractor"))
    assert len(MUTANTS) == 12


@pytest.mark.parametrize("check", MUTANTS)
def test_check_catches_its_mutant(check):
    mutant, message = MUTANTS[check]
    assert message in problem_of(checks_of("extractor")[check], mutant)


@pytest.mark.parametrize("check", MUTANTS)
def test_check_passes_a_correct_extractor(check):
    assert problem_of(checks_of("extractor")[check], MeanOfPixels) == ""


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (TooFewNames, "as many as a row has numbers, for 3 channels 2. Got 1."),
        (NumbersAsNames, "must return a list of texts, or None. Got [0, 1]."),
        (EachChannel, "as many as a row has numbers, for 1 channels 1. Got 3."),
    ],
)
def test_wrong_names(wrong, message):
    assert message in problem_of(checks_of("extractor")["feature names"], wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (str, "an object with fit(X) and transform(X), or None. Got "),
        (Texts, "a row of finite numbers for each image. Got shape (10, 2) of <U1"),
        (Infinite, "a row of finite numbers for each image"),
        (LooksAround, "must not depend on the other rows"),
        (WritesRows, "must not write into the rows"),
        (LosesItsMean, "read from its file must give the same rows"),
        (NotCopied, "that scikit-learn can copy"),
        (SmallSeedsOnly, "seed must be below 65536"),
    ],
)
def test_wrong_steps(wrong, message):
    assert message in problem_of(checks_of("extractor")["learnt step"], learning(wrong))


def test_rows_that_depend_on_the_number_of_cores():
    class Cores(MeanOfPixels):
        in_processes = False
        n_jobs = None

        def transform(self, images):
            return super().transform(images) * np.float32(1 + 1e-7 * (self.n_jobs == 2))

    check = checks_of("extractor")["other processes"]
    assert "the same rows on any number of cores" in problem_of(check, Cores)


def test_a_correct_step_passes():
    assert problem_of(checks_of("extractor")["learnt step"], LearnsApart) == ""


def test_names_for_the_channels_that_an_extractor_takes():
    assert problem_of(checks_of("extractor")["feature names"], OnlyColour) == ""


@pytest.mark.parametrize("n_channels", [1, 3, 5])
def test_a_correct_extractor_may_ask_for_any_number_of_channels(n_channels):
    class Chooses(MeanOfPixels):
        pass

    Chooses.n_channels = n_channels
    assert problem_of(checks_of("extractor")["other processes"], Chooses) == ""


@pytest.mark.parametrize("name", [*DESCRIPTORS, *VISUAL_WORDS, *NEEDED, *QUICK_NETWORKS])
def test_builtin_extractor_holds_the_contract(name):
    params = NEEDED.get(name) or QUICK_NETWORKS.get(name)
    results = run_contract("extractor", name, params=params)
    assert len(results) == 12
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


@pytest.mark.parametrize("suffix", [".onnx", ".xml"])
def test_model_file_of_other_programs_holds_the_contract(tmp_path, suffix):
    path = saved(transformer(("n", 3, 24, 40)), tmp_path / "m.onnx")
    if suffix == ".xml":
        openvino = import_openvino()
        openvino.save_model(openvino.Core().read_model(path), tmp_path / "m.xml")
        path = str(tmp_path / "m.xml")
    params = {"path": path, "output": "last_hidden_state", "pooling": "cls", "mean": [0.5] * 3}
    results = run_contract("extractor", "model_file", params=params)
    assert len(results) == 12
    assert [result for result in results if result.problem] == []


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_keras_hub_holds_the_contract(tmp_path):
    import_keras()
    keras_hub = pytest.importorskip("keras_hub", reason="KerasHub is an extra")
    keras_hub.models.ViTBackbone(
        image_shape=(24, 24, 3), patch_size=8, num_layers=1, num_heads=2, hidden_dim=16, mlp_dim=32
    ).save_to_preset(tmp_path)
    params = {"preset": f"{tmp_path}/", "pooling": "cls", "scale": "-1-1"}
    results = run_contract("extractor", "keras_hub", params=params)
    assert len(results) == 12
    assert [result for result in results if result.problem] == []


def test_the_table_is_covered():
    assert set(EXTRACTORS) == {*DESCRIPTORS, *VISUAL_WORDS, *NEEDED, *OWN, *NETWORKS}
    assert len(NETWORKS) >= 38


def _spec(name, params):
    from bioselect.registry import ComponentSpec

    return ComponentSpec.of(name, params)
