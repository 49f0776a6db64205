"""The out-of-fold masks of a study: files in its run folder, in the codes of the user's masks."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
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

    def remove_others(self, names: Sequence[str]) -> None:
        """Remove the masks of segmenters that are not of this study: they would be taken for it."""
        if not self.root.is_dir():
            return
        own = {folder_name(name) for name in names}
        with explained_storage_errors(self.root, "removed"):
            for folder in sorted(self.root.iterdir()):
                if folder.is_dir() and folder.name not in own:
                    shutil.rmtree(folder)
