"""`bioselect explain`: where in images predictions come from."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bioselect.cli.own_code import add_own_code
from bioselect.visible import visible


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "explain",
        help="show where in images predictions come from",
        description="For each image: a map of what the prediction rests on (parts of the image are "
        "hidden, one after the other), what a network that was trained from pixels looks at "
        "(Grad-CAM), and the training images that are most like it. explanations.csv has a row "
        "for each image.",
    )
    parser.add_argument("model", type=Path, help="a model folder, its zip, or a run folder")
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="IMAGE", help="images, folders, tables"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="DIR",
        help="the folder to write, new or empty",
    )
    parser.add_argument(
        "--class",
        dest="names",
        action="append",
        default=[],
        metavar="NAME",
        help="explain this class, and not the predicted one; may be given several times",
    )
    parser.add_argument(
        "--image-column", "--image", help="for a table: the column with the image paths"
    )
    add_own_code(parser)
    return parser


def main(options: argparse.Namespace) -> None:
    """Explain, and say where the results lie."""
    from bioselect.progress import TerminalReporter
    from bioselect.workflows.explain import explain

    words = explain(
        options.model,
        options.paths,
        options.output,
        options.names,
        options.image_column,
        options.components,
        TerminalReporter(),
    )
    print(visible(words))
