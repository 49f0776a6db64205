"""What the values of a mask stand for: codes on the disk, places of classes everywhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from bioselect.data.pairs import IGNORED, MOST_CLASSES
from bioselect.exceptions import DataError

#: A grey value, or (red, green, blue).
Code: TypeAlias = int | tuple[int, int, int]
#: A class of this name is what lies around everything else: it counts in no mean over classes.
BACKGROUND = "background"
#: The class of objects whose masks number them one by one, where it has no other name.
OBJECT = "object"
_UNKNOWN = 254


@dataclass(frozen=True)
class MaskCodes:
    """Which code of a mask is which class.

    Parameters
    ----------
    class_names : tuple of str
        In the order of their places.
    codes : tuple of (Code, int)
        Each code with the place of its class; several may be of one class.
    ignore : tuple of Code
        Pixels that count neither in training nor in scores.
    instances : bool
        Whether objects are numbered: 0 is the first class, everything above it the second; `codes`
        is empty then.

    Examples
    --------
    >>> codes = MaskCodes(("background", "nucleus"), ((0, 0), (255, 1)))
    >>> codes.background, codes.places(np.array([[0, 255]], np.uint8)[..., None]).tolist()
    (0, [[0, 1]])
    """

    class_names: tuple[str, ...]
    codes: tuple[tuple[Code, int], ...] = ()
    ignore: tuple[Code, ...] = ()
    instances: bool = False

    def __post_init__(self) -> None:
        if not 2 <= len(self.class_names) < MOST_CLASSES:
            raise DataError(
                f"masks must have 2 to {MOST_CLASSES - 1} classes. Got {len(self.class_names)}. "
                "Write dataset.classes: a code for each class, for example {0: background, "
                "255: nucleus}."
            )

    @property
    def n_classes(self) -> int:
        """How many classes there are, the background among them."""
        return len(self.class_names)

    @property
    def background(self) -> int | None:
        """The place of the class that counts in no mean; None where all count."""
        names = self.class_names
        return names.index(BACKGROUND) if BACKGROUND in names else None

    @property
    def is_coloured(self) -> bool:
        """Whether codes are colours."""
        return any(isinstance(code, tuple) for code in (*dict(self.codes), *self.ignore))

    def places(self, mask: np.ndarray, where: str = "the mask") -> np.ndarray:
        """Return the class places of a mask, uint8 ``(height, width)``.

        Parameters
        ----------
        mask : np.ndarray
            ``(height, width, n_channels)`` as :func:`bioselect.data.reading.read_image` gives it.
        where : str
            Names it in errors.

        Raises
        ------
        DataError
            If a value is no code of a class.
        """
        if not self.is_coloured and not self.instances and mask.dtype in (np.uint8, np.uint16):
            quickly = self._looked_up(mask)
            if quickly is not None:
                return quickly
        values = self._values(mask, where)
        if self.instances:
            return self._of_instances(values)
        found, inverse = np.unique(values, return_inverse=True)
        table = self._table()
        known = np.array([table.get(int(value), _UNKNOWN) for value in found], dtype=np.uint8)
        if (known == _UNKNOWN).any():
            raise DataError(f"{where}: {self._unknown_in_words(values, found, known)}")
        places: np.ndarray = known[inverse].reshape(values.shape)
        return places

    def counts(self, mask: np.ndarray, where: str = "the mask") -> dict[Code, int]:
        """Return how many pixels have each value, whether it is a code or not."""
        found, counts = np.unique(self._values(mask, where), return_counts=True)
        return {
            self._code(int(value)): int(count) for value, count in zip(found, counts, strict=True)
        }

    def values_of_places(self) -> list[Code]:
        """Return for each class the code that masks are written with: the first that is listed."""
        if self.instances:
            return list(range(self.n_classes))
        first: dict[int, Code] = {}
        for code, place in self.codes:
            first.setdefault(place, code)
        return [first[place] for place in range(self.n_classes)]

    def ignored_numbers(self) -> list[int]:
        """Return the grey values that do not count, which no object may have as its number."""
        grey = [code if isinstance(code, tuple) else (code,) for code in self.ignore]
        return [code[0] for code in grey if len(set(code)) == 1]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return {
            "class_names": list(self.class_names),
            "codes": [[_plain(code), place] for code, place in self.codes],
            "ignore": [_plain(code) for code in self.ignore],
            "instances": self.instances,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> MaskCodes:
        """Read what :meth:`as_dict` gave.

        Examples
        --------
        >>> codes = MaskCodes(("background", "cell"), ((0, 0), ((255, 0, 0), 1)), ignore=(7,))
        >>> MaskCodes.from_dict(codes.as_dict()) == codes
        True
        """
        return cls(
            tuple(values["class_names"]),
            tuple((_code_of(code), int(place)) for code, place in values["codes"]),
            tuple(_code_of(code) for code in values["ignore"]),
            bool(values["instances"]),
        )

    def _values(self, mask: np.ndarray, where: str) -> np.ndarray:
        """Return one whole number a pixel."""
        if mask.dtype.kind == "f" and not np.array_equal(mask, np.round(mask)):
            raise DataError(
                f"{where}: a mask must hold whole numbers. Got fractions. Save it as PNG or TIFF "
                "with a whole number for each class."
            )
        whole = mask.astype(np.int64)
        n_channels = whole.shape[2]
        if self.is_coloured:
            if n_channels == 1:
                whole = np.repeat(whole, 3, axis=2)
            return (whole[..., 0] << 32) | (whole[..., 1] << 16) | whole[..., 2]
        if n_channels > 1 and not (whole == whole[..., :1]).all():
            raise DataError(
                f"{where}: a mask must have one value a pixel. Got {n_channels} channels that "
                'differ. Write dataset.classes with colours, for example {"#ff0000": nucleus}, or '
                "save it as a grey image."
            )
        return whole[..., 0]

    def _looked_up(self, mask: np.ndarray) -> np.ndarray | None:
        """Return the places of grey values by a table; None where one is no code, or not grey.

        Sorting the values of a large mask takes fifty times as long.
        """
        if mask.shape[2] > 1 and not (mask == mask[..., :1]).all():
            return None
        table = np.full(np.iinfo(mask.dtype).max + 1, _UNKNOWN, dtype=np.uint8)
        for value, place in self._table().items():
            if value < len(table):
                table[value] = place
        places: np.ndarray = table[mask[..., 0]]
        return None if (places == _UNKNOWN).any() else places

    def _table(self) -> dict[int, int]:
        table = {self._number(code): place for code, place in self.codes}
        return table | {self._number(code): IGNORED for code in self.ignore}

    def _of_instances(self, values: np.ndarray) -> np.ndarray:
        places = (values > 0).astype(np.uint8)
        for code in self.ignore:
            places[values == self._number(code)] = IGNORED
        return places

    def _number(self, code: Code) -> int:
        if not self.is_coloured:
            assert isinstance(code, int)
            return code
        red, green, blue = code if isinstance(code, tuple) else (code, code, code)
        return (red << 32) | (green << 16) | blue

    def _code(self, number: int) -> Code:
        if not self.is_coloured:
            return number
        return number >> 32, (number >> 16) & 0xFFFF, number & 0xFFFF

    def _unknown_in_words(self, values: np.ndarray, found: np.ndarray, known: np.ndarray) -> str:
        unknown = found[known == _UNKNOWN]
        n_pixels = int(np.isin(values, unknown).sum())
        named = ", ".join(code_in_words(self._code(int(value))) for value in unknown[:5])
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        return (
            f"a mask must hold codes of dataset.classes only. Got {named}{more} in {n_pixels} of "
            f"{values.size} pixels. Add them to dataset.classes or dataset.ignore, or save the "
            "mask anew."
        )


def code_in_words(code: Code) -> str:
    """Return a code as it is written in a configuration.

    Examples
    --------
    >>> code_in_words(255), code_in_words((255, 0, 0))
    ('255', '#ff0000')
    """
    if isinstance(code, tuple) and max(code) <= 255:
        return "#" + "".join(f"{part:02x}" for part in code)
    return str(code)


def _plain(code: Code) -> int | list[int]:
    return list(code) if isinstance(code, tuple) else code


def _code_of(written: int | Sequence[int]) -> Code:
    if isinstance(written, int):
        return written
    red, green, blue = written
    return int(red), int(green), int(blue)
