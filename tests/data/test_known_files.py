import json

import pytest

from bioselect.data import known_files
from bioselect.data.known_files import KnownFiles, PixelFacts, known_key
from bioselect.data.stacks import Stack

FACTS = PixelFacts(
    "cd" * 32, "ce" * 32, 20, 30, 3, "uint16", 0.1, 4095.0, 3000.5, 0.25, 1, True, "0f" * 32, "AAAA"
)
OTHER = PixelFacts(
    "ef" * 32, "ef" * 32, 2, 3, 1, "float64", -1e300, 1.5, 1e300, 1e-9, 0, False, "0" * 64, ""
)


def _saved(path, **facts):
    memory = KnownFiles.from_file(path, PixelFacts)
    for sha256, values in facts.items():
        memory.add(sha256, values)
    memory.save()


def test_each_part_and_each_way_of_reading_a_stack_has_a_key():
    stacks = [None, Stack("max"), Stack("mean"), Stack("middle"), Stack("channels")]
    keys = {known_key("ab", part, stack) for part in ("", "series:1.2") for stack in stacks}
    keys |= {known_key("ab", part, None) for part in ("0", "1", "train/1", "series:1.2#1")}
    assert len(keys) == 2 * 5 + 4
    # Pixels of a plane do not depend on what `stack` says.
    assert known_key("ab", "1", Stack("every", 5)) == known_key("ab", "1", None)
    assert known_key("ab", "", Stack("every", 5)) == known_key("ab", "", None) == "ab"


def test_facts_survive_to_the_last_bit(tmp_path):
    path = tmp_path / "cache" / "images.jsonl"
    _saved(path, aa=FACTS, bb=OTHER)
    memory = KnownFiles.from_file(path, PixelFacts)
    assert memory.get("aa") == FACTS
    assert memory.get("bb") == OTHER
    assert memory.get("cc") is None


def test_the_order_of_work_does_not_show(tmp_path):
    _saved(tmp_path / "1", aa=FACTS, bb=OTHER)
    _saved(tmp_path / "2", bb=OTHER, aa=FACTS)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_what_another_process_added_meanwhile_is_kept(tmp_path):
    path = tmp_path / "known"
    mine = KnownFiles.from_file(path, PixelFacts)
    mine.add("aa", FACTS)
    _saved(path, bb=OTHER)
    mine.save()
    memory = KnownFiles.from_file(path, PixelFacts)
    assert memory.get("aa") == FACTS
    assert memory.get("bb") == OTHER


@pytest.mark.parametrize("change", ["reading_version", "format", "decoders"])
def test_another_version_forgets_everything(tmp_path, change):
    path = tmp_path / "known"
    _saved(path, aa=FACTS)
    heading, *rows = path.read_text().splitlines()
    changed = {**json.loads(heading), change: 99}
    path.write_text("\n".join([json.dumps(changed), *rows]) + "\n")
    assert KnownFiles.from_file(path, PixelFacts).get("aa") is None


def test_the_heading_names_the_versions_of_the_decoders(tmp_path):
    _saved(tmp_path / "known", aa=FACTS)
    heading = json.loads((tmp_path / "known").read_text().splitlines()[0])
    assert {"pillow", "tifffile"} <= set(heading["decoders"])


def test_a_changed_digit_makes_a_line_worthless(tmp_path):
    path = tmp_path / "known"
    _saved(path, aa=FACTS, bb=OTHER)
    text = path.read_text()
    assert text.count("4095.0") == 1
    path.write_text(text.replace("4095.0", "4096.0"))
    memory = KnownFiles.from_file(path, PixelFacts)
    assert memory.get("aa") is None
    assert memory.get("bb") == OTHER


def test_no_damage_is_fatal_or_believed(tmp_path):
    path = tmp_path / "known"
    _saved(path, aa=FACTS, bb=OTHER)
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        for damaged in (
            whole[:place],
            whole[:place] + b"\xff\0" + whole[place + 2 :],
            whole[:place] + b"[1]\n" + whole[place:],
        ):
            path.write_bytes(damaged)
            memory = KnownFiles.from_file(path, PixelFacts)
            assert memory.get("aa") in (None, FACTS)
            assert memory.get("bb") in (None, OTHER)


@pytest.mark.parametrize("row", ["{}", "[]", "3", "null", '{"sha256": "aa"}', '"text"'])
def test_lines_that_are_json_but_not_ours_are_left_aside(tmp_path, row):
    path = tmp_path / "known"
    _saved(path, aa=FACTS)
    path.write_text(path.read_text() + row + "\n")
    assert KnownFiles.from_file(path, PixelFacts).get("aa") == FACTS


def test_nothing_new_writes_nothing(tmp_path):
    path = tmp_path / "known"
    KnownFiles.from_file(path, PixelFacts).save()
    assert not path.exists()


def test_without_a_place_it_only_remembers(monkeypatch):
    memory = KnownFiles.from_file(None, PixelFacts)
    memory.add("aa", FACTS)
    monkeypatch.setattr(known_files, "atomic_write_text", None)
    memory.save()
    assert memory.get("aa") == FACTS
