"""Results on their way to an address: written on this disk, then brought there.

A run locks its folder, renames files and writes HDF5, none of which an object store can do. So it
works in a folder here, which is the same each time for one address: a killed run goes on in it.
What was brought there last is kept beside it; where the address holds something else by now,
somebody else writes there, and nothing is written over.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from bioselect.addresses import address_of, is_address, place_of, root_of_results
from bioselect.exceptions import BioselectError, ConfigurationError, StorageError
from bioselect.leftovers import TEMPORARY_PREFIX
from bioselect.progress import SILENT, Reporter
from bioselect.remote.fetching import N_AT_ONCE, check_names
from bioselect.remote.stores import RemoteFile, Store
from bioselect.storage import digest_of, explained_storage_errors, write_json

#: What lies at the address by our doing, in the folder of results.
SENT = ".sent"
#: A long run brings what it would go on from to the address this often.
SECONDS_BETWEEN_COPIES = 600.0
_TEST_NAME = ".bioselect-write-test"


def is_result(path: Path) -> bool:
    """Tell whether what is written to a path goes to an address."""
    return path.is_relative_to(root_of_results())


@contextmanager
def delivered(
    written: Path | str,
    reporter: Reporter = SILENT,
    goes_on_from: Callable[[Sequence[str]], bool] = lambda names: False,
    keeping: Keeping | None = None,
    is_file: bool = False,
) -> Iterator[Path]:
    """Give the place where results are written; at the end bring them to their address.

    What was written before an error that a person can act on is brought there, too.

    Parameters
    ----------
    written : path or str
        Where they shall lie. A path of this disk is given back as it is.
    reporter : Reporter
        Told about progress.
    goes_on_from : callable
        Whether files that lie at the address, by their names, are earlier results that this goes
        on from or writes over; they are brought here first. Others are not touched.
    keeping : Keeping, optional
        Of work that may be stopped and go on: what stays here.
    is_file : bool
        Whether one file is written there, and no folder.

    Raises
    ------
    BioselectError
        If the address cannot be written, or holds what was not brought there from here.
    """
    place = place_of(written, results=True) if is_address(written) else Path(written)
    if not is_result(place):
        yield place
        return
    delivery = _Delivery(Store(str(address_of(place))), place, keeping, is_file)
    delivery.begin(reporter, goes_on_from)
    try:
        with delivery.kept_often():
            yield place
    except BioselectError:
        if delivery.names():
            with suppress(BioselectError):  # The first one says what is wrong.
                delivery.end(reporter, removing=False)
        raise
    delivery.end(reporter, removing=True)


@dataclass(frozen=True)
class Keeping:
    """Which files of a folder, by their names, stay here, and which are brought there often.

    Those that say that the others are whole come `last`, and old ones go first: whoever reads
    meanwhile, or after a break, finds no finished results rather than half of two.
    """

    here: Callable[[str], bool]
    often: Callable[[str], bool]
    last: Callable[[str], bool] = lambda name: False


@dataclass
class _Sent:
    """What this computer knows of an address.

    `there` is what lay there last (size and state by name), `stamps` what the files here were like
    then; `moving` are those that were on their way when this was written.
    """

    there: dict[str, list[int | None]] = field(default_factory=dict)
    stamps: dict[str, list[int]] = field(default_factory=dict)
    moving: list[str] = field(default_factory=list)

    def is_still(self, files: Sequence[RemoteFile]) -> bool:
        """Tell whether nobody else has written at the address."""
        now = {one.name: [one.n_bytes, one.state] for one in files}
        names = (set(now) | set(self.there)) - set(self.moving)
        return all(now.get(name) == self.there.get(name) for name in names)


class _Delivery:
    def __init__(self, store: Store, place: Path, keeping: Keeping | None, is_file: bool) -> None:
        self.store = store
        self.address = store.address
        self.place = place
        self.keeping = keeping
        self.is_file = is_file
        self.note = root_of_results() / SENT / f"{digest_of(self.address)}.json"
        self.lock = threading.Lock()

    def begin(self, reporter: Reporter, goes_on_from: Callable[[Sequence[str]], bool]) -> None:
        """Look at what lies at the address, and see that something may be written there."""
        there = self._there()
        if self._sent() is None:
            self.note.unlink(missing_ok=True)
            self._clear()
            if there:
                self._take_over(there, reporter, goes_on_from)
            self._check_ours(there)
        else:
            self._check_ours(there)
            self._clear()
        self._try_to_write()

    def _clear(self) -> None:
        """Remove what a command left here that was killed, unless work goes on from it."""
        if self.keeping is None:
            with explained_storage_errors(self.place, "removed"):
                if self.place.is_dir():
                    shutil.rmtree(self.place)
                self.place.unlink(missing_ok=True)

    def _there(self) -> list[RemoteFile]:
        # A command that was killed here may have left its test.
        return [one for one in self.store.known() if one.name != _TEST_NAME]

    def _check_ours(self, there: Sequence[RemoteFile]) -> None:
        """Stop where something lies that was not brought there from here."""
        if not (self._sent() or _Sent()).is_still(there):
            raise StorageError(
                f"{self.address}: holds something else than was brought there from this computer, "
                "so somebody else writes there. Choose another place for the results; or, to go on "
                f"from what lies there, remove {_plainly(self.place)}."
            )

    def _sent(self) -> _Sent | None:
        """Return what was brought there from what lies here; None if nothing was."""
        if not self.names():
            return None
        try:
            return _Sent(**json.loads(self.note.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _take_over(
        self,
        there: Sequence[RemoteFile],
        reporter: Reporter,
        goes_on_from: Callable[[Sequence[str]], bool],
    ) -> None:
        names = [one.name for one in there]
        if not goes_on_from(names):
            raise ConfigurationError(
                f"{self.address}: must be empty, or hold earlier results of the same kind. Got "
                f"{len(names)} file{'s' * (len(names) != 1)} ({names[0] or 'itself'}). Choose "
                "another place for the results."
            )
        check_names(self.address, there)
        reporter.say(f"bringing the earlier results at {self.address} here")
        for name in self.names():  # A lock stays.
            self._path(name).unlink()

        def fetch(one: RemoteFile) -> None:
            target = self._path(one.name)
            with explained_storage_errors(target):
                target.parent.mkdir(parents=True, exist_ok=True)
            self.store.fetch(one, target)

        with ThreadPoolExecutor(N_AT_ONCE, "fetching") as pool:
            for _ in pool.map(fetch, there):
                pass
        stamps = {one.name: self._stamp(one.name) for one in there}
        self._remember(_Sent(stamps=stamps), there)

    def _try_to_write(self) -> None:
        """Find out before the work whether its results can be brought there."""
        probe = self.note.with_suffix(".test")
        with explained_storage_errors(probe):
            probe.parent.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"")
        # The right to write may be for one folder alone; above a bucket there is none.
        above, _, name = self.address.partition("://")[2].rpartition("/")
        of_file = self.is_file and above
        folder = Store(self.address.removesuffix(f"/{name}")) if of_file else self.store
        try:
            folder.send(probe, _TEST_NAME)
            folder.remove(_TEST_NAME)
        finally:
            probe.unlink(missing_ok=True)

    @contextmanager
    def kept_often(self) -> Iterator[None]:
        """Bring what work goes on from to the address now and then, while the block works."""
        if self.keeping is None:
            yield
            return
        done = threading.Event()

        def keep() -> None:
            while not done.wait(SECONDS_BETWEEN_COPIES):
                with suppress(BioselectError, OSError):  # The end tries again, and says why not.
                    self.send_often()

        thread = threading.Thread(target=keep, name="keeping", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()

    def send_often(self) -> None:
        """Bring those files there, as they are now, that are whole at any time."""
        keeping = self.keeping
        if keeping is not None:
            self._send([name for name in self.names() if keeping.often(name)], SILENT, False)

    def end(self, reporter: Reporter, removing: bool) -> None:
        """Bring everything there, and look whether it has arrived."""
        names = self.names()
        self._send(names, reporter, removing)
        sizes = {one.name: one.n_bytes for one in self.store.known()}
        short = [name for name in names if sizes.get(name) != self._stamp(name)[0]]
        if short:
            raise StorageError(
                f"{self.address}: {len(short)} of {len(names)} files have not arrived whole "
                f"({short[0]}). They lie in {_plainly(self.place)}. Start the same command again."
            )
        reporter.say(f"brought to {self.address}: {len(names)} file{'s' * (len(names) != 1)}")
        if self.keeping is None:  # Nothing goes on from it.
            self.note.unlink(missing_ok=True)
            shutil.rmtree(self.place) if self.place.is_dir() else self.place.unlink()

    def _send(self, names: Sequence[str], reporter: Reporter, removing: bool) -> None:
        with self.lock:
            there = self._there()
            self._check_ours(there)  # Somebody may have begun meanwhile: there is no lock.
            sent = self._sent() or _Sent()
            stamps = {name: self._stamp(name) for name in names}
            new = [name for name in names if sent.stamps.get(name) != stamps[name]]
            ours = {*sent.stamps, *sent.moving}
            lost = [name for name in ours if not os.path.lexists(self._path(name))]
            gone = sorted(lost) if removing else []
            # A command that is killed now will know what it was about.
            self._remember(replace(sent, moving=[*new, *gone]))
            last = [name for name in new if self.keeping is not None and self.keeping.last(name)]
            first = [name for name in new if name not in last]
            for name in {one.name for one in there} & {*last, *gone}:
                self.store.remove(name)
            with (
                reporter.task(f"bringing the results to {self.address}", len(new)) as task,
                ThreadPoolExecutor(N_AT_ONCE, "sending") as pool,
            ):
                for names_now in (first, last):
                    for _ in pool.map(self._send_one, names_now):
                        task.advance()
            kept = {name: stamp for name, stamp in sent.stamps.items() if name not in gone}
            self._remember(_Sent(stamps={**kept, **stamps}), self.store.known())

    def _send_one(self, name: str) -> None:
        self.store.send(self._path(name), name)

    def names(self) -> list[str]:
        """Return what goes to the address, by its names below it."""
        if self.place.is_file():
            return [""]
        stays = self.keeping.here if self.keeping is not None else lambda name: False
        names = [path.relative_to(self.place).as_posix() for path in _below(self.place)]
        unfinished = TEMPORARY_PREFIX
        return sorted(
            name
            for name in names
            if not stays(name) and not name.rpartition("/")[2].startswith(unfinished)
        )

    def _path(self, name: str) -> Path:
        return self.place / name if name else self.place

    def _stamp(self, name: str) -> list[int]:
        found = self._path(name).stat()
        return [found.st_size, found.st_mtime_ns]

    def _remember(self, sent: _Sent, there: Sequence[RemoteFile] | None = None) -> None:
        if there is not None:
            sent = replace(sent, there={one.name: [one.n_bytes, one.state] for one in there})
        write_json(self.note, asdict(sent))


def _plainly(place: Path) -> str:
    """Return a place so that it is not told as its address."""
    home = Path(os.path.realpath(Path.home()))
    inside = place.is_relative_to(home)
    return f"~/{place.relative_to(home).as_posix()}" if inside else place.as_uri()


def _below(place: Path) -> list[Path]:
    return [Path(folder) / name for folder, _, names in os.walk(place) for name in names]
