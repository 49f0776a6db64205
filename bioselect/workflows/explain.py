"""`bioselect explain`: where in an image a prediction comes from, and which images are near."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bioselect.bundle.opening import OpenBundle, opened_bundle
from bioselect.bundle.thumbnails import read_thumbnails
from bioselect.data.combining import without_configuration
from bioselect.data.expansion import expanded_sources
from bioselect.data.names import as_text
from bioselect.data.reading import forget_scan, read_source
from bioselect.data.records import Source
from bioselect.exceptions import DataError, StorageError
from bioselect.explain.explainer import N_NEAREST, Explainer, Explanation, open_explainer
from bioselect.explain.occlusion import N_PREDICTIONS
from bioselect.predict.claimed_folder import ClaimedFolder, check_claimable, claimed
from bioselect.predict.familiarity import doubts
from bioselect.predict.files import find_images
from bioselect.predict.joined import JoinedRows, read_joined
from bioselect.predict.output_names import output_names
from bioselect.predict.streamed_table import streamed_table
from bioselect.progress import SILENT, Reporter
from bioselect.workflows.explained_files import Explained, neighbour_words, write_pictures
from bioselect.workflows.predict import check_model_first

TABLE = "explanations.csv"
COLUMNS = (
    "image",
    "prediction",
    "probability",
    "explained",
    "largest_drop",
    *(
        f"neighbour_{number}{ending}"
        for number in range(1, N_NEAREST + 1)
        for ending in ("", "_target", "_distance")
    ),
    "error",
)


@dataclass
class _Counts:
    """How many images were explained, how many could not be used, and why the first."""

    n_explained: int = 0
    n_failed: int = 0
    first_error: str = ""
    note: str = ""


def explain(
    model_path: Path,
    paths: Sequence[Path],
    output: Path,
    names: Sequence[str] = (),
    image_column: str | None = None,
    components_dir: Path | None = None,
    reporter: Reporter = SILENT,
) -> str:
    """Explain what a model says of images, write pictures and a table, and say what there is.

    Parameters
    ----------
    model_path : Path
        A bundle, its zip or a run folder; not one of masks or of tables alone.
    paths : sequence of Path
        Images, folders, tables.
    output : Path
        The folder to write, new or empty.
    names : sequence of str
        Classes to explain; by default what is predicted.
    image_column : str, optional
        Of a table, the column with the paths of images.
    components_dir : Path, optional
        Where the user's own components lie, if the model uses any.
    reporter : Reporter
        Shows the progress.

    Raises
    ------
    BundleError
        If there is no model, or it cannot be explained.
    ConfigurationError
        If a class is named that the model has not.
    DataError
        If there is no image, or not one could be used.
    StorageError
        If something lies in the folder already.
    """
    output = Path(output)
    check_model_first(model_path, paths)
    if output.suffix.lower() == ".csv":
        raise StorageError(
            f"{output}: must be a folder, the one to write into. Got the name of a table. Write "
            f"for example -o {output.with_suffix('')}."
        )
    with opened_bundle(model_path) as bundle:
        explainer = open_explainer(bundle, components_dir)
        explainer.places_of(names)
        check_claimable(output, paths)
        files, notes = find_images(paths, image_column)
        for note in notes:
            reporter.say(note)
        model = explainer.model
        joined = read_joined(model, paths, image_column)
        sources = expanded_sources(files, model.reading, reporter)
        warnings = doubts(model, sources)
        for line in warnings:
            reporter.warn(line)
        if explainer.reference is None:
            reporter.say("no training image is named: this model remembers none")
        counts = _Counts()
        places = list(zip(sources, output_names(sources, paths), strict=True))
        with claimed(output) as results:
            _write_all(explainer, bundle, places, results, names, joined, reporter, counts)
    if counts.n_explained == 0:
        raise DataError(
            f"none of the {counts.n_failed} images could be used; the column `error` of "
            f"{output / TABLE} says why for each. The first: {counts.first_error}"
        )
    warnings = [*warnings, *filter(None, [counts.note])]
    return _in_words(counts, output, [f"warning: {line}" for line in warnings])


def _write_all(
    explainer: Explainer,
    bundle: OpenBundle,
    places: Sequence[tuple[Source, PurePosixPath]],
    results: ClaimedFolder,
    names: Sequence[str],
    joined: JoinedRows | None,
    reporter: Reporter,
    counts: _Counts,
) -> None:
    with (
        streamed_table(results.file(TABLE), COLUMNS) as write,
        reporter.task("explaining", N_PREDICTIONS * len(places)) as task,
    ):
        for source, name in places:
            left = [N_PREDICTIONS]

            def advance(n_done: int, left: list[int] = left) -> None:
                left[0] -= n_done
                task.advance(n_done)

            try:
                one = _explained(explainer, source, names, joined, advance)
            except (DataError, OSError) as error:
                told = without_configuration(str(error), explainer.model.reading.stack)
                counts.n_failed += 1
                counts.first_error = counts.first_error or told
                write((_named(source), *[""] * (len(COLUMNS) - 2), told))
            else:
                near = one.explanation.neighbours
                numbers = []
                if near is not None and explainer.reference is not None:
                    numbers = explainer.reference.numbers[near.places].tolist()
                write_pictures(explainer, one, name, results, read_thumbnails(bundle, numbers))
                write((_named(source), *_cells(explainer, one.explanation), ""))
                counts.n_explained += 1
                counts.note = counts.note or one.explanation.note
            task.advance(left[0])  # Of small or unreadable images there are fewer predictions.
    forget_scan()


def _explained(
    explainer: Explainer,
    source: Source,
    names: Sequence[str],
    joined: JoinedRows | None,
    advance: Callable[[int], None],
) -> Explained:
    image = read_source(source, explainer.model.reading.stack)
    if joined is None:
        found = explainer.explain(image, str(source), names, advance=advance)
        return Explained(source, image, found)
    if problem := joined.error_of(source):
        raise DataError(problem)
    found = explainer.explain(
        image,
        str(source),
        names,
        lambda rows: joined.behind(rows, [source] * len(rows)),
        advance,
    )
    return Explained(source, image, found)


def _named(source: Source) -> str:
    return as_text(str(source))


def _cells(explainer: Explainer, explanation: Explanation) -> list[str]:
    """Return what stands in the table between the image and the error."""
    model, said = explainer.model, explanation.said
    largest = " ".join(f"{drop:.4g}" for drop in explanation.occlusion.largest)
    cells = [model.text_of(said), "", "", largest]
    if model.number is None:
        explained = [model.class_names[place] for place in explanation.occlusion.places]
        cells[1] = " ".join(repr(float(said[place])) for place in explanation.occlusion.places)
        cells[2] = model.as_text(explained) if model.manifest.labels else " ".join(explained)
    near = neighbour_words(explainer, explanation)
    for number in range(N_NEAREST):
        cells += near[number] if number < len(near) else ["", "", ""]
    return cells


def _in_words(counts: _Counts, output: Path, warnings: Sequence[str]) -> str:
    def images(number: int) -> str:
        return f"{number} image{'s' * (number != 1)}"

    lines = [f"{images(counts.n_explained)} explained"]
    if counts.n_failed:
        lines.append(
            f"{images(counts.n_failed)} could not be used; the column `error` says why for each"
        )
    lines += [*warnings, f"pictures, maps and table: {output}{os.sep}"]
    return "\n".join(lines)
