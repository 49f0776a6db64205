"""One thread for arithmetic: the last bits of a matrix product depend on how many share it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

#: Read by libraries when they are loaded; `threadpoolctl` sees only those loaded before.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS and OpenMP to one thread inside the block, also in libraries loaded there.

    Examples
    --------
    >>> import threadpoolctl
    >>> with one_thread():
    ...     {pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
    {1}
    """
    # Load the libraries that nearly every task uses first: one that is loaded inside the block
    # would be limited by the environment only, and would stay limited afterwards.
    import scipy.linalg  # noqa: F401
    import sklearn.utils._openmp_helpers  # noqa: F401

    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    try:
        with _thread_pools(len(sys.modules)).limit(limits=1):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@lru_cache(maxsize=1)
def _thread_pools(n_modules: int) -> Any:
    """Find the libraries that have threads, anew only when modules were imported since.

    Looking through everything a process has loaded takes milliseconds, as long as a small task.
    """
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
