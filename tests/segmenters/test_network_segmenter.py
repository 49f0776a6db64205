"""Networks of masks: they learn, repeat themselves, go on, are kept."""

import numpy as np
import pytest

from bioselect.data.pairs import ArrayScene
from bioselect.segmenters.base import most_probable, whole
from bioselect.segmenters.creation import load_segmenter


def dice(mask, predicted):
    return 2 * ((mask == 1) & (predicted == 1)).sum() / ((mask == 1).sum() + (predicted == 1).sum())


def predicted(network, pairs, place):
    return whole(network, ArrayScene(pairs.images[place]))


def test_discs_are_found(trained):
    scores = [
        dice(
            trained.pairs.masks[place],
            most_probable(predicted(trained.network, trained.pairs, place)),
        )
        for place in trained.task.validation
    ]
    assert min(scores) > 0.8
    # What the history tells of the best epoch is what its weights do.
    best = trained.network.history[trained.network.best_epoch - 1]
    assert best.val_dice == pytest.approx(np.mean(scores), abs=1e-6)
    assert best.val_dice == max(record.val_dice for record in trained.network.history)


def test_a_network_that_was_saved_gives_the_same_masks(trained, tmp_path):
    facts = trained.network.save(tmp_path)
    opened = load_segmenter(tmp_path, facts)
    for place in (6, 7):
        one, other = (predicted(each, trained.pairs, place) for each in (trained.network, opened))
        assert np.array_equal(one, other)
        assert one.shape == (*trained.pairs.size(place), 2)
        assert one.sum(axis=-1) == pytest.approx(1, abs=1e-5)
