"""What `bioselect predict` reads with a model of columns: tables, and no images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bioselect.bundle.opening import ModelPlace, opened_bundle
from bioselect.bundle.reading import Model, load_bundle, read_any_manifest
from bioselect.data.sheets import split_sheet
from bioselect.exceptions import BundleError, ConfigurationError
from bioselect.predict.rows import NewRows, column_part_of, read_new_tables
from bioselect.workflows.output_places import check_not_read, check_table_place


def takes_columns(place: ModelPlace) -> bool:
    """Tell whether a model takes tables without images; what is wrong with it is told elsewhere.

    Examples
    --------
    >>> takes_columns(Path("no-such-model"))
    False
    """
    try:
        with opened_bundle(place) as bundle:
            part = getattr(read_any_manifest(bundle.folder, bundle.path), "columns", None)
    except (BundleError, OSError):
        return False
    return part is not None and not part.with_images


def read_for_prediction(
    place: ModelPlace,
    paths: Sequence[Path],
    output: Path,
    components_dir: Path | None,
    of_images: Sequence[str] = (),
) -> tuple[Model, NewRows]:
    """Open a model of columns, and read the rows of some tables as it takes them.

    Parameters
    ----------
    place : Path or OpenBundle
        A model for which :func:`takes_columns` is true.
    paths : sequence of Path
        Tables with the columns of the training, in any order.
    output : Path
        The table that will be written, which must be none of these.
    components_dir : Path or None
        Where the user's own components lie, if the model uses any.
    of_images : sequence of str
        Options that were given and are about images, which are refused.

    Raises
    ------
    BioselectError
        If a table or the model cannot be used.
    """
    if of_images:
        raise ConfigurationError(
            f"{', '.join(of_images)}: must go with a model of images. Got one of the columns of a "
            f"table ({place}). Leave it out, or name another model."
        )
    check_table_place(Path(output))
    check_not_read([Path(output)], [split_sheet(Path(path))[0] for path in paths])
    model = load_bundle(place, components_dir)
    return model, read_new_tables(paths, column_part_of(model))
