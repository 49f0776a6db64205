"""How many different mistakes are tested, so that none is lost unnoticed."""

import re
from pathlib import Path


def test_there_are_as_many_mistakes_as_promised():
    text = "\n".join(path.read_text() for path in sorted(Path(__file__).parent.glob("test_*.py")))
    made = [part for part in re.split(r"^def test_", text, flags=re.M) if "lab.told(" in part]
    assert len(made) >= 130
