"""Runs in a container with Chromium: what JupyterLab notifies a person of, at the first look and at the second.

Of the question (tests/system/support_person.py), ``page`` and ``selector`` are those of the launch, and ``says`` is
what is to be shown at first, "" for nothing at all.
"""

from urllib.parse import quote

import page
from support_person import Person, main

TOASTS = "return Array.from(document.querySelectorAll('.Toastify__toast')).map(one => one.innerText)"
BELL = "const bell = document.querySelector('.jp-Notification-Status'); return bell ? bell.innerText : ''"


class Visitor(Person):
    """One browser with JupyterLab in it."""

    def day(self):
        """Come twice, and look at the console."""
        self.does(self.first, name="notice.first")
        self.does(self.second, name="notice.second")
        self.does(page.console, self.driver, self.browser, name="notice.console")

    def first(self):
        """Whoever comes for the first time is shown it until they close it; or nothing, where there is nothing."""
        self.opens(f"?token={quote(self.asked['token'])}")
        toasts = self.script(TOASTS)
        if [one.strip() for one in toasts] != ([self.asked["says"]] if self.asked["says"] else []):
            raise page._Wrong(f"the page notifies of {toasts!r}")

    def second(self):
        """Whoever comes again finds it behind the bell, and nothing in the way."""
        self.opens()
        found = self.script(TOASTS), self.script(BELL).strip()
        if found != ([], "1" if self.asked["says"] else "0"):
            raise page._Wrong(f"notifications and bell: {found!r}")

    def opens(self, query=""):
        """Open the page, and wait until it has settled."""
        until = self.until()
        self.goes_to(f"{self.asked['url']}{self.asked['page']}{query}")
        self.wait(lambda: self.shown(self.asked["selector"]), "the page does not come")
        page._settle(self.driver, self.browser, until)

    def script(self, text):
        """Ask the page."""
        return self.driver.ask("POST", f"{self.browser}/execute/sync", {"script": text, "args": []})


if __name__ == "__main__":
    main(Visitor)
