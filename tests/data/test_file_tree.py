"""Folders as they are on real disks."""

import os
import shutil
import socket
import time

import pytest

from bioselect.data.file_tree import look_through, top_level
from bioselect.exceptions import DataError


def touch(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


def names_of(paths, root):
    return sorted(path.relative_to(root).as_posix() for path in paths)


def test_every_visible_file_is_found_and_all_others_are_listed_apart(tmp_path):
    touch(tmp_path, "a.PNG", "b/c d/\u00e9.tif", "b/\u7d30\u80de.jpg", "b/notes.txt")
    touch(tmp_path, "Thumbs.db", "b/Desktop.ini", "b/._a.PNG", "__MACOSX/a.PNG", "@eaDir/a.PNG")
    touch(tmp_path, ".hidden.png", ".cache/a.png", ".DS_Store")
    (tmp_path / "empty/inside").mkdir(parents=True)
    found = look_through(tmp_path)
    assert names_of(found.files, tmp_path) == [
        "a.PNG",
        "b/c d/\u00e9.tif",
        "b/notes.txt",
        "b/\u7d30\u80de.jpg",
    ]
    assert names_of(found.hidden, tmp_path) == [".cache", ".hidden.png"]
    assert names_of(found.system, tmp_path) == [
        ".DS_Store",
        "@eaDir",
        "Thumbs.db",
        "__MACOSX",
        "b/._a.PNG",
        "b/Desktop.ini",
    ]
    assert (found.special, found.closed, found.notes) == ([], [], [])


def test_a_folder_that_is_one_image_is_not_looked_through(tmp_path):
    touch(tmp_path, "cell.ome.zarr/0/0/0", "cell.ome.zarr/.zgroup")
    assert names_of(look_through(tmp_path).files, tmp_path) == ["cell.ome.zarr"]


def test_thousands_of_files_take_seconds(tmp_path):
    for number in range(60):
        touch(tmp_path, *(f"{number}/{more}.png" for more in range(50)))
    started = time.monotonic()
    assert len(look_through(tmp_path).files) == 3000
    assert time.monotonic() - started < 20  # 0.1 s where nothing else runs


def test_very_long_names_and_deep_folders(tmp_path):
    deep = "/".join("d" * 50 for _ in range(12))
    touch(tmp_path, "x" * 251 + ".png", f"{deep}/1.png")
    assert len(look_through(tmp_path).files) == 2


def test_a_linked_folder_is_looked_through_once(tmp_path):
    touch(tmp_path, "elsewhere/1.png", "data/own.png")
    for name in ("first", "second"):
        (tmp_path / "data" / name).symlink_to(tmp_path / "elsewhere")
    found = look_through(tmp_path / "data")
    assert names_of(found.files, tmp_path / "data") == ["first/1.png", "own.png"]
    root = (tmp_path / "data").as_posix()
    assert found.notes == [
        f"{root}/second is by a link the same folder as {root}/first and was left aside."
    ]


def test_what_a_link_leads_to_keeps_its_plain_path_if_it_is_found_anyway(tmp_path):
    touch(tmp_path, "z/1.png")
    (tmp_path / "a").symlink_to(tmp_path / "z")  # comes first
    found = look_through(tmp_path)
    assert names_of(found.files, tmp_path) == ["z/1.png"]
    assert len(found.notes) == 1


@pytest.mark.parametrize("target", [".", "..", "../..", "{root}"])
def test_links_upwards_do_not_lead_round_in_circles(tmp_path, target):
    touch(tmp_path, "data/a/1.png", "data/b/2.png")
    (tmp_path / "data/a/again").symlink_to(target.format(root=tmp_path))
    found = look_through(tmp_path / "data/a")
    assert names_of(found.files, tmp_path) == ["data/a/1.png"]
    assert found.notes == [
        f"the link {tmp_path.as_posix()}/data/a/again leads to a folder that contains it and was "
        "left aside."
    ]


def test_links_to_each_other_end(tmp_path):
    touch(tmp_path, "data/1.png", "one/2.png", "two/3.png")
    (tmp_path / "data/out").symlink_to(tmp_path / "one")
    (tmp_path / "one/out").symlink_to(tmp_path / "two")
    (tmp_path / "two/out").symlink_to(tmp_path / "one")
    found = look_through(tmp_path / "data")
    assert names_of(found.files, tmp_path / "data") == ["1.png", "out/2.png", "out/out/3.png"]
    assert len(found.notes) == 1


def test_the_start_may_be_a_link_even_to_the_folder_it_stands_in(tmp_path):
    touch(tmp_path, "data/1.png")
    (tmp_path / "data/self").symlink_to(".")
    found = look_through(tmp_path / "data/self")
    assert names_of(found.files, tmp_path / "data/self") == ["1.png"]


def test_links_to_nowhere_and_to_themselves_are_files_whose_reading_fails(tmp_path):
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "self.png").symlink_to(tmp_path / "self.png")
    assert names_of(look_through(tmp_path).files, tmp_path) == ["gone.png", "self.png"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_pipes_sockets_and_devices_are_no_files(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "endless.png").symlink_to("/dev/zero")
    monkeypatch.chdir(tmp_path)  # the name of a socket may have 107 bytes
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("socket.png")
        found = look_through(tmp_path)
    assert found.files == []
    assert names_of(found.special, tmp_path) == ["endless.png", "pipe.png", "socket.png"]


def test_a_folder_that_nobody_may_look_into(tmp_path, monkeypatch):
    touch(tmp_path, "a/1.png", "closed/2.png")
    scan = os.scandir

    def refusing(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = look_through(tmp_path)
    assert names_of(found.files, tmp_path) == ["a/1.png"]
    assert names_of(found.closed, tmp_path) == ["closed"]
    for function in (look_through, top_level):
        with pytest.raises(DataError, match=r"look into this folder \(Permission denied\)\. Ask"):
            function(tmp_path / "closed")


def test_a_folder_that_vanishes_meanwhile_is_listed(tmp_path, monkeypatch):
    touch(tmp_path, "a/1.png", "b/2.png")
    scan = os.scandir

    def vanishing(path):
        if str(path).endswith("b"):
            shutil.rmtree(path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", vanishing)
    found = look_through(tmp_path)
    assert names_of(found.files, tmp_path) == ["a/1.png"]
    assert names_of(found.closed, tmp_path) == ["b"]
