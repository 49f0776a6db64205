"""A run never writes where it cannot, or over what is somebody's own."""

import os
import shutil
from pathlib import Path

import pytest

from bioselect.config.loading import load_config
from bioselect.config.writing import HEADER
from bioselect.exceptions import ConfigurationError, DataError, StorageError
from bioselect.run_folder import RunFolder
from bioselect.workflows.check import check
from bioselect.workflows.output_places import check_table_place
from bioselect.workflows.run import run

TABLES = [path.name for path in RunFolder(Path()).products() if path.suffix == ".csv"]


def test_the_configuration_itself_is_not_written_over(write_config, tmp_path):
    config = write_config(output=".")
    before = config.read_bytes()
    for job in (check, run):
        with pytest.raises(ConfigurationError, match=r"where config\.yaml would be lost"):
            job(config, jobs=1)
    assert config.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml"]


def test_the_configuration_of_a_run_folder_may_be_written_anew(write_config):
    config = write_config(output=".")
    config.write_text(f"{HEADER}\n{config.read_text()}")
    assert "can be run" in check(config, jobs=1)


def test_the_folder_of_the_configuration_may_hold_the_results(write_config, tmp_path, drawn_images):
    shutil.copytree(drawn_images, tmp_path / "images")
    config = write_config(
        extractors="[intensity]", classifiers="[lda]", path="images", output=".", name="study.yaml"
    )
    (tmp_path / "notes.txt").write_text("mine")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for again in (config, tmp_path / "config.yaml"):
        run(again, jobs=1)
        assert {path: path.read_bytes() for path in before} == before
    assert (tmp_path / "model" / "manifest.json").is_file()


@pytest.mark.parametrize("name", TABLES)
def test_the_table_is_not_written_over(tmp_path, name):
    table = tmp_path / name
    table.write_text("file,class\n")
    config = tmp_path / "study.yaml"
    config.write_text(
        f"dataset: {{table: {name}, image: file, target: class}}\n"
        "extractors: [hog]\nclassifiers: [lda]\noutput: .\n"
    )
    with pytest.raises(ConfigurationError, match="would be lost"):
        run(config, jobs=1)
    assert table.read_text() == "file,class\n"


@pytest.mark.parametrize("rest", ["", "cache: taken/cache"])
def test_a_file_in_the_way_is_found_by_check(write_config, tmp_path, rest):
    (tmp_path / "taken").write_text("mine")
    config = write_config(output="run" if rest else "taken/run", rest=rest)
    with pytest.raises(StorageError, match=r"Got the file .*taken"):
        check(config, jobs=1)


@pytest.mark.parametrize("rest", ["", "cache: images/cache"])
def test_results_do_not_lie_among_the_images(write_config, drawn_images, tmp_path, rest):
    (tmp_path / "linked").symlink_to(drawn_images)
    (tmp_path / "images").symlink_to(drawn_images)
    output = "run" if rest else "linked/results/first"
    config = write_config(path="images", output=output, rest=rest)
    for job in (check, run):
        with pytest.raises(ConfigurationError, match="must not lie in the folder of images"):
            job(config, jobs=1)
    assert len(list(drawn_images.iterdir())) == 3


def test_the_images_may_lie_in_the_folder_of_results(write_config, tmp_path, drawn_images):
    shutil.copytree(drawn_images, tmp_path / "study" / "images")
    assert "can be run" in check(write_config(path="study/images", output="study"), jobs=1)


def test_check_finds_that_nobody_may_write_there(write_config, tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    monkeypatch.setattr(os, "access", lambda place, _: not str(place).endswith("closed"))
    for job in (check, run):
        with pytest.raises(
            StorageError, match=r"results: cannot be written: no permission in .*d\."
        ):
            job(write_config(output="closed/by/results"), jobs=1)
    assert list((tmp_path / "closed").iterdir()) == []


@pytest.fixture
def study(tmp_path, write_config, drawn_images):
    """Return a configuration whose results folder holds files of somebody else."""
    mine = tmp_path / "mine"
    (mine / "model").mkdir(parents=True)
    (mine / "scores.csv").write_text("my own scores")
    (mine / "model" / "weights.h5").write_text("my own weights")
    images = shutil.copytree(drawn_images, tmp_path / "images")
    return write_config(extractors="[intensity]", classifiers="[lda]", path=images), mine


def test_files_of_somebody_else_are_not_written_over(study):
    config, mine = study
    with pytest.raises(ConfigurationError, match=r"where scores.csv, model would be lost"):
        run(config, output=mine)
    assert (mine / "scores.csv").read_text() == "my own scores"
    assert (mine / "model" / "weights.h5").read_text() == "my own weights"
    assert sorted(path.name for path in mine.iterdir()) == ["model", "scores.csv"]


@pytest.mark.parametrize("lock", ["", "12345"])
def test_a_lock_does_not_make_it_a_run_folder(study, lock):
    config, mine = study
    (mine / ".lock").write_text(lock)
    for name in ("findings.csv", "run.log"):
        (mine / name).write_text("my own")
    with pytest.raises(ConfigurationError, match=r"where findings.csv, scores.csv, model would be"):
        run(config, output=mine)
    shutil.rmtree(mine / "model")
    (mine / "scores.csv").unlink()
    own = "findings.csv, run.log" + ", .lock" * bool(lock)
    with pytest.raises(ConfigurationError, match=f"where {own} would be lost"):
        run(config, output=mine)
    assert {path.read_text() for path in mine.iterdir()} == {lock, "my own"}


def test_what_a_run_leaves_that_refused_the_images_does_no_harm(study, tmp_path):
    config, _ = study
    bad = load_config(config).dataset.path / "dots" / "zz.png"
    bad.write_bytes(b"")
    results = tmp_path / "results"
    for _ in range(2):
        with pytest.raises(DataError, match=r"zz\.png"):
            run(config, output=results, jobs=1)
    left = {path.name for path in results.iterdir()}
    assert left >= {".lock", "run.log", "findings.csv"}
    assert "config.yaml" not in left
    bad.unlink()
    assert run(config, output=results, jobs=1).folder == results


@pytest.mark.parametrize("names", [["tumour", "no_tumour"], ["notes.txt"], list("abcd")])
def test_results_do_not_lie_beside_files_of_somebody_else(study, tmp_path, names):
    config, _ = study
    theirs = tmp_path / "theirs"
    for name in names:
        (theirs / name).mkdir(parents=True)
    (theirs / ".DS_Store").write_text("")
    found = "a, b, c and more" if len(names) > 3 else ", ".join(sorted(names))
    config.write_text(config.read_text().replace("output: run", "output: theirs"))
    for job in (check, run):
        with pytest.raises(ConfigurationError) as caught:
            job(config, jobs=1)
        assert str(caught.value) == (
            f"output: must be a folder of its own, empty or of an earlier run. Got {theirs}, which "
            f"holds {found}. Write `output: {theirs / 'results'}` or name a new folder."
        )
    assert {path.name for path in theirs.iterdir()} == {*names, ".DS_Store"}


def test_a_folder_of_its_own_may_hold_hidden_files_and_what_the_configuration_names(
    write_config, tmp_path, drawn_images
):
    shutil.copytree(drawn_images, tmp_path / "study" / "data" / "images")
    (tmp_path / "study" / "cache").mkdir()
    (tmp_path / "study" / ".gitkeep").write_text("")
    path, rest = "study/data/images", "cache: study/cache"
    assert "can be run" in check(write_config(path=path, output="study", rest=rest), jobs=1)
    (tmp_path / "study" / "notes.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match=r"study, which holds notes\.txt\. Write"):
        check(write_config(path=path, output="study", rest=rest), jobs=1)


@pytest.mark.parametrize("name", [".lock", ".journal", "features"])
def test_what_a_killed_run_left_makes_it_a_run_folder(study, tmp_path, name):
    config, _ = study
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "notes.txt").touch()
    (tmp_path / "run" / name).touch() if name != "features" else (tmp_path / "run" / name).mkdir()
    assert "can be run" in check(config, jobs=1)


def test_other_files_in_the_folder_of_a_run_do_no_harm(study):
    config, mine = study
    shutil.rmtree(mine)
    run(config, output=mine, jobs=1)
    (mine / "notes.txt").write_text("mine")
    run(config, output=mine, jobs=1)
    assert (mine / "notes.txt").read_text() == "mine"


def test_a_study_of_other_images_is_not_replaced(study, tmp_path):
    config, _ = study
    folder = run(config, output=tmp_path / "results", jobs=1).folder
    before = (folder / "ranking.csv").read_bytes()
    images = load_config(config).dataset.path
    shutil.copytree(images, tmp_path / "others")
    other = tmp_path / "other.yaml"
    other.write_text(
        "dataset: {path: others}\nextractors: [intensity]\nclassifiers: [lda]\noutput: results\n"
    )
    with pytest.raises(ConfigurationError, match=r"results, which holds the study of .*\. Choose"):
        run(other)
    assert (folder / "ranking.csv").read_bytes() == before
    # Images that were moved as a whole are the same study.
    shutil.rmtree(images)
    run(other, jobs=1)


def test_predictions_take_no_other_file_s_place(tmp_path):
    for name, error in (
        ("notes.csv", "is no table of predictions"),
        ("predictions.xlsx", "must end in .csv"),
        ("cells.png", "must end in .csv"),
    ):
        (tmp_path / name).write_text("mine")
        with pytest.raises(StorageError, match=error):
            check_table_place(tmp_path / name)
    (tmp_path / "old.csv").write_text("path,prediction,probability_a,error\n")
    check_table_place(tmp_path / "old.csv")
    check_table_place(tmp_path / "new.csv")
