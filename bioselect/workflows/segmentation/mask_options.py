"""What is asked of a prediction of masks, beside the masks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.addresses import is_address
from bioselect.exceptions import ConfigurationError
from bioselect.metrics.objects import ObjectRule


@dataclass(frozen=True)
class MaskOptions:
    """What is asked of a prediction of masks.

    Parameters
    ----------
    probabilities : bool
        Write the probability of each class at every pixel.
    overlays : bool
        Write each image with its classes outlined.
    crops : Path, optional
        A folder for each object as an image.
    margin : int, optional
        Pixels around an object in its image; with `crops` only.
    separate : bool
        Divide objects that touch.
    min_area : int
        Smaller objects are not counted, in pixels.
    pixel_size : float, optional
        Micrometres a pixel of these images, where it is not that of the training images.
    """

    probabilities: bool = False
    overlays: bool = False
    crops: Path | None = None
    margin: int | None = None
    separate: bool = False
    min_area: int = 1
    pixel_size: float | None = None

    def written(self) -> list[str]:
        """Return the options that were given, as they stand on the command line.

        Examples
        --------
        >>> MaskOptions(overlays=True, min_area=5).written()
        ['--overlays', '--min-area']
        """
        given = {name: value for name, value in vars(self).items() if value != _DEFAULTS[name]}
        return [f"--{name.replace('_', '-')}" for name in given]

    def check_values(self) -> None:
        """Refuse values that mean nothing.

        Raises
        ------
        ConfigurationError
            With the option.
        """
        if self.crops is not None and is_address(self.crops):
            raise ConfigurationError(
                "--crops: must be a folder on this computer. Got an address. Write it here, and "
                "copy it there."
            )
        if self.margin is not None and self.crops is None:
            raise ConfigurationError(
                "--margin: goes with --crops only, which writes each object as an image. Add "
                "--crops FOLDER, or leave it out."
            )
        least: tuple[tuple[str, Any, float], ...] = (
            ("--margin", self.margin, 0),
            ("--min-area", self.min_area, 1),
        )
        for option, value, lowest in least:
            if value is not None and value < lowest:
                raise ConfigurationError(f"{option}: must be at least {lowest}. Got {value}.")
        if self.pixel_size is not None and not 0 < self.pixel_size < float("inf"):
            raise ConfigurationError(
                f"--pixel-size: must be above 0, in micrometres a pixel. Got {self.pixel_size}."
            )

    @property
    def rule(self) -> ObjectRule:
        """What counts as one object."""
        return ObjectRule("watershed" if self.separate else "none", min_area=self.min_area)


#: Masks and tables only.
NOTHING_ELSE = MaskOptions()
_DEFAULTS = vars(NOTHING_ELSE)
