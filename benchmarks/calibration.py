"""How far probabilities of all combinations of finished runs can be believed, and calibrated ones.

    python benchmarks/calibration.py RUN_FOLDER ...

Each calibration is measured on the predictions of units (groups, or equal files) that it was not
fitted on, as a run does it for the combination that it exports. One line for each combination:
log loss and expected calibration error before, and with temperature, sigmoid and isotonic curves;
then what was right of the images given 90 % or more, before and with temperature.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import h5py
import numpy as np

from bioselect.estimators.calibration import METHODS
from bioselect.selection.calibrating import calibrate
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.reliability import Reliability


def main() -> None:
    """Print a table for each run folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path)
    for folder in parser.parse_args().runs:
        print_run(folder)


def print_run(folder: Path) -> None:
    with (folder / "dataset.csv").open(newline="", encoding="utf-8") as file:
        units = [row["group"] or row["sha256"] for row in csv.DictReader(file)]
    numbers = np.unique(units, return_inverse=True)[1]
    print(f"{folder}: {len(units)} images, {len(set(units))} units")
    print(f"| combination | before | {' | '.join(METHODS)} | 90 % or more, before | temperature |")
    print("|---" * (len(METHODS) + 4) + "|")
    with h5py.File(folder / "out_of_fold.h5") as file:
        for data in file["candidates"].values():
            table, classes = data[:], file["class_index"][:]
            if data.attrs["estimator"] == "dummy":
                continue
            given = OutOfFold((table,), classes, numbers, table.shape[2])
            tried = {method: calibrate(given, 0, method, 0) for method in METHODS}
            before = tried["temperature"].before
            cells = [f"{data.attrs['extractor']} + {data.attrs['estimator']}", short(before)]
            for one in tried.values():
                unused = "" if one.calibration.method != "none" else " (not used)"
                cells.append(("-" if one.after is None else short(one.after)) + unused)
            cells += [sure(before), sure(tried["temperature"].after)]
            print(f"| {' | '.join(cells)} |")


def short(found: Reliability) -> str:
    return f"{found.log_loss:.3f}, {found.expected_calibration_error:.3f}"


def sure(found: Reliability | None) -> str:
    if found is None or found.sure is None:
        return "none"
    return f"{found.sure.right:.0%} of {found.sure.n_images:.0f}"


if __name__ == "__main__":
    main()
