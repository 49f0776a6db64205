"""Defects planted at random into drawn images on disk: all are found, and nothing else."""

import shutil

import numpy as np
import pytest
import tifffile
from PIL import Image

from bioselect.checks.findings import ERROR, NOTE, WARNING
from tests.checks.planting import (
    CLASSES,
    N_OF_CLASS,
    SIDE,
    as_patients,
    cells,
    check_found,
    drawn,
    findings_of,
    one_more_class,
    overwrite,
    pixels_of,
)

DEFECTS = {}


def defect(severity, words):
    """Register a function that spoils one image and returns the file that has to be named."""

    def register(plant):
        DEFECTS[plant.__name__] = (plant, severity, words)
        return plant

    return register


@defect(ERROR, "0 bytes")
def zero_bytes(path, other):
    path.write_bytes(b"")
    return path


@defect(ERROR, "cut short")
def cut_short(path, other):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


@defect(ERROR, "")
def a_web_page_called_png(path, other):
    path.write_text("<!DOCTYPE html><html>404 Not Found</html>")
    return path


@defect(WARNING, "every pixel has the value 0")
def zero_image(path, other):
    return overwrite(path, np.zeros((SIDE, SIDE, 3)))


@defect(WARNING, "every pixel has the value 128")
def constant_image(path, other):
    return overwrite(path, np.full((SIDE, SIDE, 3), 128))


@defect(WARNING, "nearly constant")
def lamp_was_off(path, other):
    return overwrite(path, 3 + np.random.default_rng(5).integers(0, 3, (SIDE, SIDE, 3)))


@defect(WARNING, "1 of its 3 channels")
def dye_was_forgotten(path, other):
    pixels = pixels_of(path).copy()
    pixels[:, :, 1] = 0
    return overwrite(path, pixels)


@defect(WARNING, "two values only")
def mask_among_images(path, other):
    pixels = pixels_of(path)[:, :, :1] > 100
    return overwrite(path, np.repeat(np.where(pixels, 255, 0), 3, axis=2))


@defect(WARNING, "largest possible value")
def over_exposed(path, other):
    pixels = 40 + 5 * pixels_of(path).astype(int)
    return overwrite(path, np.where(pixels > 330, 255, pixels // 2))


@defect(NOTE, "same pixels as")
def copy_in_another_format(path, other):
    copy = path.with_name("zz_copy.bmp")
    Image.open(path).save(copy)
    return copy


@defect(WARNING, "but the class")
def copy_in_another_class(path, other):
    return max(path, shutil.copy(path, other.with_name("zz_other.png")))  # the second is named


@defect(WARNING, "shows the same with other pixel values")
def saved_again_as_jpeg(path, other):
    copy = path.with_suffix(".JPG")
    Image.open(path).save(copy, quality=60)
    return path  # JPG comes before png, so the second is named


@defect(WARNING, "with slightly other pixel values")
def saved_again_under_another_name(path, other):
    copy = other.with_name("zz_again.jpg")
    Image.open(path).save(copy, quality=70)
    return max(path, copy)


@defect(WARNING, "turned by 90 degrees")
def turned_in_another_class(path, other):
    copy = other.with_name("zz_turned.png")
    overwrite(copy, np.rot90(pixels_of(path)))
    return max(path, copy)


@defect(NOTE, "cut or shifted")
def a_section_of_it(path, other):
    section = Image.fromarray(pixels_of(path)[4:, 1:45]).resize((SIDE, SIDE))
    return overwrite(path.with_name("zz_section.png"), section)


@defect(NOTE, "has 12 x 12 pixels")
def thumbnail(path, other):
    Image.open(path).resize((12, 12)).save(path)
    return path


@defect(NOTE, "shows something else")
def two_images_of_one_name(path, other):
    copy = path.with_suffix(".jpg")
    Image.open(path).rotate(180).save(copy)
    return path  # jpg comes before png


@defect(WARNING, "different numbers of channels")
def grey_among_colour(path, other):
    Image.open(path).convert("L").save(path)
    return None


@defect(WARNING, "different pixel types")
def sixteen_bits_among_eight(path, other):
    tifffile.imwrite(path.with_suffix(".tif"), pixels_of(path).astype(np.uint16), photometric="rgb")
    path.unlink()
    return None


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_in_sound_images(tmp_path, seed):
    drawn(tmp_path / "images", seed)
    assert findings_of(tmp_path / "images") == ([], False)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("on_bad_image", ["stop", "exclude"])
def test_all_that_was_planted_is_found_and_nothing_else(tmp_path, seed, on_bad_image):
    images = tmp_path / "images"
    random = drawn(images, seed)
    expected = []
    places = random.permutation(N_OF_CLASS).tolist()
    for (plant, severity, words), place in zip(DEFECTS.values(), places, strict=False):
        here, there = random.permutation(CLASSES)
        name = f"{place:02d}.png"
        file = plant(images / here / name, images / there / name)
        image = "" if file is None else file.relative_to(images).as_posix()
        if severity == ERROR and on_bad_image == "exclude":
            severity = WARNING
        expected.append((severity, image, words))
    found, is_refused = findings_of(images, f", on_bad_image: {on_bad_image}")
    check_found(found, expected)
    assert is_refused is (on_bad_image == "stop")


SCENARIOS = []
PATIENT = ", group: {pattern: '/(p ?[0-9]+)_'}"


def scenario(dataset="", folds="auto"):
    """Register a function that spoils a whole data set and returns what is to be found."""

    def register(plant):
        SCENARIOS.append(pytest.param(plant, dataset, folds, id=plant.__name__))
        return plant

    return register


@scenario()
def a_class_of_four(folder, random):
    one_more_class(folder, random, "rare", 4)
    return [(ERROR, "Class 'rare' has 4.")]


@scenario(folds=8)
def a_class_smaller_than_the_folds(folder, random):
    one_more_class(folder, random, "rare", int(random.integers(5, 8)))
    return [(WARNING, "few independent images"), (WARNING, "validation.folds: 8 is more than")]


@scenario(PATIENT, folds=12)
def a_class_of_fewer_patients_than_folds(folder, random):
    as_patients(folder, lambda name, number: f"p{number % (14 if name == 'few' else 11)}")
    return [(WARNING, "validation.folds: 12 is more than the independent images or groups of")]


@scenario(PATIENT)
def a_class_of_four_patients(folder, random):
    as_patients(folder, lambda name, number: f"p{number % (14 if name == 'few' else 4)}")
    return [(ERROR, "Got too few: class 'many' has 4.")]


@scenario()
def one_class(folder, random):
    shutil.rmtree(folder / random.choice(CLASSES))
    return [(ERROR, "must have at least 2 classes")]


@scenario()
def a_class_in_two_spellings(folder, random):
    one_more_class(folder, random, random.choice(CLASSES).upper(), 12)
    return [(ERROR, "differ only in capitals")]


@scenario()
def a_class_that_is_far_rarer(folder, random):
    for number in range(N_OF_CLASS, 100):
        overwrite(folder / "few" / f"{number:02d}.png", cells(random))
    one_more_class(folder, random, "rare", 10)
    return [(NOTE, "class 'rare' is far rarer than 'few'")]


@scenario()
def patients_that_nobody_declared(folder, random):
    as_patients(folder, lambda name, number: f"p{number // 4 + 10 * (name == 'few')}")
    return [(WARNING, "no group is declared, but the images look as if they were of 20 patients")]


@scenario(PATIENT)
def patients_of_one_class_each(folder, random):
    as_patients(folder, lambda name, number: f"p{number // 4 + 10 * (name == 'few')}")
    return [(NOTE, "each of the 20 groups holds images of one class only")]


@scenario(PATIENT)
def one_patient_of_one_class_among_others(folder, random):
    as_patients(
        folder, lambda name, number: f"p{20 if number > 26 and name == 'few' else number % 12}"
    )
    return [(NOTE, "all 13 images of the group 'p20' are of the class 'few'")]


@scenario(PATIENT)
def a_patient_in_two_spellings(folder, random):
    as_patients(folder, lambda name, number: f"p{' ' * (number == 5)}{number % 20}")
    return [(WARNING, "the groups 'p 5', 'p5' differ only in")]


@scenario(PATIENT)
def one_patient(folder, random):
    as_patients(folder, lambda name, number: "p1")
    return [(ERROR, "All 80 images are in the group 'p1'")]


@scenario()
def a_class_of_its_own_size(folder, random):
    for path in (folder / random.choice(CLASSES)).iterdir():
        overwrite(path, pixels_of(path)[:40])
    return [(WARNING, "the class can be told by the size of the image alone")]


@scenario()
def a_class_of_its_own_format(folder, random):
    for path in list((folder / random.choice(CLASSES)).iterdir()):
        path.rename(path.with_suffix(".bmp"))
    return [(WARNING, "the class can be told by the ending of its file alone")]


@scenario(", intensity: {min: 100, max: 900}")
def a_scale_that_cuts_off(folder, random):
    overwrite(folder / "few" / "07.png", pixels_of(folder / "few" / "07.png") // 3)
    return [(WARNING, "makes 1 of 80 images all black or all white, such as few/07.png")]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("plant", "dataset", "folds"), SCENARIOS)
def test_what_is_wrong_with_a_whole_data_set_is_found(tmp_path, plant, dataset, folds, seed):
    random = drawn(tmp_path / "images", seed)
    expected = [(severity, "", words) for severity, words in plant(tmp_path / "images", random)]
    found, is_refused = findings_of(tmp_path / "images", dataset, folds)
    check_found(found, expected)
    assert is_refused is any(severity == ERROR for severity, _, _ in expected)
