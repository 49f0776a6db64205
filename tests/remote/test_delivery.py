"""Results are written here and brought to their address; nothing of others is written over."""

import json
import time

import pytest

from bioselect.addresses import place_of, root_of_results
from bioselect.exceptions import BioselectError, ConfigurationError, DataError, StorageError
from bioselect.remote import delivery
from bioselect.remote.delivery import Keeping, delivered
from bioselect.remote.stores import told

RUN = Keeping(here=lambda name: name.startswith("features/"), often=lambda name: name == ".journal")
ADDRESS = "memory://lab/results/run"


def write(place, **files):
    place.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (place / name).write_text(text)


def stopped(place, error, **files):
    """Write files, remove those that are None, and stop."""
    write(place, **{name: text for name, text in files.items() if text is not None})
    for name in [name for name, text in files.items() if text is None]:
        (place / name).unlink()
    raise error


def there(store):
    return {key.removeprefix("/lab/results/"): store.cat(key) for key in store.find("/lab/results")}


def test_paths_of_this_disk_are_left_alone(tmp_path):
    with delivered(tmp_path / "run") as place:
        assert place == tmp_path / "run"


def test_a_table_and_a_folder(store):
    with delivered("memory://lab/results/a.csv", is_file=True) as table:
        table.parent.mkdir(parents=True, exist_ok=True)
        table.write_text("path\n")
    with delivered(ADDRESS) as place:
        write(place, metrics="1")
        write(place / "deep", map="2")
    assert there(store) == {"a.csv": b"path\n", "run/metrics": b"1", "run/deep/map": b"2"}
    # Nothing goes on from them, so nothing is left here.
    assert not [path for path in root_of_results().rglob("*") if path.is_file()]


def test_of_others_nothing_is_written_over(store):
    store.pipe("/lab/results/run/thesis.doc", b"mine")
    earlier = delivered(ADDRESS, goes_on_from=lambda names: names == ["metrics"])
    refused = pytest.raises(ConfigurationError, match=r"must be empty.*Got 1 file \(thesis.doc\)")
    with refused, earlier:
        pytest.fail("no work may begin")
    assert there(store) == {"run/thesis.doc": b"mine"}


def test_a_folder_that_only_looks_like_earlier_results(store):
    """Refused after a look at it: nothing there is removed, also of what is not brought here."""
    before = {"config": b"mine", "features/a.png": b"mine", "old": b"mine"}
    for name, data in before.items():
        store.pipe(f"/lab/results/run/{name}", data)
    with pytest.raises(DataError), delivered(ADDRESS, goes_on_from=bool, keeping=RUN) as place:
        stopped(place, DataError("not ours"), old=None)
    assert there(store) == {f"run/{name}": data for name, data in before.items()}


def test_what_a_killed_command_left_is_not_brought_there_with_other_results(store, monkeypatch):
    with pytest.raises(KeyboardInterrupt), delivered(ADDRESS) as place:
        stopped(place, KeyboardInterrupt(), mask_of_a="a")
    with delivered(ADDRESS) as place:
        write(place, mask_of_b="b")
    assert there(store) == {"run/mask_of_b": b"b"}
    store.rm("/lab/results", recursive=True)
    real = delivery.Store.send

    def send(self, at, name):
        if name == "d":
            raise KeyboardInterrupt
        real(self, at, name)

    monkeypatch.setattr(delivery.Store, "send", send)
    with pytest.raises(KeyboardInterrupt), delivered(ADDRESS) as place:
        write(place, c="c", d="d")
    monkeypatch.setattr(delivery.Store, "send", real)
    assert there(store) == {"run/c": b"c"}
    with delivered(ADDRESS) as place:
        assert not place.exists()
        write(place, e="e")
    assert there(store) == {"run/e": b"e"}


def test_a_lock_that_is_held_here_stays(store):
    store.pipe("/lab/results/run/config", b"c")
    place = place_of(ADDRESS, results=True)
    write(place / "features", lock="held")
    with delivered(ADDRESS, goes_on_from=bool, keeping=RUN):
        assert (place / "features" / "lock").read_text() == "held"
        assert (place / "config").read_text() == "c"


def test_earlier_results_are_brought_here_first(store):
    store.pipe("/lab/results/run/metrics", b"then")
    with delivered(ADDRESS, goes_on_from=lambda names: names == ["metrics"]) as place:
        assert (place / "metrics").read_text() == "then"
        (place / "metrics").unlink()
        write(place, groups="now")
    assert there(store) == {"run/groups": b"now"}


def test_a_run_that_is_killed_goes_on_here(store):
    with pytest.raises(KeyboardInterrupt), delivered(ADDRESS, keeping=RUN) as place:
        stopped(place, KeyboardInterrupt(), config="c")
    assert there(store) == {}
    with delivered(ADDRESS, keeping=RUN) as place:
        assert (place / "config").read_text() == "c"
        write(place, scores="s")
        write(place / "features", hog="large")
    assert there(store) == {"run/config": b"c", "run/scores": b"s"}
    assert (place / "features" / "hog").exists()


def test_a_run_goes_on_on_another_computer(store, monkeypatch, tmp_path):
    with delivered(ADDRESS, keeping=RUN) as place:
        write(place, config="c")
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "other"))
    with delivered(ADDRESS, goes_on_from=lambda names: "config" in names, keeping=RUN) as place:
        assert (place / "config").read_text() == "c"
        write(place, scores="s")
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "cache"))
    refused = pytest.raises(StorageError, match=r"somebody else writes there.*remove")
    with refused, delivered(ADDRESS, keeping=RUN):
        pytest.fail("no work may begin")
    assert there(store) == {"run/config": b"c", "run/scores": b"s"}


def test_another_computer_that_wrote_meanwhile(store):
    refused = pytest.raises(StorageError, match="somebody else writes there")
    with refused, delivered(ADDRESS, keeping=RUN) as place:
        write(place, config="ours")
        store.pipe("/lab/results/run/config", b"theirs")
    assert there(store) == {"run/config": b"theirs"}


def test_after_everything_was_removed_by_hand(store):
    with delivered(ADDRESS, keeping=RUN) as place:
        write(place, config="c")
    store.rm("/lab/results/run", recursive=True)
    (place / "config").unlink()
    with delivered(ADDRESS, keeping=RUN) as place:
        write(place, config="d")
    assert there(store) == {"run/config": b"d"}


def test_only_what_changed_is_sent(store, monkeypatch):
    with delivered(ADDRESS, keeping=RUN) as place:
        write(place, config="c", scores="1", old="o")
    sent = []
    real = delivery.Store.send
    monkeypatch.setattr(
        delivery.Store, "send", lambda self, at, name: sent.append(name) or real(self, at, name)
    )
    with delivered(ADDRESS, keeping=RUN) as place:
        write(place, scores="22")
        (place / "old").unlink()
    assert sent == [delivery._TEST_NAME, "scores"]
    assert there(store) == {"run/config": b"c", "run/scores": b"22"}


@pytest.mark.parametrize("raised", [ConnectionError("gone"), KeyboardInterrupt()])
def test_a_break_while_results_are_on_their_way(store, monkeypatch, raised):
    """What had arrived is known as ours the next time, and the rest follows."""
    real = delivery.Store.send

    def send(self, at, name):
        if name == "b":
            with told(self.address):
                raise raised
        real(self, at, name)

    monkeypatch.setattr(delivery.Store, "send", send)
    kind = StorageError if isinstance(raised, ConnectionError) else KeyboardInterrupt
    with pytest.raises(kind), delivered(ADDRESS, keeping=RUN) as place:
        write(place, a="1", b="2", c="3")
    assert "run/a" in there(store)
    assert "run/b" not in there(store)
    monkeypatch.setattr(delivery.Store, "send", real)
    with delivered(ADDRESS, keeping=RUN):
        pass
    assert there(store) == {"run/a": b"1", "run/b": b"2", "run/c": b"3"}


def test_nobody_finds_half_new_and_half_old_results(store, monkeypatch):
    """What says that results are whole goes first and comes last."""
    keeping = Keeping(lambda name: False, lambda name: False, last=lambda name: name == "a_study")
    with delivered(ADDRESS, keeping=keeping) as place:
        write(place, a_study="old", scores="old", table="old")
    real = delivery.Store.send

    def send(self, at, name):
        if name == "table":
            with told(self.address):
                raise ConnectionError("gone")
        real(self, at, name)

    monkeypatch.setattr(delivery.Store, "send", send)
    with pytest.raises(StorageError), delivered(ADDRESS, keeping=keeping) as place:
        write(place, a_study="new 2", scores="new 2", table="new 2")
    assert there(store) == {"run/scores": b"new 2", "run/table": b"old"}
    monkeypatch.setattr(delivery.Store, "send", real)
    with delivered(ADDRESS, keeping=keeping):
        pass
    assert set(there(store).values()) == {b"new 2"}
    assert len(there(store)) == 3


def test_results_that_led_to_an_error_are_brought_there_too(store):
    with pytest.raises(DataError, match="no image"), delivered(ADDRESS) as place:
        stopped(place, DataError("no image can be used"), findings="all are damaged")
    assert there(store) == {"run/findings": b"all are damaged"}


def test_what_may_not_be_written_is_known_before_the_work(store, monkeypatch):
    def refuse(self, *args, **rest):
        raise PermissionError("Access Denied")

    monkeypatch.setattr(type(store), "put_file", refuse)
    with pytest.raises(StorageError, match="access is refused"), delivered(ADDRESS):
        pytest.fail("no work may begin")


@pytest.mark.parametrize(
    ("address", "is_file", "tried"),
    [
        ("memory://my.lab", False, "/my.lab/"),
        ("memory://my.lab", True, "/my.lab/"),
        ("memory://my.lab/run.v2", False, "/my.lab/run.v2/"),
        ("memory://my.lab/a.csv", True, "/my.lab/"),
        ("memory://my.lab/tables/a", True, "/my.lab/tables/"),
    ],
)
def test_writing_is_tried_where_results_will_lie(store, monkeypatch, address, is_file, tried):
    sent = []
    put = type(store).put_file

    def told_of(self, place, key, **rest):
        sent.append(f"/{key.lstrip('/')}")
        put(self, place, key, **rest)

    monkeypatch.setattr(type(store), "put_file", told_of)
    with pytest.raises(DataError), delivered(address, is_file=is_file):
        raise DataError("nothing was written")
    assert sent == [f"{tried}{delivery._TEST_NAME}"]


def test_what_a_run_goes_on_from_is_kept_often(store, monkeypatch):
    monkeypatch.setattr(delivery, "SECONDS_BETWEEN_COPIES", 0.02)
    with delivered(ADDRESS, keeping=RUN) as place:
        write(place, scores="s")
        (place / ".journal").write_text("two folds")
        for _ in range(500):
            if "run/.journal" in there(store):
                break
            time.sleep(0.02)
        assert there(store) == {"run/.journal": b"two folds"}
    assert there(store) == {"run/.journal": b"two folds", "run/scores": b"s"}


def test_note_holds_no_secret_and_is_whole(store):
    with delivered(ADDRESS, keeping=RUN) as place:
        write(place, config="c")
    (note,) = (root_of_results() / delivery.SENT).glob("*.json")
    assert set(json.loads(note.read_text())) == {"there", "stamps", "moving"}
    note.write_text("{damaged")
    with pytest.raises(BioselectError, match="must be empty"), delivered(ADDRESS, keeping=RUN):
        pytest.fail("nothing is known of what lies there")
    assert place_of(ADDRESS, results=True).is_dir()
