"""Mistakes in the folder of images: what lies where, and what the files hold."""

import os
import shutil

import numpy as np
import pytest
import tifffile
from PIL import Image


def test_the_folder_misspelt(lab):
    lab.told(
        lab.check(dataset="{path: imagse}"), "imagse", "There is none", "Did you mean .*images"
    )


def test_an_image_instead_of_the_folder(lab):
    lab.told(lab.check(dataset="{path: images/tumour/0.png}"), "It is a file")


def test_one_class_only(lab):
    shutil.rmtree(lab.images / "healthy")
    lab.told(lab.check(), "at least 2 classes", "Got tumour", "folder of their own")


def test_class_folders_one_level_too_deep(lab):
    lab.told(
        lab.check(dataset="{path: .}", rest="output: ../results"),
        "at least 2 classes",
        r"inside \(healthy, tumour\)",
        "dataset.path: .*/images",
    )


def test_the_folders_are_train_and_test(lab):
    shutil.copytree(lab.images, lab.folder / "divided" / "train")
    shutil.copytree(lab.images, lab.folder / "divided" / "test")
    lab.told(
        lab.check(dataset="{path: divided}"),
        "Got test, train",
        r"inside \(healthy, tumour\)",
        "divided/test instead",
    )


def test_images_instead_of_class_folders(lab):
    lab.told(
        lab.check(dataset="{path: images/tumour}"),
        "Got 6 images without a class folder",
        "in a table",
    )


def test_an_image_beside_the_class_folders(lab):
    lab.draw("stray.png")
    lab.told(lab.check(), r"stray\.png", "folder of its class")


def test_a_folder_without_images(lab):
    (lab.folder / "empty" / "a").mkdir(parents=True)
    lab.told(lab.check(dataset="{path: empty}"), "Got no image", "Check the path")


def test_a_class_with_two_images(lab):
    lab.draw("metastasis/1.png")
    lab.draw("metastasis/2.png")
    lab.told(lab.check(), "at least 5 images", "'metastasis' has 2")


def test_classes_that_differ_in_capitals(lab):
    shutil.copytree(lab.images / "healthy", lab.images / "Tumour")
    lab.told(lab.check(), r"'Tumour' \(6\), 'tumour' \(6\)", "capitals", "alike")


def test_a_blank_behind_a_class(lab):
    shutil.copytree(lab.images / "tumour", lab.images / "healthy ")
    lab.told(lab.check(), r"'healthy' \(6\), 'healthy ' \(6\)", "blanks")


def test_a_file_of_zero_bytes(lab):
    (lab.images / "tumour/0.png").write_bytes(b"")
    lab.told(lab.check(), "1 of the 12", r"tumour/0\.png", "0 bytes", "on_bad_image: exclude")


def test_a_jpeg_cut_short(lab):
    path = lab.draw("tumour/7.jpg", lab.pixels(64, 64, 3))
    path.write_bytes(path.read_bytes()[:900])
    lab.told(lab.check(), r"tumour/7\.jpg", "cut short", "Copy it again")


def test_a_png_with_broken_bytes(lab):
    path = lab.images / "tumour/0.png"
    data = path.read_bytes()
    path.write_bytes(data[:300] + bytes(200) + data[500:])
    lab.told(lab.check(), r"tumour/0\.png", "damaged")


def test_text_that_is_called_an_image(lab):
    (lab.images / "tumour/notes.png").write_text("remember to image the rest")
    lab.told(lab.check(), r"tumour/notes\.png", "not a PNG")


def test_a_photo_of_a_phone(lab):
    (lab.images / "tumour/phone.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(50))
    lab.told(lab.check(), r"tumour/phone\.jpg", "HEIC")


def test_a_transparent_image(lab):
    lab.draw("healthy/glass.png", np.full((24, 24, 4), 9, np.uint8))
    lab.told(lab.check(), r"healthy/glass\.png", "transparent", "without transparency")


def test_a_float_image_with_nan(lab):
    pixels = lab.pixels(24, 24, dtype=np.float32)
    pixels[3, 3] = np.nan
    lab.draw("healthy/bad.tif", pixels)
    lab.told(lab.check(), r"healthy/bad\.tif", "not finite")


def test_a_stack_without_a_rule(lab):
    tifffile.imwrite(lab.images / "healthy/z.tif", lab.pixels(9, 24, 24), metadata={"axes": "ZYX"})
    lab.told(lab.check(), r"healthy/z\.tif", "dataset.stack|stack:")


def test_a_link_to_a_file_that_was_moved(lab):
    (lab.images / "healthy/gone.png").symlink_to(lab.folder / "elsewhere.png")
    lab.told(lab.check(), r"healthy/gone\.png", "link")


def test_all_images_damaged_and_excluded(lab):
    for path in lab.images.rglob("*.png"):
        path.write_bytes(b"")
    lab.told(
        lab.check(dataset="{path: images, on_bad_image: exclude}"),
        "12",
        "none of the",
        r"The first: healthy/0\.png: it is empty",
    )


def test_real_numbers_scaled_as_if_from_0_to_1(lab):
    lab.draw_all(".tif", lambda: lab.pixels(24, 24, dtype=np.float32))
    lab.told(
        lab.check(dataset="{path: images, intensity: dtype}"),
        "dtype accepts",
        "from 0 to 1",
        "float32",
        "12 of 12",
        "percentile",
    )


def test_twelve_bits_scaled_as_eight(lab):
    lab.draw_all(".tif", lambda: 300 + 15 * lab.pixels(24, 24, dtype=np.uint16))
    lab.told(
        lab.check(dataset="{path: images, intensity: {min: 0, max: 255}}"),
        r"\{min: 0, max: 255\}",
        "12 of 12 images all black or all white",
        "intensity: auto",
    )


def test_a_folder_level_that_is_not_there(lab):
    lab.told(
        lab.check(dataset="{path: images, group: {level: 2}}"), "must lie in 2 folders", "level"
    )


def test_a_group_pattern_that_does_not_fit(lab):
    lab.told(
        lab.check(dataset="{path: images, group: {pattern: 'patient([0-9]+)'}}"),
        "must match the group pattern",
        "patient",
    )


def test_one_group_for_all(lab):
    lab.told(
        lab.check(dataset="{path: images, group: {pattern: '([.]png)$'}}"),
        "several groups",
        "in the group '.png'",
        "Correct dataset.group",
    )


@pytest.mark.parametrize(
    ("ending", "remedy"),
    [
        (".czi", "export them as OME-TIFF"),
        (".ND2", "export them as OME-TIFF"),
        (".lif", "export them as OME-TIFF"),
        (".svs", "cut out the regions of interest"),
        (".mat", "save them as PNG or TIFF"),
        (".heic", "save them as PNG or TIFF"),
    ],
)
def test_images_in_a_format_that_is_not_read(lab, ending, remedy):
    for path in list(lab.images.rglob("*.png")):
        path.rename(path.with_suffix(ending))
    lab.told(lab.check(), f"12 files end in {ending.lower()}, a format that is not read: {remedy}")


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"<!DOCTYPE html><title>404</title>", ("text .of a web page", "leave it out")),
        (b"ZISRAWFILE", ("it is a Zeiss CZI", "Export it as OME-TIFF")),
        (b"%PDF-1.4", ("it is a PDF", "Save it as PNG or TIFF")),
        (b"PK\x03\x04", ("it is a zip archive", "Unpack")),
        (b"\x89HDF\r\n", ("it is an HDF5 file",)),
    ],
)
def test_a_file_that_is_called_what_it_is_not(lab, start, words):
    (lab.images / "healthy/z.jpg").write_bytes(start + bytes(60))
    lab.told(lab.check(), r"healthy/z\.jpg", *words)


def test_colours_for_a_printer(lab):
    Image.fromarray(lab.pixels(24, 24, 4), "CMYK").save(lab.images / "healthy/c.jpg")
    lab.told(lab.check(), r"healthy/c\.jpg: its colours are CMYK", "Save it as RGB")


def test_several_pages_that_differ_in_size(lab):
    with tifffile.TiffWriter(lab.images / "healthy/z.tif") as file:
        for size in (24, 12):
            file.write(lab.pixels(size, size), photometric="minisblack")
    lab.told(lab.check(), r"healthy/z\.tif")


def test_results_among_the_images(lab):
    lab.told(lab.check(rest="output: images/results"), "must not lie in the folder of images")


def test_a_link_that_leads_to_itself(lab):
    (lab.images / "healthy/self.png").symlink_to("self.png")
    lab.told(lab.check(), r"self\.png: it is a link that leads to itself. Remove it")


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_a_name_in_another_encoding(lab):
    shutil.copy(lab.images / "healthy/0.png", os.fsencode(lab.images) + b"/healthy/z\xe4h.png")
    lab.told(lab.check(), r"z\\xe4h\.png: its name must be valid UTF-8. Rename it")


def test_every_image_in_a_group_of_its_class(lab):
    dataset = "{path: images, group: {level: 1}}"
    lab.told(
        lab.check(dataset=dataset), "Each class is one group: healthy, tumour", "dataset.group"
    )


# --- what works anyway ---------------------------------------------------------------------------


def test_a_png_that_is_called_jpg(lab):
    (lab.images / "healthy/0.png").rename(lab.images / "healthy/z.JPG")
    lab.works(lab.check(), "12 images")


def test_twelve_bits(lab):
    lab.draw_all(".tif", lambda: 16 * lab.pixels(24, 24, dtype=np.uint16))
    lab.works(lab.check(), "'max': 4095|max: 4095", "12")


def test_masks_beside_the_images(lab):
    for name in ("healthy/0_mask.png", "tumour/0_mask.png"):
        lab.draw(name, np.where(lab.pixels(24, 24) > 120, 255, 0).astype(np.uint8))
    lab.works(lab.check(), "warning: healthy/0_mask.png: holds two values only", "move it away")


def test_a_rule_for_stacks_without_stacks(lab):
    lab.works(lab.check(dataset="{path: images, stack: {projection: max}}"), "can be run")


def test_an_image_copied_into_both_classes(lab):
    shutil.copy(lab.images / "healthy/0.png", lab.images / "tumour/copy.png")
    lab.works(lab.check(), r"warning: .*tumour/copy\.png.*healthy/0\.png|copy\.png: has the same")


def test_one_microscope_in_twelve_and_one_in_eight_bits(lab):
    lab.draw("healthy/other.tif", 16 * lab.pixels(24, 24, 3, dtype=np.uint16))
    lab.works(lab.check(), "warning: .*uint16|warning: .*uint8", "intensity: percentile")
