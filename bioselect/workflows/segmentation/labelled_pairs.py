"""The images and masks of an evaluation: two folders, or a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bioselect.data.layouts import GroupRule
from bioselect.data.mask_pairs import MaskedImages, pairs_of_folders, pairs_of_table
from bioselect.data.table_rows import is_table
from bioselect.exceptions import DataError

_N_NAMED = 5


@dataclass(frozen=True)
class MaskPlaces:
    """Where the true masks are.

    Parameters
    ----------
    folder : Path, optional
        For a folder of images: that of masks of the same names.
    image, mask, group : str, optional
        For a table: its columns.
    overlays : bool
        Whether each image is also written with its predicted classes outlined.
    """

    folder: Path | None = None
    image: str | None = None
    mask: str | None = None
    group: str | None = None
    overlays: bool = False

    def written(self) -> list[str]:
        """Return the options that only masks have and that were given, as on the command line."""
        given = (
            ("--masks", self.folder is not None),
            ("--mask", self.mask is not None),
            ("--overlays", self.overlays),
        )
        return [option for option, is_given in given if is_given]


#: Nothing is said of masks.
NO_MASKS = MaskPlaces()


def labelled_pairs(path: Path, places: MaskPlaces) -> MaskedImages:
    """Return the pairs of a folder of images, or of a table.

    Raises
    ------
    DataError
        If it is not said where the masks are, or nothing pairs.
    """
    if is_table(path):
        if places.image is None or places.mask is None:
            raise DataError(
                f"{path}: a table must come with the names of its columns. Add --image NAME and "
                "--mask NAME."
            )
        if places.folder is not None:
            raise DataError(
                f"{path}: --masks goes with a folder of images; a table names each mask. Leave it "
                "out."
            )
        rule = None if places.group is None else GroupRule(column=places.group)
        return pairs_of_table(path, places.image, places.mask, rule)
    if (places.image, places.mask, places.group) != (None, None, None):
        raise DataError(
            f"{path}: --image, --mask and --group name columns, which only a table has. Leave them "
            "out, or give a table (.csv, .tsv, .xlsx)."
        )
    if places.folder is None:
        raise DataError(
            f"{path}: a model of masks is judged on images with masks. Add --masks FOLDER, with a "
            "mask for each image, of the same name."
        )
    return pairs_of_folders(path, places.folder)


def unpaired_in_words(pairs: MaskedImages) -> list[str]:
    """Say which files have no partner and are left out, if any.

    Examples
    --------
    >>> from bioselect.data.records import ImageDataset
    >>> unpaired_in_words(MaskedImages(ImageDataset("d", Path(), ()), (), ("a.png",)))
    ['1 image without a mask is left out: a.png.']
    """
    return [
        *_left_out(pairs.without_mask, "image", "a mask"),
        *_left_out(pairs.without_image, "mask", "an image"),
    ]


def _left_out(names: Sequence[str], what: str, lacks: str) -> list[str]:
    if not names:
        return []
    many = len(names) > 1
    more = ", ..." if len(names) > _N_NAMED else ""
    return [
        f"{len(names)} {what}{'s' * many} without {lacks} {'are' if many else 'is'} left out: "
        f"{', '.join(names[:_N_NAMED])}{more}."
    ]
