"""Images and masks in one file: each of its own size and type, in windows, made once."""

import json
import pickle
import threading
import time

import numpy as np
import pytest
import tifffile
from PIL import Image

from bioselect.data import pair_file as module
from bioselect.data.fingerprint import pixels_digest
from bioselect.data.intensities import Intensity
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.pair_file import PairDemand, pair_file, pair_files
from bioselect.data.pairs import IGNORED
from bioselect.data.preparation import Reading
from bioselect.exceptions import BioselectError
from bioselect.progress import SILENT, Reporter

CODES = MaskCodes(("background", "nucleus"), ((0, 0), (255, 1)), ignore=(128,))
DTYPE = Reading(Intensity("dtype"), repeat_grey=True)


@pytest.fixture
def demand(tmp_path):
    rng = np.random.default_rng(0)
    images, masks = [], []
    drawn = [
        (rng.integers(0, 256, (20, 30, 3)).astype(np.uint8), "a.png"),
        (rng.integers(0, 256, (15, 8)).astype(np.uint8), "b.png"),
        (rng.integers(0, 65536, (7, 9, 3)).astype(np.uint16), "c.tif"),
    ]
    for pixels, name in drawn:
        path, mask = tmp_path / name, tmp_path / f"mask_{name}"
        if name.endswith(".tif"):
            tifffile.imwrite(path, pixels, photometric="rgb")
        else:
            Image.fromarray(pixels).save(path)
        labels = rng.choice([0, 255, 128], pixels.shape[:2]).astype(np.uint8)
        mask = mask.with_suffix(".png")
        Image.fromarray(labels).save(mask)
        images.append((path, pixels_digest(pixels.reshape(*pixels.shape[:2], -1))))
        masks.append((mask, pixels_digest(labels[..., None])))
    return PairDemand(tuple(images), tuple(masks), CODES, DTYPE, 3)


def test_each_image_keeps_its_size_and_its_numbers(demand, tmp_path) -> None:
    pairs = pair_file(demand, tmp_path / "cache", SILENT, 2)
    assert len(pairs) == 3
    assert pairs.n_channels == 3
    assert [pairs.size(place) for place in range(3)] == [(20, 30), (15, 8), (7, 9)]
    colours = np.asarray(Image.open(demand.images[0][0]))
    assert np.array_equal(pairs.image(0), colours.astype(np.float32) / np.float32(255))
    grey = np.asarray(Image.open(demand.images[1][0])).astype(np.float32) / np.float32(255)
    assert np.array_equal(pairs.image(1), np.stack([grey] * 3, axis=2))
    deep = tifffile.imread(demand.images[2][0])
    assert np.array_equal(pairs.image(2), deep.astype(np.float32) / np.float32(65535))
    assert pairs.image(2).dtype == np.float32


def test_masks_are_places_of_classes(demand, tmp_path) -> None:
    pairs = pair_file(demand, tmp_path / "cache", SILENT, 1)
    for place, (path, _) in enumerate(demand.masks):
        codes = np.asarray(Image.open(path))
        expected = np.select([codes == 0, codes == 255], [0, 1], IGNORED)
        assert np.array_equal(pairs.mask(place), expected)
        assert pairs.mask(place).dtype == np.uint8


def test_a_window_is_that_part_of_the_whole(demand, tmp_path) -> None:
    pairs = pair_file(demand, tmp_path / "cache", SILENT, 1)
    rows, columns = slice(3, 11), slice(2, 7)
    for place in (0, 1):
        assert np.array_equal(pairs.image(place, rows, columns), pairs.image(place)[rows, columns])
        assert np.array_equal(pairs.mask(place, rows, columns), pairs.mask(place)[rows, columns])


def test_percentiles_are_those_of_the_whole_image(demand, tmp_path) -> None:
    reading = Reading(Intensity("percentile"), repeat_grey=True)
    pairs = pair_file(_with(demand, reading=reading), tmp_path / "cache", SILENT, 1)
    low, high = np.percentile(tifffile.imread(demand.images[2][0]), (0.1, 99.9))
    whole = pairs.image(2)
    assert np.array_equal(pairs.image(2, slice(0, 2)), whole[:2])
    deep = tifffile.imread(demand.images[2][0]).astype(np.float64)
    assert np.allclose(whole, np.clip((deep - low) / (high - low), 0, 1), atol=1e-6)


def test_it_is_made_once_and_the_same_by_any_number_of_threads(
    demand, tmp_path, monkeypatch
) -> None:
    first = pair_file(demand, tmp_path / "one", SILENT, 1).path
    second = pair_file(demand, tmp_path / "two", SILENT, 3).path
    assert first.read_bytes() == second.read_bytes()
    assert first.with_suffix(".json").read_bytes() == second.with_suffix(".json").read_bytes()
    assert pair_files(tmp_path / "one") == [first, first.with_suffix(".json")]
    monkeypatch.setattr(module, "read_as_examined", None)  # Whoever reads again, fails.
    pair_file(demand, tmp_path / "one", SILENT, 1)


class Warned(Reporter):
    def __init__(self):
        self.lines = []

    def warn(self, text):
        self.lines.append(text)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("cut", "its length is not the one that was written"),
        ("flipped", "its checksum is not the one that was written"),
        ("no index", None),  # So it lies there when the work was killed before its end.
        ("no words", "its index cannot be read"),
        ("other index", "its index is not the one that was written"),
        ("changed index", "its index is not the one that was written"),
        ("other checksum", "its index is not the one that was written"),
    ],
)
def test_a_file_that_is_not_whole_is_told_and_made_anew(demand, tmp_path, damage, words) -> None:
    path = pair_file(demand, tmp_path, SILENT, 1).path
    whole, index, heard = path.read_bytes(), path.with_suffix(".json"), Warned()
    written = index.read_text()
    content = json.loads(written)
    if damage == "cut":
        path.write_bytes(whole[:-1])
    elif damage == "flipped":
        path.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
    elif damage == "no index":
        index.unlink()
    elif damage == "no words":
        index.write_text(written[:-5])
    else:
        content["key"] = "0" if damage == "other index" else content["key"]
        content["pairs"][0]["height"] += damage == "changed index"
        content["crc32"] += damage == "other checksum"
        index.write_text(json.dumps(content))
    again = pair_file(demand, tmp_path, heard, 1)
    assert path.read_bytes() == whole
    assert index.read_text() == written
    assert again.size(0) == (20, 30)
    told = f"{path}: the prepared images and masks cannot be used: {words}. They are prepared again"
    assert [line.startswith(told) for line in heard.lines] == [True] * (words is not None)
    pair_file(demand, tmp_path, heard, 1)
    assert len(heard.lines) == (words is not None)


@pytest.mark.parametrize("kind", ["images", "masks"])
def test_a_file_that_changed_since_it_was_examined_is_an_error(demand, tmp_path, kind) -> None:
    path, _ = getattr(demand, kind)[1]
    Image.fromarray(np.zeros((15, 8), np.uint8)).save(path)
    with pytest.raises(BioselectError, match=rf"{path.name}: a file must not change while"):
        pair_file(demand, tmp_path / "cache", SILENT, 1)
    assert pair_files(tmp_path / "cache") == []


def test_of_large_images_fewer_are_read_at_once(demand, tmp_path, monkeypatch) -> None:
    expected = pair_file(demand, tmp_path / "all", SILENT, 3).path.read_bytes()
    running, most, lock, load = [], [], threading.Lock(), module._load

    def watched(*given):
        with lock:
            running.append(given)
            most.append(len(running))
        time.sleep(0.1)
        try:
            return load(*given)
        finally:
            with lock:
                running.remove(given)

    monkeypatch.setattr(module, "_load", watched)
    monkeypatch.setattr(module, "MOST_BYTES_AHEAD", 1000)
    large = _with(demand, n_bytes=(600, 600, 2000))
    assert large.key == demand.key
    assert pair_file(large, tmp_path / "few", SILENT, 3).path.read_bytes() == expected
    assert max(most) == 1


def _with(demand, **changes):
    return PairDemand(**{**vars(demand), **changes})


def test_the_key_knows_what_the_content_depends_on(demand) -> None:
    others = [
        _with(demand, images=demand.images[:2], masks=demand.masks[:2]),
        _with(demand, masks=((demand.masks[0][0], "new"), *demand.masks[1:])),
        _with(demand, codes=MaskCodes(("background", "cell"), ((0, 0), (255, 1), (128, 1)))),
        _with(demand, reading=Reading(Intensity("percentile"), repeat_grey=True)),
        _with(demand, n_channels=1),
    ]
    assert len({one.key for one in (demand, *others)}) == len(others) + 1


def test_it_travels_to_other_processes_as_its_path(demand, tmp_path) -> None:
    pairs = pair_file(demand, tmp_path / "cache", SILENT, 1)
    packed = pickle.dumps(pairs)
    assert len(packed) < 1000
    assert np.array_equal(pickle.loads(packed).image(0), pairs.image(0))


def test_another_size_or_an_unknown_code_is_an_error_with_the_file(demand, tmp_path) -> None:
    Image.fromarray(np.zeros((5, 5), np.uint8)).save(demand.masks[1][0])
    with pytest.raises(BioselectError, match=r"mask_b.png: a mask must have the size .* Got 5 x 5"):
        pair_file(demand, tmp_path / "cache", SILENT, 1)
    Image.fromarray(np.full((15, 8), 7, np.uint8)).save(demand.masks[1][0])
    with pytest.raises(BioselectError, match=r"mask_b.png: .* Got 7 in 120 of 120 pixels"):
        pair_file(demand, tmp_path / "cache", SILENT, 1)
    assert pair_files(tmp_path / "cache") == []


def test_chosen_channels_are_kept_only(demand, tmp_path) -> None:
    reading = Reading(Intensity("dtype"), channels=(2, 0))
    colours = _with(
        demand, images=demand.images[:1], masks=demand.masks[:1], reading=reading, n_channels=2
    )
    pairs = pair_file(colours, tmp_path / "cache", SILENT, 1)
    pixels = np.asarray(Image.open(demand.images[0][0]))[..., [2, 0]]
    assert np.array_equal(pairs.image(0), pixels.astype(np.float32) / np.float32(255))
