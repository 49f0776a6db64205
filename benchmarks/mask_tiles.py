"""Does it show that large images are predicted in tiles? A trained network, tiled and at once.

    python benchmarks/mask_tiles.py MODEL IMAGES MASKS [--tile 128] [--overlap 32]

MODEL is a bundle or a run folder of a network for masks, IMAGES and MASKS are folders of pairs by
name. Each image is predicted by Keras in overlapping tiles and in one piece. Prints the mean Dice
of both (all classes but the background) and how many pixels are right in a band of 8 pixels along
the borders of tiles and elsewhere, of both. Goals: differences of at most 0.005.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from figures import print_figure

from bioselect.bundle.manifest import SEGMENTER_FOLDER
from bioselect.bundle.mask_model import load_mask_bundle
from bioselect.bundle.opening import bundle_folder
from bioselect.data.file_scene import file_scene
from bioselect.data.mask_pairs import pairs_of_folders
from bioselect.data.pairs import IGNORED
from bioselect.data.reading import read_image, read_source
from bioselect.networks.masks.tiling import TilePlan, starts_of
from bioselect.networks.masks.trained import MaskNetwork, load_mask_network
from bioselect.segmenters.base import most_probable, whole

GOAL = 0.005
#: Half as wide as the band along a border that is looked at, in pixels.
HALF_BAND = 4
#: Networks that halve an image more often than this are none of ours.
MULTIPLE = 64


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("masks", type=Path)
    parser.add_argument("--tile", type=int, default=128)
    parser.add_argument("--overlap", type=int, default=32)
    options = parser.parse_args()
    plan = TilePlan((options.tile, options.tile), options.overlap)
    model = load_mask_bundle(options.model)
    with bundle_folder(options.model) as folder:
        # By Keras: compiled, a network knows tiles of one size only.
        facts = {**model.manifest.facts, "compiled": False}
        network = load_mask_network(folder / SEGMENTER_FOLDER, facts)
    if not isinstance(network, MaskNetwork):
        parser.error(f"{options.model}: must be a network. Got {model.manifest.segmenter.name}.")
    pairs = pairs_of_folders(options.images, options.masks)
    scores, near_right, far_right = [], [], []
    for record, mask_path in zip(pairs.dataset.records, pairs.masks, strict=True):
        native = read_source(record.source)
        scene = file_scene(native, model.reading, model.n_channels, record.image_id)
        truth = model.codes.places(read_image(mask_path), record.image_id)
        side = tuple(-(-length // MULTIPLE) * MULTIPLE for length in truth.shape)
        found = [
            most_probable(whole(replace(network, tiles=tiles), scene))
            for tiles in (TilePlan(side, 0), plan)
        ]
        counts = truth != IGNORED
        scores.append([dice(truth[counts], one[counts], model.codes.background) for one in found])
        near, right = along_borders(truth.shape, plan), np.stack(found) == truth
        if near.any():  # The same images along borders and elsewhere.
            near_right.append(right[:, near & counts])
            far_right.append(right[:, ~near & counts])
    at_once, tiled = np.nanmean(scores, axis=0)
    largest = float(np.nanmax(np.abs(np.diff(scores, axis=1))))
    whole_near, tiled_near = np.concatenate(near_right, axis=1).mean(axis=1)
    whole_far, tiled_far = np.concatenate(far_right, axis=1).mean(axis=1)
    print(
        f"{len(scores)} images, tiles of {options.tile} px: Dice {tiled:.4f} in tiles, "
        f"{at_once:.4f} at once (one image: differs by up to {largest:.4f})"
    )
    print(
        f"{len(near_right)} images with borders of tiles inside: right pixels along them "
        f"{tiled_near:.4f} in tiles, {whole_near:.4f} at once; elsewhere {tiled_far:.4f} and "
        f"{whole_far:.4f}"
    )
    print_figure("difference in Dice between tiles and whole images", abs(tiled - at_once))
    print_figure("right pixels lost along borders of tiles", max(0.0, whole_near - tiled_near))
    return int(abs(tiled - at_once) > GOAL)


def dice(truth: np.ndarray, found: np.ndarray, background: int | None) -> float:
    """Return the mean Dice of the classes that either shows; NaN where there is none."""
    shown = set(np.unique(truth)) | set(np.unique(found))
    return float(
        np.mean(
            [
                2
                * np.sum((truth == one) & (found == one))
                / (np.sum(truth == one) + np.sum(found == one))
                for one in sorted(shown - {background})
            ]
            or [np.nan]
        )
    )


def along_borders(shape: tuple[int, ...], plan: TilePlan) -> np.ndarray:
    """Return bool of a shape: what lies in the bands along borders of tiles inside the image."""
    near = np.zeros(shape, dtype=bool)
    for axis, length in enumerate(shape):
        tile = plan.size[axis]
        for start in starts_of(length, tile, plan.overlap):
            for border in (start, start + tile):
                if 0 < border < length:
                    band = slice(max(0, border - HALF_BAND), border + HALF_BAND)
                    near[(band, slice(None)) if axis == 0 else (slice(None), band)] = True
    return near


if __name__ == "__main__":
    raise SystemExit(main())
