import errno
import json
import os
import signal
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest

from bioselect.exceptions import StorageError
from bioselect.selection.journal import FIRST_LINE, Journal, JournalEntry

AWKWARD = np.array([[0.1, 1 / 3, 5e-324], [-0.0, 1.7976931348623157e308, np.nextafter(1, 2)]])


def filled(path, n_records=5):
    with Journal(path) as journal:
        for number in range(n_records):
            journal.put(f"key {number}", JournalEntry({"number": number}, AWKWARD + number))
    return path


def numbers_in(path):
    with Journal(path) as journal:
        entries = [journal.get(f"key {number}") for number in range(20)]
        return [entry.values["number"] for entry in entries if entry], list(journal.notes)


def test_values_and_bits_come_back(tmp_path):
    values = {"chosen": {"C": 0.1, "kernel": "rbf"}, "error": "", "word": "Zelle µm"}
    with Journal(tmp_path / "j") as journal:
        journal.put("a", JournalEntry(values, AWKWARD))
        journal.put("b", JournalEntry({}))
    with Journal(tmp_path / "j") as journal:
        entry = journal.get("a")
        assert entry.values == values
        assert entry.array.dtype == np.float64
        assert entry.array.tobytes() == AWKWARD.tobytes()
        assert entry.array.flags.writeable
        assert journal.get("b").array is None
        assert journal.get("c") is None
        assert len(journal) == 2
        assert journal.notes == []


def test_layout_is_what_the_docstring_says(tmp_path):
    # Read by hand, as another program would, so that an old journal stays readable.
    data = filled(tmp_path / "j", 1).read_bytes()
    assert data.startswith(b"bioselect journal 1\n")
    record = data[len(b"bioselect journal 1\n") :]
    mark, n_header, n_array = struct.unpack("<2sIQ", record[:14])
    assert (mark, n_array) == (b"RC", 6 * 8)
    assert struct.unpack("<I", record[14:18])[0] == zlib.crc32(record[:14] + record[18:])
    header = json.loads(record[18 : 18 + n_header])
    assert header == {"key": "key 0", "values": {"number": 0}, "shape": [2, 3]}
    assert record[18 + n_header :] == (AWKWARD + 0).tobytes()


def test_opens_without_a_with_statement(tmp_path):
    journal = Journal(tmp_path / "folder" / "j")
    assert journal.get("a") is None
    journal.put("a", JournalEntry({}, AWKWARD))
    assert journal.get("a").array.tobytes() == AWKWARD.tobytes()
    journal.close()
    journal.close()


def test_fortran_order_and_lists_of_other_types(tmp_path):
    array = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    with Journal(tmp_path / "j") as journal:
        journal.put("a", JournalEntry({}, array))
        np.testing.assert_array_equal(journal.get("a").array, array)


def test_the_later_of_two_records_counts(tmp_path):
    with Journal(tmp_path / "j") as journal:
        journal.put("a", JournalEntry({"n": 1}))
        journal.put("a", JournalEntry({"n": 2}))
        assert journal.get("a").values == {"n": 2}
    with Journal(tmp_path / "j") as journal:
        assert journal.get("a").values == {"n": 2}


def test_cut_at_every_byte_loses_only_the_last_record(tmp_path):
    whole = filled(tmp_path / "whole", 3).read_bytes()
    before_last = len(filled(tmp_path / "two", 2).read_bytes())
    for length in range(before_last, len(whole)):
        path = tmp_path / f"cut-{length}"
        path.write_bytes(whole[:length])
        numbers, notes = numbers_in(path)
        assert numbers == [0, 1]
        assert bool(notes) == (length > before_last)
        assert path.stat().st_size == before_last


def test_cut_inside_the_first_line_starts_anew(tmp_path):
    for length in range(len(FIRST_LINE) + 1):
        path = tmp_path / f"cut-{length}"
        path.write_bytes(FIRST_LINE[:length])
        assert numbers_in(path) == ([], [])
        assert path.read_bytes() == FIRST_LINE


def test_any_flipped_byte_is_noticed(tmp_path):
    whole = filled(tmp_path / "whole", 3).read_bytes()
    before_last = len(filled(tmp_path / "two", 2).read_bytes())
    for place in range(before_last, len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        path = tmp_path / f"flipped-{place}"
        path.write_bytes(damaged)
        numbers, notes = numbers_in(path)
        assert numbers == [0, 1]
        assert "unfinished or damaged" in notes[0]


def test_work_goes_on_after_a_cut(tmp_path):
    path = filled(tmp_path / "j", 3)
    path.write_bytes(path.read_bytes()[:-5])
    with Journal(path) as journal:
        journal.put("key 2", JournalEntry({"number": 2}, AWKWARD + 2))
    assert path.read_bytes() == filled(tmp_path / "undisturbed", 3).read_bytes()


def test_zeros_after_a_power_cut_are_a_damaged_end(tmp_path):
    path = filled(tmp_path / "j", 3)
    with path.open("ab") as file:
        file.write(bytes(4096))
    assert numbers_in(path)[0] == [0, 1, 2]


def test_another_file_is_moved_aside(tmp_path):
    path = tmp_path / "j"
    path.write_bytes(b"bioselect journal 2\nsomething newer")
    numbers, notes = numbers_in(path)
    assert numbers == []
    assert "moved to j.damaged" in notes[0]
    assert (tmp_path / "j.damaged").read_bytes() == b"bioselect journal 2\nsomething newer"


def test_one_writer_at_a_time(tmp_path):
    busy = pytest.raises(StorageError, match="another run is writing here")
    with Journal(tmp_path / "j"), busy:
        Journal(tmp_path / "j").get("a")
    with Journal(tmp_path / "j") as journal:
        assert journal.get("a") is None


def test_a_full_disk_leaves_the_journal_whole(tmp_path, monkeypatch):
    path = filled(tmp_path / "j", 2)
    size = path.stat().st_size

    class FullDisk:
        def __init__(self, file):
            self.file = file

        def write(self, data):
            if len(data) < 40:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return self.file.write(data[:40])

        def __getattr__(self, name):
            return getattr(self.file, name)

    with Journal(path) as journal:
        monkeypatch.setattr(journal, "_file", FullDisk(journal._file))
        with pytest.raises(StorageError, match="the disk is full"):
            journal.put("key 2", JournalEntry({"number": 2}, AWKWARD))
        assert path.stat().st_size == size
        assert journal.get("key 2") is None
    assert numbers_in(path) == ([0, 1], [])


def test_a_write_that_takes_a_part_is_continued(tmp_path, monkeypatch):
    with Journal(tmp_path / "j") as journal:
        file = journal._file

        class Slow:
            def write(self, data):
                return file.write(data[:7])

            def __getattr__(self, name):
                return getattr(file, name)

        monkeypatch.setattr(journal, "_file", Slow())
        for number in range(2):
            journal.put(f"key {number}", JournalEntry({"number": number}, AWKWARD + number))
    assert (tmp_path / "j").read_bytes() == filled(tmp_path / "other", 2).read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_kill_in_the_middle_of_appending(tmp_path):
    path = tmp_path / "j"
    script = (
        "import itertools, sys, pathlib, numpy as np\n"
        "from bioselect.selection.journal import Journal, JournalEntry\n"
        "with Journal(pathlib.Path(sys.argv[1])) as journal:\n"
        "    for number in itertools.count(len(journal)):\n"
        "        journal.put(str(number), JournalEntry({}, np.full(200_000, float(number))))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    n_before = 0
    for attempt in range(3):
        command = [sys.executable, "-c", script, str(path)]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        minimum = (path.stat().st_size if path.exists() else 0) + 5_000_000
        while not path.exists() or path.stat().st_size < minimum:
            time.sleep(0.001)
        time.sleep(0.003 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with Journal(path) as journal:
            assert len(journal) > n_before
            n_before = len(journal)
            for number in range(n_before):
                assert np.all(journal.get(str(number)).array == number)


def test_holds_2500_records(tmp_path):
    probabilities = np.random.default_rng(0).random((200, 7))
    with Journal(tmp_path / "j") as journal:
        for number in range(2500):
            journal.put(f"{number:064d}", JournalEntry({"error": ""}, probabilities))
    with Journal(tmp_path / "j") as journal:
        assert len(journal) == 2500
