"""The out-of-fold masks of a study: files in its run folder, in the codes of the user's masks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioselect.data.mask_codes import MaskCodes
from bioselect.data.mask_files import PNG, TIFF, fits_png, in_codes, write_picture
from bioselect.data.reading import read_image
from bioselect.selection.mask_problem import ComparedSegmenter
from bioselect.storage import explained_storage_errors, sha256_of_file
from bioselect.workflows.training_histories import folder_name


@dataclass(frozen=True)
class OutOfFoldMasks:
    """Where predicted masks lie: ``out_of_fold/<segmenter>/repeat_<n>/<name of the image>.png``.

    Parameters
    ----------
    root : Path
        The folder.
    names : tuple of str
        Of the images of the study, in their order; those that masks get at prediction.
    codes : MaskCodes
        In which masks are written.
    """

    root: Path
    names: tuple[str, ...]
    codes: MaskCodes

    def path(self, name: str, repeat: int, place: int) -> Path:
        """Return where the mask of an image lies, by the short name of its segmenter."""
        suffix = PNG if fits_png(self.codes) else TIFF
        folder = self.root / folder_name(name) / f"repeat_{repeat}"
        return folder / f"{self.names[place]}{suffix}"

    def read(self, name: str, repeat: int, place: int) -> np.ndarray:
        """Return the classes of a mask that lies there, uint8 ``(height, width)``."""
        path = self.path(name, repeat, place)
        return self.codes.places(read_image(path), str(path))

    def keep(self, segmenter: ComparedSegmenter, repeat: int, place: int, mask: np.ndarray) -> str:
        """Write a mask, whole or not at all; return a digest of the file."""
        path = self.path(segmenter.name, repeat, place)
        write_picture(path, in_codes(mask, self.codes))
        return sha256_of_file(path)

    def digest(self, segmenter: ComparedSegmenter, repeat: int, place: int) -> str | None:
        """Return the digest of the file that lies there; None without one."""
        path = self.path(segmenter.name, repeat, place)
        return sha256_of_file(path) if path.is_file() else None

    def remove_others(self, own: Iterable[tuple[str, int, int]]) -> None:
        """Remove every file but the masks of this study: it would be taken for one of them.

        Parameters
        ----------
        own : iterable of (str, int, int)
            The short name of the segmenter, the repeat and the place of the image of each mask.
        """
        if not self.root.is_dir():
            return
        kept = {self.path(*one) for one in own}
        with explained_storage_errors(self.root, "removed"):
            # What lies in a folder comes before it: so a folder is empty when its turn comes.
            for path in sorted(self.root.rglob("*"), reverse=True):
                if path.is_symlink() or not path.is_dir():
                    if path not in kept:
                        path.unlink()
                elif not any(path.iterdir()):
                    path.rmdir()
