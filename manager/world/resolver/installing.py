"""Exact pins become an installed folder: where their wheels are to be had, and how they are put there."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

from manager.core.locks import parse, pins_for, render
from manager.core.reach import AS_IT_IS
from manager.core.wheels import Offer
from manager.world.resolver.uv import run, target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from manager.core.locks import Machine, Pin
    from manager.core.reach import Reach


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
        run(words + target_of(python, machine), Path(name), f"installing {len(pins)} packages", say, reach)


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
        run(words + target_of(python, machine), Path(name), f"finding {len(pins)} wheels", say, reach)
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
        run(words + target_of(python, machine), Path(name), what, say, AS_IT_IS)


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
