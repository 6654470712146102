"""Where an environment is reached, and a browser that goes there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from manager.errors import Refused

if TYPE_CHECKING:
    from manager.app.views import EnvironmentView


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
