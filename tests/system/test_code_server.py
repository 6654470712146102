"""code-server as a person has it: a password, a terminal that reads a database, an extension from a file."""

from __future__ import annotations

import hashlib
import json
import shutil
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from typing import TYPE_CHECKING

import pytest

from manager.core.access import kind_of
from manager.world import files
from tests.system.support_browser import asked, container, network_beside
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAME, DESK = "editor", "editor-desk"
CODE_SERVER = files.load(files.shipped_root(), shipped=True).family("code-server")
# One line, as it is typed into a terminal.
READS = (
    "python -c \"import pathlib, sys, sqlalchemy as s; u = pathlib.Path('/run/solvent/connections/warehouse/url')"
    ".read_text(); c = s.create_engine(u).connect(); print(sys.prefix, "
    "c.execute(s.text('select count(*) > 0 from orders')).scalar())\" > /tmp/answer 2>&1; cp /tmp/answer answer"
)
FAMILY = """
id = "code-server-desk"
title = "code-server of the desk"
owner = "desk"
extends = "shipped:code-server"

[[artifact]]
name = "hello-extension"
file = "artifacts/desk.hello-1.0.0.vsix"
sha256 = "{sha256}"
licence = "MIT"
target = "/opt/solvent/extensions/desk.hello.vsix"
"""
EXTENSION = {
    "name": "hello",
    "publisher": "desk",
    "version": "1.0.0",
    "engines": {"vscode": "^1.60.0"},
    "contributes": {"commands": [{"command": "desk.hello", "title": "Hello"}]},
}
MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="hello" Version="1.0.0" Publisher="desk"/><DisplayName>Hello</DisplayName>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/></Assets>
</PackageManifest>
"""


@pytest.fixture(scope="module")
def launched(ready_world: World) -> Iterator[tuple[str, str]]:
    """Launch code-server with the sample database; gives its URL and its password."""
    ready_world("image", "build", "code-server", timeout=3600)
    done = ready_world("env", "launch", "code-server", "--name", NAME, "--connection", "warehouse")
    password = ready_world.environment(NAME)["password"]
    assert password in done.stderr
    yield done.stdout.strip(), password
    ready_world("env", "remove", NAME, "--delete-workspace", "--approve-destructive", code=None)


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows nothing: where an answer sends is what is asked about."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


def _asked(address: str, data: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Give the status, and where the answer sends."""
    body = urllib.parse.urlencode(data).encode() if data else None
    request = urllib.request.Request(address, body, headers or {})
    try:
        with urllib.request.build_opener(_Stays).open(request, timeout=30) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Location", "")


def test_the_password_lets_in_and_nothing_else_does(launched: tuple[str, str]) -> None:
    """The URL has no secret; a token in it or in a header is refused, the form takes the password."""
    url, password = launched

    assert password not in url
    for address, headers in ((url, {}), (f"{url}?token={password}", {}), (url, {"Authorization": f"token {password}"})):
        status, to = _asked(address, headers=headers)
        assert (status, "login" in to) == (302, True)
    assert _asked(f"{url}login", {"password": "wrong"})[0] == 200  # the form again
    assert _asked(f"{url}login", {"password": password})[0] == 302
    assert _asked(f"{url}healthz")[0] == 200


def test_a_terminal_of_the_page_reads_a_database(ready_world: World, launched: tuple[str, str]) -> None:
    """By a person's keys in a browser: the password, a terminal, the kernel's Python with its drivers."""
    host = container(ready_world, NAME)
    question = {
        "url": f"http://{host}:{CODE_SERVER.launch.port}",
        "token": launched[1],
        "field": kind_of(CODE_SERVER.launch).field,
        "command": READS,
        "timeout": 180,
        "shots": "",
    }

    with network_beside(ready_world, NAME) as network:
        answers = asked(ready_world, network, question, script="support_code.py")

    assert answers == {f"work.{one}": ("pass", "") for one in ("signs_in", "runs_a_command", "shows_the_answer")}
    assert docker("exec", host, "cat", "/workspace/answer").strip() == "/opt/solvent/kernel True"


def test_compiling_leaves_no_bytecode_of_its_own(ready_world: World, launched: tuple[str, str]) -> None:
    """What node-gyp's Python would leave has the time of its sources in it, and is another one in each build."""
    dated = (
        "import pathlib; found = [*pathlib.Path('/opt/solvent').rglob('*.pyc')]; "
        # The flags of PEP 552: 1 is a hash that nobody checks.
        "print(len(found) > 1000, [str(one) for one in found if one.read_bytes()[4:8] != b'\\1\\0\\0\\0'])"
    )

    assert docker("exec", container(ready_world, NAME), "python3", "-c", dated).strip() == "True []"


def test_the_password_is_in_no_log_and_no_setting(ready_world: World, launched: tuple[str, str]) -> None:
    """Neither the engine nor the IDE's own logs in the home have it."""
    host, password = container(ready_world, NAME), launched[1]

    assert password not in docker("logs", host) + docker("inspect", host)
    assert docker("exec", host, "grep", "-rlF", "-e", password, "/home", "/workspace", check=False) == ""


def test_an_extension_comes_from_a_file(ready_world: World, launched: tuple[str, str], tmp_path: Path) -> None:
    """As an artifact of one's own family: the IDE is not compiled again, and has the extension at its first start."""
    root = tmp_path / "catalog"
    ready_world("init", str(root))
    (root / "artifacts").mkdir()
    package = root / "artifacts/desk.hello-1.0.0.vsix"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("extension.vsixmanifest", MANIFEST)
        archive.writestr("extension/package.json", json.dumps(EXTENSION))
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    folder = root / "images/code-server-desk"
    folder.mkdir()
    (folder / "family.toml").write_text(FAMILY.format(sha256=digest))
    own = ("--catalog", str(root))
    try:
        # Nothing is proven: the proof is the one of the family that it extends.
        built = ready_world("image", "build", "code-server-desk", "--candidate", *own, timeout=3600)
        assert "compiling native modules" not in built.stderr
        ready_world("env", "launch", "code-server-desk", "--candidate", "--name", DESK, *own)
        words = ("exec", container(ready_world, DESK), "code-server", "--list-extensions")
        assert "desk.hello" in docker(*words).splitlines()
    finally:
        ready_world("env", "remove", DESK, "--delete-workspace", "--approve-destructive", *own, code=None)
        shutil.rmtree(root)
