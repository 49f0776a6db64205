"""What all sections of a configuration have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the configuration: it cannot be changed, and knows no other keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
