"""`bioselect augment`: a contact sheet of what the augmentation does."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bioselect.visible import visible


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "augment",
        help="draw what the augmentation of training images does",
        description="Draws each step that a configuration lists under augmentation on some of its "
        "images, and all steps together. Trains nothing.",
    )
    parser.add_argument("config", type=Path, help="the configuration, a YAML file")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="the .png file to write"
    )
    parser.add_argument("--images", type=int, default=3, help="how many images (default: 3)")
    parser.add_argument(
        "--seed", type=int, default=0, help="which images and which draws (default: 0)"
    )
    parser.add_argument("--jobs", type=int, help="threads that read images (default: all cores)")
    return parser


def main(options: argparse.Namespace) -> None:
    """Draw the sheet, and say where it is."""
    from bioselect.config.loading import load_config

    # Before anything heavy is imported: a mistake in the configuration is told at once.
    config = load_config(options.config)
    from bioselect.progress import TerminalReporter
    from bioselect.workflows.augment import augment

    reporter = TerminalReporter()
    words = augment(config, options.output, options.images, options.seed, options.jobs, reporter)
    print(visible(words))
