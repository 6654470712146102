"""A package index of what an archive has, on the loopback alone: for making locks where no other index answers.

It is the simple index in its JSON form (PEP 691) with the metadata of wheels beside them (PEP 658), so a resolver needs
no wheel, and asks it as any other index. Only what was carried here is in it.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import re
import shutil
import threading
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from manager import whole_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_JSON = "application/vnd.pypi.simple.v1+json"
_SHA256 = re.compile("[0-9a-f]{64}")


class Wheelhouse:
    """A folder of an archive: ``metadata/<sha256 of the wheel>/<wheel>.metadata``, and ``files`` with the wheels."""

    def __init__(self, folder: Path, made: Callable[[str], Path] | None = None) -> None:
        self._folder = folder
        # The archive knows who else is to write to its folders.
        self._made = made

    def keep(self, wheel: str, sha256: str, text: bytes) -> None:
        """Keep what a wheel says of itself."""
        place = self._folder / "metadata" / sha256 / f"{wheel}.metadata"
        if self._made:
            self._made(f"metadata/{sha256}")
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = whole_files.beside(place)
        try:
            fresh.write_bytes(text)
            fresh.replace(place)
        finally:
            fresh.unlink(missing_ok=True)

    def has(self, wheel: str, sha256: str) -> bool:
        """Say whether it is known what a wheel says of itself."""
        return (self._folder / "metadata" / sha256 / f"{wheel}.metadata").is_file()

    @cached_property
    def distributions(self) -> dict[str, list[dict[str, Any]]]:
        """The files of each distribution, as the index answers them."""
        found: dict[str, list[dict[str, Any]]] = {}
        for place in sorted((self._folder / "metadata").glob("*/*.whl.metadata")):
            wheel, sha256 = place.name.removesuffix(".metadata"), place.parent.name
            try:
                name = canonicalize_name(parse_wheel_filename(wheel)[0])
            except InvalidWheelFilename:
                continue
            about = {"sha256": hashlib.sha256(place.read_bytes()).hexdigest()}
            found.setdefault(name, []).append(
                {
                    "filename": wheel,
                    "url": f"/files/{sha256}/{quote(wheel)}",
                    "hashes": {"sha256": sha256},
                    "core-metadata": about,
                    "data-dist-info-metadata": about,
                }
            )
        return found

    def file(self, sha256: str, name: str) -> Path | None:
        """Give a wheel or its metadata, by what an answer names."""
        part = "metadata" if name.endswith(".metadata") else "files"
        place = self._folder / part / sha256 / name
        return place if _SHA256.fullmatch(sha256) and place.parent.name == sha256 and place.is_file() else None

    @contextmanager
    def served(self) -> Iterator[str]:
        """Answer on a free port of the loopback for as long as it is asked; gives the index's address."""
        handler = type("Handler", (_Handler,), {"house": self})
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_address[1]}/simple"
            finally:
                server.shutdown()
                thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    house: Wheelhouse
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a distribution's files, or one file."""
        parts = unquote(self.path).strip("/").split("/")
        if len(parts) == 2 and parts[0] == "simple":
            self._index(canonicalize_name(parts[1]))
        elif len(parts) == 3 and parts[0] == "files" and (file := self.house.file(parts[1], parts[2])) is not None:
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(file.stat().st_size))
            self.end_headers()
            with file.open("rb") as content:
                shutil.copyfileobj(content, self.wfile)
        else:
            self.send_error(404)

    def _index(self, name: str) -> None:
        files = self.house.distributions.get(name)
        if files is None:
            self.send_error(404)
            return
        body = json.dumps({"meta": {"api-version": "1.0"}, "name": name, "files": files}).encode()
        self.send_response(200)
        self.send_header("Content-Type", _JSON)
        # The next index on this port may be another one.
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: whoever asks says what came of it."""
