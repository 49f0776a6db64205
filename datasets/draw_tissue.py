"""Draws `tissue/`: made-up smears of stained cells, each with a mask of three classes.

    python datasets/draw_tissue.py            draws into `tissue/` beside this file
    python datasets/draw_tissue.py --to DIR   draws elsewhere

A pink and a blue stain absorb light (Beer-Lambert): cells lie in a stained ground, each with a
nucleus, alone or in heaps, under an uneven lamp. Crumbs take up the blue stain as nuclei do. A mask
holds 0 where no cell is, 128 in the cytoplasm, 255 in the nucleus.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

SEED = 20240923
N_SLIDES, N_FIELDS = 10, 3
SIZE = 96
BACKGROUND, CYTOPLASM, NUCLEUS = 0, 128, 255
#: How much red, green and blue the blue stain of nuclei and the pink one absorb.
BLUE_STAIN = np.array([0.62, 0.72, 0.31])
PINK_STAIN = np.array([0.10, 0.80, 0.42])


@dataclass(frozen=True)
class Slide:
    """What all fields of a slide have in common: stains, ground, lamp, focus, camera."""

    blue: np.ndarray
    pink: np.ndarray
    ground: float
    lamp_direction: float
    focus: float
    noise: float


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw one number between two."""
    return float(low + (high - low) * rng.random())


def draw_slide(rng: np.random.Generator) -> Slide:
    """Draw what is peculiar to a slide."""
    return Slide(
        blue=BLUE_STAIN * (1 + 0.08 * rng.standard_normal(3)),
        pink=PINK_STAIN * (1 + 0.08 * rng.standard_normal(3)),
        ground=between(rng, 0.10, 0.20),
        lamp_direction=between(rng, 0, 2 * np.pi),
        focus=between(rng, 0.5, 0.8),
        noise=between(rng, 0.012, 0.020),
    )


def smooth(rng: np.random.Generator, grain: float) -> np.ndarray:
    """Return noise with grains of a size in pixels, mean 0, deviation 1."""
    noise = gaussian_filter(rng.standard_normal((SIZE, SIZE)), grain, mode="wrap")
    return (noise - noise.mean()) / noise.std()


def outline(
    rng: np.random.Generator, centre: tuple[float, float], radius: float, waves: float
) -> np.ndarray:
    """Return where something round is, its edge waving by a share of the radius, as bool."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE]
    rows, columns = rows - centre[0], columns - centre[1]
    angle, edge = np.arctan2(rows, columns), np.full((SIZE, SIZE), radius)
    for order in (2, 3, 4, 5):
        edge += radius * between(rng, 0.0, waves) * np.cos(order * angle + 6 * rng.random())
    return np.hypot(rows, columns) < edge


def draw_mask(rng: np.random.Generator) -> np.ndarray:
    """Return uint8 ``(SIZE, SIZE)`` of the three values: cells, half of them beside another."""
    mask = np.full((SIZE, SIZE), BACKGROUND, np.uint8)
    centres: list[tuple[float, float, float]] = []
    wanted = int(rng.integers(6, 11))
    for _ in range(6 * wanted):
        if len(centres) == wanted:
            break
        radius = between(rng, 10, 14)
        centre = between(rng, 0, SIZE), between(rng, 0, SIZE)
        if centres and rng.random() < 0.5:
            row, column, other = centres[int(rng.integers(len(centres)))]
            turn, far = between(rng, 0, 2 * np.pi), 0.95 * (radius + other)
            centre = row + far * np.sin(turn), column + far * np.cos(turn)
        cell = outline(rng, centre, radius, 0.08)
        if not cell.any() or np.mean(mask[cell] != BACKGROUND) > 0.12:
            continue
        centres.append((*centre, radius))
        off = between(rng, 0, 0.25 * radius), between(rng, 0, 2 * np.pi)
        inside = centre[0] + off[0] * np.sin(off[1]), centre[1] + off[0] * np.cos(off[1])
        nucleus = outline(rng, inside, radius * between(rng, 0.42, 0.58), 0.06)
        free = cell & (mask == BACKGROUND)
        mask[free] = CYTOPLASM
        mask[free & nucleus] = NUCLEUS
    return mask


def draw_stains(
    rng: np.random.Generator, slide: Slide, mask: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how much blue and how much pink stain lies in each pixel."""
    clouds = slide.ground * np.clip(1 + 0.5 * smooth(rng, 9), 0.2, None)
    pink = np.where(
        mask == BACKGROUND, clouds, between(rng, 0.42, 0.6) * (1 + 0.18 * smooth(rng, 2))
    )
    blue = np.where(mask == NUCLEUS, between(rng, 0.5, 0.8) * (1 + 0.25 * smooth(rng, 1.5)), 0.06)
    rows, columns = np.mgrid[0:SIZE, 0:SIZE]
    for _ in range(int(rng.integers(3, 8))):
        away = np.hypot(rows - between(rng, 0, SIZE), columns - between(rng, 0, SIZE))
        blue += between(rng, 0.4, 0.9) * np.exp(-((away / between(rng, 1.0, 2.4)) ** 2))
    return gaussian_filter(blue, slide.focus), gaussian_filter(pink, slide.focus)


def draw_field(rng: np.random.Generator, slide: Slide) -> tuple[np.ndarray, np.ndarray]:
    """Return a field as uint8 ``(SIZE, SIZE, 3)`` and its mask."""
    mask = draw_mask(rng)
    blue, pink = draw_stains(rng, slide, mask)
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] / SIZE - 0.5
    across = np.sin(slide.lamp_direction) * rows + np.cos(slide.lamp_direction) * columns
    lamp = between(rng, 0.86, 0.96) * (1 + 0.3 * across)
    absorbed = blue[..., None] * slide.blue + pink[..., None] * slide.pink
    light = np.minimum(lamp[..., None], 1.0) * np.exp(-1.6 * absorbed)
    light += slide.noise * rng.standard_normal((SIZE, SIZE, 3))
    return np.clip(np.rint(255 * light), 0, 255).astype(np.uint8), mask


def drawn_fields(seed: int = SEED) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield each field: the name of its files (``slide03_2`` and the like), image and mask.

    Every field has its own random numbers, so that one more changes no other.
    """
    for number in range(1, N_SLIDES + 1):
        slide = draw_slide(np.random.default_rng([seed, number]))
        for field in range(1, N_FIELDS + 1):
            rng = np.random.default_rng([seed, number, field])
            yield f"slide{number:02d}_{field}", *draw_field(rng, slide)


def main() -> None:
    """Draw the set."""
    parser = argparse.ArgumentParser(description="Draws the smears of cells that ship here.")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "tissue")
    folder = parser.parse_args().to
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name, image, mask in drawn_fields():
        Image.fromarray(image).save(folder / "images" / f"{name}.png", optimize=True)
        Image.fromarray(mask).save(folder / "masks" / f"{name}.png", optimize=True)
    print(f"{N_SLIDES * N_FIELDS} fields with their masks drawn into {folder}")


if __name__ == "__main__":
    main()
