"""`bioselect schema`: the JSON Schema of the configuration, for editors that complete YAML."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "schema",
        help="print the JSON Schema of the configuration",
        description="Prints the JSON Schema of the configuration; editors use it to complete and "
        "check the YAML while you type.",
    )
    return parser


def main(options: argparse.Namespace) -> None:
    """Print the schema."""
    import json

    from bioselect.config.schema import schema

    print(json.dumps(schema(), indent=2))
