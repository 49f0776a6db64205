"""The workers of a scheduler: which may be given work, and what is told of them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from bioselect.cluster.facts import facts, what_may_differ, why_refused
from bioselect.cluster.there import look_around, open_slots
from bioselect.exceptions import ClusterError

#: What the scheduler counts: a task for each thread of a worker that may be used, of networks that
#: are trained one at a time, and any number of arrays.
SLOT, WHOLE, TO_HOLD = "bioselect-task", "bioselect-training", "bioselect-arrays"
_MANY = 8
#: What nearly every study needs; a process of a worker imports it while this machine begins.
AHEAD = (
    "cv2",
    "sklearn.ensemble",
    "sklearn.svm",
    "sklearn.linear_model",
    "sklearn.discriminant_analysis",
    "bioselect.selection.fold_group",
    "bioselect.features.batches",
)
#: How often it is told that nobody is there to work.
SECONDS_BETWEEN_REMINDERS = 60.0


def resources(n_threads: int) -> dict[str, float]:
    """Return what the scheduler may give to a worker of so many threads.

    Examples
    --------
    >>> resources(4)["bioselect-task"]
    4.0
    """
    return {SLOT: float(n_threads), WHOLE: 1.0, TO_HOLD: 1e9}


class Workers:
    """Looks at every worker before it is given work: versions, and whether it sees the files.

    Parameters
    ----------
    client : distributed.Client
        Connected.
    address : str
        Of the scheduler, as people know it.
    tell : callable
        Told of workers that are not used, that come and go.
    paths : sequence of str
        Files and folders that every worker must see.
    is_ours : bool
        Whether the cluster was made for this run.
    trains : bool
        Whether networks are trained from pixels.

    Attributes
    ----------
    study : str
        The name under which the workers know what is done for this study.
    """

    def __init__(
        self,
        client: Any,
        address: str,
        tell: Callable[[str], None],
        paths: Sequence[str] = (),
        is_ours: bool = False,
        trains: bool = False,
    ) -> None:
        self.client = client
        self.study = f"bioselect-{uuid.uuid4().hex[:8]}"
        self.address = address
        self.tell = tell
        self.paths = tuple(paths)
        self.usable: dict[str, dict[str, Any]] = {}
        self.refused: dict[str, str] = {}
        self._here = facts()
        self._looked = 0.0
        self._told_of_none = 0.0
        self._told: set[str] = set()
        self._is_ours = is_ours
        self._trains = trains
        self._waits = True
        self.remedy = (
            "What is finished is kept: the same command goes on from here, with --backend local on "
            "this machine alone."
        )

    @property
    def n_threads(self) -> int:
        """How many tasks the workers do at once."""
        return sum(one["threads"] for one in self.usable.values())

    def look(self, at_once: bool = False) -> bool:
        """Find workers that have come or gone since, now and then; tell whether some came."""
        now = time.monotonic()
        if not at_once and now - self._looked < 1.0:
            return False
        self._looked = now
        try:
            there = set(self.client.nthreads())
        except Exception as error:
            raise self.gone() from error
        for address in sorted(set(self.usable) - there):
            host = self.usable.pop(address)["host"]
            self.tell(f"worker {address} ({host}) is gone. What it was at is done by the others.")
        for address in set(self.refused) - there:
            del self.refused[address]
        new = sorted(there - set(self.usable) - set(self.refused))
        if new:
            self._welcome(new)
        if self.usable:
            self._told_of_none = 0.0
        elif now - self._told_of_none > SECONDS_BETWEEN_REMINDERS or not self._told_of_none:
            self._told_of_none = now
            begin = f"`dask worker {self.address}`"
            self.tell(
                f"{self.address}: no worker is there. Waiting for one: start it with {begin}. "
                "Ctrl-C stops; what is finished is kept."
                if self._waits
                else f"{self.address}: no worker is there. A run would wait for one: start it with "
                f"{begin}."
            )
        return bool(new)

    def wait_for(self, number: int) -> None:
        """Wait until so many workers can be used; with 0, look at those that are there.

        Raises
        ------
        ClusterError
            If there are enough and too few of them can be used, or the scheduler is gone.
        """
        told = False
        self._waits = number > 0
        while True:
            self.look(at_once=True)
            n_there = len(self.usable) + len(self.refused)
            if self.refused and not self.usable and n_there >= number:
                raise ClusterError(
                    "\n".join([f"{self.address}: no worker can be used.", *self._refusals()])
                )
            if n_there >= number:
                return
            if self.usable and not told:
                told = True
                self.tell(
                    f"{self.address}: {len(self.usable)} of {number} workers are there. Waiting "
                    "for the others (execution.workers); Ctrl-C stops."
                )
            time.sleep(0.2)

    def in_words(self) -> str:
        """Return how many workers there are, and where."""
        hosts = sorted({one["host"] for one in self.usable.values()})
        named = ", ".join(hosts[:_MANY]) + (", ..." if len(hosts) > _MANY else "")
        number, n_threads = len(self.usable), self.n_threads
        return (
            f"{number} worker{'s' * (number != 1)} on {named}, {n_threads} "
            f"task{'s' * (n_threads != 1)} at a time"
        )

    def gone(self) -> ClusterError:
        """Return the error of a scheduler that does not answer any more."""
        whose = "the workers of this run" if self._is_ours else "the Dask scheduler"
        again = "" if self._is_ours else " Start it again, then the same command; or go on"
        rest = (
            "Run the same command again: it goes on where it was."
            if self._is_ours
            else (f"What is finished is kept.{again} on this machine alone with --backend local.")
        )
        return ClusterError(f"{self.address}: {whose} cannot be reached any more. {rest}")

    def unseen(self, path: str, address: str) -> str:
        """Say that a worker does not see a file."""
        host = self.usable.get(address, {}).get("host")
        return (
            f"{path}: must be seen by every worker under the same path. Worker {address}"
            f"{f' ({host})' if host else ''} does not see it. Put it on a file system that all "
            "machines share, or stop that worker."
        )

    def _welcome(self, new: Sequence[str]) -> None:
        """Look at new workers, and let those be given work that give the same results."""
        answers = self.client.run(look_around, self.paths, workers=list(new), on_error="return")
        fit = {}
        for address in new:
            answer = answers.get(address)
            reason = self._reason(address, answer)
            if reason:
                self.refused[address] = reason
                self.tell(f"worker {address} is not used: {reason}")
            else:
                fit[address] = answer
        if not fit:
            return
        slots = {address: resources(one["threads"]) for address, one in fit.items()}
        ahead = AHEAD if self._waits else ()
        opened = self.client.run(
            open_slots, slots, self.study, ahead, workers=list(fit), on_error="return"
        )
        for address in list(fit):
            if isinstance(error := opened.get(address), BaseException):
                self.refused[address] = f"it takes no work ({type(error).__name__}: {error})"
                self.tell(f"worker {address} is not used: {self.refused[address]}")
                del fit[address]
        self.usable.update(fit)
        for line in what_may_differ(self._here, list(self.usable.values()), self._trains):
            if line not in self._told:
                self._told.add(line)
                self.tell(line)

    def _reason(self, address: str, answer: Any) -> str:
        if answer is None:
            return "it went away"
        if isinstance(answer, BaseException):
            return (
                f"it cannot run bioselect ({type(answer).__name__}: {answer}). Install the same "
                "packages there."
            )
        if differing := why_refused(self._here, answer):
            return (
                f"on {answer['host']} {differing}. Results must be equal: install the same "
                "versions there."
            )
        if answer["unseen"]:
            return self.unseen(answer["unseen"], address)
        return ""

    def _refusals(self) -> list[str]:
        lines = [f"worker {address}: {why}" for address, why in sorted(self.refused.items())]
        return lines[:_MANY]
