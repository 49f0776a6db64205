"""The parts of a training: the head alone first, where that is asked for, then the rest."""

from __future__ import annotations

from dataclasses import dataclass

from bioselect.networks.parameters import HEAD_THEN_ALL
from bioselect.networks.rates import RatePlan
from bioselect.networks.settings import CourseSettings


@dataclass(frozen=True)
class Phase:
    """Epochs in which the same layers are trained, from `first`, counted from 1, to `last`."""

    first: int
    last: int
    head_only: bool
    rates: RatePlan

    def rate(self, epoch: int, batch: int, n_plateaus: int) -> float:
        """Return the learning rate for a batch of an epoch, counted from 0."""
        step = (epoch - self.first) * self.rates.n_steps_per_epoch + batch
        return self.rates.rate_at(step, n_plateaus)


def phases_of(settings: CourseSettings, n_batches: int) -> tuple[Phase, ...]:
    """Return the parts of a training in their order.

    Each begins with a new optimizer. The head is trained alone with a constant rate; the schedule
    and the warm-up are those of the main part.

    Parameters
    ----------
    settings : CourseSettings
        What was written.
    n_batches : int
        In an epoch.
    """
    n_head = settings.head_epochs if settings.trainable == HEAD_THEN_ALL else 0
    n_main = settings.epochs - n_head
    rates = RatePlan(
        settings.rate, settings.schedule, n_main, n_batches, min(settings.warmup_epochs, n_main)
    )
    # The last part goes on as long as a training may be told to.
    main = Phase(n_head + 1, max(settings.epochs, n_head + 1), head_only=False, rates=rates)
    if not n_head:
        return (main,)
    head = Phase(1, n_head, True, RatePlan(settings.head_rate, "constant", n_head, n_batches))
    return head, main


def phase_of(phases: tuple[Phase, ...], epoch: int) -> Phase:
    """Return the part to which an epoch belongs."""
    return next((phase for phase in phases if epoch <= phase.last), phases[-1])
