"""Images that are not what they were when a study began: it stops with the list, or begins anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bioselect.data.examined import check_as_examined
from bioselect.data.records import Source
from bioselect.data.stacks import Stack
from bioselect.exceptions import ChangedImageError
from bioselect.progress import Reporter

Result = TypeVar("Result")

N_LISTED = 5


def refuse_changed_images(images: Sequence[tuple[Source, str]], stack: Stack | None) -> None:
    """Stop if files were written again or are gone since they were read.

    Parameters
    ----------
    images : sequence of (Path or FilePart, str)
        Each with the digest that its pixels had.
    stack : Stack or None
        How they are read.

    Raises
    ------
    ChangedImageError
        With what is wrong with each, if it shows in the pixels.
    """
    found = []
    for source, digest in images:
        try:
            check_as_examined(source, stack, digest)
        except ChangedImageError as error:
            found.append(f"  {error}")
    if found:
        more = [f"  ... and {len(found) - N_LISTED} more"] if len(found) > N_LISTED else []
        listed = "\n".join([*found[:N_LISTED], *more])
        raise ChangedImageError(
            f"{len(found)} of {len(images)} images are not what they were when the study began, "
            "so it stops. Put them back, or start again: they are read anew, and what was computed "
            f"of the others is kept.\n{listed}"
        )


def begun_anew_if_changed(run: Callable[[], Result], excluding: bool, reporter: Reporter) -> Result:
    """Run a study, and once more if its images changed and bad ones may be left out.

    Parameters
    ----------
    run : callable
        Reads the images and does everything else; what was finished is not done again.
    excluding : bool
        Whether images that cannot be read are left out, as `on_bad_image: exclude` says.
    reporter : Reporter
        Told why it begins anew.

    Raises
    ------
    ChangedImageError
        If they changed and may not be left out, or change once more.
    """
    try:
        return run()
    except ChangedImageError as error:
        if not excluding:
            raise
        reporter.warn(
            f"{error}\nThe study begins anew, without what cannot be read (on_bad_image: exclude)."
        )
    return run()
