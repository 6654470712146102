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


def asked_of(asking, request):
    """Make the subject: the driver is imported here, so that an import that fails is the answer."""
    ways = importlib.import_module("ways")
    engine = request["source"]["engine"]
    engines = importlib.import_module("stores" if engine in asking.STORES else "engines")
    if not engines.known(engine):
        raise asking.NotRun(f"the probes have no words yet for {engine}")
    words = engines.words(engine)
    sys.path[:0] = request.get("path", [])
    driver = importlib.import_module(request["import_name"])
    return asking.Subject(request, driver, ways, words)


def answer(asking, request):  # noqa: PLR0911 - one line an outcome
    """Ask the probe, and give its line."""
    one = asking.PROBES.get(request["probe"])
    if one is None or not asking.belongs(one, request):
        return {"outcome": "error", "reason": f"there is no probe {request['probe']} for it"}
    subject = None
    try:
        why = asking.missing(one, request)
        if why:
            raise asking.Unsupported(why)
        subject = asked_of(asking, request)
        began = time.monotonic()
        measures = one.function(subject) or {}
        return {"outcome": "pass", "measures": measures, "seconds": round(time.monotonic() - began, 3)}
    except asking.Ended as end:
        return {"outcome": end.outcome, "reason": str(end)}
    except asking.Wrong as wrong:
        return {"outcome": "fail", "reason": str(wrong), "signature": asking.sign(wrong)}
    except MemoryError:
        return {"outcome": "error", "reason": "the sandbox ran out of memory"}
    except Exception as error:
        if getattr(error, "errno", None) == 28 and isinstance(error, OSError):
            return {"outcome": "error", "reason": "a disk is full"}
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:400]}"
        return {"outcome": "fail", "reason": reason, "signature": asking.sign(error)}
    finally:
        if subject is not None:
            try:
                subject.close()
            except Exception as error:
                print(f"cleaning up: {type(error).__name__}: {error}", file=sys.stderr)


def main():
    """Read the request, ask, and write the line."""
    pipe = int(sys.argv[1])
    # What a driver starts has no business with it.
    os.set_inheritable(pipe, False)
    request = json.load(sys.stdin)
    asking = loaded(request.get("topic", ""))
    if request["probe"] == "@list":
        found = [one for one in asking.PROBES.values() if asking.belongs(one, request)]
        line = {"probes": [one.listed(asking.missing(one, request)) for one in found]}
    elif request["probe"] == "@drop":
        subject = asked_of(asking, request)
        subject.sql.sweep(subject)
        line = {}
    else:
        line = answer(asking, request)
    with os.fdopen(pipe, "w") as out:
        out.write(json.dumps(line))
    # What a driver leaves running, such as threads that wait for ever, shall not keep this process.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
