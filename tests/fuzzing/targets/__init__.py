"""One module a target: `seeds()` gives valid files by name, `feed(name, data)` reads one.

`feed` may raise `BioselectError` and nothing else. `COVERED` names the files below bioselect/ whose
lines are counted with ``--coverage``.
"""
