"""Where the work of a command is done: on this machine, or on a cluster that it connects to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bioselect.backend import using
from bioselect.config.execution_section import DASK, ExecutionSection
from bioselect.config.sections import Config
from bioselect.config.task_keys import SEGMENTATION
from bioselect.data.records import Source
from bioselect.exceptions import ConfigurationError
from bioselect.execution import resolve_jobs
from bioselect.features.travelling import files_of
from bioselect.progress import Reporter

#: Computed by this machine alone.
HERE = ExecutionSection()
#: So many folders are looked for on every worker before the work; each task looks for its files.
N_LOOKED_FOR = 100


def with_backend(config: Config, backend: str | None) -> Config:
    """Return the configuration with another backend; without one, as it is."""
    if backend is None:
        return config
    section = config.execution.model_copy(update={"backend": backend})
    return config.model_copy(update={"execution": section})


def refuse_cluster(section: ExecutionSection, what: str) -> None:
    """Refuse a cluster for what this machine does alone.

    Raises
    ------
    ConfigurationError
        With what it is.
    """
    if section.backend == DASK:
        raise ConfigurationError(
            f"--backend dask: {what} predicts on this machine alone. Leave out --backend, "
            "--scheduler and --workers."
        )


def refuse_masks_there(config: Config) -> None:
    """Refuse a cluster for a study that learns masks.

    Raises
    ------
    ConfigurationError
        With where the configuration asks for it.
    """
    if config.task == SEGMENTATION and config.execution.backend == DASK:
        raise ConfigurationError(
            f"{config.place_of_key('execution')}execution.backend: dask does not go with task: "
            "segmentation: masks are learnt on this machine. Leave it out, or use --backend local."
        )


def places_of(model_path: Path, sources: Sequence[Source]) -> list[Path]:
    """Return a model and the folders of images, which every worker must see."""
    folders = dict.fromkeys(path.absolute().parent for path in files_of(sources))
    return [Path(model_path).absolute(), *list(folders)[:N_LOOKED_FOR]]


@contextmanager
def executed_for(
    config: Config, jobs: int | None, reporter: Reporter, for_work: bool = True
) -> Iterator[None]:
    """Do the tasks of a study inside the block where its configuration says.

    Without work, workers that are there are looked at, and none is waited for or started.
    """
    refuse_masks_there(config)
    section = config.dataset
    # Where the images lie; of a table the folder that its paths start from.
    places = [one for one in (section.path, section.root, section.table) if one is not None]
    n_jobs = jobs if jobs is not None else config.jobs
    execution = config.execution
    if not for_work and execution.backend == DASK:
        from bioselect.cluster.connecting import check_installed

        check_installed()
        if execution.scheduler is None:
            execution = HERE
        else:
            execution = execution.model_copy(update={"workers": 0})
    trains = bool(config.networks)
    with executed(execution, n_jobs, reporter, places, config.base_dir, trains):
        yield


@contextmanager
def executed(
    section: ExecutionSection,
    jobs: int | None,
    reporter: Reporter,
    paths: Sequence[Path] = (),
    modules: Path | None = None,
    trains: bool = False,
) -> Iterator[None]:
    """Do the tasks of everything inside the block on this machine or on a cluster.

    Parameters
    ----------
    section : ExecutionSection
        Which.
    jobs : int, optional
        How many workers are started where no scheduler is named; all cores by default.
    reporter : Reporter
        Told of the cluster and of workers that come and go.
    paths : sequence of Path
        Files and folders that every worker must see.
    modules : Path, optional
        The folder with somebody's own modules.
    trains : bool
        Whether networks are trained from pixels.

    Raises
    ------
    UnavailableError
        If Dask is not installed.
    ClusterError
        If the cluster cannot be used.
    """
    if section.backend != DASK:
        with using(None):
            yield
        return
    from bioselect.cluster.connecting import open_cluster

    with (
        open_cluster(
            section.scheduler,
            section.workers,
            resolve_jobs(jobs),
            reporter.say,
            reporter.warn,
            paths,
            modules,
            trains,
        ) as cluster,
        using(cluster),
    ):
        yield
