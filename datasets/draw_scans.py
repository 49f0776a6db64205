"""Draws made-up scans of stained sections, for `configs/tiles.yaml`: 24 of one tissue, one of two.

    python datasets/draw_scans.py            draws into `results/scans` and `results/mixed_scan.png`
    python datasets/draw_scans.py --to DIR   draws elsewhere

A section lies on glass and absorbs light through a pink and a blue stain (Beer-Lambert). In
`normal` tissue small nuclei lie between wavy fibres; in a `tumour` they are larger, darker, and
many. Both vary from scan to scan, so that a single tile can be either. They do not ship: they are
large, and drawn in a minute.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt, gaussian_filter

SEED = 20240925
SIZE, N_SCANS = 768, 12
#: How much red, green and blue the blue stain of nuclei and the pink one absorb.
BLUE_STAIN = np.array([0.62, 0.72, 0.31])
PINK_STAIN = np.array([0.10, 0.80, 0.42])


@dataclass(frozen=True)
class Tissue:
    """What a tissue is like: nuclei in 1000 pixels, their radius, how blue; how fibrous it is."""

    crowd: tuple[float, float]
    radius: tuple[float, float]
    blue: tuple[float, float]
    fibres: tuple[float, float]


TISSUES = {
    "normal": Tissue((0.8, 2.4), (2.2, 3.2), (0.5, 0.8), (0.10, 0.22)),
    "tumour": Tissue((1.8, 4.2), (2.7, 4.0), (0.6, 1.0), (0.04, 0.14)),
}


def between(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    """Draw one number between two."""
    low, high = limits
    return float(low + (high - low) * rng.random())


def smooth(rng: np.random.Generator, grain: float | tuple[float, float]) -> np.ndarray:
    """Return noise with grains of a size in pixels, mean 0, deviation 1."""
    noise = gaussian_filter(rng.standard_normal((SIZE, SIZE)), grain, mode="wrap")
    return (noise - noise.mean()) / noise.std()


def draw_section(rng: np.random.Generator) -> np.ndarray:
    """Return how much of each pixel is covered by the section, 0 to 1."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] / SIZE - 0.5
    angle, edge = np.arctan2(rows, columns), np.full((SIZE, SIZE), between(rng, (0.36, 0.46)))
    for order in (2, 3, 5, 7):
        edge += between(rng, (0.0, 0.035)) * np.cos(order * angle + 6 * rng.random())
    return 1 / (1 + np.exp(-(edge - np.hypot(rows, columns)) * SIZE / 3))


def draw_stains(rng: np.random.Generator, tissue: Tissue) -> tuple[np.ndarray, np.ndarray]:
    """Return how much blue and how much pink stain lies in each pixel, as if all were tissue."""
    crowd = between(rng, tissue.crowd) / 1000 * np.clip(1 + 0.4 * smooth(rng, 30), 0.2, None)
    away = distance_transform_edt(rng.random((SIZE, SIZE)) >= crowd)
    nuclei = 1 / (1 + np.exp(-(between(rng, tissue.radius) - away) / 0.6))
    blue = nuclei * between(rng, tissue.blue) * (1 + 0.25 * smooth(rng, 1.2)) + 0.05
    turned = smooth(rng, (9, 2)) if rng.random() < 0.5 else smooth(rng, (2, 9))
    pink = 0.4 * (1 + between(rng, tissue.fibres) * turned + 0.1 * smooth(rng, 20))
    return blue, pink


def draw_scan(rng: np.random.Generator, left: str, right: str) -> np.ndarray:
    """Return uint8 ``(SIZE, SIZE, 3)``: one tissue on the left half, one on the right."""
    section = draw_section(rng)
    blue, pink = draw_stains(rng, TISSUES[left])
    if right != left:
        half = slice(SIZE // 2, None)
        other_blue, other_pink = draw_stains(rng, TISSUES[right])
        blue[:, half], pink[:, half] = other_blue[:, half], other_pink[:, half]
    strength = between(rng, (0.85, 1.15))
    absorbed = blue[..., None] * BLUE_STAIN + pink[..., None] * PINK_STAIN
    light = 0.93 * np.exp(-1.6 * strength * section[..., None] * absorbed)
    light += 0.01 * rng.standard_normal(light.shape)
    return np.clip(np.rint(255 * light), 0, 255).astype(np.uint8)


def draw_all(folder: Path, n_scans: int = N_SCANS, seed: int = SEED) -> None:
    """Draw so many scans of each tissue, and beside the folder one of both."""
    for place, name in enumerate(TISSUES):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(place * n_scans + 1, (place + 1) * n_scans + 1):
            image = draw_scan(np.random.default_rng([seed, number]), name, name)
            Image.fromarray(image).save(folder / name / f"scan{number:02d}.png")
    mixed = draw_scan(np.random.default_rng([seed, 0]), *TISSUES)
    Image.fromarray(mixed).save(folder.parent / "mixed_scan.png")


def main() -> None:
    """Draw the scans."""
    parser = argparse.ArgumentParser(description="Draws the scans of configs/tiles.yaml.")
    usual = Path(__file__).parents[1] / "results" / "scans"
    parser.add_argument("--to", type=Path, default=usual)
    folder = parser.parse_args().to
    draw_all(folder)
    print(f"{N_SCANS * len(TISSUES)} scans drawn into {folder}")
    print(f"one of both tissues: {folder.parent / 'mixed_scan.png'}")


if __name__ == "__main__":
    main()
