"""`bioselect cache`: what the feature cache of a run holds, and how to empty it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "cache",
        help="what the feature cache holds; empty it",
        description="Says which features are kept and how much room they take, or removes them. "
        "Clearing is always safe: the next run computes what it needs again.",
    )
    parser.add_argument("action", choices=("info", "clear"))
    parser.add_argument("config", type=Path, help="a configuration, or a cache folder")
    parser.add_argument(
        "--networks",
        action="store_true",
        help="clear: remove the compiled networks as well, which all studies share",
    )
    parser.add_argument(
        "--remote",
        action="store_true",
        help="clear: remove the copies of files at addresses (s3://...) as well, which all studies "
        "share",
    )
    return parser


def main(options: argparse.Namespace) -> None:
    """Tell or clear."""
    from bioselect.workflows.cache import cache_info, clear_cache

    if options.action == "info":
        print(cache_info(options.config))
    else:
        print(clear_cache(options.config, options.networks, options.remote))
