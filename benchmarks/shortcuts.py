"""How often the doctor tells of a shortcut that is not there, and which planted ones it finds.

    python benchmarks/shortcuts.py [--sets 200] [--planted 20]

Draws sets of 120 small images of cells in two classes that differ in nothing; light, haze and size
of the file differ from image to image, and from group to group where there are groups (24, each of
one class, or each of both). Ends with 1 if more than 5 % of the sets have any shortcut or drift of
groups told of. Then one fact at a time is made to depend on the class, at several strengths: the
shift between classes in standard deviations between images, or how many more of the images of one
class have it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from figures import print_figure

from bioselect.checks.findings import WARNING
from bioselect.checks.group_drift import group_drift
from bioselect.checks.shortcuts import shortcuts
from bioselect.data.fingerprint import ImageFingerprint, pixel_facts
from bioselect.data.records import ImageRecord

N_OF_CLASS, N_GROUPS, SIDE = 60, 24, 48
DAY = 86400.0
GROUPINGS = ("none", "of one class", "of both classes")
MOST_FALSE = 0.05


@dataclass(frozen=True)
class Look:
    """How an image is taken; shifts are in standard deviations between images."""

    light: float = 0.0
    border: float = 0.0
    haze: float = 0.0
    packed: float = 0.0
    lettered: bool = False
    exposed: bool = False
    larger: bool = False
    other_type: bool = False
    other_ending: bool = False
    other_day: bool = False


def main() -> int:
    """Print shares of sets with a finding: of those without a shortcut, and of planted ones."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=200)
    parser.add_argument("--planted", type=int, default=20)
    options = parser.parse_args()
    worst = 0.0
    for grouping in GROUPINGS:
        told = [findings(seed, grouping, lambda look, *_: look) for seed in range(options.sets)]
        share = sum(map(bool, told)) / options.sets
        print(f"no shortcut, groups: {grouping}: {share:.1%} of {options.sets} sets", flush=True)
        print_figure(f"shortcuts, false alarms, groups {grouping}", share)
        worst = max(worst, share)
    for name, (plant, words, strengths) in PLANTED.items():
        for strength in strengths:
            shares = []
            for grouping in GROUPINGS[:2]:

                def planted(look: Look, is_second: bool, random: np.random.Generator) -> Look:
                    return plant(look, is_second, random, strength)  # noqa: B023

                told = [findings(seed, grouping, planted) for seed in range(options.planted)]
                shares.append(sum(words in "".join(texts) for texts in told) / options.planted)
            print(
                f"{name}, {strength:g}: found {shares[0]:.0%}, in groups {shares[1]:.0%}",
                flush=True,
            )
            print_figure(f"shortcuts, {name} {strength:g} found", shares[0])
    return int(worst > MOST_FALSE)


def findings(
    seed: int, grouping: str, plant: Callable[[Look, bool, np.random.Generator], Look]
) -> list[str]:
    """Return what is told of a drawn set, in words."""
    random = np.random.default_rng(seed)
    of_groups = (
        random.normal(0, 1, (N_GROUPS, 4)) if grouping != "none" else np.zeros((N_GROUPS, 4))
    )
    readable = []
    for number in range(2 * N_OF_CLASS):
        is_second = number % 2 == 1
        # Of groups of one class each second one is of the second class.
        group = number % N_GROUPS if grouping == "of one class" else number // 2 % N_GROUPS
        own = random.normal(0, 1, 4) + of_groups[group]
        look = plant(Look(*own), is_second, random)
        name = f"{'ab'[is_second]}/{number}.{'tif' if look.other_ending else 'png'}"
        named = None if grouping == "none" else f"g{group}"
        record = ImageRecord(name, Path(name), "ab"[is_second], named)
        readable.append((record, mark_of(name, drawn(look, random), look, random)))
    # That groups differ, which is a note, is true of these.
    odd = [one for one in group_drift(readable) if one.severity == WARNING]
    return [one.what for one in (*shortcuts(readable), *odd)]


def drawn(look: Look, random: np.random.Generator) -> np.ndarray:
    """Return a picture of some cells."""
    side = SIDE + 16 * look.larger
    rows, columns = np.mgrid[:side, :side]
    image = random.normal(0, 4, (side, side, 3))
    for _ in range(random.integers(3, 7)):
        row, column = random.integers(8, side - 8, 2)
        distance = np.hypot(rows - row, columns - column)
        cell = 1 / (1 + np.exp(distance - random.uniform(3, 7)))
        image += cell[:, :, None] * random.uniform(40, 110, 3)
    image = cv2.GaussianBlur(image, (0, 0), np.exp(0.25 * look.haze - 0.5)) + 70 + 8 * look.light
    frame = np.ones((side, side), dtype=bool)
    frame[2:-2, 2:-2] = False
    image[frame] += 8 * look.border
    if look.lettered:
        cv2.putText(image, "L", (2, side - 4), cv2.FONT_HERSHEY_PLAIN, 0.8, (255, 255, 255), 1)
    if look.exposed:
        image = image * 2
    pixels = np.clip(image, 0, 255).astype(np.uint8)
    return pixels.astype(np.uint16) * 16 if look.other_type else pixels


def mark_of(
    name: str, pixels: np.ndarray, look: Look, random: np.random.Generator
) -> ImageFingerprint:
    """Return what the round of reading would find in a file with these pixels."""
    n_bytes = len(cv2.imencode(".png", pixels)[1]) * np.exp(0.1 * look.packed)
    modified = 20000 * DAY + DAY * (random.integers(5) + 5 * look.other_day)
    facts = asdict(pixel_facts(pixels))
    return ImageFingerprint(name, name, **facts, n_bytes=int(n_bytes), modified=modified)


def _shifted(name: str) -> Callable[..., Look]:
    def plant(look: Look, is_second: bool, random: np.random.Generator, strength: float) -> Look:
        return replace(look, **{name: getattr(look, name) + strength * is_second})

    return plant


def _had(name: str) -> Callable[..., Look]:
    def plant(look: Look, is_second: bool, random: np.random.Generator, strength: float) -> Look:
        share = 0.5 + 0.5 * strength * (1 if is_second else -1)
        return replace(look, **{name: bool(random.random() < share)})

    return plant


_SHIFTS, _SHARES = (1.0, 2.0, 3.0, 5.0), (0.25, 0.5, 0.75, 1.0)
PLANTED = {
    "brightness": (_shifted("light"), "mean brightness", _SHIFTS),
    "border": (_shifted("border"), "colour of its border", _SHIFTS),
    "sharpness": (_shifted("haze"), "sharpness", _SHIFTS),
    "size of the file": (_shifted("packed"), "size of its file", _SHIFTS),
    "burnt-in text": (_had("lettered"), "burnt-in text", _SHARES),
    "over-exposure": (_had("exposed"), "over-exposure", _SHARES),
    "size of the image": (_had("larger"), "size of the image", _SHARES),
    "type of pixels": (_had("other_type"), "type of its pixels", _SHARES),
    "ending": (_had("other_ending"), "ending of its file", _SHARES),
    "date": (_had("other_day"), "date of its file", _SHARES),
}


if __name__ == "__main__":
    sys.exit(main())
