"""Which parameters of components hold paths, and which words stand for weights instead."""

from __future__ import annotations

import difflib
from typing import Any

from bioselect.backbones.model_options import is_preset_folder

#: Words that stand for weights and are no file.
WEIGHT_WORDS = ("imagenet", "none")


def misspelt_word(written: str) -> str:
    """Return which of `WEIGHT_WORDS` was probably meant, or nothing.

    Examples
    --------
    >>> misspelt_word("imagnet"), misspelt_word("ImageNet"), misspelt_word("imagenet.h5")
    ('imagenet', 'imagenet', '')
    """
    near = difflib.get_close_matches(written.lower(), WEIGHT_WORDS, n=1, cutoff=0.75)
    return near[0] if near and written.isalnum() else ""


def is_path(name: str, value: Any) -> bool:
    """Tell whether a parameter of a built-in extractor or network holds a path.

    Examples
    --------
    >>> is_path("weights", "imagenet"), is_path("weights", "vgg16.h5"), is_path("path", "my.keras")
    (False, True, True)
    >>> is_path("preset", "vit_base_patch16_224_imagenet"), is_path("preset", "../presets/mine")
    (False, True)
    """
    if not isinstance(value, str) or not value:
        return False
    if name == "preset":
        return is_preset_folder(value)
    return name == "path" or (name == "weights" and value not in WEIGHT_WORDS)
