"""Small files that claim much: refused before memory, disk or time are taken."""

import gzip
import io
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import imagecodecs
import nibabel
import numpy as np
import pytest
import tifffile
from PIL import Image
from pydicom.encaps import encapsulate

from bioselect.data import limits
from bioselect.data.arrays import npz_image, npz_splits
from bioselect.data.expansion import expanded
from bioselect.data.npz_datasets import npz_targets
from bioselect.data.reading import open_image, read_image
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.sheets import read_sheet
from bioselect.data.stacks import Stack
from bioselect.exceptions import DataError, UnreadableImageError


@pytest.fixture
def little_memory():
    """Let this process have a gigabyte more than it has: no reader here may ask for it."""
    if sys.platform != "linux":
        pytest.skip("what a process has is read from /proc")
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 2**30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(width, height, bits, colour):
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", pixels)
        + _chunk(b"IEND", b"")
    )


def _webp(width, height):
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    content = b"WEBPVP8X" + struct.pack("<II", 10, 0) + size + bytes(40)
    return b"RIFF" + struct.pack("<I", len(content)) + content


def _jpeg(width, height, n_scans=1):
    file = io.BytesIO()
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(file, "JPEG")
    data = file.getvalue()
    place = data.index(b"\xff\xc0") + 5
    data = data[:place] + struct.pack(">HH", height, width) + data[place + 4 :]
    scan = data[data.index(b"\xff\xda") : -2]
    return data[:-2] + scan * (n_scans - 1) + data[-2:]


def _tiff(**options):
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((16, 16), np.uint8), **options)
    return file.getvalue()


def _with_tag(data, code, value):
    """Write another number into a tag of a little-endian TIFF."""
    (start,) = struct.unpack_from("<I", data, 4)
    (n_tags,) = struct.unpack_from("<H", data, start)
    for place in range(start + 2, start + 2 + 12 * n_tags, 12):
        if struct.unpack_from("<H", data, place)[0] == code:
            kind = struct.unpack_from("<H", data, place + 2)[0]
            packed = struct.pack(
                "<HH" if kind == 3 else "<I", *([value, 0] if kind == 3 else [value])
            )
            return data[: place + 8] + packed + data[place + 12 :]
    raise AssertionError(f"no tag {code}")


def _tiff_of_large_jpeg():
    data = _tiff(compression="jpeg")
    place = data.index(b"\xff\xc0") + 5
    return data[:place] + struct.pack(">HH", 65500, 65500) + data[place + 4 :]


CLAIMS = {
    "colour.png": (_png(31000, 31000, 8, 2), "it would unpack to"),
    "deep.png": (_png(31000, 31000, 16, 2), "it would unpack to"),
    "bits.png": (_png(40000, 40000, 1, 0), "at most 1,000,000,000 pixels"),
    "canvas.webp": (_webp(16000, 16000), "it would unpack to"),
    "huge.webp": (_webp(2**24, 2**24), "at most 1,000,000,000 pixels"),
    "large.jpg": (_jpeg(30000, 30000), "it would unpack to"),
    "scans.jpg": (_jpeg(8, 8, n_scans=101), "at most 100 scans.*Got 101"),
    "terabytes.tif": (
        _with_tag(_with_tag(_tiff(), 256, 30000), 277, 65000), "at most 8 GB in memory|strips"
    ),
    "tile.tif": (
        _with_tag(_with_tag(_tiff(tile=(16, 16), compression="zlib"), 322, 30000), 323, 30000),
        "it would unpack to",
    ),
    "jpeg.tif": (_tiff_of_large_jpeg(), "as large as it says .* 65500 x 65500"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
def test_what_a_header_claims_is_refused_before_decoding(name, tmp_path, little_memory):
    data, message = CLAIMS[name]
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnreadableImageError, match=rf"{name}: .*({message})"):
        read_image(path)


def test_a_large_blank_image_is_read(tmp_path):
    # Deflate reaches its utmost here: a limit on the ratio must let it pass.
    blank = np.zeros((6000, 6000), np.uint8)
    Image.fromarray(blank).save(tmp_path / "a.png")
    tifffile.imwrite(tmp_path / "a.tif", blank, compression="zlib")
    for name in ("a.png", "a.tif"):
        assert read_image(tmp_path / name).shape == (6000, 6000, 1)


def test_a_dicom_element_of_four_gigabytes_takes_no_memory(write_dicom, little_memory):
    path = write_dicom(np.zeros((4, 5), np.uint8))
    data = bytearray(path.read_bytes())
    data[132:144] = b"\x02\0\0\0OB\0\0" + struct.pack("<I", 2**32 - 2)
    path.write_bytes(data)
    with pytest.raises(UnreadableImageError):
        read_image(path)


def test_a_deflated_dicom_file_has_bounds(write_dicom, monkeypatch):
    syntax = "1.2.840.10008.1.2.1.99"
    path = write_dicom(np.zeros((1000, 1000), np.uint8), syntax=syntax)
    assert read_image(path).shape == (1000, 1000, 1)
    path = write_dicom(np.zeros((1000, 1000), np.uint8), name="b.dcm", syntax=syntax)
    monkeypatch.setattr(limits, "MAXIMUM_BYTES", 900_000)
    with pytest.raises(UnreadableImageError, match="at most"):
        read_image(path)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.80"])
def test_frames_that_cannot_be_there_are_not_listed(write_dicom, syntax):
    pixels = np.zeros((8, 8), np.uint8)
    coded = encapsulate([imagecodecs.jpegls_encode(pixels)]) if syntax.endswith("80") else None
    path = write_dicom(pixels, syntax=syntax, data=coded, NumberOfFrames=900_000)
    listed = ImageDataset("", path.parent, (ImageRecord("a", path, "x"),))
    found, _ = expanded(listed, Stack.from_config("all"))
    assert len(found.records) == 1
    with pytest.raises(UnreadableImageError, match=r"its 900000 frames need"):
        read_image(path)


def test_of_planes_a_file_has_a_million_at_most(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAXIMUM_PLANES", 5)
    np.save(tmp_path / "a.npy", np.zeros((6, 20, 20), np.uint8))
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((6, 9, 8), np.uint8), photometric="minisblack")
    volume = nibabel.Nifti1Image(np.zeros((4, 5, 6), np.uint8), np.eye(4))
    nibabel.save(volume, tmp_path / "a.nii")
    for name in ("a.npy", "a.tif", "a.nii"):
        with pytest.raises(UnreadableImageError, match=r"at most 5 planes\. Got 6"):
            open_image(tmp_path / name)


def test_planes_that_become_channels_fit_into_memory(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((6, 9, 8), np.uint8), photometric="minisblack")
    monkeypatch.setattr(limits, "MAXIMUM_BYTES", 6 * 9 * 8 - 1)
    with pytest.raises(UnreadableImageError, match=r"a\.tif: an image must take at most"):
        read_image(tmp_path / "a.tif", "", Stack("channels"))


def test_a_big_tiff_with_endless_tags_takes_no_memory(tmp_path, little_memory):
    path = tmp_path / "a.tif"
    path.write_bytes(b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, 2**40) + bytes(200))
    with pytest.raises(UnreadableImageError, match="cut short in the list of its pages"):
        read_image(path)


def test_a_compressed_volume_is_not_unpacked_beyond_bounds(tmp_path, monkeypatch):
    volume = nibabel.Nifti1Image(np.zeros((40, 50, 6), np.uint8), np.eye(4)).to_bytes()
    (tmp_path / "a.nii.gz").write_bytes(gzip.compress(volume))
    monkeypatch.setattr(limits, "MAXIMUM_UNPACKED", 10_000)
    with pytest.raises(UnreadableImageError, match="what is compressed in it must have at most"):
        read_image(tmp_path / "a.nii.gz")


def test_compressed_arrays_have_bounds_and_known_compressions(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, train_images=np.zeros((9, 20, 20), np.uint8))
    assert npz_image(path, "train", 8).shape == (20, 20, 1)
    monkeypatch.setattr(limits, "MAXIMUM_UNPACKED", 3000)
    np.savez_compressed(path, train_images=np.zeros((9, 20, 21), np.uint8))
    with pytest.raises(UnreadableImageError, match="must have at most"):
        npz_image(path, "train", 8)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("train_images.npy", bytes(1000))
    with pytest.raises(UnreadableImageError, match=r"as NumPy does\. Got another compression"):
        npz_splits(path)


def test_an_array_with_an_endless_header_takes_no_memory(tmp_path, little_memory):
    path = tmp_path / "a.npy"
    path.write_bytes(b"\x93NUMPY\x02\0\xfc\xff\xff\xff" + bytes(300))
    with pytest.raises(UnreadableImageError, match="damaged or cut short"):
        read_image(path)


@pytest.mark.parametrize("number", [0x110000, 2**32 - 1, 0xD800])
def test_labels_that_are_no_characters_are_refused(tmp_path, number):
    labels = np.array([[97], [number]], np.uint32).view("<U1")[:, 0]
    np.savez(tmp_path / "a.npz", train_images=np.zeros((2, 8, 8), np.uint8), train_labels=labels)
    with pytest.raises(UnreadableImageError, match="the text in train_labels is damaged"):
        npz_targets(tmp_path / "a.npz", "train")


def test_no_control_character_of_a_file_reaches_the_terminal(write_dicom):
    path = write_dicom(np.zeros((4, 5), np.uint8), PhotometricInterpretation="\x1b[2J\x07")
    with pytest.raises(UnreadableImageError, match="its colours are") as raised:
        read_image(path)
    assert str(raised.value).isprintable()


def _xlsx(tmp_path, rows):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["file", "class"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = members[sheet].replace(b"</sheetData>", rows + b"</sheetData>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_cell_far_away_does_not_fill_the_memory(tmp_path, little_memory):
    path = _xlsx(tmp_path, b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>')
    with pytest.raises(DataError, match="must have at most 1,048,576 rows"):
        read_sheet(path)


def test_a_sheet_unpacks_to_no_more_than_a_table(tmp_path, monkeypatch):
    from bioselect.data import sheets

    path = _xlsx(tmp_path, b" " * 2_000_000)
    assert read_sheet(path) == [["file", "class"]]
    monkeypatch.setattr(sheets, "MOST_BYTES", 1_000_000)
    with pytest.raises(DataError, match="must unpack to at most 1,000,000 bytes"):
        read_sheet(path)


@pytest.mark.parametrize(("mark", "place"), [(b"PK\x05\x06", 16), (b"PK\x01\x02", 2)])
def test_a_damaged_directory_of_a_sheet_is_an_error(tmp_path, mark, place):
    path = _xlsx(tmp_path, b"")
    data = bytearray(path.read_bytes())
    data[data.index(mark) + place] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"a\.xlsx: (is damaged|must be an Excel file)"):
        read_sheet(path)


@pytest.mark.parametrize(("n_times", "is_read"), [(1, True), (2, False)])
def test_where_memory_runs_out_a_file_is_tried_once_more_alone(
    tmp_path, monkeypatch, n_times, is_read
):
    from bioselect.data import reading

    Image.fromarray(np.zeros((4, 5), np.uint8)).save(tmp_path / "a.png")
    read, tried = reading._read, []

    def without_memory(*given):
        tried.append(1)
        if len(tried) <= n_times:
            raise MemoryError("no room for 3 GB")
        return read(*given)

    monkeypatch.setattr(reading, "_read", without_memory)
    if is_read:
        assert read_image(tmp_path / "a.png").shape == (4, 5, 1)
    else:
        message = r"a\.png: there is not enough memory to read it \(no room for 3 GB\)"
        with pytest.raises(UnreadableImageError, match=message):
            read_image(tmp_path / "a.png")
    assert len(tried) == 2
