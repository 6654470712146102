"""Asks one probe, in a process of its own that the parent may kill: one JSON line on the pipe that is its argument.

Standard input is the request of ``run`` with ``probe``, its ``topic`` (the file of ``ask``), ``attempt`` and
``prefix``; the probe ``@drop`` removes what a killed one left behind, ``@list`` gives all probes that belong to engine
and driver.
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def loaded(topic):
    """Import a file of ``ask``, or with "" all of them; give the words of probes, with the list of what is in there.

    A probe needs no other file than its own, and a hundred times the time that the others take is a while.
    """
    sys.path.insert(0, str(HERE))
    import asking

    for file in sorted((HERE / "ask").glob("[a-z]*.py")):
        if topic in ("", file.stem):
            importlib.import_module(f"ask.{file.stem}")
    return asking


def driver_of(asking, request):
    """Import the driver, so that an import that fails is the answer; give it with the words of ways and engine."""
    ways = importlib.import_module("ways")
    source = request["source"]
    engine = source["engine"]
    file = "stores" if engine in asking.STORES else "emulated" if asking.emulated(source) else "engines"
    engines = importlib.import_module(file)
    if not engines.known(engine):
        raise asking.NotRun(f"the probes have no words yet for {engine}")
    words = engines.words(engine, request["source"].get("version", ""))
    sys.path[:0] = [one for one in request.get("path", []) if one not in sys.path]
    return importlib.import_module(request["import_name"]), ways, words


def listed(asking, request):
    """Give what belongs to engine and driver, as the parent has to know it."""
    found = [one for one in asking.PROBES.values() if asking.belongs(one, request)]
    return [one.listed(asking.missing(one, request)) for one in found]


def failed(asking, hiding, error):
    """Give the line of an error: a failure of the driver, unless something had run out."""
    reason = f"{type(error).__name__}: {' '.join(hiding.hidden(str(error)).split())[:400]}"
    if why := importlib.import_module("shortage").of(error):
        return {"outcome": "error", "reason": f"{why}; {reason}"}
    reason = str(error) if isinstance(error, asking.Wrong) else reason
    return {"outcome": "fail", "reason": reason, "signature": asking.sign(error)}


def answer(asking, request):
    """Ask the probe, and give its line."""
    one = asking.PROBES.get(request["probe"])
    if one is None or not asking.belongs(one, request):
        return {"outcome": "error", "reason": f"there is no probe {request['probe']} for it"}
    hiding = importlib.import_module("hiding")
    hiding.remember(request["source"].get("password"))
    subject, began = None, time.monotonic()
    try:
        why = asking.missing(one, request)
        if why:
            raise asking.Unsupported(why)
        subject = asking.Subject(request, *driver_of(asking, request))
        began = time.monotonic()
        line = {"outcome": "pass", "measures": one.function(subject) or {}}
    except asking.Ended as end:
        line = {"outcome": end.outcome, "reason": str(end)}
    except Exception as error:
        line = failed(asking, hiding, error)
    finally:
        if subject is not None:
            try:
                subject.close()
            except Exception as error:
                print(f"cleaning up: {type(error).__name__}: {error}", file=sys.stderr)
    # With what it made being taken away: that belongs to it.
    return {**line, "seconds": round(time.monotonic() - began, 3)}


def ask(asking, request, pipe):
    """Do what is asked, write the line to a pipe, and give the exit code."""
    if request["probe"] == "@list":
        line = {"probes": listed(asking, request)}
    elif request["probe"] == "@drop":
        subject = asking.Subject(request, *driver_of(asking, request))
        subject.sql.sweep(subject)
        line = {}
    else:
        line = answer(asking, request)
    with os.fdopen(pipe, "w") as out:
        out.write(json.dumps(line))
    sys.stdout.flush()
    sys.stderr.flush()
    return 0


def ask_in_fork(asking, request, pipe, out):
    """Ask as :func:`main` does, in a fork: with the pipe as the argument, and what is printed in a file of its own."""
    sys.argv = [str(Path(__file__)), str(pipe)]
    os.set_inheritable(pipe, False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.close(nothing)
    os.close(out)
    return ask(asking, request, pipe)


def main():
    """Read the request, ask, and write the line."""
    pipe = int(sys.argv[1])
    # What a driver starts has no business with it.
    os.set_inheritable(pipe, False)
    request = json.load(sys.stdin)
    # What a driver leaves running, such as threads that wait for ever, shall not keep this process.
    os._exit(ask(loaded(request.get("topic", "")), request, pipe))


if __name__ == "__main__":
    main()
