"""Masks of new images, with the tables beside them."""

import csv
import re
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd
import pytest
import tifffile
from PIL import Image

from bioselect.data.intensities import Intensity
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.preparation import Reading
from bioselect.data.reading import read_image
from bioselect.data.stacks import Stack
from bioselect.exceptions import ConfigurationError, DataError, StorageError
from bioselect.workflows.segmentation.mask_options import MaskOptions
from bioselect.workflows.segmentation.predict import predict_mask_files
from tests.predict.mask_models import Brightness, Watching, squares


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    (folder / "day 1").mkdir(parents=True)
    Image.fromarray(squares()).save(folder / "day 1" / "two.png")
    tifffile.imwrite(folder / "one.tif", squares(corners=[(3, 4)]))
    (folder / "bad.png").write_bytes(b"")
    return folder


def tables(folder):
    return (
        pd.read_csv(folder / "summary.csv", keep_default_na=False),
        pd.read_csv(folder / "objects.csv"),
    )


def test_a_mask_for_each_image_and_a_row_for_each_file(images, tmp_path):
    output = tmp_path / "out"
    words = predict_mask_files(Brightness(), [images], output)
    # Two squares of 8 x 8 in one image of 40 x 60, one in the other: 192 of 4,800 pixels.
    assert words.splitlines() == [
        "2 masks predicted: 3 objects of nucleus (4.0 % of all pixels)",
        "1 image could not be used; the column `error` of summary.csv says why for each",
        f"masks: {output / 'masks'}",
        f"tables: {output / 'summary.csv'}, {output / 'objects.csv'}",
    ]
    assert np.array_equal(read_image(output / "masks/day 1/two.png")[..., 0], squares())
    # A TIFF gives a TIFF.
    assert read_image(output / "masks/one.tif")[..., 0].sum() == 64 * 255
    summary, objects = tables(output)
    assert summary["mask"].tolist() == ["", "masks/day 1/two.png", "masks/one.tif"]
    assert summary["n_objects"].tolist() == ["", "2", "1"]
    assert summary["area_px_nucleus"].tolist()[1:] == ["128", "64"]
    assert "empty" in summary["error"][0]
    assert summary["error"].tolist()[1:] == ["", ""]
    assert objects["label"].tolist() == [1, 2, 1]
    assert objects["area_px"].tolist() == [64, 64, 64]
    # The middle of columns 5 to 12, and the grey value of the file.
    assert objects["centroid_x_px"][0] == 8.5
    assert objects["mean_c0"].tolist() == [255, 255, 255]


def test_units_are_those_of_training_or_of_the_option(images, tmp_path):
    model = Brightness(pixel_size=0.5)
    predict_mask_files(model, [images], tmp_path / "a")
    predict_mask_files(model, [images], tmp_path / "b", MaskOptions(pixel_size=2.0))
    for name, area in (("a", 128 * 0.25), ("b", 128 * 4.0)):
        summary, objects = tables(tmp_path / name)
        assert float(summary["area_um2_nucleus"][1]) == area
        assert objects["area_um2"][0] == area / 2


def test_everything_that_can_be_written_is_written(images, tmp_path):
    output, crops = tmp_path / "out", tmp_path / "crops"
    options = MaskOptions(probabilities=True, overlays=True, crops=crops, margin=3)
    words = predict_mask_files(Brightness(), [images], output, options)
    assert f"objects as images: {crops}, listed in crops.csv" in words
    maps = read_image(output / "probabilities/day 1/two.tif")
    assert np.array_equal(maps[..., 1], squares().astype(np.uint16) * 257)
    shown = read_image(output / "overlays/day 1/two.png")
    assert shown.shape == (40, 60, 3)
    rows = list(csv.DictReader((crops / "crops.csv").open()))
    assert [(row["image"], row["label"], row["class"]) for row in rows] == [
        ("day 1/two", "1", "nucleus"),
        ("day 1/two", "2", "nucleus"),
        ("one", "1", "nucleus"),
    ]
    for row in rows:
        crop = read_image(crops / row["file"])
        # 8 px and 3 on each side, as each of them lies 3 px or more from the edges.
        assert crop.shape == (14, 14, 1)
        assert crop.sum() == 64 * 255


def test_crops_keep_type_and_channels_and_end_where_the_image_ends(tmp_path):
    image = np.stack([squares(corners=[(0, 0)]).astype(np.uint16) * 257] * 5, axis=2)
    image[..., 4] = 1234
    tifffile.imwrite(tmp_path / "five.tif", image, photometric="minisblack", planarconfig="contig")
    model = Brightness(reading=Reading(Intensity("dtype"), (0, 1)), n_channels=2)
    options = MaskOptions(crops=tmp_path / "crops", margin=2)
    predict_mask_files(model, [tmp_path / "five.tif"], tmp_path / "out", options)
    crop = read_image(tmp_path / "crops/five/00001.tif")
    assert crop.dtype == np.uint16
    assert np.array_equal(crop, image[:10, :10])
    assert tables(tmp_path / "out")[1].columns[-2:].tolist() == ["mean_c0", "mean_c1"]


def test_numbered_masks_have_the_numbers_of_the_objects(tmp_path):
    Image.fromarray(squares()).save(tmp_path / "a.png")
    model = Brightness(MaskCodes(("background", "cell"), instances=True))
    predict_mask_files(model, [tmp_path / "a.png"], tmp_path / "out")
    mask = read_image(tmp_path / "out/masks/a.png")[..., 0]
    assert mask.dtype == np.uint16
    assert (mask[6, 6], mask[21, 31], mask.max()) == (1, 2, 2)
    objects = tables(tmp_path / "out")[1]
    assert objects["left"].tolist() == [5, 30]


def test_no_object_has_the_number_of_a_code_that_does_not_count(tmp_path):
    image = squares(corners=[(5, 5), (5, 20), (5, 35)])
    Image.fromarray(image).save(tmp_path / "a.png")
    codes = MaskCodes(("background", "cell"), ignore=(2, 3), instances=True)
    options = MaskOptions(crops=tmp_path / "crops")
    predict_mask_files(Brightness(codes), [tmp_path / "a.png"], tmp_path / "out", options)
    mask = read_image(tmp_path / "out/masks/a.png")
    assert np.array_equal(codes.places(mask), image // 255)  # none reads back as ignored
    assert [mask[6, column, 0] for column in (6, 21, 36)] == [1, 4, 5]
    assert tables(tmp_path / "out")[1]["label"].tolist() == [1, 4, 5]
    assert pd.read_csv(tmp_path / "crops/crops.csv")["label"].tolist() == [1, 4, 5]


@pytest.mark.parametrize(("instances", "n_pixels"), [(True, 64), (False, 65)])
def test_specks_are_in_the_mask_where_they_are_in_the_table(tmp_path, instances, n_pixels):
    image = squares(corners=[(5, 5)])
    image[30, 50] = 255
    Image.fromarray(image).save(tmp_path / "a.png")
    codes = ((), (), True) if instances else (((0, 0), (255, 1)),)
    model = Brightness(MaskCodes(("background", "cell"), *codes))
    words = predict_mask_files(model, [tmp_path / "a.png"], tmp_path / "o", MaskOptions(min_area=2))
    assert (read_image(tmp_path / "o/masks/a.png") > 0).sum() == n_pixels
    row = tables(tmp_path / "o")[0].iloc[0]
    assert (row["n_objects"], row["area_px_cell"]) == (1, n_pixels)
    assert row["area_px_background"] == 40 * 60 - n_pixels
    assert words.startswith("1 mask predicted: 1 object of cell (2.7 %")


def test_touching_objects_are_divided_and_specks_left_out_on_request(tmp_path):
    image = squares(corners=[(5, 5), (13, 12)])
    image[30, 50] = 255
    Image.fromarray(image).save(tmp_path / "a.png")
    numbers = {}
    for name, options in {
        "plain": MaskOptions(),
        "both": MaskOptions(separate=True, min_area=2),
    }.items():
        predict_mask_files(Brightness(), [tmp_path / "a.png"], tmp_path / name, options)
        numbers[name] = tables(tmp_path / name)[1]["area_px"].tolist()
    assert numbers == {"plain": [128, 1], "both": [64, 64]}


def test_three_classes_are_counted_apart(tmp_path):
    image = squares(corners=[(5, 5)]) + squares(corners=[(20, 30)], value=128)
    Image.fromarray(image).save(tmp_path / "a.png")
    codes = MaskCodes(("background", "cell", "nucleus"), ((0, 0), (128, 1), (255, 2)))
    words = predict_mask_files(Brightness(codes), [tmp_path / "a.png"], tmp_path / "out")
    assert "1 object of cell (2.7 % of all pixels), 1 object of nucleus (2.7 %" in words
    row = pd.read_csv(tmp_path / "out/summary.csv").iloc[0]
    assert (row["n_objects"], row["n_objects_cell"], row["n_objects_nucleus"]) == (2, 1, 1)
    assert np.array_equal(read_image(tmp_path / "out/masks/a.png")[..., 0], image)


def test_the_same_images_give_the_same_bytes(images, tmp_path):
    options = MaskOptions(probabilities=True, overlays=True)
    for name in "ab":
        predict_mask_files(Brightness(), [images], tmp_path / name, options)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*"))
    assert len(files) == 8
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_nothing_usable_is_an_error_that_names_the_table(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"none of the 1 images .*`error` of .*summary\.csv"):
        predict_mask_files(Brightness(), [tmp_path / "bad.png"], tmp_path / "out")


def test_nothing_is_written_over(images, tmp_path):
    predict_mask_files(Brightness(), [images], tmp_path / "out")
    before = (tmp_path / "out/summary.csv").read_bytes()
    for output, crops, words in (
        ("out", None, "new or an empty folder"),
        ("images/out", None, "taken for images"),
        ("new", "out", "--crops"),
    ):
        options = MaskOptions(crops=crops and tmp_path / crops)
        with pytest.raises(StorageError, match=words):
            predict_mask_files(Brightness(), [images], tmp_path / output, options)
    assert (tmp_path / "out/summary.csv").read_bytes() == before
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (MaskOptions(margin=2), "--margin: goes with --crops"),
        (MaskOptions(crops="c", margin=-1), "--margin: must be at least 0. Got -1"),
        (MaskOptions(min_area=0), "--min-area: must be at least 1. Got 0"),
        (MaskOptions(pixel_size=0.0), "--pixel-size: must be above 0"),
        (MaskOptions(pixel_size=float("nan")), "--pixel-size: must be above 0"),
    ],
)
def test_options_that_mean_nothing_are_refused(tmp_path, options, words):
    with pytest.raises(ConfigurationError, match=words):
        predict_mask_files(Brightness(), [tmp_path], tmp_path / "out", options)


def test_crops_in_the_folder_of_masks_are_refused(images, tmp_path):
    options = MaskOptions(crops=tmp_path / "out" / "crops")
    with pytest.raises(ConfigurationError, match="folder beside that of -o"):
        predict_mask_files(Brightness(), [images], tmp_path / "out", options)


def test_an_image_with_other_channels_is_a_row(tmp_path):
    Image.fromarray(np.zeros((5, 5, 3), np.uint8)).save(tmp_path / "colour.png")
    Image.fromarray(np.zeros((5, 5), np.uint8)).save(tmp_path / "grey.png")
    predict_mask_files(
        Brightness(), [tmp_path / "colour.png", tmp_path / "grey.png"], tmp_path / "o"
    )
    summary = tables(tmp_path / "o")[0]
    assert "must have 1 channel, like the images that the model" in summary["error"][0]
    assert summary["error"][1] == ""


@dataclass(frozen=True)
class Failing(Brightness):
    error: Exception | None = None

    def bands(self, scene):
        if scene.shape[0] == 5:
            raise self.error
        yield from super().bands(scene)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "memory of this machine does not suffice .* leave out --probabilities"),
        (cv2.error("OpenCV:\n bad"), r"cannot be made \(error: OpenCV: bad\)\. Predict it by its"),
    ],
)
def test_an_image_that_is_too_much_is_a_row_and_the_others_have_masks(tmp_path, error, words):
    for name, height in (("a", 9), ("b", 5), ("c", 9)):
        Image.fromarray(np.zeros((height, 9), np.uint8)).save(tmp_path / f"{name}.png")
    images = [tmp_path / f"{name}.png" for name in "abc"]
    said = predict_mask_files(Failing(error=error), images, tmp_path / "out")
    assert said.startswith("2 masks predicted")
    summary = tables(tmp_path / "out")[0]
    assert summary["mask"].tolist() == ["masks/a.png", "", "masks/c.png"]
    assert re.search(words, summary["error"][1])


def test_an_image_is_released_before_the_next_is_predicted(tmp_path):
    for name in "abc":
        Image.fromarray(squares()).save(tmp_path / f"{name}.png")
    model = Watching()
    predict_mask_files(model, [tmp_path], tmp_path.parent / f"{tmp_path.name} out")
    assert len(model.seen) == 3
    assert model.kept == []


def test_a_table_is_no_place_for_masks(images, tmp_path):
    with pytest.raises(StorageError, match=r"o\.csv: a model of masks writes a folder"):
        predict_mask_files(Brightness(), [images], tmp_path / "o.csv")


def test_images_of_an_array_file_and_planes_of_a_stack_have_masks_of_their_own(tmp_path):
    images = np.stack([squares(), squares(corners=[(3, 4)])])
    np.savez(tmp_path / "set.npz", test_images=images, test_labels=np.zeros((2, 1), np.uint8))
    tifffile.imwrite(tmp_path / "stack.tif", images, photometric="minisblack")
    model = Brightness(reading=Reading(Intensity("dtype"), stack=Stack("every", 1)))
    predict_mask_files(model, [tmp_path / "set.npz", tmp_path / "stack.tif"], tmp_path / "out")
    masks = sorted(path.name for path in (tmp_path / "out/masks").iterdir())
    assert masks == ["set#test_0.png", "set#test_1.png", "stack#0.tif", "stack#1.tif"]
    for name in ("set#test_1.png", "stack#1.tif"):
        assert np.array_equal(read_image(tmp_path / "out/masks" / name)[..., 0], images[1])
