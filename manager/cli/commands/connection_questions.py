"""What ``connection add`` asks on a terminal: only what is missing, secrets unseen, secure values with a yes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from manager.core.connections import from_url, wrong_type
from manager.core.secrets import parse_reference
from manager.errors import UsageError

if TYPE_CHECKING:
    from manager.app.saving import Given
    from manager.cli.session import Session
    from manager.cli.terminal import Terminal
    from manager.core.connectors import Authentication, Parameter

_REFERENCES = ("env:", "file:", "keyring:", "exec:")
_FORMS = "or a reference: env:NAME, file:PATH, keyring:SERVICE/USER, exec:COMMAND"


def completed(session: Session, name: str, connector: str, given: Given) -> tuple[str, Given]:
    """Ask for what a connection still needs; gives its connector and everything that was said, asked or not.

    Raises Interrupted where nobody answers any more, and whatever is wrong with what was said before.
    """
    terminal, manager = session.terminal, session.manager
    if not connector and name not in [one.name for one in manager.catalog.connections]:
        connector = _connector(session, given.url)
    draft = manager.draft_connection(name, connector, given)
    if draft.ways:
        given = replace(given, sign_in=_way(terminal, draft.ways))
        draft = manager.draft_connection(name, connector, given)
    for one in draft.missing:
        given = _secret(terminal, one, given) if one.secret else _value(terminal, one, given)
    # Which secure values fit may depend on what was just said.
    for one in manager.draft_connection(name, connector, given).offers:
        terminal.line(_hint(one))
        if terminal.agreed(f"{one.name} = {one.secure}, which is the secure choice?"):
            given = replace(given, parameters=(*given.parameters, (one.name, one.secure)))
    return connector, given


def _connector(session: Session, url: str) -> str:
    """Ask for a connector until it is one; what alone reads the URL is offered."""
    known = [one.id for one in session.manager.catalog.connectors]
    guess = _readers(session, url) if url else []
    default = guess[0] if len(guess) == 1 else ""
    session.terminal.line(f"connectors: {', '.join(known)}")
    while True:
        said = session.terminal.answer(f"connector{f' [{default}]' if default else ''}:") or default
        if said in known:
            return said
        try:
            session.manager.catalog.connector(said)
        except UsageError as error:
            session.terminal.line("; ".join(filter(None, (error.message, error.hint, "see  solvent connector list"))))


def _readers(session: Session, url: str) -> list[str]:
    found = []
    for one in session.manager.catalog.connectors:
        try:
            from_url(one, url)
        except UsageError:
            continue
        found.append(one.id)
    return found


def _way(terminal: Terminal, ways: tuple[Authentication, ...]) -> str:
    """Ask how to sign in; "" for none of the ways."""
    terminal.line("ways to sign in:")
    width = max(len(one.name) for one in ways)
    for number, one in enumerate(ways, 1):
        inside = "yes" if one.inside else "no"
        note = f" ({one.note})" if one.note else ""
        terminal.line(
            f"  {number}  {one.name:{width}}  {one.title}: {', '.join(one.needs) or 'nothing'}\n"
            f"     {'':{width}}  works inside an environment: {inside}{note}"
        )
    terminal.line("  0  none of them")
    names = [one.name for one in ways]
    default = next((one.name for one in ways if one.inside), names[0])
    while True:
        said = terminal.answer(f"way, by number or name [{default}]:") or default
        if said == "0":
            return ""
        if said in names:
            return said
        if said.isdecimal() and 0 < int(said) <= len(names):
            return names[int(said) - 1]
        terminal.line(f"that is none of them; a number up to {len(names)}, or a name")


def _value(terminal: Terminal, one: Parameter, given: Given) -> Given:
    terminal.line(_hint(one))
    while True:
        said = terminal.answer(f"{one.name}:")
        why = wrong_type(one, said) if said else "is needed"
        if not why:
            return replace(given, parameters=(*given.parameters, (one.name, said)))
        terminal.line(f"{one.name} {why}")


def _secret(terminal: Terminal, one: Parameter, given: Given) -> Given:
    """Ask for a secret or its reference; of a secret that is a file, for its path."""
    terminal.line(_hint(one))
    is_file = one.type == "path"
    while True:
        said = terminal.answer(
            f"{one.name} ({'path of the file' if is_file else 'not shown'}, {_FORMS}):", shown=is_file
        )
        if not said:
            terminal.line(f"{one.name} is needed")
        elif said.startswith(_REFERENCES):
            try:
                parse_reference(said)
            except UsageError as error:
                terminal.line(error.sentence)
                continue
            return replace(given, references=(*given.references, (one.name, said)))
        elif not is_file:
            return replace(given, parameters=(*given.parameters, (one.name, said)))
        elif (place := Path(said).expanduser().absolute()).is_file():
            return replace(given, references=(*given.references, (one.name, f"file:{place}")))
        else:
            terminal.line("there is no such file; Ctrl-C ends it, and nothing is saved")


def _hint(one: Parameter) -> str:
    # The question itself says that a reference can be given.
    said = one.description.replace(", by reference", "", 1)
    return f"{one.name}: {said}" if said else one.name
