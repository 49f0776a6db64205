"""How a check says that a component breaks the contract."""

from __future__ import annotations


class ContractViolation(Exception):  # noqa: N818 - a finding, not an error of ours
    """A component does not do what every component must; the message says what."""


def require(condition: bool, message: str) -> None:
    """Raise `ContractViolation` with the message unless the condition holds."""
    if not condition:
        raise ContractViolation(message)
