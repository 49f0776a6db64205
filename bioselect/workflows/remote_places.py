"""The places that a command is given: what lies at addresses is brought here, results there.

`with_addresses` stands before the function behind a command; inside it all places are paths of this
disk. Where no address is given, nothing of `remote/` is imported.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from bioselect.addresses import address_of, is_address, named, place_of
from bioselect.data.remote_files import brought, check_allowed, is_remote
from bioselect.progress import SILENT, Reporter

if TYPE_CHECKING:
    from bioselect.config.sections import Config

P = ParamSpec("P")
R = TypeVar("R")


def with_addresses(
    reads: Sequence[str],
    writes: str = "",
    over: Sequence[str] = (),
    is_file: Callable[[Path], bool] = lambda place: False,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function take addresses where it takes paths.

    Parameters
    ----------
    reads : sequence of str
        Its arguments that are read: a path, or several. `model_path` is a model.
    writes : str
        Its argument that is written, a file or a folder; empty where there is none.
    over : sequence of str
        Which files a folder of earlier results may hold that are written over.
    is_file : callable
        Whether what is written at a place is a file; by default it is a folder.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def with_places(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            given = bound.arguments
            if not any(map(is_remote, _places(given.get(name) for name in (*reads, writes)))):
                return function(*args, **kwargs)
            reporter: Reporter = given.get("reporter", SILENT)
            for name in reads:
                given[name] = _brought(name, given[name], reporter)
            with ExitStack() as stack:
                if is_remote(given.get(writes)):
                    check_allowed(given[writes])
                    from bioselect.remote.delivery import delivered

                    def goes_on_from(names: Sequence[str]) -> bool:
                        return set(names) <= {"", *over}

                    of_file = is_file(Path(given[writes]))
                    given[writes] = stack.enter_context(
                        delivered(given[writes], reporter, goes_on_from, is_file=of_file)
                    )
                said = function(*bound.args, **bound.kwargs)
            return cast(R, named(said)) if isinstance(said, str) else said

        return with_places

    return decorate


def _places(values: Any) -> Iterator[Any]:
    for value in values:
        yield from value if isinstance(value, list | tuple) else [value]


def _brought(name: str, value: Any, reporter: Reporter) -> Any:
    if isinstance(value, list | tuple):
        return [_brought(name, one, reporter) for one in value]
    return brought(value, reporter, name == "model_path") if is_remote(value) else value


def result_place(written: Path) -> Path:
    """Return where results lie on this disk until they are brought to an address."""
    return place_of(written, results=True) if is_address(written) else written


def check_result_place(place: Path) -> None:
    """Stop where results could not be brought to an address: there is no such bucket, no network.

    Raises
    ------
    BioselectError
        If nothing can be looked at there.
    """
    address = address_of(place)
    if address is not None:
        check_allowed(place)
        from bioselect.remote.stores import Store

        Store(address).known()


def bring_config(config: Config, reporter: Reporter) -> None:
    """Bring here what a configuration names at addresses: images, tables, weights, models.

    Images that a table names are brought when it is read.

    Raises
    ------
    BioselectError
        If something is not there, or cannot be brought here.
    """
    dataset = config.dataset
    places = [dataset.path, dataset.masks, dataset.table]
    for spec in config.component_specs:
        places += [Path(text) for text in _texts(spec.params_dict) if text]
    for place in dict.fromkeys(places):
        if place is not None and is_remote(place):
            brought(place, reporter)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


@contextmanager
def run_folder_delivered(folder: Path, reporter: Reporter) -> Iterator[None]:
    """Bring a run folder to its address when the run ends; what it goes on from more often."""
    if address_of(folder) is None:
        yield
        return
    check_allowed(folder)
    from bioselect.bundle.manifest import MANIFEST_FILE
    from bioselect.remote.delivery import Keeping, delivered
    from bioselect.run_folder import RunFolder

    places = RunFolder(folder)
    cache, lock, training = (one.name for one in (places.features, places.lock, places.training))
    often = {one.name for one in (places.config, places.journal, places.budget)}
    manifest = (places.model / MANIFEST_FILE).relative_to(folder).as_posix()
    whole = {places.study.name, manifest}
    keeping = Keeping(
        here=lambda name: name.startswith((f"{cache}/", lock)),
        often=lambda name: name in often or name.startswith(f"{training}/"),
        last=lambda name: name in whole,
    )
    of_a_run = {places.config.name, places.log.name}
    with delivered(folder, reporter, of_a_run.issubset, keeping):
        yield
