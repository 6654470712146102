"""What is asked of the process of a kernel: each question with a process that gives the wrong answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import manager.probes

PROBE = Path(manager.probes.__file__).with_name("cell.py")


def _asked(**question: object) -> dict[str, tuple[str, str]]:
    """Ask a process of this Python; give outcome and reason by probe."""
    usual = {"imports": ["json"], "absent": ["no_such_module"], "prefix": sys.prefix, "uid": os.getuid()}
    text = f"QUESTION = {usual | question!r}\n{PROBE.read_text()}"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    return {one["id"]: (one["outcome"], one["reason"]) for one in lines}


def test_what_is_as_it_must_be_passes() -> None:
    """The user, the prefix, and what imports and what does not."""
    found = _asked()

    passed = {"kernel.prefix", "kernel.user", "kernel.without-no_such_module", "kernel.imports-json"}
    assert {probe for probe in passed if found[probe] == ("pass", "")} == passed


def test_each_wrong_answer_fails_its_own_question() -> None:
    """Another user, another Python, a package that must not be seen, and one that is missing."""
    found = _asked(uid=os.getuid() + 1, prefix="/opt/other", absent=["json"], imports=["no_such_module"])

    assert found["kernel.user"] == ("fail", f"it runs as {os.getuid()}")
    assert found["kernel.prefix"] == ("fail", f"it runs from {sys.prefix}, not /opt/other")
    assert found["kernel.without-json"][0] == "fail"
    assert found["kernel.imports-no_such_module"][0] == "fail"


def test_a_process_that_is_not_confined_fails() -> None:
    """This one has capabilities to gain, and may gain privileges from a program that it runs."""
    outcome, reason = _asked()["kernel.capabilities"]

    assert outcome == "fail"
    assert "CapBnd is" in reason
    assert "new privileges are allowed" in reason
