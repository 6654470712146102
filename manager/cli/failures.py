"""Errors as a person or a program reads them: three lines, or one JSON object."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from manager.errors import CatalogError, Failed, Interrupted, ManagerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.app.settings import Settings

# Characters of a message; one names a thing or two, and a name has at most some dozens.
_LONGEST = 400


def as_text(error: ManagerError, paint: Callable[[str, str], str] = lambda text, _: text) -> str:
    """Render ``error:``, ``why:`` and ``hint:``; a catalog's problems come a line each, as ``file:line  key: why``."""
    lines = [f"{paint('error:', 'red')} {_clipped(error.message)}"]
    if isinstance(error, CatalogError) and error.problems:
        for problem in error.problems:
            lines.append(f"  {problem}")
            lines += [f"      {problem.hint}"] if problem.hint else []
    else:
        reasons = [error.why] if error.where in error.why else list(filter(None, (error.where, error.why)))
        lines += _hanging("  why:  ", "  ".join(filter(None, reasons)))
    lines += _hanging("  hint: ", error.hint)
    return "\n".join(lines)


def _clipped(message: str) -> str:
    """Leave out the middle of a message that repeats something huge."""
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST - 80]} ... {message[-60:]}"


def _hanging(label: str, text: str) -> list[str]:
    first, *rest = text.splitlines() or [""]
    return [label + first, *(" " * len(label) + line for line in rest)] if text else []


def as_json(error: ManagerError) -> str:
    """Render one line of ``{"error": {"code", "message", "why", "hint", "where"}}``, ``problems`` for a catalog."""
    inner: dict[str, Any] = {
        "code": error.code,
        "message": _clipped(error.message),
        "why": error.why or None,
        "hint": error.hint or None,
        "where": error.where or None,
    }
    if isinstance(error, CatalogError):
        inner["problems"] = [
            {"file": one.file, "line": one.line, "key": one.key, "why": one.why, "hint": one.hint or None}
            for one in error.problems
        ]
    return json.dumps({"error": inner}, ensure_ascii=False)


def from_click(error: click.ClickException) -> ManagerError:
    """Translate what click found wrong with the words; names and options get a "did you mean"."""
    from manager.core.catalog import did_you_mean

    context = getattr(error, "ctx", None)
    help_page = f"{context.command_path} --help" if context else "solvent --help"
    hint = f"see  {help_page}"
    message = error.message
    if isinstance(error, click.NoSuchOption):
        message = f"no such option: {error.option_name}"
        known = [name for one in context.command.get_params(context) for name in one.opts] if context else []
        near = did_you_mean(error.option_name, [name for name in known if name.startswith("--")])
        hint = f"{near} " * near.startswith("did") + hint
    elif isinstance(error, click.BadParameter):
        message = error.format_message().rstrip(".")
        message = message[:1].lower() + message[1:]
    return UsageError(message.rstrip("."), hint=hint)


def unknown_command(name: str, known: list[str], path: str) -> UsageError:
    """Give the error for a command that there is not."""
    from manager.core.catalog import did_you_mean

    near = did_you_mean(name, known)
    hint = f"{near} " * near.startswith("did") + f"see  {path} --help"
    return UsageError(f"no such command: {path} {name}", hint=hint)


def interrupted() -> Interrupted:
    """Give the error for Ctrl-C and for a termination signal."""
    return Interrupted("interrupted; the next run continues")


def bug(error: BaseException, masked: Callable[[str], str]) -> ManagerError:
    """Give the error for an exception that nobody expected, with its traceback in a log file.

    The log holds no argument of the command line, because one may be a password.
    """
    import tempfile
    import traceback

    moment = datetime.now(UTC)
    text = masked("".join(traceback.format_exception(error)))
    for kind in ("own", "temporary"):
        try:
            place = log_folder() if kind == "own" else Path(tempfile.gettempdir())
            place.mkdir(parents=True, exist_ok=True)
            log = place / f"solvent-bug-{moment:%Y%m%dT%H%M%S}-{os.getpid()}.log"
            descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{moment:%Y-%m-%dT%H:%M:%SZ}\n{text}")
        except Exception:  # noqa: S112 - whatever is wrong with one place, the other is tried
            continue
        return Failed(
            "this is a bug in Solvent",
            why=masked(f"{type(error).__name__}: {error}"),
            hint=f"please report it with the log:  {log}",
        )
    return Failed("this is a bug in Solvent, and its log could not be written", why=masked(text))


def log_folder(settings: Settings | None = None) -> Path:
    """Give the folder of the logs; it is the person's, because a shared one may not be writable."""
    from manager.app.settings import load

    return (settings or load()).personal_dir / "logs"
