"""The page probe in a real browser, against pages that are right and pages that are wrong."""

from __future__ import annotations

import http.server
import json
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from manager.core.containers import LABEL
from manager.probes import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

PROBE = Path(page.__file__)
TOKEN = "the-token-of-these-tests"
FORM = "<input type=password name=password>"
# A form that wants a name as well, as RStudio's does; a browser sends one of several fields only if it has a button.
NAMED = "<input name=user>" + FORM + "<button>Sign In</button>"
GOOD = "<!doctype html><title>Lab</title><div id='main'>here</div>"


@contextmanager
def _site(body: str, *, asks: bool = True, login: str = "/login", form: str = FORM) -> Iterator[str]:
    """Serve a page to whoever brings the token, everybody else goes to a login; gives the address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            known = parse_qs(address.query).get("token") == [TOKEN] or not asks
            known = known or self.headers.get("Cookie", "") == f"in={TOKEN}"
            if address.path == login:
                self._say(200, f"<title>Login</title><form method=post>{form}</form>")
            elif address.path == "/open":
                self._say(200, "for everybody")
            elif address.path != "/lab":
                self._say(404, "")
            elif known:
                self._say(200, body)
            else:
                self.send_response(302)
                self.send_header("Location", f"{login}?next=/lab")
                self.end_headers()

        def do_POST(self) -> None:
            given = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.send_response(302)
            self.send_header("Set-Cookie", given.replace("user=solvent&", "").replace("password=", "in="))
            self.send_header("Location", "/lab")
            self.end_headers()

        def _say(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser(ready_world: World) -> list[str]:
    """Give the words that run a Python beside a Chromium: on this machine, or in the base that Solvent made."""
    if shutil.which("chromedriver"):
        return [sys.executable]
    listed = ["docker", "images", "--quiet", "--filter", f"label={LABEL}system=browser"]
    found = subprocess.run(listed, capture_output=True, text=True, check=False).stdout.split()
    words = "docker run --rm -i --init --network=host --read-only --cap-drop=ALL --user=65534:65534 --env=HOME=/tmp"
    memory = ["--tmpfs=/tmp:rw,exec,mode=1777", "--entrypoint=/usr/bin/python3"]
    return [*words.split(), *memory, found[0]]


def _ask(browser: list[str], url: str, **more: object) -> tuple[dict[str, dict[str, Any]], str]:
    question = {"url": url, "page": "/lab", "selector": "#main", "token": TOKEN, "timeout": 5, **more}
    done = subprocess.run(
        [*browser, "-c", PROBE.read_text()], input=json.dumps(question), capture_output=True, text=True, check=True
    )
    return {line["id"]: line for line in map(json.loads, done.stdout.splitlines())}, done.stdout


def _wrong(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {identity: line["reason"] for identity, line in found.items() if line["outcome"] != "pass"}


def test_a_page_that_loads_and_asks_for_the_token_passes(browser: list[str]) -> None:
    """Loaded, without an error on the console, refused without the token; the token is in no line."""
    with _site(GOOD) as url:
        found, printed = _ask(browser, url)

    assert _wrong(found) == {}
    assert {"page.loads", "page.console", "page.refuses"} <= found.keys()
    assert TOKEN not in printed


def test_a_page_that_asks_for_a_password_is_given_it(browser: list[str]) -> None:
    """The form is filled in and sent as a person does it; the URL carries nothing."""
    with _site(GOOD) as url:
        found, printed = _ask(browser, url, parameter="", field="input[type=password]")

    assert _wrong(found) == {}
    assert TOKEN not in printed


def test_a_wrong_password_does_not_load_the_page(browser: list[str]) -> None:
    """Who types something else stays before the page."""
    with _site(GOOD) as url:
        found, _ = _ask(browser, url, parameter="", field="input[type=password]", token="something-else")

    assert list(_wrong(found)) == ["page.loads"]


def test_a_page_that_asks_for_a_name_as_well_is_given_both(browser: list[str]) -> None:
    """The password alone does not let in, the name beside it does."""
    form = {"parameter": "", "field": "input[type=password]"}
    with _site(GOOD, form=NAMED) as url:
        both, _ = _ask(browser, url, **form, user_field="input[name=user]", user="solvent")
        alone, _ = _ask(browser, url, **form, user_field="input[name=user]", user="somebody")

    assert _wrong(both) == {}
    assert list(_wrong(alone)) == ["page.loads"]


def test_a_login_of_another_name_refuses(browser: list[str]) -> None:
    """Where the IDE sends who has no credential is its own; anywhere else is no refusal."""
    with _site(GOOD, login="/auth-sign-in") as url:
        found, _ = _ask(browser, url, login="/auth-sign-in")
        other, _ = _ask(browser, url)

    assert _wrong(found) == {}
    assert _wrong(other) == {"page.refuses": "the page is served without the credential: status 302"}


def test_a_path_beside_the_page_that_everybody_gets_fails(browser: list[str]) -> None:
    """A page that asks and an interface beside it that does not is no lock."""
    with _site(GOOD) as url:
        found, _ = _ask(browser, url, guarded=["/open"])

    assert _wrong(found) == {"page.refuses": "/open is served without the credential: status 200"}


def test_a_page_that_says_jupyterlab_error_fails(browser: list[str]) -> None:
    """The status is 200 and the title tells otherwise."""
    with _site(GOOD.replace("Lab", "JupyterLab Error")) as url:
        found, _ = _ask(browser, url)

    assert _wrong(found) == {"page.loads": "the page's title is 'JupyterLab Error'"}


def test_a_page_without_the_selector_fails(browser: list[str]) -> None:
    """A page that never becomes the IDE is named by its title."""
    with _site("<!doctype html><title>Loading</title>") as url:
        found, _ = _ask(browser, url)

    assert _wrong(found) == {"page.loads": "no '#main' on the page titled 'Loading'"}


def test_an_error_on_the_console_fails(browser: list[str]) -> None:
    """A script that is missing leaves the page in place and an error on the console."""
    with _site(GOOD + "<script src='/missing.js'></script>") as url:
        found, _ = _ask(browser, url)

    assert list(_wrong(found)) == ["page.console"]
    assert "/missing.js" in found["page.console"]["reason"]


def test_a_server_that_asks_for_nothing_fails(browser: list[str]) -> None:
    """A page that everybody sees is refused by its own probe."""
    with _site(GOOD, asks=False) as url:
        found, _ = _ask(browser, url)

    assert _wrong(found) == {"page.refuses": "the page is served without the credential: status 200"}


def test_no_server_fails_without_the_token_in_the_reason(browser: list[str]) -> None:
    """An address where nobody listens is a failure of the page, and the reason shows no token."""
    found, printed = _ask(browser, "http://127.0.0.1:9")

    assert {"page.loads", "page.refuses"} <= _wrong(found).keys()
    assert TOKEN not in printed
