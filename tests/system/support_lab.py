"""Runs in a container with Chromium: a person's day in a Jupyter IDE.

Of the question (tests/system/support_person.py), ``timeout`` holds once the page is there, ``notebook`` is a file with
one code cell at the server's root, and ``note`` a file that a terminal writes. What is done are the ``probes`` that are
named, all of JupyterLab's when left out, where ``page`` shows a notebook (JupyterLab's when left out); ``code`` is what
is typed into the cell, Python when left out, and has to print that the answer is 42.
"""

import http.client
import json
from urllib.parse import quote, urlsplit

import page
from support_person import CONTROL, ENTER, RELEASE, SHIFT, Person, main

CODE = "answer = 6 * 7; print('the answer is', answer)"
SAYS = "the answer is 42"
# A setting that is true or false.
PLUGIN, SETTING = "@jupyterlab/notebook-extension:tracker", "recordTiming"


class Lab(Person):
    """One browser with one JupyterLab in it."""

    def __init__(self, driver, browser, asked):
        super().__init__(driver, browser, asked)
        self.code = asked.get("code", CODE)
        self.probes = asked.get("probes", [one.__name__ for one in PROBES])

    def day(self):
        """Do everything that is asked for, whatever fails."""
        for probe in (one for one in PROBES if one.__name__ in self.probes):
            self.does(probe, self)

    def text(self, selector):
        """Give what an element shows; "" when it is not there."""
        try:
            return self.driver.ask("GET", f"{self.find(selector)}/text")
        except LookupError:
            return ""

    def click(self, selector):
        """Click on an element as soon as it is there and nothing lies over it."""
        self.wait(lambda: self.did(selector, "click", {}), f"{selector!r} cannot be clicked")

    def type(self, selector, text):
        """Send keys to an element as soon as it takes them."""
        self.wait(lambda: self.did(selector, "value", {"text": text}), f"{selector!r} takes no keys")

    def server(self, method, path, body=None):
        """Ask the server itself; give status and answer."""
        place = urlsplit(self.asked["url"])
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=10)
        try:
            text = json.dumps(body) if body is not None else None
            connection.request(method, path, text, {"Authorization": f"token {self.asked['token']}"})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(content) if content.startswith((b"{", b"[")) else None


def opens(lab):
    """A notebook is opened by its address."""
    page_of = lab.asked.get("page", "/lab/tree")
    address = f"{lab.asked['url']}{page_of}/{quote(lab.asked['notebook'])}?token={quote(lab.asked['token'])}"
    lab.goes_to(address)
    cell = ".jp-NotebookPanel .jp-CodeCell .cm-content"

    def shown():
        # The cell is there before the notebook is, which a spinner covers until then.
        return lab.shown(cell) and not lab.there(".jp-NotebookPanel .jp-Spinner")

    lab.wait(shown, "no notebook with a cell is shown", 60)


def edits(lab):
    """What is typed into a cell stands there."""
    lab.type(".jp-CodeCell .cm-content", lab.code)
    shown = lab.text(".jp-CodeCell .cm-content")
    if shown != lab.code:
        raise page._Wrong(f"the cell holds {shown!r}")


def idle(lab):
    """Say whether the kernel waits for work: as JupyterLab's status bar says; Notebook 7 has none."""
    if lab.there("#jp-main-statusbar"):
        return "Idle" in lab.text("#jp-main-statusbar")
    _, kernels = lab.server("GET", "/api/kernels")
    return any(one["execution_state"] == "idle" for one in kernels or ())


def runs(lab):
    """Shift and Enter run it, once the kernel is there, and what it prints is shown."""
    lab.wait(lambda: idle(lab), "the kernel does not become idle")
    lab.type(".jp-CodeCell .cm-content", SHIFT + ENTER + RELEASE)
    lab.wait(lambda: SAYS in lab.text(".jp-OutputArea-output"), "the cell gives no output")


def terminal(lab):
    """The launcher opens a terminal, and a command that is typed there is run."""
    lab.type("body", CONTROL + SHIFT + "l" + RELEASE)
    lab.click("//*[contains(@class, 'jp-LauncherCard-label')][normalize-space() = 'Terminal']")
    keys = f'echo "typed $((6 * 7))" >{lab.asked["note"]}' + ENTER

    def written():
        # What is typed before the shell listens is lost.
        lab.type(".jp-Terminal textarea", keys)
        _, answer = lab.server("GET", f"/api/contents/{lab.asked['note']}")
        return (answer or {}).get("content") == "typed 42\n"

    lab.wait(written, "the command was not run")


def extensions(lab):
    """The extension manager lists what is installed."""
    lab.click(".jp-SideBar [data-id='extensionmanager.main-view']")

    def listed():
        # It shows nothing until a person has said, once, that extensions are other people's code.
        lab.did(".jp-extensionmanager-disclaimer-enable", "click", {})
        return "pygments" in lab.text(".jp-extensionmanager-installedlist")

    lab.wait(listed, "no extension is listed")


def settings(lab):
    """A setting of the wrong type is refused by its schema and changes nothing; one of the right type is kept."""
    place = f"/lab/api/settings/{PLUGIN}"
    kept, _ = lab.server("PUT", place, {"raw": json.dumps({SETTING: True})})
    wrong, _ = lab.server("PUT", place, {"raw": json.dumps({SETTING: "yes"})})
    _, now = lab.server("GET", place)
    found = (kept, wrong, (now or {}).get("settings", {}).get(SETTING))
    if found != (204, 400, True):
        raise page._Wrong(f"right, wrong and then: {found}, not (204, 400, True)")


def saves(lab):
    """Control and s write the file: the cell's text and its output."""
    if "terminal" in lab.probes:
        # Its tab is in front.
        lab.click("//*[contains(@class, 'lm-TabBar-tabLabel')][contains(., '.ipynb')]")
    lab.type("body", CONTROL + "s" + RELEASE)

    def written():
        _, answer = lab.server("GET", f"/api/contents/{lab.asked['notebook']}?content=1")
        cells = answer["content"]["cells"]
        return cells[0]["source"] == lab.code and SAYS in json.dumps(cells[0]["outputs"])

    lab.wait(written, "the file does not hold what was typed and what it printed")


PROBES = (opens, edits, runs, terminal, extensions, settings, saves)


if __name__ == "__main__":
    main(Lab)
