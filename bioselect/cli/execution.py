"""The words that say which machines compute, for a command without a configuration."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bioselect.config.execution_section import ExecutionSection


def add_execution(parser: argparse.ArgumentParser | Any) -> None:
    """Add `--backend`, `--scheduler` and `--workers`."""
    parser.add_argument(
        "--backend", choices=("local", "dask"), help="this machine (default), or a Dask cluster"
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of a running Dask scheduler, for example tcp://node7:8786; with --backend dask and "
        "without an address, workers are started on this machine",
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="how many are waited for, or started"
    )


def execution_of(options: argparse.Namespace) -> ExecutionSection:
    """Return what the words say; an address stands for `--backend dask`.

    Raises
    ------
    ConfigurationError
        If one of them is wrong.
    """
    from pydantic import ValidationError

    from bioselect.config.execution_section import DASK, LOCAL, ExecutionSection, execution_problem
    from bioselect.exceptions import ConfigurationError

    written = {
        "backend": options.backend or (DASK if options.scheduler else LOCAL),
        "scheduler": options.scheduler,
        "workers": options.workers,
    }
    if text := execution_problem(written):
        raise ConfigurationError(f"--{text.replace('backend: dask', '--backend dask', 1)}")
    try:
        return ExecutionSection.model_validate(written)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigurationError(f"--{first['loc'][0]}: {first['msg']}") from error
