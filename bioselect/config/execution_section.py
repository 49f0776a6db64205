"""`execution`: which machines compute; results do not depend on it, but for trained networks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from bioselect.config.rules import allowed, checked_by, one_of, rule_error, shown
from bioselect.config.section import Section

LOCAL, DASK = "local", "dask"
_ADDRESS = re.compile(r"(tcp|tls)://([^/:\s]+|\[[0-9a-fA-F:]+\]):\d{1,5}")
ADDRESS_SCHEMA = {"type": ["string", "null"], "pattern": r"^(tcp|tls)://.+:\d+$"}


def check_address(value: Any) -> str | None:
    """Check the address of a scheduler.

    Examples
    --------
    >>> check_address("tcp://node7:8786")
    'tcp://node7:8786'
    """
    if value is None:
        return None
    if isinstance(value, str) and _ADDRESS.fullmatch(value):
        return value
    raise rule_error(
        "must be an address as `dask scheduler` prints it, tcp://HOST:PORT or tls://HOST:PORT. Got "
        f"{shown(value)}."
    )


class ExecutionSection(Section):
    """Which machines compute. Results do not depend on it, and a run does not keep it.

    Networks that are trained from pixels are the same where the machines have as many cores and the
    same graphics processor.
    """

    backend: Annotated[str, one_of(LOCAL, DASK)] = Field(
        default=LOCAL,
        description="local: processes of this machine. dask: the workers of a Dask scheduler "
        '(pip install "bioselect[cluster]").',
    )
    scheduler: Annotated[str | None, checked_by(check_address, ADDRESS_SCHEMA)] = Field(
        default=None,
        description="The address of a Dask scheduler, for example tcp://node7:8786. null: workers "
        "are started on this machine for the run.",
    )
    workers: Annotated[int | None, allowed("int", "null", minimum=1)] = Field(
        default=None,
        description="How many workers are waited for before the work begins (null: one); without "
        "a scheduler, how many are started (null: one a core).",
    )


def execution_problem(written: Any) -> str | None:
    """Say what is wrong between the keys of `execution` as they were written, if anything.

    Examples
    --------
    >>> execution_problem({"scheduler": "tcp://node7:8786"})
    'scheduler goes with backend: dask. Write that too, or leave it out.'
    >>> execution_problem({"backend": "dask", "workers": 4})
    """
    if not isinstance(written, Mapping) or written.get("backend") == DASK:
        return None
    given = [key for key in ("scheduler", "workers") if written.get(key) is not None]
    if not given:
        return None
    return f"{given[0]} goes with backend: dask. Write that too, or leave it out."
