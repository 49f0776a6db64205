"""Where a study of several labels an image ends in this version: checked, divided, not scored."""

from __future__ import annotations

from bioselect.exceptions import DataError, StorageError
from bioselect.run_folder import RunFolder
from bioselect.workflows.products import write_inputs
from bioselect.workflows.study_inputs import StudyInputs


def label_plan_in_words(inputs: StudyInputs) -> str:
    """Return how the images would be divided."""
    design = inputs.design
    n_units = len(set(inputs.units.tolist()))
    return (
        f"plan: {design.n_folds} folds x {design.n_repeats} repeats, stratified by label, over "
        f"{inputs.dataset.n_images} images in {n_units} independent units"
    )


def not_scored(inputs: StudyInputs, stored: str = "") -> DataError:
    """Return the error with which every study of several labels ends."""
    return DataError(
        f"{inputs.dataset.name}: has several labels an image, which this version of bioselect can "
        f"read, check and divide into folds, but not score yet.{stored} To study one label now, "
        "give a single column with its classes as dataset.target."
    )


def store_label_study(folder: RunFolder, inputs: StudyInputs) -> DataError:
    """Write the configuration, the images with labels and folds, and the findings.

    Returns the error to end with.

    Raises
    ------
    StorageError
        If the folder holds the results of an earlier study, which would then lie beside images
        that they are not about.
    """
    if folder.study.exists():
        raise StorageError(
            f"{folder.root}: must hold no finished study, because images with several labels "
            f"would be written beside it. Got {folder.study.name}. Choose another --output."
        )
    write_inputs(folder, inputs)
    place = f" Its labels and folds are in {folder.dataset} ({inputs.plan.design})."
    return not_scored(inputs, place)
