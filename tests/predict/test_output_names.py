from pathlib import Path

import pytest

from bioselect.data.records import FilePart
from bioselect.predict.output_names import output_names


def names(sources, given):
    return [str(name) for name in output_names(sources, given)]


@pytest.fixture
def folder(tmp_path):
    for name in ("a/x", "b/x", "x"):
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
    return tmp_path / "set"


def test_sub_folders_of_one_folder_are_kept(folder):
    files = [folder / "a" / "1.png", folder / "b" / "1.tif", folder / "2.nii.gz"]
    assert names(files, [folder]) == ["a/1", "b/1", "2"]
    # Also where all images lie in one of them.
    assert names(files[:1], [folder]) == ["a/1"]


def test_of_several_folders_everything_below_the_common_one_is_kept(folder):
    files = [folder / "a" / "1.png", folder / "b" / "1.png"]
    assert names(files, [folder / "a", folder / "b"]) == ["a/1", "b/1"]
    assert names(files, files) == ["a/1", "b/1"]
    assert names(files[:1], files[:1]) == ["1"]


def test_one_name_twice_keeps_the_endings(folder):
    files = [folder / "1.jpg", folder / "1.png", folder / "2.png"]
    assert names(files, [folder]) == ["1.jpg", "1.png", "2"]


def test_names_that_some_systems_take_for_one_are_numbered(folder):
    files = [folder / "A.png", folder / "a.png"]
    assert names(files, [folder]) == ["A.png_0", "a.png_1"]


def test_parts_of_files_have_names_of_their_own(folder):
    parts = [
        FilePart(folder / "z.tif", "3"),
        FilePart(folder / "set.npz", "train/1"),
        FilePart(folder / "ct", "series:1.2"),
    ]
    assert names(parts, [folder]) == ["z#3", "set#train_1", "ct#series_1.2"]


def test_relative_paths_are_as_absolute_ones(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert names([Path("a/1.png")], [Path("a")]) == ["1"]
    assert names([Path("../set/a/1.png")], [Path()]) == ["a/1"]
