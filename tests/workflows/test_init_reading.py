"""What `init` concludes from a look at some of the images."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from bioselect.data.layouts import from_class_folders
from bioselect.data.records import ImageRecord
from bioselect.exceptions import DataError
from bioselect.progress import SILENT
from bioselect.workflows.proposal import looking
from bioselect.workflows.proposal.looking import look_at, sample
from bioselect.workflows.proposal.looks_in_words import images_in_words
from bioselect.workflows.proposal.reading_choices import reading_choices

N_PER_CLASS = 6


def drawn(folder, draw, suffix="png", n_per_class=N_PER_CLASS):
    """Save images in two class folders and return the data set; `draw` takes a number."""
    for place, name in enumerate("ab"):
        (folder / name).mkdir(parents=True)
        for number in range(n_per_class):
            array = draw(place * n_per_class + number)
            path = folder / name / f"{number:02d}.{suffix}"
            if suffix == "tif":
                kind = {"photometric": "minisblack"}
                if array.ndim == 3:
                    kind["planarconfig"] = "contig"
                tifffile.imwrite(path, array, **kind)
            else:
                Image.fromarray(array).save(path)
    return from_class_folders(folder)[0]


def choices_of(dataset):
    looks = look_at(dataset, 1, SILENT)
    return {choice.key: choice for choice in reading_choices(looks, Path("set"))}


def noise(number, shape, largest, dtype):
    return np.random.default_rng(number).integers(0, largest + 1, shape).astype(dtype)


def grey(number):
    return noise(number, (12, 10), 255, np.uint8)


def records_of(**counts):
    return [
        ImageRecord(f"{name}/{number:05d}.png", Path("none"), name)
        for name, count in counts.items()
        for number in range(count)
    ]


def test_a_small_set_is_read_whole():
    records = records_of(a=30, b=4)
    assert sample(records, n_read=40) == records


def test_of_a_large_set_every_class_is_read_evenly():
    # 90 images for 3 classes: all 10 of the rarest, and (90 - 10) / 2 = 40 of each other one.
    chosen = sample(records_of(a=1000, b=10, c=400), n_read=90)
    of_class = {name: [r.image_id for r in chosen if r.target == name] for name in "abc"}
    assert {name: len(ids) for name, ids in of_class.items()} == {"a": 40, "b": 10, "c": 40}
    assert of_class["a"][:3] == ["a/00000.png", "a/00025.png", "a/00050.png"]  # 1000 / 40 apart
    assert chosen == sample(records_of(a=1000, b=10, c=400), n_read=90)


def test_of_large_files_fewer_are_read(tmp_path):
    path = tmp_path / "large.png"
    path.write_bytes(b"x" * 1000)
    records = [ImageRecord(f"{n % 2}/{n:03d}", path, str(n % 2)) for n in range(100)]
    # 100 files of 1,000 bytes; 20,000 bytes are 20 of them.
    assert len(sample(sorted(records, key=lambda r: r.image_id), bytes_read=20_000)) == 20


def test_12_bit_values_keep_their_scale(tmp_path):
    found = choices_of(
        drawn(tmp_path / "set", lambda n: noise(n, (12, 10), 3000, np.uint16), "tif")
    )
    assert found["intensity"].value == {"min": 0, "max": 4095}  # 2 ** 12 - 1 is next above 3000
    assert "12 bits" in found["intensity"].why


def test_a_scale_is_not_fixed_by_a_part_of_the_images(tmp_path, monkeypatch):
    dataset = drawn(tmp_path / "set", lambda n: noise(n, (12, 10), 3000, np.uint16), "tif")
    monkeypatch.setattr(looking.sample, "__defaults__", (6, looking.BYTES_READ))
    found = choices_of(dataset)
    assert found["intensity"].value == "auto"
    assert "6 of the 12 images were read" in found["intensity"].why


@pytest.mark.parametrize(
    ("n_channels", "channels"), [(2, [0, 1, 1]), (3, None), (5, [0, 1, 2]), (1, None)]
)
def test_networks_get_three_channels(tmp_path, n_channels, channels):
    shape = (12, 10) if n_channels == 1 else (12, 10, n_channels)
    found = choices_of(drawn(tmp_path / "set", lambda n: noise(n, shape, 255, np.uint8), "tif"))
    assert found["channels"].value == channels
    assert found["channels"].to_look_at == (channels is not None)


def test_grey_and_colour_may_be_mixed(tmp_path):
    dataset = drawn(
        tmp_path / "set", lambda n: noise(n, (12, 10, 3) if n % 2 else (12, 10), 255, np.uint8)
    )
    looks = look_at(dataset, 1, SILENT)
    assert "6 with 1 channel (grey) and 6 with 3 channels (colour)" in images_in_words(looks)
    assert choices_of(dataset)["channels"].value is None


def test_other_mixtures_of_channels_are_refused(tmp_path):
    dataset = drawn(
        tmp_path / "set", lambda n: noise(n, (12, 10, 4 if n == 7 else 3), 255, np.uint8), "tif"
    )
    with pytest.raises(DataError, match=r"Got 3 \(11 images, .*4 \(1 images, such as b/01\.tif\)"):
        choices_of(dataset)


def test_grey_that_is_saved_as_colour_is_no_colour(tmp_path):
    dataset = drawn(tmp_path / "set", lambda n: np.repeat(grey(n)[:, :, None], 3, axis=2))
    looks = look_at(dataset, 1, SILENT)
    assert not looks.is_coloured
    assert "3 channels (grey, saved as colour)" in images_in_words(looks)


@pytest.mark.parametrize(
    ("shape", "axes", "value"),
    [((4, 12, 10), "ZYX", {"projection": "max"}), ((3, 4, 12, 10), "TZYX", "all")],
)
def test_planes_become_one_image_or_several(tmp_path, shape, axes, value):
    for name in "ab":
        (tmp_path / name).mkdir()
        for number in range(N_PER_CLASS):
            stack = noise(number, shape, 900, np.uint16)
            tifffile.imwrite(
                tmp_path / name / f"{number}.tif", stack, imagej=True, metadata={"axes": axes}
            )
    found = choices_of(from_class_folders(tmp_path)[0])
    assert found["stack"].value == value
    assert "12 of 12 files hold several planes" in found["stack"].why


def test_of_a_scanned_volume_the_middle_is_taken(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    for name in "ab":
        (tmp_path / name).mkdir()
        for number in range(N_PER_CLASS):
            volume = nibabel.Nifti1Image(noise(number, (12, 10, 5), 900, np.int16), np.eye(4))
            nibabel.save(volume, tmp_path / name / f"{number}.nii.gz")
    assert choices_of(from_class_folders(tmp_path)[0])["stack"].value == "middle"


def test_a_few_bad_images_are_left_out_by_name(tmp_path):
    dataset = drawn(tmp_path / "set", grey)
    (tmp_path / "set" / "a" / "03.png").write_bytes(b"")
    found = choices_of(dataset)["on_bad_image"]
    assert found.value == "exclude"
    assert "a/03.png" in found.why
    assert found.to_look_at


def test_many_bad_images_stop(tmp_path):
    dataset = drawn(tmp_path / "set", grey)
    for number in (1, 3):  # 2 of 12 are more than one and more than 5 %
        (tmp_path / "set" / "a" / f"{number:02d}.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"2 of the 12 images .*\n  a/01\.png.*\n  a/03\.png"):
        choices_of(dataset)
