"""The entry point: reads the command line, calls one command, turns errors into one line.

Each command is a file of this package with `add_parser` (its words) and `main` (which calls one
plain function of `workflows`). Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence

from bioselect.cli import cache, check, components, evaluate, predict, run, schema
from bioselect.exceptions import BioselectError

COMMANDS = (run, check, predict, evaluate, components, cache, schema)
EXIT_USER_ERROR = 1
EXIT_INTERRUPTED = 130


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="bioselect",
        description="Choose, honestly, the best model for your biological and medical images.",
        epilog="Start with: bioselect run config.yaml. Help on one command: bioselect run --help",
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        subparser = command.add_parser(subparsers)
        subparser.add_argument(
            "--debug", action="store_true", help="show the Python traceback of an error"
        )
        subparser.set_defaults(main=command.main)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 0 done, 1 to be fixed by the user, 2 usage."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.version:
        from importlib.metadata import version

        print(f"bioselect {version('bioselect')}")
        return 0
    if not hasattr(options, "main"):
        parser.print_help()
        return 0
    try:
        result: int = options.main(options) or 0
        sys.stdout.flush()
        return result
    except BioselectError as error:
        if options.debug:
            traceback.print_exc()
        print(f"error: {error}", file=sys.stderr)
        return EXIT_USER_ERROR
    except KeyboardInterrupt:
        kept = "What was finished is kept: the same command goes on from here."
        if options.main is not run.main:
            kept = "Start the same command again for a result."
        print(f"\nstopped. {kept}", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output (`| head`) has gone; Python must not complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
