"""How much memory the mask of a 10,000 x 10,000 image takes, and how long.

    python benchmarks/mask_memory.py                    # 10,000 px, colour, Otsu and a small U-Net
    python benchmarks/mask_memory.py --side 2000        # the same in a minute
    python benchmarks/mask_memory.py --images one_object --models otsu

Draws an image with some ten thousand nuclei, one that a single object fills but for a margin, and
a small one of the first kind; trains a model of masks on parts of the small one (no matter how
well), and runs `bioselect predict` on the large ones, with and without everything that can be
written beside. Memory is the resident one of the process and of those below it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from figures import print_figure
from memory import watch
from PIL import Image

from bioselect.bundle.mask_model import MaskBundleContents, write_mask_bundle
from bioselect.data.intensities import Intensity
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.pairs import ArrayPairs
from bioselect.data.preparation import Reading
from bioselect.registry import ComponentSpec
from bioselect.segmenters.base import MaskTask
from bioselect.segmenters.creation import create_segmenter

GIGABYTE = 1e9
SIDE_OF_TRAINING, N_TRAINING = 256, 6
IMAGES = ("nuclei", "one_object")
#: Dark pixels around the one object, a share of the side.
MARGIN = 0.01
#: One nucleus for so many pixels of a side.
SPACING = 90
RADII = (8, 22)
SPECS = {
    "otsu": ComponentSpec("otsu"),
    "unet": ComponentSpec.of("unet", {"width": 16, "epochs": 1}),
}
CODES = MaskCodes(("background", "nucleus"), ((0, 0), (255, 1)))


def main() -> int:
    """Draw, train, predict; print the peaks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=10_000)
    parser.add_argument("--models", nargs="+", choices=SPECS, default=list(SPECS))
    parser.add_argument("--images", nargs="+", choices=IMAGES, default=list(IMAGES))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bioselect-mask-memory-") as name:
        folder = Path(name)
        for model in options.models:
            write_model(folder / model, SPECS[model])
        for drawn in options.images:
            (folder / drawn).mkdir()
            image = one_object if drawn == "one_object" else nuclei
            Image.fromarray(image(options.side)).save(folder / drawn / "large.png")
            for model in options.models:
                measure(folder, drawn, model, options.side)
    return 0


def measure(folder: Path, drawn: str, model: str, side: int) -> None:
    """Predict one large image with a model, with and without all that is written beside."""
    for what, more in (("masks", []), ("everything", everything(folder, drawn, model))):
        output = folder / f"{drawn} {model} {what}"
        words = [str(folder / model), str(folder / drawn), "-o", str(output)]
        peak = watch(["predict", *words, *more], folder)
        case = f"{side} px, {drawn}, {model}, {what}"
        print(
            f"{case}: {peak.n_bytes / GIGABYTE:.2f} GB in {peak.n_processes} processes, "
            f"{peak.seconds:.0f} s",
            flush=True,
        )
        print_figure(f"{case}: GB", peak.n_bytes / GIGABYTE)
        print_figure(f"{case}: seconds", peak.seconds)


def everything(folder: Path, drawn: str, model: str) -> list[str]:
    """Return the options that have everything written that can be."""
    crops = folder / f"{drawn} {model} crops"
    return ["--probabilities", "--overlays", "--separate", "--crops", str(crops)]


def nuclei(side: int) -> np.ndarray:
    """Draw uint8 ``(side, side, 3)`` with many small objects."""
    return draw_nuclei(side, seed=0)[0]


def one_object(side: int) -> np.ndarray:
    """Draw uint8 ``(side, side, 3)`` that one object fills but for a margin."""
    image = np.full((side, side, 3), 20, dtype=np.uint8)
    margin = max(1, int(MARGIN * side))
    image[margin:-margin, margin:-margin] = 180
    return image


def draw_nuclei(side: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw uint8 ``(side, side, 3)``, bright discs on uneven dark ground, and bool of where."""
    random = np.random.default_rng(seed)
    ground = np.linspace(20, 60, side, dtype=np.float32)[:, None]
    grey = np.broadcast_to(ground, (side, side)).astype(np.uint8).copy()
    mask = np.zeros((side, side), dtype=bool)
    for _ in range((side // SPACING) ** 2):
        radius = int(random.integers(*RADII))
        top, left = random.integers(0, side - 2 * radius - 1, size=2)
        rows, columns = np.ogrid[-radius : radius + 1, -radius : radius + 1]
        disc = rows**2 + columns**2 <= radius**2
        window = (slice(top, top + 2 * radius + 1), slice(left, left + 2 * radius + 1))
        grey[window][disc] = random.integers(120, 200)
        mask[window] |= disc
    for top in range(0, side, 500):  # noise for all pixels at once would take gigabytes
        part = grey[top : top + 500]
        part += random.integers(0, 40, part.shape, dtype=np.uint8)
    return np.stack([grey, grey // 2, grey // 3], axis=2), mask


def write_model(folder: Path, spec: ComponentSpec) -> None:
    """Train a model on a few small images and write its bundle."""
    drawn = [draw_nuclei(SIDE_OF_TRAINING, seed=1 + number) for number in range(N_TRAINING)]
    pairs = ArrayPairs(
        [image / np.float32(255) for image, _ in drawn],
        [mask.astype(np.uint8) for _, mask in drawn],
    )
    segmenter = create_segmenter(spec)
    places = np.arange(N_TRAINING)
    task = MaskTask(CODES.n_classes, CODES.background, places[:-1], places[-1:], seed=0)
    contents = MaskBundleContents(
        spec=spec,
        identity=segmenter.identity(),
        trained=segmenter.fit(pairs, task),
        codes=CODES,
        reading=Reading(Intensity("dtype")),
        n_channels=3,
        pixel_size=0.5,
        image_shape=(SIDE_OF_TRAINING, SIDE_OF_TRAINING, 3),
        image_dtype="uint8",
    )
    write_mask_bundle(folder, contents)


if __name__ == "__main__":
    sys.exit(main())
