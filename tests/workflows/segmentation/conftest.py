"""Drawn images with masks, a configuration for them, and a segmenter that learns nothing."""

import numpy as np
import pytest
from PIL import Image

from bioselect.component import ComponentRow, Parameter
from bioselect.segmenters import builtin

N_IMAGES = 12


class Nothing:
    """Can always be had, and is never trained here."""

    name = "plain"
    n_epochs = None

    def check_available(self) -> None:
        """Everything is there."""


@pytest.fixture
def plain(monkeypatch):
    """Let `plain` stand under `networks`."""
    row = ComponentRow("plain", "m:n", "learns nothing", (Parameter("depth", 1, ("int",)),))
    monkeypatch.setattr(builtin, "SEGMENTERS", {**builtin.SEGMENTERS, "plain": row})
    monkeypatch.setattr(
        "bioselect.workflows.segmentation.usable_segmenters.create_segmenter",
        lambda spec, augmentation, base_dir: Nothing(),
    )


class Pairs:
    """A folder with images/ and masks/, and config.yaml beside them."""

    def __init__(self, root, n_images=N_IMAGES):
        self.root, self.rng = root, np.random.default_rng(5)
        for number in range(n_images):
            self.draw(f"p{number % 6}_{number:02}")

    def draw(self, name, values=(0, 255), size=(24, 20), ending=".png", light=100):
        mask = np.full(size, values[0], np.uint8)
        for place, value in enumerate(values[1:], start=1):
            row, column = self.rng.integers(0, 10, 2) + 2 * place
            mask[row : row + 6, column : column + 5] = value
        self.save(
            f"images/{name}.png", self.rng.integers(0, 2 * light, (*size, 3)).astype(np.uint8)
        )
        self.save(f"masks/{name}{ending}", mask)

    def save(self, name, pixels):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        return path

    def mask(self, name):
        return np.array(Image.open(self.root / "masks" / name))

    def config(self, dataset="", rest="", networks="[plain]"):
        path = self.root / "config.yaml"
        path.write_text(
            "task: segmentation\ndataset:\n  path: images\n  masks: masks\n"
            f"{dataset}networks: {networks}\n{rest}output: results\n"
        )
        return path


@pytest.fixture
def pairs(tmp_path, plain):
    return Pairs(tmp_path)
