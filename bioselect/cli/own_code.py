"""The words with which a person agrees that code of a model's own components is run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_own_code(parser: argparse.ArgumentParser | Any) -> None:
    """Add `--components` and `--trust` to a command that opens models."""
    parser.add_argument(
        "--components",
        type=Path,
        metavar="FOLDER",
        help="where your own components lie, if the model uses any; their code is run",
    )
    parser.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="MODULE",
        help="an installed module or package, for example mylab.features, that provides "
        "components of the model; its code is run; may be given several times",
    )
