"""How networks learnt: loss and score of training and validation after each epoch."""

from __future__ import annotations

from bioselect.report.blocks import Block, Figure, Section
from bioselect.report.results import RunResults

#: Of the folds, and of the training on all images.
FILES = (
    ("history", "on the folds, a line each: training and validation part after each epoch"),
    ("refit", "on all images, for the model that was written"),
)


def trainings(results: RunResults) -> Section | None:
    """Return the curves of every network of the run; None where none was trained."""
    root = results.folder.networks
    if not root.is_dir():
        return None
    blocks: list[Block] = []
    places = sorted(path for path in root.iterdir() if path.is_dir())
    for number, place in enumerate(places, start=1):
        name = place.name.partition("-")[0]
        for file, words in FILES:
            if not (place / f"{file}.svg").is_file():
                continue
            rows = results.table(place / f"{file}.csv")
            columns = list(rows[0]) if rows else []
            caption = f"{name}: trained {words}."
            blocks.append(
                Figure(
                    f"training_{number}_{name}_{file}",
                    caption,
                    results.text(place / f"{file}.svg"),
                    f"{caption} {len(rows)} epochs in all.",
                    columns,
                    [[row[column] for column in columns] for row in rows],
                )
            )
    return Section("trainings", "How networks learnt", blocks) if blocks else None
