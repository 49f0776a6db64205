"""The entry point: reads the command line, calls one command, turns errors into one line.

Each command is a file of this package with `add_parser` (its words) and `main` (which calls one
plain function of `workflows`). Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from bioselect.cli import (
    app,
    augment,
    cache,
    check,
    components,
    datasets,
    evaluate,
    explain,
    export,
    init,
    predict,
    report,
    reproduce,
    run,
    schema,
    sign,
    verify,
)
from bioselect.data.reading_time import end_when_stuck
from bioselect.exceptions import BioselectError
from bioselect.own_modules import trusting
from bioselect.stopping import Stop
from bioselect.visible import visible, visible_line

COMMANDS = (
    init,
    run,
    check,
    predict,
    evaluate,
    explain,
    report,
    reproduce,
    app,
    verify,
    sign,
    export,
    augment,
    components,
    datasets,
    cache,
    schema,
)
EXIT_USER_ERROR = 1
_KEPT = "stopped. What was finished is kept: the same command goes on from here."
_AGAIN = "stopped. Start the same command again for a result."


class _Parser(argparse.ArgumentParser):
    """A parser that says how a name with blanks is written."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the reason, and stop."""
        if message.startswith("unrecognized arguments"):
            message += ' (a name with blanks needs quotes: "my images")'
        super().error(message)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = _Parser(
        prog="bioselect",
        description="Choose, honestly, the best model for your biological and medical images.",
        epilog="Start with: bioselect init FOLDER. Help on one command: bioselect run --help",
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


def main(arguments: Sequence[str] | None = None, stop: Stop | None = None) -> int:
    """Run the command line and return the exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words behind the name of the program; those of this process by default.
    stop : Stop, optional
        Knows whether a signal asks to stop.

    Returns
    -------
    int
        0 done, 1 to be fixed by the user, 2 usage, 128 and its number for a signal.
    """
    stop = stop or Stop()
    parser = build_parser()
    options = parser.parse_args(_with_values(sys.argv[1:] if arguments is None else arguments))
    if options.version:
        from importlib.metadata import version

        print(f"bioselect {version('bioselect')}")
        return 0
    if not hasattr(options, "main"):
        parser.print_help()
        return 0
    stop.words = _KEPT if options.main in (run.main, reproduce.main, datasets.main) else _AGAIN
    _print_every_name()
    if options.main is not app.main:  # The page has more to do than what one file holds up.
        end_when_stuck()
    # Without the line of Python code that Python would print with it.
    warnings.formatwarning = lambda message, *_, **__: f"warning: {visible(str(message))}\n"
    try:
        with trusting(getattr(options, "trust", ())):
            result: int = options.main(options) or 0
        sys.stdout.flush()
        if not stop.asked:
            return result
    except KeyboardInterrupt:
        pass
    except Exception as error:
        # What is interrupted may raise anything: a library that is half imported, a process.
        if not stop.asked:
            return _told(error, options.debug)
    with suppress(OSError):  # The terminal may have gone.
        print(f"\n{stop.words}", file=sys.stderr, flush=True)
    stop.told = True
    return stop.exit_code


def _told(error: Exception, debug: bool) -> int:
    """Tell an error in one line and return the exit code; raise what nobody foresaw."""
    if isinstance(error, BrokenPipeError):
        # The reader of our output (`| head`) has gone; Python must not complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if not isinstance(error, BioselectError | OSError | MemoryError):
        raise error
    if debug:
        traceback.print_exception(error)
    told = str(error)
    if isinstance(error, MemoryError):
        told = (
            f"memory ran out ({told or 'MemoryError'}). What was finished is kept. Start again "
            "with --jobs 1, with smaller images or less, or on a machine with more memory."
        )
    elif isinstance(error, OSError):
        # Disks, network drives and rights fail in more places than can be foreseen.
        place = "" if error.filename is None else f"{visible_line(str(error.filename))}: "
        told = (
            f"{place}the system refused ({error.strerror or error}). Check the path, your "
            "right to use it, and the disk it lies on. --debug shows where it happened."
        )
    print(f"error: {visible(told)}", file=sys.stderr)
    return EXIT_USER_ERROR


def _with_values(arguments: Sequence[str]) -> list[str]:
    """Join --budget to a value that begins with a minus, which argparse takes for an option.

    What is wrong with the value is then told like any other.

    Examples
    --------
    >>> _with_values(["run", "a.yaml", "--budget", "-5min"])
    ['run', 'a.yaml', '--budget=-5min']
    """
    joined: list[str] = []
    for word in arguments:
        if joined and joined[-1] == "--budget" and re.match(r"-[\d.]", word):
            joined[-1] = f"--budget={word}"
        else:
            joined.append(word)
    return joined


def _print_every_name() -> None:
    """Print characters that a terminal or a pipe cannot show as codes, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
