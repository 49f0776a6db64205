"""A request that is not answered as it was meant: a status and one line for the person."""

from __future__ import annotations

from bioselect.exceptions import BioselectError


class RefusedError(BioselectError):
    """The page says no; `status` is that of HTTP."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
