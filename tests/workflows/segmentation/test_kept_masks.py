"""Masks of an earlier run are not left among those of this study."""

import numpy as np
from PIL import Image

from bioselect.data.mask_codes import MaskCodes
from bioselect.workflows.segmentation.kept_masks import OutOfFoldMasks

CODES = MaskCodes(("background", "nucleus"), ((0, 0), (255, 1)))


def test_every_file_that_is_not_of_this_study_is_removed(tmp_path):
    masks = OutOfFoldMasks(tmp_path / "out_of_fold", ("a", "slide/b"), CODES)
    before = OutOfFoldMasks(tmp_path / "out_of_fold", ("a", "slide/b", "gone", "old/c"), CODES)
    for name in ("otsu", "unet"):
        for repeat in (0, 1):
            for place in range(4):
                path = before.path(name, repeat, place)
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(np.zeros((2, 2), np.uint8)).save(path)
    masks.remove_others([("otsu", 0, 0), ("otsu", 0, 1)])
    left = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*"))
    assert left == [
        "out_of_fold",
        "out_of_fold/otsu",
        "out_of_fold/otsu/repeat_0",
        "out_of_fold/otsu/repeat_0/a.png",
        "out_of_fold/otsu/repeat_0/slide",
        "out_of_fold/otsu/repeat_0/slide/b.png",
    ]
