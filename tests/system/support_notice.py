"""Runs in a container with Chromium: what JupyterLab notifies a person of, at the first look and at the second.

Standard input is one JSON object: ``url`` and ``token`` of the server, ``page`` to open, ``says`` (what is to be shown
at first, "" for nothing at all), ``timeout`` in seconds. Standard output is a JSON line for each probe, as that of the
page's probe.
"""

import json
import sys
import tempfile
import time
from urllib.parse import quote

import page

TOASTS = "return Array.from(document.querySelectorAll('.Toastify__toast')).map(one => one.innerText)"
BELL = "const bell = document.querySelector('.jp-Notification-Status'); return bell ? bell.innerText : ''"


def asked_for(driver, browser, script):
    """Ask the page."""
    return driver.ask("POST", f"{browser}/execute/sync", {"script": script, "args": []})


def opened(driver, browser, asked, query=""):
    """Open the page, and wait until it has settled."""
    driver.ask("POST", f"{browser}/url", {"url": f"{asked['url']}{asked['page']}{query}"})
    until = time.monotonic() + asked["timeout"]
    while not page._shown(driver, browser, asked["selector"]):
        if time.monotonic() > until:
            raise page._Wrong("the page does not come")
        time.sleep(0.1)
    page._settle(driver, browser, until)


def first(driver, browser, asked):
    """Whoever comes for the first time is shown it until they close it; or nothing, where there is nothing."""
    opened(driver, browser, asked, f"?token={quote(asked['token'])}")
    toasts = asked_for(driver, browser, TOASTS)
    if [one.strip() for one in toasts] != ([asked["says"]] if asked["says"] else []):
        raise page._Wrong(f"the page notifies of {toasts!r}")


def second(driver, browser, asked):
    """Whoever comes again finds it behind the bell, and nothing in the way."""
    opened(driver, browser, asked)
    found = asked_for(driver, browser, TOASTS), asked_for(driver, browser, BELL).strip()
    if found != ([], "1" if asked["says"] else "0"):
        raise page._Wrong(f"notifications and bell: {found!r}")


def main(asked):
    """Ask both, in one browser."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        driver = page._Driver(folder, asked["url"])
        try:
            with driver.session() as browser:
                page.say("notice.first", asked["token"], first, driver, browser, asked)
                page.say("notice.second", asked["token"], second, driver, browser, asked)
                page.say("notice.console", asked["token"], page.console, driver, browser)
        finally:
            driver.close()


if __name__ == "__main__":
    main(json.load(sys.stdin))
