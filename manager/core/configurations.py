"""What an image's configuration says of itself: labels, variables and its command. It is said, and not looked up."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from manager.core.traces import Trace, TraceKind

# Variables by which images that people build on say what is in them: docker-library's and rocker's.
_VARIABLES: dict[str, tuple[TraceKind, str]] = {
    "PYTHON_VERSION": ("python", "python"),
    "R_VERSION": ("r", "R"),
    "NODE_VERSION": ("node", "node"),
    "RSTUDIO_VERSION": ("ide", "rstudio"),
    "CODE_SERVER_VERSION": ("ide", "code-server"),
    "JUPYTERLAB_VERSION": ("ide", "jupyterlab"),
    "ZEPPELIN_VERSION": ("ide", "zeppelin"),
    "Z_VERSION": ("ide", "zeppelin"),
}
_PROGRAMS = {"jupyter-lab": "jupyterlab", "code-server": "code-server", "rserver": "rstudio", "marimo": "marimo"}
_VERSION = re.compile(r"v?(\d[\w.+-]{0,40})")


@dataclass(frozen=True, slots=True)
class Configuration:
    """A configuration as far as it matters here."""

    created: datetime
    labels: dict[str, str] = field(hash=False)
    traces: tuple[Trace, ...] = ()


def configuration(text: str) -> Configuration:
    """Read the JSON of an image's configuration; raises ValueError, in words for the person, for what is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("its configuration is no JSON") from None
    if not isinstance(found, dict):
        raise ValueError("its configuration is no JSON object")
    config = _table(found.get("config"))
    labels = {str(key): str(value) for key, value in _table(config.get("Labels")).items()}
    return Configuration(_created(found.get("created")), labels, _traces(config))


def _traces(config: dict[str, Any]) -> tuple[Trace, ...]:
    found = []
    for line in _list(config.get("Env")):
        name, _, value = str(line).partition("=")
        match = _VERSION.fullmatch(value)
        if name in _VARIABLES and match:
            found.append(Trace(*_VARIABLES[name], match[1], f"configuration: {name}"))
    for word in (*_list(config.get("Entrypoint")), *_list(config.get("Cmd"))):
        program = str(word).rpartition("/")[2]
        named = {one.name for one in found}
        if program in _PROGRAMS and _PROGRAMS[program] not in named:
            found.append(Trace("ide", _PROGRAMS[program], "", "configuration: command"))
    return tuple(found)


def _created(value: object) -> datetime:
    # Reproducible images say 1970, or nothing.
    try:
        instant = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", str(value)))
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
