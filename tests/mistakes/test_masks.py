"""Mistakes with images and masks: what is typed, what lies where, what the files hold."""

import re
import shutil

import numpy as np
import pytest
import tifffile
from PIL import Image

from bioselect.cli.main import main

N_LINES = 8


class Fields:
    """A folder with images/ and masks/ of ten fields."""

    def __init__(self, root, capsys):
        self.root, self.capsys, self.rng = root, capsys, np.random.default_rng(2)
        for number in range(10):
            self.save(f"images/f{number}.png", self.rng.integers(5, 250, (20, 30)))
            mask = np.zeros((20, 30))
            mask[3 : 8 + number % 3, 4:12] = 255
            mask[12 - number % 5 : 17, 18:25] = 255
            self.save(f"masks/f{number}.png", mask)

    def save(self, name, pixels, **options):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        array = np.asarray(pixels)
        Image.fromarray(array.astype(np.uint8)).save(path, **options)
        return path

    def each_mask(self):
        for path in sorted((self.root / "masks").iterdir()):
            yield path, np.array(Image.open(path))

    def check(
        self,
        dataset="path: images\n  masks: masks",
        networks="[otsu]",
        rest="",
        output="results",
        task="segmentation",
    ):
        (self.root / "config.yaml").write_text(
            f"task: {task}\ndataset:\n  {dataset}\nnetworks: {networks}\n{rest}output: {output}\n"
        )
        return main(["check", "config.yaml", "--jobs", "1"])

    def told(self, *words, **parts):
        assert self.check(**parts) == 1
        shown = self.capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        error = shown.err[shown.err.rindex("error: ") :]
        assert len(error.splitlines()) <= N_LINES, error
        for word in words:
            assert re.search(word, error), f"{word!r} is not in: {error}"

    def works(self, *words, **parts):
        assert self.check(**parts) == 0, self.capsys.readouterr().err
        shown = self.capsys.readouterr()
        for word in words:
            assert re.search(word, shown.out + shown.err), f"{word!r} is not in: {shown}"


@pytest.fixture
def fields(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    return Fields(tmp_path, capsys)


def test_nothing_is_wrong(fields):
    fields.works("The configuration can be run", "10 images with masks")


def test_the_folder_of_masks_misspelt(fields):
    misspelt = "path: images\n  masks: maskes"
    fields.told("maskes", "There is none", "Did you mean .*masks", dataset=misspelt)


def test_the_folder_above_both(fields):
    fields.told("a mask must have the name of its image", "images/f0 and f0 .*different sub-fol",
                dataset="path: .\n  masks: masks", output="../results")  # fmt: skip


def test_images_and_masks_swapped(fields):
    fields.told("different values", "right way round", dataset="path: masks\n  masks: images")


def test_images_and_masks_swapped_with_codes(fields):
    fields.told(
        r"codes of dataset.classes only \(0, 255\)",
        "right way round",
        dataset="path: masks\n  masks: images\n  classes: {0: background, 255: nucleus}",
    )


def test_the_folder_of_images_twice(fields):
    fields.told("must be two folders", dataset="path: images\n  masks: images")


def test_images_copied_into_the_folder_of_masks(fields):
    for path, _ in fields.each_mask():
        shutil.copy(fields.root / "images" / path.name, path)
    fields.told("f0.png: its mask is the image itself", r"\.\.\. and 5 more such images")


def test_the_class_folder_configuration_for_masks(fields):
    (fields.root / "config.yaml").write_text(
        "task: segmentation\ndataset:\n  path: images\nextractors: [hog]\nclassifiers: [svm]\n"
        "output: results\n"
    )
    assert main(["check", "config.yaml"]) == 1
    error = fields.capsys.readouterr().err
    for words in ("masks is missing", "extractors: does not go with", "networks: is missing"):
        assert words in error


def test_masks_in_a_configuration_of_classes(fields):
    fields.told("dataset.masks: does not go with task: classification",
                task="classification", networks="[small_cnn]")  # fmt: skip


def test_a_network_of_the_other_task(fields):
    fields.told(
        "'resnet18' learns classes of images, and not masks", "unet, ", networks="[resnet18]"
    )
    fields.told(
        "'unet' learns masks", "task: segmentation", task="classification", networks="[unet]",
        dataset="path: images",
    )  # fmt: skip


def test_a_colour_without_quotes_is_a_comment(fields):
    keys = "path: images\n  masks: masks\n  classes:"
    fields.told(
        "config.yaml:5: a colour must stand in quotes", dataset=f"{keys} {{0: a, #ff0000: b}}"
    )
    in_lines = f"{keys}\n    0: a\n    #ff0000: b"
    fields.told("at least 2 classes", "colours stand in quotes", dataset=in_lines)


def test_names_and_codes_swapped(fields):
    swapped = "path: images\n  masks: masks\n  classes: {nucleus: '255', other: '0'}"
    fields.told(
        "each code must be a whole number from 0 to 65535", "Got 'nucleus'", dataset=swapped
    )


def test_names_before_codes(fields):
    swapped = "path: images\n  masks: masks\n  classes: {background: 0, nucleus: 255}"
    fields.told("Got background: 0. Turn them round: {0: background}", dataset=swapped)


def test_a_mask_of_another_size(fields):
    fields.save("masks/f3.png", np.zeros((10, 15)))
    fields.told("f3.png: its mask must have the size", "Got 15 x 10 pixels for an image of 30 x 20")


def test_a_mask_that_lies_turned(fields):
    path, mask = next(iter(fields.each_mask()))
    fields.save(f"masks/{path.name}", mask.T)
    fields.told("f0.png: ", "seems to be turned")


def test_an_image_without_a_mask(fields):
    (fields.root / "masks" / "f4.png").unlink()
    fields.told("f4.png: has no mask", "on_bad_image: exclude")
    fields.works(
        "warning: f4.png: has no mask.* It is left out",
        dataset="path: images\n  masks: masks\n  on_bad_image: exclude",
    )


def test_a_mask_without_an_image(fields):
    (fields.root / "images" / "f4.png").unlink()
    fields.works("warning: f4.png: is a mask without an image")


def test_masks_saved_as_jpeg(fields):
    for path, mask in fields.each_mask():
        fields.save(f"masks/{path.stem}.jpg", mask, quality=85)
        path.unlink()
    fields.told("different values", "JPEG", "PNG or TIFF")
    fields.told(
        r"10 of 10 hold others: \d+ \([\d,]+ pixels in \d+ masks\)",
        "Nothing is rounded here",
        dataset="path: images\n  masks: masks\n  classes: {0: background, 255: nucleus}",
    )


def test_edges_that_were_smoothed(fields):
    for path, mask in fields.each_mask():
        small = Image.fromarray(mask).resize((15, 10)).resize((30, 20), Image.Resampling.BILINEAR)
        fields.save(f"masks/{path.name}", np.asarray(small))
    fields.told("different values", "smoothed edges")


def test_probabilities_in_place_of_masks(fields):
    for path, mask in fields.each_mask():
        path.unlink()
        tifffile.imwrite(path.with_suffix(".tif"), mask.astype(np.float32) / 300)
    fields.told("Got fractions, as probabilities have them")


def test_numbered_objects_and_a_code_for_one(fields):
    for path, mask in fields.each_mask():
        mask[...] = 0
        for number in range(15):
            mask[4 * (number // 5), 6 * (number % 5)] = number + 1
        fields.save(f"masks/{path.name}", mask)
    fields.told(
        "10 of 10 hold others",
        "Write classes: instances",
        dataset="path: images\n  masks: masks\n  classes: {0: background, 1: nucleus}",
    )
    fields.works("classes: instances")


def test_all_masks_are_empty(fields):
    for path, mask in fields.each_mask():
        fields.save(f"masks/{path.name}", mask * 0)
    fields.told("Got the value 0 only in 10 masks")
    fields.told(
        "All masks are background from end to end",
        dataset="path: images\n  masks: masks\n  classes: {0: background, 255: nucleus}",
    )


def test_codes_the_wrong_way_round(fields):
    for path, mask in fields.each_mask():
        mask[2:, :] = 0
        mask[0, 0] = 255
        fields.save(f"masks/{path.name}", mask)
    fields.works(
        "warning: only .* of the pixels are background",
        dataset="path: images\n  masks: masks\n  classes: {0: nucleus, 255: background}",
    )


def test_results_among_the_masks(fields):
    fields.told("must not lie in the folder of masks", rest="cache: masks/cache\n")


def test_a_metric_of_classes(fields):
    fields.told("must be one for masks", "dice", rest="validation: {metric: accuracy}\n")


def test_a_damaged_mask(fields):
    (fields.root / "masks" / "f2.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    fields.told("f2.png: its mask: ", "Repair the mask")
