"""Processes that do the work, so that neither a long study nor a broken image stops the page.

A child gets requests and tells events, a line of JSON each. It ends when this process does: the
end of its input is to it what Ctrl-C is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bioselect

Event = dict[str, Any]
_POSIX = os.name == "posix"


class Child:
    """One process, in a group of its own.

    Parameters
    ----------
    folder : Path
        Where it starts; nothing is imported from there.
    told : callable
        Gets every event, in a thread.
    ended : callable
        Called once, when the process has ended, with the last lines of what it printed.
    """

    def __init__(
        self, folder: Path, told: Callable[[Event], None], ended: Callable[[str], None]
    ) -> None:
        package = Path(bioselect.__file__).parent.parent
        search = os.pathsep.join(filter(None, [str(package), os.environ.get("PYTHONPATH", "")]))
        group: dict[str, Any] = {"start_new_session": True}
        if not _POSIX:
            group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bioselect.app.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": search, "PYTHONIOENCODING": "utf-8"},
            text=True,
            encoding="utf-8",
            errors="replace",
            **group,
        )
        self._printed: deque[str] = deque(maxlen=20)
        self._errors = threading.Thread(target=self._keep_errors, daemon=True)
        self._errors.start()
        self._told, self._ended = told, ended
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def send(self, request: Event) -> None:
        """Give it something to do; a child that has died meanwhile says so by `ended`."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except OSError:
            pass

    def interrupt(self) -> None:
        """Do what Ctrl-C does on a terminal: what was finished is kept."""
        self._signal(signal.SIGINT if _POSIX else signal.CTRL_BREAK_EVENT)  # type: ignore[attr-defined]

    def kill(self) -> None:
        """End it at once, with the processes that it started."""
        if _POSIX:
            self._signal(signal.SIGKILL)
        else:
            self.process.kill()

    def end(self, seconds: float = 15.0) -> None:
        """Interrupt it, and kill it if it does not end in time."""
        if self.is_alive:
            self.interrupt()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            self.process.wait()

    def _signal(self, number: int) -> None:
        try:
            if _POSIX:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        except (ProcessLookupError, PermissionError):
            pass

    def _keep_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._printed.append(line.rstrip())

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            self._told(event)
        self.process.wait()
        self._errors.join(2.0)
        self._ended("\n".join(self._printed))
