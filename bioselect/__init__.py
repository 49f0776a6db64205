"""bioselect: choose, honestly, the best model for your images.

``bioselect.run(config)`` does a study, ``bioselect.load(model).predict(paths)`` applies its model.
Nothing heavy is imported before one of them is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bioselect.predict.mask_predictor import MaskPredictor
    from bioselect.predict.predictor import Predictor
    from bioselect.workflows.run import RunResult

__version__ = "0.1.0"
__all__ = ["__version__", "load", "run"]


def run(config: Path | str, **options: Any) -> RunResult:
    """Run the study that a YAML file describes; see :func:`bioselect.workflows.run.run`.

    Parameters
    ----------
    config : path
        The configuration file.
    **options
        `output`, `jobs`, `fresh`, `reporter`.

    Returns
    -------
    RunResult
        The run folder, the verdict, and the summary in words.
    """
    from bioselect.workflows.run import run as run_study

    return run_study(config, **options)


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
        Of classes: its `predict(paths)` gives a pandas table. Of masks: `mask(image)` gives the
        mask of an image, `predict(paths, output)` writes those of folders.
    """
    from bioselect.bundle.opening import opened_bundle
    from bioselect.own_modules import trusting
    from bioselect.predict.mask_predictor import MaskPredictor, gives_masks
    from bioselect.predict.predictor import Predictor

    with trusting(trust), opened_bundle(model) as bundle:
        if gives_masks(bundle):
            return MaskPredictor.from_path(bundle)
        return Predictor.from_path(bundle, components_dir)
