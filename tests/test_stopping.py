"""Signals end a program in words and within seconds, whatever it does."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")

PROGRAM = """
import signal, sys, time
from bioselect import stopping
from bioselect.stopping import Stop, stoppable
stopping.SECONDS_TO_STOP = 0.3
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
stop = Stop()
stop.words = "stopped, and kept."
def swallowed():
    while True:
        try:
            print("ready", flush=True)
            while True:
                time.sleep(0.05)
        except KeyboardInterrupt:
            pass
def unheard():
    import os, tempfile
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)  # as while TensorFlow is loaded
        swallowed()
def clean():
    print("ready", flush=True)
    time.sleep(60)
try:
    with stoppable(stop):
        globals()[sys.argv[1]]()
except KeyboardInterrupt:
    print("cleaned up", flush=True)
    sys.exit(stop.exit_code)
"""


def stopped(how, numbers):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout.readline() == "ready\n"
    for number in numbers:
        process.send_signal(number)
        time.sleep(0.1)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_lets_the_program_clean_up(number, code):
    assert stopped("clean", [number]) == (code, "cleaned up\n", "")


def test_a_program_that_does_not_stop_is_ended_in_words():
    code, out, err = stopped("swallowed", [signal.SIGTERM])
    assert (code, out) == (143, "ready\n")
    assert err.count("stopped, and kept.") == 1


def test_its_words_are_heard_while_a_library_may_not_speak():
    _, _, err = stopped("unheard", [signal.SIGTERM])
    assert err == "\nstopped, and kept.\n"


def test_a_second_signal_ends_it_at_once():
    code, _, err = stopped("swallowed", [signal.SIGINT, signal.SIGINT])
    assert code == 130
    assert err.count("stopped, and kept.") == 1
