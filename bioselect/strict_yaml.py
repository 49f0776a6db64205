"""YAML without its traps: text to plain values, with the line of every key.

What differs from PyYAML's safe loader: a repeated key and a tab in the indentation are errors
(PyYAML keeps the last of two keys and says nothing), `1e-3` is a number, and only `true` and
`false` are truth values (a column called `no` stays text), as in YAML 1.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from bioselect.exceptions import ConfigurationError

#: Where a value stands: keys of mappings and places in lists.
Location = tuple[str | int, ...]

TAG = "tag:yaml.org,2002:"
#: Aliases can make a short file mean a huge one; no real configuration comes near this.
MAX_VALUES = 100_000
#: Mappings whose keys may be whole numbers, which are taken as their text: codes of masks.
KEYED_BY_NUMBERS: frozenset[Location] = frozenset({("dataset", "classes")})
#: A colour as a key; without quotes the rest of the line is a comment.
_BARE_COLOUR = re.compile(r"[{,:]\s*#[0-9a-fA-F]{6}\b")
#: What word processors and chats make of straight quotes.
_CURLY_QUOTES = frozenset("\u2018\u2019\u201c\u201d\u201e")
FIRST_CHARACTERS_OF_NUMBERS = list("-+.0123456789")

#: tag, pattern of the plain scalars that have it, first characters: YAML 1.2's core schema.
CORE_SCHEMA: tuple[tuple[str, str, list[str] | None], ...] = (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", FIRST_CHARACTERS_OF_NUMBERS),
    (
        "float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        FIRST_CHARACTERS_OF_NUMBERS,
    ),
    ("merge", r"^<<$", ["<"]),
)


def _use_core_schema(resolver: Any) -> None:
    """Replace the YAML 1.1 rules of a loader or dumper class by `CORE_SCHEMA`."""
    resolver.yaml_implicit_resolvers = {}
    for name, pattern, first in CORE_SCHEMA:
        resolver.add_implicit_resolver(TAG + name, re.compile(pattern), first)


class StrictLoader(yaml.SafeLoader):
    """Reads scalars by YAML 1.2's core schema."""


class StrictDumper(yaml.SafeDumper):
    """Quotes exactly the text that :class:`StrictLoader` would take for something else."""

    def ignore_aliases(self, _: Any) -> bool:
        """Write equal values out each time: no anchors in files for people."""
        return True


def _short_lists_in_brackets(dumper: StrictDumper, values: list[Any]) -> yaml.Node:
    plain = not any(isinstance(value, list | dict) for value in values)
    return dumper.represent_sequence(TAG + "seq", values, flow_style=plain)


StrictDumper.add_representer(list, _short_lists_in_brackets)
_use_core_schema(StrictLoader)
_use_core_schema(StrictDumper)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a configuration."""

    line: int
    text: str


@dataclass
class Document:
    """The values of a YAML text and the line of each.

    `lines` maps the location of a value to its line, counted from 1: the line of the key, or of
    the item of a list.
    """

    value: Any = None
    lines: dict[Location, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line_of(self, location: Location) -> int:
        """Return the line of a location, or of the nearest one around it that was written."""
        for length in range(len(location), 0, -1):
            if location[:length] in self.lines:
                return self.lines[location[:length]]
        return 1


def parse_yaml(text: str) -> Document:
    r"""Read one YAML document.

    Parameters
    ----------
    text : str
        The file's text.

    Returns
    -------
    Document
        Repeated keys and keys that are not text are in `problems`; reading went on after them.

    Raises
    ------
    ConfigurationError
        If the text is not YAML. The message is ``<line>: what and what to do``.

    Examples
    --------
    >>> document = parse_yaml("validation:\n  folds: 5\n  tolerance: 1e-3\n")
    >>> document.value
    {'validation': {'folds': 5, 'tolerance': 0.001}}
    >>> parse_yaml("seed: 0\nseed: 1\n").problems[0].text
    'seed: this key stands twice (first in line 1). Keep one of the two.'
    """
    _check_indentation(text)
    try:
        loader = StrictLoader(text)
        return _Builder().document(loader.get_single_node())
    except yaml.YAMLError as error:
        raise ConfigurationError(_syntax_message(error, text)) from error
    except RecursionError as error:
        raise ConfigurationError(
            "1: values are nested too deeply. Are brackets left open?"
        ) from error
    except (ValueError, OverflowError) as error:  # PyYAML takes any number for a character.
        told = "an escape in double quotes names no character. Write it in single quotes."
        raise ConfigurationError(f"{loader.line + 1}: {told}") from error


def _check_indentation(text: str) -> None:
    """Refuse tabs, and blanks that look like spaces, as text copied from a web page has them."""
    for number, line in enumerate(text.splitlines(), start=1):
        other = line[: len(line) - len(line.lstrip())].strip(" ")
        if other:
            what = "tab" if other[0] == "\t" else f"blank that is no space (U+{ord(other[0]):04X})"
            raise ConfigurationError(
                f"{number}: the line begins with a {what}. YAML is indented with spaces only: "
                "replace it by spaces."
            )


def _syntax_message(error: yaml.YAMLError, text: str) -> str:
    """Return ``<line>: what is wrong and what to do``, in one line."""
    if isinstance(error, yaml.reader.ReaderError):
        line, sign = text[: error.position].count("\n") + 1, text[error.position]
        return f"{line}: {sign!r} is not allowed in YAML. Delete it; editors may show it as a box."
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 1
    if colour := _BARE_COLOUR.search("\n".join(text.splitlines()[:line])):
        place = text[: colour.end()].count("\n") + 1
        return f"{place}: a colour must stand in quotes, as '#ff0000': a bare # begins a comment."
    problem = str(getattr(error, "problem", error))
    if _CURLY_QUOTES & set("".join(text.splitlines()[:line])):
        return f"{line}: curly quotes are no quotes in YAML. Write straight ones: ' or \"."
    return f"{line}: this is not valid YAML: {problem}. {_remedy(problem)}"


def _remedy(problem: str) -> str:
    remedies = {
        "\\t": "Replace the tab by spaces.",
        "mapping values are not allowed": (
            "A colon needs a blank after it (`path: images`), and a text that holds ': ' must "
            "stand in quotes; or the lines above are indented differently."
        ),
        "could not find expected ':'": "Write `key: value`, with a space after the colon.",
        "expected <block end>": (
            "Lines of one section must begin in the same column; look at this line and the one "
            "above."
        ),
        "expected ',' or": "Close the bracket, or put a comma between the items.",
        "end of stream": "Close the quote or the bracket that is still open.",
        "undefined alias": "Write the value itself, or define the anchor above with &name.",
        "but found another document": "Keep one document: remove the line `---` between them.",
        "cannot start any token": "Put the text into quotes.",
        "escape": (
            "Inside double quotes a backslash is special: use single quotes or forward slashes."
        ),
    }
    for sign, remedy in remedies.items():
        if sign in problem:
            return remedy
    return "Compare this line and the one above with an example in `configs/`."


class _Builder:
    """Turns the nodes of a YAML text into values, notes lines and collects problems."""

    def __init__(self) -> None:
        self.made = Document()
        self.n_values = 0
        self.open_nodes: list[yaml.Node] = []

    def document(self, node: yaml.Node | None) -> Document:
        if node is not None:
            self.made.value = self.value(node, ())
        return self.made

    def value(self, node: yaml.Node, location: Location) -> Any:
        self.n_values += 1
        if self.n_values > MAX_VALUES or any(node is other for other in self.open_nodes):
            self.fail(node, "an alias (*name) repeats itself without end. Write the values out.")
        self.open_nodes.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                self.expect_tag(node, "map")
                return self.mapping(node, location)
            if isinstance(node, yaml.SequenceNode):
                self.expect_tag(node, "seq")
                return self.sequence(node, location)
            assert isinstance(node, yaml.ScalarNode)
            return self.scalar(node)
        finally:
            self.open_nodes.pop()

    def sequence(self, node: yaml.SequenceNode, location: Location) -> list[Any]:
        values = []
        for place, item in enumerate(node.value):
            here = (*location, place)
            self.made.lines[here] = item.start_mark.line + 1
            values.append(self.value(item, here))
        return values

    def mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Any]:
        values: dict[str, Any] = {}
        own: dict[str, int] = {}
        for key_node, value_node in self.own_pairs_last(node):
            line = key_node.start_mark.line + 1
            key = self.scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if type(key) is int and location in KEYED_BY_NUMBERS:
                key = str(key)
            if not isinstance(key, str):
                shown = key_node.value if isinstance(key_node, yaml.ScalarNode) else "a list"
                text = _decimal_comma(node, key_node)
                text = text or f"a key must be text. Got {shown}. Put it in quotes."
                self.note(line, location, text)
                continue
            here = (*location, key)
            if self.is_own(node, key_node):
                if key in own:
                    text = f"this key stands twice (first in line {own[key]}). "
                    self.note(line, here, text + "Keep one of the two.")
                    continue
                own[key] = line
            self.made.lines[here] = line
            values[key] = self.value(value_node, here)
        return values

    def own_pairs_last(self, node: yaml.MappingNode) -> list[tuple[yaml.Node, yaml.Node]]:
        """Return the pairs of a mapping, those merged in with `<<` first."""
        merged: list[tuple[yaml.Node, yaml.Node]] = []
        own = []
        for key_node, value_node in node.value:
            if key_node.tag != TAG + "merge":
                own.append((key_node, value_node))
                continue
            sources = [value_node]
            if isinstance(value_node, yaml.SequenceNode):
                # Of several, the first one written has the last word.
                sources = list(reversed(value_node.value))
            for source in sources:
                if not isinstance(source, yaml.MappingNode) or source in self.open_nodes:
                    self.fail(key_node, "`<<` takes a mapping written elsewhere, as `*name`.")
                self.open_nodes.append(source)
                merged.extend(self.own_pairs_last(source))
                self.open_nodes.pop()
        return merged + own

    @staticmethod
    def is_own(node: yaml.MappingNode, key_node: yaml.Node) -> bool:
        return any(key_node is own for own, _ in node.value)

    def scalar(self, node: yaml.ScalarNode) -> Any:
        tag = node.tag.removeprefix(TAG)
        text = node.value
        if any("\ud800" <= one <= "\udfff" for one in text):
            self.fail(node, f"{text!r} holds half of a character. Write the character itself.")
        try:
            if tag in ("str", "merge"):
                return text
            if tag == "null":
                return None
            if tag == "bool":
                return {"true": True, "false": False}[text.lower()]
            if tag == "int":
                return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
            if tag == "float":
                return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        except (ValueError, KeyError):
            self.fail(node, f"{text!r} cannot be read as {tag}. Remove the tag !!{tag}.")
        self.refuse_tag(node)

    def expect_tag(self, node: yaml.Node, tag: str) -> None:
        if node.tag != TAG + tag:
            self.refuse_tag(node)

    def refuse_tag(self, node: yaml.Node) -> None:
        self.fail(node, f"the tag {node.tag.replace(TAG, '!!')} is not allowed. Remove it.")

    def note(self, line: int, location: Location, text: str) -> None:
        self.made.problems.append(Problem(line, f"{where(location)}{text}"))

    def fail(self, node: yaml.Node, text: str) -> None:
        raise ConfigurationError(f"{node.start_mark.line + 1}: {text}")


def _decimal_comma(node: yaml.MappingNode, key_node: yaml.Node) -> str:
    """Say that a comma in braces divides a number in two, as in {dropout: 0,5}; or nothing."""
    place = next((n for n, (key, _) in enumerate(node.value) if key is key_node), 0)
    if place == 0 or not key_node.value or not str(key_node.value).isdigit():
        return ""
    before = node.value[place - 1][1]
    is_whole = isinstance(before, yaml.ScalarNode) and before.tag == TAG + "int"
    if not is_whole or key_node.start_mark.index != before.end_mark.index + 1:
        return ""
    return (
        f"a number is written with a point: {before.value}.{key_node.value}. Got "
        f"{before.value},{key_node.value}; a comma divides what stands in braces."
    )


def where(location: Location) -> str:
    """Return a location in words, with a colon after it; empty for the whole document.

    Examples
    --------
    >>> where(("validation", "folds")), where(("extractors", 1, "params")), where(())
    ('validation.folds: ', 'extractors, item 2: params: ', '')
    """
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f", item {part + 1}: "
        else:
            text += part if not text or text.endswith(": ") else f".{part}"
    return text if not text or text.endswith(": ") else f"{text}: "
