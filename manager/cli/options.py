"""The options that many commands share, and what they come to for one command line."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from manager.cli.output import Form
from manager.cli.pages import CommonOption

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from manager.cli.session import Session

    Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

ProgressChoice = Literal["auto", "plain", "json", "none"]


@dataclass(frozen=True, slots=True)
class Options:
    """What the shared options say; ``purpose`` is what happens to a plan: applied, shown, or only counted."""

    form: Form = "table"
    quiet: bool = False
    catalog: Path | None = None
    as_of: date | None = None
    no_input: bool = False
    progress: ProgressChoice = "auto"
    color: str = "auto"
    purpose: Literal["apply", "show", "check"] = "apply"
    yes: bool = False
    approve_destructive: bool = False
    without: tuple[str, ...] = ()


class Day(click.ParamType["date"]):
    """A day as ISO 8601 writes it."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day."""
        from datetime import datetime

        if not isinstance(value, str):
            found: date = value
            return found
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"{value!r} is no day; write it as 2026-11-21", param, ctx)


class Words(click.ParamType["str"]):
    """What a person says, and what is kept: no blanks alone, and nothing that is no text.

    Nothing at all is for an option that may be left out.
    """

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read the words; a byte of the command line that is no UTF-8 is a lone surrogate here."""
        words = str(value)
        if not words.strip() and (words or (param is not None and param.required)):
            self.fail("it is empty", param, ctx)
        if not words.isascii() and any("\ud800" <= one <= "\udfff" for one in words):
            self.fail("it is no text in UTF-8", param, ctx)
        return words


def because(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every decision says: why, and who agreed to it."""
    agreed = click.option("--approved-by", default="", type=Words(), metavar="PERSON", help="Who agreed to it.")
    why = click.option("--reason", required=True, type=Words(), metavar="TEXT", help="Why; it stays for ever.")
    return why(agreed(function))


def decides(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every decision says, ``--dry-run``, and the Session."""
    dry = click.option("--dry-run", is_flag=True, help="Print the file as it would be, and write nothing.")
    return because(dry(reads(function)))


def _option(*words: str, **more: Any) -> Decorator:
    return click.option(*words, cls=CommonOption, **more)


_EVERYWHERE = (
    _option(
        "-o",
        "--output",
        "form",
        type=click.Choice(get_args(Form)),
        metavar="FORM",
        help="Form of the result: table, wide, json, ndjson or name.",
    ),
    _option("-q", "--quiet", is_flag=True, help="Names, ids or URLs only."),
    _option(
        "--catalog",
        type=click.Path(),
        metavar="DIR",
        help="Catalog to use instead of the nearest one.",
    ),
    _option(
        "--as-of",
        type=Day(),
        metavar="DATE",
        help="Look at stages as they are on that UTC day (YYYY-MM-DD).",
    ),
    _option("--no-input", is_flag=True, help="Never ask anything."),
    _option(
        "--progress",
        type=click.Choice(get_args(ProgressChoice)),
        metavar="HOW",
        help="Progress on stderr: auto, plain, json or none.",
    ),
    _option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        metavar="WHEN",
        help="Colour: auto, always or never; NO_COLOR turns it off.",
    ),
)
_ANSWERS = (
    _option("-y", "--yes", is_flag=True, help="Answer yes to what is not destructive."),
    _option("--approve-destructive", is_flag=True, help="Answer yes to what is destructive, too."),
)
_PLAN = (
    _option("--dry-run", is_flag=True, help="Print the plan and change nothing."),
    _option("--check", is_flag=True, help="Change nothing; exit 3 if there would be changes."),
    *_ANSWERS,
)
_PART = _option(
    "--without",
    multiple=True,
    metavar="STEP",
    help="Leave out this step, by its id, and what makes no sense without it; may be repeated.",
)
_SHARED = ("form", "quiet", "catalog", "as_of", "no_input", "progress", "color")
_PLANNED = ("dry_run", "check", "yes", "approve_destructive", "without")


def everywhere(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of every command, and leave their values to :func:`told`."""
    for option in reversed(_EVERYWHERE):
        function = option(function)
    return function


def reads(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command that changes nothing its Session and the options of every command."""
    return everywhere(_with_session(function))


def asks(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command that has no plan but may ask its Session, and the options that answer beforehand."""
    wrapped = _with_session(function)
    for option in reversed(_ANSWERS):
        wrapped = option(wrapped)
    return everywhere(wrapped)


def plans(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command that plans changes its Session, the options of every command, and those about the plan."""
    wrapped = _with_session(function)
    for option in reversed(_PLAN):
        wrapped = option(wrapped)
    return everywhere(wrapped)


def parts(function: Callable[..., None]) -> Callable[..., None]:
    """Give what :func:`plans` does, and ``--without``, to a command whose plan has aims that do not need each other."""
    return _PART(plans(function))


def _with_session(function: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(function)
    def command(**given: Any) -> None:
        from manager.cli.session import Session

        context = click.get_current_context()
        shared = {name: given.pop(name) for name in (*_SHARED, *_PLANNED) if name in given}
        session: Session = Session(told(context, shared), context.obj)
        with session:
            function(session, **given)

    return command


def told(context: click.Context, given: dict[str, Any]) -> Options:
    """Join what stands after the command with what stands before it; the command's own word counts."""
    from pathlib import Path

    above = context.find_root().params
    found = {name: given.get(name) or above.get(name) for name in (*_SHARED, *_PLANNED)}
    if found["dry_run"] and found["check"]:
        raise click.UsageError("--dry-run and --check cannot be combined", ctx=context)
    return Options(
        form=found["form"] or "table",
        quiet=bool(found["quiet"]),
        catalog=Path(found["catalog"]) if found["catalog"] else None,
        as_of=found["as_of"],
        no_input=bool(found["no_input"]),
        progress=found["progress"] or "auto",
        color=found["color"] or "auto",
        purpose="show" if found["dry_run"] else "check" if found["check"] else "apply",
        yes=bool(found["yes"]),
        approve_destructive=bool(found["approve_destructive"]),
        without=tuple(found["without"] or ()),
    )
