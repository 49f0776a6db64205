"""`bioselect components`: every name that may stand in a configuration."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bioselect.exceptions import ComponentError
from bioselect.registry import KINDS


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "components",
        help="list extractors, classifiers, metrics with their parameters",
        description="Lists every component with its parameters and who provides it; with --check "
        "runs the public contract on a component of your own.",
    )
    parser.add_argument(
        "kind", nargs="?", choices=(*KINDS, "bundle"), help="only this kind (bundle: with --check)"
    )
    parser.add_argument("name", nargs="?", help="only this component, with all its parameters")
    parser.add_argument(
        "--check",
        metavar="pkg.module:Name",
        help="run the contract of KIND on your own component (of a bundle: its path)",
    )
    return parser


def main(options: argparse.Namespace) -> int:
    """List, or check."""
    from bioselect.workflows.components import check_component, list_components

    if options.check is None:
        if options.kind == "bundle":
            raise ComponentError("bundle: there is nothing to list. Add --check MODEL.")
        print(list_components(options.kind, options.name))
        return 0
    passed, text = check_component(
        options.kind, options.check, None if options.kind == "bundle" else Path.cwd()
    )
    print(text)
    return 0 if passed else 1
