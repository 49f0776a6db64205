"""`bioselect report`: write the report of a finished run again, from its folder alone."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bioselect.visible import visible


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "report",
        help="write the report of a finished run again",
        description="Writes report.html, one file that needs no network, and report/ with every "
        "figure as SVG and its data as CSV, from the run folder alone. `bioselect run` does the "
        "same at its end.",
    )
    parser.add_argument("run_dir", type=Path, metavar="RUN_DIR", help="the folder of a run")
    return parser


def main(options: argparse.Namespace) -> int:
    """Write the report and say where it is."""
    from bioselect.progress import TerminalReporter
    from bioselect.workflows.report import rebuild_report

    print(visible(f"Report: {rebuild_report(options.run_dir, TerminalReporter())}"))
    return 0
