"""Near copies of images as they come about: saved anew, cut, shifted, turned, made brighter.

Each kind is a function of the pixels ``(height, width, n_channels)``, uint8 or uint16, and of
random numbers; it returns pixels of the same type unless it says otherwise.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def plant(image: np.ndarray, kind: str, random: np.random.Generator) -> np.ndarray:
    """Return a near copy of a kind of `KINDS`, or of `two`, which is two of them."""
    if kind != "two":
        return KINDS[kind](image, random)
    first, second = random.choice(sorted(KINDS), 2, replace=False)
    return KINDS[second](KINDS[first](image, random), random)


def _jpeg(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Save with a quality of 50 to 95; what has 16 bits is scaled to 8 first."""
    stream = io.BytesIO()
    pixels = _eight_bits(image, random)
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(
        stream, "JPEG", quality=int(random.integers(50, 96))
    )
    return np.asarray(Image.open(stream)).reshape(pixels.shape)


def _eight_bits(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    if image.dtype == np.uint8:
        return image
    light = image.astype(np.float64)
    light = (light - light.min()) / max(np.ptp(light), 1.0)
    return np.rint(light * 255).astype(np.uint8)


def _noise(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    spread = random.uniform(0.005, 0.02) * _range(image)
    return _like(image, image + random.normal(0, spread, image.shape))


def _blur(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    sigma = random.uniform(0.4, 1.0) * max(1.0, min(image.shape[:2]) / 100)
    return _like(image, cv2.GaussianBlur(_float(image), (0, 0), sigma))


def _brightness(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return _like(image, image + random.uniform(-0.1, 0.1) * _range(image))


def _contrast(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    mean = image.mean()
    return _like(image, mean + (image - mean) * random.uniform(0.9, 1.1))


def _gamma(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    top = max(float(image.max()), 1.0)
    return _like(image, top * (image / top) ** random.uniform(0.9, 1.1))


def _mirrored_shift(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    matrix = np.float64([[1, 0, 0], [0, 1, 0]])
    matrix[:, 2] = _shift(random) * image.shape[1]
    return _warped(image, matrix)


def _cut_shift(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Cut off what a shift would leave empty, and scale to the size that it was."""
    height, width = image.shape[:2]
    across, down = np.rint(_shift(random) * width).astype(int)
    rows = slice(max(0, down), height + min(0, down))
    columns = slice(max(0, across), width + min(0, across))
    return _like(image, cv2.resize(_float(image[rows, columns]), (width, height)))


def _flip(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return np.flip(image, axis=int(random.integers(0, 2)))


def _quarter_turn(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return np.rot90(image, int(random.integers(1, 4)))


def _small_turn(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    angle = random.uniform(2, 10) * random.choice([-1, 1])
    height, width = image.shape[:2]
    centre = ((width - 1) / 2, (height - 1) / 2)
    return _warped(image, cv2.getRotationMatrix2D(centre, angle, 1.0))


def _size(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    factor = np.exp(random.uniform(np.log(0.5), np.log(2)))
    size = [max(1, round(side * factor)) for side in image.shape[1::-1]]
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return _like(image, cv2.resize(_float(image), size, interpolation=how))


def _crop(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Keep 90 % of each side, anywhere."""
    sides = [round(side * 0.9) for side in image.shape[:2]]
    row, column = (
        int(random.integers(0, side - kept + 1))
        for side, kept in zip(image.shape[:2], sides, strict=True)
    )
    return image[row : row + sides[0], column : column + sides[1]]


KINDS: dict[str, Change] = {
    "jpeg": _jpeg,
    "noise": _noise,
    "blur": _blur,
    "brightness": _brightness,
    "contrast": _contrast,
    "gamma": _gamma,
    "shift, mirrored": _mirrored_shift,
    "shift, cut": _cut_shift,
    "flip": _flip,
    "90, 180, 270 degrees": _quarter_turn,
    "2 to 10 degrees": _small_turn,
    "size": _size,
    "crop": _crop,
}
#: Of 16 bits only: of 8 bits, saved with 16, the pixels are the same.
DEPTH = {"8 bits": _eight_bits}


def _shift(random: np.random.Generator) -> np.ndarray:
    """Return a shift by 1 to 5 % of the width, in any direction."""
    angle = random.uniform(0, 2 * np.pi)
    return random.uniform(0.01, 0.05) * np.array([np.cos(angle), np.sin(angle)])


def _warped(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    size = (image.shape[1], image.shape[0])
    warped = cv2.warpAffine(
        _float(image), matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return _like(image, warped)


def _range(image: np.ndarray) -> float:
    return float(np.ptp(image)) if image.dtype == np.uint16 else 255.0


def _float(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image).astype(np.float32)


def _like(image: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Return pixels in the type of an image; OpenCV drops the axis of a single channel."""
    shape = (*pixels.shape[:2], image.shape[2])
    highest = np.iinfo(image.dtype).max
    return np.clip(np.rint(pixels), 0, highest).astype(image.dtype).reshape(shape)
