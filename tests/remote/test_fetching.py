"""Copies of remote files: each fetched once, anew when it changed, none that is gone."""

import threading

import pytest

from bioselect.addresses import address_of, place_of, root_of_copies
from bioselect.exceptions import DataError, StorageError
from bioselect.progress import Reporter
from bioselect.remote import fetching, stores
from bioselect.remote.fetching import fetch_named, fetched


@pytest.fixture
def images(store):
    for name in ("a/1.png", "a/2.png", "b/3.png", ".hidden/4.png", "notes.txt"):
        store.pipe(f"/lab/images/{name}", name.encode())
    return store


@pytest.fixture
def fetches(monkeypatch):
    """Note the names of the files that are fetched."""
    names = []
    real = stores.Store.fetch
    monkeypatch.setattr(
        stores.Store,
        "fetch",
        lambda self, file, place: names.append(file.name) or real(self, file, place),
    )
    return names


class Telling(Reporter):
    def __init__(self):
        self.said = []

    def say(self, text):
        self.said.append(text)


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}


def test_folder_is_brought_here(images):
    reporter = Telling()
    folder = fetched("memory://lab/images", reporter)
    assert folder == place_of("memory://lab/images")
    assert contents(folder) == {
        n: n.encode() for n in ("a/1.png", "a/2.png", "b/3.png", "notes.txt")
    }
    assert reporter.said == ["fetching 4 files, 0.0 MB, from memory://lab/images"]


def test_only_what_changed_is_fetched_again_and_what_is_gone_goes(images, fetches):
    folder = fetched("memory://lab/images")
    fetches.clear()
    images.pipe("/lab/images/a/1.png", b"A/1.PNG")  # of the same size
    images.rm("/lab/images/b/3.png")
    images.pipe("/lab/images/c/5.png", b"new")
    assert fetched(folder) == folder
    assert sorted(fetches) == ["a/1.png", "c/5.png"]
    assert set(contents(folder)) == {"a/1.png", "a/2.png", "c/5.png", "notes.txt"}
    assert (folder / "a/1.png").read_bytes() == b"A/1.PNG"
    assert not (folder / "b").exists()


def test_damaged_copy_is_fetched_again(images, fetches):
    folder = fetched("memory://lab/images")
    fetches.clear()
    (folder / "a/1.png").write_bytes(b"short")
    (folder / "a/2.png").write_bytes(b"a/2.PNG")  # as long, written now
    fetched(folder)
    assert sorted(fetches) == ["a/1.png", "a/2.png"]


def test_one_file_and_a_sheet_of_a_file(images):
    images.pipe("/lab/labels.xlsx", b"table")
    assert fetched("memory://lab/images/a/1.png").read_bytes() == b"a/1.png"
    sheet = fetched("memory://lab/labels.xlsx#Sheet 2")
    assert sheet.name == "labels.xlsx#Sheet 2"
    assert sheet.with_name("labels.xlsx").read_bytes() == b"table"


def test_of_a_model_only_what_it_needs(images, fetches):
    fetched("memory://lab/images", kept=lambda names: [name for name in names if "a/" in name])
    assert sorted(fetches) == ["a/1.png", "a/2.png"]


def test_files_of_a_table_and_one_that_is_not_there(images, fetches):
    place = place_of("memory://lab/images")
    fetch_named([place / "a/1.png", place / "none.png", place / "a/1.png", place / "b"])
    assert sorted(fetches) == ["", "3.png"]
    assert not (place / "none.png").exists()
    images.rm("/lab/images/a/1.png")
    fetch_named([place / "a/1.png"])
    assert not (place / "a/1.png").exists()


def test_file_of_this_disk_is_not_removed_for_a_name_in_a_table(images, tmp_path):
    place = fetched("memory://lab/images")
    mine = tmp_path / "mine.png"
    mine.write_bytes(b"mine")
    steps = len(place.relative_to(tmp_path).parts)
    fetch_named([place / ("../" * steps) / "mine.png"])
    assert mine.read_bytes() == b"mine"


def test_a_file_where_a_folder_was_and_the_other_way_round(store):
    place = place_of("memory://lab/a")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"an old copy")
    store.pipe("/lab/a/1.png", b"1")
    fetch_named([place / "1.png"])
    assert (place / "1.png").read_bytes() == b"1"
    store.rm("/lab/a", recursive=True)
    store.pipe("/lab/a", b"a file now")
    fetch_named([place])
    assert place.read_bytes() == b"a file now"


def test_name_that_is_a_file_and_a_folder(monkeypatch):
    place = place_of("memory://lab/a")
    monkeypatch.setattr(
        stores.Store, "listed", lambda self: [stores.RemoteFile("", self.key, 1, 0)]
    )
    with pytest.raises(DataError, match="memory://lab/a: a name must be a file or a folder"):
        fetch_named([place, place / "b" / "1.png"])


def test_nothing_there(store):
    with pytest.raises(DataError, match="memory://lab/none: nothing lies there"):
        fetched("memory://lab/none")


@pytest.mark.parametrize("name", ["../up.png", "a/../../up.png", "a//b.png", "/b.png"])
def test_names_that_lead_elsewhere_are_refused(images, monkeypatch, name):
    files = [stores.RemoteFile(name, f"/lab/images/{name}", 1, 0)]
    monkeypatch.setattr(stores.Store, "listed", lambda self: files)
    with pytest.raises(DataError, match="names that folders of this computer can hold"):
        fetched("memory://lab/images")
    assert not list(root_of_copies().rglob("*.png"))


def test_name_that_is_file_and_folder_is_refused(images):
    images.store["/lab/images/a"] = images.store["/lab/images/a/1.png"]
    images.store["/lab/images/a"].path = "/lab/images/a"
    with pytest.raises(DataError, match="'a', which is both"):
        fetched("memory://lab/images")


@pytest.mark.parametrize("name", ["a/1.PNG", "A/3.png"])
def test_names_that_one_disk_takes_for_one(images, monkeypatch, name, tmp_path):
    images.pipe(f"/lab/images/{name}", b"other")
    (tmp_path / "case").touch()
    assert fetching.folds_case() == (tmp_path / "CASE").exists()
    monkeypatch.setattr(fetching, "folds_case", lambda: True)
    with pytest.raises(DataError, match=r"differ by more than capital letters.*Rename one"):
        fetched("memory://lab/images")
    monkeypatch.setattr(fetching, "folds_case", lambda: False)
    assert (fetched("memory://lab/images") / name).read_bytes() == b"other"


def test_network_that_goes_in_the_middle(images, monkeypatch, fetches):
    """What has arrived stays, and the next start fetches the rest."""
    real, lock, n_asked = images.get_file, threading.Lock(), []

    def failing(key, place, **options):
        with lock:
            n_asked.append(key)
            if len(n_asked) > 2:
                raise ConnectionError("Connection reset by peer")
        return real(key, place, **options)

    monkeypatch.setattr(
        type(images), "get_file", lambda self, *args, **rest: failing(*args, **rest)
    )
    with pytest.raises(StorageError, match=r"cannot be reached.*\(2 of 4 files had arrived\.\)"):
        fetched("memory://lab/images")
    place = place_of("memory://lab/images")
    n_there = len(contents(place))
    assert n_there == 2
    assert not list((root_of_copies() / ".partial").iterdir())
    monkeypatch.setattr(type(images), "get_file", lambda self, *given: real(*given))
    fetches.clear()
    fetched("memory://lab/images")
    assert len(contents(place)) == 4
    assert len(fetches) == 2


def test_file_that_arrives_short(images, monkeypatch):
    monkeypatch.setattr(type(images), "get_file", lambda self, key, at: open(at, "w").close())
    with pytest.raises(StorageError, match=r"must have the 7 bytes that were listed\. Got 0"):
        fetched("memory://lab/images/a/1.png")
    assert address_of(place_of("memory://lab/images/a/1.png")) == "memory://lab/images/a/1.png"
    assert not place_of("memory://lab/images/a/1.png").exists()
