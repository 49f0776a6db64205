import os

import numpy as np
import pytest
from PIL import Image

from bioselect.data import fingerprint
from bioselect.data.examined import check_as_examined, read_as_examined
from bioselect.data.fingerprint import fingerprint_images
from bioselect.data.records import ImageRecord
from bioselect.exceptions import ChangedImageError
from bioselect.progress import SILENT


def _save(path, value):
    Image.fromarray(np.full((4, 5), value, np.uint8)).save(path)


@pytest.fixture
def examined(tmp_path):
    """A picture that was examined, and the digest of its pixels."""
    path = tmp_path / "a.png"
    _save(path, 7)
    (mark,) = fingerprint_images([ImageRecord("a", path)], None, SILENT, 1)
    return path, mark.pixels_sha256


def test_what_nobody_wrote_is_read_once(examined, monkeypatch):
    path, digest = examined
    assert read_as_examined(path, None, digest).max() == 7
    monkeypatch.setattr("bioselect.data.examined.read_source", None)
    check_as_examined(path, None, digest)


def test_the_same_pixels_in_a_new_file_are_no_change(examined):
    path, digest = examined
    Image.fromarray(np.full((4, 5), 7, np.uint8)).save(path, compress_level=0)
    check_as_examined(path, None, digest)


def test_other_pixels_are_an_error_even_with_the_old_length_and_time(examined):
    path, digest = examined
    before = path.stat()
    _save(path, 8)
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    for act in (check_as_examined, read_as_examined):
        with pytest.raises(ChangedImageError, match=r"a\.png: a file must not change while"):
            act(path, None, digest)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: path.unlink(), "there is no such file"),
        (lambda path: path.write_bytes(path.read_bytes()[:50]), "cut short"),
        (lambda path: (path.unlink(), path.mkdir()), "it is a folder"),
    ],
    ids=["gone", "cut", "folder"],
)
def test_what_cannot_be_read_any_more_has_changed(examined, harm, words):
    path, digest = examined
    harm(path)
    with pytest.raises(ChangedImageError, match=words):
        check_as_examined(path, None, digest)


def test_a_file_written_while_it_is_examined_is_an_error(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    _save(path, 7)
    read = fingerprint.read_image

    def written_meanwhile(*given):
        image = read(*given)
        _save(path, 8)
        return image

    monkeypatch.setattr(fingerprint, "read_image", written_meanwhile)
    (mark,) = fingerprint_images([ImageRecord("a", path)], None, SILENT, 1)
    assert mark.error.startswith("a: it was written again while it was read")
