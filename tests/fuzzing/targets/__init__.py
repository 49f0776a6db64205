"""One module a target: `seeds()` gives valid files by name, `feed(name, data)` reads one.

`feed` may raise `BioselectError` and nothing else. A module may have `mutated(data, random)`, which
knows what its files hold. `COVERED` names the files below bioselect/ whose
lines are counted with ``--coverage``.
"""
