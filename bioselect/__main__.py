"""`python -m bioselect` is the same as `bioselect`."""

from bioselect.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
