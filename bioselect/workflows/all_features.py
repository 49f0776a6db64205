"""The features of a study, of all its extractors at once, before each is looked at by itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bioselect.exceptions import ChangedImageError, ClusterError, StorageError, WorkerDiedError
from bioselect.features.cache import FeatureCache
from bioselect.features.extraction import extraction_tasks
from bioselect.features.missing_rows import ExtractionTask
from bioselect.features.one_pass import compute_in_one_pass
from bioselect.progress import Reporter
from bioselect.workflows.cached_labels import keep_labels
from bioselect.workflows.network_starts import Start, start_of, starts_in_words
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.usable_extractors import UsableExtractor


def compute_all_features(
    inputs: StudyInputs,
    cache: FeatureCache,
    reporter: Reporter,
    labels: Collection[str] | None = None,
) -> None:
    """Fill the cache with what it lacks, each image read once for all extractors.

    An extractor that fails is left as it is: the study of that extractor computes the rest, or
    says why it cannot.

    Parameters
    ----------
    inputs, cache, reporter
        As everywhere.
    labels : collection of str, optional
        Those extractors only.

    Raises
    ------
    StorageError
        If the cache cannot be read or written.
    ChangedImageError
        If an image is not what it was when the study began.
    ClusterError
        If the workers that should compute are gone, or do not see an image.
    """
    asked = [one for one in inputs.extractors if labels is None or one.spec.label in labels]
    tasks_of = [_tasks(usable, inputs, cache, reporter) for usable in asked]
    tasks = [task for some in tasks_of for task in some or ()]
    keep_labels(cache.folder, {task.key: task.label for task in tasks})
    n_kept = sum(some is not None and not any(map(_lacks_rows, some)) for some in tasks_of)
    if n_kept:
        reporter.say(_kept_in_words(n_kept, len(asked)))
    for line in starts_in_words(_starts(tasks)):
        reporter.say(line)
    try:
        compute_in_one_pass(tasks, reporter, inputs.n_jobs)
    except (StorageError, ChangedImageError, ClusterError):
        raise
    except WorkerDiedError:
        reporter.warn(
            "a process ended while the features of all extractors were computed together (memory "
            "ran out, or a compiled library crashed). The extractors go on one by one."
        )
    except Exception as error:
        # It saves time and no more: what is wrong, the study of each extractor says.
        reporter.warn(f"{type(error).__name__}: {error}. The extractors go on one by one.")


def _tasks(
    usable: UsableExtractor, inputs: StudyInputs, cache: FeatureCache, reporter: Reporter
) -> list[ExtractionTask] | None:
    """Return what computes the rows of one extractor; None where it cannot say what it is."""
    try:
        return extraction_tasks(
            usable.spec,
            usable.extractor,
            inputs.images,
            inputs.reading,
            cache,
            reporter,
            inputs.config.base_dir,
        )
    except StorageError:
        raise
    except Exception:
        # Anybody's own extractor may raise anything when it is asked what it is.
        return None


def _starts(tasks: Sequence[ExtractionTask]) -> list[tuple[str, Start]]:
    """Return the networks that are not ready yet, of those that have something to do."""
    starts: dict[str, Start] = {}
    for task in tasks:
        for part in task.plan.parts:
            start = start_of(part.extractor)
            if start is not None and _lacks_rows(task):
                starts.setdefault(task.label, start)
    return list(starts.items())


def _lacks_rows(task: ExtractionTask) -> bool:
    assert task.cache is not None
    digests = [digest for digest, _ in task.images]
    return bool(task.cache.lacks(task.name, task.key, digests).any())


def _kept_in_words(n_kept: int, n_asked: int) -> str:
    if n_asked == 1:
        return "the features are kept from before"
    how_many = "all" if n_kept == n_asked else f"{n_kept} of"
    return f"the features of {how_many} {n_asked} extractors are kept from before"
