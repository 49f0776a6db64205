import math

import pytest
import yaml

from bioselect.exceptions import ConfigurationError
from bioselect.strict_yaml import StrictDumper, parse_yaml, where


def value_of(scalar: str) -> object:
    return parse_yaml(f"key: {scalar}\n").value["key"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # The examples of YAML 1.2.2, section 10.3.2 (core schema), and PyYAML's traps.
        ("1e-3", 0.001),
        ("1E+5", 100000.0),
        ("12e03", 12000.0),
        ("0.", 0.0),
        ("-.5", -0.5),
        ("+12.3", 12.3),
        ("-2E+05", -200000.0),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
        ("0o7", 7),
        ("0x3A", 58),
        ("-19", -19),
        ("010", 10),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("no", "no"),
        ("on", "on"),
        ("Y", "Y"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("2024-01-31", "2024-01-31"),
        ("'1e-3'", "1e-3"),
        ("!!str 5", "5"),
    ],
)
def test_scalars_follow_yaml_1_2(written: str, expected: object) -> None:
    value = value_of(written)
    assert value == expected
    assert type(value) is type(expected)


def test_nan() -> None:
    assert math.isnan(value_of(".nan"))  # type: ignore[arg-type]


def test_every_key_and_item_has_its_line() -> None:
    document = parse_yaml("a:\n  b: 1\n  c:\n    - x\n    - d:\n        5\n")
    assert document.lines == {
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "c"): 3,
        ("a", "c", 0): 4,
        ("a", "c", 1): 5,
        ("a", "c", 1, "d"): 5,
    }


def test_line_of_an_absent_key_is_that_of_its_section() -> None:
    document = parse_yaml("# comment\na:\n  b: 1\n")
    assert document.line_of(("a", "missing")) == 2
    assert document.line_of(("missing",)) == 1


def test_repeated_keys_are_all_reported_and_the_first_value_stays() -> None:
    document = parse_yaml("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert document.value == {"a": 1, "b": {"c": 1}}
    assert [(problem.line, problem.text.split(":")[0]) for problem in document.problems] == [
        (2, "b.c"),
        (3, "a"),
    ]


def test_anchors_and_merge_keys() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  x: 5\n  <<: [*a, *b]\nd: *a\n"
    document = parse_yaml(text)
    # PyYAML's own loader is the reference for merging.
    assert document.value == yaml.safe_load(text)
    assert document.value["c"] == {"x": 5, "y": 1, "z": 2}
    assert document.problems == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n\tb: 1\n", "2: the line begins with a tab"),
        ("a:\n  \tb: 1\n", "2: the line begins with a tab"),
        ("a: b\n\tc\n", "2: the line begins with a tab"),  # PyYAML reads "b c" without a word
        ("a: 1 \t# too\n", "1: .* Replace the tab by spaces"),
        ("a:\tb\nc: 1\n", "1: .* Replace the tab by spaces"),
        ("a: b: c\n", "1: this is not valid YAML: .* must stand in quotes"),
        ("a: [1\nb: 2\n", "2: .* Close the bracket"),
        ("a: 'x\n", "2: .* Close the quote"),
        ("a: *nobody\n", "1: .*undefined alias 'nobody'.* Write the value itself"),
        ("a: 1\n---\nb: 2\n", "2: .* remove the line `---`"),
        ("a: @x\n", "1: .* into quotes"),
        ('a: "C:\\Users"\n', "1: .* use single quotes or forward slashes"),
        ('a: 1\nb: "\\U00110000"\n', "2: an escape .* names no character.*single quotes"),
        ('a: "\\Uffffffff"\n', "1: an escape .* names no character"),
        ("a: 1\nb: \x07\n", r"2: '\\x07' is not allowed"),
        ("a: !!python/object/apply:os.system [ls]\n", "1: the tag .* is not allowed"),
        ("a: !!set {x}\n", "1: the tag !!set is not allowed"),
        ("a: !!int x\n", "1: 'x' cannot be read as int"),
        ("a: &a [*a]\n", "1: an alias .* repeats itself"),
        ("a: &a {<<: *a}\n", "1: `<<` takes a mapping"),
        ("a: {<<: 5}\n", "1: `<<` takes a mapping"),
        ("[" * 5000, "1: values are nested too deeply"),
    ],
)
def test_what_is_not_yaml_is_one_line_with_a_remedy(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        parse_yaml(text)
    assert "\n" not in str(caught.value)


def test_aliases_cannot_blow_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(ConfigurationError, match="without end"):
        parse_yaml("\n".join(lines))


def test_keys_must_be_text() -> None:
    problems = parse_yaml("5: a\n? [x]\n: b\ntrue: c\nok: 1\n").problems
    assert [problem.line for problem in problems] == [1, 2, 4]
    assert problems[0].text == "a key must be text. Got 5. Put it in quotes."


def test_an_empty_text_has_no_value() -> None:
    assert parse_yaml("# only a comment\n").value is None


@pytest.mark.parametrize(
    "value", ["1e-3", "no", "0o10", "null", "", "~", "a: b", "2024-01-31", 0.001, 1e-12, 5, None]
)
def test_what_is_dumped_is_loaded_again(value: object) -> None:
    text = yaml.dump({"key": value}, Dumper=StrictDumper)
    loaded = parse_yaml(text).value["key"]
    assert loaded == value
    assert type(loaded) is type(value)


def test_where_counts_items_from_one() -> None:
    assert where(("extractors", 0, "params", "extractors", 1)) == (
        "extractors, item 1: params.extractors, item 2: "
    )


@pytest.mark.parametrize("written", ["learning_rate: 0,001", "x: 1, learning_rate: 0,001"])
def test_a_decimal_comma_in_braces(written: str) -> None:
    [problem] = parse_yaml(f"params: {{{written}}}\n").problems
    assert "a number is written with a point: 0.001. Got 0,001" in problem.text
    assert "quotes" not in problem.text
    for other in ("x: a,001", "x: 0, 001", "001: 0"):
        [problem] = parse_yaml(f"params: {{{other}}}\n").problems
        assert "Put it in quotes." in problem.text


def test_a_key_that_is_no_text_is_told_where_it_is_merged_in():
    document = parse_yaml("a: &a\n  3: x\nb:\n  c: 1\n  <<: *a\n")
    assert document.value == {"a": {}, "b": {"c": 1}}
    assert [(one.line, one.text) for one in document.problems] == [
        (2, "a: a key must be text. Got 3. Put it in quotes."),
        (2, "b: a key must be text. Got 3. Put it in quotes."),
    ]


@pytest.mark.parametrize("text", ['a: "\\udc80"', '"x\\ud83e": 1'])
def test_half_of_a_character_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^1: .* holds half of a character"):
        parse_yaml(text)
