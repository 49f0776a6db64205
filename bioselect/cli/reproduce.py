"""`bioselect reproduce`: run a finished study again and say whether it comes out the same."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bioselect.cli.output import add_json, show


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "reproduce",
        help="run a finished study again: same, tied or different",
        description="Looks whether the images are still those of the run, runs it again from the "
        "configuration in its folder, and compares scores, ranking and choice. Exits with 1 if the "
        "conclusion is a different one.",
    )
    parser.add_argument("run_dir", type=Path, metavar="RUN_DIR", help="the folder of a run")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="the folder of the second run (default: RUN_DIR-reproduced)",
    )
    parser.add_argument("--jobs", type=int, help="processes at a time (default: all cores)")
    add_json(parser)
    return parser


def main(options: argparse.Namespace) -> int:
    """Run it again and print how it compares."""
    from bioselect.progress import TerminalReporter
    from bioselect.workflows.compared_runs import DIFFERENT
    from bioselect.workflows.reproduce import reproduce

    result = reproduce(options.run_dir, options.output, options.jobs, TerminalReporter())
    show(
        result.text,
        options.json,
        lambda: {"run_folder": str(result.folder), **asdict(result.comparison)},
    )
    return int(result.comparison.answer == DIFFERENT)
