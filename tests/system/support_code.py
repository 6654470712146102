"""Runs in a container with Chromium: a person's first minute in VS Code, with the driver of the page's probe beside it.

Standard input is one JSON object: ``url``, ``token`` (the password) and ``field`` of the page's form, ``command`` (what
is typed into a terminal, and leaves a file ``answer``), ``timeout`` in seconds for each thing, and ``shots``, a folder
for a picture of each thing, or "". Standard output is a JSON line for each probe, as that of the page's probe.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import page

# The keys of WebDriver: https://www.w3.org/TR/webdriver2/#keyboard-actions
SHIFT, CONTROL, ENTER, RELEASE = "\ue008", "\ue009", "\ue007", "\ue000"
WORKBENCH = ".monaco-workbench .part.editor"
TERMINAL = ".terminal-wrapper.active .xterm-helper-textarea"
# What the command leaves in the folder, where the page lists it.
ANSWER = "//*[contains(@class,'explorer-viewlet')]//*[@role='treeitem'][starts-with(@aria-label,'answer')]"
# Asked before the first terminal of a folder: whether code in it may run.
TRUSTS = "//*[contains(@class,'monaco-dialog-box')]//*[contains(@class,'monaco-button')][contains(., 'Trust Folder')]"


class Code:
    """One browser with VS Code in it."""

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

    def did(self, selector, what, body):
        """Do something with an element, and say whether it was there and could be reached."""
        try:
            self.driver.ask("POST", f"{self.find(selector)}/{what}", body)
        except (LookupError, OSError):
            return False
        return True

    def wait(self, condition, wrong):
        """Wait until a condition holds."""
        until = time.monotonic() + self.asked["timeout"]
        while not condition():
            if time.monotonic() > until:
                raise page._Wrong(wrong)
            time.sleep(0.2)

    def signs_in(self):
        """The password is typed into the form, and the workbench comes."""
        self.driver.ask("POST", f"{self.browser}/url", {"url": self.asked["url"]})
        until = time.monotonic() + self.asked["timeout"]
        page._sign_in(self.driver, self.browser, self.asked["field"], self.asked["token"], until)
        self.wait(lambda: page._shown(self.driver, self.browser, WORKBENCH), "no workbench comes")

    def runs_a_command(self):
        """A terminal is opened by its keys, once the folder is trusted, and takes a command."""
        self.wait(lambda: self.did(TRUSTS, "click", {}) or self.keys(), "nobody asks whether the folder is trusted")
        # A shell that does not read yet still gets what was typed before.
        self.wait(
            lambda: self.did(TERMINAL, "value", {"text": self.asked["command"] + ENTER}), "the terminal takes no keys"
        )

    def shows_the_answer(self):
        """What the command has written is listed in the page."""
        self.wait(lambda: self.there(ANSWER), "no answer is listed")

    def keys(self):
        """Press the keys that open a new terminal, and leave time for the question; False, as it was not seen yet."""
        self.did("body", "value", {"text": CONTROL + SHIFT + "`" + RELEASE})
        until = time.monotonic() + 15
        while not self.there(TRUSTS) and time.monotonic() < until:
            time.sleep(0.2)
        return False


def main(asked):
    """Ask one probe after the other; a picture is kept of one that fails."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        driver = page._Driver(folder, asked["url"])
        try:
            with driver.session() as browser:
                code = Code(driver, browser, asked)
                for probe in (code.signs_in, code.runs_a_command, code.shows_the_answer):
                    passed = page.say(f"work.{probe.__name__}", asked["token"], probe)
                    if asked["shots"]:
                        page.picture(driver, browser, str(Path(asked["shots"], f"{probe.__name__}.png")))
                    if not passed:
                        return
        finally:
            driver.close()


if __name__ == "__main__":
    main(json.load(sys.stdin))
