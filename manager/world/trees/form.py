"""Brings what uv installed into one form: the same wheels give the same bytes, wherever and whenever."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import re
import shutil
from typing import TYPE_CHECKING

from manager.errors import Failed
from manager.world.trees.content import rows, set_modes

if TYPE_CHECKING:
    from pathlib import Path

# What wheels put beside site-packages (the "data" and "headers" schemes); everything else is importable.
BESIDE = ("bin", "etc", "include", "lib", "man", "sbin", "share")
# What depends on how, where or when it was installed and not on what; INSTALLER is written anew.
_INCIDENTAL = ("REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json")
_PYTHON = re.compile(rb"(?:.*/)?pythonw?[0-9.]*")


def normalise(folder: Path, python: str, prefix: str) -> None:
    """Turn what ``uv pip install --target`` left in ``folder`` into a tree for ``prefix``, in place.

    ``python`` is ``3.13``; the interpreter is the base's ``/usr/bin/python3.13``. The same wheels give the same
    bytes and modes, whatever the folder, the umask, the day or the installing interpreter was. Kernelspecs that
    say ``python`` get the tree's own interpreter. Raises Failed when two distributions bring different files of
    one name, as which one wins would be chance.
    """
    (folder / ".lock").unlink(missing_ok=True)
    site = site_packages(folder, python)
    importable = [one for one in folder.iterdir() if one.name not in BESIDE or (one / "__init__.py").exists()]
    site.mkdir(parents=True)
    for one in importable:
        one.rename(site / one.name)
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)
    interpreter = f"{prefix}/bin/python"
    # uv names one script of pip after the Python that uv itself runs with; pip and pip3 are enough.
    for script in (folder / "bin").glob("pip3.*"):
        script.unlink()
    for script in (folder / "bin").glob("*"):
        _fix_script(script, interpreter)
    for spec in folder.glob("share/jupyter/kernels/*/kernel.json"):
        _fix_kernelspec(spec, interpreter)
    _check_collisions(site)
    for info in site.glob("*.dist-info"):
        _fix_record(info, site, folder)
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / "python").symlink_to(f"/usr/bin/python{python}")
    for name in ("python3", f"python{python}"):
        (folder / "bin" / name).symlink_to("python")
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    set_modes(folder)


def site_packages(folder: Path, python: str) -> Path:
    """Give where a tree's packages lie."""
    return folder / "lib" / f"python{python}" / "site-packages"


def _fix_script(script: Path, interpreter: str) -> None:
    """Point a Python script to the tree's interpreter; other files in ``bin`` stay as they are."""
    if not script.is_file():
        return
    content = script.read_bytes()
    if not content.startswith(b"#!"):
        return
    first, _, rest = content.partition(b"\n")
    words = first[2:].split()
    if words and words[0].endswith(b"/env"):
        words = words[1:]
    if words == [b"/bin/sh"] and rest.startswith(b"'''exec' "):
        # How installers get round the limit of 127 bytes, and round spaces, in the first line.
        rest = rest.split(b"\n' '''\n", 1)[1]
    elif not words or not _PYTHON.fullmatch(words[0]):
        return
    script.write_bytes(b"#!" + interpreter.encode() + b"\n" + rest)


def _fix_kernelspec(spec: Path, interpreter: str) -> None:
    """Give a kernelspec its own tree's interpreter: a bare ``python`` would be that of the server."""
    kernel = json.loads(spec.read_bytes())
    if _PYTHON.fullmatch(kernel["argv"][0].encode()):
        kernel["argv"][0] = interpreter
    spec.write_text(json.dumps(kernel, indent=1) + "\n")


def _check_collisions(site: Path) -> None:
    claims: dict[str, tuple[str, str]] = {}
    for info in sorted(site.glob("*.dist-info")):
        for path, content, _ in rows(info):
            other, same = claims.setdefault(path, (info.name, content))
            if same != content:
                names = " and ".join(one.removesuffix(".dist-info") for one in (other, info.name))
                raise Failed(
                    f"{names} both bring {path}",
                    why="their bytes differ, so what is installed would be chance",
                    hint="take one of the two out of the release",
                )


def _fix_record(info: Path, site: Path, folder: Path) -> None:
    """Write RECORD for where the files are now, sorted, with hashes of what they hold now."""
    for name in _INCIDENTAL:
        (info / name).unlink(missing_ok=True)
    (info / "INSTALLER").write_text("uv\n")
    found: list[tuple[str, str, str]] = []
    for path, _, _ in rows(info):
        place = site / path
        if not place.is_file() and (folder / path).is_file():
            place = folder / path
        if not place.is_file():
            continue
        content = place.read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        found.append((os.path.relpath(place, site), f"sha256={digest}", str(len(content))))
    own = f"{info.name}/RECORD"
    found = sorted({row for row in found if row[0] != own} | {(own, "", "")})
    with (info / "RECORD").open("w", newline="", encoding="utf-8") as record:
        csv.writer(record, lineterminator="\n").writerows(found)
