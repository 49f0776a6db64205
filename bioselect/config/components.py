"""The components of a configuration: are the names and parameters right, what do they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bioselect.config.component_paths import is_path, misspelt_word
from bioselect.config.rules import resolved_path
from bioselect.config.search_range import range_problem, range_values
from bioselect.estimators.search_plan import MOST_LISTED, n_combinations
from bioselect.exceptions import ComponentError, ConfigurationError
from bioselect.registry import (
    ComponentRow,
    ComponentSpec,
    Parameter,
    find_row,
    parameter_problems,
    value_problem,
)
from bioselect.strict_yaml import Document, Location, Problem, where

#: The parameter of `concat` that holds further extractors.
PARTS = "extractors"
#: The extractor that has another one and augmentation steps in its parameters.
VIEWS = "views"


@dataclass(frozen=True)
class Folders:
    """Where relative paths start from, and where people's own modules lie."""

    paths: Path
    modules: Path


@dataclass
class CheckedComponents:
    """The components of one kind: specs of the right ones, problems of the others."""

    kind: str
    document: Document
    folders: Folders
    seed: int = 0
    specs: list[ComponentSpec] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _seen: list[tuple[ComponentSpec, Location]] = field(default_factory=list)

    @property
    def lines(self) -> list[int]:
        """The line of each of the right ones."""
        return [self.document.line_of(location) for _, location in self._seen]

    def note(self, location: Location, text: str) -> None:
        """Keep one problem."""
        self.problems.append(Problem(self.document.line_of(location), where(location) + text))

    def add(self, spec: ComponentSpec, location: Location) -> None:
        """Keep one right component, unless it stands in the list already."""
        for other, place in self._seen:
            if other == spec:
                self.note(
                    location,
                    f"{spec.label} is listed twice (first in {self._place(place)}). Keep one.",
                )
                return
            if other.label == spec.label:
                self.note(
                    location,
                    f"{spec.label} cannot be told from the one in {self._place(place)} "
                    "in the tables of the results. "
                    + (
                        "Search all values in one of them."
                        if spec.search
                        else "Give the two files different names."
                    ),
                )
                return
        self._seen.append((spec, location))
        self.specs.append(spec)

    def _place(self, location: Location) -> str:
        """Return where one is written, in words; of values that were in no file, in which list."""
        line = self.document.line_of(location)
        return f"line {line}" if self.document.lines else where(location).removesuffix(": ")


def check_components(
    kind: str,
    entries: Any,
    document: Document,
    location: Location,
    folders: Folders,
    seed: int = 0,
) -> CheckedComponents:
    """Check a list of components against the tables of names.

    Parameters
    ----------
    kind : str
        ``extractor``, ``classifier``, ``regressor``, ``network`` or ``augmentation``.
    entries : Any
        The list as it was written; entries of a wrong form are passed over, because the
        sections complain about them.
    document, location
        Where the list stands, for the lines in the messages.
    folders : Folders
        For the paths and modules that are named.
    seed : int
        Of the study, for values that a search draws from a range.
    """
    checked = CheckedComponents(kind, document, folders, seed)
    for place, entry in enumerate(entries if isinstance(entries, list) else []):
        here = (*location, place)
        written = {"name": entry} if isinstance(entry, str) else entry
        if not isinstance(written, dict) or not isinstance(written.get("name"), str):
            continue
        spec = checked_spec(checked, written, here)
        if spec is not None:
            checked.add(spec, here)
    return checked


def checked_spec(
    checked: CheckedComponents, written: Mapping[str, Any], here: Location
) -> ComponentSpec | None:
    """Return the spec of one entry, or None after its problems were noted."""
    name = written["name"]
    params = written.get("params", {})
    if not isinstance(params, dict):
        return None
    try:
        row = find_row(checked.kind, name, checked.folders.modules)
    except ComponentError as error:
        checked.note(
            (*here, "name") if (*here, "name") in checked.document.lines else here, str(error)
        )
        return None
    n_before = len(checked.problems)
    for text in parameter_problems(row, params):
        key = text.split(":")[0].removeprefix("params.")
        checked.note((*here, "params", key), text.split(": ", 1)[1])
    resolved = resolved_params(checked, row, params, here)
    search = checked_search(checked, row, params, written.get("search"), here)
    if len(checked.problems) > n_before:
        return None
    return ComponentSpec.of(name, without_defaults(row, resolved), search)


def resolved_params(
    checked: CheckedComponents, row: ComponentRow, params: Mapping[str, Any], here: Location
) -> dict[str, Any]:
    """Return the parameters with absolute paths, and the parts of a `concat` checked."""
    resolved = dict(params)
    if checked.kind in ("classifier", "regressor") or row.provider != "bioselect":
        return resolved
    for name, value in params.items():
        there = (*here, "params", name)
        if name == PARTS and isinstance(value, list):
            resolved[name] = checked_parts(checked, value, there)
        elif row.name == VIEWS and name == "extractor":
            resolved[name] = checked_part(checked, value, there) or value
        elif row.name == VIEWS and name == "steps" and isinstance(value, list):
            steps = CheckedComponents("augmentation", checked.document, checked.folders)
            resolved[name] = checked_parts(steps, value, there)
            checked.problems += steps.problems
        elif is_path(name, value):
            try:
                path = resolved_path(value, checked.folders.paths)
            except ConfigurationError as error:  # An address that must not be written.
                checked.note(there, str(error))
                continue
            resolved[name] = str(path)
            if name == "weights" and (word := misspelt_word(value)) and not path.exists():
                text = "must be imagenet, none, or an existing file or model. Got "
                checked.note(there, f"{text}{value!r}. Did you mean {word!r}?")
    return resolved


def checked_parts(
    checked: CheckedComponents, entries: list[Any], location: Location
) -> list[dict[str, Any]]:
    """Check the components inside another one."""
    parts = [
        checked_part(checked, entry, (*location, place)) for place, entry in enumerate(entries)
    ]
    return [part for part in parts if part is not None]


def checked_part(checked: CheckedComponents, entry: Any, here: Location) -> dict[str, Any] | None:
    """Check one component inside another one; None after its problems were noted."""
    written = {"name": entry} if isinstance(entry, str) else entry
    if (
        not isinstance(written, dict)
        or not isinstance(written.get("name"), str)
        or not set(written) <= {"name", "params"}
        or not isinstance(written.get("params", {}), dict)
    ):
        checked.note(here, "must be a name, or a mapping with name and params.")
        return None
    spec = checked_spec(checked, written, here)
    return None if spec is None else {"name": spec.name, "params": spec.params_dict}


def with_steps(spec: ComponentSpec, steps: Sequence[ComponentSpec]) -> ComponentSpec:
    """Give views that name no steps those of the configuration.

    Examples
    --------
    >>> views = ComponentSpec.of("views", {"extractor": {"name": "hog", "params": {}}})
    >>> with_steps(views, [ComponentSpec("rotation")]).params_dict["steps"]
    [{'name': 'rotation', 'params': {}}]
    """
    params = spec.params_dict
    if spec.name != VIEWS or params.get("steps") is not None or not steps:
        return spec
    written = [{"name": step.name, "params": step.params_dict} for step in steps]
    return ComponentSpec.of(VIEWS, {**params, "steps": written})


def checked_search(
    checked: CheckedComponents,
    row: ComponentRow,
    params: Mapping[str, Any],
    search: Any,
    here: Location,
) -> dict[str, list[Any]]:
    """Return the values to search; `default` is the row's own, less what `params` fixes."""
    location = (*here, "search")
    if checked.kind in ("extractor", "augmentation"):
        return {}
    if search == "default":
        found = {name: list(tried) for name, tried in row.search if name not in params}
        if not found:
            none = f"{row.name} has no default search space"
            if row.search:
                none += " left (everything in it is fixed by params)"
            example = "a list of values for a parameter"
            if any(parameter.name == "learning_rate" for parameter in row.parameters):
                example += ", such as search: {learning_rate: [0.0003, 0.001]}"
            checked.note(location, f"{none}. Remove search, or write {example}.")
        return found
    if not isinstance(search, dict):
        return {}
    known = {parameter.name: parameter for parameter in row.parameters}
    listed = {}
    for name, tried in search.items():
        if isinstance(tried, dict) and range_problem(tried):
            continue  # The sections complain about its form.
        problem = searched_problem(known, row.name, name, tried)
        if problem is None and name in params:
            problem = "stands in params too. Fix it there, or search it here."
        if problem:
            checked.note((*location, name), problem)
            continue
        is_range = isinstance(tried, dict)
        listed[name] = (
            range_values(tried, known[name], row.name, checked.seed) if is_range else tried
        )
    if n_combinations(listed) > MOST_LISTED:
        checked.note(
            location,
            f"must list at most {MOST_LISTED} combinations of values. Got "
            f"{n_combinations(listed)}. List fewer values.",
        )
    return listed


def searched_problem(
    known: Mapping[str, Parameter], component: str, name: str, tried: Any
) -> str | None:
    """Return what is wrong with the searched values of one parameter, or None."""
    if name not in known:
        row = ComponentRow(component, "", "", tuple(known.values()))
        return parameter_problems(row, {name: None})[0].split(": ", 1)[1]
    if isinstance(tried, dict):
        ends = {end: tried[end] for end in ("min", "max")}
        wrong = {end: value_problem(known[name], value) for end, value in ends.items()}
        return next((f"{end} {problem}" for end, problem in wrong.items() if problem), None)
    if not isinstance(tried, list):
        return None
    for value in tried:
        if problem := value_problem(known[name], value):
            return f"each value {problem}"
    return None


def without_defaults(row: ComponentRow, params: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what equals the default, so that equal components have equal specs.

    Examples
    --------
    >>> row = ComponentRow("svm", "m:svm", "", (Parameter("C", 1.0), Parameter("kernel", "rbf")))
    >>> without_defaults(row, {"C": 1, "kernel": "linear"})
    {'kernel': 'linear'}
    """
    defaults = {p.name: p.default for p in row.parameters if not p.required}
    return {
        name: value
        for name, value in params.items()
        if name not in defaults or not _equal(value, defaults[name])
    }


def with_defaults(row: ComponentRow, params: Mapping[str, Any]) -> dict[str, Any]:
    """Write out every parameter of a row, in the order of the row."""
    return {
        parameter.name: params.get(parameter.name, _listed(parameter.default))
        for parameter in row.parameters
        if parameter.name in params or not parameter.required
    }


def _equal(first: Any, second: Any) -> bool:
    same_kind = isinstance(first, bool) == isinstance(second, bool)
    return same_kind and bool(_listed(first) == _listed(second))


def _listed(value: Any) -> Any:
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value
