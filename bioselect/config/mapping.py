"""A configuration that never was in a file: a dictionary with the keys of the YAML file.

It goes through the same checks; what is wrong is told with the key, as there are no lines.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bioselect.config.loading import checked
from bioselect.config.sections import Config
from bioselect.exceptions import ConfigurationError
from bioselect.strict_yaml import KEYED_BY_NUMBERS, Document, Location, Problem, where
from bioselect.visible import visible

#: How the configuration is called where a file would be named. There is no such file.
NAME = "configuration"


def config_from_mapping(values: Mapping[str, Any], folder: Path | None = None) -> Config:
    """Check a configuration that is written as a dictionary.

    Parameters
    ----------
    values : mapping
        The keys of the YAML file. Paths may be `Path` objects, lists tuples, numbers NumPy's.
    folder : Path, optional
        Where relative paths start from; the current folder by default.

    Returns
    -------
    Config
        Frozen; every path in it is absolute.

    Raises
    ------
    ConfigurationError
        If anything is wrong. The message holds every problem, one a line, as
        ``validation.folds: must be at least 2. Got 1.``

    Examples
    --------
    >>> written = {"dataset": {"path": "."}, "extractors": ["lbp"], "classifiers": ["lda"]}
    >>> config_from_mapping({**written, "output": "results", "outptu": "results"})
    Traceback (most recent call last):
    bioselect.exceptions.ConfigurationError: outptu: unknown key. Did you mean 'output'? ...
    """
    if not isinstance(values, Mapping):
        raise ConfigurationError(
            "the configuration must be a dictionary with the keys of the YAML file, or the path of "
            f"one. Got {type(values).__name__}."
        )
    document = Document()
    document.value = _plain(values, (), document)
    place = (folder or Path()).resolve() / NAME
    config, problems = checked(document, place)
    if config is None or problems:
        texts = dict.fromkeys(problem.text for problem in problems)
        raise ConfigurationError(visible("\n".join(texts)))
    return config


def _plain(value: Any, location: Location, document: Document) -> Any:
    """Return a value as YAML would give it; note what YAML has no form for."""
    if isinstance(value, Mapping):
        return {
            name: _plain(one, (*location, name), document)
            for key, one in value.items()
            if (name := _key(key, location, document))
        }
    if isinstance(value, list | tuple):
        return [_plain(one, (*location, place), document) for place, one in enumerate(value)]
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()  # a number of NumPy
    if value is None or isinstance(value, bool | int | float | str):
        return value
    text = "must be text, a number, true, false, null, a list or a mapping. Got "
    document.problems.append(Problem(1, f"{where(location)}{text}{type(value).__name__}."))
    return None


def _key(key: Any, location: Location, document: Document) -> str:
    if isinstance(key, str):
        return key
    if location in KEYED_BY_NUMBERS and isinstance(key, int) and not isinstance(key, bool):
        return str(key)
    text = f"{where(location)}a key must be text. Got {key!r}. Write it in quotes."
    document.problems.append(Problem(1, text))
    return ""
