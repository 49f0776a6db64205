"""Short names for the screen and the log, by which the components of one study can be told apart.

Tables and JSON keep the whole labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bioselect.component import ComponentSpec, as_text
from bioselect.config.components import VIEWS
from bioselect.progress import Reporter, Task

#: Labels up to here stay as they are: two of them, and ` + `, fit into a row of the ranking.
LONG_LABEL = 36
STEPS = "steps"
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]*$")


def short_labels(specs: Iterable[ComponentSpec]) -> dict[str, str]:
    """Return what to call each component of a study, by its label; never two alike.

    Where labels of one name are long, what all of them have in common is left out, and of a file
    its ending, as long as they can be told apart then.

    Examples
    --------
    >>> weights = {"weights": "/models/mobilenet_v2_alpha0.35_224_notop.h5"}
    >>> layer = ComponentSpec.of("mobilenet_v2", {**weights, "layer": "block_6_expand_relu"})
    >>> list(short_labels([ComponentSpec.of("mobilenet_v2", weights), layer]).values())
    ['mobilenet_v2', 'mobilenet_v2(layer=block_6_expand_relu)']
    """
    by_name: dict[str, list[ComponentSpec]] = {}
    for spec in specs:
        by_name.setdefault(spec.name, []).append(spec)
    shown: dict[str, str] = {}
    for alike in by_name.values():
        labels = [spec.label for spec in alike]
        shown.update(zip(labels, _told_apart(alike, labels), strict=True))
    return shown


def _told_apart(alike: Sequence[ComponentSpec], labels: list[str]) -> list[str]:
    """Return the shortest form in which components of one name differ."""
    if max(map(len, labels)) <= LONG_LABEL:
        return labels
    common = set.intersection(*(set(spec.params) for spec in alike))
    if len(alike) == 1:
        # The steps of views are those under `augmentation`, and nothing that tells them apart.
        common = {(key, value) for key, value in common if (alike[0].name, key) == (VIEWS, STEPS)}
    for ending in (_ENDING, None):
        shorter = [_label(spec, common, ending) for spec in alike]
        if len(set(shorter)) == len(set(labels)):
            return shorter
    return labels


def _label(
    spec: ComponentSpec, common: set[tuple[str, Any]], ending: re.Pattern[str] | None
) -> str:
    params = [
        (key, _named(value, ending)) for key, value in spec.params if (key, value) not in common
    ]
    inside = [f"{key}={value}" for key, value in params]
    inside += [f"{key} searched" for key, _ in spec.search]
    return f"{spec.name}({', '.join(inside)})" if inside else spec.name


def _named(value: Any, ending: re.Pattern[str] | None) -> str:
    is_path = isinstance(value, str) and ("/" in value or "\\" in value)
    return ending.sub("", as_text(value)) if is_path and ending else as_text(value)


class ShortNames(Reporter):
    """Passes everything on; in what bars are called, long labels are replaced by short ones."""

    def __init__(self, inner: Reporter, shown: Mapping[str, str]) -> None:
        self.inner = inner
        self.shown = {label: short for label, short in shown.items() if label != short}

    def say(self, text: str) -> None:
        """Tell one line as it is."""
        self.inner.say(text)

    def warn(self, text: str) -> None:
        """Tell one warning as it is."""
        self.inner.warn(text)

    @contextmanager
    def task(self, description: str, n_steps: int) -> Iterator[Task]:
        """Open a bar with short names."""
        with self.inner.task(self._short(description), n_steps) as task:
            yield task

    def _short(self, description: str) -> str:
        if not self.shown:
            return description
        # The longest first: a label may stand inside that of a `concat`.
        labels = sorted(self.shown, key=len, reverse=True)
        pattern = "|".join(map(re.escape, labels))
        return re.sub(pattern, lambda found: self.shown[found.group()], description)
