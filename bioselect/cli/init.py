"""`bioselect init`: look at a folder or table and write a configuration that runs as it is."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bioselect.visible import visible

ON_TERMINAL = "-"


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "init",
        help="look at a folder or table and write a configuration that runs as it is",
        description="Looks at a folder of class folders, of images and masks, a table or an .npz "
        "file, decides what suits it, and writes a configuration with comments. Trains nothing, "
        "asks nothing.",
    )
    parser.add_argument(
        "dataset",
        type=_path,
        metavar="DATASET",
        help="a folder with one folder per class, or with the folders images and masks; a table "
        "(CSV, TSV, Excel) with a column of images, or with columns alone; an .npz file like those "
        "of MedMNIST",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="the configuration to write; - prints it (default: DATASET's name, in this folder)",
    )
    parser.add_argument("--force", action="store_true", help="write over FILE if it is there")
    for column, content in (
        ("image", "the image paths"),
        ("target", "the class, or the number"),
        ("group", "what belongs together (patient, slide, plate)"),
    ):
        parser.add_argument(
            f"--{column}", metavar="COLUMN", help=f"of a table: the column with {content}"
        )
    parser.add_argument("--jobs", type=int, help="threads that read images (default: all cores)")
    return parser


def _path(written: str) -> Path:
    if not written:
        raise argparse.ArgumentTypeError("must name a folder or a table (. is this folder)")
    return Path(written)


def main(options: argparse.Namespace) -> None:
    """Propose, write, and say what was found and what comes next."""
    import sys

    from bioselect.progress import TerminalReporter
    from bioselect.workflows.init import init, propose
    from bioselect.workflows.proposal.source import ColumnNames

    columns = ColumnNames(options.image, options.target, options.group)
    reporter = TerminalReporter()
    if options.output == ON_TERMINAL:
        proposal = propose(options.dataset, None, columns, options.jobs, reporter)
        print(visible(proposal.in_words), file=sys.stderr)
        print(proposal.text, end="")
        return
    words = init(options.dataset, options.output, options.force, columns, options.jobs, reporter)
    print(visible(words))
