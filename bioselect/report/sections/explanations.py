"""What predictions of some images go by: maps over the images."""

from __future__ import annotations

from pathlib import Path

from bioselect.report.blocks import Block, Picture, Pictures, Section, Text
from bioselect.report.results import Row, RunResults
from bioselect.report.score_words import number
from bioselect.selection.phrases import figures

TITLE = "What predictions go by"
COMMAND = "The command bioselect explain makes such maps of any images, with the model in model/."
TRAINED = (
    "The exported model was trained on these images too: the maps tell what it goes by, and not "
    "how good it is."
)
HOW = (
    "One part of the image after the other was hidden, and the model asked again. Hiding what is "
    "orange lowers the answer, hiding what is blue raises it. Colours are strongest where it "
    "changes most in this image: compare places, and between images the numbers."
)
HEADINGS = {"error": "Wrong when not trained on them", "right": "Surely right"}
OF_NUMBERS = {"error": "Farthest off when not trained on them", "right": "Nearest"}


def explanations(results: RunResults) -> Section | None:
    """Return the maps, or why there are none; nothing where they are not wanted."""
    if not results.folder.explanations_facts.is_file():
        return None
    facts = results.facts(results.folder.explanations_facts)
    if "why_not" in facts:
        why = f"There are no maps of what predictions go by: {facts['why_not']}. {COMMAND}"
        return Section("explanations", TITLE, [Text(why)])
    rows = results.table(results.folder.explanations)
    if not rows:
        return None
    of_numbers = results.task == "regression"
    blocks: list[Block] = [Text(TRAINED, "lead"), Text(HOW)]
    for kind, heading in (OF_NUMBERS if of_numbers else HEADINGS).items():
        own = [row for row in rows if row["kind"] == kind]
        if own:
            shown = [_picture(results, row, of_numbers) for row in own]
            blocks += [Text(heading, "heading"), Pictures(_about(kind, of_numbers), shown)]
    n_images, n_wanted = facts["n_images"], facts["n_wanted"]
    more = f"{n_images} of {n_wanted} images, as more take long with this model. "
    blocks.append(Text(f"{more if n_images < n_wanted else ''}{COMMAND}", "note"))
    return Section("explanations", TITLE, blocks)


def _about(kind: str, of_numbers: bool) -> str:
    if of_numbers:
        return "What raises or lowers the number that is predicted now."
    if kind == "error":
        return "What speaks for the wrong answer, by the model as it is exported."
    return "Of each of at most two classes, the image whose class was predicted most surely."


def _picture(results: RunResults, row: Row, of_numbers: bool) -> Picture:
    # Of a folder from elsewhere: no other file than one of those beside it.
    path = results.folder.heat / Path(row["file"]).name
    png = path.read_bytes() if row["file"] and path.is_file() else b""
    said, drop = number(row["said_now"]), number(row["largest_drop"])
    given, predicted, about = row["given"], row["predicted"], row["explained"]
    if of_numbers:
        given, predicted = figures(float(given)), figures(float(predicted))
        title = f"given {given}, predicted {predicted}"
    elif about in (given, predicted):  # A class; of a label they are yes or no.
        title = f"what speaks for {about}"
    else:
        title = f"what speaks for {about} (given {given})"
    lines = [row["image_id"]]
    if row["kind"] == "error" and not of_numbers and about == predicted:
        lines.insert(0, f"given {given}")
    if said is None or drop is None:
        lines.insert(0, row["error"])
        return Picture(png, title, lines, f"{row['image_id']}: {row['error']}")
    told = _told(said, drop, of_numbers)
    lines[-1:-1] = told
    return Picture(png, title, lines, f"{row['image_id']}: {title}; {', '.join(told)}")


def _told(said: float, drop: float, of_numbers: bool) -> list[str]:
    r"""Return what the exported model says now, and by how much hiding one part changes it.

    Examples
    --------
    >>> _told(0.91, 0.24, False)
    ['probability now 0.91', 'hiding one part lowers it by up to 0.24']
    >>> _told(0.91, 0.001, False)
    ['probability now 0.91', 'no part alone changes it']
    """
    now = f"now {figures(said)}" if of_numbers else f"probability now {said:.2f}"
    if (f"{drop:.2f}" in ("0.00", "-0.00") and not of_numbers) or drop == 0:
        return [now, "no part alone changes it"]
    size = figures(abs(drop)) if of_numbers else f"{abs(drop):.2f}"
    return [now, f"hiding one part {'lowers' if drop > 0 else 'raises'} it by up to {size}"]
