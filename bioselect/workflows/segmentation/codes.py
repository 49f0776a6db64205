"""What the values of the masks of a study stand for: as the configuration says, or as found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bioselect.config.dataset_section import DatasetSection
from bioselect.config.mask_codes import INSTANCES
from bioselect.data.found_codes import found_codes
from bioselect.data.mask_codes import BACKGROUND, OBJECT, Code, MaskCodes
from bioselect.data.mask_facts import MaskFacts


def resolved_codes(
    section: DatasetSection, facts: Sequence[MaskFacts]
) -> tuple[MaskCodes, list[str]]:
    """Return the codes of the masks, and in words what was found where nothing is written.

    Raises
    ------
    DataError
        If nothing is written and the values can mean several things.
    """
    ignore = tuple(map(code_of, map(str, section.ignore or ())))
    if section.classes is None:
        codes, words = found_codes(facts, ignore)
        return codes, [words]
    return declared_codes(section.classes, ignore), []


def declared_codes(classes: str | Mapping[str, str], ignore: tuple[Code, ...] = ()) -> MaskCodes:
    """Return what `dataset.classes` says; classes are in the order in which they are written.

    Examples
    --------
    >>> declared_codes({"0": "background", "36": "nucleus", "72": "nucleus"}).codes
    ((0, 0), (36, 1), (72, 1))
    >>> declared_codes("instances").class_names
    ('background', 'object')
    """
    if isinstance(classes, str):
        return MaskCodes((BACKGROUND, OBJECT), ignore=ignore, instances=True)
    if INSTANCES in classes:
        return MaskCodes((BACKGROUND, classes[INSTANCES]), ignore=ignore, instances=True)
    names = tuple(dict.fromkeys(classes.values()))
    codes = tuple((code_of(code), names.index(name)) for code, name in classes.items())
    return MaskCodes(names, codes, ignore)


def code_of(written: str) -> Code:
    """Return a code as the configuration has it.

    Examples
    --------
    >>> code_of("255"), code_of("#ff8000")
    (255, (255, 128, 0))
    """
    if not written.startswith("#"):
        return int(written)
    red, green, blue = bytes.fromhex(written[1:])
    return red, green, blue


def as_written(codes: MaskCodes) -> dict[str | int, str]:
    """Return what stands for codes under `dataset.classes`.

    Examples
    --------
    >>> as_written(declared_codes({"0": "background", "#ff0000": "nucleus"}))
    {0: 'background', '#ff0000': 'nucleus'}
    """
    from bioselect.data.mask_codes import code_in_words

    if codes.instances:
        return {INSTANCES: codes.class_names[1]}
    return {
        code if isinstance(code, int) else code_in_words(code): codes.class_names[place]
        for code, place in codes.codes
    }
