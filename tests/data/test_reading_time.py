import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bioselect.data import pictures, reading_time
from bioselect.data.reading import read_image
from bioselect.data.reading_time import VARIABLE, limited
from bioselect.data.tables import read_rows
from bioselect.exceptions import UnreadableImageError


@pytest.fixture
def short_limit(monkeypatch):
    """Let files have next to no time; what is read here would otherwise never end."""
    monkeypatch.setenv(VARIABLE, "0.05")
    monkeypatch.setattr(reading_time, "TICK", 0.01)
    monkeypatch.setattr(reading_time, "_watch", reading_time._Watch())


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(np.zeros((2, 3), np.uint8)).save(path)
    return path


def _for_ever(*_, **__):
    while True:
        # What decoders catch must not keep it alive.
        try:
            while True:
                pass
        except Exception:
            continue


def test_a_file_that_never_ends_is_refused_and_the_next_is_read(short_limit, picture, monkeypatch):
    monkeypatch.setattr(pictures, "png_facts", _for_ever)
    with pytest.raises(UnreadableImageError, match=rf"a\.png: reading it takes longer.*{VARIABLE}"):
        read_image(picture)
    monkeypatch.undo()
    assert read_image(picture).shape == (2, 3, 1)


@pytest.mark.parametrize("seconds", ["-5", "0", "nan", "inf", "soon", ""])
def test_no_time_at_all_is_no_limit_that_anybody_means(monkeypatch, seconds):
    monkeypatch.setenv(VARIABLE, seconds)
    assert reading_time._limit() == reading_time.SECONDS


def test_threads_are_told_apart(short_limit):
    ended = {}

    def read(name, what):
        try:
            ended[name] = limited(Path(name), what)
        except UnreadableImageError as error:
            ended[name] = str(error)

    threads = [
        threading.Thread(target=read, args=one) for one in (("a", _for_ever), ("b", lambda: "read"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended["b"] == "read"
    assert ended["a"].startswith("a: reading it takes longer than 0.05 s.")


def test_a_decoder_that_comes_back_late_leaves_nothing_behind(short_limit):
    # One call of compiled code, which cannot be interrupted.
    with pytest.raises(UnreadableImageError, match="a: reading it takes longer"):
        limited(Path("a"), lambda: time.sleep(0.5))
    assert sum(range(1_000_000)) == 499_999_500_000
    assert limited(Path("a"), lambda: "read") == "read"


def test_a_long_file_has_more_time(short_limit, tmp_path, monkeypatch):
    monkeypatch.setattr(reading_time, "BYTES_PER_SECOND", 10)
    path = tmp_path / "long"
    path.write_bytes(bytes(1000))

    def read():
        began = time.monotonic()
        while time.monotonic() < began + 0.5:
            pass
        return "read"

    assert limited(path, read) == "read"


def test_tables_have_it_too(short_limit, tmp_path, monkeypatch):
    from bioselect.data import table_rows

    table = tmp_path / "a.csv"
    table.write_text("file,class\na.png,cat\n")
    monkeypatch.setattr(table_rows, "_decoded", _for_ever)
    with pytest.raises(UnreadableImageError, match=r"a\.csv: reading it takes longer"):
        read_rows(table, "file")


def test_a_process_whose_decoder_is_stuck_ends_with_a_message():
    code = (
        "import time, pathlib; from bioselect.data import reading_time as t;"
        "t.TICK = 0.01; t.end_when_stuck();"
        "t.limited(pathlib.Path('a.png'), lambda: time.sleep(99))"
    )
    environment = {VARIABLE: "0.05", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: a.png: its decoder does not come back")
