"""Environment variables that are not a family's to set."""

from __future__ import annotations

# The images' Dockerfiles, the entry point and the launch set these, and what they start depends on them.
_RESERVED = ("HOME", "PATH", "JUPYTER_PATH", "JUPYTER_RUNTIME_DIR", "JUPYTER_TOKEN_FILE")


def is_reserved(variable: str) -> bool:
    """Say whether a variable is set by image and launch themselves."""
    return variable in _RESERVED or variable.startswith("SOLVENT_")
