"""Requirements become exact pins with hashes: a lock for both machines, or what goes beside packages that stay."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manager.core.lock_changes import needed_by
from manager.core.locks import MACHINES, Pin, merge, parse, pins_for, render
from manager.core.reach import AS_IT_IS
from manager.world.resolver.uv import run, target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from manager.core.locks import Machine
    from manager.core.reach import Reach

# A day before which everything came out; uv takes none that is much later.
_NEVER = "9000-01-01"


def lock(
    requirements: tuple[str, ...],
    python: str,
    previous: str = "",
    upgrade: tuple[str, ...] = (),
    say: Callable[[str], None] = lambda _: None,
    indexes: Mapping[str, str] | None = None,
    reach: Reach = AS_IT_IS,
    constraints: tuple[str, ...] = (),
    via: dict[str, set[str]] | None = None,
) -> str:
    """Resolve requirements for CPython ``python`` (``3.13``) on both machines to the text of one lock.

    Pins of ``previous`` stay where the requirements allow it, but for the distributions in ``upgrade``; without
    ``previous`` everything is the newest. Each distribution in ``indexes`` comes from that address and no other,
    and nothing else comes from there. ``constraints`` (``psycopg!=3.3.9``) bound the versions of whatever is
    needed. ``via`` is filled with what needs each distribution. ``say`` hears something at least every two seconds.
    Raises Unsolved with uv's reason where there is no solution, Unreachable where the index does not answer.
    """
    found: dict[Machine, tuple[Pin, ...]] = {}
    kept = parse(previous, "the previous lock") if previous else ()
    request = _Request(requirements, python, upgrade if previous else (), indexes or {}, constraints)
    for machine in MACHINES:
        found[machine] = _resolve(request, machine, pins_for(kept, python, machine), say, reach, via)
        if not previous:
            # Both machines get the same versions wherever both have wheels.
            kept = found[machine]
    machines = " and ".join(MACHINES)
    return render(merge(found), f"Python {python} on Linux {machines}; written by: solvent image lock")


def beside(
    requirements: tuple[str, ...],
    python: str,
    constraints: str,
    reach: Reach = AS_IT_IS,
    machine: Machine = "x86_64",
    until: date | None = None,
    any_version: tuple[str, ...] = (),
) -> tuple[Pin, ...]:
    """Resolve requirements beside packages that stay as they are (``constraints``: a requirements file's text).

    With ``until`` by what the index had before that day. Of ``any_version`` any will do, whatever others require.
    Raises Failed with uv's reason where there is no solution, Unreachable where the index does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="solvent-beside-") as name:
        wanted, kept, result = (Path(name, one) for one in ("wanted.in", "kept.txt", "requirements.txt"))
        wanted.write_text("".join(f"{one}\n" for one in requirements))
        kept.write_text(constraints)
        words = ["pip", "compile", str(wanted), "--constraint", str(kept), "--output-file", str(result)]
        words += ["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
        words += ["--exclude-newer", until.isoformat()] if until else []
        if any_version:
            free = Path(name, "free.txt")
            free.write_text("".join(f"{one}\n" for one in any_version))
            words += ["--override", str(free)]
            # However late it came out.
            late = (f"{one}={_NEVER}" for one in any_version)
            words += [word for one in late if until for word in ("--exclude-newer-package", one)]
        run(words + target_of(python, machine), Path(name), f"resolving for Python {python}", lambda _: None, reach)
        return parse(result.read_text(), "uv's answer")


@dataclass(frozen=True, slots=True)
class _Request:
    """What both machines get a lock for."""

    requirements: tuple[str, ...]
    python: str
    upgrade: tuple[str, ...]
    indexes: Mapping[str, str]
    constraints: tuple[str, ...]


def _resolve(
    request: _Request,
    machine: Machine,
    kept: tuple[Pin, ...],
    say: Callable[[str], None],
    reach: Reach,
    via: dict[str, set[str]] | None,
) -> tuple[Pin, ...]:
    with tempfile.TemporaryDirectory(prefix="solvent-lock-") as name:
        wanted, bounds, result = (Path(name, one) for one in ("pyproject.toml", "constraints.txt", "requirements.txt"))
        wanted.write_text(_project(request.requirements, request.indexes))
        # uv keeps the versions that its output file has already.
        result.write_text(render(kept))
        words = ["pip", "compile", str(wanted), "--output-file", str(result), "--generate-hashes"]
        words += ["--no-header", "--no-emit-index-url", "--no-emit-find-links", "--annotation-style", "line"]
        for package in request.upgrade:
            words += ["--upgrade-package", package]
        if request.constraints:
            bounds.write_text("".join(f"{one}\n" for one in request.constraints))
            words += ["--constraint", str(bounds)]
        what = f"resolving for Python {request.python}, {machine}"
        run(words + target_of(request.python, machine), Path(name), what, say, reach)
        text = result.read_text()
        if via is not None:
            for each, needing in needed_by(text).items():
                via.setdefault(each, set()).update(needing)
        return parse(text, "uv's answer")


def _project(requirements: tuple[str, ...], indexes: Mapping[str, str]) -> str:
    """Write requirements in the one form in which uv takes an index for some of them alone."""
    # A JSON string is a TOML string.
    lines = ["[project]", 'name = "solvent-lock"', 'version = "0"', f"dependencies = {json.dumps(requirements)}"]
    lines += ["[tool.uv.sources]", *(f"{json.dumps(name)} = {{ index = {json.dumps(name)} }}" for name in indexes)]
    for name, address in indexes.items():
        lines += ["[[tool.uv.index]]", f"name = {json.dumps(name)}", f"url = {json.dumps(address)}", "explicit = true"]
    return "\n".join(lines) + "\n"
