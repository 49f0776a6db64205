"""The proposal as a configuration file: values by a real emitter, comments around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bioselect.config.task_keys import CLASSIFICATION, REGRESSION
from bioselect.config.writing import relative_text
from bioselect.strict_yaml import StrictDumper
from bioselect.workflows.proposal.candidates import Candidate, Candidates
from bioselect.workflows.proposal.choices import Choice, as_argument, wrapped

WIDTH = 100
_INDENT = "  "


@dataclass(frozen=True)
class Page:
    """Everything that is written; `folder` is where the file will lie, `file` what it is called."""

    folder: Path
    file: Path
    found: tuple[str, ...]
    dataset: tuple[Choice, ...]
    candidates: Candidates
    validation: tuple[Choice, ...]
    output: Path
    task: str = CLASSIFICATION


def yaml_text(page: Page) -> str:
    """Return the configuration with its comments."""
    lines = [
        *first_comments(page.file, page.found),
        f"task: {page.task}",
        "",
        "dataset:",
        *section(page.dataset, page.folder),
        "",
        *_extractors(page.candidates),
        "",
        *_estimators(page),
        "",
        "validation:",
        *section(page.validation, page.folder),
        "",
        *output_lines(page.output, page.folder),
    ]
    return "\n".join(lines) + "\n"


def first_comments(file: Path, found: Sequence[str], read: str = "image") -> list[str]:
    """Return what stands above the first key: what was found, and what to do with the file.

    `read` is what `check` reads each of.
    """
    quoted = as_argument(file.name)
    return [
        *comment("Proposed by `bioselect init` from what it found:"),
        *(f"#   {line}" for one in found for line in wrapped(one, WIDTH - 4)),
        "#",
        *comment("It runs as it is. Read the comments, change what you know better, then:"),
        "#",
        f"#     bioselect check {quoted}    # reads every {read}, trains nothing",
        f"#     bioselect run {quoted}      # the study; started again, it goes on",
        "#",
        *comment("Paths are relative to this file. Keys that are left out keep their default."),
    ]


def output_lines(output: Path, folder: Path) -> list[str]:
    """Return the last key: where results go."""
    return [
        *comment("The run folder: results and the model. It is made when it is missing."),
        f"output: {value(_relative(output, folder))}",
    ]


def value(written: Any) -> str:
    """Return a value as YAML on one line, quoted where it has to be.

    Examples
    --------
    >>> value("b: c"), value([0, 1, 2]), value({"level": 2}), value(None)
    ("'b: c'", '[0, 1, 2]', '{level: 2}', 'null')
    """
    text: str = yaml.dump(
        written,
        Dumper=StrictDumper,
        default_flow_style=True,
        allow_unicode=True,
        width=float("inf"),
        sort_keys=False,
    )
    return text.removesuffix("...\n").strip()


def comment(text: str, indent: str = "") -> list[str]:
    """Return text as comment lines."""
    return [f"{indent}# {line}" for line in wrapped(text, WIDTH - len(indent) - 2)]


def section(choices: Iterable[Choice], folder: Path) -> list[str]:
    """Return the keys of a section with their comments; paths become relative to `folder`."""
    lines: list[str] = []
    for choice in choices:
        if choice.why:
            lines += comment(choice.why, _INDENT)
        written = choice.value
        if isinstance(written, Path):
            written = _relative(written, folder)
        # Without a blank behind it: who takes the sign away has the right indentation.
        sign = "" if choice.is_active else "#"
        lines.append(f"{_INDENT}{sign}{choice.key}: {value(written)}")
        if not choice.is_active:
            lines.append("")  # It must not look like a part of the next comment.
    return lines


def _relative(path: Path, folder: Path) -> str:
    text = relative_text(path, folder) or "."
    # A first ~ would mean the home folder.
    return f"./{text}" if text.startswith("~") else text


def _extractors(found: Candidates) -> list[str]:
    why = (
        "What turns an image into a row of numbers. `bioselect components extractor` lists more, "
        "`bioselect components extractor hog` the parameters of one."
    )
    if found.why_extractors:
        why += f" {found.why_extractors}."
    lines = [*comment(why), "extractors:"]
    at_hand = [one for one in found.networks if not one.may_be_skipped]
    lines += _plain_items([*found.descriptors, *at_hand])
    for one in found.networks:
        if one.may_be_skipped:
            lines += comment(one.words, _INDENT)
            lines.append(f"{_INDENT}- name: {one.name}")
            if one.params:
                lines.append(f"{_INDENT}  params: {value(one.params)}")
            lines.append(f"{_INDENT}  on_unavailable: skip")
    return lines


def _estimators(page: Page) -> list[str]:
    found, kind, what = page.candidates, "classifier", "classes"
    if page.task == REGRESSION:
        kind, what = "regressor", "the number"
    why = (
        f"What turns rows of numbers into {what}; each is tried with each extractor. `bioselect "
        f"components {kind}` lists more."
    )
    if found.why_estimators:
        why += f" {found.why_estimators}."
    return [*comment(why), *estimator_lines(found, f"{kind}s")]


def estimator_lines(found: Candidates, key: str) -> list[str]:
    """Return the list of classifiers or regressors, with what they look at as comments."""
    plain = [one for one in found.estimators if not one.params]
    lines = [f"{key}:", *_plain_items(plain)]
    weighted = [one for one in found.estimators if one.params]
    if weighted:
        lines += comment(f"{found.why_weighted}. {weighted[0].words}.", _INDENT)
    for one in weighted:
        lines.append(f"{_INDENT}- {value({'name': one.name, 'params': one.params})}")
    return lines


def _plain_items(items: Sequence[Candidate]) -> list[str]:
    written = [
        f"{_INDENT}- {value({'name': one.name, 'params': one.params}) if one.params else one.name}"
        for one in items
    ]
    width = max(map(len, written), default=0)
    return [f"{line:<{width}}  # {one.words}" for line, one in zip(written, items, strict=True)]
