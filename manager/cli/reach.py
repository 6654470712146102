"""How an environment is shown, and how a person's browser reaches it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from manager.app.times import ago

if TYPE_CHECKING:
    from manager.app.views import EnvironmentView
    from manager.cli.session import Session


def show_environment(session: Session, view: EnvironmentView, *, headline: str = "") -> None:
    """Show an environment: with a ``headline``, that line alone stands for it where people read."""
    one = view.environment
    if headline and not session.output.structured:
        # ``-o name`` asks for the name; ``-q`` for what can be used at once.
        named = session.options.form == "name" and not session.options.quiet
        session.output.line(one.name if named else headline)
        if view.password and not named:
            session.terminal.note(f"the page asks for a password:  {view.password}")
        return
    facts = [
        ("name", one.name),
        ("url", view.url),
        ("password", view.password),
        ("state", one.state),
        ("release", one.release),
        ("stage", view.stage.value if view.stage else "no longer in the catalog"),
        ("build", one.version),
        ("digest", one.digest),
        ("owner", one.owner),
        ("workspace", one.workspace),
        ("connections", ", ".join(one.connections)),
        ("mounts", ", ".join(map(str, one.mounts))),
        ("created", ago(one.created)),
        ("ready", f"in {view.ready_seconds:.1f} s" if view.ready_seconds is not None else ""),
    ]
    session.output.one("environment", view.to_json(), [fact for fact in facts if fact[1]], name=one.name)


def reached(session: Session, view: EnvironmentView) -> None:
    """On a remote machine, say how the person's own browser reaches an environment there."""
    # Of SSH_CONNECTION's four words, the third is the address that the person connected to (ssh(1)).
    from getpass import getuser

    words = os.environ.get("SSH_CONNECTION", "").split()
    if view.url and len(words) == 4 and not session.output.structured:
        port = view.environment.port
        session.terminal.note(f"from your own machine:  ssh -L {port}:127.0.0.1:{port} {getuser()}@{words[2]}")
