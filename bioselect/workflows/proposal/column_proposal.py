"""A configuration for a table without images, as a file and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bioselect.checks.findings import ERROR, WARNING
from bioselect.checks.listing import target_findings
from bioselect.checks.table_leaks import leak_findings
from bioselect.config.task_keys import CLASSIFICATION, REGRESSION
from bioselect.data.column_words import COMMA
from bioselect.data.feature_table import ColumnDataset
from bioselect.data.row_marks import row_marks
from bioselect.data.row_words import of_rows
from bioselect.data.splitting import independent_units
from bioselect.estimators.kept_rows import HOLD_ROWS
from bioselect.exceptions import DataError
from bioselect.workflows.proposal.candidates import Candidates, estimators_of_rows
from bioselect.workflows.proposal.choices import Choice, counted, listed, sentence, unit_choice
from bioselect.workflows.proposal.column_source import ColumnSource
from bioselect.workflows.proposal.group_choice import Division, usual_folds
from bioselect.workflows.proposal.output_folder import output_folder
from bioselect.workflows.proposal.proposing import (
    Proposal,
    class_counts,
    items,
    validation_choices,
)
from bioselect.workflows.proposal.yaml_text import (
    comment,
    estimator_lines,
    first_comments,
    output_lines,
    section,
)
from bioselect.workflows.targets import counts_in_words


def column_proposal_for(source: ColumnSource, file: Path) -> Proposal:
    """Decide everything about a table without images, and write it down.

    Parameters
    ----------
    source : ColumnSource
        The table, and which of its columns is what.
    file : Path
        Where the configuration will lie.

    Raises
    ------
    DataError
        If the rows cannot be divided: one class, or one with too few rows.
    """
    read, division = _divided(source)
    dataset = read.dataset
    of_numbers = source.target.is_number
    chosen = estimators_of_rows(dataset.n_images, class_counts(dataset), of_numbers)
    found = (_found(read), *read.notes)
    keys = (*_keys(source, read), division.group)
    validation = tuple(map(_of_rows, validation_choices(division, dataset)))
    folder = file.absolute().parent
    task = REGRESSION if of_numbers else CLASSIFICATION
    lines = [
        *first_comments(file, found, "row"),
        f"task: {task}",
        "",
        "dataset:",
        *section(keys, folder),
        "",
        *_estimators(chosen, of_numbers),
        "",
        "validation:",
        *section(validation, folder),
        "",
        *output_lines(output_folder(source.name, folder, None), folder),
    ]
    words = _in_words(source, read, found, [*keys, *validation], chosen)
    return Proposal("\n".join(lines) + "\n", words)


def _divided(source: ColumnSource) -> tuple[ColumnDataset, Division]:
    """Return the rows and their folds; a group with which there are none is switched off."""
    plain = source.read(None) if source.group is None else source.read(source.group)
    errors = [one for one in target_findings(plain.dataset) if one.severity == ERROR]
    if errors:
        lines = (f"{source.path}: {of_rows(one.what)} {of_rows(one.remedy)}" for one in errors)
        raise DataError("\n".join(lines))
    if source.group is None:
        return plain, _division(source, plain, _no_group())
    words = (
        f"the column {source.group!r} names what belongs together: "
        f"{len(set(plain.dataset.groups))} in {counted(plain.dataset.n_images, 'row')}. Rows of "
        "one are never on both sides of a test."
    )
    try:
        told = Choice("group", source.group, sentence(words), f"group: {words}", to_look_at=True)
        return plain, _division(source, plain, told)
    except DataError as error:
        words = f"{words} But they are too few: {of_rows(str(error))} So the line is switched off."
        off = Choice("group", source.group, sentence(words), f"group: {words}", True, False)
        choice = replace(source.choice, exclude=(*source.choice.exclude, source.group))
        ungrouped = replace(source, choice=choice).read(None)
        return ungrouped, _division(source, ungrouped, off)


def _division(source: ColumnSource, read: ColumnDataset, group: Choice) -> Division:
    marks = row_marks(read.dataset, read.table)
    units = independent_units(
        read.dataset.groups,
        [mark.picture_sha256 for mark in marks],
        [mark.is_constant for mark in marks],
    )
    try:
        folds = usual_folds(read.dataset, units)
    except DataError as error:
        raise DataError(f"{source.path}: {of_rows(str(error))}") from error
    return Division(group, folds, len(np.unique(units)))


def _no_group() -> Choice:
    words = (
        "group: nothing looks like patients with several rows. If there are several rows of one "
        "patient, animal or plate, name the column that says so."
    )
    why = "The column with what belongs together (a patient with several rows) and is never split."
    return Choice("group", None, why, words, to_look_at=True)


def _found(read: ColumnDataset) -> str:
    n_numbers = sum(one.is_numeric for one in read.table.columns)
    n_others = len(read.table.columns) - n_numbers
    return (
        f"{counted(read.dataset.n_images, 'row')} ({counts_in_words(read.dataset)}), to learn "
        f"from {counted(n_numbers, 'column')} of numbers and {n_others} of categories; no images"
    )


def _keys(source: ColumnSource, read: ColumnDataset) -> list[Choice]:
    choice, target = source.choice, source.target
    what, several = ("the number", "numbers") if target.is_number else ("the class", "classes")
    task = REGRESSION if target.is_number else CLASSIFICATION
    reason = f"it holds {several} ({counts_in_words(read.dataset)}), so the task is {task}."
    why = f"The column that is predicted: {reason}"
    chosen = " (--target)" if source.was_named else ""
    words = f"{what} to be predicted is in the column {target.name!r}{chosen}: {reason}"
    others = [name for name in target.others if name not in choice.exclude]
    if others and not source.was_named:
        words += f" Others that could be meant (--target NAME): {listed(others)}."
    keys = [
        Choice("table", source.path.absolute(), "One row per patient, cell, sample ..."),
        Choice("target", target.name, why, words, to_look_at=not source.was_named),
        *([unit_choice(target.name)] if target.is_number else []),
        Choice(
            "id",
            choice.id,
            "The column that names each row once; nothing is learnt from it. null: the line.",
            f"id: the column {choice.id!r} names the rows." if choice.id else "",
        ),
    ]
    left_out = " ".join(sentence(why) for why in source.excluded.values())
    keys.append(
        Choice(
            "exclude",
            list(choice.exclude) or None,
            f"Columns that are not learnt from. {left_out}".strip(),
            f"exclude: left out as they are: {left_out}" if left_out else "",
            to_look_at=True,
        )
    )
    keys.append(Choice("categorical", None, "Columns whose numbers are codes: [smoker, grade]."))
    why_dropped = "Rows without a target are left out; null: such a row is an error."
    dropped = f"drop: {read.notes[0]}" if choice.drop and read.notes else ""
    keys.append(Choice("drop", choice.drop, why_dropped, dropped, to_look_at=True))
    commas = "decimal: numbers have a comma before the fraction." if choice.decimal == COMMA else ""
    keys.append(Choice("decimal", choice.decimal, "What stands before the fraction.", commas))
    return keys


def _estimators(found: Candidates, of_numbers: bool) -> list[str]:
    kind = "regressor" if of_numbers else "classifier"
    why = f"What is compared. `bioselect components {kind}` lists more."
    if found.why_estimators:
        why += f" {of_rows(found.why_estimators)}."
    held = [one.name for one in found.estimators if one.name in HOLD_ROWS]
    if held:
        why += f" Models of {listed(dict.fromkeys(held))} hold rows of this table."
    told = replace(found, why_weighted=of_rows(found.why_weighted))
    estimators = tuple(replace(one, words=of_rows(one.words)) for one in found.estimators)
    return [*comment(why), *estimator_lines(replace(told, estimators=estimators), f"{kind}s")]


def _in_words(
    source: ColumnSource,
    read: ColumnDataset,
    found: Sequence[str],
    choices: Sequence[Choice],
    chosen: Candidates,
) -> str:
    said = [one.in_words for one in choices if one.in_words and not one.to_look_at]
    to_look_at = [one.in_words for one in choices if one.in_words and one.to_look_at]
    targets = read.dataset.targets()
    leaks = leak_findings(read.table, targets, source.target.name)
    to_look_at += [f"{one.what} {one.remedy}" for one in leaks if one.severity == WARNING]
    names = ", ".join(one.name for one in chosen.estimators if not one.params)
    kind = "regressors" if source.target.is_number else "classifiers"
    compared = f"{kind}: {names}."
    if chosen.why_weighted:
        compared += f" {of_rows(chosen.why_weighted)}."
    lines = [f"Found in {source.path}:", *items(found), "", "Decided:", *items([*said, compared])]
    return "\n".join([*lines, "", "Please look at:", *items(to_look_at)])


def _of_rows(choice: Choice) -> Choice:
    return replace(choice, why=of_rows(choice.why), in_words=of_rows(choice.in_words))
