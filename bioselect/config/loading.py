"""From the YAML file to a checked configuration; every problem is reported at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bioselect.addresses import is_address, named, place_of
from bioselect.config.augmentation_section import augmentation_problems
from bioselect.config.column_source import column_problems, is_table_of_columns
from bioselect.config.combinations import combination_problems
from bioselect.config.components import Folders, check_components, with_steps
from bioselect.config.dataset_source import source_problems
from bioselect.config.execution_section import execution_problem
from bioselect.config.mask_codes import ignored_class_problem
from bioselect.config.mask_source import mask_source_problems
from bioselect.config.metric import metric_problems
from bioselect.config.problems import structure_problems
from bioselect.config.rules import resolved_path
from bioselect.config.sections import Config
from bioselect.config.task_keys import (
    CLASSIFICATION,
    REGRESSION,
    SEGMENTATION,
    task_of,
    task_problems,
)
from bioselect.config.validation_design import design_problems
from bioselect.data.table_rows import is_table
from bioselect.exceptions import ConfigurationError
from bioselect.strict_yaml import Document, Problem, parse_yaml, where
from bioselect.visible import visible

#: Where the components of each kind are listed, by the task.
SECTIONS = {
    CLASSIFICATION: {
        "extractor": "extractors",
        "classifier": "classifiers",
        "network": "networks",
        "augmentation": "augmentation",
    },
    REGRESSION: {
        "extractor": "extractors",
        "regressor": "regressors",
        "value_network": "networks",
        "augmentation": "augmentation",
    },
    SEGMENTATION: {"segmenter": "networks", "augmentation": "augmentation"},
}


def load_config(path: Path) -> Config:
    """Read and check a configuration.

    Parameters
    ----------
    path : Path
        The YAML file. Relative paths inside start from its folder.

    Returns
    -------
    Config
        Frozen; every path in it is absolute.

    Raises
    ------
    ConfigurationError
        If anything is wrong. The message holds every problem, one a line, as
        ``config.yaml:8: validation.folds: must be at least 2. Got 1.``
    """
    path = Path(path)
    if is_address(path):
        raise ConfigurationError(
            f"{named(str(place_of(path)))}: a configuration must lie on this computer. Got an "
            "address. Copy it here; what it names may stay where it is."
        )
    if is_table(path):
        raise ConfigurationError(
            f"{path}: must be a configuration (.yaml). Got a table. `bioselect init {path}` writes "
            "a configuration for it."
        )
    text = read_text(path)
    try:
        document = parse_yaml(text)
    except ConfigurationError as error:
        raise ConfigurationError(visible(f"{path}:{error}")) from error
    if not isinstance(document.value, dict):
        raise ConfigurationError(_not_a_mapping(path, document.value))
    # Links are followed once, here: `..` in a path then means the same to us and to the system.
    place = path.parent.resolve() / path.name
    config, problems = checked(document, place)
    if config is None or problems:
        raise ConfigurationError(visible(in_lines(path, problems)))
    return config


def read_text(path: Path) -> str:
    """Return the text of a configuration file.

    Raises
    ------
    ConfigurationError
        If there is no such file, or it is not UTF-8 text.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"{path}: there is no such file. `bioselect init IMAGES` writes one for a folder of "
            "images or a table."
        ) from error
    except IsADirectoryError as error:
        raise ConfigurationError(
            f"{path}: this is a folder. Name the configuration file (.yaml) in it; `bioselect init "
            f"{path}` writes one for a folder of images."
        ) from error
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror}).") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigurationError(
            f"{path}:{line}: the file must be text in UTF-8. Got the byte "
            f"0x{data[error.start]:02x}. Name a configuration (.yaml), saved as UTF-8."
        ) from error


def checked(document: Document, path: Path) -> tuple[Config | None, list[Problem]]:
    """Check a document against sections and components; return what was made and what is wrong."""
    written: dict[str, Any] = document.value
    problems = list(document.problems)
    config = None
    try:
        config = Config.model_validate(written, context={"base_dir": path.parent})
    except ValidationError as error:
        problems += structure_problems(error.errors(), document, Config)
    problems += _problems_between_keys(document)
    folders = Folders(path.parent, _modules_folder(written, path.parent))
    seed = 0 if config is None else config.validation.seed
    components = {
        kind: check_components(kind, written.get(section), document, (section,), folders, seed)
        for kind, section in SECTIONS[task_of(written)].items()
    }
    problems += [problem for found in components.values() for problem in found.problems]
    problems += [
        Problem(document.line_of((key,)), f"{key}: {text}")
        for key, text in augmentation_problems(written)
    ]
    problems += metric_problems(document, folders)
    if not folders.modules.is_dir():
        text = (
            f"modules: must be a folder with Python files. Got {folders.modules}. Check the path."
        )
        problems.append(Problem(document.line_of(("modules",)), text))
    if config is not None:
        specs = {kind: found.specs for kind, found in components.items()}
        extractors = specs.get("extractor", [])
        specs["extractor"] = [with_steps(one, specs["augmentation"]) for one in extractors]
        lines = {kind: found.lines for kind, found in components.items()}
        key_lines = {str(key): document.line_of((key,)) for key in written if document.lines}
        config = config.placed(path, specs, lines, key_lines)
    return config, problems


def _problems_between_keys(document: Document) -> list[Problem]:
    """Return what is wrong with keys that are right by themselves."""
    written: dict[str, Any] = document.value
    task = task_of(written)
    problems = [
        Problem(document.line_of(location), where(location) + text)
        for location, text in task_problems(written)
    ]
    dataset, validation = written.get("dataset"), written.get("validation")
    of_columns = task != SEGMENTATION and is_table_of_columns(dataset)
    if task != SEGMENTATION:
        problems += [
            Problem(document.line_of(location), f"{'.'.join(map(str, location))}: {text}")
            for location, text in column_problems(written)
        ]
    if isinstance(dataset, dict) and not of_columns:
        line = document.line_of(("dataset",))
        found = _source_problems(dataset, task)
        problems += [Problem(line, f"dataset: {text}") for text in found]
        if text := ignored_class_problem(dataset.get("classes"), dataset.get("ignore")):
            problems.append(
                Problem(document.line_of(("dataset", "ignore")), f"dataset.ignore: {text}")
            )
    if isinstance(validation, dict):
        line = document.line_of(("validation",))
        problems += [
            Problem(line, f"validation: {text}")
            for text in design_problems(validation, dataset if isinstance(dataset, dict) else {})
        ]
    if odd := execution_problem(written.get("execution")):
        problems.append(Problem(document.line_of(("execution",)), f"execution: {odd}"))
    return problems + [
        Problem(document.line_of((section,)), f"{section}: {text}")
        for section, text in combination_problems(written, task)
        if not (of_columns and section == "extractors")
    ]


def _source_problems(dataset: dict[str, Any], task: str) -> list[str]:
    if task == SEGMENTATION:
        return mask_source_problems(dataset)
    return source_problems(dataset, of_numbers=task == REGRESSION)


def in_lines(path: Path, problems: list[Problem]) -> str:
    """Return the problems in the order of the file, one a line, each once."""
    ordered = sorted(problems, key=lambda problem: problem.line)
    return "\n".join(dict.fromkeys(f"{path}:{one.line}: {one.text}" for one in ordered))


def _modules_folder(written: dict[str, Any], base_dir: Path) -> Path:
    folder = written.get("modules")
    if not isinstance(folder, str) or not folder or is_address(folder):  # The sections refuse that.
        return base_dir
    return resolved_path(folder, base_dir)


def _not_a_mapping(path: Path, value: Any) -> str:
    if value is None:
        return (
            f"{path}:1: the file is empty. `bioselect init IMAGES` writes one for a folder of "
            "images or a table."
        )
    kind = "a list" if isinstance(value, list) else "a single value"
    return (
        f"{path}:1: the file must hold sections (`dataset:`, `extractors:`, ...). Got {kind}. "
        "Remove the dashes or quotes at the beginning of the lines."
    )
