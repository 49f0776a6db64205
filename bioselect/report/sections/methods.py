"""A paragraph for the methods of a paper, of what this run did, with its references."""

from __future__ import annotations

from bioselect.report.blocks import Listed, Section, Text
from bioselect.report.method_sentences import sentences
from bioselect.report.references import component_references
from bioselect.report.results import RunResults


def methods(results: RunResults) -> Section:
    """Return the paragraph, and the references in the order of their numbers."""
    numbers: dict[str, int] = {}

    def cited(references: tuple[str, ...]) -> str:
        for one in references:
            numbers.setdefault(one, len(numbers) + 1)
        places = ", ".join(str(numbers[one]) for one in references)
        return f" [{places}]" if references else ""

    paragraph = " ".join(
        f"{sentence.written}{cited(sentence.references)}." for sentence in sentences(results)
    )
    # Of components: named in the paragraph, referred to by name below it.
    components = [
        f"{name}: {reference}" for name, reference in component_references(results).items()
    ]
    listed = [f"[{number}] {reference}" for reference, number in numbers.items()]
    return Section(
        "methods",
        "Methods, for a paper",
        [
            Text(paragraph),
            Text("References", "heading"),
            Listed([*listed, *components], tone="references"),
            Text(
                "Written from the files of this run. Say besides where the images come from, who "
                "labelled them and how, and who approved of their use.",
                "note",
            ),
        ],
    )
