from bioselect.component import ComponentSpec
from bioselect.networks.builtin import NETWORKS
from bioselect.networks.phases import phase_of, phases_of
from bioselect.networks.settings import settings_of


def phases(**params):
    row = NETWORKS["mobilenet_v2"]
    return phases_of(settings_of(row, ComponentSpec.of(row.name, params))[0], n_batches=4)


def test_most_trainings_have_one_part():
    (phase,) = phases(epochs=7)
    assert (phase.first, phase.last, phase.head_only) == (1, 7, False)


def test_the_head_goes_first_with_its_own_rate():
    both = phases(epochs=7, trainable="head_then_all", head_epochs=2, schedule="cosine")
    assert [(one.first, one.last, one.head_only) for one in both] == [(1, 2, True), (3, 7, False)]
    assert both[0].rate(2, 3, 0) == 0.001
    assert both[1].rate(3, 0, 0) == 0.0001
    # The cosine of the main part ends with its last step, 5 epochs of 4 batches after its first.
    assert 0 < both[1].rate(7, 3, 0) < 1e-6


def test_an_epoch_beyond_the_last_belongs_to_the_last_part():
    both = phases(epochs=7, trainable="head_then_all", head_epochs=2)
    assert [phase_of(both, epoch) is both[1] for epoch in (2, 3, 7, 9)] == [False, True, True, True]
