"""Dense networks as rows of the table of regressors."""

import numpy as np
import pytest

from bioselect.data.target_folds import draw_target_folds
from bioselect.estimators.creation import create_regressor
from bioselect.estimators.dense_network import DenseNetwork
from bioselect.estimators.dense_parameters import DENSE, keeps_images
from bioselect.estimators.training import train
from bioselect.exceptions import ComponentError
from bioselect.features.learning import Features
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem, cross_validate
from bioselect.selection.journal import Journal


def make(name, **params):
    return create_regressor(ComponentSpec.of(name, params), seed=3)


def test_published_defaults():
    assert DENSE == ("linear_network", "mlp_network")
    linear, mlp = (make(name)["model"] for name in DENSE)
    for network in (linear, mlp):
        assert network.target_scaling is True
        assert network.seed == 3
        told = network.design
        assert (told["optimizer"], told["learning_rate"], told["epochs"]) == ("sgd", 0.0001, 100)
        assert (told["batch_size"], told["momentum"], told["early_stopping"]) == (32, 0.0, None)
    assert linear.design["hidden"] == []
    assert mlp.design["hidden"] == [64, 64]


def test_parameters_arrive():
    network = make(
        "mlp_network", layers=3, width=5, activation="tanh", dropout=0.5, optimizer="adam",
        loss="huber", early_stopping=4, target_scaling=False, select=2,
    )  # fmt: skip
    assert [name for name, _ in network.steps] == ["scale", "select", "model"]
    told = network["model"].design
    assert (told["hidden"], told["activation"], told["dropout"]) == ([5, 5, 5], "tanh", 0.5)
    assert (told["loss"], told["learning_rate"], told["early_stopping"]) == ("huber", 0.001, 4)
    assert network["model"].target_scaling is False


def test_momentum_is_of_sgd():
    with pytest.raises(ComponentError, match=r"^linear_network: params.momentum needs optimizer"):
        make("linear_network", momentum=0.9, optimizer="adam")


def test_who_keeps_images_for_early_stopping_is_known():
    search = ComponentSpec.of("mlp_network", search={"early_stopping": [None, 5]})
    assert keeps_images(search)
    assert not keeps_images(ComponentSpec.of("lda", {"early_stopping": 3}))


@pytest.mark.parametrize("select", [None, 2])
def test_training_is_told_of_the_units(monkeypatch, select):
    told = []

    def fit(self, X, y, units=None):
        told.append(units)
        return self

    monkeypatch.setattr(DenseNetwork, "fit", fit)
    rows, units = np.random.default_rng(0).normal(size=(6, 4)), np.arange(6) // 2
    train(make("linear_network", select=select), rows, rows[:, 0], units)
    train(make("linear_network")["model"], rows, rows[:, 0], units)
    assert [given.tolist() for given in told] == [[0, 0, 1, 1, 2, 2]] * 2


@pytest.mark.slow
def test_same_bits_for_any_number_of_jobs(tmp_path):
    random = np.random.default_rng(0)
    rows = random.normal(size=(60, 300))
    values = rows[:, 0] + 0.1 * random.normal(size=60)
    plan = draw_target_folds(values, np.arange(60), 3, 1, 0)
    problem = Problem(values, 1, np.arange(60), plan, "mae", 0)
    params = {"epochs": 4, "optimizer": "adam", "dropout": 0.2, "width": 200}
    candidate = Candidate(ComponentSpec("columns"), ComponentSpec.of("mlp_network", params))
    features = Features(ComponentSpec("columns"), rows)
    said = [
        cross_validate(
            problem, features, "rows", [candidate], Journal(tmp_path / str(n_jobs)), SILENT, n_jobs
        )
        for n_jobs in (1, 2)
    ]
    for one, other in zip(*said, strict=True):
        assert one.error == other.error == ""
        np.testing.assert_array_equal(one.probabilities, other.probabilities)
