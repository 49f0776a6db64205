"""What all sections of a configuration have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """What all sections have in common: they cannot be changed, and know no other keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
