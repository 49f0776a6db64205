"""From a name or an import path to a component.

Names come from three places, none of them hidden: the built-in tables (`BUILTIN_TABLES`, read as
data, nothing heavy is imported), entry points of installed packages (`bioselect.extractors` and
so on, read as metadata), and `"pkg.module:Name"` written in the configuration.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from bioselect import own_modules
from bioselect.component import ComponentRow, ComponentSpec, Parameter, of_another_kind, thawed
from bioselect.exceptions import ComponentError
from bioselect.own_modules import imported_beside, imported_packages, installed_versions
from bioselect.parameter_values import parameter_problems, value_problem
from bioselect.storage import sha256_of_file

__all__ = [
    "BUILTIN_TABLES",
    "KINDS",
    "ComponentRow",
    "ComponentSpec",
    "Parameter",
    "create",
    "find_row",
    "identity",
    "importable",
    "is_import_path",
    "known_rows",
    "parameter_problems",
    "thawed",
    "unknown_name_message",
    "value_problem",
]

#: kind -> (entry-point group, module and table of the built-in rows). The tables are named as
#: text because they lie on floors above this one and are only read when asked for.
BUILTIN_TABLES: Mapping[str, tuple[str, str]] = {
    "extractor": ("bioselect.extractors", "bioselect.features.builtin:EXTRACTORS"),
    "classifier": ("bioselect.classifiers", "bioselect.estimators.builtin:CLASSIFIERS"),
    "regressor": ("bioselect.regressors", "bioselect.estimators.builtin_regressors:REGRESSORS"),
    "network": ("bioselect.networks", "bioselect.networks.builtin:NETWORKS"),
    "value_network": ("bioselect.networks", "bioselect.networks.builtin_of_values:VALUE_NETWORKS"),
    "segmenter": ("bioselect.segmenters", "bioselect.segmenters.builtin:SEGMENTERS"),
    "metric": ("bioselect.metrics", "bioselect.metrics.builtin:METRICS"),
    "augmentation": ("bioselect.augmentations", "bioselect.augmentation.table:STEPS"),
}
KINDS = tuple(BUILTIN_TABLES)
#: Where a name stands in a configuration, if not under its kind with an s.
_TRAINED = ("network", "value_network", "segmenter")
PLACES = {"metric": "validation.metric", "augmentation": "augmentation"}
PLACES |= dict.fromkeys(_TRAINED, "networks")

#: Arguments that bioselect gives to a component itself and that nobody writes in `params`.
RESERVED_ARGUMENTS = ("seed", "base_dir")
#: And besides to a metric, to what builds a network.
_BESIDES = {"metric": ("class_names", "label_sets"), **dict.fromkeys(_TRAINED, ("input_shape",))}


def builtin_rows(kind: str) -> Mapping[str, ComponentRow]:
    """Return the built-in table of a kind: name -> row."""
    module, name = BUILTIN_TABLES[kind][1].split(":")
    table: Mapping[str, ComponentRow] = getattr(importlib.import_module(module), name)
    return table


def known_rows(kind: str) -> dict[str, ComponentRow]:
    """Return every row of a kind: built-in first, then those of installed packages.

    Entry points are read as metadata; their parameters are known only once they are imported.

    Raises
    ------
    ComponentError
        If two providers offer one name.
    """
    rows = dict(builtin_rows(kind))
    for entry in _installed(BUILTIN_TABLES[kind][0], tuple(sys.path)):
        provider = entry.dist.name if entry.dist is not None else entry.value
        if entry.name in rows:
            other = rows[entry.name]
            if other.target == entry.value:
                continue
            raise ComponentError(
                f"{kind} {entry.name!r}: a name must have one provider. Got two: "
                f"{other.provider} ({other.target}) and {provider} ({entry.value}). Uninstall "
                f"one, or write the import path of the one you want in the configuration."
            )
        rows[entry.name] = ComponentRow(
            name=entry.name, target=entry.value, summary=f"from {provider}", provider=provider
        )
    return rows


@cache
def _installed(group: str, search_path: tuple[str, ...]) -> list[EntryPoint]:
    """Read the entry points of a group once for each search path: it means reading many files."""
    return sorted(entry_points(group=group), key=lambda entry: entry.value)


def is_import_path(name: str) -> bool:
    """Tell whether a name has the form `pkg.module:Name`."""
    return ":" in name


def find_row(kind: str, name: str, base_dir: Path | None = None) -> ComponentRow:
    """Return the row of a name, or of an import path.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    name : str
        A known name, or `"pkg.module:Name"`.
    base_dir : Path, optional
        The configuration's folder; modules lying there can be named too.

    Raises
    ------
    ComponentError
        If the name is unknown (the nearest known one is named) or cannot be imported.
    """
    if is_import_path(name):
        own_modules.check_own_code(name)
        row = ComponentRow(name=name, target=name, summary="", provider=name.split(":")[0])
        return with_parameters(row, base_dir, kind)
    rows = known_rows(kind)
    if name not in rows:
        text = unknown_name_message(kind, name, list(rows))
        raise ComponentError(_is_of_another_kind(kind, name) or text)
    row = rows[name]
    return row if row.provider == "bioselect" else with_parameters(row, base_dir, kind)


def _is_of_another_kind(kind: str, name: str) -> str:
    """Say that a name is known, but as a component of another kind; or nothing."""
    other = next((one for one in KINDS if one != kind and name in builtin_rows(one)), None)
    if other is None:
        return ""
    place = PLACES.get(other, f"{other}s")
    return of_another_kind(kind, name, other, place, list(builtin_rows(kind)))


def unknown_name_message(what: str, name: str, known: list[str]) -> str:
    """Say that a name is unknown, with the nearest known one and where to find the rest."""
    near = difflib.get_close_matches(str(name).lower(), known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    if what in KINDS:
        rest = f"`bioselect components {what}` lists all {len(known)}."
    else:
        rest = f"Known: {', '.join(known)}."
    return f"unknown {what} {name!r}. {hint}{rest}"


def with_parameters(row: ComponentRow, base_dir: Path | None, kind: str = "") -> ComponentRow:
    """Return the row with the parameters read from the signature of what it names."""
    target = import_target(row.target, base_dir)
    if not callable(target):
        raise ComponentError(
            f"{row.target!r}: must be a class or a function. Got {type(target).__name__}."
        )
    parameters = []
    reserved = RESERVED_ARGUMENTS + _BESIDES.get(kind, ())
    for argument in _arguments(row.target, target):
        if argument.name in reserved:
            continue
        if argument.kind in (argument.VAR_KEYWORD, argument.VAR_POSITIONAL):
            continue
        required = argument.default is argument.empty
        default = None if required else argument.default
        parameters.append(Parameter(argument.name, default, required=required))
    parameters += _of_every(kind, row.target, {own.name for own in parameters})
    summary = (inspect.getdoc(target) or row.summary).split("\n")[0]
    return ComponentRow(
        name=row.name,
        target=row.target,
        summary=summary,
        parameters=tuple(parameters),
        version=int(getattr(target, "version", 1)),
        provider=row.provider,
    )


def _of_every(kind: str, path: str, own: set[str]) -> tuple[Parameter, ...]:
    """Return what every component of a kind takes: a network how it is trained."""
    table = BUILTIN_TABLES[kind][1].split(":")[0]
    common = import_target(f"{table}:COMMON_PARAMETERS") if kind in _TRAINED else ()
    taken = sorted(own & {parameter.name for parameter in common})
    if taken:
        raise ComponentError(f"{path!r}: every {kind} has a parameter {taken[0]!r}. Rename yours.")
    return tuple(common)


def _arguments(path: str, target: Any) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(target).parameters.values())
    except (TypeError, ValueError) as error:
        raise ComponentError(
            f"{path!r}: must be a class or a function whose parameters can be read. Got "
            f"{getattr(target, '__name__', target)!r}, whose cannot. Wrap it in a function of "
            "your own."
        ) from error


@contextmanager
def importable(base_dir: Path | None) -> Iterator[None]:
    """Let modules beside the configuration be imported inside the block."""
    if base_dir is None or str(base_dir) in sys.path:
        yield
        return
    sys.path.insert(0, str(base_dir))
    try:
        yield
    finally:
        sys.path.remove(str(base_dir))


def import_target(path: str, base_dir: Path | None = None) -> Any:
    """Import `pkg.module:Name` and return what it names.

    Raises
    ------
    ComponentError
        If the module or the name in it cannot be had; the message says which.
    """
    module_name, _, attribute = path.partition(":")
    if not module_name or not attribute:
        raise ComponentError(f"{path!r}: an import path must be 'package.module:Name'.")
    with importable(base_dir):
        try:
            module = importlib.import_module(module_name)
        except ImportError as error:
            beside = f", or put its file into {base_dir}" if base_dir else ""
            raise ComponentError(
                f"{path!r}: the module {module_name!r} cannot be imported ({error}). Install the "
                f"package that holds it{beside}."
            ) from error
        except Exception as error:  # the module is somebody's own: anything may be wrong in it
            raise ComponentError(
                f"{path!r}: the module {module_name!r} cannot be imported: "
                f"{type(error).__name__}: {error}. Correct the module."
            ) from error
    _refuse_namesake(path, module, base_dir)
    if not hasattr(module, attribute):
        public = [name for name in vars(module) if not name.startswith("_")]
        near = difflib.get_close_matches(attribute, public, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ComponentError(f"{path!r}: the module {module_name!r} holds no {attribute!r}.{hint}")
    return getattr(module, attribute)


def _refuse_namesake(path: str, module: Any, base_dir: Path | None) -> None:
    """Refuse a module that hides the one of the same name beside the configuration.

    Python keeps the first module of a name for the whole process, so a second one would be
    passed over in silence.
    """
    if base_dir is None:
        return
    stem = Path(base_dir, *module.__name__.split("."))
    beside = next((f for f in (stem.with_suffix(".py"), stem / "__init__.py") if f.is_file()), None)
    source = getattr(module, "__file__", None)
    if beside is None:
        return
    # A copy of the same text is as good: a study that was moved, say.
    if source is None or Path(source).read_bytes() != beside.read_bytes():
        raise ComponentError(
            f"{path!r}: the name {module.__name__!r} is taken by {source or 'Python itself'}. "
            f"Rename {beside}."
        )


def identity(kind: str, name: str, base_dir: Path | None = None) -> dict[str, Any]:
    """Return what distinguishes a component's results, for the keys of stored results.

    A built-in component has a version; of anybody's own the source file is hashed, and what it
    imports from the same folder, so that an edit is noticed. The versions of the installed
    packages that it comes from and imports count too, so that an upgrade is.
    """
    row = find_row(kind, name, base_dir)
    if row.provider == "bioselect":
        return {"name": row.name, "version": row.version}
    source = _source_file(row.target, base_dir)
    found: dict[str, Any] = {
        "name": row.name,
        "version": row.version,
        "source": sha256_of_file(Path(source)) if source else row.target,
    }
    files: list[Path] = []
    if source and base_dir is not None:
        folder = base_dir.resolve()
        files = imported_beside(Path(source), folder)
        if files:
            found["imports"] = {
                file.relative_to(folder).as_posix(): sha256_of_file(file) for file in files
            }
    packages = imported_packages([Path(source), *files] if source else [])
    versions = installed_versions({row.target.split(":")[0].split(".")[0], *packages})
    return found | ({"packages": versions} if versions else {})


def _source_file(path: str, base_dir: Path | None) -> str | None:
    """Return the file that defines what a path names, else that of the module in the path."""
    target = import_target(path, base_dir)
    try:
        source = inspect.getsourcefile(target)
    except TypeError:  # a partial function, an object, a class written in C
        source = None
    return source or getattr(sys.modules[path.partition(":")[0]], "__file__", None)


def create(kind: str, spec: ComponentSpec, folder: Path | None = None, /, **given: Any) -> Any:
    """Make the component that a spec names.

    Parameters
    ----------
    kind, spec
        What to make.
    folder : Path, optional
        The configuration's folder; see :func:`find_row`. `base_dir` in `given` says the same.
    **given
        Arguments that bioselect itself supplies (`seed`, `base_dir`; to a metric `class_names` and
        `label_sets`); those that the component does not take are left out.

    Raises
    ------
    ComponentError
        If the name or a parameter is wrong.
    """
    base_dir = folder if folder is not None else given.get("base_dir")
    given["base_dir"] = base_dir
    row = find_row(kind, spec.name, base_dir)
    problems = parameter_problems(row, spec.params_dict)
    if problems:
        raise ComponentError(f"{kind} {spec.name!r}: " + " ".join(problems))
    target = import_target(row.target, base_dir)
    accepted = inspect.signature(target).parameters
    extra = {key: value for key, value in given.items() if key in accepted}
    return target(**dict(row.fixed), **spec.params_dict, **extra)
