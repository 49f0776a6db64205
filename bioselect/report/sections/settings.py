"""With what the study was made: versions, seed, design, what was left out, every setting."""

from __future__ import annotations

from bioselect.report.blocks import Block, Folded, Listed, Preformatted, Section, Table, Text
from bioselect.report.places import configuration_without_places, without_places
from bioselect.report.references import DROPPED
from bioselect.report.results import RunResults


def settings(results: RunResults) -> Section:
    """Return software, seed, design, exclusions and the whole configuration."""
    environment = results.environment
    versions = [[name, version] for name, version in environment["versions"].items()]
    blocks: list[Block] = [
        Text(f"Design: {results.study['design']}. Seed: {environment['seed']}."),
        Text(
            "The same configuration, data, seed and versions give the same numbers again: "
            "bioselect run with the configuration below."
        ),
    ]
    left_out = [
        *map(without_places, results.study.get("left_out", [])),
        *_failed(results),
        *_dropped(results),
    ]
    if left_out:
        blocks += [Text("Left out of the comparison:"), Listed(left_out)]
    else:
        blocks.append(Text("Nothing was left out of the comparison."))
    table = Table("versions", "Software.", ("library", "version"), versions, n_shown=20)
    text = configuration_without_places(results.config_text, results.config)
    blocks += [table, Folded("The configuration as it was run", [Preformatted(text)])]
    return Section("settings", "Software and settings", blocks)


def _failed(results: RunResults) -> list[str]:
    return [
        f"{row['extractor']} + {row['estimator']} failed (scores.csv says why)"
        for row in results.ranking
        if row["role"] == "failed"
    ]


def _dropped(results: RunResults) -> list[str]:
    """Return what a budget left aside, and why."""
    return [
        f"{row['extractor']} + {row['estimator']}, for the budget: {row.get('reason', '')}"
        for row in results.ranking
        if row["role"] == DROPPED
    ]
