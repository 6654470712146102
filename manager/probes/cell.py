"""Runs as a cell in an environment's own kernel: what is true of the process that a person's code runs in.

``QUESTION`` is defined before it: ``imports`` and ``absent`` (modules that must and must not import), ``prefix`` (the
Python's), ``uid``. Printed as JSON lines: {"id", "outcome", "reason", "seconds", "measures"}.
"""

import importlib
import importlib.util
import json
import os
import sys
import time
from pathlib import Path


def _capabilities():
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    held = {name: fields[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    wrong = [f"{name} is {value}" for name, value in held.items() if int(value, 16)]
    wrong += [] if fields["NoNewPrivs"] == "1" else ["new privileges are allowed"]
    return ", ".join(wrong)


def _user():
    return "" if os.getuid() == QUESTION["uid"] else f"it runs as {os.getuid()}"  # noqa: F821


def _prefix():
    wanted = QUESTION["prefix"]  # noqa: F821
    return "" if sys.prefix == wanted else f"it runs from {sys.prefix}, not {wanted}"


def _absent(module):
    seen = importlib.util.find_spec(module)
    return f"{module} can be imported from {seen.origin}" if seen else ""


def _imports(module):
    importlib.import_module(module)
    return ""


_PROBES = (
    ("kernel.prefix", _prefix, ()),
    ("kernel.user", _user, ()),
    ("kernel.capabilities", _capabilities, ()),
    *((f"kernel.without-{_name}", _absent, (_name,)) for _name in QUESTION["absent"]),  # noqa: F821
    *((f"kernel.imports-{_name}", _imports, (_name,)) for _name in QUESTION["imports"]),  # noqa: F821
)
for _id, _probe, _words in _PROBES:
    _began = time.monotonic()
    try:
        _reason = _probe(*_words)
        _outcome = "fail" if _reason else "pass"
    except Exception as _error:
        _outcome, _reason = "fail" if _probe is _imports else "error", f"{type(_error).__name__}: {_error}"
    _line = {"id": _id, "outcome": _outcome, "reason": _reason}
    print(json.dumps({**_line, "seconds": round(time.monotonic() - _began, 3), "measures": {}}))
