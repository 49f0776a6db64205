"""Draws `cells/`: a small, made-up microscopy set of stained cells in four classes.

    python datasets/draw_cells.py            draws into `cells/` beside this file
    python datasets/draw_cells.py --to DIR   draws elsewhere

Each image is painted from what a microscope does: a cell absorbs light through two stains
(Beer-Lambert), the lamp is uneven, the focus is not always right, the camera adds noise. Stain,
lamp and camera differ between patients. Shapes of the classes overlap on purpose, and so no
method can be right everywhere.
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

SEED = 20240607
SIZE = 96
N_PATIENTS = 10
CLASSES = ("dividing", "round", "spiky", "spindle")
#: Images of one class of one patient: between these, both included.
N_IMAGES = (4, 6)
#: How much red, green and blue the blue nuclear and the pink cytoplasmic stain absorb.
NUCLEAR_STAIN = np.array([0.62, 0.72, 0.31])
CYTOPLASMIC_STAIN = np.array([0.12, 0.88, 0.46])


@dataclass(frozen=True)
class Look:
    """What tells the classes apart beside their outline; each range overlaps with others.

    `nucleus` is its radius as a share of the cell's, `chromatin` how unevenly the nucleus is
    stained, `cytoplasm` how strongly the rest is, `grains` how unevenly, `grain` their size.
    """

    nucleus: tuple[float, float]
    density: tuple[float, float]
    chromatin: tuple[float, float]
    cytoplasm: tuple[float, float]
    grains: tuple[float, float]
    grain: float


LOOKS = {
    "dividing": Look((0.44, 0.58), (1.05, 1.45), (0.20, 0.38), (0.38, 0.60), (0.06, 0.16), 2.0),
    "round": Look((0.48, 0.64), (0.75, 1.10), (0.10, 0.26), (0.38, 0.60), (0.06, 0.16), 2.0),
    "spiky": Look((0.36, 0.50), (0.85, 1.20), (0.10, 0.24), (0.46, 0.68), (0.14, 0.30), 1.1),
    "spindle": Look((0.38, 0.52), (0.85, 1.25), (0.08, 0.22), (0.28, 0.50), (0.05, 0.14), 2.6),
}


@dataclass(frozen=True)
class Slide:
    """What all images of one patient have in common: stain, lamp, camera, tissue."""

    nuclear: np.ndarray
    cytoplasmic: np.ndarray
    strength: float
    lamp: np.ndarray
    light_direction: float
    noise: float
    cell_radius: float


@dataclass(frozen=True)
class Shape:
    """An outline around a centre: the radius for each angle, and its nuclei."""

    centre: tuple[float, float]
    radius: float
    aspect: float
    turn: float
    waves: tuple[tuple[int, float, float], ...]
    taper: float
    waist: float
    nuclei: tuple[tuple[float, float, float, float], ...]  # along, across, radius, aspect


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw one number between two."""
    return float(low + (high - low) * rng.random())


def draw_slide(rng: np.random.Generator) -> Slide:
    """Draw what is peculiar to a patient."""
    return Slide(
        nuclear=NUCLEAR_STAIN * (1 + 0.10 * rng.standard_normal(3)),
        cytoplasmic=CYTOPLASMIC_STAIN * (1 + 0.12 * rng.standard_normal(3)),
        strength=between(rng, 0.82, 1.18),
        lamp=np.array([0.93, 0.91, 0.90]) * (1 + 0.025 * rng.standard_normal(3)),
        light_direction=between(rng, 0, 2 * np.pi),
        noise=between(rng, 0.006, 0.011),
        cell_radius=between(rng, 21.0, 24.5),
    )


def ripples(
    rng: np.random.Generator, orders: range, amplitude: float
) -> tuple[tuple[int, float, float], ...]:
    """Draw the waves that make an outline irregular: order, amplitude, phase."""
    return tuple(
        (order, amplitude * float(rng.standard_normal()), between(rng, 0, 2 * np.pi))
        for order in orders
    )


def draw_shape(rng: np.random.Generator, kind: str, slide: Slide) -> Shape:
    """Draw the shape of one cell; neighbouring classes overlap in every number."""
    radius = slide.cell_radius * (1 + 0.10 * float(rng.standard_normal()))
    aspect, taper, waist = between(rng, 1.0, 1.28), 0.0, 0.0
    waves = ripples(rng, range(2, 6), 0.022)
    nucleus = radius * between(rng, *LOOKS[kind].nucleus)
    off = radius * 0.14
    nuclei: tuple[tuple[float, float, float, float], ...] = (
        (
            off * float(rng.standard_normal()),
            off * float(rng.standard_normal()),
            nucleus,
            between(rng, 1.0, 1.3),
        ),
    )
    if kind == "spindle":
        aspect, taper = between(rng, 1.28, 2.2), between(rng, 0.0, 0.28)
        nuclei = ((nuclei[0][0], nuclei[0][1] * 0.5, nucleus * 0.92, between(rng, 1.05, 1.75)),)
    elif kind == "spiky":
        waves += ripples(rng, range(5, 10), between(rng, 0.024, 0.065))
    elif kind == "dividing":
        aspect, waist = between(rng, 1.05, 1.6), between(rng, 0.06, 0.36)
        apart = radius * between(rng, 0.24, 0.64)
        daughter = nucleus * between(rng, 0.62, 0.82)
        drift = 0.10 * radius
        nuclei = tuple(
            (
                side * apart + drift * float(rng.standard_normal()) * 0.5,
                drift * float(rng.standard_normal()),
                daughter * (1 + 0.1 * float(rng.standard_normal())),
                1 / between(rng, 1.0, 1.6),
            )
            for side in (-1, 1)
        )
    return Shape(
        centre=(
            SIZE / 2 + 3.5 * float(rng.standard_normal()),
            SIZE / 2 + 3.5 * float(rng.standard_normal()),
        ),
        radius=radius,
        aspect=aspect,
        turn=between(rng, 0, 2 * np.pi),
        waves=waves,
        taper=taper,
        waist=waist,
        nuclei=nuclei,
    )


def own_coordinates(shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    """Return for each pixel the place along and across the long axis of a cell, in pixels."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(float)
    down, right = rows - shape.centre[0], columns - shape.centre[1]
    along = np.cos(shape.turn) * right + np.sin(shape.turn) * down
    across = -np.sin(shape.turn) * right + np.cos(shape.turn) * down
    return along, across


def inside(distance: np.ndarray, softness: float) -> np.ndarray:
    """Turn a signed distance (positive inside, in pixels) into 0 to 1 with a soft edge."""
    return 1 / (1 + np.exp(-np.clip(distance / softness, -40, 40)))


def cell_body(shape: Shape, softness: float = 0.9) -> np.ndarray:
    """Return ``(SIZE, SIZE)``: 1 inside the outline of a cell, 0 outside."""
    along, across = own_coordinates(shape)
    along, across = along / np.sqrt(shape.aspect), across * np.sqrt(shape.aspect)
    angle = np.arctan2(across, along)
    outline = np.ones_like(angle)
    for order, amplitude, phase in shape.waves:
        outline += amplitude * np.cos(order * angle + phase)
    # The ends are drawn out (taper) and the middle drawn in (waist, the cleavage furrow).
    outline += shape.taper * (np.abs(np.cos(angle)) ** 3 - 0.4)
    outline -= shape.waist * np.exp(-((np.cos(angle) / 0.45) ** 2))
    return inside(shape.radius * outline - np.hypot(along, across), softness)


def cell_nuclei(shape: Shape, softness: float = 0.8) -> np.ndarray:
    """Return ``(SIZE, SIZE)``: 1 inside the nuclei of a cell, 0 outside."""
    along, across = own_coordinates(shape)
    covered = np.zeros((SIZE, SIZE))
    for place_along, place_across, radius, aspect in shape.nuclei:
        ellipse = np.hypot(
            (along - place_along) / np.sqrt(aspect), (across - place_across) * np.sqrt(aspect)
        )
        covered = np.maximum(covered, inside(radius - ellipse, softness))
    return covered


def smooth_noise(rng: np.random.Generator, grain: float) -> np.ndarray:
    """Return ``(SIZE, SIZE)`` noise with grains of a size in pixels, mean 0, deviation 1."""
    noise = gaussian_filter(rng.standard_normal((SIZE, SIZE)), grain, mode="wrap")
    return (noise - noise.mean()) / noise.std()


def stain(rng: np.random.Generator, shape: Shape, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return how much of the nuclear and the cytoplasmic stain lies in each pixel."""
    body = cell_body(shape)
    nuclei = cell_nuclei(shape) * np.clip(body * 1.5, 0, 1)
    look = LOOKS[kind]
    chromatin = 1 + between(rng, *look.chromatin) * smooth_noise(rng, between(rng, 1.0, 1.8))
    grains = 1 + between(rng, *look.grains) * smooth_noise(rng, look.grain)
    rim = gaussian_filter(body, 1.2) - gaussian_filter(body, 3.0)
    nuclear = between(rng, *look.density) * nuclei * chromatin + 0.06 * body
    cytoplasmic = between(rng, *look.cytoplasm) * body * grains * (1 - 0.5 * nuclei)
    return np.clip(nuclear, 0, None), np.clip(cytoplasmic + 0.5 * np.abs(rim) * body, 0, None)


def surroundings(rng: np.random.Generator, slide: Slide) -> tuple[np.ndarray, np.ndarray]:
    """Return the stains of what else lies there: cells cut by the border, crumbs."""
    nuclear, cytoplasmic = np.zeros((SIZE, SIZE)), np.zeros((SIZE, SIZE))
    for _ in range(int(rng.random() * 2.2)):
        kind = CLASSES[int(rng.random() * len(CLASSES))]
        shape = draw_shape(rng, kind, slide)
        angle = between(rng, 0, 2 * np.pi)
        away = SIZE * between(rng, 0.62, 0.74)
        centre = (SIZE / 2 + away * np.sin(angle), SIZE / 2 + away * np.cos(angle))
        moved = Shape(**{**shape.__dict__, "centre": centre})
        blue, pink = stain(rng, moved, kind)
        nuclear, cytoplasmic = np.maximum(nuclear, blue), np.maximum(cytoplasmic, pink)
    rows, columns = np.mgrid[0:SIZE, 0:SIZE]
    for _ in range(int(rng.random() * 5)):
        row, column = between(rng, 0, SIZE), between(rng, 0, SIZE)
        crumb = inside(between(rng, 0.6, 2.2) - np.hypot(rows - row, columns - column), 0.6)
        nuclear = nuclear + between(rng, 0.1, 0.6) * crumb
    return nuclear, cytoplasmic + 0.035 * (1 + 0.5 * smooth_noise(rng, 6.0))


def light(rng: np.random.Generator, slide: Slide) -> np.ndarray:
    """Return ``(SIZE, SIZE)``: how bright the lamp is in each pixel."""
    rows, columns = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    direction = slide.light_direction + 0.4 * float(rng.standard_normal())
    slope = np.cos(direction) * columns + np.sin(direction) * rows
    return 1 + between(rng, 0.02, 0.10) * slope - between(rng, 0.0, 0.09) * (rows**2 + columns**2)


def draw_image(rng: np.random.Generator, kind: str, slide: Slide) -> np.ndarray:
    """Draw one image: uint8 ``(SIZE, SIZE, 3)``, RGB."""
    shape = draw_shape(rng, kind, slide)
    nuclear, cytoplasmic = surroundings(rng, slide)
    blue, pink = stain(rng, shape, kind)
    nuclear, cytoplasmic = np.maximum(nuclear, blue), np.maximum(cytoplasmic, pink)
    absorbed = nuclear[..., None] * slide.nuclear + cytoplasmic[..., None] * slide.cytoplasmic
    picture = np.exp(-slide.strength * absorbed) * light(rng, slide)[..., None] * slide.lamp
    focus = 0.55 + abs(0.6 * float(rng.standard_normal()))
    picture = gaussian_filter(picture, (focus, focus, 0))
    # Shot noise grows with the light; the camera's interpolation spreads it to the neighbours.
    noise = gaussian_filter(rng.standard_normal((SIZE, SIZE, 3)), (0.55, 0.55, 0))
    picture = picture * between(rng, 0.94, 1.06) + slide.noise * noise * np.sqrt(picture)
    return np.clip(np.rint(255 * picture), 0, 255).astype(np.uint8)


def drawn_images(seed: int = SEED) -> Iterator[tuple[str, str, str, np.ndarray]]:
    """Yield file name, class, patient and pixels of every image.

    Every image has its own random numbers, so that one more patient changes no other image.
    """
    for patient in range(1, N_PATIENTS + 1):
        slide = draw_slide(np.random.default_rng([seed, patient]))
        name = f"p{patient:02d}"
        for place, kind in enumerate(CLASSES):
            fewest, most = N_IMAGES
            spread = np.random.default_rng([seed, patient, place]).random()
            n_images = fewest + int(spread * (most - fewest + 1))
            for number in range(1, n_images + 1):
                rng = np.random.default_rng([seed, patient, place, number])
                file = f"{kind}/{name}_{number:02d}.png"
                yield file, kind, name, draw_image(rng, kind, slide)


def draw_all(folder: Path, seed: int = SEED) -> int:
    """Draw the whole set into a folder with its `labels.csv`; return how many images there are."""
    rows = []
    for file, kind, patient, pixels in drawn_images(seed):
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path, optimize=True)
        rows.append((file, kind, patient))
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(("file", "class", "patient"))
        writer.writerows(sorted(rows))
    return len(rows)


def main() -> None:
    """Draw the set."""
    parser = argparse.ArgumentParser(description="Draws the cells that ship with bioselect.")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "cells")
    folder = parser.parse_args().to
    print(f"{draw_all(folder)} images drawn into {folder}")


if __name__ == "__main__":
    main()
