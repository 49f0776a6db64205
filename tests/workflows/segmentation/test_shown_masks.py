"""The sheet of augmentation shows that masks move as their images do."""

import numpy as np
import pytest
from PIL import Image

from bioselect.cli.main import main
from bioselect.data.mask_codes import MaskCodes
from bioselect.exceptions import ConfigurationError
from bioselect.workflows.augment import augment
from bioselect.workflows.segmentation.shown_masks import MaskDisplay

CODES = MaskCodes(("background", "nucleus"), ((0, 0), (255, 1)))


@pytest.fixture
def mask():
    places = np.zeros((12, 10), np.uint8)
    places[3:9, 2:7] = 1
    return places


def test_a_mask_is_drawn_over_its_picture_and_nowhere_else(mask) -> None:
    picture = np.full((12, 10, 3), 100, np.uint8)
    drawn = MaskDisplay(CODES).over(picture, mask)
    assert ((drawn != 100).any(axis=2) == (mask == 1)).all()


def test_each_channel_beside_the_other_has_the_mask(mask) -> None:
    picture = np.full((12, 10 + 2 + 10, 3), 100, np.uint8)  # two channels, a line between them
    changed = (MaskDisplay(CODES).over(picture, mask) != 100).any(axis=2)
    assert (changed[:, :10] == (mask == 1)).all()
    assert (changed[:, 12:] == (mask == 1)).all()
    assert not changed[:, 10:12].any()


def test_the_sheet_is_drawn_with_masks(pairs, capsys) -> None:
    path = pairs.config(rest="augmentation: [horizontal_flip, rotation]\n")
    sheet = pairs.root / "sheet.png"
    assert main(["augment", str(path), "-o", str(sheet), "--images", "2", "--jobs", "1"]) == 0
    assert "2 steps on 2 images" in capsys.readouterr().out
    with_masks = np.asarray(Image.open(sheet).convert("RGB")).astype(int)
    # The yellow of the first class, (240, 228, 66), is in no image of noise, nor in the labels.
    assert ((with_masks - [240, 228, 66]) == 0).all(axis=2).any()


def test_steps_that_mix_images_are_not_drawn(pairs) -> None:
    path = pairs.config(rest="augmentation: [mixup]\n")
    with pytest.raises(ConfigurationError, match="mixup: does not go with task: segmentation"):
        augment(path, pairs.root / "sheet.png", jobs=1)
