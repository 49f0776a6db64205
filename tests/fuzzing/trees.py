"""Changes of what JSON and YAML hold: values and keys swapped, moved, nested, replaced."""

import copy
import json

#: What stands where something else was meant.
VALUES = (
    None, True, False, 0, -1, 1, 2, 10**40, -(2**63), 1e308, 5e-324, float("nan"), float("inf"),
    "", " ", "auto", "null", "~", "../..", "/", "\\\\host\\x", "a\nb", "\x85", "\u202e",
    "e\u0301", "\U0001f9ec", "x" * 5000, "os:system", "a.b:C", ":", "pkg:", "=1+1", "<b>", "%s{0}",
    "\udc80", "hog", "concat", "unet", [], {}, [[]], [None], [0.5, 0.5], ["hog", "hog"],
    [1, "a", None, [2], {"b": 3}], {"": None}, {"name": None}, {"name": "hog"}, {"x": "x" * 300},
    {"name": "hog", "params": []}, {"name": "svm", "search": {"C": {"low": 0, "high": "x"}}},
    {"a": {"b": {"c": {"d": {}}}}},
)  # fmt: skip


def changed(tree, random):
    """Return another tree; the given one stays as it is."""
    tree = copy.deepcopy(tree)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        tree = _changed_once(tree, random)
    return tree


def changed_json(data, random):
    """Return the bytes of another JSON document, as changed as those of the given one."""
    try:
        return json.dumps(changed(json.loads(data), random)).encode()
    except (ValueError, RecursionError):
        return data


def _changed_once(tree, random):
    holders = [node for node in _nodes(tree) if isinstance(node, dict | list) and node]
    if not holders:
        return copy.deepcopy(random.choice(VALUES))
    node, other = random.choice(holders), random.choice(holders)
    key, theirs = _place(node, random), _place(other, random)
    kind = random.randrange(9)
    if kind < 4:
        node[key] = copy.deepcopy(random.choice(VALUES))
    elif kind == 4:
        node[key] = copy.deepcopy(other[theirs])
    elif kind == 5:
        del node[key]
    elif kind == 6:
        node[key] = random.choice(([node[key]], {"name": node[key]}, {"params": node[key]}))
    elif kind == 7 and isinstance(node, dict):
        written = random.choice((*filter(_is_key, VALUES), f"{key}s", str(key)[:-1], theirs))
        node[written] = node.pop(key)
    else:
        for _ in range(random.choice((2, 20, 60))):
            node[key] = [node[key]] if random.random() < 0.9 else {"a": node[key]}
    return tree


def _is_key(value):
    return not isinstance(value, dict | list)


def _place(node, random):
    return random.choice(list(node)) if isinstance(node, dict) else random.randrange(len(node))


def _nodes(tree):
    yield tree
    for one in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(one)
