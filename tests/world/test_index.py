"""An index over TLS with an authority of its own and a login: what uv and the doctor are told, and what they hear."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import socketserver
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.core.locks import parse
from manager.core.mirrors import Mirrors
from manager.core.reach import Login, Reach
from manager.core.secrets import Secret
from manager.errors import Unreachable
from manager.world import authorities
from manager.world.index import ask
from manager.world.resolver import answers, install, lock
from tests.fakes.wheels import Shelf
from tests.system.mirror_server import serve
from tests.system.support_mirror import certificates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "geheim/7"


@pytest.fixture
def way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reach]:
    """Give the way to an index with one project; nothing of the host's own settings points to another."""
    for name in [name for name in os.environ if name.startswith("UV_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "place"
    (folder / "wheels").mkdir(parents=True)
    certificates(folder, ("127.0.0.1",))
    (folder / "logins.json").write_text(json.dumps({"python": f"ana:{PASSWORD}", "apt": "x:y"}))
    shelf = Shelf(folder / "wheels")
    shelf.add("tool", "1.5")
    shelf.add("pip", "26.0")
    server = serve(folder, "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    own = authorities.bundle(str(folder / "ca.pem"))
    mirrors = Mirrors(python=f"https://127.0.0.1:{server.server_port}/simple")
    yield Reach(mirrors, (("python", Login("ana", Secret(PASSWORD))),), own, authorities.system() + own)
    server.shutdown()
    server.server_close()


def test_uv_locks_and_installs_through_it(way: Reach, tmp_path: Path) -> None:
    """The index, its authority and its login are enough; nothing of them stands in the lock or in what is installed."""
    text = lock(("tool",), "3.13", reach=way)
    install(text, "3.13", tmp_path / "tree", reach=way)

    assert [(pin.name, pin.version) for pin in parse(text)] == [("tool", "1.5")]
    assert "127.0.0.1" not in text
    found = [path.read_bytes() for path in (tmp_path / "tree").rglob("*") if path.is_file()]
    assert found
    assert not [one for one in found if PASSWORD.encode() in one or b"geheim%2F7" in one]
    answers(way, "3.13")


@pytest.mark.parametrize("without", ["authority", "login"])
def test_without_one_of_them_the_index_is_unreachable(way: Reach, without: str) -> None:
    """Both controls: the error names the keys to look at, and no password."""
    less = replace(way, authorities="", bundle="") if without == "authority" else replace(way, logins=())

    with pytest.raises(Unreachable) as told:
        lock(("tool",), "3.13", reach=less)

    assert "mirror.credentials.python" in told.value.hint
    assert "geheim" not in f"{told.value.message}{told.value.why}{told.value.hint}"


def test_a_wrong_password_is_not_repeated(way: Reach) -> None:
    """Uv names the address that it was given; the password is taken out."""
    wrong = replace(way, logins=(("python", Login("ana", Secret("falsch/8"))),))

    with pytest.raises(Unreachable) as told:
        lock(("tool",), "3.13", reach=wrong)

    assert "falsch" not in told.value.why


def test_the_doctor_tells_what_is_wrong(way: Reach) -> None:
    """Answers, an unknown authority, a refused login and silence are told apart."""
    page = f"{way.mirrors.python}/tool/"
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        silent = ask(way, "python", f"https://127.0.0.1:{nobody.getsockname()[1]}/")

    assert ask(way, "python", page).state == "answers"
    assert ask(way, "python", f"{way.mirrors.python}/nonsense/").state == "answers"
    assert ask(replace(way, bundle=""), "python", page).state == "not trusted"
    assert ask(replace(way, logins=()), "python", page).state == "login refused"
    assert silent.state == "silent"
    assert "refused" in silent.words
    assert "Errno" not in silent.words


@pytest.fixture
def proxied(way: Reach) -> Iterator[tuple[Reach, list[str]]]:
    """Give a way to the same index under a name that only a proxy knows, and what the proxy is asked."""
    asked: list[str] = []
    word = base64.b64encode(f"ana:{PASSWORD}".encode()).decode()
    index = int(way.mirrors.python.split(":")[2].partition("/")[0])

    class Tunnel(socketserver.StreamRequestHandler):
        """Opens a tunnel to the index for whoever has the login."""

        def handle(self) -> None:
            """Answer CONNECT with 200 or 407, then pass bytes on both ways."""
            lines = iter(self.rfile.readline, b"\r\n")
            first, *headers = [line.decode().strip() for line in lines if line] or [""]
            let_in = any(one.lower() == f"proxy-authorization: basic {word}".lower() for one in headers)
            asked.append(f"{first.split(' ')[1] if ' ' in first else first} {200 if let_in else 407}")
            if not let_in:
                self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            with socket.create_connection(("127.0.0.1", index)) as there:
                back = threading.Thread(target=_pass, args=(there, self.connection), daemon=True)
                back.start()
                _pass(self.connection, there)
                back.join(5)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    mirrors = replace(way.mirrors, python="https://mirror.invalid/simple", proxy=address)
    yield replace(way, mirrors=mirrors, logins=(*way.logins, ("proxy", way.logins[0][1]))), asked
    server.shutdown()
    server.server_close()


def _pass(giver: socket.socket, taker: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while content := giver.recv(65536):
            taker.sendall(content)
        taker.shutdown(socket.SHUT_WR)


def test_uv_and_the_doctor_go_through_the_proxy_with_its_login(proxied: tuple[Reach, list[str]]) -> None:
    """The index's name is known to the proxy alone; without the login the proxy lets nobody through."""
    way, asked = proxied

    text = lock(("tool",), "3.13", reach=way)
    heard = ask(way, "python", f"{way.mirrors.python}/tool/")
    answered = list(asked)
    with pytest.raises(Unreachable) as told:
        lock(("tool",), "3.13", reach=replace(way, logins=way.logins[:1]))

    assert parse(text)
    assert heard.state == "answers"
    assert set(answered) == {"mirror.invalid:443 200"}
    assert "mirror.invalid:443 407" in asked
    assert "geheim" not in told.value.why
    assert ask(replace(way, logins=way.logins[:1]), "python", way.mirrors.python).state == "proxy refused"


def test_a_proxy_that_is_away_is_told(way: Reach) -> None:
    """What is set as a proxy is asked, but not for what stands in no_proxy."""
    mirrors = replace(way.mirrors, proxy="http://127.0.0.1:1")

    away = ask(replace(way, mirrors=mirrors), "python", "https://index.example/simple/")
    direct = ask(replace(way, mirrors=replace(mirrors, no_proxy=("127.0.0.1",))), "python", f"{mirrors.python}/tool/")

    assert away.state in ("silent", "proxy refused")
    assert direct.state == "answers"
