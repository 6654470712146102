"""An index on loopback: the JSON form of a simple index, a npm registry and a Debian mirror, with ETags."""

from __future__ import annotations

import hashlib
import http.server
import json
import lzma
import threading
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Index:
    """What the server has by path, and each request with its answer (path, status, headers)."""

    address: str = ""
    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)
    # Whether it gives ETags at all.
    tags: bool = True
    # Paths whose answers break off half-way.
    broken: set[str] = field(default_factory=set)

    def python(self, name: str, *versions: tuple[str, str], **more: Any) -> None:
        """Have a distribution with versions and their days."""
        files = [
            {"filename": f"{name}-{version}-py3-none-any.whl", "upload-time": f"{day}T10:00:00.5Z", **more}
            for version, day in versions
        ]
        self.pages[f"/simple/{name}/"] = json.dumps({"name": name, "files": files}).encode()

    def wheel(self, path: Path, day: str, **more: Any) -> None:
        """Have a wheel's file, for the resolver as well, as of a day ("" where the index does not say when it came)."""
        name, content = path.name.partition("-")[0].replace("_", "-"), path.read_bytes()
        place = f"/simple/{name}/"
        page = json.loads(self.pages.get(place, b'{"files": []}'))
        page |= {"meta": {"api-version": "1.1"}, "name": name}
        # The metadata lies beside it (PEP 714), so that a resolver need not fetch the wheel.
        about = {"filename": path.name, "url": f"/files/{path.name}", "core-metadata": True, **more}
        about["hashes"] = {"sha256": hashlib.sha256(content).hexdigest()}
        page["files"].append(about | ({"upload-time": f"{day}T10:00:00Z"} if day else {}))
        with zipfile.ZipFile(path) as archive:
            (inside,) = (one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
            metadata = archive.read(inside)
        self.pages |= {place: json.dumps(page).encode(), about["url"]: content, f"{about['url']}.metadata": metadata}

    def npm(self, name: str, *versions: tuple[str, str]) -> None:
        """Have a package of npm."""
        said = {
            "versions": {version: {} for version, _ in versions},
            "time": {version: f"{day}T00:00:00.000Z" for version, day in versions},
        }
        self.pages[f"/npm/{name}"] = json.dumps(said).encode()

    def debian(self, suite: str, **packages: str) -> None:
        """Have a suite with packages."""
        text = "\n\n".join(
            f"Package: {name.replace('_', '-')}\nVersion: {version}" for name, version in packages.items()
        )
        self.pages[f"/debian/dists/{suite}/main/binary-amd64/Packages.xz"] = lzma.compress(text.encode())


@contextmanager
def serving() -> Iterator[Index]:
    """Serve an index for as long as this lasts."""
    index = Index()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = index.pages.get(self.path)
            tag = f'"{hashlib.sha256(body).hexdigest()[:8]}"' if body is not None else ""
            status = 404 if body is None else 304 if self.headers.get("If-None-Match") == tag else 200
            index.asked.append((self.path, status, dict(self.headers)))
            self.send_response(status)
            if self.path.startswith("/simple/"):
                self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
                # A resolver would believe for ten minutes what it has heard.
                self.send_header("Cache-Control", "no-cache")
            if body is not None and index.tags:
                self.send_header("ETag", tag)
            content = body if status == 200 and body is not None else b""
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if self.path in index.broken else content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    index.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
