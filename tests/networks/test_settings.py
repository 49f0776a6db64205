import pytest

from bioselect.component import ComponentSpec
from bioselect.exceptions import ComponentError
from bioselect.networks.builtin import NETWORKS
from bioselect.networks.settings import Settings, settings_of


def settings(name="small_cnn", **params) -> Settings:
    return settings_of(NETWORKS[name], ComponentSpec.of(name, params))[0]


def test_the_builder_gets_its_own_parameters_only():
    chosen, own = settings_of(
        NETWORKS["resnet18"], ComponentSpec.of("resnet18", {"width": 8, "epochs": 3})
    )
    assert own == {"stem": "auto", "width": 8}
    assert chosen.epochs == 3


@pytest.mark.parametrize(
    ("params", "rate"),
    [
        ({}, 0.001),
        ({"optimizer": "sgd"}, 0.01),
        ({"weights": "a.keras"}, 0.0001),
        ({"weights": "a.keras", "trainable": "head"}, 0.001),
        ({"weights": "a.keras", "trainable": 2}, 0.0001),
        ({"weights": "a.keras", "trainable": "head_then_all"}, 0.0001),
        ({"weights": "a.keras", "learning_rate": 0.02}, 0.02),
        ({"weights": "a.keras", "learning_rate": 0.02, "trainable": "head_then_all"}, 0.002),
    ],
)
def test_weights_that_were_trained_before_are_moved_less(params, rate):
    assert settings(**params).rate == pytest.approx(rate)


@pytest.mark.parametrize(
    ("params", "kept"),
    [
        ({}, False),
        ({"weights": "a.keras"}, True),
        ({"weights": "a.keras", "batch_norm": "trained"}, False),
        ({"weights": "a.keras", "trainable": "head"}, True),
        ({"batch_norm": "trained"}, False),
    ],
)
def test_statistics_are_kept_with_the_weights_they_came_with(params, kept):
    assert settings(**params).keeps_statistics is kept


def test_only_adamw_decays_unless_it_is_written():
    assert settings().decay == 0
    assert settings(optimizer="adamw").decay == 0.01
    assert settings(optimizer="adamw", weight_decay=0).decay == 0
    assert settings(optimizer="sgd", weight_decay=0.1).decay == 0.1


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"focal_gamma": 1}, "params.focal_gamma needs loss: focal. Got loss: cross_entropy"),
        ({"gce_q": 0.5}, "params.gce_q needs loss: generalized_cross_entropy"),
        ({"momentum": 0.5}, "params.momentum needs optimizer: sgd. Got optimizer: adam"),
        ({"head_epochs": 2}, "params.head_epochs needs trainable: head_then_all"),
        (
            {"label_smoothing": 0.1, "loss": "focal"},
            "params.label_smoothing needs loss: cross_entropy. Got loss: focal",
        ),
        ({"trainable": "head"}, "trainable: head needs weights to begin with"),
        ({"trainable": 2}, "trainable: 2 needs weights to begin with"),
        ({"batch_norm": "kept"}, "batch_norm: kept needs weights to begin with"),
        ({"warmup_epochs": 40}, "params.warmup_epochs must be less than epochs. Got 40 of 40"),
        (
            {"weights": "a.keras", "trainable": "head_then_all", "epochs": 5},
            "params.head_epochs must be less than epochs with trainable: head_then_all. Got 5 of 5",
        ),
        (
            {
                "weights": "a.keras",
                "trainable": "head_then_all",
                "epochs": 8,
                "head_epochs": 6,
                "warmup_epochs": 3,
            },
            "warmup_epochs must be less than epochs. Got 3 of 2 after those of the head",
        ),
        (
            {"weights": "a.keras", "trainable": "head", "batch_norm": "trained"},
            "batch_norm: trained does not go with trainable: head",
        ),
        ({"epochs": 0}, "params.epochs: must be at least 1. Got 0."),
        ({"normalization": {"mean": 0.5}}, "params.normalization: must be {mean: 0.5, std: 0.5}"),
        (
            {"normalization": {"mean": float("nan"), "std": 1}},
            "params.normalization: must be {mean",
        ),
        ({"trainable": "heads"}, "Did you mean 'head'"),
    ],
)
def test_what_contradicts_itself_is_refused_in_one_line(params, words):
    with pytest.raises(ComponentError, match=words) as error:
        settings(**params)
    assert "\n" not in str(error.value)


def test_a_small_network_has_defaults_of_its_own_and_others_keep_theirs():
    small, large = settings("small_cnn"), settings("resnet18")
    assert (small.epochs, small.batch_size, small.early_stopping) == (40, 16, 15)
    assert (large.epochs, large.batch_size, large.early_stopping) == (20, 32, 5)
    assert settings("small_cnn", epochs=3).epochs == 3
    assert (NETWORKS["small_cnn"].version, NETWORKS["resnet18"].version) == (2, 1)
