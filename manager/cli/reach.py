"""How an environment is shown, and how a person's browser reaches it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from manager.app.times import ago
from manager.errors import Refused

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


def open_url(view: EnvironmentView) -> str:
    """Give the URL; raises Refused for an environment that has none, with the command that helps."""
    if view.url:
        return view.url
    one = view.environment
    if one.state == "running":
        raise Refused(f"{one.name} has no URL yet", hint=f"see what it says:  solvent env logs {one.name}")
    raise Refused(f"{one.name} is {one.state}", hint=f"start it:  solvent env start {one.name}")


def browse(url: str) -> None:
    """Open a URL where there is a display, by a page that leads there.

    The words of a process can be read by everyone on the machine, so the token is not among them: it lies in the
    session's own folder, in memory, which only the person can read (XDG Base Directory, XDG_RUNTIME_DIR).
    """
    import subprocess
    from html import escape
    from pathlib import Path
    from shutil import which

    folder = os.environ.get("XDG_RUNTIME_DIR")
    opener = which("xdg-open")
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) or not folder or not opener:
        return
    page = Path(folder) / "solvent-open.html"
    page.unlink(missing_ok=True)
    with os.fdopen(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(f'<meta http-equiv="refresh" content="0;url={escape(url)}">')
    # Browsers write to the streams that they are given, so they are given none.
    subprocess.Popen(
        [opener, str(page)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
