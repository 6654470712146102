"""The terminal UI in a headless Chromium, which sees the Overview and presses a key."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.system.support_browser import asked

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def test_a_browser_sees_the_overview_and_presses_a_key(ready_world: World, tmp_path: Path) -> None:
    """Drawn without an error on the console; a browser without the token sees nothing."""
    tmp_path.chmod(0o777)
    with subprocess.Popen(
        ready_world.command("tui", "--serve", "--read-only"), env=ready_world.environ, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        question = {
            "url": url, "token": urlsplit(url).path.strip("/"), "timeout": 60, "first": "1 Overview", "key": "2",
            "then": "RELEASE", "picture": "/shots/tui.png", "shots": "/shots",
        }  # fmt: skip
        # The engine's host is where the address is.
        told = asked(ready_world, "host", question, volumes=(f"{tmp_path}:/shots",), script="support_terminal.py")
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)

    assert {name: one[0] for name, one in told.items()} == {
        "work.sees_the_first_screen": "pass",
        "work.presses_a_key": "pass",
        "work.is_not_shown_without_a_token": "pass",
    }, told
    assert (tmp_path / "tui.png").stat().st_size > 10_000
    assert question["token"] not in "".join(rest)
