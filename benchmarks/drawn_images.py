"""Images for the benchmarks, drawn by a seed: blobs on a noisy background, one folder per class."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

#: How many blobs an image of the class has, and how wide they are in parts of the side.
CLASSES = {"few_large": (3, 0.10), "many_large": (8, 0.10), "many_small": (8, 0.05)}


def draw_image(class_name: str, random: np.random.Generator, side: int) -> np.ndarray:
    """Return uint8 ``(side, side, 3)``."""
    n_blobs, width = CLASSES[class_name]
    places = np.arange(side)
    light = random.uniform(60, 90) * np.ones((side, side))
    for _ in range(random.poisson(n_blobs)):
        row, column = random.uniform(0, side, 2)
        spread = side * width * random.uniform(0.7, 1.3)
        profile = [np.exp(-(((places - centre) / spread) ** 2)) for centre in (row, column)]
        light += random.uniform(50, 110) * np.outer(*profile)
    noisy = light[:, :, None] * random.uniform(0.8, 1.2, 3) + random.normal(0, 20, (side, side, 3))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def draw_folder(folder: Path, n_images: int, side: int, seed: int) -> None:
    """Write `n_images` PNG files into one folder per class; equal seeds give equal files."""
    random = np.random.default_rng(seed)
    names = list(CLASSES)
    for name in names:
        (folder / name).mkdir(parents=True)
    for number in range(n_images):
        name = names[number % len(names)]
        drawn = Image.fromarray(draw_image(name, random, side))
        drawn.save(folder / name / f"{number:06d}.png", compress_level=1)


def draw_different(folder: Path, n_images: int, side: int, suffix: str = ".png") -> None:
    """Write files of two classes: two drawings, each shifted and numbered anew."""
    random = np.random.default_rng(0)
    drawings = {name: draw_image(name, random, side) for name in ("few_large", "many_small")}
    for name in drawings:
        (folder / name).mkdir(parents=True)
    for number in range(n_images):
        name = list(drawings)[number % 2]
        image = np.roll(drawings[name], 37 * number, axis=(0, 1))
        image[0, 0] = number >> 16 & 255, number >> 8 & 255, number & 255
        path = folder / name / f"{number:06d}{suffix}"
        if suffix == ".png":
            Image.fromarray(image).save(path, compress_level=1)
        else:
            tifffile.imwrite(path, image.astype(np.uint16).sum(axis=2, dtype=np.uint16) * 5)


def multiply_files(folder: Path, files: list[Path], n_files: int) -> None:
    """Fill `folder` with `n_files` names of the given files: hard links where there are any."""
    folder.mkdir(parents=True)
    for number in range(n_files):
        source = files[number % len(files)]
        place = folder / f"{number:06d}{source.suffix}"
        try:
            os.link(source, place)
        except OSError:
            shutil.copyfile(source, place)
