"""Mounted beside the programs that run in a container with Chromium: what a person does in a page, and how it is told.

Each of them is a ``Person`` with a ``day``, which does one thing after the other. Standard input is one JSON object:
``url`` and ``token`` of the server, ``timeout`` in seconds for each thing, and ``shots``, a folder for a picture of
each failure ("" or left out: none); more is said where it is read. Standard output is a JSON line for each thing done,
as that of the page's probe.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import page

# The keys of WebDriver: https://www.w3.org/TR/webdriver2/#keyboard-actions
SHIFT, CONTROL, ENTER, RELEASE = "\ue008", "\ue009", "\ue007", "\ue000"


class Person:
    """One browser, and the page in it."""

    def __init__(self, driver, browser, asked):
        self.driver, self.browser, self.asked = driver, browser, asked

    def find(self, selector):
        """Give the element that a CSS selector, or an XPath, finds; raises LookupError."""
        using = "xpath" if selector.startswith("//") else "css selector"
        found = self.driver.ask("POST", f"{self.browser}/element", {"using": using, "value": selector})
        return f"{self.browser}/element/{next(iter(found.values()))}"

    def there(self, selector):
        """Say whether an element is there."""
        try:
            self.find(selector)
        except LookupError:
            return False
        return True

    def shown(self, selector):
        """Say whether an element is laid out."""
        return page._shown(self.driver, self.browser, selector)

    def did(self, selector, what, body):
        """Do something with an element, and say whether it was there and could be reached."""
        try:
            self.driver.ask("POST", f"{self.find(selector)}/{what}", body)
        except (LookupError, OSError):
            return False
        return True

    def goes_to(self, address):
        """Open an address."""
        self.driver.ask("POST", f"{self.browser}/url", {"url": address})

    def wait(self, true, otherwise, timeout=None):
        """Wait until something is true."""
        until = self.until(timeout)
        while time.monotonic() < until:
            try:
                if true():
                    return
            except LookupError:
                pass
            time.sleep(0.1)
        raise page._Wrong(otherwise)

    def until(self, timeout=None):
        """Give the moment at which patience ends."""
        return time.monotonic() + (timeout or self.asked["timeout"])

    def does(self, what, *of, name=""):
        """Do one thing, tell of it, and say whether it went well."""
        good = page.say(name or f"work.{what.__name__}", self.asked["token"], what, *of)
        if self.asked.get("shots") and not good:
            page.picture(self.driver, self.browser, str(Path(self.asked["shots"], f"{what.__name__}.png")))
        return good


def main(kind):
    """Let a kind of person have their day, in one browser."""
    asked = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        driver = page._Driver(folder, asked["url"])
        try:
            with driver.session() as browser:
                kind(driver, browser, asked).day()
        finally:
            driver.close()
