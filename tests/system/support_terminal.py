"""Runs in a container with Chromium: somebody opens the terminal UI in a browser, looks, and presses a key.

Of the question (tests/system/support_person.py), ``first`` is what the first screen says, ``key`` is pressed, and
``then`` is what comes. What the page draws is a picture: its words are read where they come in.
"""

import page
from support_person import Person, main

# Keeps what every websocket of the page brings; asked for before any script of the page runs.
HEARS = """
window.heard = "";
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...words) {
    super(...words);
    this.addEventListener("message", (event) => {
      if (typeof event.data !== "string") window.heard += new TextDecoder().decode(event.data);
    });
  }
};
"""
KEYS = ".xterm-helper-textarea"


class Looker(Person):
    """One browser with the terminal UI in it."""

    def day(self):
        """Go on as long as it goes well, and show the end of it."""
        return all(map(self.does, (self.sees_the_first_screen, self.presses_a_key, self.is_not_shown_without_a_token)))

    def sees_the_first_screen(self):
        """It comes, and is drawn."""
        hears = {"cmd": "Page.addScriptToEvaluateOnNewDocument", "params": {"source": HEARS}}
        self.driver.ask("POST", f"{self.browser}/goog/cdp/execute", hears)
        self.goes_to(self.asked["url"])
        self.wait(lambda: self.heard(self.asked["first"]), "the first screen does not come")
        self.wait(lambda: self.shown(".xterm-screen canvas"), "nothing is drawn")
        page.console(self.driver, self.browser)

    def presses_a_key(self):
        """What it asks for comes."""
        assert not self.heard(self.asked["then"])
        self.wait(lambda: self.did(KEYS, "value", {"text": self.asked["key"]}), "it takes no keys")
        self.wait(lambda: self.heard(self.asked["then"]), "the key changes nothing")
        if self.asked.get("picture"):
            page.picture(self.driver, self.browser, self.asked["picture"])

    def is_not_shown_without_a_token(self):
        """Neither terminal nor session."""
        self.goes_to(self.asked["url"].replace(self.asked["token"], "x"))
        if self.there(".textual-terminal"):
            raise page._Wrong("it is shown without the token")

    def heard(self, words):
        """Say whether words have come in."""
        script = {"script": "return window.heard", "args": []}
        return words in (self.driver.ask("POST", f"{self.browser}/execute/sync", script) or "")


main(Looker)
