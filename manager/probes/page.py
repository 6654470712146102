"""Runs in a container with Chromium, beside an environment: does the page load, and does it ask who comes?

Standard input is one JSON object:

    url         where the server is reached, such as http://environment:8888
    page        the path that a person opens
    selector    a CSS selector that only the working page has
    token       the credential
    parameter   the query parameter that carries it; "token" when left out, "" for a page that asks in a form
    field       a CSS selector of that form's field
    user_field  one of the field for a name beside it, and the name; none when left out
    user
    login       the end of the path that who has no credential is sent to; "/login" when left out
    guarded     further paths that are refused without the credential
    timeout     seconds for the page to be there; 60 when left out
    screenshot  a PNG file to write once the page is there; none when left out

Standard output is a JSON line for each probe: {"id", "outcome", "reason", "seconds", "measures"}. The browser is
driven through ChromeDriver by the W3C WebDriver protocol (https://www.w3.org/TR/webdriver2/).
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

# No sandbox: it needs privileges that a hardened container does not have, and the page is our own. The rest
# keeps Chromium from asking hosts of its maker, which an environment's network does not reach.
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--window-size=1440,900",
)
# Errors on the console that say nothing about the page: what they contain, and why they are harmless.
HARMLESS = (
    ("/favicon.ico", "the browser asks for an icon on its own; a page needs none"),
    ("/static/node_modules/vsda/", "VS Code asks for a module that only its maker's own build has, and does without"),
)
# Titles of pages that load well and are wrong: an application's own word for a failure.
WRONG_TITLES = ("JupyterLab Error", "Jupyter Server Error", "Error")
# Another name of the server, for who has no credential: cookies go by host.
STRANGER = "localhost"
# Seconds for one answer of a server that is there: it may load a library just then, on a busy machine.
_PATIENCE = 60
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# The key, as WebDriver writes it.
_ENTER = "\ue007"


class _Wrong(Exception):
    """The answer of a probe is no, and why."""


def _resolver(url):
    """Give the flag that lets the browser look up one host, by its name and by a stranger's, and no other.

    On a network without a way out every other look-up, and that for an IPv6 address, waits for its time-out.
    """
    host = urlsplit(url).hostname
    address = socket.gethostbyname(host)
    rules = f"MAP {host} {address}, MAP {STRANGER} {address}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    return f"--host-resolver-rules={rules}"


class _Driver:
    """A ChromeDriver of our own; a session is a browser with an empty profile that reaches one host."""

    def __init__(self, folder, url):
        # A person's browser reaches it on the machine itself, which counts as a secure place.
        self.flags = (*FLAGS, _resolver(url), f"--unsafely-treat-insecure-origin-as-secure={url}")
        # A port of its own choice it does not name where there is no IPv6, so it gets a free one.
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.folder = folder
        command = ["chromedriver", f"--port={self.port}", "--log-level=SEVERE"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if not any("started successfully" in line for line in self.process.stdout):
            raise OSError("ChromeDriver did not start")

    def ask(self, method, path, body=None):
        """Send one command; give its value. Raises LookupError for an element that is not there."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            text = json.dumps(body if body is not None else {}) if method == "POST" else None
            connection.request(method, path, text, {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            kind = LookupError if value["error"] == "no such element" else OSError
            raise kind(f"{value['error']}: {value['message'].splitlines()[0]}")
        return value

    @contextlib.contextmanager
    def session(self):
        """Open a browser that knows nobody; give its path."""
        options = {
            "goog:chromeOptions": {"args": [*self.flags, f"--user-data-dir={tempfile.mkdtemp(dir=self.folder)}"]},
            "goog:loggingPrefs": {"browser": "ALL"},
            "pageLoadStrategy": "eager",
        }
        made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": options}})
        path = f"/session/{made['sessionId']}"
        try:
            yield path
        finally:
            self.ask("DELETE", path)

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=20)


def say(identity, secret, probe, *arguments):
    """Ask one probe and print its line, in which the secret does not stand; say whether it passed."""
    began = time.monotonic()
    outcome, reason, measures = "pass", "", {}
    try:
        measures = probe(*arguments) or {}
    except _Wrong as wrong:
        outcome, reason = "fail", str(wrong)
    except Exception as error:
        outcome, reason = "error", f"{type(error).__name__}: {error}"
    reason = reason.replace(secret, "***") if secret else reason
    line = {"id": identity, "outcome": outcome, "reason": reason}
    print(json.dumps({**line, "seconds": round(time.monotonic() - began, 3), "measures": measures}), flush=True)
    return outcome == "pass"


def loads(driver, browser, asked):
    """The page is there: the selector is found, it is laid out, and the title is not an error's."""
    began = time.monotonic()
    address, parameter = f"{asked['url']}{asked['page']}", asked.get("parameter", "token")
    if parameter:
        address += f"{'&' if '?' in address else '?'}{parameter}={quote(asked['token'])}"
    try:
        driver.ask("POST", f"{browser}/url", {"url": address})
    except OSError as error:
        raise _Wrong(f"the browser cannot open the page: {error}") from None
    until = began + asked.get("timeout", 60)
    if asked.get("field"):
        _sign_in(driver, browser, asked, until)
    while True:
        title = driver.ask("GET", f"{browser}/title")
        if title in WRONG_TITLES:
            raise _Wrong(f"the page's title is {title!r}")
        if _shown(driver, browser, asked["selector"]):
            break
        if time.monotonic() > until:
            raise _Wrong(f"no {asked['selector']!r} on the page titled {title!r}")
        time.sleep(0.1)
    measures = {"page_seconds": round(time.monotonic() - began, 3)}
    _settle(driver, browser, until)
    title = driver.ask("GET", f"{browser}/title")
    if title in WRONG_TITLES:
        raise _Wrong(f"the page's title became {title!r}")
    return measures


def _sign_in(driver, browser, asked, until):
    """Type the credential into the form that stands before the page, as a person does, and send it."""
    typed = [(asked["field"], asked["token"] + _ENTER)]
    if asked.get("user_field"):
        typed.insert(0, (asked["user_field"], asked["user"]))
    for field, text in typed:
        while not _shown(driver, browser, field):
            if time.monotonic() > until:
                raise _Wrong(f"no {field!r} to sign in on the page titled {driver.ask('GET', f'{browser}/title')!r}")
            time.sleep(0.1)
        found = driver.ask("POST", f"{browser}/element", {"using": "css selector", "value": field})
        driver.ask("POST", f"{browser}/element/{found[_ELEMENT]}/value", {"text": text})


def _shown(driver, browser, selector):
    try:
        found = driver.ask("POST", f"{browser}/element", {"using": "css selector", "value": selector})
        size = driver.ask("GET", f"{browser}/element/{found[_ELEMENT]}/rect")
    except LookupError:
        return False
    except OSError:  # the element was replaced between the two questions
        return False
    return size["width"] > 0 and size["height"] > 0


def _settle(driver, browser, until):
    """Wait until nothing that the page asked for has come for a second: late errors count as well."""
    quiet = (
        "const seen = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];"
        "return performance.now() - Math.max(0, ...seen.map(one => one.responseEnd))"
    )
    while time.monotonic() < until:
        left = 1000 - driver.ask("POST", f"{browser}/execute/sync", {"script": quiet, "args": []})
        if left <= 0:
            return
        time.sleep(left / 1000)


def console(driver, browser):
    """The console holds no error but the known harmless ones."""
    entries = driver.ask("POST", f"{browser}/se/log", {"type": "browser"})
    # A stranger's window has errors of its own: what it asks for is refused.
    ours = [entry for entry in entries if f"//{STRANGER}:" not in entry["message"]]
    severe = [entry["message"] for entry in ours if entry["level"] == "SEVERE"]
    wrong = [message for message in severe if not any(part in message for part, _ in HARMLESS)]
    if wrong:
        raise _Wrong(f"{len(wrong)} errors on the console, the first: {wrong[0][:300]}")
    return {"messages": len(ours), "harmless": len(severe)}


def picture(driver, browser, path):
    """Keep a screenshot."""
    Path(path).write_bytes(base64.b64decode(driver.ask("GET", f"{browser}/screenshot")))


def visit(driver, browser, asked):
    """Let somebody who has no credential open the page in the first window; give what went wrong, or nothing.

    They come by another name of the same server, so that they share no cookie with the one who has it.
    """
    place = urlsplit(asked["url"])
    try:
        driver.ask("POST", f"{browser}/url", {"url": f"http://{STRANGER}:{place.port}{place.path}{asked['page']}"})
    except OSError as error:
        return str(error)
    return ""


def refuses(driver, browser, asked, complaint):
    """Without the credential the server answers 401, 403 or sends to its login, and the page is not shown.

    The browser's window is the one of :func:`visit`, by now a while later.
    """
    for path in (asked["page"], *asked.get("guarded", ())):
        status, to = _asked(asked["url"], path)
        sent = status in (302, 303, 307) and urlsplit(to).path.endswith(asked.get("login", "/login"))
        if status not in (401, 403) and not sent:
            what = "the page" if path == asked["page"] else path
            raise _Wrong(f"{what} is served without the credential: status {status}")
    if complaint:
        raise _Wrong(f"the browser cannot open the page: {complaint}")
    _settle(driver, browser, time.monotonic() + 10)
    if _shown(driver, browser, asked["selector"]):
        raise _Wrong("a browser without the credential sees the page")


def _asked(url, path):
    """Ask for a path without a credential; give the status, and where it sends."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=_PATIENCE)
    try:
        connection.request("GET", place.path + path)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location", "")
    except OSError as error:
        raise _Wrong(f"the server does not answer: {error}") from None
    finally:
        connection.close()


def run(asked):
    """Ask every probe, in one browser with a window for each visitor."""
    secret = asked["token"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, contextlib.ExitStack() as stack:
        started = []
        if not say("page.browser", secret, _start, folder, asked["url"], stack, started):
            return
        driver, browser = started
        _await(asked)
        complaint = visit(driver, browser, asked)
        stranger = driver.ask("GET", f"{browser}/window")
        ours = driver.ask("POST", f"{browser}/window/new", {"type": "window"})["handle"]
        driver.ask("POST", f"{browser}/window", {"handle": ours})
        say("page.loads", secret, loads, driver, browser, asked)
        say("page.console", secret, console, driver, browser)
        if asked.get("screenshot"):
            say("page.screenshot", secret, picture, driver, browser, asked["screenshot"])
        driver.ask("POST", f"{browser}/window", {"handle": stranger})
        say("page.refuses", secret, refuses, driver, browser, asked, complaint)


def _await(asked):
    """Wait until something listens at the address: browser and server may start at the same time."""
    place, until = urlsplit(asked["url"]), time.monotonic() + asked.get("timeout", 60)
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection((place.hostname, place.port), timeout=5):
            return
        time.sleep(0.1)


def _start(folder, url, stack, started):
    driver = _Driver(folder, url)
    stack.callback(driver.close)
    started += [driver, stack.enter_context(driver.session())]
    return {"version": driver.ask("GET", "/status")["build"]["version"].split()[0]}


if __name__ == "__main__":
    run(json.load(sys.stdin))
