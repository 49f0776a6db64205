"""bioselect: choose, honestly, the best model for your images.

``bioselect.run(config)`` does a study, ``bioselect.load(model).predict(paths)`` applies its model;
docs/python.md shows the whole interface. Nothing heavy is imported before one of them is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from bioselect.api.evaluating import Evaluation, Explanations
    from bioselect.api.image_features import ImageFeatures
    from bioselect.api.study import Study
    from bioselect.api.studying import Checked
    from bioselect.config.sections import Config
    from bioselect.predict.mask_predictor import MaskPredictor
    from bioselect.predict.predictor import Predictor
    from bioselect.progress import Reporter

__version__ = "0.1.0"
__all__ = [
    "MaskPredictor",
    "Predictor",
    "Study",
    "__version__",
    "check",
    "evaluate",
    "explain_images",
    "extractor",
    "init",
    "load",
    "open_study",
    "run",
]


def __getattr__(name: str) -> Any:
    """Return a class, for annotations; it is imported when it is asked for."""
    places = {
        "Study": "api.study",
        "Predictor": "predict.predictor",
        "MaskPredictor": "predict.mask_predictor",
    }
    if name in places:
        from importlib import import_module

        return getattr(import_module(f"bioselect.{places[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def run(
    config: Mapping[str, Any] | Path | str | Config,
    output: Path | str | None = None,
    jobs: int | None = None,
    fresh: bool = False,
    budget: str | None = None,
    progress: bool = True,
    reporter: Reporter | None = None,
) -> Study:
    """Run a study; what was done before is not done again.

    Parameters
    ----------
    config : path or dict
        The configuration file; or a dictionary with the same keys, in which relative paths start
        from the current folder.
    output : path, optional
        The run folder, instead of the configuration's `output`.
    jobs : int, optional
        Processes at a time; all cores by default. Results do not depend on it.
    fresh : bool
        Forget the finished folds of an earlier run; features stay cached.
    budget : str, optional
        How long it may take ("20min"); what does not fit is dropped, and the results say so.
    progress : bool
        Whether to tell what happens: below the cell of a notebook, on stderr elsewhere.
    reporter : Reporter, optional
        Is told instead.

    Returns
    -------
    Study
        Verdict, tables as data frames, and the model.

    Raises
    ------
    BioselectError
        If something is wrong that you can put right; the message says what to do.
    KeyboardInterrupt
        If you stop it. What was finished is kept: the same call goes on from there.
    """
    from bioselect.api.studying import run as run_study

    return run_study(config, output, jobs, fresh, budget, progress, reporter)


def open_study(
    folder: Path | str, components_dir: Path | str | None = None, trust: Iterable[str] = ()
) -> Study:
    """Open the run folder of a finished study.

    Parameters
    ----------
    folder : path
        What `output` named; of an address, a copy is read.
    components_dir, trust
        As for :func:`load`, for its model.

    Raises
    ------
    BioselectError
        If there is no finished study in it.
    """
    from bioselect.api.studying import open_study as opened

    return opened(folder, components_dir, trust)


def check(
    config: Mapping[str, Any] | Path | str | Config,
    jobs: int | None = None,
    progress: bool = True,
    reporter: Reporter | None = None,
) -> Checked:
    """Look at configuration and images before the work; trains nothing.

    Parameters
    ----------
    config, progress, reporter
        As for :func:`run`.
    jobs : int, optional
        Threads that read images; all cores by default.

    Returns
    -------
    Checked
        `findings` as a data frame, `plan` and all `words`.

    Raises
    ------
    BioselectError
        If a run would fail; the message says why and what to do.
    """
    from bioselect.api.studying import check as checked

    return checked(config, jobs, progress, reporter)


def init(
    dataset: Path | str,
    file: Path | str | None = None,
    overwrite: bool = False,
    image: str | None = None,
    target: str | None = None,
    group: str | None = None,
    jobs: int | None = None,
    progress: bool = True,
    reporter: Reporter | None = None,
) -> Path:
    """Look at a data set and write a configuration that runs as it is.

    Parameters
    ----------
    dataset : path
        A folder with one folder per class or of images and masks, a table, or an .npz file.
    file : path, optional
        The configuration to write; by default called like the data set, in the current folder.
    overwrite : bool
        Whether a file that is there may be replaced.
    image, target, group : str, optional
        Columns of a table that are known.
    jobs, progress, reporter
        As for :func:`check`.

    Returns
    -------
    Path
        The configuration; what was found is told to the reporter.
    """
    from bioselect.api.studying import init as written

    return written(dataset, file, overwrite, (image, target, group), jobs, progress, reporter)


def load(
    model: Path | str, components_dir: Path | str | None = None, trust: Iterable[str] = ()
) -> Predictor | MaskPredictor:
    """Open a trained model: a model folder, its zip or a run folder.

    Parameters
    ----------
    model : path
        What :func:`run` wrote.
    components_dir : path, optional
        The folder with your own components, if the model uses any; their code is then run.
    trust : iterable of str, optional
        Installed modules or packages that provide components of the model; their code is then run.

    Returns
    -------
    Predictor or MaskPredictor
        Of classes and numbers: its `predict(paths)` gives a pandas table, its `pipeline` is one of
        scikit-learn. Of masks: `mask(image)` gives the mask of an image, `predict(paths, output)`
        writes those of folders.
    """
    from bioselect.api.loading import load as loaded

    return loaded(model, components_dir, trust)


def extractor(name: str, **params: Any) -> ImageFeatures:
    """Return an extractor as a transformer of scikit-learn: images in, rows of numbers out.

    Parameters
    ----------
    name : str
        As in a configuration; ``bioselect components extractor`` lists all.
    **params
        Its parameters, as in a configuration; and `intensity`, `image_channels`, `seed` and
        `n_jobs` of :class:`bioselect.api.image_features.ImageFeatures`.

    Examples
    --------
    >>> import numpy as np
    >>> images = np.zeros((2, 32, 32, 3), dtype=np.uint8)
    >>> extractor("color_histogram", bins=8).fit_transform(images).shape
    (2, 24)

    Raises
    ------
    ComponentError
        If the name or a parameter is wrong.
    """
    from bioselect.api.image_features import checked_extractor

    return checked_extractor(name, params)


def evaluate(
    model: Path | str | Study,
    dataset: Path | str,
    output: Path | str = "evaluation",
    image: str | None = None,
    target: str | None = None,
    group: str | None = None,
    masks: Path | str | None = None,
    components_dir: Path | str | None = None,
    trust: Iterable[str] = (),
    seed: int = 0,
    jobs: int | None = None,
    progress: bool = True,
    reporter: Reporter | None = None,
) -> Evaluation:
    """Judge a finished model on labelled images that it never saw.

    Parameters
    ----------
    model : path or Study
        A model folder, its zip or a run folder; or the study.
    dataset : path
        A folder with one folder per class, a table, or an .npz file; of masks the images.
    output : path
        The folder that is written; of masks new or empty.
    image, target, group : str, optional
        Of a table, the columns with these.
    masks : path, optional
        Of masks: the folder with a mask for each image.
    components_dir, trust
        As for :func:`load`.
    seed : int
        Of the bootstrap.
    jobs, progress, reporter
        As for :func:`run`.

    Returns
    -------
    Evaluation
        `metrics` and other tables as data frames, and the `words`.
    """
    from bioselect.api.evaluating import evaluate as evaluated

    columns = (image, target, group)
    return evaluated(
        model, dataset, output, columns, masks, components_dir, trust, seed, jobs, progress,
        reporter,
    )  # fmt: skip


def explain_images(
    model: Path | str | Study,
    paths: Path | str | Iterable[Path | str],
    output: Path | str,
    classes: Iterable[str] = (),
    image_column: str | None = None,
    components_dir: Path | str | None = None,
    trust: Iterable[str] = (),
    progress: bool = True,
    reporter: Reporter | None = None,
) -> Explanations:
    """Show where in images predictions come from: heat maps, and the nearest training images.

    Parameters
    ----------
    model : path or Study
        A model folder, its zip or a run folder; or the study.
    paths : path or iterable of paths
        Images, folders and tables.
    output : path
        The folder to write, new or empty.
    classes : iterable of str
        Explain these, and not what is predicted.
    image_column : str, optional
        For a table: the column with the paths of the images.
    components_dir, trust
        As for :func:`load`.
    progress, reporter
        As for :func:`run`.

    Returns
    -------
    Explanations
        The `table` as a data frame, the `pictures`, and the `words`.
    """
    from bioselect.api.evaluating import explain_images as explained

    return explained(
        model, paths, output, classes, image_column, components_dir, trust, progress, reporter
    )
