"""When a network should be trained for longer, counted by hand."""

import pytest

from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult
from bioselect.selection.last_epochs import last_epochs_in_words

NETWORK = Candidate(ComponentSpec("images"), ComponentSpec.of("resnet18", {"epochs": 4}))


def told(best, n_epochs=4, val_loss=0.5):
    history = [{"epoch": n + 1, "val_loss": val_loss} for n in range(n_epochs)]
    return last_epochs_in_words(
        FoldResult(NETWORK, 0, fold, None, {"best_epoch": one}, history=history)
        for fold, one in enumerate(best)
    )


def test_most_trainings_ended_with_their_best_epoch():
    [text] = told([4, 2, 4])
    words = " ".join(text.split())
    assert words.startswith("resnet18(epochs=4): the best epoch of 2 of 3 trainings was the last")
    assert words.endswith("(of 4), so it may not have learnt all it can. Write more epochs in its "
                          "params.")  # fmt: skip
    [text] = told([4])
    assert "the best epoch of its training was the last one (of 4)" in " ".join(text.split())


@pytest.mark.parametrize("best", [[4, 2], [1, 2, 3], [3]])
def test_half_of_them_or_fewer_are_no_sign(best):
    assert told(best) == []


def test_without_validation_the_last_epoch_says_nothing():
    assert told([4, 4], val_loss=None) == []


def test_what_has_no_epochs_or_failed_is_passed_over():
    failed = FoldResult(NETWORK, 0, 0, None, error="no memory")
    assert last_epochs_in_words([failed]) == []
