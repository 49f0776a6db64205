"""Tasks on the workers of a Dask scheduler, and their results in the order of the tasks."""

from __future__ import annotations

import os
import queue
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backend import FilesOf, no_files
from bioselect.cluster.flow import Flow, Sent, Told, is_done, tell_done
from bioselect.cluster.own_code import own_code
from bioselect.cluster.parcels import (
    Died,
    Parcel,
    Unseen,
    as_bytes,
    from_bytes,
    packed,
    pieces,
)
from bioselect.cluster.there import hold, study_over, work
from bioselect.cluster.workers_there import SLOT, TO_HOLD, WHOLE, Workers
from bioselect.exceptions import BioselectError, ClusterError, WorkerDiedError
from bioselect.threads import one_thread
from bioselect.workers import Raised, result_of

#: So many tasks a worker are at the scheduler and not finished: none waits for the next one.
SENT_A_WORKER = 4
#: So often a task is sent whose process died, that found no memory, or that lost its workers (four
#: each time, by Dask's own count): machines that are taken away are no fault of what they did.
TRIES = 3
#: How often this process looks at the workers, and whether the scheduler is there.
SECONDS_BETWEEN_LOOKS = 1.0
LOST = (
    "it ended several workers of the cluster, one after the other, or found no memory there: it "
    "needs more memory than a worker has, or a compiled library crashed. Give it less to do, or "
    "start workers with more memory."
)


class Cluster:
    """Runs tasks on a Dask scheduler; the backend of `bioselect.backend`.

    Parameters
    ----------
    client : distributed.Client
        Connected.
    workers : Workers
        Which of its workers may be given work.
    modules : Path, optional
        The folder with somebody's own modules.
    """

    def __init__(self, client: Any, workers: Workers, modules: Path | None = None) -> None:
        self.client = client
        self.workers = workers
        self.modules = modules
        self._name = workers.study
        self._n_sent = 0

    @property
    def n_workers(self) -> int:
        """How many tasks run at once."""
        return max(1, self.workers.n_threads)

    def run(
        self,
        function: Callable[[Any], Any],
        tasks: Iterable[Any],
        when_lost: Callable[[Any, BioselectError], Any] | None,
        heard: Callable[[Any], None] | None = None,
        whole: bool = False,
    ) -> Iterator[Any]:
        """Yield the results in the order of the tasks; see `execution.run_tasks`."""
        flow = Flow(function, no_files, own_code(self.modules), heard, whole)

        def is_room() -> bool:
            return len(flow.unfinished) < SENT_A_WORKER * self.n_workers

        with self._listening(flow), closing(self._in_order(flow, tasks, is_room)) as outcomes:
            for task, outcome in outcomes:
                if isinstance(outcome, WorkerDiedError):
                    if when_lost is None:
                        raise outcome
                    yield when_lost(task, outcome)
                else:
                    yield result_of(outcome)

    def stream(
        self,
        function: Callable[[Any], Any],
        tasks: Iterable[Any],
        n_ahead: int,
        files_of: FilesOf = no_files,
    ) -> Iterator[Any]:
        """Yield large results in the order of the tasks; see `execution.stream_tasks`."""
        flow = Flow(function, files_of, own_code(self.modules))

        n_ahead_each = -(-n_ahead // self.n_workers)

        def is_room() -> bool:  # Workers that come later are given as much.
            return len(flow.waiting) <= n_ahead_each * self.n_workers

        with closing(self._in_order(flow, tasks, is_room)) as outcomes:
            for _, outcome in outcomes:
                if isinstance(outcome, WorkerDiedError):
                    raise outcome
                yield result_of(outcome)

    def alone(self, function: Callable[[Any], Any], task: Any) -> Any:
        """Return the result of a task that may end its process; see `execution.run_alone`."""
        [result] = self.run(function, [task], None)
        return result

    def close(self) -> None:
        """End what the workers do for this study."""
        if self.client.status == "running":
            with suppress(Exception):
                self.client.run(study_over, self._name, wait=False, on_error="ignore")

    def _in_order(
        self, flow: Flow, tasks: Iterable[Any], is_room: Callable[[], bool]
    ) -> Generator[tuple[Any, Any], None, None]:
        """Yield each task with what became of it: a result, what it raised, or that it is lost."""
        remaining = iter(tasks)
        is_more = True
        try:
            while True:
                while is_more and is_room():
                    for task in remaining:
                        flow.waiting.append(Sent(task, self._send(flow, task)))
                        break
                    else:
                        is_more = False
                if not flow.waiting:
                    return
                first = flow.waiting[0]
                if first.future.key in flow.unfinished:
                    self._wait(flow)
                    continue
                if first.content is None and first.future.status in ("pending", "lost"):
                    self._expect(flow, first.future)  # Its worker is gone, and with it the result.
                    continue
                outcome = self._outcome(flow, first)
                if not is_done(outcome):
                    if first.tries < TRIES:
                        first.tries, first.content = first.tries + 1, None
                        _forget_lost(flow)
                        first.future = self._send(flow, first.task)
                        continue
                    outcome = WorkerDiedError(LOST)
                flow.waiting.popleft()
                yield first.task, outcome
        finally:
            self._forget(flow)

    def _send(self, flow: Flow, task: Any) -> Any:
        content, arrays = packed(flow.function, task)
        files = tuple(str(path) for path in flow.files_of(task))
        parcel = Parcel(content, os.getcwd(), files, flow.code)
        held = [self._held(flow, array) for array in arrays]
        slots = {SLOT: 1.0, WHOLE: 1.0} if flow.whole else {SLOT: 1.0}
        keys = [[one.key for one in sent] for sent in held]
        future = self._submitted(
            work, self._name, as_bytes(parcel), flow.topic, keys, *chain(*held), slots=slots
        )
        self._expect(flow, future)
        return future

    def _expect(self, flow: Flow, future: Any) -> None:
        """Wait for a task; Dask does it again where the result is lost with a worker."""
        flow.unfinished.add(future.key)
        future.add_done_callback(partial(tell_done, flow.news))

    def _held(self, flow: Flow, array: np.ndarray) -> list[Any]:
        """Return the pieces of an array at the workers; the scheduler has them too, if all die."""
        if id(array) not in flow.arrays:
            sent = [self._submitted(hold, one, slots={TO_HOLD: 1}) for one in pieces(array)]
            flow.arrays[id(array)] = array, sent
        return flow.arrays[id(array)][1]

    def _submitted(self, function: Any, *arguments: Any, slots: Mapping[str, float]) -> Any:
        self._check()
        self._n_sent += 1
        return self.client.submit(
            function,
            *arguments,
            key=f"{self._name}-{function.__name__}-{self._n_sent}",
            resources=dict(slots),
            priority=-self._n_sent,
            pure=False,
        )

    def _wait(self, flow: Flow) -> None:
        """Wait until a task is finished, or it is time to look at the workers."""
        try:
            self._take(flow, flow.news.get(timeout=SECONDS_BETWEEN_LOOKS))
            while True:
                self._take(flow, flow.news.get_nowait())
        except queue.Empty:
            pass
        self._check()
        if self.workers.look():
            self._send_again(flow)

    def _send_again(self, flow: Flow) -> None:
        """Send once more what no worker is at, after new ones came.

        A task that no worker may do, since those that might were lost, waits at the scheduler for
        a worker to come. That one of them may do it by now, it would not notice.
        """
        busy = {str(key) for keys in self.client.processing().values() for key in keys}
        stuck = [
            one
            for one in flow.waiting
            if one.future.key in flow.unfinished - busy and one.future.status != "finished"
        ]
        if not stuck:
            return
        flow.arrays.clear()
        futures = [one.future for one in stuck]
        for one in stuck:
            flow.unfinished.discard(one.future.key)
            one.future = self._send(flow, one.task)
        self.client.cancel(futures, force=True)

    def _take(self, flow: Flow, news: str | Told) -> None:
        if isinstance(news, str):
            flow.unfinished.discard(news)
        elif flow.heard is not None:
            flow.heard(news.message)

    @contextmanager
    def _listening(self, flow: Flow) -> Iterator[None]:
        """Hear inside the block what the tasks tell, if somebody wants to."""
        if flow.heard is None:
            yield
            return
        self._n_sent += 1
        flow.topic = f"{self._name}-told-{self._n_sent}"
        self.client.subscribe_topic(flow.topic, lambda event: flow.news.put(Told(event[1])))
        try:
            yield
        finally:
            with suppress(Exception):
                self.client.unsubscribe_topic(flow.topic)

    def _check(self) -> None:
        if self.client.status != "running":
            raise self.workers.gone()

    def _outcome(self, flow: Flow, sent: Sent) -> Any:
        from distributed import KilledWorker

        failure = self._fetched(flow, sent)
        if sent.content is not None:
            return self._seen(flow, sent, from_bytes(sent.content))
        self._check()
        if isinstance(failure, KilledWorker):
            return Died()
        raise ClusterError(
            f"{self.workers.address}: a task could not be done there "
            f"({type(failure).__name__}: {' '.join(str(failure).split())[:300]}). Look at the logs "
            f"of scheduler and workers. {self.workers.remedy}"
        ) from failure

    def _fetched(self, flow: Flow, sent: Sent) -> BaseException | None:
        """Get the results of all that are finished, in one go; say why this one has none."""
        try:
            if sent.content is None and sent.future.status == "finished":
                ready = [
                    one
                    for one in flow.waiting
                    if one.content is None and one.future.status == "finished"
                ]
                contents = self.client.gather([one.future for one in ready])
                for one, content in zip(ready, contents, strict=True):
                    one.content = content
            return None if sent.content is not None else sent.future.exception()
        except Exception as error:  # The connection, or somebody cancels what is not theirs.
            return error

    def _seen(self, flow: Flow, sent: Sent, outcome: Any) -> Any:
        if not isinstance(outcome, Unseen):
            return outcome
        if os.path.exists(outcome.path):
            raise ClusterError(self.workers.unseen(outcome.path, self._who_has(sent.future)))
        # It is not there for anybody: whoever asked for it gets what it is told here.
        with one_thread():
            try:
                return flow.function(sent.task)
            except Exception as error:
                return Raised(error, "")

    def _who_has(self, future: Any) -> str:
        with suppress(Exception):
            return str(next(iter(self.client.who_has([future]).values()))[0])
        return "a worker"

    def _forget(self, flow: Flow) -> None:
        """Cancel what nobody waits for any more."""
        futures = [one.future for one in flow.waiting]
        flow.waiting.clear()
        held = list(chain.from_iterable(sent for _, sent in flow.arrays.values()))
        flow.arrays.clear()
        if futures and self.client.status == "running":
            with suppress(Exception):
                self.client.cancel([*futures, *held], force=True)


def _forget_lost(flow: Flow) -> None:
    """Let arrays be sent anew of which a piece went down with its workers."""
    flow.arrays = {
        place: (array, sent)
        for place, (array, sent) in flow.arrays.items()
        if all(one.status not in ("error", "cancelled") for one in sent)
    }
