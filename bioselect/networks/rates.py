"""The learning rate of every step: constant, cosine, or lower after each plateau; a warm-up."""

from __future__ import annotations

import math
from dataclasses import dataclass

SCHEDULES = ("constant", "cosine", "plateau")
#: After so many epochs without a lower loss, the rate of `plateau` becomes this share of itself.
PLATEAU_PATIENCE = 3
PLATEAU_FACTOR = 0.3


@dataclass(frozen=True)
class RatePlan:
    """How the learning rate of one part of a training goes; steps are counted from 0.

    Parameters
    ----------
    rate : float
        The highest one.
    schedule : str
        One of `SCHEDULES`.
    n_epochs : int
        How many epochs the cosine takes to come to 0.
    n_steps_per_epoch : int
        Batches in an epoch.
    warmup_epochs : int
        In so many epochs the rate rises step by step to `rate`.

    Examples
    --------
    >>> plan = RatePlan(0.1, "cosine", n_epochs=5, n_steps_per_epoch=2, warmup_epochs=1)
    >>> [round(plan.rate_at(step), 3) for step in (0, 1, 2, 6, 10)]
    [0.05, 0.1, 0.1, 0.05, 0.0]
    """

    rate: float
    schedule: str
    n_epochs: int
    n_steps_per_epoch: int
    warmup_epochs: int = 0

    def rate_at(self, step: int, n_plateaus: int = 0) -> float:
        """Return the rate of a step, after so many plateaus of the loss."""
        n_warming = self.warmup_epochs * self.n_steps_per_epoch
        if step < n_warming:
            return self.rate * (step + 1) / n_warming
        if self.schedule == "plateau":
            return float(self.rate * PLATEAU_FACTOR**n_plateaus)
        if self.schedule == "constant":
            return self.rate
        n_falling = max(1, self.n_epochs * self.n_steps_per_epoch - n_warming)
        done = min(1.0, (step - n_warming) / n_falling)
        return self.rate * 0.5 * (1.0 + math.cos(math.pi * done))
