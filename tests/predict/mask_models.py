"""A model of masks that needs no training: bright pixels are the first class, brighter the next."""

import weakref
from dataclasses import dataclass, field

import numpy as np

from bioselect.bundle.mask_model import MaskBundleContents, write_mask_bundle
from bioselect.data.intensities import Intensity
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.pairs import ArrayPairs
from bioselect.data.preparation import Reading
from bioselect.registry import ComponentSpec
from bioselect.segmenters.base import MaskTask
from bioselect.segmenters.creation import create_segmenter

AS_THEY_ARE = Reading(Intensity("dtype"))
NUCLEI = MaskCodes(("background", "nucleus"), ((0, 0), (255, 1)))


@dataclass(frozen=True)
class Brightness:
    codes: MaskCodes = NUCLEI
    reading: Reading = AS_THEY_ARE
    n_channels: int = 1
    image_dtype: str = "uint8"
    pixel_size: float | None = None
    n_rows: int = 7

    def bands(self, scene):
        height, _, _ = scene.shape
        for top in range(0, height, self.n_rows):
            rows = slice(top, min(top + self.n_rows, height))
            grey = scene.window(rows, slice(None)).mean(axis=2)
            # Black is the first class, white the last; between two, the chances are shared.
            at = grey * (self.codes.n_classes - 1)
            distance = np.abs(at[..., None] - np.arange(self.codes.n_classes))
            shares = np.clip(1.0 - distance, 0.0, 1.0)
            yield rows, (shares / shares.sum(axis=2, keepdims=True)).astype(np.float32)


@dataclass(frozen=True)
class Watching(Brightness):
    """Knows which of the images before the present one were still in memory."""

    seen: list = field(default_factory=list)
    kept: list = field(default_factory=list)

    def bands(self, scene):
        self.kept.extend(one for one in self.seen if one() is not None)
        self.seen.append(weakref.ref(scene.native))
        yield from super().bands(scene)


def squares(size=(40, 60), corners=((5, 5), (20, 30)), side=8, value=255):
    """Return uint8 with bright squares on black."""
    image = np.zeros(size, dtype=np.uint8)
    for top, left in corners:
        image[top : top + side, left : left + side] = value
    return image


def write_otsu_bundle(folder, images, codes=NUCLEI, pixel_size=None, sha256=()):
    """Train Otsu on uint8 images, of which bright pixels are the second class; write a bundle."""
    pairs = ArrayPairs(
        [image[..., None] / np.float32(255) for image in images],
        [(image > 128).astype(np.uint8) for image in images],
    )
    task = MaskTask(2, 0, np.arange(len(images)), np.array([], int), seed=0)
    spec = ComponentSpec("otsu")
    segmenter = create_segmenter(spec)
    contents = MaskBundleContents(
        spec=spec,
        identity=segmenter.identity(),
        trained=segmenter.fit(pairs, task),
        codes=codes,
        reading=AS_THEY_ARE,
        n_channels=1,
        pixel_size=pixel_size,
        image_shape=(*images[0].shape, 1),
        image_dtype="uint8",
        dataset={"sha256": list(sha256)},
    )
    write_mask_bundle(folder, contents)
    return folder
