"""What a study is about, in words: images, or the rows of a table without images."""

from __future__ import annotations

from bioselect.report.results import RunResults


def noun(results: RunResults) -> str:
    """Return image, or row where a table of columns is learnt from as it stands.

    `dataset.csv` cannot tell: a row has a path too, that of its table with the line.
    """
    dataset = results.config["dataset"]
    is_columns = dataset.get("table") and not dataset.get("image") and not dataset.get("masks")
    return "row" if is_columns else "image"
