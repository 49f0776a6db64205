"""What runs in a worker: one task of bioselect at a time, as a process here would run it.

How many threads multiply matrices is a setting of the whole process, and results depend on it in
their last bits. So a worker that was started with several threads runs one task of ours at a time;
networks get its threads. The scheduler knows by a resource of the worker (`running.SLOT`), and
where two studies meet on one worker the lock below is what counts.
"""

from __future__ import annotations

import os
import pickle
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bioselect.backend import Worker, inside
from bioselect.cluster.facts import facts
from bioselect.cluster.own_code import Imported
from bioselect.cluster.parcels import Parcel, Unseen, opened
from bioselect.workers import Raised, guarded, portable

_one_at_a_time = threading.Lock()
_imported = Imported()


def hold(content: bytes) -> Any:
    """Return an array, which the worker then keeps for the tasks that need it."""
    return pickle.loads(content)


def work(written: bytes, *arrays: Any) -> bytes:
    """Do a task; whatever it raises is returned, as is a file that cannot be seen here."""
    parcel: Parcel = pickle.loads(written)
    with _one_at_a_time, _in_folder(parcel.folder), inside(_this_worker(parcel.topic)):
        unseen = next((path for path in parcel.files if not os.path.exists(path)), None)
        outcome: Any = Unseen(unseen) if unseen is not None else _outcome(parcel, arrays)
    return pickle.dumps(outcome, protocol=pickle.HIGHEST_PROTOCOL)


def _outcome(parcel: Parcel, arrays: tuple[Any, ...]) -> Any:
    try:
        with _imported.importable(parcel.code):
            function, task = opened(parcel.content, arrays)
            return guarded(function, task, os.getcwd())
    except Exception as error:  # Something is missing here that is there where it was sent from.
        return Raised(portable(error), traceback.format_exc())


def look_around(paths: tuple[str, ...], dask_worker: Any = None) -> dict[str, Any]:
    """Return what must be known of a worker before it is given work."""
    unseen = next((path for path in paths if not Path(path).exists()), None)
    return {**facts(), "threads": int(dask_worker.state.nthreads), "unseen": unseen}


async def open_slot(resources: Mapping[str, float], dask_worker: Any = None) -> None:
    """Let the scheduler give work of ours to this worker."""
    await dask_worker.set_resources(**resources)


def _this_worker(topic: str) -> Worker:
    from distributed import get_worker

    worker = get_worker()
    return Worker(
        n_cores=int(worker.state.nthreads),
        scratch=Path(worker.local_directory),
        tell=partial(worker.log_event, topic),
    )


@contextmanager
def _in_folder(folder: str) -> Iterator[None]:
    """Let relative paths start where those of the study do, if the folder is seen here."""
    before = os.getcwd()
    if folder != before and os.path.isdir(folder):
        os.chdir(folder)
    try:
        yield
    finally:
        if os.getcwd() != before:
            os.chdir(before)
