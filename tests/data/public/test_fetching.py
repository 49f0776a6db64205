"""A file is checked before it gets its name, whether it was downloaded or brought."""

import hashlib

import pytest

from bioselect.data.public.fetching import check_brought, download
from bioselect.data.public.sets import PublicFile
from bioselect.exceptions import DataError
from bioselect.progress import SILENT
from tests.file_server import serving

CONTENT = b"file\tcount\na.tif\t18\n"
MD5 = f"md5:{hashlib.md5(CONTENT).hexdigest()}"
SHA256 = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


@pytest.fixture
def served():
    with serving() as served:
        yield served


@pytest.fixture
def load(tmp_path, served):
    def loaded(checksum, content=CONTENT):
        served.files["/counts.txt"] = content
        address = f"{served.address}/counts.txt"
        file = PublicFile("counts.txt", address, None, checksum, "its author")
        return download(file, tmp_path, SILENT, "bring it.", lambda _: None)

    return loaded


@pytest.mark.parametrize("checksum", [MD5, SHA256, None])
def test_the_right_file_comes(load, checksum, tmp_path):
    assert load(checksum).read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["counts.txt"]


def test_another_file_is_told_and_removed(load, tmp_path):
    with pytest.raises(DataError) as error:
        load(MD5, CONTENT + b"x")
    text = str(error.value)
    assert "\n" not in text
    assert f"its md5 must be {MD5[4:]} (source: its author)" in text
    assert hashlib.md5(CONTENT + b"x").hexdigest() in text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "what"),
    [
        (b"\n<!DOCTYPE html><html>Sign in</html>", "a web page"),
        (b"\xef\xbb\xbf<!-- of a proxy --><html>", "a web page"),
        (b"", "nothing .0 bytes."),
    ],
)
def test_a_page_in_place_of_a_file_is_told_and_removed(load, tmp_path, sent, what):
    with pytest.raises(DataError, match=f"Got {what}"):
        load(None, sent)
    assert list(tmp_path.iterdir()) == []


def test_a_check_that_is_stopped_costs_no_second_download(load, served, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pooch.core.hash_matches", stopped)
        with pytest.raises(KeyboardInterrupt):
            load(SHA256)
    assert load(SHA256).read_bytes() == CONTENT
    assert len(served.asked) == 1


def test_what_a_killed_download_left_is_removed(load, tmp_path):
    (tmp_path / "tmpabc123").write_bytes(b"")
    load(None)
    assert [path.name for path in tmp_path.iterdir()] == ["counts.txt"]


def test_a_brought_file_is_checked(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes(CONTENT)
    file = PublicFile("counts.txt", "https://a.org/counts.txt", None, SHA256, "its author")
    check_brought(file, path)
    path.write_bytes(b"else")
    with pytest.raises(DataError, match="is left as it is"):
        check_brought(file, path)
    assert path.exists()
    path.write_bytes(b"<html>")
    with pytest.raises(DataError, match=r"mine\.txt: must be the file counts\.txt"):
        check_brought(PublicFile("counts.txt", "https://a.org/counts.txt"), path)
