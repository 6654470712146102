"""Runs with the tree of one driver first on sys.path, and without a network: which parameters does this version take?

Argument: one JSON object {"tree", "distribution", "import_name", "method", "of", "names", "former", "limit", "nonce"}.
``names`` are parameters (name: default elsewhere, or "") that are tried, ``former`` ones only where this version does
not have them. Standard output is one JSON object with the same nonce:
{"version", "python", "environment": {what: text}, "native": [[name, version]], "missing": [of what is not there],
 "open": takes any keyword, "parameters": [{"name", "default", "effective", "type", "secret", "aliases", "varies"}],
 "tries": {name: [event]} with "" for a plain connection, "error": why there is nothing, or ""}

The driver runs in child processes only, each with a time limit; what it prints is its last words, never the answer. A
default that is another one in a second process, of another person on another day, ``varies``.
"""

import ast
import getpass
import importlib.metadata
import json
import os
import re
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from contract_apart import Apart
from contract_reading import everything
from contract_tries import TURNS, UNHEARD_OF, tried


def placeless(text):
    """Leave out where in memory something lies: two processes agree on that only by chance."""
    return text and re.sub(r" at 0x[0-9a-fA-F]+|(?<= )0x[0-9a-fA-F]{6,}(?=>)", "", text)


def second(request, tell):
    """Ask again as another person with another home, on another day: what then has another default depends on these."""
    home = "/tmp/another-home"  # noqa: S108 - nothing is written there
    os.environ.update({"HOME": home, "USER": "another-person", "LOGNAME": "another-person", "HOSTNAME": "another-host"})
    # A number of a process that is far from the first one's.
    sys.executable, sys.argv = "/another/python", ["/another/program"]
    clock = time.time
    time.time = lambda: clock() + 86400.5
    everything(request, tell)


def answer(request):
    """Ask a driver; what it cannot tell is an ``error``, with the driver's last words."""
    found = {"nonce": request["nonce"], "error": "", "python": "{}.{}".format(*sys.version_info)}
    try:
        found["version"] = importlib.metadata.version(request["distribution"])
    except importlib.metadata.PackageNotFoundError:
        return {**found, "error": "the distribution is not in its tree"}
    # The other person is asked at the same time.
    other = Apart(lambda tell: second(request, tell))
    for _ in range(TURNS):
        told, words, how = Apart(lambda tell: everything(request, tell)).lines(request["limit"])
        # One that crashes is asked again: a driver with threads of its own may do so now and then.
        if "signal" not in how:
            break
    again = other.lines(request["limit"])[0]
    if how or not told:
        return {**found, "error": f"{how or 'it told nothing'}; its last words: {words or 'none'}"}
    first, other = told[-1], {one["name"]: one for one in again[-1]["parameters"]} if again else {}
    for one in first["parameters"]:
        twin = other.get(one["name"], one)
        one["varies"] = [key for key in ("default", "effective") if placeless(one[key]) != placeless(twin[key])]
    names = {one["name"] for one in first["parameters"]}
    defaults = {one["name"]: one["default"] for one in first["parameters"]}
    former = {name: text for name, text in request["former"].items() if name not in names}
    wanted = {name: value(text or defaults.get(name)) for name, text in {**request["names"], **former}.items()}
    wanted[UNHEARD_OF] = "1"
    tries, why = tried(request, names, wanted)
    if why:
        return {**found, "error": f"what it does with parameters could not be tried: {why}"}
    return {**found, **first, "environment": surroundings(request), "tries": tries}


def value(default):
    """Give a value to try a parameter with: its default, where that is plain and says something."""
    try:
        found = ast.literal_eval(default or "None")
    except (ValueError, SyntaxError):
        return "1"
    return found if isinstance(found, (bool, int, float, str)) and found != "" else "1"


def surroundings(request):
    """Give what may stand in a default and says something of this machine only."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    known = {"host": socket.gethostname(), "user": user, "home": str(Path.home()), "python": sys.executable}
    return {**known, "tree": request["tree"], "cpus": str(os.cpu_count() or 0)}


if __name__ == "__main__":
    _request = json.loads(sys.argv[1])
    sys.path.insert(0, _request["tree"])
    sys.stdout.write(json.dumps(answer(_request)) + "\n")
