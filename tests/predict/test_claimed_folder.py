import pytest

from bioselect.exceptions import StorageError
from bioselect.predict.claimed_folder import MARK, check_claimable, claimed


def write(folder, *names, stop_after=None):
    with claimed(folder) as results:
        for place, name in enumerate(names):
            path = results.file(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
            if place == stop_after:
                raise KeyboardInterrupt


def found(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "mine.png").touch()
    with pytest.raises(StorageError, match=r"new or an empty folder.*mine\.png.*with --crops"):
        check_claimable(tmp_path, option="--crops")


def test_a_finished_folder_is_refused_too_as_masks_may_have_been_corrected(tmp_path):
    write(tmp_path / "out", "a.png")
    with pytest.raises(StorageError, match=r"a\.png"):
        check_claimable(tmp_path / "out")


def test_a_file_and_a_folder_of_images_are_refused(tmp_path):
    (tmp_path / "f").touch()
    with pytest.raises(StorageError, match="Got a file"):
        check_claimable(tmp_path / "f")
    with pytest.raises(StorageError, match="taken for images the next time"):
        check_claimable(tmp_path / "images" / "out", [tmp_path, tmp_path / "f"])


def test_what_a_stopped_command_left_is_removed_and_nothing_else(tmp_path):
    folder = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        write(folder, "masks/old.png", "b.png", stop_after=0)
    (folder / "masks" / "mine.png").write_text("mine")
    assert (folder / MARK).is_file()
    check_claimable(folder)
    write(folder, "masks/new.png")
    assert found(folder) == ["mine.png", "new.png"]  # the lock is gone too


def test_a_second_command_is_refused_and_removes_nothing_of_the_first(tmp_path):
    folder = tmp_path / "out"
    with claimed(folder) as results:
        results.file("a.png").write_text("a")
        check_claimable(folder)  # the mark of the first looks like that of a stopped command
        with (
            pytest.raises(StorageError, match=r"out: another command is writing .*another folder"),
            claimed(folder),
        ):
            pass
        assert (folder / "a.png").is_file()
    assert found(folder) == ["a.png"]


def test_what_was_finished_since_the_check_is_not_written_over(tmp_path):
    folder = tmp_path / "out"
    check_claimable(folder)
    write(folder, "a.png")
    with pytest.raises(StorageError, match=r"new or an empty folder.*a\.png"):
        write(folder, "b.png")
    assert found(folder) == ["a.png"]


def test_a_mark_that_names_other_places_removes_nothing_there(tmp_path):
    (tmp_path / "mine.png").touch()
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / MARK).write_text("../mine.png\n")
    write(folder, "a.png")
    assert found(tmp_path) == ["a.png", "mine.png"]
