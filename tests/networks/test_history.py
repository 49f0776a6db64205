import math

import pytest

from bioselect.networks.history import EpochRecord, best_epoch, is_over, plateaus


def history_of(*losses, validated=True):
    return [
        EpochRecord(n + 1, 0.1, 2.0 if validated else loss, 0.5, loss if validated else None)
        for n, loss in enumerate(losses)
    ]


def test_the_first_of_equally_low_losses_is_best():
    assert best_epoch(history_of(0.9, 0.4, 0.6, 0.4)) == 2


def test_a_loss_that_is_no_number_is_never_best():
    assert best_epoch(history_of(math.nan, 0.9, math.inf)) == 2


def test_without_validation_the_last_epoch_is_best_and_nothing_stops_early():
    history = history_of(0.1, 0.9, 0.9, validated=False)
    assert best_epoch(history) == 3
    assert not is_over(history, 1)


@pytest.mark.parametrize(
    ("losses", "patience", "since", "over"),
    [
        ((0.5,), 1, 0, False),
        ((0.5, 0.5), 1, 0, True),
        ((0.5, 0.6, 0.4), 1, 0, False),
        ((0.5, 0.6, 0.7, 0.8), 3, 0, True),
        ((0.5, 0.6, 0.7, 0.8), 3, 2, False),
        ((0.5, 0.6, 0.7, 0.8), None, 0, False),
        ((), 1, 0, False),
    ],
)
def test_patience_counts_epochs_since_the_best(losses, patience, since, over):
    assert is_over(history_of(*losses), patience, since) is over


def test_each_plateau_is_counted_anew():
    assert plateaus(history_of(1.0, 1.0, 1.0, 1.0, 1.0), 2) == 2
    assert plateaus(history_of(1.0, 0.9, 0.9, 0.8), 2) == 0
    assert plateaus(history_of(1.0, 1.0, 1.0, validated=False), 2) == 1
    assert plateaus(history_of(1.0, 1.0, 1.0, 0.5), 2, since=2) == 0
