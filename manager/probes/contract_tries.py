"""Runs beside the probe ``contract``: what a driver does with a parameter, seen by giving it one.

Each is given alone beside a plain connection, in a process of its own that ends where it would reach the network.
"""

import importlib
import logging
import os
import sys
import time
import warnings
from functools import partial

from contract_apart import Apart, closed, settled
from contract_effective import door, plain

# No driver knows it: what becomes of it becomes of any unknown one.
UNHEARD_OF = "solvent_no_such_parameter"
# How often a driver that crashes is asked.
TURNS = 3
# There is nothing to open a connection with.
NO_DOOR = {"name": "", "events": [], "door": False}
_AT_ONCE = 32
_SECONDS = 10.0
_VARIABLE_KEYWORDS = 0x08


class Name(str):
    """A parameter's name that notices whether anybody looks for just this one."""

    __slots__ = ("asked",)
    __hash__ = str.__hash__

    def __eq__(self, other):
        same = str.__eq__(self, other)
        if same is True and other is not self:
            self.asked = True
        return same


def tried(request, facts, values):
    """Try each parameter of ``values`` (name: value); give the events of each by name, "" for the plain connection.

    The driver is loaded once, in a process that each try is a copy of; where that crashes, it is loaded again for what
    is left. Second is why something could not be tried, or "".
    """
    left, found, why = {"": None, **values}, {}, ""
    limit = request["limit"] + _SECONDS * (1 + len(left) / _AT_ONCE)
    for _ in range(TURNS):
        told, words, how = Apart(partial(_all, request, facts, left)).lines(limit)
        if NO_DOOR in told:
            return {}, ""
        found |= {one["name"]: one["events"] for one in told}
        left = {name: value for name, value in left.items() if name not in found}
        if not left:
            return found, ""
        why = (
            f"{how or 'it ended'} before {next(iter(left)) or 'a plain connection'}; its last words: {words or 'none'}"
        )
        if "signal" not in how:
            break
    return found, why


def _all(request, facts, values, tell):
    importlib.import_module(request["import_name"])
    target, given = door(request), plain(facts)
    waiting = sorted(values.items())
    if target is None:
        tell(NO_DOOR)
        return
    while waiting:
        now, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        running = [(name, Apart(_work(target, given, name, value))) for name, value in now]
        settled([work for _, work in running], _SECONDS)
        for name, work in running:
            # Whatever it has told is there by now.
            events, words, how = work.lines(0)
            # Who is silent for so long waits for an answer from the network.
            ending = "waits" if "within" in how else f"{how}: {words[-300:]}" if how else ""
            tell({"name": name, "events": [*events, {"ended": ending}] if ending else events})


def _work(target, given, name, value):
    def work(tell):
        key = Name(name)
        key.asked = False
        _listen(tell)
        sys.setprofile(_follow(name, target.__module__.partition(".")[0], tell))

        def reached():
            tell({"asked": key.asked})
            tell({"ended": "reached"})
            os._exit(0)

        closed(reached)
        # Who sleeps tries again later.
        time.sleep = lambda _seconds: reached()
        more = {key: value} if name else {}
        try:
            target(**{one: given[one] for one in given if one != name}, **more)
        except BaseException as error:
            tell({"raised": type(error).__name__, "text": str(error)[:1000]})
        tell({"asked": key.asked})
        tell({"ended": "returned"})
        os._exit(0)

    return work


def _listen(tell):
    """Tell every warning, and of what is logged only what a person sees who has set up nothing."""
    warnings.simplefilter("always")
    warnings.showwarning = lambda message, *_words: tell({"warned": str(message)[:500]})

    class Told(logging.Handler):
        def emit(self, record):
            tell({"warned": record.getMessage()[:500]})

    # Python's own way out for records that no handler takes; a library that has one (a NullHandler) is silent.
    logging.lastResort = Told(logging.WARNING)


def _follow(name, own, tell):
    """Tell once when the parameter is handed on, by keyword, to what is neither the driver's nor Python's own."""
    told = []

    def profile(frame, event, _argument):
        code = frame.f_code
        if event != "call" or told or not name or not code.co_flags & _VARIABLE_KEYWORDS:
            return
        module = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        last = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 0x04)
        rest = frame.f_locals.get(code.co_varnames[last])
        if isinstance(rest, dict) and module not in (own, "__main__", *sys.stdlib_module_names) and name in list(rest):
            told.append(module)
            tell({"forwarded": module})

    return profile
