"""A configuration from a page: checked as a file would be, and kept inside the page's fence.

On the command line, an import path in a configuration runs the code that it names, and an address
is read and written with the rights of this user: who writes the file decides. What comes through
a page must not run anything, and must neither read nor tell beyond this machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bioselect.addresses import is_address
from bioselect.app.refusal import RefusedError
from bioselect.config.execution_section import LOCAL
from bioselect.config.loading import checked, in_lines
from bioselect.config.sections import Config
from bioselect.exceptions import ConfigurationError
from bioselect.own_modules import own_code_refused
from bioselect.registry import is_import_path
from bioselect.strict_yaml import parse_yaml

#: Under these keys names of components stand, themselves or in lists and mappings.
_NAMING = (
    "extractors",
    "classifiers",
    "regressors",
    "networks",
    "augmentation",
)


def config_of(text: str, place: Path) -> Config:
    """Return the configuration of a text that would lie at `place`.

    Raises
    ------
    RefusedError
        If it names code of somebody's own, or other machines.
    ConfigurationError
        If anything else is wrong; the message has a line for each problem.
    """
    name = Path(place.name)
    try:
        document = parse_yaml(text)
    except ConfigurationError as error:
        raise ConfigurationError(f"{name}:{error}") from error
    written = document.value
    if not isinstance(written, dict):
        raise ConfigurationError(f"{name}:1: the file must hold sections (`dataset:`, ...).")
    refuse_other_machines(written)
    refuse_own_code(written)
    with own_code_refused():
        config, problems = checked(document, place)
    if config is None or problems:
        raise ConfigurationError(in_lines(name, problems))
    return config


def refuse_own_code(written: dict[str, Any]) -> None:
    """Refuse import paths and `modules:`.

    Raises
    ------
    RefusedError
        With the name.
    """
    if written.get("modules") is not None:
        raise RefusedError(
            "modules: code of your own is not run from the page. Use `bioselect run` on the "
            "command line, or remove the line."
        )
    validation = written.get("validation")
    metric = validation.get("metric") if isinstance(validation, dict) else None
    named = [*(written.get(key) for key in _NAMING), metric]
    for name in _names(named):
        if is_import_path(name):
            raise RefusedError(
                f"{name}: an import path runs code of your own, which the page does not. Use "
                "`bioselect run` on the command line, or a name that `bioselect components` lists."
            )


def refuse_other_machines(written: dict[str, Any]) -> None:
    """Refuse `tracking`, machines of a cluster, and every address.

    Raises
    ------
    RefusedError
        With the key. The address is not repeated: it may hold a password.
    """
    if written.get("tracking") is not None:
        raise RefusedError(
            "tracking: the page tells nobody of a study, as results would leave this machine. Use "
            f"{_ELSEWHERE}"
        )
    execution = written.get("execution")
    if isinstance(execution, dict):
        if execution.get("scheduler") is not None:
            raise RefusedError(
                "execution.scheduler: whoever answers at that address may run code on this "
                f"machine, so the page does not connect to it. Use {_ELSEWHERE}"
            )
        if execution.get("backend", LOCAL) != LOCAL:
            raise RefusedError(
                "execution.backend: must be local on the page, as workers of a cluster listen on "
                f"the network. Use {_ELSEWHERE}"
            )
    for key, text in _texts(written):
        if is_address(text):
            raise RefusedError(
                f"{key}: must be a path of this computer on the page, which would read and write "
                f"at an address with your rights. Use {_ELSEWHERE}"
            )


_ELSEWHERE = "`bioselect run` on the command line, or remove the line."


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a configuration with its key, such as `dataset.path`."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _texts(one, f"{key}[{number}]")
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(one, f"{key}.{name}" if key else str(name))


def _names(value: Any, in_params: bool = False) -> list[str]:
    """Return everything that may name a component.

    A text in a list, the `name` of a mapping, and what parameters hold that are components
    themselves (`views`, `concat`). A path among parameters may have a colon and names nothing.
    """
    if isinstance(value, str):
        return [value] if not in_params or _may_be_code(value) else []
    if isinstance(value, list):
        return [name for one in value for name in _names(one, in_params)]
    if isinstance(value, dict):
        found = [value["name"]] if isinstance(value.get("name"), str) else []
        for key, one in value.items():
            if key != "name":
                found += _names(one, True)
        return found
    return []


def _may_be_code(text: str) -> bool:
    """Tell whether a text may be an import path: what is imported stands before the colon.

    It need not be an identifier (`my-module:x` is imported too); a path has a slash there, or is
    that of a drive. Where those name code after all, `own_code_refused` stops them.
    """
    module, colon, rest = text.partition(":")
    is_drive = len(module) == 1 and rest[:1] in ("/", "\\")
    return bool(colon and module.strip()) and not is_drive and not {"/", "\\"} & set(module)
