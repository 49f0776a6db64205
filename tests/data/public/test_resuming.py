"""Downloads that break: they go on where they were, or begin anew and say so."""

import random
from contextlib import contextmanager

import pytest

from bioselect.data.public.resuming import (
    CHUNK_BYTES,
    PAUSES,
    ResumingDownloader,
    check_room,
    remove_part,
)
from bioselect.data.public.sets import PublicFile
from bioselect.exceptions import StorageError, UnavailableError
from bioselect.progress import Reporter
from tests.file_server import serving

CONTENT = random.Random(0).randbytes(3_000_000)
#: Whole chunks, of which nothing is lost.
BROKEN, BROKEN_AGAIN = 16 * CHUNK_BYTES, 8 * CHUNK_BYTES  # 1.05 and 0.52 MB
PATH = "/set.npz"


class Told(Reporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    warn = say


@pytest.fixture
def served():
    with serving() as served:
        served.files[PATH] = CONTENT
        yield served


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def load(served, told, tmp_path):
    """Return a function that downloads and gives what came, and the pauses that were made."""

    def loaded(address=None):
        pauses = []
        address = address or served.address + PATH
        downloader = ResumingDownloader(
            PublicFile("set.npz", address),
            tmp_path / "set.npz.part",
            told,
            "download it by hand.",
            pauses.append,
        )
        target = tmp_path / "whole"
        target.touch()  # as pooch does
        downloader(address, str(target), None)
        return target.read_bytes(), pauses

    return loaded


def left(tmp_path):
    return sorted(path.name for path in tmp_path.iterdir())


def test_a_whole_file_comes_at_once(load, served, tmp_path):
    assert load() == (CONTENT, [])
    assert served.ranges == [None]
    # Until it is checked, the part stays.
    assert left(tmp_path) == ["set.npz.part", "set.npz.part.json", "whole"]
    assert load() == (CONTENT, [])
    assert served.ranges == [None]
    remove_part(tmp_path / "set.npz.part")
    assert left(tmp_path) == ["whole"]


def test_a_file_system_without_links_will_do(load, served, tmp_path, monkeypatch):
    def no_links(*_):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", no_links)
    assert load() == (CONTENT, [])


def test_a_broken_download_goes_on_where_it_was(load, served, told):
    served.breaks = [BROKEN, BROKEN_AGAIN]
    assert load() == (CONTENT, [PAUSES[0], PAUSES[0]])
    assert served.ranges == [
        None,
        f"bytes={BROKEN}-",
        f"bytes={BROKEN + BROKEN_AGAIN}-",
    ]
    assert any("going on after 1.6 MB" in line for line in told.lines)


def test_it_is_given_up_in_the_end_and_the_next_command_goes_on(load, served, tmp_path):
    served.breaks = [BROKEN] + [0] * len(PAUSES)
    with pytest.raises(UnavailableError, match=r"1\.0 MB have come and are kept.*by hand") as error:
        load()
    assert "\n" not in str(error.value)
    assert left(tmp_path) == ["set.npz.part", "set.npz.part.json", "whole"]
    served.asked.clear()
    assert load() == (CONTENT, [])
    assert served.ranges == [f"bytes={BROKEN}-"]


def test_a_server_without_ranges_begins_anew_and_that_is_told(load, served, told):
    served.knows_ranges = False
    served.breaks = [BROKEN]
    assert load()[0] == CONTENT
    assert any("begun anew; 1.0 MB had come" in line for line in told.lines)


def test_another_version_is_not_joined_to_the_first(load, served, told):
    served.breaks = [BROKEN] + [0] * len(PAUSES)
    with pytest.raises(UnavailableError):
        load()
    served.files[PATH] = other = CONTENT[::-1]
    served.version = '"2"'
    assert load()[0] == other
    assert any("begun anew" in line for line in told.lines)


def test_a_file_whose_version_nobody_tells_begins_anew(load, served, told):
    served.version = ""
    served.breaks = [BROKEN]
    assert load()[0] == CONTENT
    assert served.ranges == [None, None]
    assert any("not known of which version" in line for line in told.lines)


@pytest.mark.parametrize("tells_length", [True, False])
def test_a_part_that_is_too_long_begins_anew(load, served, tmp_path, told, tells_length):
    served.breaks = [BROKEN] + [0] * len(PAUSES)
    with pytest.raises(UnavailableError):
        load()
    with (tmp_path / "set.npz.part").open("ab") as part:
        part.write(CONTENT)
    if not tells_length:
        beside = tmp_path / "set.npz.part.json"
        beside.write_text(beside.read_text().replace("3000000", "null"))
    whole, _ = load()
    assert whole == CONTENT
    assert any("begun anew; 4.0 MB had come" in line for line in told.lines)


def test_another_part_than_was_asked_for_is_not_joined(load, served, told):
    served.sends_wrong_part = True
    served.breaks = [BROKEN]
    assert load()[0] == CONTENT
    assert any("another part than was asked for" in line for line in told.lines)


def test_a_server_that_always_breaks_at_the_same_place_is_given_up(load, served):
    served.knows_ranges = False
    served.breaks = [BROKEN] * 50
    with pytest.raises(UnavailableError):
        load()
    # The first try comes farther than ever before; so do none of the others.
    assert len(served.asked) == 1 + len(PAUSES)


@pytest.mark.parametrize("number", [404, 403])
def test_what_is_not_there_is_asked_for_once(load, served, number):
    served.refusals = [number]
    with pytest.raises(UnavailableError, match=rf"set\.npz.*answered {number} .*by hand"):
        load()
    assert len(served.asked) == 1


def test_a_server_that_is_busy_is_asked_again(load, served):
    served.refusals = [503, 429]
    assert load() == (CONTENT, list(PAUSES[:2]))


def test_no_connection_is_one_line(load, served):
    with pytest.raises(UnavailableError, match=r"no connection.*Look at your network") as error:
        load("http://127.0.0.1:9/set.npz")
    assert "\n" not in str(error.value)
    assert "have come" not in str(error.value)


def test_an_address_that_is_none_is_told_at_once(load):
    with pytest.raises(UnavailableError, match="cannot be downloaded from mailto:x"):
        load("mailto:x")


def test_a_file_of_unknown_length_comes_whole(load, served):
    served.tells_length = False
    assert load() == (CONTENT, [])


def test_an_interrupted_download_goes_on(load, served, told, tmp_path):
    class Stopping(Told):
        def warn(self, text):
            raise KeyboardInterrupt

    served.breaks = [BROKEN]
    downloader = ResumingDownloader(
        PublicFile("set.npz", served.address + PATH), tmp_path / "set.npz.part", Stopping(), "x"
    )
    with pytest.raises(KeyboardInterrupt):
        downloader(served.address + PATH, str(tmp_path / "whole"), None)
    assert load()[0] == CONTENT
    assert served.ranges[-1] == f"bytes={BROKEN}-"


def test_megabytes_are_counted_with_what_was_there(served, tmp_path):
    bars = []

    class Bar:
        def advance(self, n_steps=1):
            bars[-1][-1] += n_steps

    class Counting(Told):
        @contextmanager
        def task(self, description, n_steps):
            bars.append([description, n_steps, 0])
            yield Bar()

    served.breaks = [40 * CHUNK_BYTES]  # 2.6 MB of 3
    downloader = ResumingDownloader(
        PublicFile("set.npz", served.address + PATH),
        tmp_path / "set.npz.part",
        Counting(),
        "x",
        lambda _: None,
    )
    downloader(served.address + PATH, str(tmp_path / "whole"), None)
    assert bars == [["set.npz (MB)", 3, 2], ["set.npz (MB)", 3, 3]]


def test_a_disk_without_room_is_told_before_anything_is_written(tmp_path):
    with pytest.raises(StorageError, match=r"room for 1,000,000,000,000\.0 MB.*-o"):
        check_room(tmp_path, 10**18, "set.npz")
    check_room(tmp_path, None, "set.npz")


def test_a_full_disk_keeps_what_has_come(load, served, tmp_path, monkeypatch):
    import errno

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("bioselect.data.public.resuming.flush_to_disk", full)
    with pytest.raises(StorageError, match="the disk is full"):
        load()
    assert "set.npz.part" in left(tmp_path)
