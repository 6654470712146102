"""Runs in a container with Chromium: a person's first minute in VS Code.

Of the question (tests/system/support_person.py), ``token`` is the password, ``field`` that of the page's form, and
``command`` is typed into a terminal, and leaves a file ``answer``.
"""

import time

import page
from support_person import CONTROL, ENTER, RELEASE, SHIFT, Person, main

WORKBENCH = ".monaco-workbench .part.editor"
TERMINAL = ".terminal-wrapper.active .xterm-helper-textarea"
# What the command leaves in the folder, where the page lists it.
ANSWER = "//*[contains(@class,'explorer-viewlet')]//*[@role='treeitem'][starts-with(@aria-label,'answer')]"
# Asked before the first terminal of a folder: whether code in it may run.
TRUSTS = "//*[contains(@class,'monaco-dialog-box')]//*[contains(@class,'monaco-button')][contains(., 'Trust Folder')]"


class Code(Person):
    """One browser with VS Code in it."""

    def day(self):
        """Go on as long as it goes well: nothing works without what comes before."""
        return all(map(self.does, (self.signs_in, self.runs_a_command, self.shows_the_answer)))

    def signs_in(self):
        """The password is typed into the form, and the workbench comes."""
        self.goes_to(self.asked["url"])
        page._sign_in(self.driver, self.browser, self.asked, self.until())
        self.wait(lambda: self.shown(WORKBENCH), "no workbench comes")

    def runs_a_command(self):
        """A terminal is opened by its keys, once the folder is trusted, and takes a command."""
        self.wait(lambda: self.did(TRUSTS, "click", {}) or self.keys(), "nobody asks whether the folder is trusted")
        self.wait(lambda: self.types(""), "the terminal takes no keys")

    def shows_the_answer(self):
        """What the command has written is listed in the page."""
        self.wait(lambda: self.there(ANSWER) or self.again(), "no answer is listed")

    def types(self, before):
        """Type the command into the terminal; say whether there is one."""
        return self.did(TERMINAL, "value", {"text": before + self.asked["command"] + ENTER})

    def again(self):
        """Leave time for the answer, and type anew: what is typed before a shell reads may be lost; False as yet."""
        until = self.until(40)
        while not self.there(ANSWER) and time.monotonic() < until:
            time.sleep(0.2)
        if not self.there(ANSWER):
            self.types(CONTROL + "c" + RELEASE)
        return False

    def keys(self):
        """Press the keys that open a new terminal, and leave time for the question; False, as it was not seen yet."""
        self.did("body", "value", {"text": CONTROL + SHIFT + "`" + RELEASE})
        until = self.until(15)
        while not self.there(TRUSTS) and time.monotonic() < until:
            time.sleep(0.2)
        return False


if __name__ == "__main__":
    main(Code)
