"""Draws `nuclei/`: made-up fields of glowing nuclei, each with the mask of its nuclei.

    python datasets/draw_nuclei.py            draws into `nuclei/` beside this file
    python datasets/draw_nuclei.py --to DIR   draws elsewhere

Each field is what a fluorescence microscope sees: nuclei in focus, bright or dim, alone or
touching, above a haze that is brighter on one side than a dim nucleus on the other; crumbs and
fibres that glow more than they do, nuclei far out of focus, an uneven lamp, and the noise of
counted light.
One grey level divides that badly; shape, texture and sharpness tell what a nucleus is.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

SEED = 20240921
N_SLIDES, N_FIELDS = 10, 4
SIZES = ((128, 128), (128, 160), (160, 160))
#: What a mask holds where there is none, and where there is one.
BACKGROUND, NUCLEUS = 0, 255


@dataclass(frozen=True)
class Slide:
    """What all fields of a slide have in common: the haze and where it comes from, the camera."""

    haze: float
    haze_direction: float
    strength: float
    focus: float
    noise: float
    n_crumbs: int
    n_ghosts: int


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw one number between two."""
    return float(low + (high - low) * rng.random())


def draw_slide(rng: np.random.Generator) -> Slide:
    """Draw what is peculiar to a slide."""
    return Slide(
        haze=between(rng, 0.40, 0.75),
        haze_direction=between(rng, 0, 2 * np.pi),
        strength=between(rng, 0.75, 1.15),
        focus=between(rng, 0.5, 0.9),
        noise=between(rng, 0.020, 0.035),
        n_crumbs=int(rng.integers(8, 18)),
        n_ghosts=int(rng.integers(3, 7)),
    )


def smooth(rng: np.random.Generator, shape: tuple[int, int], grain: float) -> np.ndarray:
    """Return noise with grains of a size in pixels, mean 0, deviation 1."""
    noise = gaussian_filter(rng.standard_normal(shape), grain, mode="wrap")
    return (noise - noise.mean()) / noise.std()


def outline(
    rng: np.random.Generator, shape: tuple[int, int], centre: tuple[float, float], radius: float
) -> np.ndarray:
    """Return where a nucleus is: an ellipse with a gently waving edge, as bool."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    rows, columns = rows - centre[0], columns - centre[1]
    turn, aspect = between(rng, 0, np.pi), between(rng, 1.0, 1.55)
    along = (np.cos(turn) * columns + np.sin(turn) * rows) / np.sqrt(aspect)
    across = (np.cos(turn) * rows - np.sin(turn) * columns) * np.sqrt(aspect)
    angle, edge = np.arctan2(across, along), np.full(shape, radius)
    for order in (2, 3, 4):
        edge += radius * between(rng, 0.0, 0.05) * np.cos(order * angle + 6 * rng.random())
    return np.hypot(along, across) < edge


def draw_labels(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Return int32 ``(height, width)``: 0, and for each nucleus its number.

    Two in five are put beside another one, which they touch; what would lie on others is not put.
    """
    labels = np.zeros(shape, np.int32)
    wanted = round(shape[0] * shape[1] / 16384 * between(rng, 13, 22))
    centres: list[tuple[float, float, float]] = []
    for _ in range(6 * wanted):
        if len(centres) == wanted:
            break
        radius = between(rng, 6.0, 10.0)
        centre = between(rng, 0, shape[0]), between(rng, 0, shape[1])
        if centres and rng.random() < 0.4:
            row, column, other = centres[int(rng.integers(len(centres)))]
            turn, far = between(rng, 0, 2 * np.pi), 0.95 * (radius + other)
            centre = row + far * np.sin(turn), column + far * np.cos(turn)
        there = outline(rng, shape, centre, radius)
        if not there.any() or np.mean(labels[there] > 0) > 0.12:
            continue
        centres.append((*centre, radius))
        labels[there & (labels == 0)] = len(centres)
    return labels


def glow_of_nuclei(rng: np.random.Generator, labels: np.ndarray) -> np.ndarray:
    """Return the light of the nuclei: each of its own brightness, a third of them dim."""
    n_nuclei = int(labels.max())
    brightness = np.zeros(n_nuclei + 1)
    for number in range(1, n_nuclei + 1):
        dim = rng.random() < 0.35
        brightness[number] = between(rng, 0.16, 0.26) if dim else between(rng, 0.30, 0.60)
    chromatin = 1 + 0.16 * smooth(rng, labels.shape, 1.5)
    return brightness[labels] * chromatin


def draw_clutter(rng: np.random.Generator, slide: Slide, shape: tuple[int, int]) -> np.ndarray:
    """Return what glows and is no nucleus: crumbs, fibres, and nuclei far out of focus."""
    light = np.zeros(shape)
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    for _ in range(slide.n_crumbs):
        away = np.hypot(rows - between(rng, 0, shape[0]), columns - between(rng, 0, shape[1]))
        light += between(rng, 0.4, 0.9) * np.exp(-((away / between(rng, 0.8, 2.2)) ** 2))
    for _ in range(int(rng.integers(1, 4))):
        start, turn = between(rng, 0, shape[0]), between(rng, -0.9, 0.9)
        bend, wave = between(rng, 2, 9), between(rng, 0.03, 0.07)
        middle = start + turn * (columns - shape[1] / 2) + bend * np.sin(wave * columns)
        light += between(rng, 0.25, 0.5) * np.exp(-(((rows - middle) / 1.1) ** 2))
    for _ in range(slide.n_ghosts):
        away = np.hypot(rows - between(rng, 0, shape[0]), columns - between(rng, 0, shape[1]))
        light += between(rng, 0.2, 0.45) * np.exp(-((away / between(rng, 12, 20)) ** 2))
    return light


def draw_haze(rng: np.random.Generator, slide: Slide, shape: tuple[int, int]) -> np.ndarray:
    """Return light from out of the plane: strong on one side, with clouds."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    direction = slide.haze_direction + 0.4 * float(rng.standard_normal())
    across = np.sin(direction) * (rows / shape[0] - 0.5)
    across += np.cos(direction) * (columns / shape[1] - 0.5)
    ramp = 1 / (1 + np.exp(-5 * across))
    return slide.haze * ramp * (1 + 0.15 * smooth(rng, shape, 14)) + 0.04


def draw_field(rng: np.random.Generator, slide: Slide) -> tuple[np.ndarray, np.ndarray]:
    """Return a field as uint8 ``(height, width)``, and its mask of `BACKGROUND` and `NUCLEUS`."""
    shape = SIZES[int(rng.integers(len(SIZES)))]
    labels = draw_labels(rng, shape)
    light = gaussian_filter(slide.strength * glow_of_nuclei(rng, labels), slide.focus)
    light += draw_clutter(rng, slide, shape) + draw_haze(rng, slide, shape)
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    off = np.hypot(rows / shape[0] - between(rng, 0.3, 0.7), columns / shape[1] - 0.5)
    light *= 1 - 0.5 * off**2
    light += slide.noise * np.sqrt(0.3 + light) * rng.standard_normal(shape)
    seen = np.clip(np.rint(190 * light), 0, 255).astype(np.uint8)
    return seen, np.where(labels > 0, NUCLEUS, BACKGROUND).astype(np.uint8)


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
    parser = argparse.ArgumentParser(description="Draws the fields of nuclei that ship here.")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "nuclei")
    folder = parser.parse_args().to
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name, image, mask in drawn_fields():
        Image.fromarray(image).save(folder / "images" / f"{name}.png", optimize=True)
        Image.fromarray(mask).save(folder / "masks" / f"{name}.png", optimize=True)
    print(f"{N_SLIDES * N_FIELDS} fields with their masks drawn into {folder}")


if __name__ == "__main__":
    main()
