"""`python -m bioselect` is the same as `bioselect`."""

from bioselect.cli.entry import entry

if __name__ == "__main__":
    raise SystemExit(entry())
