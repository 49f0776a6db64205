"""What becomes of a file with several planes: the words of `dataset.stack`.

Nothing heavy is imported here, as a configuration is checked with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bioselect.exceptions import ConfigurationError

PROJECTIONS = ("max", "mean")
MIDDLE, CHANNELS, ALL = "middle", "channels", "all"
WORDS = (MIDDLE, CHANNELS, ALL)
EVERY, PROJECTION = "every", "projection"
#: What can be written, as errors tell it; `channels` has its own clause where it fits.
CHOICES = f"{{projection: max}}, {{projection: mean}}, {MIDDLE}, {ALL} or {{every: N}}"


@dataclass(frozen=True)
class Stack:
    """What is done with a file of several planes (slices, points in time, pages).

    `mode` is ``max`` or ``mean`` (each pixel's largest or mean value over all planes, channel by
    channel), ``middle`` (plane n // 2 of n, counted from 0), ``channels`` (the planes are the
    channels of one image), or ``every``: planes 0, `step`, 2 `step`, ... are images of their own.

    Raises
    ------
    ConfigurationError
        If the mode is unknown, or `step` is not a whole number of at least 1 with ``every`` and 0
        without it.

    Examples
    --------
    >>> Stack.from_config({"every": 5}).as_config(), Stack.from_config("all")
    ({'every': 5}, Stack(mode='every', step=1))
    """

    mode: str
    step: int = 0

    def __post_init__(self) -> None:
        problem = stack_problem(self.as_config())
        if problem or (self.mode != EVERY and self.step != 0):
            raise ConfigurationError(
                f"dataset.stack: {problem or f'only every has a step. Got {self.step}.'}"
            )

    @property
    def lists_planes(self) -> bool:
        """Whether planes are images of their own, and not one image made from all of them."""
        return self.mode == EVERY

    def as_config(self) -> str | dict[str, Any]:
        """Return what stands for this under `dataset.stack` in a configuration."""
        if self.mode == EVERY:
            return ALL if self.step == 1 else {EVERY: self.step}
        return {PROJECTION: self.mode} if self.mode in PROJECTIONS else self.mode

    def in_words(self) -> str:
        """Return it as it is written in a configuration."""
        return _shown(self.as_config(), quoted=False)

    @classmethod
    def from_config(cls, value: str | Mapping[str, Any]) -> Stack:
        """Read what :meth:`as_config` gives."""
        if problem := stack_problem(value):
            raise ConfigurationError(f"dataset.stack: {problem}")
        if not isinstance(value, Mapping):
            return cls(EVERY, 1) if value == ALL else cls(value)
        return cls(EVERY, value[EVERY]) if EVERY in value else cls(value[PROJECTION])


def stack_problem(value: Any) -> str:
    """Return what is wrong with a value of `dataset.stack`, or nothing.

    Examples
    --------
    >>> stack_problem("middle"), stack_problem({"every": 0})
    ('', 'every must be a whole number of at least 1. Got 0.')
    """
    if isinstance(value, str) and value in WORDS:
        return ""
    if not isinstance(value, Mapping) or len(value) != 1 or not set(value) <= {EVERY, PROJECTION}:
        return f"must be null, {CHOICES}, or {CHANNELS}. Got {_shown(value)}."
    ((key, choice),) = value.items()
    if key == PROJECTION:
        if isinstance(choice, str) and choice in PROJECTIONS:
            return ""
        return f"projection must be max or mean. Got {_shown(choice)}."
    if isinstance(choice, int) and not isinstance(choice, bool) and choice >= 1:
        return ""
    return f"every must be a whole number of at least 1. Got {_shown(choice)}."


def _shown(value: Any, quoted: bool = True) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {item}' for key, item in value.items())}}}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value) if quoted else str(value)
