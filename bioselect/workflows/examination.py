"""The doctor's round: everything that is noticed about a data set before any work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bioselect.checks.findings import ERROR, NOTE, Finding, in_words
from bioselect.checks.images import image_findings
from bioselect.checks.listing import listing_findings
from bioselect.checks.readable import readable_images
from bioselect.checks.scaling import scaling_findings
from bioselect.config.dataset_section import DatasetSection
from bioselect.data.fingerprint import ImageFingerprint, fingerprint_images
from bioselect.data.intensities import Intensity
from bioselect.data.records import ImageDataset
from bioselect.data.tables import unused_columns
from bioselect.exceptions import BioselectError, DataError
from bioselect.progress import Reporter

N_LISTED = 5


def examine_listing(
    section: DatasetSection, dataset: ImageDataset, notes: Sequence[str]
) -> list[Finding]:
    """Return what the list of images shows, before one of them is read.

    Parameters
    ----------
    section : DatasetSection
        Where the images come from.
    dataset : ImageDataset
        The images.
    notes : sequence of str
        What was noticed while they were listed.
    """
    is_grouped = section.group is not None
    columns = None if is_grouped else _unused_columns(section, dataset)
    listed = [Finding(NOTE, "", note, "") for note in notes]
    return [*listed, *listing_findings(dataset, columns, is_grouped)]


def examine_images(
    section: DatasetSection,
    dataset: ImageDataset,
    known: Path,
    n_jobs: int,
    reporter: Reporter,
) -> tuple[list[ImageFingerprint], list[Finding]]:
    """Read every image once; return what is in each, and what was noticed.

    Parameters
    ----------
    section : DatasetSection
        What to do with bad images, and with planes of a stack.
    dataset : ImageDataset
        The images.
    known : Path
        See :func:`bioselect.data.fingerprint.fingerprint_images`.
    n_jobs : int
        Threads.
    reporter : Reporter
        Shows the progress.
    """
    marks = fingerprint_images(dataset.records, known, reporter, n_jobs, section.stack_rule)
    excluding = section.on_bad_image == "exclude"
    return marks, image_findings(dataset.records, marks, excluding, reporter)


def without_bad_images(
    section: DatasetSection, dataset: ImageDataset, marks: Sequence[ImageFingerprint]
) -> tuple[ImageDataset, list[ImageFingerprint]]:
    """Leave out what cannot be read, if it may be left out.

    Raises
    ------
    DataError
        If it may not, or if nothing is left.
    """
    bad = [mark for mark in marks if mark.error]
    if bad and section.on_bad_image == "stop":
        listed = "\n".join(f"  {mark.error}" for mark in bad[:N_LISTED])
        more = f"\n  ... and {len(bad) - N_LISTED} more" if len(bad) > N_LISTED else ""
        raise DataError(
            f"{len(bad)} of the {len(marks)} images of {dataset.root} cannot be read. Repair or "
            f"remove them, or write `on_bad_image: exclude` under `dataset:`.\n{listed}{more}"
        )
    good = [place for place, mark in enumerate(marks) if not mark.error]
    records = tuple(dataset.records[place] for place in good)
    if not records:
        raise DataError(
            f"{dataset.root}: none of the {len(marks)} images can be read. The first: "
            f"{bad[0].error}"
        )
    # All classes stay: one without a readable image stops the study instead of vanishing.
    return replace(dataset, records=records), [marks[place] for place in good]


def examine_scaling(
    section: DatasetSection, dataset: ImageDataset, marks: Sequence[ImageFingerprint]
) -> list[Finding]:
    """Return what is lost by the scaling that is declared, if one is."""
    if section.intensity == "auto":
        return []
    readable = readable_images(dataset.records, marks)
    return scaling_findings(readable, Intensity.from_config(section.intensity))


def refuse_unfit(findings: Sequence[Finding], where: str = "") -> None:
    """Stop if what was noticed makes the data set unfit for a study.

    Parameters
    ----------
    findings : sequence of Finding
        What was noticed.
    where : str
        Put before each error that does not name its place itself, such as ``"images: "``.

    Raises
    ------
    DataError
        If a finding is an error; a line for each, and of many images with the same one the first.
    """
    errors = [item for item in findings if item.severity == ERROR]
    # Those about the whole data set first; of many alike the first ones.
    lines = [f"{where}{item.what} {item.remedy}" for item in errors if not item.image]
    alike: dict[str, list[Finding]] = defaultdict(list)
    for item in errors:
        if item.image:
            alike[item.kind].append(item)
    for found in alike.values():
        lines += [f"{one.image}: {one.what} {one.remedy}" for one in found[:N_LISTED]]
        if len(found) > N_LISTED:
            lines.append(f"... and {len(found) - N_LISTED} more such images")
    if lines:
        raise DataError("\n".join(line.rstrip() for line in lines))


@contextmanager
def told_if_refused(findings: list[Finding], reporter: Reporter) -> Iterator[None]:
    """If an error ends the block, tell what was noticed, so that all can be put right at once.

    The error itself becomes one of the findings, unless one of them is what it says.
    """
    try:
        yield
    except BioselectError as error:
        for line in in_words([item for item in findings if item.severity != ERROR]):
            reporter.say(line)
        if all(item.severity != ERROR for item in findings):
            findings.append(Finding(ERROR, "", str(error), ""))
        raise


def _unused_columns(section: DatasetSection, dataset: ImageDataset) -> dict[str, list[str]] | None:
    """Return the columns of a table that nothing was read from, in the order of the images."""
    target = section.target_rule
    if section.table is None or section.image is None or target is None:
        return None
    used = [section.image, *((target,) if isinstance(target, str) else target.columns)]
    return unused_columns(section.table, section.image, section.root, dataset, used)
