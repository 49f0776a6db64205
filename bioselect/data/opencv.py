"""OpenCV, imported when it is first needed."""

from __future__ import annotations

from types import ModuleType

from bioselect.exceptions import UnavailableError


def opencv() -> ModuleType:
    """Return the module `cv2`.

    Raises
    ------
    UnavailableError
        If OpenCV is not installed, or the system library `libGL.so.1` that the package
        `opencv-python` links against is missing, as it is on bare servers and in containers.
    """
    try:
        import cv2
    except ImportError as error:
        raise UnavailableError(_remedy(error)) from error
    return cv2


def _remedy(error: ImportError) -> str:
    if ".so" in str(error) or "DLL" in str(error):
        return (
            f"OpenCV cannot be loaded ({error}). Install the system's package that holds this "
            "library (Debian, Ubuntu: apt-get install libgl1 libglib2.0-0), or replace OpenCV by "
            "the build without windows: pip uninstall opencv-python, then "
            'pip install "opencv-python-headless<5".'
        )
    return f'OpenCV is not installed ({error}). Install it: pip install "opencv-python<5".'
