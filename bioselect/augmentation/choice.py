"""What is done to training images, as plain data: the steps, and which images get them."""

from __future__ import annotations

from dataclasses import dataclass

from bioselect.component import ComponentSpec

NONE, AUGMENTED, COMBINED = "none", "augmented", "combined"
MIXES = (NONE, AUGMENTED, COMBINED)
DEFAULT_RATIO = 0.5


@dataclass(frozen=True)
class Augmentation:
    """The steps in the order in which they were written, and which training images get them.

    `mix` is ``none`` (originals only), ``augmented`` (every image is changed anew in each epoch,
    originals are never shown) or ``combined`` (in each epoch exactly ``round(ratio * n_images)``
    are shown as they are, the others changed).

    Examples
    --------
    >>> Augmentation().mix
    'none'
    >>> Augmentation((ComponentSpec("rotation"),), "combined", 0.25).changes_images
    True
    """

    steps: tuple[ComponentSpec, ...] = ()
    mix: str = NONE
    ratio: float = DEFAULT_RATIO

    @property
    def changes_images(self) -> bool:
        """Whether any training image is changed."""
        return bool(self.steps) and self.mix != NONE

    def share_of_originals(self) -> float:
        """Return which part of the training images is shown as it is.

        Examples
        --------
        >>> steps = (ComponentSpec("rotation"),)
        >>> [Augmentation(steps, mix).share_of_originals() for mix in MIXES]
        [1.0, 0.0, 0.5]
        """
        if not self.changes_images:
            return 1.0
        return self.ratio if self.mix == COMBINED else 0.0
