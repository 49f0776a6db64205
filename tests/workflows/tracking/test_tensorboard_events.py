"""Histories of networks as TensorBoard reads them itself."""

from bioselect.run_folder import RunFolder, write_table
from bioselect.workflows.tracking.tensorboard_events import write_events
from bioselect.workflows.training_histories import EPOCH_COLUMNS

ROWS = [
    (0, 0, 1, 0.01, 1.5, 0.25, 1.25, 0.5),
    (0, 0, 2, 0.005, 1.0, 0.5, 0.75, None),
    (0, 1, 1, 0.01, 2.0, 0.125, 1.75, 0.25),
]


def scalars(folder):
    """Return the steps and values of each tag, as TensorBoard finds them."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    read.Reload()
    return {
        tag: [(one.step, float(one.tensor_proto.float_val[0])) for one in read.Tensors(tag)]
        for tag in read.Tags()["tensors"]
    } or {
        tag: [(one.step, one.value) for one in read.Scalars(tag)] for tag in read.Tags()["scalars"]
    }


def test_every_fold_has_its_epochs(tmp_path):
    folder = RunFolder(tmp_path)
    network = folder.networks / "small_cnn"
    write_table(network / "history.csv", ("repeat", "fold", *EPOCH_COLUMNS), ROWS)
    write_table(network / "refit.csv", EPOCH_COLUMNS, [row[2:] for row in ROWS[:1]])
    (folder.tensorboard / "of_before").mkdir(parents=True)
    assert write_events(folder) == f"TensorBoard: tensorboard --logdir {folder.tensorboard}"
    (made,) = folder.tensorboard.iterdir()
    assert {path.name for path in made.iterdir()} == {
        "repeat_0_fold_0",
        "repeat_0_fold_1",
        "all_images",
    }
    found = scalars(made / "repeat_0_fold_0")
    assert found["loss/training"] == [(1, 1.5), (2, 1.0)]
    assert found["loss/validation"] == [(1, 1.25), (2, 0.75)]
    assert found["accuracy/validation"] == [(1, 0.5)]
    assert [step for step, _ in found["learning_rate"]] == [1, 2]
    assert scalars(made / "repeat_0_fold_1")["loss/training"] == [(1, 2.0)]
    assert scalars(made / "all_images")["accuracy/training"] == [(1, 0.25)]


def test_a_study_without_networks_has_nothing_to_show(tmp_path):
    assert "no network was trained" in write_events(RunFolder(tmp_path))
    assert not (tmp_path / "tensorboard").exists()
