import builtins

import pytest

from bioselect.data.opencv import opencv
from bioselect.exceptions import UnavailableError


def _break_import(monkeypatch, message):
    genuine = builtins.__import__

    def refuse(name, *arguments, **named):
        if name == "cv2":
            raise ImportError(message)
        return genuine(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)


def test_gives_the_module():
    assert opencv().__name__ == "cv2"


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        (
            "libGL.so.1: cannot open shared object file: No such file or directory",
            r"libGL\.so\.1.*apt-get install libgl1.*opencv-python-headless<5",
        ),
        ("No module named 'cv2'", 'not installed.*pip install "opencv-python<5"'),
    ],
)
def test_a_failing_import_is_one_line_with_the_remedy(monkeypatch, message, remedy):
    _break_import(monkeypatch, message)
    with pytest.raises(UnavailableError, match=remedy) as caught:
        opencv()
    assert "\n" not in str(caught.value)
