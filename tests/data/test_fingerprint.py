import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from bioselect.data import fingerprint
from bioselect.data.fingerprint import dataset_digest, fingerprint_images
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.stacks import Stack
from bioselect.exceptions import StorageError, UnavailableError
from bioselect.progress import SILENT, Reporter


def _records(folder):
    return tuple(
        ImageRecord(path.name, path, "a", None)
        for path in sorted(folder.iterdir())
        if path.is_file() and path.suffix != ".jsonl"
    )


def _pixels(seed, *shape):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


@pytest.fixture
def folder(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.arange(6, dtype=np.uint16).reshape(2, 3) + 300)
    for name, seed in (("b.png", 1), ("c.png", 2)):
        Image.fromarray(_pixels(seed, 4, 5, 3)).save(tmp_path / name)
    (tmp_path / "d.png").write_bytes(b"GIF89a")
    return tmp_path


def _counted_reads(monkeypatch):
    read = []
    genuine = fingerprint.read_image
    monkeypatch.setattr(
        fingerprint,
        "read_image",
        lambda path, *rest: (read.append(Path(path).name), genuine(path, *rest))[1],
    )
    return read


def test_says_what_each_file_holds(folder):
    marks = fingerprint_images(_records(folder), None, SILENT, 1)
    first = marks[0]
    assert first.image_id == "a.tif"
    assert first.sha256 == hashlib.sha256((folder / "a.tif").read_bytes()).hexdigest()
    assert (first.height, first.width, first.n_channels, first.dtype) == (2, 3, 1, "uint16")
    assert (first.minimum, first.maximum, first.error) == (300, 305, "")
    assert (marks[1].n_channels, marks[1].dtype) == (3, "uint8")
    assert marks[1].brightness == pytest.approx(_pixels(1, 4, 5, 3).mean(axis=(0, 1)))
    found = (folder / "a.tif").stat()
    assert (first.n_bytes, first.modified) == (found.st_size, found.st_mtime)
    assert marks[1].maximum == _pixels(1, 4, 5, 3).max()


def test_a_bad_file_is_a_mark_with_its_reason(folder):
    marks = fingerprint_images(_records(folder), None, SILENT, 2)
    assert [bool(mark.error) for mark in marks] == [False, False, False, True]
    assert marks[3].error.startswith("d.png: it is damaged")
    assert marks[3].pixels_sha256 == ""
    assert not marks[3].is_constant


def test_a_missing_file_is_a_mark_with_its_reason(tmp_path):
    record = ImageRecord("gone.png", tmp_path / "gone.png", "a", None)
    (mark,) = fingerprint_images([record], tmp_path / "known.jsonl", SILENT, 1)
    assert "there is no such file" in mark.error


def test_the_same_pixels_in_other_files_have_the_same_mark(tmp_path):
    pixels = _pixels(0, 6, 7, 3)
    Image.fromarray(pixels).save(tmp_path / "a.png", compress_level=1)
    Image.fromarray(pixels).save(tmp_path / "b.bmp")
    tifffile.imwrite(tmp_path / "c.tif", pixels, photometric="rgb", byteorder=">")
    marks = fingerprint_images(_records(tmp_path), None, SILENT, 1)
    assert len({mark.sha256 for mark in marks}) == 3
    assert len({mark.pixels_sha256 for mark in marks}) == 1


def test_the_same_picture_with_more_channels_or_bits_is_the_same_picture(tmp_path):
    grey = _pixels(0, 6, 7, 1)
    Image.fromarray(grey[:, :, 0]).save(tmp_path / "a.png")
    Image.fromarray(grey.repeat(3, axis=2)).save(tmp_path / "b.png")
    # 255 * 257 = 65535.
    tifffile.imwrite(tmp_path / "c.tif", grey[:, :, 0].astype(np.uint16) * 257)
    Image.fromarray(grey.repeat(3, axis=2)).save(tmp_path / "d.webp", lossless=True)
    marks = fingerprint_images(_records(tmp_path), None, SILENT, 1)
    assert len({mark.pixels_sha256 for mark in marks}) == 3  # b and d are both RGB
    assert len({mark.picture_sha256 for mark in marks}) == 1


def test_other_channels_or_finer_levels_are_another_picture(tmp_path):
    grey = _pixels(0, 6, 7, 1)
    finer = grey[:, :, 0].astype(np.uint16) * 257
    finer[0, 0] ^= 1
    coloured = grey.repeat(3, axis=2)
    coloured[0, 0, 2] ^= 1
    Image.fromarray(grey[:, :, 0]).save(tmp_path / "a.png")
    Image.fromarray(coloured).save(tmp_path / "b.png")
    tifffile.imwrite(tmp_path / "c.tif", finer)
    marks = fingerprint_images(_records(tmp_path), None, SILENT, 1)
    assert len({mark.picture_sha256 for mark in marks}) == 3


def test_other_type_other_shape_or_other_pixels_have_another_mark(tmp_path):
    pixels = np.arange(12, dtype=np.uint8)
    for name, image in {
        "a.tif": pixels.reshape(3, 4),
        "b.tif": pixels.reshape(4, 3),
        "c.tif": pixels.reshape(3, 4).astype(np.uint16),
        "d.tif": pixels.reshape(3, 4).view(np.int8),
        "e.tif": pixels.reshape(3, 4)[::-1].copy(),
    }.items():
        tifffile.imwrite(tmp_path / name, image)
    marks = fingerprint_images(_records(tmp_path), None, SILENT, 1)
    assert len({mark.pixels_sha256 for mark in marks}) == 5


def test_constant_images_are_told(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.full((3, 3), 9, dtype=np.uint16))
    almost = np.full((3, 3), 9, dtype=np.uint16)
    almost[2, 2] = 10
    tifffile.imwrite(tmp_path / "b.tif", almost)
    marks = fingerprint_images(_records(tmp_path), None, SILENT, 1)
    assert [mark.is_constant for mark in marks] == [True, False]


@pytest.mark.parametrize("n_jobs", [2, 4])
def test_the_number_of_threads_changes_nothing(folder, tmp_path_factory, n_jobs):
    places = [tmp_path_factory.mktemp("cache") / "known.jsonl" for _ in range(2)]
    alone = fingerprint_images(_records(folder), places[0], SILENT, 1)
    assert fingerprint_images(_records(folder), places[1], SILENT, n_jobs) == alone
    assert places[0].read_bytes() == places[1].read_bytes()


def test_a_second_time_nothing_is_decoded(folder, monkeypatch):
    known = folder / "known.jsonl"
    first = fingerprint_images(_records(folder), known, SILENT, 1)
    written = known.read_bytes()
    read = _counted_reads(monkeypatch)
    assert fingerprint_images(_records(folder), known, SILENT, 1) == first
    assert read == ["d.png"]  # A file that cannot be read is tried again.
    assert known.read_bytes() == written


def test_a_moved_file_is_known_and_a_changed_one_is_not(folder, monkeypatch):
    known = folder / "known.jsonl"
    before = fingerprint_images(_records(folder), known, SILENT, 1)
    shutil.move(folder / "b.png", folder / "z.png")
    Image.fromarray(_pixels(7, 4, 5, 3)).save(folder / "c.png")
    read = _counted_reads(monkeypatch)
    after = fingerprint_images(_records(folder), known, SILENT, 1)
    assert read == ["c.png", "d.png"]
    assert after[-1].image_id == "z.png"
    assert after[-1].pixels_sha256 == before[1].pixels_sha256


def test_an_interruption_keeps_what_was_read(folder, monkeypatch):
    known = folder / "known.jsonl"
    genuine = fingerprint.read_image

    def interrupted(path, *rest):
        if path.name == "c.png":
            raise KeyboardInterrupt
        return genuine(path, *rest)

    monkeypatch.setattr(fingerprint, "read_image", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fingerprint_images(_records(folder), known, SILENT, 1)
    monkeypatch.setattr(fingerprint, "read_image", genuine)
    read = _counted_reads(monkeypatch)
    fingerprint_images(_records(folder), known, SILENT, 1)
    assert read == ["c.png", "d.png"]


def test_new_files_are_saved_on_the_way(folder, monkeypatch):
    known = folder / "known.jsonl"
    monkeypatch.setattr(fingerprint, "N_FILES_PER_SAVE", 1)
    seen = []

    class Watching(Reporter):
        def task(self, description, n_steps):
            genuine = super().task(description, n_steps)
            seen.append(known.exists())
            return genuine

    genuine_read = fingerprint.read_image

    def read(path, *rest):
        seen.append(known.exists())
        return genuine_read(path, *rest)

    monkeypatch.setattr(fingerprint, "read_image", read)
    fingerprint_images(_records(folder), known, Watching(), 1)
    assert seen[:3] == [False, False, True]


def test_a_missing_library_stops_everything(folder, monkeypatch):
    def unavailable(path, *rest):
        raise UnavailableError("OpenCV cannot be loaded")

    monkeypatch.setattr(fingerprint, "read_image", unavailable)
    with pytest.raises(UnavailableError, match="OpenCV"):
        fingerprint_images(_records(folder), None, SILENT, 2)


def test_a_place_that_cannot_be_written_is_an_error(folder, monkeypatch):
    def full(path, text):
        raise StorageError("the disk is full")

    monkeypatch.setattr("bioselect.data.known_files.atomic_write_text", full)
    with pytest.raises(StorageError, match="full"):
        fingerprint_images(_records(folder), folder / "known.jsonl", SILENT, 1)


def test_progress_counts_every_file(folder):
    steps = []

    class Counting(Reporter):
        def task(self, description, n_steps):
            steps.append(n_steps)
            manager = super().task(description, n_steps)

            class Task:
                def __enter__(self):
                    manager.__enter__()
                    return self

                def __exit__(self, *details):
                    return manager.__exit__(*details)

                def advance(self, n_done=1):
                    steps.append(-n_done)

            return Task()

    fingerprint_images(_records(folder), None, Counting(), 2)
    assert steps == [4, -1, -1, -1, -1]


@pytest.fixture
def stack_records(tmp_path):
    """Return records of the four planes of a stack; the last two are equal."""
    pixels = np.random.default_rng(0).integers(0, 4096, (4, 5, 6)).astype(np.uint16)
    pixels[3] = pixels[2]
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, pixels, photometric="minisblack")
    return [
        ImageRecord(f"stack.tif#{place}", path, "a", "stack.tif", str(place)) for place in range(4)
    ]


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_planes_of_one_file_have_its_checksum_and_pixels_of_their_own(stack_records, n_jobs):
    marks = fingerprint_images(stack_records, None, SILENT, n_jobs, Stack("every", 1))
    expected = hashlib.sha256(stack_records[0].path.read_bytes()).hexdigest()
    assert {mark.sha256 for mark in marks} == {expected}
    assert len({mark.pixels_sha256 for mark in marks}) == 3
    assert marks[2].pixels_sha256 == marks[3].pixels_sha256
    assert {(mark.n_bytes, mark.modified) for mark in marks} == {(0, 0.0)}  # those of the file
    assert [mark.image_id for mark in marks] == [record.image_id for record in stack_records]


def test_planes_and_ways_of_reading_a_stack_are_remembered_apart(stack_records, monkeypatch):
    known = stack_records[0].path.parent / "known.jsonl"
    whole = [ImageRecord("stack.tif", stack_records[0].path, "a")]
    stacks = [Stack("max"), Stack("mean"), Stack("middle"), Stack("channels")]

    def all_marks():
        planes = fingerprint_images(stack_records, known, SILENT, 1, Stack("every", 1))
        return planes + [fingerprint_images(whole, known, SILENT, 1, one)[0] for one in stacks]

    first = all_marks()
    # Three different planes; `middle` is one of them.
    assert len({mark.pixels_sha256 for mark in first}) == 3 + 3
    read = _counted_reads(monkeypatch)
    assert all_marks() == first
    assert read == []
    (mark,) = fingerprint_images(whole, known, SILENT, 1)
    assert "Write dataset.stack" in mark.error


def test_what_was_known_before_stacks_is_still_known(folder, monkeypatch):
    known = folder / "known.jsonl"
    first = fingerprint_images(_records(folder), known, SILENT, 1)
    read = _counted_reads(monkeypatch)
    # `all` lists planes and changes nothing in how a file with a single one is read.
    assert fingerprint_images(_records(folder), known, SILENT, 1, Stack("every", 1)) == first
    assert read == ["d.png"]


def _dataset(folder, targets, groups, ids=("a.tif", "b.png", "c.png")):
    records = tuple(
        ImageRecord(image_id, folder / name, target, group)
        for image_id, name, target, group in zip(
            ids, ("a.tif", "b.png", "c.png"), targets, groups, strict=True
        )
    )
    return ImageDataset("demo", folder, records, ("x", "y"))


def test_the_digest_sees_ids_pixels_targets_and_groups(folder):
    def digest(dataset):
        return dataset_digest(fingerprint_images(dataset.records, None, SILENT, 1), dataset)

    plain = _dataset(folder, ("x", "y", "x"), ("p", "q", None))
    changed = [
        _dataset(folder, ("x", "y", "y"), ("p", "q", None)),
        _dataset(folder, ("x", "y", "x"), ("p", None, "q")),
        _dataset(folder, ("x", "y", "x"), ("p", "q", None), ids=("a.tif", "b.png", "d.png")),
    ]
    digests = [digest(dataset) for dataset in [plain, *changed]]
    Image.fromarray(_pixels(9, 4, 5, 3)).save(folder / "c.png")
    digests.append(digest(plain))
    assert len(set(digests)) == 5
    assert digest(plain) == digests[-1]


def test_the_digest_does_not_see_where_the_data_lie(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("elsewhere")
    for name in ("a.tif", "b.png", "c.png"):
        shutil.copy(folder / name, other / name)
    datasets = [_dataset(place, ("x", "y", "x"), ("p", "q", None)) for place in (folder, other)]
    digests = {
        dataset_digest(fingerprint_images(dataset.records, None, SILENT, 1), dataset)
        for dataset in datasets
    }
    assert len(digests) == 1


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_a_name_that_is_no_text_is_refused_even_if_its_pixels_are_known(tmp_path):
    plain, bad = tmp_path / "a.png", Path(os.fsdecode(os.fsencode(tmp_path) + b"/z\xe4h.png"))
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(plain)
    shutil.copy(plain, bad)
    records = [ImageRecord("a.png", plain), ImageRecord("z\\xe4h.png", bad)]
    first, second = fingerprint_images(records, None, SILENT, 1)
    assert first.error == ""
    assert second.error == "z\\xe4h.png: its name must be valid UTF-8. Rename it."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_in_a_table_is_told_of_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (mark,) = fingerprint_images([ImageRecord("pipe.png", tmp_path / "pipe.png")], None, SILENT, 1)
    assert mark.error == "pipe.png: it is a pipe or a device, not a file. Leave it out."


def test_a_file_that_vanishes_after_it_was_listed_is_told_of(tmp_path):
    records = [ImageRecord("gone.png", tmp_path / "gone.png", "a", None)]
    (mark,) = fingerprint_images(records, None, SILENT, 1)
    assert mark.error == "gone.png: there is no such file. Check its path."
