"""Images as networks take them: each read once, exact, shared, found again, never half there."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading, prepare
from bioselect.exceptions import StorageError, UnreadableImageError
from bioselect.features import pixel_file as module
from bioselect.features.pixel_file import PixelDemand, pixel_file, pixel_files
from bioselect.progress import SILENT, Reporter

DTYPE = Reading(Intensity("dtype"))


@pytest.fixture
def sources(tmp_path):
    """Return five PNG files of 6 x 8 pixels, of which the last is a copy of the first."""
    random = np.random.default_rng(0)
    arrays = [random.integers(0, 256, (6, 8, 3), dtype=np.uint8) for _ in range(4)]
    arrays.append(arrays[0])
    files = []
    for number, array in enumerate(arrays):
        path = tmp_path / f"{number}.png"
        Image.fromarray(array).save(path)
        files.append((path, f"{number % 4}"))
    return files, arrays


def demand(files, shape, native=("uint8", 6, 8), reading=DTYPE):
    return PixelDemand(tuple(files), reading, shape, native)


@pytest.mark.parametrize(
    ("shape", "native"),
    [((6, 8, 3), ("uint8", 6, 8)), ((4, 4, 3), ("uint8", 6, 8)), ((6, 8, 3), None)],
)
def test_pixels_are_those_of_prepare(sources, tmp_path, shape, native):
    files, arrays = sources
    pixels = pixel_file(demand(files, shape, native), tmp_path / "cache", SILENT, 2)
    assert len(pixels) == 5
    assert pixels.shape == shape
    places = np.array([3, 0, 4, 3])
    expected = [prepare(arrays[place], DTYPE, shape[:2], 3, "") for place in places]
    got = pixels.batch(places)
    assert got.dtype == np.float32
    assert np.array_equal(got, np.stack(expected))


def test_what_needs_no_resizing_is_kept_in_the_files_own_type_and_copies_once(sources, tmp_path):
    files, _ = sources
    pixel_file(demand(files, (6, 8, 3)), tmp_path / "cache", SILENT, 1)
    (path,) = pixel_files(tmp_path / "cache")
    kept = np.load(path, mmap_mode="r")
    assert kept.dtype == np.uint8
    assert kept.shape == (4, 6, 8, 3)


def test_a_declared_range_is_exact_too(tmp_path):
    array = np.arange(1200, dtype=np.uint16).reshape(30, 40)
    tifffile.imwrite(tmp_path / "a.tif", array)
    reading = Reading(Intensity("range", 100.0, 1000.0))
    files = [(tmp_path / "a.tif", "a")]
    pixels = pixel_file(
        demand(files, (30, 40, 1), ("uint16", 30, 40), reading), tmp_path / "cache", SILENT, 1
    )
    expected = prepare(array[:, :, None], reading, (30, 40), 1, "")
    assert np.array_equal(pixels.batch(np.array([0]))[0], expected)
    assert np.load(pixels.path, mmap_mode="r").dtype == np.uint16


def test_the_file_is_found_again_and_another_reading_or_order_is_another(
    sources, tmp_path, monkeypatch
):
    files, _ = sources
    first = pixel_file(demand(files, (4, 4, 3)), tmp_path / "cache", SILENT, 1)
    read = []
    monkeypatch.setattr(
        module,
        "read_as_examined",
        lambda source, *_: read.append(source) or np.zeros((6, 8, 3), "u1"),
    )
    again = pixel_file(demand(files, (4, 4, 3)), tmp_path / "cache", SILENT, 1)
    assert read == []
    assert again.path == first.path
    others = [
        demand(files[::-1], (4, 4, 3)),
        demand(files, (4, 4, 3), reading=Reading(Intensity("percentile"))),
        demand(files, (4, 5, 3)),
    ]
    for number, other in enumerate(others):
        assert pixel_file(other, tmp_path / "cache", SILENT, 1).key != first.key
        assert len(read) == 4 * (number + 1)


def test_threads_do_not_change_the_file(sources, tmp_path):
    files, _ = sources
    one = pixel_file(demand(files, (5, 5, 3)), tmp_path / "one", SILENT, 1)
    three = pixel_file(demand(files, (5, 5, 3)), tmp_path / "three", SILENT, 3)
    assert one.path.read_bytes() == three.path.read_bytes()


class Heard(Reporter):
    def __init__(self):
        self.warnings = []

    def warn(self, text):
        self.warnings.append(text)


def flipped(data, place, bit):
    changed = bytearray(data)
    changed[place] ^= 1 << bit
    return bytes(changed)


DAMAGES = {
    "cut in the middle": (lambda whole: whole[:-40], "cut short"),
    "cut at the checksum": (lambda whole: whole[:-2], "its length"),
    "longer": (lambda whole: whole + b"x", "its length"),
    "a bit of a pixel": (lambda whole: flipped(whole, -30, 2), "its checksum"),
    "a bit of the checksum": (lambda whole: flipped(whole, -1, 0), "its checksum"),
    # Two pixels change places: their sum stays, the checksum does not.
    "swapped": (lambda whole: whole[:-12] + whole[-8:-4] + whole[-12:-8] + whole[-4:], "its check"),
    "no array": (lambda whole: b"nothing", "no array"),
    # A bracket that nothing closes, for which NumPy asks the tokenizer of Python.
    "an open bracket": (lambda whole: whole.replace(b"3), }", b"3,  }", 1), "no array"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_file_is_told_and_written_anew(sources, tmp_path, kind):
    damaged, words = DAMAGES[kind]
    files, _ = sources
    heard = Heard()
    path = pixel_file(demand(files, (4, 4, 3)), tmp_path / "cache", heard, 1).path
    whole = path.read_bytes()
    assert path == pixel_file(demand(files, (4, 4, 3)), tmp_path / "cache", heard, 1).path
    assert heard.warnings == []
    path.write_bytes(damaged(whole))
    assert path.read_bytes() != whole
    pixel_file(demand(files, (4, 4, 3)), tmp_path / "cache", heard, 1)
    assert path.read_bytes() == whole
    assert len(heard.warnings) == 1
    assert words in heard.warnings[0]


def test_an_array_of_another_kind_is_written_anew(sources, tmp_path):
    files, _ = sources
    path = pixel_file(demand(files, (4, 4, 3)), tmp_path / "cache", SILENT, 1).path
    whole, heard = path.read_bytes(), Heard()
    np.save(path, np.zeros((4, 4, 4, 1), np.float32))
    pixel_file(demand(files, (4, 4, 3)), tmp_path / "cache", heard, 1)
    assert path.read_bytes() == whole
    assert "another kind" in heard.warnings[0]


def test_another_opencv_is_another_file_where_images_are_resized(sources, monkeypatch):
    files, _ = sources
    demands = [demand(files, (4, 4, 3)), demand(files, (6, 8, 3))]
    resized, exact = (one.key for one in demands)
    monkeypatch.setattr("cv2.__version__", "4.99.0")
    assert demands[0].key != resized
    assert demands[1].key == exact


def test_an_image_that_cannot_be_read_leaves_nothing_behind(sources, tmp_path):
    files, _ = sources
    files[2][0].write_bytes(b"no image")
    with pytest.raises(UnreadableImageError, match=r"2\.png"):
        pixel_file(demand(files, (4, 4, 3)), tmp_path / "cache", SILENT, 2)
    assert list((tmp_path / "cache").iterdir()) == []


def test_other_channels_are_an_error_that_names_the_file(sources, tmp_path):
    files, _ = sources
    tifffile.imwrite(
        tmp_path / "five.tif",
        np.zeros((6, 8, 5), np.uint8),
        photometric="minisblack",
        planarconfig="contig",
    )
    files = [*files, (tmp_path / "five.tif", "five")]
    with pytest.raises(UnreadableImageError, match=r"Got 5 .*five\.tif"):
        pixel_file(demand(files, (4, 4, 3), None), tmp_path / "cache", SILENT, 1)


def test_too_little_room_is_said_before_the_work(sources, tmp_path, monkeypatch):
    files, _ = sources
    usage = type("Usage", (), {"free": 100})
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(StorageError, match=r"room for the 4 images .* write a smaller input_size"):
        pixel_file(demand(files, (4, 4, 3)), tmp_path / "cache", SILENT, 1)
