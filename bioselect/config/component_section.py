"""A component in a configuration: its name alone, or with parameters."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from bioselect.config.rules import allowed, rule_error, shown
from bioselect.config.section import Section


class ComponentSection(Section):
    """A component: its name, or its name with parameters."""

    name: Annotated[str, allowed("str")] = Field(
        description="A known name, or the import path 'pkg.module:Name'."
    )
    params: Annotated[dict[str, Any], allowed("dict")] = Field(
        default_factory=dict, description="Parameters; what is not written keeps its default."
    )

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, written: Any) -> Any:
        if isinstance(written, str):
            return {"name": written}
        if not isinstance(written, dict):
            raise rule_error(
                f"must be a name, or a mapping with name and params. Got {shown(written)}."
            )
        return written
