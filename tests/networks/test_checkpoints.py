import numpy as np
import pytest

from bioselect.networks.checkpoints import STATE_FILE, Checkpoint, CheckpointFolder
from bioselect.networks.history import EpochRecord

FACTS = {"network": "tiny", "seed": 0}


def checkpoint(n_epochs, best=None, best_epoch=None):
    return Checkpoint(
        weights=[np.full((2, 3), n_epochs, np.float32), np.arange(3, dtype=np.uint32)],
        optimizer=[np.array(n_epochs, dtype=np.int64)],
        best=best,
        best_epoch=best_epoch or n_epochs,
        history=[EpochRecord(n + 1, 0.1, 1 / 3, 0.5, 0.1 + n, 0.25) for n in range(n_epochs)],
        seconds=[0.1] * n_epochs,
    )


def assert_equal(found, wanted):
    for name in ("weights", "optimizer"):
        for one, other in zip(getattr(found, name), getattr(wanted, name), strict=True):
            assert one.dtype == other.dtype
            assert np.array_equal(one, other)
    assert (found.history, found.best_epoch) == (wanted.history, wanted.best_epoch)
    assert found.seconds == wanted.seconds
    assert (found.best is None) == (wanted.best is None)


def test_what_is_kept_comes_back_bit_by_bit(tmp_path):
    CheckpointFolder(tmp_path, FACTS).write(checkpoint(2))
    assert_equal(CheckpointFolder(tmp_path, FACTS).read(), checkpoint(2))


def test_the_best_weights_are_kept_in_a_file_of_their_own(tmp_path):
    folder = CheckpointFolder(tmp_path, FACTS)
    best = checkpoint(1).weights
    folder.write(checkpoint(1))
    folder.write(checkpoint(2, best, 1))
    found = CheckpointFolder(tmp_path, FACTS).read()
    assert_equal(found, checkpoint(2, best, 1))
    assert np.array_equal(found.best[0], best[0])
    # Written once, and gone when a later epoch is better.
    written = (tmp_path / "best-000001.npy").stat().st_mtime_ns
    folder.write(checkpoint(3, best, 1))
    assert (tmp_path / "best-000001.npy").stat().st_mtime_ns == written
    folder.write(checkpoint(4))
    assert [path.name for path in tmp_path.iterdir()] == [STATE_FILE]


def test_a_checkpoint_of_another_training_is_not_used(tmp_path):
    CheckpointFolder(tmp_path, FACTS).write(checkpoint(2))
    assert CheckpointFolder(tmp_path, {**FACTS, "seed": 1}).read() is None


def test_nothing_is_found_where_nothing_is(tmp_path):
    assert CheckpointFolder(tmp_path / "new", FACTS).read() is None


@pytest.mark.parametrize("damage", ["cut", "text", "best"])
def test_a_damaged_checkpoint_is_as_none(tmp_path, damage):
    folder = CheckpointFolder(tmp_path, FACTS)
    folder.write(checkpoint(2, checkpoint(1).weights, 1))
    state = tmp_path / STATE_FILE
    if damage == "cut":
        state.write_bytes(state.read_bytes()[:-200])
    elif damage == "text":
        state.write_text("not a checkpoint")
    else:
        (tmp_path / "best-000001.npy").unlink()
    assert CheckpointFolder(tmp_path, FACTS).read() is None


@pytest.mark.parametrize("name", [STATE_FILE, "best-000001.npy"])
@pytest.mark.parametrize("place", [70, -20, -1])
def test_a_single_bit_that_a_disk_has_changed_is_noticed(tmp_path, name, place):
    folder = CheckpointFolder(tmp_path, FACTS)
    folder.write(checkpoint(2, checkpoint(1).weights, 1))
    data = bytearray((tmp_path / name).read_bytes())
    data[place] ^= 4
    (tmp_path / name).write_bytes(data)
    assert CheckpointFolder(tmp_path, FACTS).read() is None


def test_a_kill_while_writing_leaves_the_state_before(tmp_path, monkeypatch):
    folder = CheckpointFolder(tmp_path, FACTS)
    folder.write(checkpoint(2))
    for name in ("save", "replace"):
        with monkeypatch.context() as patch:
            if name == "save":
                patch.setattr(np, "save", _stop)
            else:
                patch.setattr("os.replace", _stop)
            with pytest.raises(KeyboardInterrupt):
                folder.write(checkpoint(3, checkpoint(2).weights, 2))
        assert_equal(CheckpointFolder(tmp_path, FACTS).read(), checkpoint(2))


def _stop(*args, **kwargs):
    raise KeyboardInterrupt
