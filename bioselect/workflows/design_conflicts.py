"""What a configuration cannot ask for at once, refused before images are read."""

from __future__ import annotations

from bioselect.config.components import VIEWS
from bioselect.config.sections import Config
from bioselect.exceptions import ConfigurationError


def refuse_conflicts(config: Config) -> None:
    """Refuse a budget, an ensemble, networks and a way to validate that do not go together.

    A budget may come from the command line, so this is no question of the file alone.

    Raises
    ------
    ConfigurationError
        With what does not go with what, and why.
    """
    _refuse_thumbnails(config)
    _refuse_budget(config)
    _refuse_ensemble(config)
    _refuse_networks(config)


def _refuse_thumbnails(config: Config) -> None:
    section = config.dataset
    if not config.bundle.thumbnails or not (section.is_columns or section.columns is not None):
        return
    raise ConfigurationError(
        f"{config.place_of_key('bundle')}"
        "bundle.thumbnails: true does not go with columns of a table: rows of patients stay out of "
        "the model, and so it cannot say whose picture would be near. Leave it out."
    )


def _refuse_budget(config: Config) -> None:
    if config.budget is None:
        return
    if config.dataset.is_columns:
        raise ConfigurationError(
            f"{config.place_of_key('dataset')}"
            f"budget: {config.budget} does not go with a table of columns: how long folds take is "
            "measured on features of images only. Leave it out."
        )
    if config.validation.honest == "nested":
        raise ConfigurationError(
            f"{config.place_of_key('validation')}"
            "validation.honest: nested repeats the choice among all combinations, which a budget "
            f"({config.budget}) would cut short. Leave out one of them: honest: bbc goes with a "
            "budget."
        )
    if config.validation.split is not None:
        raise ConfigurationError(
            f"{config.place_of_key('validation')}"
            "validation.split: with one split there are no repeats that a budget "
            f"({config.budget}) could cut. Leave out one of them."
        )


def _refuse_ensemble(config: Config) -> None:
    if config.ensemble is None:
        return
    others = {
        f"a budget ({config.budget})": config.budget is not None,
        "validation.honest: nested": config.validation.honest == "nested",
        "validation.split": config.validation.split is not None,
    }
    place = config.place_of_key("ensemble")
    if any(spec.name == VIEWS for spec in config.extractor_specs):
        raise ConfigurationError(
            f"{place}ensemble: {config.ensemble} does not go with the extractor views: the models "
            "of an ensemble get the same rows, and views of an image are rows of their own. Leave "
            "out one of them."
        )
    for name, is_there in others.items():
        if is_there:
            raise ConfigurationError(
                f"{place}ensemble: {config.ensemble} does not go with {name}: who is tied must be "
                "found anew in draws from the predictions of all folds. Leave out one of them."
            )


def _refuse_networks(config: Config) -> None:
    if not config.networks:
        return
    others = {
        f"a budget ({config.budget})": (
            config.budget is not None,
            "a network trained on some of the folds cannot be compared, and one fold may take "
            "longer than all the rest",
        ),
        "validation.honest: nested": (
            config.validation.honest == "nested",
            "every network would be trained anew in every fold of every fold",
        ),
        f"ensemble: {config.ensemble}": (
            config.ensemble is not None,
            "the members of an ensemble share rows of features, which networks have none of",
        ),
    }
    for name, (is_there, why) in others.items():
        if is_there:
            raise ConfigurationError(
                f"{config.place_of_key('networks')}networks: they do not go together with {name}: "
                f"{why}. Leave out one of them."
            )
