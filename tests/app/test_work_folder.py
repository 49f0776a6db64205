import os
import stat
import time

import pytest

from bioselect.app.work_folder import PREFIX, WorkFolder, remove_left_behind


@pytest.fixture
def parent(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def aged(folder):
    before = time.time() - 3600
    os.utime(folder, (before, before))


@pytest.mark.skipif(os.name != "posix", reason="rights are told otherwise there")
def test_a_work_folder_is_ones_own_and_gone_at_the_end(parent):
    folder = WorkFolder()
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    (folder.path / "upload").mkdir()
    folder.remove()
    assert list(parent.iterdir()) == []


def test_what_a_killed_page_has_left_is_removed_and_nothing_else(parent):
    alive, young = WorkFolder(), parent / f"{PREFIX}young"
    killed, other = parent / f"{PREFIX}killed", parent / "somebody"
    for folder in (killed, young, other):
        folder.mkdir()
        (folder / "image.png").write_bytes(b"x")
    for folder in (alive.path, killed, other):
        aged(folder)
    remove_left_behind(parent)
    assert set(parent.iterdir()) == {alive.path, young, other}
    alive.remove()
