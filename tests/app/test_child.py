"""A process that works for the page ends when it is told to, whatever it is doing."""

import os
import signal
import subprocess
import sys

import pytest

from bioselect.app.child import INTERRUPTED

SWALLOWS = """
import sys, time
from bioselect.app import child, work

def swallow(request, events):
    events.tell("say", text="at work")
    while True:
        try:
            time.sleep(0.05)
        except KeyboardInterrupt:
            pass

work.WORK["swallow"] = swallow
sys.exit(child.main())
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signal for one process")
def test_a_library_that_swallows_the_interruption_does_not_keep_it():
    with subprocess.Popen(
        [sys.executable, "-c", SWALLOWS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        process.stdin.write('{"job": "1", "do": "swallow"}\n')
        process.stdin.flush()
        assert "at work" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == INTERRUPTED
