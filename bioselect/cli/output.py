"""What a command prints at its end: words, coloured on a terminal, or JSON for machines."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Collection
from typing import Any

from bioselect.addresses import named
from bioselect.visible import visible, visible_json

#: What is drawn out on a terminal: the words stay the same.
_STYLES = (
    (r"(?m)^\S[^.:?\n]{2,60}[:?](?=\s)", "bold"),
    (r"(?m)(?<=  )best$", "bold green"),
    (r"(?m)(?<=  )(recommended|tied)$", "green"),
    (r"(?m)(?<=  )behind$", "dim"),
    (r"(?m)(?<=  )failed$", "red"),
    (r"\bUNDECIDED\b|\bNOTHING IS CLAIMED\b", "bold yellow"),
    (r"(?m)^(warning|error): .*$", "yellow"),
)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json` to a command."""
    parser.add_argument(
        "--json",
        action="store_true",
        help="print the result as JSON on standard output (messages go to standard error)",
    )


def show(
    text: str, as_json: bool, data: Callable[[], dict[str, Any]], told: Collection[str] = ()
) -> None:
    """Print a summary without the lines that were told already, or all the data behind it."""
    if as_json:
        written = json.dumps(data(), ensure_ascii=False, indent=1, allow_nan=False)
        print(visible_json(named(written)))
        return
    text = visible("\n".join(line for line in text.split("\n") if line not in told))
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        _print_styled(text)
    else:
        print(text)


def _print_styled(text: str) -> None:
    from rich.console import Console
    from rich.text import Text

    styled = Text(text)
    for pattern, style in _STYLES:
        for found in re.finditer(pattern, text):
            styled.stylize(style, found.start(), found.end())
    Console().print(styled, soft_wrap=True, highlight=False)
