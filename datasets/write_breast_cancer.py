"""Writes `breast_cancer.csv`: the Wisconsin diagnostic set, as scikit-learn carries it.

    python datasets/write_breast_cancer.py            writes it beside this file
    python datasets/write_breast_cancer.py --to DIR   writes it elsewhere

569 fine-needle aspirates of breast masses: for each the mean, the standard error and the worst
(mean of the three largest) of ten measurements of its nuclei, and whether the mass was malignant.
scikit-learn carries no patient numbers, so `id` counts the rows.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from sklearn.datasets import load_breast_cancer

FILE = "breast_cancer.csv"


def rows() -> list[list[str]]:
    """Return the header and a row for each mass, numbers as short as they stay the same."""
    found = load_breast_cancer()
    header = ["id", "diagnosis", *map(str, found.feature_names)]
    names = [str(name) for name in found.target_names]
    width = len(str(len(found.target)))
    lines = [
        [f"m{place:0{width}d}", names[target], *(repr(float(value)) for value in values)]
        for place, (target, values) in enumerate(zip(found.target, found.data, strict=True), 1)
    ]
    return [header, *lines]


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Writes the Wisconsin diagnostic set.")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent)
    table = parser.parse_args().to / FILE
    written = rows()
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(written)
    print(f"{len(written) - 1} rows written to {table}")


if __name__ == "__main__":
    main()
