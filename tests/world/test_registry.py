"""Reading a registry: tags and what their images say of themselves, with and without tokens; nothing is pulled."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from manager.core.configurations import configuration
from manager.core.mirrors import Mirrors
from manager.core.reach import AS_IT_IS, Login, Reach
from manager.core.secrets import Secret
from manager.errors import Unreachable, UsageError
from manager.world.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = {
    "created": "2024-03-01T10:00:00.123456789Z",
    "config": {
        "Env": ["PATH=/usr/bin", "PYTHON_VERSION=3.11.8", "R_VERSION=; rm -rf"],
        "Labels": {"maintainer": "ana"},
        "Entrypoint": ["tini", "--"],
        "Cmd": ["/opt/venv/bin/jupyter-lab"],
    },
}
LOGIN = "ana:geheim"


def digest(content: bytes) -> str:
    """Give a digest as registries write it."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


@dataclass
class Served:
    """A registry in this process: what it has, what it wants, and what it was asked."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, bytes] = field(default_factory=dict)
    wants: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""

    def put(self, tag: str, config: Any, *, several: bool = False) -> str:
        """Push an image, alone or as one of several machines; gives the digest of its configuration."""
        text = json.dumps(config).encode()
        self.blobs[digest(text)] = text
        manifest = json.dumps({"schemaVersion": 2, "config": {"digest": digest(text)}, "layers": []}).encode()
        self.manifests[digest(manifest)] = self.manifests[tag] = manifest
        if several:
            listed = [
                {"digest": "sha256:none", "platform": {"os": "linux", "architecture": "s390x"}},
                {"digest": digest(manifest), "platform": {"os": "linux", "architecture": "amd64"}},
            ]
            self.manifests[tag] = json.dumps({"schemaVersion": 2, "manifests": listed}).encode()
        return digest(text)

    def answer(self, path: str, given: str) -> tuple[int, bytes, dict[str, str]]:
        """Answer as a registry does."""
        self.asked.append((path, given.partition(" ")[0]))
        basic = "Basic " + base64.b64encode(LOGIN.encode()).decode()
        if path.startswith("/token"):
            return (200, b'{"token": "T"}', {}) if given == basic else (401, b"", {})
        challenge = f'Bearer realm="http://{self.address}/token",service="r",scope="repository:team/lab:pull"'
        if self.wants == "token" and given != "Bearer T":
            return 401, b"", {"WWW-Authenticate": challenge}
        if self.wants == "login" and given != basic:
            return 401, b"", {"WWW-Authenticate": 'Basic realm="x"'}
        part, _, name = path.removeprefix("/v2/team/lab/").partition("/")
        if part == "tags":
            tags = sorted(tag for tag in self.manifests if not tag.startswith("sha256:"))
            return 200, json.dumps({"tags": tags}).encode(), {}
        found = {"manifests": self.manifests, "blobs": self.blobs}.get(part, {}).get(name)
        return (404, b"{}", {}) if found is None else (200, found, {})


@pytest.fixture
def served() -> Iterator[Served]:
    """Serve on the loopback, where no certificate is asked for."""
    served = Served()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content, headers = served.answer(self.path, self.headers.get("Authorization", ""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield served
    server.shutdown()
    server.server_close()


def reach(served: Served) -> Reach:
    """Give the way with a login for the registry."""
    return Reach(Mirrors(builds=f"{served.address}/team"), (("builds", Login("ana", Secret("geheim"))),))


@pytest.mark.parametrize("wants", ["", "login", "token"])
def test_tags_are_read_with_their_configuration(served: Served, wants: str) -> None:
    """A registry that lets everybody in, one with a login, and one whose login gives a token."""
    served.wants = wants
    first = served.put("1", CONFIG)
    second = served.put("2", {"config": {}}, several=True)
    registry = Registry(f"{served.address}/team/lab", reach(served) if wants else AS_IT_IS, "builds" if wants else "")

    found = [registry.tag(name) for name in registry.tags()]

    assert [(one.reference, one.digest, one.why) for one in found] == [
        (f"{served.address}/team/lab:1", first, ""),
        (f"{served.address}/team/lab:2", second, ""),
    ]
    assert json.loads(found[0].configuration) == CONFIG
    assert not [path for path, _ in served.asked if "layers" in path]


def test_a_login_goes_nowhere_without_being_named(served: Served) -> None:
    """A registry that wants one and is given none is told as what it is."""
    served.wants = "login"

    with pytest.raises(Unreachable, match="wants another login"):
        Registry(f"{served.address}/team/lab", reach(served)).tags()

    assert {given for _, given in served.asked} == {""}


def test_what_is_not_there_is_told(served: Served) -> None:
    """An unknown repository, a tag without a manifest, a registry that is silent, a word that names none."""
    served.put("1", CONFIG)
    assert Registry(f"{served.address}/team/lab", AS_IT_IS).tag("9").why == "its manifest names no configuration"
    served.blobs.clear()
    assert Registry(f"{served.address}/team/lab", AS_IT_IS).tag("1").why.startswith("the registry answers 404")
    with pytest.raises(UsageError, match="has no repository other"):
        Registry(f"{served.address}/other", AS_IT_IS).tags()
    with pytest.raises(Unreachable, match="no registry answers"):
        Registry("127.0.0.1:9/team/lab", AS_IT_IS).tags()
    for wrong in ("lab", "registry.example", "registry.example/lab:1", "https://registry.example/lab", ""):
        with pytest.raises(UsageError, match="names no repository"):
            Registry(wrong, AS_IT_IS)


def test_a_configuration_says_what_is_in_an_image() -> None:
    """Variables of known images and the program that is started; a value that is no version says nothing."""
    said = configuration(json.dumps(CONFIG))

    assert [(one.kind, one.name, one.version, one.path) for one in said.traces] == [
        ("python", "python", "3.11.8", "configuration: PYTHON_VERSION"),
        ("ide", "jupyterlab", "", "configuration: command"),
    ]
    assert (said.created.year, said.labels) == (2024, {"maintainer": "ana"})


@pytest.mark.parametrize("text", ["", "[]", "{", '{"config": []}', '{"config": {"Env": 7, "Labels": [], "Cmd": "x"}}'])
def test_any_configuration_is_read_or_told(text: str) -> None:
    """Whoever pushed an image is not trusted."""
    try:
        found = configuration(text)
    except ValueError as error:
        assert "its configuration is no JSON" in str(error)  # noqa: PT017 - either is right
    else:
        assert found.traces == ()
