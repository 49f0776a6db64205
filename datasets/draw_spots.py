"""Draws `spots/`: made-up fields of glowing cells, and a table that says how many are in each.

    python datasets/draw_spots.py            draws into `spots/` beside this file
    python datasets/draw_spots.py --to DIR   draws elsewhere

How bright a field is says little about how many cells it shows: exposure, haze and the size of the
cells differ from field to field, and clouds of light from out of focus are brighter than a cell.
What counts is how many separate, sharp things there are. A cell is counted when its centre is in
the field; cells may touch, and hardly overlap.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

SEED = 20241018
N_SLIDES, N_FIELDS = 12, 10
SIZE = 64
#: Cells in a field: between these, both included.
N_CELLS = (0, 24)


@dataclass(frozen=True)
class Slide:
    """What all fields of a slide have in common: exposure, haze, size of the cells, camera."""

    exposure: float
    haze: float
    radius: float
    focus: float
    noise: float


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw one number between two."""
    return float(low + (high - low) * rng.random())


def draw_slide(rng: np.random.Generator) -> Slide:
    """Draw what is peculiar to a slide."""
    return Slide(
        exposure=between(rng, 0.75, 1.25),
        haze=between(rng, 0.06, 0.20),
        radius=between(rng, 2.3, 3.1),
        focus=between(rng, 0.5, 0.8),
        noise=between(rng, 0.005, 0.009),
    )


def smooth(rng: np.random.Generator, grain: float) -> np.ndarray:
    """Return noise with grains of a size in pixels, mean 0, deviation 1."""
    noise = gaussian_filter(rng.standard_normal((SIZE, SIZE)), grain, mode="wrap")
    return (noise - noise.mean()) / noise.std()


def draw_cells(rng: np.random.Generator, wanted: int, radius: float) -> np.ndarray:
    """Return the light of so many cells, each of its own size, shape and brightness."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE]
    light = np.zeros((SIZE, SIZE))
    placed: list[tuple[float, float, float]] = []
    while len(placed) < wanted:
        own = radius * between(rng, 0.8, 1.2)
        row, column = between(rng, 0, SIZE), between(rng, 0, SIZE)
        if any(np.hypot(row - r, column - c) < 0.9 * (own + other) for r, c, other in placed):
            continue
        placed.append((row, column, own))
        turn, aspect = between(rng, 0, np.pi), between(rng, 1.0, 1.35)
        down, right = rows - row, columns - column
        along = (np.cos(turn) * right + np.sin(turn) * down) / np.sqrt(aspect)
        across = (np.cos(turn) * down - np.sin(turn) * right) * np.sqrt(aspect)
        edge = 1 / (1 + np.exp(-np.clip((own - np.hypot(along, across)) / 0.35, -40, 40)))
        light = np.maximum(light, between(rng, 0.6, 1.0) * edge)
    return light


def draw_haze(rng: np.random.Generator, slide: Slide) -> np.ndarray:
    """Return light from out of the plane: a level, brighter on one side, and clouds."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] / SIZE - 0.5
    turn = between(rng, 0, 2 * np.pi)
    slope = np.sin(turn) * rows + np.cos(turn) * columns
    haze = slide.haze * between(rng, 0.6, 1.6) * (1 + between(rng, 0.2, 0.9) * slope)
    for _ in range(int(rng.integers(0, 4))):
        row, column = between(rng, -0.5, 0.5), between(rng, -0.5, 0.5)
        away = np.hypot(rows - row, columns - column) / between(rng, 0.12, 0.28)
        haze = haze + between(rng, 0.05, 0.35) * np.exp(-(away**2))
    return haze


def draw_field(rng: np.random.Generator, slide: Slide) -> tuple[np.ndarray, int]:
    """Return a field as uint8 ``(SIZE, SIZE)``, and how many cells it shows."""
    fewest, most = N_CELLS
    n_cells = int(rng.integers(fewest, most + 1))
    cells = draw_cells(rng, n_cells, slide.radius * between(rng, 0.8, 1.25))
    contrast = slide.exposure * np.exp(between(rng, np.log(0.2), np.log(0.6)))
    light = gaussian_filter(contrast * cells, slide.focus) + draw_haze(rng, slide)
    light += slide.noise * np.sqrt(0.3 + light) * rng.standard_normal((SIZE, SIZE))
    return np.clip(np.rint(255 * light), 0, 255).astype(np.uint8), n_cells


def drawn_fields(seed: int = SEED) -> Iterator[tuple[str, str, int, np.ndarray]]:
    """Yield of each field the name of its file, its slide, the number of cells, and its pixels.

    Every field has its own random numbers, so that one more changes no other.
    """
    for number in range(1, N_SLIDES + 1):
        slide = draw_slide(np.random.default_rng([seed, number]))
        name = f"slide{number:02d}"
        for field in range(1, N_FIELDS + 1):
            pixels, n_cells = draw_field(np.random.default_rng([seed, number, field]), slide)
            yield f"images/{name}_{field:02d}.png", name, n_cells, pixels


def main() -> None:
    """Draw the set."""
    parser = argparse.ArgumentParser(description="Draws the fields of cells that are counted.")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "spots")
    folder = parser.parse_args().to
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rows = []
    for file, slide, n_cells, pixels in drawn_fields():
        Image.fromarray(pixels).save(folder / file, optimize=True)
        rows.append((file, slide, n_cells))
    with (folder / "counts.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(("file", "slide", "cells"))
        writer.writerows(rows)
    print(f"{len(rows)} fields drawn into {folder}")


if __name__ == "__main__":
    main()
