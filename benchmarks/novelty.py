"""Measure how well images unlike those of the training are told, and faults in images.

    python benchmarks/novelty.py DATA [--weights FOLDER] [--only NAME ...]

DATA holds `blood_cells/` (labels.csv: file, cell_type, smear), `brain_mri/` and `cell_cycle/` (a
folder a class) and `nuclei/images/`. For each extractor: every class is left out of training in
turn, and told from held-out images of the others by novelty (of blood cells on five parts that
divide no smear, of the cell cycle on three); sets are told from one another; false alarms are
counted on held-out groups of 20 random divisions. Then faults are planted in held-out images, and
flags counted in these and in the same images without.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, GroupShuffleSplit, StratifiedKFold

from bioselect.bundle.novelty import measure_novelty, novelty_of
from bioselect.bundle.quality import usual_quality
from bioselect.bundle.reference import make_reference
from bioselect.data.image_quality import Measures, measures
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.data.reading import read_image
from bioselect.exceptions import UnreadableImageError
from bioselect.features.extraction import iterate_features
from bioselect.registry import ComponentSpec, create

#: Cells of the cell cycle are of 12 bits.
TWELVE_BITS = 4095.0
N_DIVISIONS = 20
DESCRIPTORS = ("hog", "lbp", "haralick", "color_histogram")
Judge = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Set:
    """Images with what they show, and what belongs together."""

    paths: list[Path]
    classes: np.ndarray
    groups: np.ndarray


def read_sets(data: Path) -> dict[str, Set]:
    """Return the four sets; files that cannot be read are left out."""
    with (data / "blood_cells" / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {
        "blood_cells": Set(
            [data / "blood_cells" / row["file"] for row in rows],
            np.array([row["cell_type"] for row in rows]),
            np.array([row["smear"] for row in rows]),
        )
    }
    for name in ("brain_mri", "cell_cycle", "nuclei/images"):
        paths = [path for path in sorted((data / name).rglob("*")) if _is_usable(path)]
        copies = np.array([sha256(read_image(path).tobytes()).hexdigest() for path in paths])
        classes = np.array([path.parent.name for path in paths])
        found[name.split("/")[0]] = Set(paths, classes, copies)
    return found


def _is_usable(path: Path) -> bool:
    try:
        read_image(path)
    except UnreadableImageError:
        return False
    return True


def extracted(spec: ComponentSpec, paths: Sequence[Path], intensity: Intensity) -> np.ndarray:
    """Return the rows of images, grey ones repeated."""
    extractor = create("extractor", spec, None)
    reading = Reading(intensity, repeat_grey=True)
    batches = list(iterate_features(extractor, paths, reading, 1))
    return np.vstack([rows for _, rows, _ in batches if rows is not None])


def judge_of(rows: np.ndarray, groups: np.ndarray) -> Judge:
    """Return what a model trained on these rows says of others."""
    reference = make_reference(rows, np.zeros(len(rows), dtype=int), np.arange(len(rows)))
    known = measure_novelty(reference, np.unique(groups, return_inverse=True)[1])
    assert known is not None
    return lambda new: novelty_of(reference, known, new)


Told = dict[str, list[tuple[float, float, float]]]


def told_apart(told: Told, case: str, usual: np.ndarray, new: np.ndarray) -> None:
    """Note the area under the curve, and which shares are flagged."""
    truth = np.r_[np.zeros(len(usual)), np.ones(len(new))]
    area = float(roc_auc_score(truth, np.r_[usual, new]))
    told[case].append((area, float((usual > 1).mean()), float((new > 1).mean())))


def parts_of(one: Set, rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield train and test images."""
    if len(np.unique(one.classes)) > 3:
        yield from StratifiedKFold(3, shuffle=True, random_state=0).split(rows, one.classes)
    else:
        yield from GroupKFold(5, shuffle=True, random_state=0).split(rows, None, one.groups)


def novelty_figures(spec: ComponentSpec, sets: dict[str, Set]) -> Told:
    """Return what is told apart by one extractor."""
    told: Told = defaultdict(list)
    plain = {name: extracted(spec, one.paths, Intensity("dtype")) for name, one in sets.items()}
    cells = sets["cell_cycle"]
    own = {**plain, "cell_cycle": extracted(spec, cells.paths, Intensity("range", 0, TWELVE_BITS))}
    for name in ("blood_cells", "cell_cycle"):
        one, rows = sets[name], own[name]
        for left in np.unique(one.classes):
            for train, test in parts_of(one, rows):
                rest = train[one.classes[train] != left]
                judge = judge_of(rows[rest], one.groups[rest])
                is_left = one.classes[test] == left
                usual, new = judge(rows[test[~is_left]]), judge(rows[test[is_left]])
                told_apart(told, f"{name} without {left}", usual, new)
    for name in ("blood_cells", "brain_mri"):
        one, rows = sets[name], plain[name]
        for train, test in GroupKFold(5, shuffle=True, random_state=0).split(
            rows, None, one.groups
        ):
            judge = judge_of(rows[train], one.groups[train])
            usual = judge(rows[test])
            for other in sets:
                if other != name:
                    told_apart(told, f"{name}, given {other}", usual, judge(plain[other]))
    for name, share in (
        ("blood_cells", 0.15),
        ("blood_cells", 0.8),
        *((one, 0.7) for one in ("brain_mri", "cell_cycle")),
    ):
        one, rows = sets[name], own[name]
        divide = GroupShuffleSplit(N_DIVISIONS, train_size=share, random_state=1)
        for train, test in divide.split(rows, None, one.groups):
            alarms = float((judge_of(rows[train], one.groups[train])(rows[test]) > 1).mean())
            n_groups = f"{share:.0%} of the groups"
            told[f"{name}, held-out groups, {n_groups}"].append((np.nan, alarms, np.nan))
    return told


def _blurred(image: np.ndarray) -> np.ndarray:
    blurred: np.ndarray = cv2.GaussianBlur(image, (0, 0), 2).reshape(image.shape)
    return blurred


def _clipped(image: np.ndarray) -> np.ndarray:
    top = 255.0 if image.dtype == np.uint8 else TWELVE_BITS
    limit = max(float(np.percentile(image.max(axis=2), 70)), 1.0)
    return np.minimum(image * (top / limit), top).astype(image.dtype)


def _other_depth(image: np.ndarray) -> np.ndarray:
    if image.dtype == np.uint16:
        return (image >> 8).astype(np.uint8)
    return image.astype(np.uint16) * 257


def _twice(image: np.ndarray) -> np.ndarray:
    height, width, n_channels = image.shape
    larger: np.ndarray = cv2.resize(image, (2 * width, 2 * height))
    return larger.reshape(2 * height, 2 * width, n_channels)


FAULTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "none": lambda image: image,
    "blurred, sigma 2": _blurred,
    "30 % of the pixels clipped": _clipped,
    "channels reversed (BGR)": lambda image: image[:, :, ::-1],
    "other depth (8 bits of 16, or 16 of 8)": _other_depth,
    "twice as large": _twice,
}


def quality_figures(one: Set) -> dict[str, float]:
    """Return which share of held-out images gets a flag, by the fault planted in them."""
    found: dict[str, list[Measures]] = {}
    images = [read_image(path) for path in one.paths]
    for name, fault in FAULTS.items():
        found[name] = [measures(fault(image)) for image in images]
    n_flagged: Counter[str] = Counter()
    n_seen = 0
    divide = GroupShuffleSplit(N_DIVISIONS, test_size=0.3, random_state=0)
    for train, test in divide.split(images, None, one.groups):
        usual = usual_quality([found["none"][place] for place in train])
        assert usual is not None
        n_seen += len(test)
        for name in FAULTS:
            n_flagged[name] += sum(bool(usual.flags(found[name][place])) for place in test)
    return {name: n_flagged[name] / n_seen for name in FAULTS}


def main() -> None:
    """Print one line a case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path, help="folder with mobilenet_v2_alpha*_notop.h5")
    parser.add_argument("--only", nargs="+", help="names of extractors; none: faults alone")
    options = parser.parse_args()
    specs = {name: ComponentSpec.of(name, {}) for name in DESCRIPTORS}
    for alpha in (0.35, 1.0) if options.weights else ():
        file = options.weights / f"mobilenet_v2_alpha{alpha}_224_notop.h5"
        params = {"alpha": alpha, "weights": str(file)}
        specs[f"mobilenet_v2_{alpha}"] = ComponentSpec.of("mobilenet_v2", params)
    sets = read_sets(options.data)
    for name, one in sets.items():
        shares = ", ".join(f"{fault} {share:.3f}" for fault, share in quality_figures(one).items())
        print(f"flagged in {name}: {shares}", flush=True)
    for name, spec in specs.items():
        if options.only and name not in options.only:
            continue
        for case, values in novelty_figures(spec, sets).items():
            area, alarms, hits = np.mean(values, axis=0)
            print(
                f"{name}: {case}: AUROC {area:.3f}, flagged of the usual {alarms:.3f} and of the "
                f"new {hits:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
