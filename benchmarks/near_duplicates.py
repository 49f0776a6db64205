"""How many near copies the doctor finds among real images, and what it takes for one wrongly.

    python benchmarks/near_duplicates.py FOLDER... [--rounds 4] [--seed 0]

Every folder holds a set of images, in folders of its own or not. In each round every fifth image,
drawn by the seed, gets one planted near copy (`planted_copies.py`), of each kind as many; a quarter
of them are two changes, one on the other. All images are then read and compared as `check` does.

- *Found*: the share of planted copies that are told as near copies of the image that they were
  made of. Those with the very same pixels, which another check tells of, do not count.
- *False alarms*: the share of the images of a set, as it is and with nothing planted, that are told
  as near copies of another one and are none. Pairs that were looked at and do show the same are in
  `SAME`, and count as real.
- *Wrong pairs*: pairs told in a round that are neither planted nor real.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from figures import print_figure
from planted_copies import DEPTH, KINDS, plant

from bioselect.checks.near_pairs import near_pairs
from bioselect.data.fingerprint import pixel_facts
from bioselect.data.known_files import PixelFacts
from bioselect.data.layouts import IMAGE_SUFFIXES
from bioselect.data.reading import read_image
from bioselect.exceptions import UnreadableImageError

EVERY = 5
TWO = "two of these"
#: Pairs of different files that were looked at and show the same: by the names of the files.
SAME = {
    "blood_cells": (
        # The same cell in the photographs of two smears, in the order of taking and back again.
        ("BloodImage_00166_11", "BloodImage_00193_07"),
        ("BloodImage_00204_14", "BloodImage_00277_14"),
        ("BloodImage_00205_13", "BloodImage_00276_12"),
        ("BloodImage_00223_14", "BloodImage_00263_14"),
        ("BloodImage_00227_11", "BloodImage_00260_05"),
        ("BloodImage_00231_08", "BloodImage_00256_05"),
        ("BloodImage_00233_06", "BloodImage_00254_11"),
        ("BloodImage_00236_07", "BloodImage_00253_09"),
        ("BloodImage_00243_11", "BloodImage_00250_00"),
        ("BloodImage_00244_14", "BloodImage_00247_13"),
        ("BloodImage_00248_11", "BloodImage_00249_01"),
        ("BloodImage_00377_13", "BloodImage_00400_12"),
        # The same cell, marked twice.
        ("BloodImage_00013_06", "BloodImage_00013_14"),
    ),
    "cell_cycle": (
        ("Metaphase_02_02", "Metaphase_08_02"),
        ("Telophase_25_00", "Telophase_27_00"),
    ),
    # The same slice saved again, in another size, section or light.
    "brain_mri": (
        ("1 no", "49 no"), ("12 no", "no 90"), ("13 no", "no 8"), ("2 no", "47 no"),
        ("38 no", "N3"), ("38 no", "No22"), ("39 no", "No11"), ("50 no", "7 no"),
        ("N16", "N17"), ("N3", "No22"), ("no 100", "no 5"), ("Y105", "Y153"),
        ("Y107", "Y163"), ("Y107", "Y49"), ("Y112", "Y146"), ("Y113", "Y59"),
        ("Y155", "Y55"), ("Y156", "Y60"), ("Y160", "Y50"), ("Y161", "Y61"),
        ("Y161", "Y71"), ("Y163", "Y49"), ("Y195", "Y26"), ("Y20", "Y92"),
        ("Y21", "Y91"), ("Y25", "Y76"), ("Y255", "Y30"), ("Y35", "Y8"),
        ("Y36", "Y65"), ("Y52", "Y6"), ("Y61", "Y71"),
    ),
}  # fmt: skip


def main() -> int:
    """Plant, compare, print tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for folder in options.folders:
        _measure(folder, options.rounds, options.seed)
    return 0


def _measure(folder: Path, n_rounds: int, seed: int) -> None:
    names, images = _read(folder)
    facts = [pixel_facts(image) for image in images]
    names, images, facts = _different(names, images, facts)
    start = time.process_time()
    alone = near_pairs([one.miniature for one in facts])
    seconds = time.process_time() - start
    real = {frozenset(pair) for pair in SAME.get(folder.name, ())}
    wrong = [
        (names[pair.first], names[pair.second])
        for pair in alone
        if frozenset((names[pair.first], names[pair.second])) not in real
    ]
    flagged = {name for pair in wrong for name in pair}
    print(
        f"{folder.name}: {len(images)} different images, {len(alone)} pairs told, "
        f"{len(alone) - len(wrong)} of them real; {seconds:.1f} s of processor time"
    )
    print("  not known to be real: " + (", ".join(f"{a} and {b}" for a, b in wrong) or "none"))
    print_figure(f"near copies, {folder.name}, false alarms", len(flagged) / len(images))
    real_places = {frozenset((p.first, p.second)) for p in alone}
    found: dict[str, list[bool]] = defaultdict(list)
    n_wrong = 0
    for number in range(n_rounds):
        n_wrong += _round(images, facts, real_places, (seed, number), found)
    print("| kind | planted | found |\n|---|---|---|")
    for kind, values in found.items():
        print(f"| {kind} | {len(values)} | {100 * np.mean(values):.1f} % |")
    every = [value for values in found.values() for value in values]
    print(f"| all | {len(every)} | {100 * np.mean(every):.1f} % |")
    print(f"  wrong pairs in {n_rounds} rounds: {n_wrong}", flush=True)
    print_figure(f"near copies, {folder.name}, found", float(np.mean(every)))


def _round(
    images: Sequence[np.ndarray],
    facts: Sequence[PixelFacts],
    real: set[frozenset[int]],
    seed: tuple[int, int],
    found: dict[str, list[bool]],
) -> int:
    """Plant and compare; add what was found by kind, and return how many pairs are wrong."""
    random = np.random.default_rng(seed)
    kinds = [*KINDS, *(DEPTH if images[0].dtype == np.uint16 else ())]
    kinds += [TWO] * max(1, len(kinds) // 3)
    chosen = sorted(random.choice(len(images), len(images) // EVERY, replace=False).tolist())
    order = random.permutation(len(chosen))
    planted, miniatures = [], [one.miniature for one in facts]
    for place, number in zip(chosen, order.tolist(), strict=True):
        kind = kinds[number % len(kinds)]
        change = DEPTH.get(kind)
        copy = (
            change(images[place], random)
            if change is not None
            else plant(images[place], "two" if kind == TWO else kind, random)
        )
        copied = pixel_facts(copy)
        if copied.picture_sha256 != facts[place].picture_sha256:
            planted.append((place, kind))
            miniatures.append(copied.miniature)
    told = {frozenset((pair.first, pair.second)) for pair in near_pairs(miniatures)}
    for kind in KINDS:
        found[kind]  # In the order of the table.
    for number, (place, kind) in enumerate(planted, start=len(images)):
        found[kind].append(frozenset((place, number)) in told)
    origin = [*range(len(images)), *(place for place, _ in planted)]
    wrong = 0
    for pair in told:
        roots = frozenset(origin[place] for place in pair)
        wrong += len(roots) == 2 and roots not in real
    return wrong


def _read(folder: Path) -> tuple[list[str], list[np.ndarray]]:
    names, images = [], []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in IMAGE_SUFFIXES:
            try:
                images.append(read_image(path))
            except UnreadableImageError:
                continue
            names.append(path.stem)
    return names, images


def _different(
    names: Sequence[str], images: Sequence[np.ndarray], facts: Sequence[PixelFacts]
) -> tuple[list[str], list[np.ndarray], list[PixelFacts]]:
    """Leave out exact copies."""
    first = {one.picture_sha256: place for place, one in reversed(list(enumerate(facts)))}
    kept = sorted(first.values())
    return (
        [names[place] for place in kept],
        [images[place] for place in kept],
        [facts[place] for place in kept],
    )


if __name__ == "__main__":
    sys.exit(main())
