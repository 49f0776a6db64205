"""The epochs of networks as a table, from what a run writes of them."""

import csv
import shutil

import pytest

import bioselect


@pytest.fixture
def trained(study, tmp_path):
    """A study of which one estimator was a network with a name that no folder may have."""
    name = "small_cnn(epochs=3)"
    for file in ("study.json", "config.yaml"):
        shutil.copy(study.folder / file, tmp_path)
    with (study.folder / "ranking.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[1]["estimator"] = name
    with (tmp_path / "ranking.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    # As `folder_name` called it when this was written: a change there loses what lies on disks.
    place = tmp_path / "networks" / "small_cnn-epochs=3-09c0d820"
    place.mkdir(parents=True)
    (place / "history.csv").write_text("repeat,fold,epoch,loss,val_loss\n0,1,1,0.5,0.75\n")
    (place / "refit.csv").write_text("epoch,loss,val_loss\n1,0.25,\n")
    (place / "history.svg").write_text("<svg/>")
    return bioselect.open_study(tmp_path)


def test_folds_and_the_training_on_all_images(trained):
    table = trained.histories
    assert list(table) == ["estimator", "repeat", "fold", "epoch", "loss", "val_loss"]
    assert table["estimator"].tolist() == ["small_cnn(epochs=3)"] * 2
    assert table["fold"].isna().tolist() == [False, True]
    assert table["loss"].tolist() == [0.5, 0.25]
    assert table["epoch"].tolist() == [1, 1]
    assert table["val_loss"].isna().tolist() == [False, True]


def test_without_networks_there_are_no_rows(study):
    assert len(study.histories) == 0
    assert {"estimator", "epoch", "loss"} <= set(study.histories)


def test_drawings_of_trainings_are_figures(trained, study):
    assert [path.name for path in trained.figures] == ["history.svg"]
    assert {path.suffix for path in study.figures} == {".svg"}
    assert "confusion.svg" in {path.name for path in study.figures}
