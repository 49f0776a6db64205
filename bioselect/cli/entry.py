"""What the command `bioselect` starts: signals are heard before anything else is imported."""

from __future__ import annotations

import sys

from bioselect.stopping import Stop, stoppable


def entry() -> int:
    """Run the command line of this process and return its exit code."""
    stop = Stop()
    if sys.argv[1:2] == ["app"]:  # The server has its own way to hear them.
        from bioselect.cli.main import main

        return main(sys.argv[1:], stop)
    try:
        with stoppable(stop):
            from bioselect.cli.main import main

            return main(sys.argv[1:], stop)
    except KeyboardInterrupt:
        # Between two lines of ours; `main` tells the others.
        if not stop.told:
            print(f"\n{stop.words}", file=sys.stderr)
        return stop.exit_code


if __name__ == "__main__":
    raise SystemExit(entry())
