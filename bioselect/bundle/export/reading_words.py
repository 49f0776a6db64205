"""What has to be done to a file before its pixels go into a graph, in words and in order."""

from __future__ import annotations

from bioselect.data.preparation import N_COLOURS, Reading


def reading_words(
    reading: Reading, size: tuple[int, int] | None, n_channels: int | None
) -> list[str]:
    """Return the steps from a file to the array that a graph takes.

    Parameters
    ----------
    reading : Reading
        Of the model.
    size : tuple of int or None
        (height, width) that images are resized to; None: they keep their own.
    n_channels : int or None
        How many channels the array has; None: those of the file.

    Examples
    --------
    >>> from bioselect.data.intensities import Intensity
    >>> for line in reading_words(Reading(Intensity("dtype")), (96, 96), 3):
    ...     print(line)
    decode the file with all its bits, turned as its EXIF or TIFF orientation says, height x \
width x channels, colours as red, green, blue
    divide by the largest value of the pixel type (255 for 8 bit, 65535 for 16 bit; floats stay)
    a single channel becomes three equal ones
    resize to 96 x 96 (height x width), the ratio of the sides not kept: sides that get shorter as \
means of areas (OpenCV's INTER_AREA), then sides that get longer linearly (INTER_LINEAR)
    """
    lines = [
        "decode the file with all its bits, turned as its EXIF or TIFF orientation says, height x "
        "width x channels, colours as red, green, blue"
    ]
    if reading.stack is not None:
        lines.append(f"of a file with several planes: {_stack_words(reading)}")
    if reading.tiles is not None:
        tiles = reading.tiles
        lines.append(f"cut large images into tiles of {tiles.size} x {tiles.size} pixels")
    lines.append(_intensity_words(reading))
    if n_channels is not None:
        if reading.channels is not None:
            chosen = ", ".join(map(str, reading.channels))
            lines.append(f"take the channels {chosen}, counted from 0")
        if n_channels > 1:
            count = {2: "two", 3: "three"}.get(n_channels, str(n_channels))
            lines.append(f"a single channel becomes {count} equal ones")
    elif reading.repeat_grey:
        lines.append(f"a single channel becomes {N_COLOURS} equal ones")
    if size is not None:
        lines.append(
            f"resize to {size[0]} x {size[1]} (height x width), the ratio of the sides not kept: "
            "sides that get shorter as means of areas (OpenCV's INTER_AREA), then sides that get "
            "longer linearly (INTER_LINEAR)"
        )
    return lines


def _intensity_words(reading: Reading) -> str:
    intensity = reading.intensity
    if intensity.minimum is not None and intensity.maximum is not None:
        return (
            f"scale so that {intensity.minimum:g} becomes 0 and {intensity.maximum:g} becomes 1; "
            "clip what lies beyond"
        )
    if intensity.mode == "percentile":
        return (
            "scale each image so that its 0.1th percentile (over all channels) becomes 0 and its "
            "99.9th becomes 1 (where these are equal, its smallest and its largest value; an image "
            "of one value becomes 0); clip what lies beyond"
        )
    return (
        "divide by the largest value of the pixel type (255 for 8 bit, 65535 for 16 bit; floats "
        "stay)"
    )


def _stack_words(reading: Reading) -> str:
    stack = reading.stack
    return "" if stack is None else stack.in_words()
