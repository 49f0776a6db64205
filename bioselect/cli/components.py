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
        "kind",
        nargs="?",
        metavar="KIND",
        help=f"only this kind: {', '.join(KINDS)} (bundle: with --check); or the NAME alone",
    )
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="only this component, with all its parameters"
    )
    parser.add_argument(
        "--check",
        metavar="pkg.module:Name",
        help="run the contract on your own component; of a model, its folder or zip. KIND is "
        "needed only where it does not show (a metric, a function)",
    )
    return parser


def main(options: argparse.Namespace) -> int:
    """List, or check."""
    from bioselect.workflows.components import check_component, kind_of, list_components

    if options.kind is not None and options.kind not in (*KINDS, "bundle"):
        if options.name is not None or options.check is not None:
            raise ComponentError(
                f"{options.kind}: the kind must be one of {', '.join(KINDS)}. Write a NAME after "
                "it, or alone."
            )
        options.kind, options.name = None, options.kind
    if options.check is None:
        if options.kind == "bundle":
            raise ComponentError("bundle: there is nothing to list. Add --check MODEL.")
        print(list_components(options.kind, options.name, Path.cwd()))
        return 0
    kind = options.kind or kind_of(options.check, Path.cwd())
    # The code of a model that holds own components is not run without being asked for.
    folder = None if kind == "bundle" else Path.cwd()
    passed, text = check_component(kind, options.check, folder)
    print(text)
    return 0 if passed else 1
