"""`bioselect predict --map`: a model of tiles and large images -> maps of their classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bioselect.bundle.opening import OpenBundle, opened_bundle
from bioselect.bundle.reading import load_bundle
from bioselect.data.expansion import expanded_scans
from bioselect.data.tiling import tiles_in_words
from bioselect.exceptions import ConfigurationError, DataError
from bioselect.execution import resolve_jobs
from bioselect.predict.claimed_folder import check_claimable, claimed
from bioselect.predict.familiarity import doubts
from bioselect.predict.files import find_images, predict_files
from bioselect.predict.output_names import output_names
from bioselect.predict.scan_map import (
    MappedScan,
    check_mappable,
    mapped_scans,
    write_shares,
    write_values,
)
from bioselect.progress import SILENT, Reporter
from bioselect.workflows.model_task import check_options_of_classes, gives_masks
from bioselect.workflows.predict import (
    check_model_first,
    decision_words,
)
from bioselect.workflows.remote_places import with_addresses
from bioselect.workflows.segmentation.mask_options import NOTHING_ELSE, MaskOptions

#: So many large images are told of one by one.
N_TOLD = 10


@with_addresses(reads=("model_path", "paths"), writes="folder")
def map_scans(
    model_path: Path,
    paths: Sequence[Path],
    folder: Path,
    output: Path | None = None,
    image_column: str | None = None,
    components_dir: Path | None = None,
    jobs: int | None = None,
    reporter: Reporter = SILENT,
    masks: MaskOptions = NOTHING_ELSE,
    abstain: bool = False,
) -> str:
    """Write the maps of large images into a folder, and say in words what is in them.

    Raises
    ------
    ConfigurationError
        If `output`, `abstain` or options of masks are given, or the model is one of masks.
    BundleError
        If there is no model, or it cannot be used.
    DataError
        If the model was not trained on tiles, or not one image could be used.
    StorageError
        If the folder holds something already.
    """
    check_model_first(model_path, paths)
    with opened_bundle(model_path) as bundle:
        _check_options(bundle, output, masks, abstain)
        check_claimable(folder, [Path(path) for path in paths], "--map")
        files, notes = find_images(paths, image_column)
        model = load_bundle(bundle, components_dir)
    if model.number is not None:
        raise DataError(
            f"{model_path}: must be a model of classes of tiles for --map. Got one that predicts "
            f"{model.number.in_words}. Leave --map out: predictions are a table."
        )
    check_mappable(model.class_names, model.manifest.labels is not None)
    reading = model.reading
    scans = expanded_scans(files, reading, reporter)
    for note in [*notes, *tiles_in_words(scans)]:
        reporter.say(note)
    names = output_names([scan.record.source for scan in scans], [Path(path) for path in paths])
    sources = [record.source for scan in scans for record in scan.records]
    warnings = doubts(model, sources)
    for line in warnings:
        reporter.warn(line)
    with claimed(folder) as results:
        predictions = predict_files(model, sources, reporter, resolve_jobs(jobs))
        pairs = zip(scans, names, strict=True)
        found = list(mapped_scans(results, model.class_names, pairs, predictions, reading.stack))
        write_values(results, model.class_names)
        write_shares(results, model.class_names, found)
    if all(one.error for one in found):
        raise DataError(
            f"none of the {len(found)} images could be used; the column `error` of "
            f"{folder / 'shares.csv'} says why for each. The first: {found[0].error}"
        )
    lines = [*_mapped_in_words(found, model.class_names), *filter(None, [decision_words(model)])]
    lines += [f"warning: {line}" for line in warnings]
    return "\n".join([*lines, f"maps, tables of tiles, shares.csv: {folder}"])


def _mapped_in_words(found: Sequence[MappedScan], class_names: Sequence[str]) -> list[str]:
    used = [one for one in found if not one.error]
    lines = [f"{len(used)} image{'s' * (len(used) != 1)} mapped"]
    lines += [_in_words(one, class_names) for one in used[:N_TOLD]]
    if len(used) > N_TOLD:
        lines.append(f"  ... and {len(used) - N_TOLD} more in shares.csv")
    if len(used) < len(found):
        n_failed = len(found) - len(used)
        lines.append(f"{n_failed} could not be used; the column `error` of shares.csv says why")
    return lines


def _in_words(one: MappedScan, class_names: Sequence[str]) -> str:
    shares = ", ".join(
        f"{name} {share:.0%}"
        for name, share in zip(class_names, one.shares(), strict=True)
        if share is not None
    )
    left = f", {one.n_background} of them background" if one.n_background else ""
    failed = f", {one.n_failed} that could not be used" if one.n_failed else ""
    return f"  {one.name}: {one.n_tiles} tiles{left}{failed}; {shares or 'no class'}"


def _check_options(
    model: OpenBundle, output: Path | None, masks: MaskOptions, abstain: bool
) -> None:
    if gives_masks(model):
        raise ConfigurationError(
            "--map: must go with a model of tiles, one class each. Got one of masks "
            f"({model}), which gives each pixel a class in images of any size. Leave it out."
        )
    check_options_of_classes(model, masks.written())
    if abstain:
        raise ConfigurationError(
            "--abstain: goes with the table of predictions, and --map writes maps, in which each "
            "tile has a class. Got both. Leave out one of the two."
        )
    if output is not None:
        raise ConfigurationError(
            f"-o: names a table, and --map writes one for each image into its folder. Got both "
            f"({output}). Leave out one of the two."
        )
