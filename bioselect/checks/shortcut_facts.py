"""What is known of an image without a look at what it shows, as numbers that a guess can go by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioselect.checks.readable import Readable
from bioselect.checks.saturation import clipped_share

#: A number is told in so many steps, each with as many images.
N_STEPS = 8
#: Images of more channels are looked at by the mean of all.
N_COLOURS = 4
SECONDS_OF_DAY = 86400

#: How a fact came to be: by a file or a microscope, by what the file was last used for, or by
#: what is seen.
TAKEN, DATED, SEEN = "taken", "dated", "seen"
SIZE, LETTERING, DATE = "the size of the image", "burnt-in text or marks", "the date of its file"
BRIGHTNESS, BORDER = "its mean brightness", "the colour of its border"
FILE_SIZE, FOCUS = "the size of its file", "its sharpness"
#: What differs where images are of different sizes.
FOLLOW_SIZE = frozenset({FILE_SIZE, FOCUS, LETTERING})
_ENDINGS = {".jpeg": ".jpg", ".jfif": ".jpg", ".tiff": ".tif", ".btf": ".tif"}


_ALIKE = (
    "Good scores may come from that and not from what is seen. Take or save the images of all "
    "classes alike."
)
_REMEDIES = {
    LETTERING: (
        "Look for text, arrows and scale bars in the images, and crop or cover them: a model can "
        "read them."
    ),
    DATE: (
        "Copying a file often sets its date: then nothing has to be done. If files keep the day "
        "of imaging, classes were imaged on different days, whose light and stain can give them "
        "away: image all classes on each day, and declare the day as dataset.group."
    ),
}


@dataclass(frozen=True, eq=False)
class ImageFact:
    """One fact about every image: its name, how it came to be, its numbers or words.

    `columns` hold one value an image each, and are looked at together.
    """

    name: str
    origin: str
    columns: tuple[np.ndarray, ...]

    @property
    def remedy(self) -> str:
        """What to do if it gives the class away."""
        return _REMEDIES.get(self.name, _ALIKE)

    @property
    def is_known(self) -> bool:
        """Whether it differs between images at all."""
        return any(len(np.unique(column)) > 1 for column in self.columns)


def image_facts(readable: Readable) -> list[ImageFact]:
    """Return all facts that differ between the images."""
    marks = [mark for _, mark in readable]
    width = np.array([float(mark.width) for mark in marks])
    height = np.array([float(mark.height) for mark in marks])
    # A folder and an .npz have no ending that says anything.
    endings = [Path(record.path).suffix.lower() for record, _ in readable]
    facts = [
        ImageFact(SIZE, TAKEN, (width, height, width * height, width / height)),
        ImageFact("its number of channels", TAKEN, (_words(mark.n_channels for mark in marks),)),
        ImageFact("the type of its pixels", TAKEN, (_words(mark.dtype for mark in marks),)),
        ImageFact(
            "the ending of its file", TAKEN, (_words(_ENDINGS.get(one, one) for one in endings),)
        ),
        ImageFact(LETTERING, TAKEN, (np.array([mark.lettering for mark in marks]),)),
        ImageFact(DATE, DATED, _days([mark.modified for mark in marks])),
        ImageFact(FILE_SIZE, SEEN, (np.array([float(mark.n_bytes) for mark in marks]),)),
        ImageFact(BRIGHTNESS, SEEN, _colours([mark.brightness for mark in marks])),
        ImageFact(BORDER, SEEN, _colours([mark.border for mark in marks])),
        ImageFact(FOCUS, SEEN, (np.array([mark.focus for mark in marks]),)),
        ImageFact(
            "over-exposure",
            SEEN,
            (np.array([clipped_share(mark) for mark in marks]),),
        ),
    ]
    return [fact for fact in facts if fact.is_known]


def coded(values: np.ndarray) -> np.ndarray:
    """Return each number as the step that it is in, or each word as a number from 0.

    Examples
    --------
    >>> coded(np.array(["b", "a", "b"])).tolist(), coded(np.arange(16.0)).tolist()[::2]
    ([1, 0, 1], [0, 1, 2, 3, 4, 5, 6, 7])
    """
    words, places = np.unique(values, return_inverse=True)
    if values.dtype.kind != "f" or len(words) <= N_STEPS:
        return np.asarray(places)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, N_STEPS + 1)[1:-1]))
    return np.searchsorted(edges, values, side="right")


def _words(values: object) -> np.ndarray:
    return np.array([str(value) for value in values])  # type: ignore[attr-defined]


def _days(seconds: list[float]) -> tuple[np.ndarray, ...]:
    """Return the day of each file; nothing where all are of one day, as copying makes them."""
    times = np.array(seconds)
    if not times.all() or times.max() - times.min() < SECONDS_OF_DAY:
        return ()
    return (np.floor(times / SECONDS_OF_DAY),)


def _colours(values: list[tuple[float, ...]]) -> tuple[np.ndarray, ...]:
    """Return the mean of all channels, and each channel where all images have the same few."""
    counts = {len(value) for value in values}
    if 0 in counts:
        return ()
    mean = np.array([float(np.mean(value)) for value in values])
    if len(counts) > 1 or not 1 < counts.pop() <= N_COLOURS:
        return (mean,)
    return (mean, *np.array(values).T)
