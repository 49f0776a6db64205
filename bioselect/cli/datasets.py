"""`bioselect datasets`: public sets of images, listed and downloaded."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bioselect.cli.output import add_json, show
from bioselect.exceptions import DataError


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "datasets",
        help="public sets of images: list them, download one",
        description="list shows the public sets that are known, with their licences; list NAME "
        "everything about one. get NAME downloads it, checks it where a checksum is known, unpacks "
        "it and says what comes next; started again, it goes on where it stopped.",
    )
    parser.add_argument("action", choices=("list", "get"))
    parser.add_argument("name", nargs="?", metavar="NAME", help="the set")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="get: the folder (default: NAME, here)"
    )
    parser.add_argument(
        "--file",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="get: files of the set that you downloaded by hand; they are checked and unpacked",
    )
    add_json(parser)
    return parser


def main(options: argparse.Namespace) -> None:
    """List, or get."""
    from bioselect.progress import TerminalReporter
    from bioselect.workflows.datasets import (
        as_data,
        describe,
        get,
        got_as_data,
        got_in_words,
        list_sets,
    )

    if options.action == "list":
        if options.output is not None or options.file is not None:
            raise DataError("list: -o and --file belong to get. Leave them out, or write get NAME.")
        words = list_sets() if options.name is None else describe(options.name)
        show(words, options.json, lambda: as_data(options.name))
        return
    if options.name is None:
        raise DataError("get: needs the NAME of a set. `bioselect datasets list` shows all.")
    got = get(options.name, options.output, options.file or (), TerminalReporter())
    show(got_in_words(got), options.json, lambda: got_as_data(got))
