"""Each notebook has what a learner needs, is stored without results, and leads somewhere."""

import re
from collections import Counter
from itertools import pairwise

import nbformat
import pytest

from tests.examples.notebooks import FACTS, FOLDER, NAMES, read, words_of


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def notebook(name):
    return read(name)


def test_there_are_four_in_an_order():
    assert NAMES == [
        "1_classification_and_transfer",
        "2_augmentation",
        "3_segmentation",
        "4_regression",
    ]


def test_it_is_valid_and_holds_no_results(notebook):
    ids = Counter(cell.id for cell in notebook.cells)
    assert max(ids.values()) == 1  # first, as the validation mends it
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in code] == [[]] * len(code)
    assert {cell.execution_count for cell in code} == {None}


def test_it_says_what_it_is_for_and_how_long_it_takes(notebook):
    begin = notebook.cells[0].source
    for wanted in ("**What this is for.**", "**Afterwards you can**", "**Time.**", "minute"):
        assert wanted in begin


def test_words_stand_before_and_after_each_piece_of_code(notebook):
    kinds = [
        cell.cell_type for cell in notebook.cells if "solution" not in cell.metadata.get("tags", [])
    ]
    assert kinds[0] == kinds[-1] == "markdown"
    assert ("code", "code") not in set(pairwise(kinds))


def test_every_exercise_has_a_solution(notebook):
    numbers = [
        re.findall(rf"^### {word} (\d+)$", words_of(notebook), flags=re.MULTILINE)
        for word in ("Exercise", "Solution")
    ]
    assert 3 <= len(numbers[0]) <= 5
    assert numbers[0] == numbers[1] == [str(one + 1) for one in range(len(numbers[0]))]
    assert len(tagged(notebook, "exercise")) == len(numbers[0])
    # A solution that is code is folded away, and run with the rest.
    code = [cell for cell in tagged(notebook, "solution") if cell.cell_type == "code"]
    assert code
    assert all(cell.metadata.jupyter.source_hidden for cell in code)


def test_answers_of_knowledge_checks_are_folded_away(notebook):
    checks = [cell.source for cell in tagged(notebook, "check")]
    assert len(checks) >= 3
    for number, text in enumerate(checks, 1):
        assert text.startswith(f"**Knowledge check {number}.**")
        assert re.search(
            r"\n<details><summary>Answer</summary>\n\n.+\n\n</details>$", text, re.DOTALL
        )


def test_what_can_go_wrong_is_told_once(notebook):
    (box,) = tagged(notebook, "wrong")
    assert box.source.startswith("> ## What can go wrong")
    assert box.source.count("\n> - **") >= 4


def test_the_glossary_explains_words_of_the_text(notebook):
    (glossary,) = tagged(notebook, "glossary")
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \|$", glossary.source, flags=re.MULTILINE)
    assert len(rows) >= 8
    terms = [term for term, _ in rows]
    assert terms == sorted(terms, key=str.casefold)
    elsewhere = "\n".join(cell.source for cell in notebook.cells if cell is not glossary).casefold()
    for term in terms:
        first = re.split(r",| \(", term)[0].casefold()
        assert first in elsewhere, term


def test_links_lead_somewhere(notebook):
    check_links(words_of(notebook))


def test_links_of_the_page_beside_them_lead_somewhere():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    check_links(text)
    for name in NAMES:
        assert f"({name}.ipynb)" in text


def check_links(text):
    places = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text)
    assert places
    assert [place for place in places if not (FOLDER / place).exists()] == []


def test_facts_that_are_looked_at_stand_in_the_text(name, notebook):
    text = words_of(notebook)
    assert len(FACTS[name]) >= 6
    assert [words for words, _ in FACTS[name] if words not in text] == []
