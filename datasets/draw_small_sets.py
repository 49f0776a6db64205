"""Draws `textures.npz` and `lesions.npz`: two small sets of grey images in the form of MedMNIST.

    python datasets/draw_small_sets.py            draws both beside this file
    python datasets/draw_small_sets.py --to DIR   draws elsewhere

`textures` has six classes of structure as microscopes see them; a network can be trained on it
first. `lesions` has two classes of dark spots in speckle, as ultrasound shows them; the network is
then trained on, on these. Classes overlap on purpose, and so no method can be right everywhere.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

SEED = 20240714
SIZE = 28
N_OF_TEXTURES, N_OF_LESIONS = 150, 300

Image = np.ndarray


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw one number between two."""
    return float(low + (high - low) * rng.random())


def grid() -> tuple[np.ndarray, np.ndarray]:
    """Return the row and the column of each pixel, counted from the centre."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] - (SIZE - 1) / 2
    return rows, columns


def smooth(rng: np.random.Generator, grain: float) -> Image:
    """Return noise with grains of a size in pixels, mean 0, deviation 1."""
    noise = gaussian_filter(rng.standard_normal((SIZE, SIZE)), grain, mode="wrap")
    return (noise - noise.mean()) / noise.std()


def spots(
    rng: np.random.Generator, n_spots: int, radius: tuple[float, float], hollow: bool
) -> Image:
    """Return round spots, or rings, anywhere."""
    rows, columns = grid()
    image = np.zeros((SIZE, SIZE))
    for _ in range(n_spots):
        row, column = between(rng, -15, 15), between(rng, -15, 15)
        size = between(rng, *radius)
        distance = np.hypot(rows - row, columns - column)
        edge = np.abs(distance - size) if hollow else np.maximum(distance - size, 0)
        image = np.maximum(image, np.exp(-(edge**2)))
    return image


def stripes(rng: np.random.Generator, turns: int) -> Image:
    """Return wavy stripes in one direction, or crossing in two."""
    rows, columns = grid()
    start, bend = between(rng, 0, np.pi), 1.2 * smooth(rng, 5)
    image = np.zeros((SIZE, SIZE))
    for turn in range(turns):
        angle = start + turn * np.pi / 2
        along = np.cos(angle) * columns + np.sin(angle) * rows + bend
        image += np.sin(along * between(rng, 0.8, 1.4) + between(rng, 0, 6)) / turns
    return 0.5 + 0.5 * image


TEXTURES: dict[str, Callable[[np.random.Generator], Image]] = {
    "fibres": lambda rng: stripes(rng, 1),
    "mesh": lambda rng: stripes(rng, 2),
    "granules": lambda rng: spots(rng, 26, (0.4, 0.9), hollow=False),
    "nuclei": lambda rng: spots(rng, 6, (2.2, 3.6), hollow=False),
    "vesicles": lambda rng: spots(rng, 6, (2.4, 4.2), hollow=True),
    "cytoplasm": lambda rng: 0.5 + 0.25 * smooth(rng, between(rng, 1.6, 3.0)),
}


def photographed(rng: np.random.Generator, image: Image, noise: float) -> Image:
    """Return uint8 ``(SIZE, SIZE)``: with contrast, brightness, focus and noise of a camera."""
    contrast, brightness = between(rng, 0.35, 0.75), between(rng, 0.15, 0.35)
    seen = gaussian_filter(brightness + contrast * image, between(rng, 0.3, 0.8))
    seen += noise * smooth(rng, 0.6)
    return np.clip(np.rint(255 * seen), 0, 255).astype(np.uint8)


def draw_lesion(rng: np.random.Generator, is_ragged: bool) -> Image:
    """Return a dark spot in speckle, round and sharp, or ragged and with a shadow behind."""
    rows, columns = grid()
    rows, columns = rows - between(rng, -4, 4), columns - between(rng, -4, 4)
    angle, turn = np.arctan2(rows, columns), between(rng, 0, np.pi)
    aspect = between(rng, 1.0, 1.5)
    along = np.cos(turn) * columns + np.sin(turn) * rows
    across = np.cos(turn) * rows - np.sin(turn) * columns
    outline = np.ones_like(angle)
    strength = between(rng, 0.09, 0.26) if is_ragged else between(rng, 0.0, 0.07)
    for order in range(3, 9):
        outline += (
            strength * float(rng.standard_normal()) * np.cos(order * angle + 6 * rng.random())
        )
    distance = between(rng, 4.5, 8.0) * outline - np.hypot(along / aspect, across * aspect)
    softness = between(rng, 0.9, 2.0) if is_ragged else between(rng, 0.3, 1.1)
    spot = 1 / (1 + np.exp(-np.clip(distance / softness, -40, 40)))
    shadow = between(rng, 0.0, 0.45 if is_ragged else 0.15) * (rows > 2) * (np.abs(columns) < 5)
    tissue = 0.62 + 0.08 * smooth(rng, 4)
    seen = tissue * (1 - between(rng, 0.45, 0.75) * spot) * (1 - shadow)
    speckle = 1 + between(rng, 0.10, 0.20) * smooth(rng, 0.7)
    return np.clip(np.rint(255 * seen * speckle), 0, 255).astype(np.uint8)


def draw_textures(seed: int = SEED) -> tuple[np.ndarray, np.ndarray]:
    """Return uint8 images ``(n_images, SIZE, SIZE)`` and the class of each, ``(n_images, 1)``."""
    images, labels = [], []
    for place, (name, drawn) in enumerate(TEXTURES.items()):
        for number in range(N_OF_TEXTURES):
            rng = np.random.default_rng([seed, 1, place, number])
            images.append(photographed(rng, drawn(rng), noise=0.07))
            labels.append([name])
    return np.stack(images), np.array(labels)


def draw_lesions(seed: int = SEED) -> tuple[np.ndarray, np.ndarray]:
    """Return uint8 images ``(n_images, SIZE, SIZE)`` and the class of each, ``(n_images, 1)``."""
    images, labels = [], []
    for place, name in enumerate(("round", "ragged")):
        for number in range(N_OF_LESIONS):
            rng = np.random.default_rng([seed, 2, place, number])
            images.append(draw_lesion(rng, name == "ragged"))
            labels.append([name])
    return np.stack(images), np.array(labels)


SETS = {"textures.npz": draw_textures, "lesions.npz": draw_lesions}


def main() -> None:
    """Draw both sets."""
    parser = argparse.ArgumentParser(description="Draws the two small sets that ship here.")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent)
    folder = parser.parse_args().to
    for name, drawn in SETS.items():
        images, labels = drawn()
        np.savez_compressed(folder / name, train_images=images, train_labels=labels)
        print(f"{len(images)} images drawn into {folder / name}")


if __name__ == "__main__":
    main()
