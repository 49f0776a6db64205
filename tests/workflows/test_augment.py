"""`bioselect augment`: the sheet is drawn, and what cannot be drawn is said in one line."""

import numpy as np
import pytest
from PIL import Image
from tifffile import imwrite

import bioselect.workflows.augment as workflow
from bioselect.cli.main import main
from bioselect.config.loading import load_config
from bioselect.exceptions import ConfigurationError, DataError
from bioselect.progress import SILENT
from bioselect.workflows.augment import augment, drawn_size, sample_places
from bioselect.workflows.check import check
from bioselect.workflows.contact_sheet import shortened, wrapped
from bioselect.workflows.listed_images import read_dataset
from bioselect.workflows.shown_images import Display

STEPS = "augmentation: [horizontal_flip, {name: rotation, params: {degrees: [-90, 90]}}, mixup]"


@pytest.fixture
def stains(tmp_path):
    """Return a folder of two classes of 16-bit images with three channels that are no colours."""
    random = np.random.default_rng(0)
    for name in ("a", "b"):
        (tmp_path / "stains" / name).mkdir(parents=True)
        for number in range(5):
            pixels = random.integers(0, 3000, (20, 24, 3), dtype=np.uint16)
            imwrite(
                tmp_path / "stains" / name / f"{number}.tif",
                pixels,
                photometric="minisblack",
                planarconfig="contig",
            )
    return tmp_path / "stains"


def test_a_sheet_is_drawn_and_drawn_again(write_config, tmp_path, capsys):
    path, sheet = write_config(rest=STEPS), tmp_path / "sheet.png"
    assert main(["augment", str(path), "-o", str(sheet)]) == 0
    assert capsys.readouterr().out.strip() == f"{sheet}: 3 steps on 3 images"
    first = sheet.read_bytes()
    with Image.open(sheet) as picture:
        # Three images of three draws each beside the labels; the titles, five rows, the notes.
        assert picture.width > 3 * 3 * 112
        assert picture.height > 5 * 112
        assert len(set(np.asarray(picture).reshape(-1, 3).max(axis=1).tolist())) > 50
    assert not (tmp_path / "run").exists()
    assert main(["augment", str(path), "-o", str(sheet)]) == 0
    assert sheet.read_bytes() == first
    assert main(["augment", str(path), "-o", str(sheet), "--seed", "1"]) == 0
    assert sheet.read_bytes() != first


def test_steps_are_drawn_in_the_order_in_which_they_act(write_config, tmp_path):
    sheets = []
    for name, steps in (("first", "[mixup, rotation]"), ("last", "[rotation, mixup]")):
        sheets.append(tmp_path / f"{name}.png")
        augment(write_config(rest=f"augmentation: {steps}"), sheets[-1])
    assert sheets[0].read_bytes() == sheets[1].read_bytes()


def test_channels_that_are_no_colours_are_drawn_side_by_side(write_config, tmp_path, stains):
    config = write_config(rest="augmentation: [gamma]", path=stains)
    assert augment(config, tmp_path / "s.png", n_images=2).endswith("1 step on 2 images")
    with Image.open(tmp_path / "s.png") as picture:
        # Two images of two draws, each of three panels of 76 pixels.
        assert picture.width > 2 * 2 * 3 * 76


@pytest.mark.parametrize("step", ["hue", "saturation"])
def test_colours_are_asked_for(write_config, tmp_path, stains, step):
    config = write_config(rest=f"augmentation: [{step}]", path=stains)
    with pytest.raises(DataError) as raised:
        augment(config, tmp_path / "s.png")
    assert str(raised.value) == (
        f"augmentation {step}: needs channels that are red, green and blue. Got three of uint16 "
        "(a/0.tif), which are mostly stains. Remove the step; or, if they are colours, write "
        "params: {channels: rgb}."
    )
    rgb = f"augmentation: [{{name: {step}, params: {{channels: rgb}}}}]"
    augment(write_config(rest=rgb, path=stains), tmp_path / "s.png")
    assert (tmp_path / "s.png").exists()


def test_grey_images_have_no_colours(write_config, tmp_path):
    for name in ("a", "b"):
        (tmp_path / "grey" / name).mkdir(parents=True)
        for number in range(5):
            pixels = np.random.default_rng([number, ord(name)]).integers(
                0, 255, (9, 9), dtype=np.uint8
            )
            Image.fromarray(pixels).save(tmp_path / "grey" / name / f"{number}{name}.png")
    config = write_config(rest="augmentation: [hue]", path=tmp_path / "grey")
    with pytest.raises(DataError, match=r"hue: accepts images with 3 channels\. Got 1"):
        augment(config, tmp_path / "s.png")


def test_what_nobody_would_see_is_refused(write_config):
    with pytest.raises(ConfigurationError, match=r"none of both is listed\. Remove"):
        check(write_config(rest=STEPS))


@pytest.mark.parametrize(
    ("rest", "output", "n_images", "message"),
    [
        ("", "s.png", 3, "augmentation: must list steps, for example"),
        (STEPS, "s.jpg", 3, "s.jpg: must be a .png file"),
        (STEPS, "s.png", 0, "--images: must be at least 1. Got 0"),
        (STEPS, "taken.png", 3, "is there already, and no sheet of bioselect"),
    ],
)
def test_what_cannot_be_drawn(write_config, tmp_path, rest, output, n_images, message):
    Image.new("RGB", (3, 3)).save(tmp_path / "taken.png")
    with pytest.raises(ConfigurationError, match=message) as raised:
        augment(write_config(rest=rest), tmp_path / output, n_images)
    assert "\n" not in str(raised.value)


def test_images_come_from_all_classes_in_turn(write_config):
    dataset, _ = read_dataset(load_config(write_config()), SILENT)
    places = sample_places(dataset, 7, seed=0)
    targets = [dataset.records[place].target for place in places]
    assert targets == ["bars", "dots", "smooth"] * 2 + ["bars"]
    assert len(set(places)) == 7
    assert sample_places(dataset, 7, seed=1) != places
    assert len(sample_places(dataset, 1000, seed=0)) == 36


def test_large_images_are_drawn_smaller_in_their_proportions():
    assert drawn_size(224, 224) == (224, 224)
    assert drawn_size(448, 100) == (224, 50)


def test_grey_panels_are_stretched_alike_in_all_images():
    images = [np.full((1, 2, 2), value, dtype=np.float32) for value in (0.0, 0.25, 1.0)]
    display = Display.of(images, are_colours=False)
    assert display.n_panels == 2
    # Between the 0.5 % ends, which are 0 and 1; a white line of two pixels between the channels.
    tile = display.tile(images[1])
    assert tile.shape == (1, 6, 3)
    assert tile[0, :, 0].tolist() == [64, 64, 255, 255, 64, 64]
    assert display.tile(images[0])[0, 0, 0] == 0


def test_text_is_fitted():
    assert wrapped("a b", 14, 1000) == ["a b"]
    assert shortened("short", 14, 1000) == "short"
    long = shortened("x" * 200, 12, 100)
    assert "..." in long
    assert len(long) < 40


@pytest.mark.parametrize(
    ("extractors", "rest", "words"),
    [
        ("[lbp]", "", "Nobody sees this yet"),
        ("[{name: views, params: {extractor: lbp}}]", "", "trained on each image and on views"),
        ("[lbp]", "networks: [small_cnn]", "In each epoch 50 % of the images"),
        ("[lbp]", "networks: [small_cnn]\naugmentation_ratio: 0.2", "In each epoch 20 % of the"),
        ("[lbp]", "networks: [small_cnn]\naugmentation_mix: augmented", "every image is changed"),
        ("[lbp]", "networks: [small_cnn]\naugmentation_mix: none", "augmentation_mix is none"),
    ],
)
def test_the_sheet_says_who_sees_such_images(
    write_config, tmp_path, monkeypatch, extractors, rest, words
):
    sheets = []
    monkeypatch.setattr(workflow, "write_sheet", lambda sheet, path: sheets.append(sheet))
    augment(write_config(extractors, rest=f"{STEPS}\n{rest}"), tmp_path / "s.png", n_images=1)
    assert words in sheets[0].notes[0]
