"""The tables of `study_simulation.py`: what was counted, with Monte-Carlo standard errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np


class Named(Protocol):
    """What a table needs to know of a scenario."""

    kind: str

    @property
    def name(self) -> str:
        """The scenario in words."""


#: Columns of each table: heading, value, whether it is in points and not in percent.
_FALSE_CLAIMS = (
    ("significantly better: stage 1, a family", "significantly, stage 1", False),
    ("stage 2", "significantly, stage 2", False),
    ("clearly better: stage 1, a family", "clearly, stage 1", False),
    ("stage 2", "clearly, stage 2", False),
    ("omnibus: stage 1, a family", "omnibus, stage 1", False),
    ("stage 2", "omnibus, stage 2", False),
    ("any of these of a pair, or a role, in all tables", "any claim", False),
    ("or of an omnibus test", "any claim or omnibus", False),
    ('"practically the same"', "practically the same", False),
)
_EXPECTED = (
    ("naive less truth, points", "naive less truth", True),
    ("honest less truth", "honest less truth, best", True),
    ("interval holds the truth", "covered, best", False),
    ("its width, points", "width", False),
    ("honest less truth of the recommended", "honest less truth, chosen", True),
    ("held", "covered, chosen", False),
)
_OF_IMAGES = (
    *_EXPECTED,
    ("with nothing off for shared training, less truth", "nothing off less truth", True),
    ("held", "covered, nothing off", False),
    ("with all of it off", "all off less truth", True),
    ("held", "covered, all off", False),
)
_SPREAD = (*_OF_IMAGES, ("the weaker called better", "the weaker is called better", False))
_POWER = (
    ("true gap, points", "true gap", True),
    ("the strongest is best", "the strongest is best", False),
    ("true differences claimed", "true differences claimed", False),
    ('"as far as these data can tell, yes"', "the best is called so", False),
    ("the weaker called better", "the weaker is called better", False),
)
_NOTHING = (
    ("honest, percent", "honest", False),
    ("naive less truth, points", "naive less truth", True),
    ("honest less truth", "honest less truth, best", True),
    ("with nothing off for shared training", "nothing off less truth", True),
    ("with all of it off", "all off less truth", True),
    ("said to be guessing", "said to be guessing", False),
    ("any claim in all tables", "any claim", False),
)
TABLES = {
    "equal": (("False claims", _FALSE_CLAIMS), ("Expected on new images", _OF_IMAGES)),
    "spread": (("Expected on new images", _SPREAD),),
    "gap": (("Power", _POWER),),
    "no signal": (("Nothing to be learnt", _NOTHING),),
    "donors": (("False claims", _FALSE_CLAIMS), ("Expected on new images", _EXPECTED)),
    "splits": (("False claims", _FALSE_CLAIMS), ("Expected on new images", _EXPECTED)),
}


def print_tables(found: Mapping[Named, Mapping[str, np.ndarray]]) -> None:
    """Print the tables in Markdown; every number is percent or points, +- its standard error."""
    for kind, tables in TABLES.items():
        rows = {scenario: values for scenario, values in found.items() if scenario.kind == kind}
        for title, columns in tables if rows else ():
            print(f"\n{title}: {kind}\n")
            print("| studies | draws | " + " | ".join(heading for heading, *_ in columns) + " |")
            print("|---" * (len(columns) + 2) + "|")
            for scenario, values in rows.items():
                cells = [_cell(values[name], in_points) for _, name, in_points in columns]
                n_draws = len(next(iter(values.values())))
                print(f"| {scenario.name} | {n_draws} | " + " | ".join(cells) + " |")


def _cell(values: np.ndarray, in_points: bool) -> str:
    mean, error = 100 * values.mean(), 100 * values.std(ddof=1) / np.sqrt(len(values))
    sign = "+" if in_points else ""
    return f"{mean:{sign}.1f} ± {error:.1f}"
