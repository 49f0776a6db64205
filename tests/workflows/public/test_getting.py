"""A public set comes into a folder once, whole, and over nothing that lies there."""

import hashlib
import io
import json
import zipfile
from contextlib import contextmanager

import pytest

from bioselect.data.public.sets import PublicFile, PublicSet
from bioselect.exceptions import BioselectError, DataError, StorageError, UnavailableError
from bioselect.progress import Reporter
from bioselect.storage import exclusive_lock
from bioselect.workflows.public import getting
from bioselect.workflows.public.getting import STAGING, get_set
from bioselect.workflows.public.record import RECORD_FILE
from tests.file_server import serving

TABLE = b"file,count\na.png,3\n"


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


IMAGES = zipped({"top/a.png": b"an image", "top/b.png": b"another one"})


class Told(Reporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    def warn(self, text):
        self.lines.append(f"warning: {text}")


@pytest.fixture
def served():
    with serving() as served:
        served.files = {"/images.zip": IMAGES, "/counts.csv": TABLE}
        yield served


@pytest.fixture
def row(served):
    return PublicSet(
        "small",
        "two images",
        "regression",
        "https://a.org",
        "CC BY-NC 4.0",
        "Somebody (2020)",
        "10.1000/1",
        (
            PublicFile(
                "images.zip",
                f"{served.address}/images.zip",
                len(IMAGES),
                f"md5:{hashlib.md5(IMAGES).hexdigest()}",
                "its author",
            ),
            PublicFile("counts.csv", f"{served.address}/counts.csv"),
        ),
        2,
        next_steps=("bioselect init counts.csv",),
    )


@pytest.fixture
def get(row, tmp_path):
    told = Told()

    def got(*brought, row=row):
        told.lines.clear()
        return get_set(row, tmp_path / "small", brought, told, lambda _: None), told.lines

    return got


def lies_in(folder):
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    )


EVERYTHING = ["counts.csv", RECORD_FILE, "images/a.png", "images/b.png"]


def test_a_set_comes_whole_and_what_is_known_of_it_is_kept(get, tmp_path):
    got, lines = get()
    assert lies_in(tmp_path / "small") == EVERYTHING
    # The lock stays: removed after its release, it would take with it what a second one began.
    left = {path.name for path in (tmp_path / "small" / STAGING).iterdir()}
    assert left <= {".lock"}
    assert got.fetched == ("images.zip", "counts.csv")
    assert lines[0] == "warning: CC BY-NC 4.0: for non-commercial use only"
    assert "images.zip: md5 as known (its author)" in lines
    sha256 = hashlib.sha256(TABLE).hexdigest()
    assert any(
        "counts.csv: no checksum of it is known" in line and sha256 in line for line in lines
    )
    record = json.loads((tmp_path / "small" / RECORD_FILE).read_text())
    assert record["licence"] == "CC BY-NC 4.0"
    assert record["doi"] == "10.1000/1"
    assert [one["sha256"] for one in record["files"]] == [
        sha256,
        hashlib.sha256(IMAGES).hexdigest(),
    ]
    assert record["files"][1]["n_files"] == 2


def test_what_is_there_is_not_downloaded_again(get, served):
    get()
    served.asked.clear()
    got, _ = get()
    assert got.fetched == ()
    assert served.asked == []
    assert [one.name for one in got.files] == ["images.zip", "counts.csv"]


def test_what_is_missing_is_downloaded_and_compared_with_the_last_time(get, served, tmp_path):
    get()
    (tmp_path / "small" / "counts.csv").unlink()
    served.asked.clear()
    got, lines = get()
    assert got.fetched == ("counts.csv",)
    assert [path for path, _ in served.asked] == ["/counts.csv"]
    assert not any("other than at its last download" in line for line in lines)
    (tmp_path / "small" / "counts.csv").unlink()
    served.files["/counts.csv"] = TABLE + b"b.png,4\n"
    got, lines = get()
    assert got.files[1].changed
    assert any("other than at its last download" in line for line in lines)


def test_a_broken_download_goes_on_at_the_next_command(get, served, tmp_path, row):
    served.breaks = [0] * 5
    with pytest.raises(UnavailableError, match=r"datasets get small --file FILE"):
        get()
    assert not (tmp_path / "small" / "images").exists()
    get()
    assert lies_in(tmp_path / "small") == EVERYTHING


def change_table(folder):
    (folder / "counts.csv").write_bytes(TABLE + b"mine")


def remove_image(folder):
    (folder / "images" / "a.png").unlink()


def cut_image(folder):
    (folder / "images" / "a.png").write_bytes(b"")


@pytest.mark.parametrize("change", [change_table, remove_image, cut_image])
def test_what_was_changed_is_told_and_left(get, served, tmp_path, change):
    get()
    folder = tmp_path / "small"
    change(folder)
    before = {name: (folder / name).read_bytes() for name in lies_in(folder)}
    served.asked.clear()
    with pytest.raises(DataError, match=r"must be as it was downloaded on .* Move it away"):
        get()
    assert served.asked == []
    assert {
        name: (folder / name).read_bytes() for name in lies_in(folder) if STAGING not in name
    } == before


def test_files_that_were_added_do_no_harm(get, tmp_path):
    get()
    (tmp_path / "small" / "images" / "notes.txt").write_text("mine")
    assert get()[0].fetched == ()


def test_nothing_of_somebody_else_is_written_over(get, tmp_path):
    folder = tmp_path / "small" / "images"
    folder.mkdir(parents=True)
    with pytest.raises(DataError, match="was not downloaded by this command"):
        get()
    assert list(folder.iterdir()) == []


def test_another_file_than_the_known_one_leaves_nothing(get, served, tmp_path):
    served.files["/images.zip"] = zipped({"a.png": b"forged"})
    with pytest.raises(DataError, match="its md5 must be"):
        get()
    assert [name for name in lies_in(tmp_path / "small") if STAGING not in name] == []


def test_a_page_in_place_of_a_zip_is_told_and_the_next_command_begins_anew(row, get, served):
    files = (PublicFile("images.zip", row.files[0].address), row.files[1])
    row = PublicSet(**{**row.__dict__, "files": files})
    served.files["/images.zip"] = b"<html>Sign in</html>"
    with pytest.raises(DataError, match="must be a whole zip"):
        get(row=row)
    served.files["/images.zip"] = IMAGES
    got, _ = get(row=row)
    assert got.fetched == ("images.zip", "counts.csv")


def test_files_that_were_brought_are_checked_and_not_downloaded(get, served, tmp_path):
    images, counts = tmp_path / "images.zip", tmp_path / "counts.csv"
    images.write_bytes(IMAGES)
    counts.write_bytes(TABLE)
    got, _ = get(images, counts)
    assert served.asked == []
    assert lies_in(tmp_path / "small") == EVERYTHING
    assert images.exists()
    assert counts.exists()
    assert got.fetched == ("images.zip", "counts.csv")


def test_a_brought_file_may_have_any_name_where_the_set_has_one(row, get, tmp_path):
    path = tmp_path / "my download.bin"
    path.write_bytes(IMAGES)
    get(path, row=PublicSet(**{**row.__dict__, "files": row.files[:1]}))
    assert lies_in(tmp_path / "small") == EVERYTHING[1:]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("images.zip", b"damaged", "another file, a damaged one"),
        ("other.zip", IMAGES, "Known: images.zip, counts.csv"),
        ("nowhere.zip", None, "no such file"),
    ],
)
def test_a_wrong_file_that_was_brought_is_told_and_left(get, tmp_path, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=words):
        get(path)
    assert path.exists() == (content is not None)


def test_a_file_that_lies_there_is_taken_if_its_checksum_is_known(row, get, served, tmp_path):
    file = PublicFile("counts.csv", row.files[1].address, None, f"sha256:{sha(TABLE)}", "x")
    row = PublicSet(**{**row.__dict__, "files": (file,)})
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "counts.csv").write_bytes(TABLE)
    got, _ = get(row=row)
    assert served.asked == []
    assert [one.sha256 for one in got.files] == [sha(TABLE)]


def sha(content):
    return hashlib.sha256(content).hexdigest()


def test_two_at_a_time_are_refused(get, tmp_path):
    lock = tmp_path / "small" / STAGING / ".lock"
    with exclusive_lock(lock, ""), pytest.raises(StorageError, match="another process"):
        get()


def test_what_a_second_one_began_is_left_by_the_first(get, tmp_path, monkeypatch):
    part = tmp_path / "small" / STAGING / "images.zip.part"

    @contextmanager
    def followed_by_a_second(path, busy):
        with exclusive_lock(path, busy):
            yield
        part.parent.mkdir(exist_ok=True)
        part.write_bytes(b"half")

    monkeypatch.setattr(getting, "exclusive_lock", followed_by_a_second)
    get()
    assert part.read_bytes() == b"half"


def test_the_archive_goes_once_its_files_are_known(get, tmp_path, monkeypatch):
    folder, there = tmp_path / "small", []

    def stopped(*_):
        there.append((folder / STAGING / "images.zip").is_file())
        raise KeyboardInterrupt

    monkeypatch.setattr(getting, "write_record", stopped)
    with pytest.raises(KeyboardInterrupt):
        get()
    assert there == [True]


def test_a_folder_has_one_set(row, get, served, tmp_path):
    get()
    before = (tmp_path / "small" / RECORD_FILE).read_bytes()
    served.asked.clear()
    other = PublicSet(**{**row.__dict__, "name": "other", "licence": "CC0"})
    with pytest.raises(DataError, match=r"must hold one set.* Got other beside small\. Choose"):
        get(row=other)
    assert served.asked == []
    assert (tmp_path / "small" / RECORD_FILE).read_bytes() == before


def test_too_large_a_set_is_told_before_anything_is_asked_for(row, get, served):
    row = PublicSet(**{**row.__dict__, "rough_bytes": 10**18})
    with pytest.raises(StorageError, match="there must be room"):
        get(row=row)
    assert served.asked == []


def test_a_database_is_pointed_at(get, tmp_path):
    row = PublicSet("idr", "", "several", "https://idr.org", "", "", "")
    with pytest.raises(BioselectError, match=r"Look for yours at https://idr\.org"):
        get(row=row)
    assert not (tmp_path / "small").exists()
