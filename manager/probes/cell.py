"""Runs as a cell in an environment's own kernel: what is true of the process that a person's code runs in.

Printed as JSON lines: {"id", "outcome", "reason", "seconds", "measures"}.
"""

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
    wrong += [] if os.getuid() else ["it runs as root"]
    return ", ".join(wrong)


def _prefix():
    return "" if sys.prefix == "/opt/solvent/kernel" else f"the kernel runs from {sys.prefix}"


def _apart():
    seen = importlib.util.find_spec("jupyterlab")
    return f"jupyterlab can be imported from {seen.origin}" if seen else ""


def _root():
    return "" if os.statvfs("/").f_flag & os.ST_RDONLY else "the root file system can be written"


def _arithmetic():
    return "" if eval("1+1") == 2 else "1+1 is not 2"  # noqa: S307


for _id, _wrong in (
    ("kernel.executes", _arithmetic),
    ("kernel.prefix", _prefix),
    ("kernel.apart", _apart),
    ("kernel.capabilities", _capabilities),
    ("kernel.root", _root),
):
    _began = time.monotonic()
    try:
        _reason = _wrong()
        _outcome = "fail" if _reason else "pass"
    except Exception as _error:
        _outcome, _reason = "error", f"{type(_error).__name__}: {_error}"
    _line = {"id": _id, "outcome": _outcome, "reason": _reason}
    print(json.dumps({**_line, "seconds": round(time.monotonic() - _began, 3), "measures": {}}))
