"""Runs with the tree of one driver first on sys.path, and without a network: which parameters does this version take?

Argument: one JSON object {"tree", "distribution", "import_name", "method", "of", "names", "former", "limit", "nonce"}.
``names`` are parameters (name: default elsewhere, or "") that are tried, ``former`` ones only where this version does
not have them. Standard output is one JSON object with the same nonce:
{"version", "python", "environment": {what: text}, "native": [[name, version]], "missing": [of what is not there],
 "open": takes any keyword, "parameters": [{"name", "default", "effective", "type", "secret", "aliases", "varies"}],
 "tries": {name: [event]} with "" for a plain connection, "error": why there is nothing, or ""}

The driver runs in child processes only, each with a time limit; what it prints is its last words, never the answer. A
default that is another one in a second process, of another person in another folder, ``varies``.
"""

import ast
import getpass
import importlib.metadata
import json
import os
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from contract_apart import Apart
from contract_reading import everything
from contract_tries import UNHEARD_OF, tried


def second(request, tell):
    """Ask again as another person with another home: what then has another default depends on the machine."""
    home = "/tmp/another-home"  # noqa: S108 - nothing is written there
    os.environ.update({"HOME": home, "USER": "another-person", "LOGNAME": "another-person", "HOSTNAME": "another-host"})
    # A number of a process that is far from the first one's.
    sys.executable, sys.argv = "/another/python", ["/another/program"]
    everything(request, tell)


def answer(request):
    """Ask a driver; what it cannot tell is an ``error``, with the driver's last words."""
    found = {"nonce": request["nonce"], "error": "", "python": "{}.{}".format(*sys.version_info)}
    try:
        found["version"] = importlib.metadata.version(request["distribution"])
    except importlib.metadata.PackageNotFoundError:
        return {**found, "error": "the distribution is not in its tree"}
    both = [Apart(lambda tell: everything(request, tell)), Apart(lambda tell: second(request, tell))]
    (told, words, how), (again, _, _) = (one.lines(request["limit"]) for one in both)
    if how or not told:
        return {**found, "error": f"{how or 'it told nothing'}; its last words: {words or 'none'}"}
    first, other = told[-1], {one["name"]: one for one in again[-1]["parameters"]} if again else {}
    for one in first["parameters"]:
        twin = other.get(one["name"], one)
        one["varies"] = [key for key in ("default", "effective") if one[key] != twin[key]]
    names = {one["name"] for one in first["parameters"]}
    defaults = {one["name"]: one["default"] for one in first["parameters"]}
    former = {name: text for name, text in request["former"].items() if name not in names}
    wanted = {name: value(text or defaults.get(name)) for name, text in {**request["names"], **former}.items()}
    wanted[UNHEARD_OF] = "1"
    return {**found, **first, "environment": surroundings(request), "tries": tried(request, names, wanted)}


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
