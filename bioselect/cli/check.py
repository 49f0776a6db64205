"""`bioselect check`: is the configuration right, can the data be used; trains nothing."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bioselect.cli.output import add_json, show


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "check",
        help="look at configuration and images before the work; trains nothing",
        description="Checks the configuration and reads every image once. Exit code 1 when a run "
        "would fail.",
    )
    parser.add_argument("config", type=Path, help="the configuration, a YAML file")
    parser.add_argument("--jobs", type=int, help="threads that read images (default: all cores)")
    add_json(parser)
    return parser


def main(options: argparse.Namespace) -> None:
    """Check, and print what a run would do."""
    from bioselect.config.loading import load_config

    # Before anything heavy is imported: a mistake in the configuration is told at once.
    config = load_config(options.config)
    from bioselect.progress import TerminalReporter
    from bioselect.workflows.check import look

    found = look(config, jobs=options.jobs, reporter=TerminalReporter())
    show(found.text, options.json, lambda: asdict(found))
