"""Images that are worth a look: sure errors, suspected wrong labels, the undecided, copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bioselect.report.blocks import Block, Folded, Picture, Pictures, Section, Table, Text
from bioselect.report.results import Row, RunResults
from bioselect.report.score_words import judged_by, number
from bioselect.selection.phrases import figures

#: So many of a list stand open; the others behind a line of their own.
N_OPEN = 12


@dataclass(frozen=True)
class Kind:
    """A list: its heading, what it is, and how its folded part is called."""

    heading: str
    about: str


KINDS = {
    "error": Kind(
        "Wrong, and sure of it",
        "What the exported model predicts wrongly when it is not trained on it, the surest first. "
        "Is there something that misleads it, or is the label wrong?",
    ),
    "suspected": Kind(
        "Perhaps labelled wrongly",
        "Labels that the better half of all combinations believe the least, none of which was "
        "trained on these images. Check them first (evidence/suspicion.csv has all in this order).",
    ),
    "uncertain": Kind(
        "Undecided",
        "Here the model finds several answers about as likely. They show where classes "
        "meet; more of their kind teach the most.",
    ),
    "copy": Kind(
        "Copies",
        "Pairs with the same pixels, or that show the same after one was saved anew, turned, "
        "mirrored, cut or shifted. Each pair counts as one independent image and is kept in the "
        "same fold, unless findings.csv, which has all, says otherwise.",
    ),
}
NO_BETTER = (
    "These models are not shown to be better than guessing. So what they think of single images "
    "and of their labels says next to nothing."
)
OF_NUMBERS = Kind(
    "Farthest off",
    "The predicted number is farthest from the given one, when the model is not trained on it. "
    "Is there something that misleads it, or is the number wrong?",
)


def pictures(results: RunResults) -> Section | None:
    """Return the lists with their small pictures; where these are not wanted, as tables."""
    rows = results.table(results.folder.pictures)
    blocks: list[Block] = []
    for name, kind in KINDS.items():
        own = [row for row in rows if row["kind"] == name]
        if not own:
            continue
        if name == "error" and results.task == "regression":
            kind = OF_NUMBERS
        blocks += _listed(results, name, kind, own)
    if not blocks:
        return None
    if not _beats_guessing(results):
        blocks.insert(0, Text(NO_BETTER, "warning"))
    return Section("pictures", f"{results.noun.capitalize()}s worth a look", blocks)


def _beats_guessing(results: RunResults) -> bool:
    """Tell whether the expected score is surely better than that of guessing, if both are known."""
    score = results.study.get("honest_score") or {}
    chance, low, high = (score.get(name) for name in ("chance", "ci_low", "ci_high"))
    if chance is None or low is None or high is None:
        return True
    return bool(low > chance if judged_by(results).higher_is_better else high < chance)


def _listed(results: RunResults, name: str, kind: Kind, rows: Sequence[Row]) -> list[Block]:
    heading = Text(f"{kind.heading} ({_counted(name, rows)})", "heading")
    if not any(row["thumbnail"] for row in rows):
        return [heading, _table(results, name, kind, rows)]
    shown = [_picture(results, row) for row in rows]
    blocks: list[Block] = [heading, Pictures(kind.about, shown[:N_OPEN])]
    if len(shown) > N_OPEN:
        more = f"{len(shown) - N_OPEN} more"
        blocks.append(Folded(f"{more} ({kind.heading.lower()})", [Pictures("", shown[N_OPEN:])]))
    return blocks


def _counted(name: str, rows: Sequence[Row]) -> str:
    if name == "copy":
        n_pairs = len({row["place"] for row in rows})
        return f"{n_pairs} pair{'s' * (n_pairs != 1)}"
    return str(len(rows))


def _picture(results: RunResults, row: Row) -> Picture:
    # Of a folder from elsewhere: no other file than one of those beside it.
    path = results.folder.thumbnails / Path(row["thumbnail"]).name
    png = path.read_bytes() if row["thumbnail"] and path.is_file() else b""
    title, *lines = _said(row, results.task == "regression")
    return Picture(png, title, [*lines, row["image_id"]], f"{row['image_id']}: {title}")


def _said(row: Row, of_numbers: bool = False) -> list[str]:
    r"""Return what is said below a picture: the most important first.

    Examples
    --------
    >>> row = {"kind": "error", "place": "1", "label": "", "given": "RBC", "predicted": "WBC",
    ...        "probability": "0.98", "score": "0.98"}
    >>> _said(row)
    ['given RBC', 'predicted WBC (98\xa0%)']
    """
    about = f"{row['label']}: " if row["label"] else ""
    given, predicted = row["given"], row["predicted"]
    if of_numbers:  # A class may have a number for its name: that is left as it is.
        given, predicted = _short(given), _short(predicted)
    probability = number(row["probability"])
    if row["kind"] == "copy":
        return [f"pair {row['place']}", f"given {given}"]
    if row["kind"] == "suspected":
        share = f" (believed {_percent(probability)})"
        return [f"{about}given {given}{share}", f"rather {predicted}"]
    if probability is None:
        return [f"given {given}, predicted {predicted}"]
    return [f"{about}given {given}", f"predicted {predicted} ({_percent(probability)})"]


def _short(written: str) -> str:
    try:
        return figures(float(written))
    except ValueError:
        return written


def _percent(probability: float | None) -> str:
    if probability is None:
        return ""
    percent = round(100 * probability)
    # A number and its sign stay on one line.
    number_with_sign = f"{min(max(percent, 1), 99)}\N{NO-BREAK SPACE}%"
    beyond = {0: "under ", 100: "over "}.get(percent, "")
    return f"{beyond}{number_with_sign}"


def _table(results: RunResults, name: str, kind: Kind, rows: Sequence[Row]) -> Table:
    columns = ("place", "image_id", "label", "given", "predicted", "probability")
    called = {"image_id": results.noun}
    if name == "suspected":
        called |= {"probability": "given is believed", "predicted": "rather"}
    short = _short if results.task == "regression" else str
    used = [column for column in columns if any(row[column] for row in rows)]
    written = {"given": short, "predicted": short, "probability": lambda p: _percent(number(p))}
    return Table(
        f"pictures_{name}",
        kind.about,
        [called.get(column, column) for column in used],
        [[written.get(column, str)(row[column]) for column in used] for row in rows],
        [column in ("place", "probability") for column in used],
        n_shown=N_OPEN,
    )
