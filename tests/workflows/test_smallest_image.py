"""An extractor that cannot describe the smallest image is told of before the work."""

import numpy as np
import pytest
from PIL import Image

from bioselect.config.loading import load_config
from bioselect.exceptions import DataError
from bioselect.progress import SILENT
from bioselect.workflows.study_inputs import read_study_inputs


@pytest.fixture
def findings_with(tmp_path):
    """Return a function that draws 24 images, one of them small, and checks them."""

    def check(extractors, smallest):
        random = np.random.default_rng(0)
        for number in range(24):
            side = smallest if number == 7 else 30
            path = tmp_path / "images" / "ab"[number % 2] / f"{number:02d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(random.integers(0, 255, (side, side), dtype=np.uint8)).save(path)
        config = tmp_path / "c.yaml"
        config.write_text(
            f"dataset: {{path: images}}\nextractors: {extractors}\nclassifiers: [lda]\n"
            "output: run\n"
        )
        return read_study_inputs(load_config(config), tmp_path / "cache", 1, SILENT).findings

    return check


def told(findings):
    return [one for one in findings if "cannot describe this image" in one.what]


def test_the_extractor_and_the_image_are_named(findings_with):
    # 3 px have no neighbour at distance 4.
    (found,) = told(findings_with("[haralick, intensity]", 3))
    assert found.image == "b/07.png"
    assert found.what.startswith("haralick cannot describe this image")


def test_images_that_all_can_describe_give_no_finding(findings_with):
    assert told(findings_with("[haralick, lbp, hog, intensity]", 20)) == []


def test_no_extractor_left_is_an_error(findings_with):
    with pytest.raises(DataError, match="no extractor can describe the smallest image"):
        findings_with("[haralick]", 3)
