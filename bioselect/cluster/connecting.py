"""A connection to a Dask scheduler, or a small cluster on this machine that ends with the run."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from bioselect import extras
from bioselect.cluster.running import Cluster
from bioselect.cluster.workers_there import Workers, resources
from bioselect.exceptions import ClusterError
from bioselect.workers import ctrl_c_waits

SECONDS_TO_CONNECT = 10
SECONDS_TO_CLOSE = 2


def check_installed() -> None:
    """Make sure that Dask is there.

    Raises
    ------
    UnavailableError
        If it is not, with how to get it.
    """
    needed = ("dask", "distributed")
    extras.check_installed("execution.backend: dask", needed, "cluster", ", or use backend: local")


@contextmanager
def open_cluster(
    scheduler: str | None,
    n_workers: int | None,
    n_cores: int,
    tell: Callable[[str], None],
    warn: Callable[[str], None],
    paths: Sequence[Path] = (),
    modules: Path | None = None,
    trains: bool = False,
) -> Iterator[Cluster]:
    """Connect to a scheduler, or start one here with workers, and end that connection.

    Parameters
    ----------
    scheduler : str or None
        Its address, tcp:// or tls://; None makes a cluster of processes of this machine.
    n_workers : int or None
        How many workers are waited for, by default one; of a cluster made here how many there are,
        by default `n_cores`.
    n_cores : int
        Of this machine, as far as they may be used.
    tell, warn : callable
        Told where the work is done, and what should not be overlooked.
    paths : sequence of Path
        Files and folders that every worker must see.
    modules : Path, optional
        The folder with somebody's own modules.
    trains : bool
        Whether networks are trained from pixels.

    Raises
    ------
    UnavailableError
        If Dask is not installed.
    ClusterError
        If there is no such scheduler, or no worker that can be used.
    """
    check_installed()
    with ExitStack() as stack:
        stack.enter_context(_quiet())
        if scheduler is None:
            here = _started_here(n_workers or n_cores)
            stack.callback(_closed, here)
            client, address = _connected(here, "this machine"), here.scheduler_address
            wanted = n_workers or n_cores
        else:
            client, address, wanted = (
                _connected(scheduler, scheduler),
                scheduler,
                1 if n_workers is None else n_workers,
            )
        stack.callback(_closed, client)
        seen = [str(path) for path in paths]
        workers = Workers(client, address, warn, seen, is_ours=scheduler is None, trains=trains)
        workers.wait_for(wanted)
        tell(f"cluster: {address}, {workers.in_words()}; dashboard: {client.dashboard_link}")
        cluster = Cluster(client, workers, modules)
        stack.callback(cluster.close)
        yield cluster


def _connected(to: Any, address: str) -> Any:
    from distributed import Client

    if to is address:
        _check_certificates(address)
    try:
        return Client(to, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, TimeoutError, TypeError, ValueError, RuntimeError) as error:
        told = " ".join(str(error).split())
        secure = ""
        if address.startswith("tls:"):
            secure = (
                "A tls:// address needs a scheduler started with --tls-ca-file, --tls-cert and "
                "--tls-key, and a certificate of the same authority in Dask's configuration here "
                "(distributed.comm.tls). "
            )
        elif "reset" in told:
            secure = "One that was started with --tls-cert has a tls:// address. "
        raise ClusterError(
            f"{address}: no Dask scheduler answers there ({type(error).__name__}: {told}). "
            f"{secure}Start one with `dask scheduler`, correct execution.scheduler, or use "
            "--backend local."
        ) from error


def _check_certificates(address: str) -> None:
    """Look at what Dask's configuration says of encryption.

    A client that fails for it would wait for 20 seconds at the end of Python, with a traceback.
    """
    from distributed import Security

    is_secure = address.startswith("tls:")
    files: list[str] = []
    try:
        security = Security()
        given = (security.tls_ca_file, security.tls_client_cert, security.tls_client_key)
        # Dask takes the certificate and the key themselves, too: those are not shown.
        files = [str(one) for one in given if one and "\n" not in str(one)]
        context = security.get_connection_args("client").get("ssl_context")
    except (OSError, TypeError, ValueError, RuntimeError) as error:  # ssl.SSLError is an OSError.
        raise ClusterError(
            f"{address}: the certificates that Dask's configuration names (distributed.comm.tls: "
            f"{', '.join(files)}) cannot be used ({type(error).__name__}: "
            f"{' '.join(str(error).split())}). Correct them, or use --backend local."
        ) from error
    if is_secure and context is None:
        raise ClusterError(
            f"{address}: Dask's configuration names no certificates (distributed.comm.tls: "
            "ca-file, client.cert, client.key), which a tls:// address needs. Write them into "
            "~/.config/dask/tls.yaml, or use --backend local."
        )
    if not is_secure and security.require_encryption:
        raise ClusterError(
            f"{address}: Dask's configuration requires encryption "
            "(distributed.comm.require-encryption). Write the address of the scheduler as tls://, "
            "or use --backend local."
        )


def _started_here(n_workers: int) -> Any:
    from multiprocessing import resource_tracker

    from distributed import LocalCluster

    resource_tracker.ensure_running()  # Started inside the block, it would end the waiting.
    try:
        # Ctrl-C reaches all processes of a terminal; this one decides what becomes of the workers.
        with ctrl_c_waits():
            return LocalCluster(
                n_workers=n_workers,
                threads_per_worker=1,
                processes=True,
                # The system decides when memory runs out, as it does without Dask.
                memory_limit=0,
                resources=resources(1),
                dashboard_address="127.0.0.1:0",
                # Whoever uses this machine reaches its ports; without the key of this run in vain.
                security=True,
                silence_logs=logging.CRITICAL,
            )
    except Exception as error:
        raise ClusterError(
            f"the workers of this machine cannot be started ({type(error).__name__}: {error}). Use "
            "--backend local."
        ) from error


def _closed(one: Any) -> None:
    with suppress(Exception):
        one.close(timeout=SECONDS_TO_CLOSE)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to ourselves what Dask tells of connections and large tasks: it is told in our words."""
    import distributed  # noqa: F401  # makes its loggers

    names = ["distributed", *(name for name in logging.root.manager.loggerDict)]
    loggers = [logging.getLogger(name) for name in names if name.startswith("distributed")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")
            warnings.filterwarnings("ignore", module="distributed")
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
