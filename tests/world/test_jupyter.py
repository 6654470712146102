"""Running a cell through a real Jupyter server: the locked one of a shipped release, in a tree of its own."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from manager.errors import Failed, Refused, Unreachable
from manager.world.jupyter import run_cell
from manager.world.web import ready

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-the-tests-and-of-nothing-else-in-the-world"
LOCKS = Path(__file__).parents[2] / "images" / "jupyterlab" / "locks"


@dataclass(frozen=True)
class Server:
    """A running server and where it writes its log."""

    url: str
    log: Path

    def kernels(self) -> list[dict[str, str]]:
        """Ask the server which kernels live."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://").rstrip("/"), timeout=10)
        connection.request("GET", "/api/kernels", headers={"Authorization": f"token {TOKEN}"})
        return json.loads(connection.getresponse().read())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start Jupyter Server from the lock of a release with this test's Python."""
    folder = tmp_path_factory.mktemp("jupyter")
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    lock = next((one / "ide.lock" for one in sorted(LOCKS.glob(f"*-py{python}"))), None)
    if lock is None:
        pytest.skip(f"no shipped release has Python {python}")
    tree = folder / "tree"
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    subprocess.run([*uv, "--target", str(tree), "--require-hashes", "-r", str(lock)], check=True)
    (folder / "token").write_text(TOKEN)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(tree),
        "JUPYTER_PATH": str(tree / "share" / "jupyter"),
        "JUPYTER_TOKEN_FILE": str(folder / "token"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
    }
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={port}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"--ServerApp.root_dir={folder}"], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        ready(port, "/api", timeout=60)
        yield Server(f"http://127.0.0.1:{port}/", folder / "log")
    finally:
        process.terminate()
        process.wait(20)


def test_a_cell_gives_what_it_printed_and_showed(server: Server) -> None:
    """Prints are joined in order; displays come as plain text and HTML, the value last."""
    code = "from IPython.display import HTML, display\nprint('one')\nprint('two')\ndisplay(HTML('<b>bold</b>'))\n1 + 1"

    result = run_cell(server.url, TOKEN, code)

    assert (result.status, result.error) == ("ok", "")
    assert result.text == "one\ntwo\n"
    assert result.html == "<b>bold</b>"
    assert result.plain.splitlines()[-1] == "2"


def test_an_exception_is_a_result(server: Server) -> None:
    """A cell that raises gives status error, the exception's name and message, and what it printed before."""
    result = run_cell(server.url, TOKEN, "print('before')\n1 / 0")

    assert (result.status, result.error) == ("error", "ZeroDivisionError: division by zero")
    assert result.text == "before\n"


def test_output_of_several_megabytes_arrives(server: Server) -> None:
    """No limit on the size of a message cuts a large table."""
    result = run_cell(server.url, TOKEN, "'x' * 5_000_000")

    assert len(result.plain) == 5_000_002


def test_the_kernel_is_gone_afterwards(server: Server) -> None:
    """Whether the cell ended well, raised or took too long, no kernel stays behind."""
    run_cell(server.url, TOKEN, "1")
    run_cell(server.url, TOKEN, "1 / 0")
    with pytest.raises(Failed, match="did not end within 3 s"):
        run_cell(server.url, TOKEN, "import threading; threading.Event().wait()", timeout=3)

    assert server.kernels() == []


def test_a_wrong_token_is_refused(server: Server) -> None:
    """The refusal names the way to the present token and holds neither of them."""
    with pytest.raises(Refused) as caught:
        run_cell(server.url, "wrong-" + TOKEN, "1")

    assert "solvent env show" in caught.value.hint
    assert TOKEN not in repr(vars(caught.value))


def test_an_unknown_kernel_fails_by_its_name(server: Server) -> None:
    """A kernel that the server does not have is named, and where more can be read."""
    with pytest.raises(Failed, match="kernel 'fortran'") as caught:
        run_cell(server.url, TOKEN, "1", kernel="fortran")

    assert "solvent env logs" in caught.value.hint


def test_the_token_never_reaches_the_log(server: Server) -> None:
    """It travels in a header, which the server does not log."""
    run_cell(server.url, TOKEN, "1")

    assert TOKEN not in server.log.read_text()


def test_nobody_there_is_unreachable() -> None:
    """A port on which nothing listens is told apart from a server that fails."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(Unreachable, match=f"127.0.0.1:{port}"):
        run_cell(f"http://127.0.0.1:{port}", TOKEN, "1")
