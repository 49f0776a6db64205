"""The Python face of a model of masks: an image in, its mask out; or folders of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bioselect.bundle import mask_model
from bioselect.bundle.mask_model import MaskModel, load_mask_bundle
from bioselect.bundle.opening import ModelPlace
from bioselect.data.expansion import expanded_sources
from bioselect.data.file_scene import file_scene
from bioselect.data.mask_files import in_codes
from bioselect.data.plain_cells import cell_as_written
from bioselect.data.reading import read_image
from bioselect.data.remote_files import brought, results_delivered
from bioselect.drawing.notebook_html import facts
from bioselect.exceptions import BundleError
from bioselect.predict.claimed_folder import check_claimable
from bioselect.predict.familiarity import doubts_about
from bioselect.predict.files import find_images
from bioselect.predict.given_paths import given_paths
from bioselect.predict.mask_folder import write_masks
from bioselect.predict.mask_model import predicted_places
from bioselect.predict.mask_prediction import Wanted
from bioselect.predict.mask_tables import SUMMARY
from bioselect.progress import SILENT, Reporter

if TYPE_CHECKING:
    import pandas as pd


def gives_masks(place: ModelPlace) -> bool:
    """Tell whether a model gives masks; what is wrong with it is told when it is opened.

    Examples
    --------
    >>> gives_masks("no-such-model")
    False
    """
    try:
        return mask_model.gives_masks(place)
    except BundleError:
        return False


class MaskPredictor:
    """A model of masks opened with :func:`bioselect.load`."""

    def __init__(self, model: MaskModel) -> None:
        self.model = model

    @classmethod
    def from_path(cls, place: ModelPlace) -> MaskPredictor:
        """Open a model folder, its zip or a run folder."""
        return cls(load_mask_bundle(place))

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, in the order of their places."""
        return self.model.class_names

    def mask(self, image: Path | str | np.ndarray) -> np.ndarray:
        """Return the mask of one image in the codes of the training masks.

        Parameters
        ----------
        image : path or np.ndarray
            A file, or its pixels ``(height, width, n_channels)`` in the file's own type.

        Returns
        -------
        np.ndarray
            ``(height, width)``, or ``(height, width, 3)`` where codes are colours. Where training
            masks number their objects, 0 is the background and 1 an object.
        """
        model, where = self.model, "the image"
        if not isinstance(image, np.ndarray):
            where = str(image)
            image = read_image(brought(image), stack=model.reading.stack)
        scene = file_scene(image, model.reading, model.n_channels, where)
        return in_codes(predicted_places(model, scene), model.codes)

    def predict(
        self,
        paths: Path | str | Iterable[Path | str],
        output: Path | str,
        reporter: Reporter = SILENT,
        image_column: str | None = None,
    ) -> pd.DataFrame:
        """Write a mask for each image into a new folder, and return what is in each.

        Parameters
        ----------
        paths : path or iterable of paths
            Images, folders (searched with all sub-folders) and tables.
        output : path
            A new or empty folder.
        reporter : Reporter
            Shows the progress; silent by default.
        image_column : str, optional
            For a table: the column with the paths of the images.

        Returns
        -------
        pandas.DataFrame
            The table `summary.csv`: a row for each image, with the areas of the classes and how
            many objects there are; `objects.csv` in the folder has a row for each object.

        Warns
        -----
        UserWarning
            If pixel types or values do not fit those of the training images.

        Raises
        ------
        DataError
            If a path does not exist or no image is found.
        StorageError
            If something lies in the folder.
        """
        given = given_paths(paths)
        with results_delivered(output, reporter) as place:
            named = [brought(path, reporter) for path in given]
            return self._written(named, place, reporter, image_column)

    def _written(
        self, named: list[Path], output: Path, reporter: Reporter, image_column: str | None
    ) -> pd.DataFrame:
        import pandas as pd

        files, notes = find_images(named, image_column)
        check_claimable(output, named, "output")
        for note in notes:
            reporter.say(note)
        sources = expanded_sources(files, self.model.reading)
        for line in doubts_about(self.model.reading, self.model.image_dtype, sources):
            warnings.warn(line, stacklevel=3)
        wanted = Wanted(pixel_size=self.model.pixel_size)
        write_masks(self.model, sources, named, output, wanted, reporter=reporter)
        # Names are texts, also one like NA; an image that could be used has an empty error.
        texts = ("path", "mask", "error")
        table = pd.read_csv(output / SUMMARY, dtype=dict.fromkeys(texts, str))
        table = table.astype(dict.fromkeys(texts, object)).fillna(dict.fromkeys(texts, ""))
        as_written = table.map(lambda cell: cell_as_written(cell) if type(cell) is str else cell)
        return as_written.rename(columns=cell_as_written)

    def __repr__(self) -> str:
        """Return one line: what it is made of, and what it tells apart."""
        return (
            f"<MaskPredictor {self.model.manifest.segmenter.name}: {', '.join(self.class_names)}>"
        )

    def _repr_html_(self) -> str:
        classes = ", ".join(self.class_names)
        return facts({"model": self.model.manifest.segmenter.name, "gives masks of": classes})
