"""Vendors' files: had by path or address, never another one than the catalog names, never half."""

from __future__ import annotations

import hashlib
import http.server
import threading
from typing import TYPE_CHECKING, ClassVar

import pytest

from manager.core.mirrors import Mirrors
from manager.core.reach import Login, Reach
from manager.core.secrets import Secret
from manager.core.systems import Artifact
from manager.errors import Failed, Unreachable
from manager.world.artifacts import obtained

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = b"\x1f\x8b" + b"vendor" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def artifact(origin: object, sha256: str = DIGEST) -> Artifact:
    """Give an artifact."""
    return Artifact("client", str(origin), sha256, "Oracle", "/opt/oracle")


class Vendor(http.server.BaseHTTPRequestHandler):
    """Serves the file, calls its compression an encoding as some servers do, and notes who asked for what."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        """Answer."""
        self.asked.append((self.path, self.headers.get("Proxy-Authorization", "")))
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/client.tar.gz")
            self.end_headers()
            return
        status = int(self.path.removeprefix("/status/")) if self.path.startswith("/status/") else 200
        self.send_response(status)
        self.send_header("Content-Encoding", "gzip")
        # Longer than what comes, when it is to break off.
        self.send_header("Content-Length", str(len(CONTENT) + (1 if self.path == "/half.tar.gz" else 0)))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def vendor() -> Iterator[str]:
    """Give the address of a vendor's server on the loopback."""
    Vendor.asked = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Vendor) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_file_is_kept_by_its_hash(tmp_path: Path) -> None:
    """It is had once: the second time the file itself may be gone."""
    (tmp_path / "client.tar.gz").write_bytes(CONTENT)
    one = artifact(tmp_path / "client.tar.gz")

    first = obtained(one, tmp_path / "cache", print)
    (tmp_path / "client.tar.gz").unlink()

    assert first.read_bytes() == CONTENT
    assert obtained(one, tmp_path / "cache", print) == first


def test_a_kept_file_that_was_changed_is_had_again(tmp_path: Path) -> None:
    """What lies under a hash has that hash."""
    (tmp_path / "client.tar.gz").write_bytes(CONTENT)
    one = artifact(tmp_path / "client.tar.gz")
    obtained(one, tmp_path / "cache", print).write_bytes(b"other")

    assert obtained(one, tmp_path / "cache", print).read_bytes() == CONTENT


def test_another_file_is_refused_and_not_kept(tmp_path: Path) -> None:
    """Both hashes are named, and nothing is left."""
    (tmp_path / "client.tar.gz").write_bytes(b"other")

    with pytest.raises(Failed, match="not the file that the catalog names") as told:
        obtained(artifact(tmp_path / "client.tar.gz"), tmp_path / "cache", print)

    assert DIGEST in told.value.why
    assert hashlib.sha256(b"other").hexdigest() in told.value.why
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_missing_file_is_named_with_what_belongs_there(tmp_path: Path) -> None:
    """With the hash, by which the right one is known."""
    with pytest.raises(Failed, match="there is no file") as told:
        obtained(artifact(tmp_path / "client.tar.gz"), tmp_path / "cache", print)

    assert DIGEST in told.value.hint


def test_an_address_is_fetched_as_it_is(tmp_path: Path, vendor: str) -> None:
    """Its compression is part of the file, whatever the server calls it; a ticket in the query is not said."""
    said: list[str] = []

    found = obtained(artifact(f"{vendor}/client.tar.gz?ticket=hunter2"), tmp_path / "cache", said.append)

    assert found.read_bytes() == CONTENT
    assert Vendor.asked[0][0] == "/client.tar.gz?ticket=hunter2"
    assert said == [f"fetching client from {vendor}/client.tar.gz"]


def test_a_redirection_is_followed(tmp_path: Path, vendor: str) -> None:
    """As vendors' download pages do."""
    assert obtained(artifact(f"{vendor}/moved.tar.gz"), tmp_path / "cache", print).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("path", "error"), [("status/404", Failed), ("status/503", Unreachable), ("half.tar.gz", Unreachable)]
)
def test_what_an_address_does_not_give_is_told(tmp_path: Path, vendor: str, path: str, error: type[Failed]) -> None:
    """A refusal, a server that is down, and an answer that breaks off; nothing is left of any."""
    with pytest.raises(error) as told:
        obtained(artifact(f"{vendor}/{path}"), tmp_path / "cache", print)

    assert path in told.value.message
    assert told.value.hint
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_silent_address_is_unreachable(tmp_path: Path) -> None:
    """With the settings that may be the cause."""
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1/client") as told:
        obtained(artifact("http://127.0.0.1:1/client.tar.gz"), tmp_path / "cache", print)

    assert "mirror.proxy" in told.value.hint


def test_the_proxy_is_asked_with_its_login(tmp_path: Path, vendor: str) -> None:
    """And not for hosts that it is not for."""
    host = vendor.removeprefix("http://")
    logins = (("proxy", Login("ana", Secret("hunter2"))),)
    way = Reach(Mirrors(proxy=f"http://{host}", no_proxy=("vendor.internal",)), logins)

    obtained(artifact("http://vendor.example/client.tar.gz"), tmp_path / "cache", print, way)
    with pytest.raises(Unreachable) as told:
        obtained(artifact("http://vendor.internal/other.tar.gz", "0" * 64), tmp_path / "cache", print, way)

    ((path, login),) = Vendor.asked
    assert path == "http://vendor.example/client.tar.gz"
    assert login.startswith("Basic ")
    assert "hunter2" not in told.value.message + told.value.why
