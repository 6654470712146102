"""An index in a folder: tiny wheels with scripts and data files, made on the spot, for uv without a network."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Shelf:
    """A folder of wheels, as ``uv --find-links`` reads it."""

    folder: Path

    def add(
        self,
        name: str,
        version: str,
        *,
        needs: tuple[str, ...] = (),
        scripts: tuple[str, ...] = (),
        data: dict[str, bytes] | None = None,
        files: dict[str, bytes] | None = None,
        tag: str = "py3-none-any",
    ) -> Path:
        """Make a wheel; ``data`` is what goes beside site-packages, ``files`` what goes into it."""
        info = f"{name}-{version}.dist-info"
        requires = "".join(f"Requires-Dist: {need}\n" for need in needs)
        content = {
            f"{name}/__init__.py": f"__version__ = {version!r}\n\ndef main():\n    print({name!r})\n".encode(),
            **(files or {}),
            **{f"{name}-{version}.data/data/{path}": one for path, one in (data or {}).items()},
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}".encode(),
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
        }
        if scripts:
            lines = "".join(f"{script} = {name}:main\n" for script in scripts)
            content[f"{info}/entry_points.txt"] = f"[console_scripts]\n{lines}".encode()
        record = "".join(f"{path},{_hash(one)},{len(one)}\n" for path, one in content.items())
        content[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
        wheel = self.folder / f"{name}-{version}-{tag}.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, one in content.items():
                archive.writestr(zipfile.ZipInfo(path), one)
        return wheel

    def serve(self, name: str, version: str, *, needs: tuple[str, ...] = ()) -> None:
        """Make a wheel and put it where an index has it (PEP 503): the folder is then an index, too."""
        page = self.folder / name
        page.mkdir(parents=True, exist_ok=True)
        wheel = Shelf(page).add(name, version, needs=needs)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        with (page / "index.html").open("a") as index:
            index.write(f'<a href="{wheel.name}#sha256={digest}">{wheel.name}</a>\n')


def _hash(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"
