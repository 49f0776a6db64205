"""From a checked configuration to the file that a run keeps: nothing left to a default."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bioselect.addresses import address_of
from bioselect.augmentation.choice import COMBINED, NONE
from bioselect.backbones.engines import AUTO, F32, installed_version, resolved_runtime
from bioselect.config.column_source import without_other_sources
from bioselect.config.component_paths import is_path
from bioselect.config.components import PARTS, VIEWS, with_defaults
from bioselect.config.sections import Config
from bioselect.config.task_keys import without_other_tasks
from bioselect.config.tracking_section import is_server_or_database
from bioselect.registry import ComponentSpec, find_row
from bioselect.strict_yaml import StrictDumper

HEADER = "# As it was run: every default and every `auto` written out. Runs again as it stands."


def config_to_yaml(
    config: Config,
    resolved: Mapping[str, Any],
    run_folder: Path | None = None,
    explanations: Sequence[str] = (),
) -> str:
    """Return a configuration as YAML that gives the same run again.

    Parameters
    ----------
    config : Config
        From :func:`bioselect.config.loading.load_config`.
    resolved : mapping
        What each `auto` became, by dotted key: ``{"validation.folds": 5}``.
    run_folder : Path, optional
        Where the text will lie; the configuration's `output` unless given. Paths are written
        relative to it when both share a folder above, so that a study can be moved as a whole.
    explanations : sequence of str
        Written as comments at the top: why each `auto` became what it is.

    Returns
    -------
    str
        YAML that `load_config` reads, when it is written to `run_folder`.
    """
    folder = Path(run_folder if run_folder is not None else config.output)
    whole = without_other_sources(_sections(config, folder))
    written = without_other_tasks(whole, config.task)
    for key, value in resolved.items():
        *sections, last = key.split(".")
        place = written
        for section in sections:
            place = place[section]
        if last not in place:
            raise KeyError(key)
        place[last] = value
    texts = [*explanations, *_engines_in_words(config)]
    comments = "".join(f"# {line}\n" for text in texts for line in text.splitlines())
    return f"{HEADER}\n{comments}" + yaml.dump(
        written,
        Dumper=StrictDumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=100,
    )


def _sections(config: Config, folder: Path) -> dict[str, Any]:
    dataset = config.dataset.model_dump()
    for key in ("path", "masks", "table", "root"):
        dataset[key] = relative_text(dataset[key], folder)
    for key in ("channels", "splits", "ignore"):
        if dataset[key] is not None:
            dataset[key] = list(dataset[key])
    if config.dataset.tiles_rule is not None:
        dataset["tiles"] = config.dataset.tiles_rule.as_config()
    dataset["classes"] = codes_as_numbers(dataset["classes"])
    return {
        "task": config.task,
        "dataset": dataset,
        "extractors": [
            {
                **_component("extractor", spec, config.base_dir, folder),
                "on_unavailable": "skip" if config.may_skip(spec) else "stop",
            }
            for spec in config.extractor_specs
        ],
        "on_unavailable": config.on_unavailable,
        "classifiers": [
            _component("classifier", spec, config.base_dir, folder)
            for spec in config.classifier_specs
        ],
        "regressors": [
            _component("regressor", spec, config.base_dir, folder)
            for spec in config.regressor_specs
        ],
        "networks": [
            {
                **_component(kind, spec, config.base_dir, folder),
                "on_unavailable": "skip" if config.may_skip(spec, kind) else "stop",
            }
            for kind, specs in (
                (config.network_kind, config.network_specs),
                ("segmenter", config.segmenter_specs),
            )
            for spec in specs
        ],
        **_augmentation(config, folder),
        "validation": _plain(config.validation.model_dump()),
        "statistics": config.statistics.model_dump(),
        "bundle": config.bundle.model_dump(),
        "report": config.report.model_dump(),
        "tracking": _tracking(config, folder),
        "ensemble": config.ensemble,
        "output": ".",
        "cache": relative_text(config.cache, folder),
        "modules": relative_text(config.base_dir, folder),
        "jobs": config.jobs,
        "budget": config.budget,
    }


def _tracking(config: Config, folder: Path) -> dict[str, Any]:
    written = config.tracking.model_dump()
    if (place := written["mlflow"]) is not None and not is_server_or_database(place):
        written["mlflow"] = relative_text(Path(place), folder)
    return written


def codes_as_numbers(classes: Any) -> Any:
    """Return `dataset.classes` with grey codes as numbers, as people write them.

    Examples
    --------
    >>> codes_as_numbers({"0": "background", "#ff0000": "nucleus"})
    {0: 'background', '#ff0000': 'nucleus'}
    """
    if not isinstance(classes, dict):
        return classes
    return {int(code) if code.isdecimal() else code: name for code, name in classes.items()}


def _augmentation(config: Config, folder: Path) -> dict[str, Any]:
    """Return the three keys; mix and ratio only where they mean something."""
    chosen = config.augmentation_choice
    # Of views of frozen extractors there are as many as they say.
    mix = chosen.mix if config.networks else NONE
    return {
        "augmentation": [
            _component("augmentation", spec, config.base_dir, folder) for spec in chosen.steps
        ],
        "augmentation_mix": mix,
        "augmentation_ratio": chosen.ratio if mix == COMBINED else config.augmentation_ratio,
    }


def _plain(section: dict[str, Any]) -> dict[str, Any]:
    """Return a section with lists, which YAML has, in place of tuples."""
    return {key: list(one) if isinstance(one, tuple) else one for key, one in section.items()}


def _component(kind: str, spec: ComponentSpec, base_dir: Path, folder: Path) -> dict[str, Any]:
    """Return a component with all its parameters, paths relative to `folder`."""
    row = find_row(kind, spec.name, base_dir)
    params = with_defaults(row, spec.params_dict)
    for name in spec.search_dict:
        params.pop(name, None)
    if kind == "extractor" and _leaves_runtime_open(spec, base_dir):
        # Written out, it would be another combination, which the tables call by another name.
        params.pop("runtime")
    if kind not in ("classifier", "regressor") and row.provider == "bioselect":
        for name, value in params.items():
            if name == PARTS and isinstance(value, list):
                params[name] = [_component(kind, part, base_dir, folder) for part in _specs(value)]
            elif spec.name == VIEWS and name in ("extractor", "steps") and value is not None:
                inner = kind if name == "extractor" else "augmentation"
                listed = value if isinstance(value, list) else [value]
                parts = [_component(inner, part, base_dir, folder) for part in _specs(listed)]
                params[name] = parts if name == "steps" else parts[0]
            elif is_path(name, value):
                relative = relative_text(Path(value), folder)
                # A preset without a slash is a name, and no folder.
                params[name] = relative if is_path(name, relative) else f"./{relative}"
    written: dict[str, Any] = {"name": spec.name, "params": params}
    if kind in ("classifier", "regressor", "network", "value_network"):
        written["search"] = spec.search_dict or None
    return written


def _engines_in_words(config: Config) -> list[str]:
    """Say what computes the networks whose `runtime` is left open, if there are any."""
    parts = [part for spec in config.extractor_specs for part in (spec, *_parts(spec))]
    if not any(_leaves_runtime_open(part, config.base_dir) for part in parts):
        return []
    runtime = resolved_runtime(AUTO, F32)
    return [f"runtime: networks were computed by {runtime} {installed_version(runtime)}"]


def _parts(spec: ComponentSpec) -> list[ComponentSpec]:
    """Return the extractors inside another one, and those inside them."""
    params = spec.params_dict
    written = [params.get("extractor")] if spec.name == VIEWS else params.get(PARTS)
    if not isinstance(written, list):
        return []
    return [each for part in _specs(written) for each in (part, *_parts(part))]


def _specs(written: list[Any]) -> list[ComponentSpec]:
    """Return the specs of components inside another one."""
    return [
        ComponentSpec.of(part["name"], part.get("params"))
        if isinstance(part, dict)
        else ComponentSpec(part)
        for part in written
    ]


def _leaves_runtime_open(spec: ComponentSpec, base_dir: Path) -> bool:
    row = find_row("extractor", spec.name, base_dir)
    is_network = row.provider == "bioselect" and any(p.name == "runtime" for p in row.parameters)
    return is_network and spec.params_dict.get("runtime", AUTO) == AUTO


def relative_text(path: Path | None, folder: Path) -> str | None:
    """Return a path relative to a folder, or as it is where nothing but the root is shared.

    A copy of what lies at an address is written as that address.

    Examples
    --------
    >>> relative_text(Path("/study/images"), Path("/study/results/cells"))
    '../../images'
    >>> relative_text(Path("/archive/images"), Path("/study/results/cells"))
    '/archive/images'
    """
    if path is None:
        return None
    if (address := address_of(Path(path))) is not None:
        return address
    # Links are followed: `..` behind a link leads elsewhere than its text says.
    target = Path(path).parent.resolve() / Path(path).name
    start = Path(folder).resolve()
    try:
        shared = Path(os.path.commonpath([target, start]))
    except ValueError:  # different drives
        return target.as_posix()
    if shared == Path(shared.anchor):
        return target.as_posix()
    return Path(os.path.relpath(target, start)).as_posix()
