"""`bioselect app`: the web page on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

USUAL_PORT = 8765


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "app",
        help="a web page on this machine: predict, look at results, make a study",
        description="Serves a web page for one person on this machine, until Ctrl-C. It prints an "
        "address with a token; whoever has no token is refused. Nothing is sent anywhere.",
    )
    parser.add_argument(
        "place",
        type=Path,
        nargs="?",
        metavar="MODEL_OR_RUN_DIR",
        help="a model folder, its zip, or a run folder (default: begin with a new study)",
    )
    parser.add_argument(
        "--port", type=int, default=USUAL_PORT, help="0 takes a free one (default %(default)s)"
    )
    parser.add_argument(
        "--root",
        type=Path,
        metavar="FOLDER",
        help="the page sees and writes folders inside of this one only (default: your home folder)",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="another address than that of this machine alone; needs --allow-network",
    )
    parser.add_argument(
        "--allow-network",
        action="store_true",
        help="let other machines reach the page, which is not encrypted",
    )
    parser.add_argument("--browser", action="store_true", help="open the page in a browser")
    return parser


def main(options: argparse.Namespace) -> None:
    """Serve the page, and print its address."""
    import ipaddress

    from bioselect.exceptions import ConfigurationError, UnavailableError

    if not 0 <= options.port <= 65535:
        raise ConfigurationError(f"--port must be between 0 and 65535. Got {options.port}.")
    try:
        is_here = ipaddress.ip_address(options.host).is_loopback
    except ValueError:
        is_here = options.host == "localhost"
    if not is_here and not options.allow_network:
        raise ConfigurationError(
            f"--host {options.host}: other machines could reach the page, see your folders and "
            "start studies with its address, which is not encrypted. Add --allow-network if that "
            "is meant, or leave --host out."
        )
    try:
        from bioselect.app.server import serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "bioselect":
            raise
        raise UnavailableError(
            f'the web page needs {error.name}. Install it: python -m pip install "bioselect[app]".'
        ) from error
    if not is_here:
        print(
            f"warning: {options.host} can be reached by other machines. Whoever reads the address "
            "below, or listens on the network, can use this page as you can."
        )

    def say(address: str) -> None:
        print(f"The page is at\n\n  {address}\n\nOpen it in a browser. Ctrl-C ends it.", flush=True)

    serve(options.place, options.port, options.host, options.root, say, options.browser)
    print("ended")
