"""How long networks will take: arithmetic; and which are timed at all."""

import pytest

from bioselect.workflows.network_times import NetworkTime, networks_in_words


def test_all_trainings_together():
    time = NetworkTime(start_seconds=3.0, seconds_per_image=0.01, n_trainings=5, n_epochs=10)
    # 3 s + 0.01 x (10 x 80 trained on + 0.35 x (10 x 12 + 20) looked at) = 11.49 s; five of them.
    assert time.seconds(80, 12, 20) == pytest.approx(5 * 11.49)


def test_words():
    assert networks_in_words({}) == []
    [line] = networks_in_words({"small_cnn": 60.0, "own": None})
    assert line == (
        "time needed by networks: at most about 1 min 0 s: small_cnn 1 min 0 s, own not known; "
        "less where trainings stop early, some more for the model if a network wins"
    )
