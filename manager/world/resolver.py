"""uv as a subprocess: requirements become a lock, a lock becomes an installed folder.

Index, proxy and authorities come from the mirrors that are set, and else from the environment and uv's own files;
nothing of them stands in a lock. Only wheels are taken: nothing of a package runs while it is installed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

from manager.core.locks import MACHINES, Pin, merge, parse, pins_for, render
from manager.core.reach import AS_IT_IS
from manager.core.wheels import Offer
from manager.errors import Failed, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from manager.core.locks import Machine
    from manager.core.reach import Reach

# glibc 2.28 (PEP 600): every base of ours is newer, bullseye with 2.31 is the oldest.
_PLATFORM = "manylinux_2_28"
# No silence longer than two seconds.
_BEAT = 1.9
# The first look at sysconfig, by which uv finds its program, is not safe from two threads at once (CPython 3.11).
_FINDING = threading.Lock()
# How uv's help words what --default-index is where nobody gives it.
_BY_DEFAULT = re.compile(r"default package index \(by default: <(https?://[^>\s]+)>\)")
# How uv words it when the index, not the request, is the trouble.
_NO_INDEX = re.compile(
    r"error sending request|dns error|client error \(Connect\)|tcp connect error|timed out|connection (?:refused|reset)"
    r"|HTTP status server error|invalid peer certificate|Network connectivity is disabled"
    r"|HTTP status client error \(4(?:01|03|07|29)|lack of valid authentication credentials|UnknownIssuer"
    r"|unsuccessful tunnel|invalid certificate",
    re.IGNORECASE,
)


def lock(
    requirements: tuple[str, ...],
    python: str,
    previous: str = "",
    upgrade: tuple[str, ...] = (),
    say: Callable[[str], None] = lambda _: None,
    indexes: Mapping[str, str] | None = None,
    reach: Reach = AS_IT_IS,
) -> str:
    """Resolve requirements for CPython ``python`` (``3.13``) on both machines to the text of one lock.

    Pins of ``previous`` stay where the requirements allow it, but for the distributions in ``upgrade``; without
    ``previous`` everything is the newest. Each distribution in ``indexes`` comes from that address and no other,
    and nothing else comes from there. ``say`` hears something at least every two seconds. Raises Failed
    with uv's reason where there is no solution, Unreachable where the index does not answer.
    """
    found: dict[Machine, tuple[Pin, ...]] = {}
    kept = parse(previous, "the previous lock") if previous else ()
    moving = upgrade if previous else ()
    for machine in MACHINES:
        wanted = pins_for(kept, python, machine)
        found[machine] = _resolve(requirements, python, machine, wanted, moving, say, indexes or {}, reach)
        if not previous:
            # Both machines get the same versions wherever both have wheels.
            kept = found[machine]
    machines = " and ".join(MACHINES)
    return render(merge(found), f"Python {python} on Linux {machines}; written by: solvent image lock")


def install(
    text: str,
    python: str,
    target: Path,
    machine: Machine = "x86_64",
    say: Callable[[str], None] = lambda _: None,
    indexes: Mapping[str, str] | None = None,
    reach: Reach = AS_IT_IS,
) -> None:
    """Install what a lock pins for one Python and machine into a new folder, copied, never linked to uv's cache.

    No interpreter of that version is needed. Every file's hash is checked, so it does not matter which of the
    usual index and the addresses in ``indexes`` has it. Raises Failed with uv's reason, Unreachable where the index
    does not answer, CatalogError for a text that is no lock, and ValueError for a folder that holds something
    already.
    """
    if target.exists() and any(target.iterdir()):
        raise ValueError(f"{target} is not empty")
    pins = pins_for(parse(text), python, machine)
    with tempfile.TemporaryDirectory(prefix="solvent-install-") as name:
        pinned = Path(name, "requirements.txt")
        pinned.write_text(render(pins))
        words = ["pip", "install", "--target", str(target.absolute()), "--requirement", str(pinned)]
        words += ["--no-deps", "--require-hashes", "--link-mode", "copy", "--no-compile-bytecode"]
        words += _indexes(indexes or {})
        _uv(words + _target(python, machine), Path(name), f"installing {len(pins)} packages", say, reach)


def offers(
    pins: tuple[Pin, ...],
    python: str,
    machine: Machine = "x86_64",
    say: Callable[[str], None] = lambda _: None,
    indexes: Mapping[str, str] | None = None,
    reach: Reach = AS_IT_IS,
) -> tuple[Offer, ...]:
    """Ask where the wheels of exact pins are to be had, as an installation would find them; nothing is fetched.

    Raises Failed with uv's reason, Unreachable where the index does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="solvent-offers-") as name:
        pinned, result = Path(name, "requirements.txt"), Path(name, "pylock.toml")
        pinned.write_text(render(pins))
        words = ["pip", "compile", str(pinned), "--output-file", str(result), "--format", "pylock.toml"]
        words += ["--no-deps", "--generate-hashes", *_indexes(indexes or {})]
        _uv(words + _target(python, machine), Path(name), f"finding {len(pins)} wheels", say, reach)
        return tuple(_offered(tomllib.loads(result.read_text()), Path(name)))


def put(
    files: Mapping[Pin, Path],
    python: str,
    target: Path,
    machine: Machine = "x86_64",
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Install wheels at hand, each with its own hash, into a new folder: no index and no cache is asked.

    Raises Failed with uv's reason.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".solvent-put-") as name:
        pinned = Path(name, "requirements.txt")
        lines = (f"{pin.name} @ {file.absolute().as_uri()} {_hashed(pin)}\n" for pin, file in files.items())
        pinned.write_text("".join(lines))
        words = ["pip", "install", "--target", str(target.absolute()), "--requirement", str(pinned)]
        words += ["--no-deps", "--require-hashes", "--link-mode", "copy", "--no-compile-bytecode"]
        words += ["--offline", "--no-index", "--cache-dir", str(Path(name, "cache"))]
        what = f"installing {len(files)} packages from the archive"
        _uv(words + _target(python, machine), Path(name), what, say, AS_IT_IS)


def beside(
    requirements: tuple[str, ...], python: str, constraints: str, reach: Reach = AS_IT_IS, machine: Machine = "x86_64"
) -> tuple[Pin, ...]:
    """Resolve requirements beside packages that stay as they are (``constraints``: a requirements file's text).

    Raises Failed with uv's reason where there is no solution, Unreachable where the index does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="solvent-beside-") as name:
        wanted, kept, result = (Path(name, one) for one in ("wanted.in", "kept.txt", "requirements.txt"))
        wanted.write_text("".join(f"{one}\n" for one in requirements))
        kept.write_text(constraints)
        words = ["pip", "compile", str(wanted), "--constraint", str(kept), "--output-file", str(result)]
        words += ["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
        _uv(words + _target(python, machine), Path(name), f"resolving for Python {python}", lambda _: None, reach)
        return parse(result.read_text(), "uv's answer")


def version() -> str:
    """Give uv's version; raises Failed when uv cannot be run."""
    try:
        answer = subprocess.run([_program(), "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failed(
            "uv cannot be run", why=str(error), hint="install it again:  pip install --force-reinstall uv"
        ) from None
    return answer.split()[1]


def _resolve(
    requirements: tuple[str, ...],
    python: str,
    machine: Machine,
    kept: tuple[Pin, ...],
    upgrade: tuple[str, ...],
    say: Callable[[str], None],
    indexes: Mapping[str, str],
    reach: Reach,
) -> tuple[Pin, ...]:
    with tempfile.TemporaryDirectory(prefix="solvent-lock-") as name:
        wanted, result = Path(name, "pyproject.toml"), Path(name, "requirements.txt")
        wanted.write_text(_project(requirements, indexes))
        # uv keeps the versions that its output file has already.
        result.write_text(render(kept))
        words = ["pip", "compile", str(wanted), "--output-file", str(result), "--generate-hashes"]
        words += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
        for package in upgrade:
            words += ["--upgrade-package", package]
        _uv(words + _target(python, machine), Path(name), f"resolving for Python {python}, {machine}", say, reach)
        return parse(result.read_text(), "uv's answer")


def _project(requirements: tuple[str, ...], indexes: Mapping[str, str]) -> str:
    """Write requirements in the one form in which uv takes an index for some of them alone."""
    # A JSON string is a TOML string.
    lines = ["[project]", 'name = "solvent-lock"', 'version = "0"', f"dependencies = {json.dumps(requirements)}"]
    lines += ["[tool.uv.sources]", *(f"{json.dumps(name)} = {{ index = {json.dumps(name)} }}" for name in indexes)]
    for name, address in indexes.items():
        lines += ["[[tool.uv.index]]", f"name = {json.dumps(name)}", f"url = {json.dumps(address)}", "explicit = true"]
    return "\n".join(lines) + "\n"


def _indexes(indexes: Mapping[str, str]) -> list[str]:
    """Let every index be asked for every distribution: the hashes say which file is right."""
    words = [word for name, address in indexes.items() for word in ("--index", f"{name}={address}")]
    return [*words, "--index-strategy", "unsafe-best-match"] if indexes else []


def _offered(document: dict[str, Any], folder: Path) -> Iterator[Offer]:
    """Read a lock of the form of PEP 751; a path in it is relative to its folder."""
    for package in document.get("packages", ()):
        for wheel in package.get("wheels", ()):
            address = wheel.get("url") or (folder / wheel["path"]).resolve().as_uri()
            name = wheel.get("name") or unquote(urlsplit(address).path).rpartition("/")[2]
            yield Offer(canonicalize_name(package["name"]), name, address, wheel.get("hashes", {}).get("sha256", ""))


def _hashed(pin: Pin) -> str:
    return " ".join(f"--hash={value}" for value in pin.hashes)


def _target(python: str, machine: Machine) -> list[str]:
    words = ["--python-version", python, "--python-platform", f"{machine}-{_PLATFORM}"]
    return [*words, "--python", sys.executable, "--only-binary", ":all:"]


def _program() -> str:
    from uv import find_uv_bin

    with _FINDING:
        return find_uv_bin()


def answers(reach: Reach, python: str) -> None:
    """Ask the index for pip, as a lock would; raises Unreachable or Failed with uv's reason."""
    with tempfile.TemporaryDirectory(prefix="solvent-index-") as name:
        wanted = Path(name, "requirements.in")
        wanted.write_text("pip\n")
        words = ["pip", "compile", str(wanted), "--no-deps", "--refresh", "--quiet"]
        _uv(words + _target(python, MACHINES[0]), Path(name), "asking the package index", lambda _: None, reach)


def default_index() -> str:
    """Give the index that uv asks where nothing names one, as its own help says it; "" where it does not say so."""
    words = [_program(), "help", "pip", "install"]
    said = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ | {"NO_COLOR": "1"})
    found = _BY_DEFAULT.search(said.stdout)
    return found[1] if found else ""


def _environment(reach: Reach, folder: Path) -> dict[str, str]:
    """Give the variables by which uv is told of the mirrors: the index with its login, proxy, authorities."""
    found = dict(reach.proxy())
    if reach.mirrors.python:
        found["UV_DEFAULT_INDEX"] = reach.opened("python")
    if reach.bundle:
        (folder / "authorities.pem").write_text(reach.bundle)
        found["SSL_CERT_FILE"] = str(folder / "authorities.pem")
    return found


def _uv(words: list[str], folder: Path, what: str, say: Callable[[str], None], reach: Reach) -> None:
    # An interpreter is never fetched: uv needs one only to run itself, and this one does.
    own = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "NO_COLOR": "1"}
    environment = os.environ | own | _environment(reach, folder)
    say(what)
    began = time.monotonic()
    with subprocess.Popen(
        [_program(), *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        try:
            while True:
                try:
                    error = process.communicate(timeout=_BEAT)[1]
                    break
                except subprocess.TimeoutExpired:
                    say(f"{what}: {time.monotonic() - began:.0f} s")
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise _translated(reach.masked(error), what, reach)


def _translated(error: str, what: str, reach: Reach) -> Failed | Unreachable:
    """Give uv's reason without a user name or password that an index address may carry."""
    why = re.sub(r"(?<=://)[^/@\s]+@", "", error).strip()
    if _NO_INDEX.search(why):
        return Unreachable(
            f"{what}: the package index does not answer",
            why=why,
            hint="see  mirror.python, mirror.ca_bundle  and  mirror.credentials.python  in  solvent config show"
            if reach.mirrors.python
            else "name it with  python  and  ca_bundle  in [mirror], or for uv:  UV_DEFAULT_INDEX, SSL_CERT_FILE",
        )
    return Failed(f"{what}: uv found no way", why=why, hint="loosen or move what the reason names, then lock again")
