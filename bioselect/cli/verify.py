"""`bioselect verify`: is a model whole, and whose is it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bioselect.cli.output import add_json, show
from bioselect.cli.own_code import add_own_code


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "verify",
        help="is a model whole, and who signed it",
        description="Looks whether every file of a model is the one that was written, whether it "
        "still predicts what it did then, and who signed it. Exits with 1 if anything is wrong.",
    )
    parser.add_argument("model", type=Path, help="a model folder, its zip, or a run folder")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="the public key that must have signed it"
    )
    add_own_code(parser)
    add_json(parser)
    return parser


def main(options: argparse.Namespace) -> None:
    """Verify and say what was found."""
    from bioselect.workflows.verify import in_words, verify

    verified = verify(options.model, options.key, options.components)
    show(in_words(options.model, verified), options.json, lambda: asdict(verified))
