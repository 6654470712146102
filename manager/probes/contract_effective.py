"""Runs beside the probe ``contract``: what a plain connection is given, and the defaults that it then really has."""

import contextlib
import dataclasses
import enum
import importlib
import inspect
import signal
import time

from contract_apart import Apart, closed, settled

# What a plain connection is given of the parameters that a driver has; nothing listens there.
PLAIN = {
    "host": "127.0.0.1",
    "hostname": "127.0.0.1",
    "server": "127.0.0.1",
    "server_hostname": "127.0.0.1",
    "port": 1,
    "user": "solvent",
    "username": "solvent",
    "password": "none",
    "account": "solvent",
    "access_token": "none",
    "http_path": "/",
    "service_name": "solvent",
    "login_timeout": 1,
}
# Where a driver takes several spellings, the first that it has is given.
_EITHER = (("host", "hostname", "server", "server_hostname"), ("user", "username"))
_SCALARS = (type(None), bool, int, float, str, bytes)
_SECONDS = 8.0
# Whether a connection came as far as the network.
_REACHED = []


def plain(names):
    """Give the arguments of a plain connection for a driver with these parameters."""
    given = {name: value for name, value in PLAIN.items() if name in names}
    for same in _EITHER:
        for name in [name for name in same if name in given][1:]:
            del given[name]
    return given


def there(path):
    """Give what ``module:name.name`` names; raises ImportError or AttributeError where this version has none."""
    module, _, names = path.partition(":")
    found = importlib.import_module(module)
    for name in filter(None, names.split(".")):
        found = getattr(found, name)
    return found


def door(request):
    """Give what opens a connection: the driver's own ``connect``, else the class or function that is asked first."""
    found = getattr(importlib.import_module(request["import_name"]), "connect", None)
    if callable(found):
        return found
    for path in request["of"]:
        with contextlib.suppress(ImportError, AttributeError):
            found = there(path.removesuffix(".__init__"))
            if callable(found):
                return found
    return None


def effective(request, facts):
    """Give by name what an object of the driver holds that was made with as little as possible; {} where none can be.

    It is made in a process of its own: what cannot be made costs an answer, and nothing else.
    """
    work = Apart(lambda tell: _look(request, facts, tell))
    settled([work], _SECONDS)
    told, _, _ = work.lines(0)
    return next((one for one in told if isinstance(one, dict)), {})


def _look(request, facts, tell):
    given = plain(facts)
    for path in request["of"]:
        try:
            target = there(path.removesuffix(".__init__"))
        except (ImportError, AttributeError):
            continue
        # An object of a data class holds what its class declares, which the driver may read otherwise.
        if inspect.isclass(target) and not dataclasses.is_dataclass(target):
            closed(_refuse)
            # Who sleeps tries again later.
            time.sleep = lambda _seconds: _refuse()
            signal.setitimer(signal.ITIMER_REAL, _SECONDS - 1)
            late = {"defer_connect": True} if "defer_connect" in facts else {}
            portless = {name: value for name, value in given.items() if name != "port"}
            # With nothing if that goes, else without a port: what is given has no default.
            for more in (late, {**late, **portless}, {**late, **given}):
                with contextlib.suppress(Exception):
                    made = target(**more)
                    break
                if _REACHED:
                    # What came as far as the network has its defaults by then.
                    made = object.__new__(target)
                    with contextlib.suppress(Exception):
                        made.__init__(**more)
                    break
            else:
                return
            tell({name: shown(value) for name, value in _held(made, set(facts) - set(more))})
            return


def shown(value):
    """Give a value as text: sets in order, and a member of an enumeration that is a number or a text as that."""
    if isinstance(value, enum.Enum) and isinstance(value, (int, str)):
        return repr(value.value)
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(map(repr, value))) + "}"
    return repr(value)


def _refuse():
    _REACHED.append(True)
    raise ConnectionRefusedError("there is no network here")


def _held(made, names):
    """Give the plain values that an object has under the names of its parameters, or in a pool's arguments."""
    pool = getattr(made, "connection_pool", None)
    kept = getattr(pool, "connection_kwargs", {}) if pool is not None else {}
    for name in sorted(names):
        for holder in (name, f"_{name}"):
            try:
                value = getattr(made, holder)
            except Exception:  # noqa: S112 - a property may do anything
                continue
            if isinstance(value, _SCALARS):
                yield name, value
                break
        else:
            if isinstance(kept, dict) and name in kept and isinstance(kept[name], _SCALARS):
                yield name, kept[name]
