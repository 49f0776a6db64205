"""`tracking`: where a study is told of besides its run folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote_plus

from pydantic import Field

from bioselect.config.rules import Rule, allowed, resolved_path, rule_error, shown
from bioselect.config.section import Section

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://.*|databricks", re.DOTALL)
#: `password=`, `access_key=`, also inside a value (`odbc_connect=...PWD=...`).
_SECRET = re.compile(r"(?:pass|pwd|token|secret|key|sig|cred|auth|sas)[\w.-]*\s*=", re.IGNORECASE)


def is_server_or_database(written: str) -> bool:
    """Tell whether this is the address of a server or a database, and no folder.

    Examples
    --------
    >>> [is_server_or_database(one) for one in ("http://host:5000", "sqlite:///runs.db", "../a")]
    [True, True, False]
    """
    return _ADDRESS.fullmatch(written) is not None


def _checked_place(value: Any, base_dir: Path | None) -> str | None:
    """Return an address as it is, and a folder as an absolute path."""
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise rule_error(f"must be the address of a server, a folder, or null. Got {shown(value)}.")
    if not is_server_or_database(value):
        place = str(resolved_path(value, base_dir))
        if "?" in place:
            raise rule_error(
                "must be a folder without a question mark in its path, behind which a database "
                f"reads its settings. Got {shown(place)}."
            )
        return place
    if _holds_secret(value):
        # It would stand in config.yaml of the run folder, which is passed on; so would a message.
        raise rule_error(
            "must not hold a user, a password or a key, which would be kept with the results. Set "
            "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, in "
            "the environment instead; of a database, what its driver reads (PGUSER, PGPASSWORD)."
        )
    if value.startswith("file:"):
        raise rule_error(f"must be a folder, written without file:. Got {shown(value)}.")
    return value


def _holds_secret(address: str) -> bool:
    """Tell whether an address may hold what nobody else should read.

    Whatever stands before an @ counts: a lone user may be a token, and a password have slashes.

    Examples
    --------
    >>> _holds_secret("http://token@server:5000"), _holds_secret("mysql://db/x?ssl_key=a")
    (True, True)
    >>> _holds_secret("sqlite:///data/a@b/runs.db"), _holds_secret("mysql://db/x?charset=utf8")
    (False, False)
    """
    rest = address.partition("://")[2]
    has_user = "@" in rest and not rest.startswith("/")
    return has_user or _SECRET.search(unquote_plus(rest)) is not None


def _checked_name(value: Any, _: Path | None) -> str:
    if not isinstance(value, str) or not value.strip():
        raise rule_error(f"must be a name. Got {shown(value)}.")
    return value


class TrackingSection(Section):
    """Where a finished study is told of besides its run folder."""

    mlflow: Annotated[
        str | None, Rule(_checked_place, {"anyOf": [{"type": "string"}, {"type": "null"}]})
    ] = Field(
        default=None,
        description="The address of an MLflow server (http://...), of a database (sqlite:///...), "
        "or a folder relative to this file, in which a database is made. null: MLflow is not told. "
        "Needs the extra `tracking`.",
    )
    experiment: Annotated[str, Rule(_checked_name, {"type": "string", "minLength": 1})] = Field(
        default="bioselect", description="The name of the experiment there; made when missing."
    )
    artefacts: Annotated[bool, allowed("bool")] = Field(
        default=True,
        description="Whether tables (dataset.csv names files and groups), report.html (unless it "
        "shows images) and the model are sent too. false: parameters and scores alone.",
    )
    tensorboard: Annotated[bool, allowed("bool")] = Field(
        default=False,
        description="Whether the epochs of networks trained from pixels are written to "
        "tensorboard/ of the run folder. Needs the extra `tracking`.",
    )

    @property
    def is_asked_for(self) -> bool:
        """Whether anything is to be told anywhere."""
        return self.mlflow is not None or self.tensorboard
