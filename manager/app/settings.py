"""The settings of this machine and person, each with its origin.

Later ones win: the defaults, the machine's file (``/etc/solvent/config.toml``), the person's file
(``config.toml`` in the person's configuration folder), environment variables ``SOLVENT_*``.
"""

from __future__ import annotations

import os
import pwd
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manager.app import git_settings
from manager.core import mirror_table
from manager.core.amounts import parse_size
from manager.core.catalog import did_you_mean
from manager.core.lines import line_of, unfit
from manager.core.mirrors import NOTHING_SET, Mirrors, merged
from manager.core.names import checked
from manager.core.sinks import NO_SINKS, Sinks
from manager.errors import CatalogError, ManagerError, Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from manager.core.mounts import HostFolder

MACHINE_FILE = Path("/etc/solvent/config.toml")
MACHINE_STATE = Path("/var/lib/solvent")


def _above_zero(text: str) -> str:
    """Give the text of a size back; raises ValueError for none and for one of 0 bytes."""
    if parse_size(text) <= 0:
        raise ValueError(f"{text!r} leaves no memory")
    return text


def _a_size(text: str) -> str:
    """Give the text of a size back; raises ValueError for anything else."""
    parse_size(text)
    return text


def _an_address(text: str) -> str:
    """Give an address back; raises ValueError for what is none, without repeating it: it may hold a login."""
    if text and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise ValueError("is no address that begins with http:// or https://")
    return text


# How each key is read from text; the type that a TOML file must have stands beside.
_KEYS: dict[str, tuple[type | tuple[type, ...], Callable[[str], object]]] = {
    "realm": (str, lambda text: checked(text, "realm")),
    "engine_url": (str, str),
    "database_url": (str, str),
    "catalog": (str, lambda text: Path(text).expanduser()),
    "bundle_signers": (str, lambda text: Path(text).expanduser()),
    "machine_wide": (bool, lambda text: text == "True"),
    "port_first": (int, lambda text: _between(text, 1024, 65535)),
    "port_last": (int, lambda text: _between(text, 1024, 65535)),
    "memory": (str, _above_zero),
    "cpus": ((int, float), lambda text: float(_between(text, 0.01, 4096))),
    "pids": (int, lambda text: _between(text, 16, 4194304)),
    "workspace_budget": (str, _a_size),
    "advisories_url": (str, _an_address),
    "nightly_promotes": (bool, lambda text: text.lower() == "true"),
}
# What a file says in a table, and a variable by itself.
_TABLED: dict[str, Callable[[str], object]] = {"git_mode": git_settings.mode}
# Decided for the whole machine, so a person's file may not say it.
_MACHINES = ("machine_wide", "mounts")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set, and where from.

    ``state_dir`` holds the database, and is one for the machine where that is configured so; ``personal_dir``
    holds kept secrets and is always the person's. ``memory`` is as written (``4g``), ``cpus`` in cores.
    ``workspace_budget`` is as written, and 0 for none; ``bundle_signers`` is a file of those who may sign bundles
    (OpenSSH's allowed signers); ``advisories_url`` is where an archive of advisories lies; ``nightly_promotes`` is
    whether a nightly may promote what was verified; ``git_mode`` is where locks that it moves go (``none``: into the
    working tree, ``branch``);
    ``mounts`` are the host folders that an administrator lists.
    ``mirror`` and ``notices`` are what the two files say together. ``origins`` gives for each name ``default``, a
    variable, or ``file:line``.
    """

    realm: str
    engine_url: str
    database_url: str = field(repr=False)
    catalog: Path | None
    config_dir: Path
    state_dir: Path
    personal_dir: Path
    cache_dir: Path
    machine_wide: bool
    owner: str
    port_first: int
    port_last: int
    memory: str
    cpus: float
    pids: int
    workspace_budget: str = "20g"
    bundle_signers: Path | None = None
    advisories_url: str = field(default="", repr=False)
    nightly_promotes: bool = False
    git_mode: str = git_settings.NONE
    mounts: tuple[HostFolder, ...] = ()
    mirror: Mirrors = NOTHING_SET
    notices: Sinks = NO_SINKS
    origins: tuple[tuple[str, str], ...] = ()

    @property
    def connections_dir(self) -> Path:
        """Give the folder of the person's connections."""
        return self.config_dir / "connections"

    @property
    def sources_dir(self) -> Path:
        """Give the folder of the person's own sources."""
        return self.config_dir / "sources"

    @property
    def memory_bytes(self) -> int:
        """Give the default memory limit of an environment in bytes."""
        return parse_size(self.memory)

    @property
    def workspace_budget_bytes(self) -> int:
        """Give what a workspace may hold before a warning comes, in bytes; 0 for anything."""
        return parse_size(self.workspace_budget)


@dataclass(frozen=True, slots=True)
class Shown:
    """A setting as ``solvent config show`` prints it: passwords are stars."""

    name: str
    value: str
    origin: str


def load(environ: Mapping[str, str] = os.environ, machine_file: Path = MACHINE_FILE) -> Settings:
    """Read the settings; raises CatalogError with every problem of the files, UsageError for a variable's."""
    environ = {name: value for name, value in environ.items() if value}
    folders, origin = _folders(environ)
    values: dict[str, object] = {
        "realm": "solvent",
        "engine_url": "unix:///var/run/docker.sock",
        "catalog": None,
        "machine_wide": False,
        "port_first": 20000,
        "port_last": 29999,
        "memory": "4g",
        # No more than the engine has: it refuses a container that asks for more.
        "cpus": float(min(2, os.cpu_count() or 1)),
        "pids": 1024,
        "workspace_budget": "20g",
        "bundle_signers": None,
        "advisories_url": "",
        "nightly_promotes": False,
        "git_mode": git_settings.NONE,
        "mirror": NOTHING_SET,
        "notices": NO_SINKS,
    }
    origins = dict.fromkeys([*values, "database_url", "owner"], "default") | dict.fromkeys(folders, origin)
    origins["owner"] = "operating system"
    _read(machine_file, values, origins, machine=True)
    _read(folders["config_dir"] / "config.toml", values, origins, machine=False)
    _from_variables(environ, values, origins)
    if "SOLVENT_HOME" in environ:
        values["machine_wide"], origins["machine_wide"] = False, "SOLVENT_HOME"
    if values["machine_wide"]:
        folders["state_dir"], origins["state_dir"] = MACHINE_STATE, origins["machine_wide"]
    if "database_url" not in values:
        values["database_url"] = f"sqlite:///{folders['state_dir'] / 'state.db'}"
    _check_ports(values, origins)
    return Settings(**values, **folders, owner=_owner(), origins=tuple(origins.items()))  # type: ignore[arg-type]


def shown(settings: Settings) -> tuple[Shown, ...]:
    """Give every setting for people, with its origin and without a password."""
    origins = dict(settings.origins)
    rows = []
    for one in fields(settings):
        if one.name not in ("origins", "mirror", "mounts", "notices"):
            value = getattr(settings, one.name)
            text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            # user:PASSWORD@, and password=... in a query.
            text = re.sub(r"(?<=://)([^/@:]*):(.*)@", r"\1:********@", text)
            text = re.sub(r"(?i)(passw\w*|token|secret)=[^&]*", r"\1=********", text)
            name = "git.mode" if one.name == "git_mode" else one.name
            rows.append(Shown(name, text, origins.get(one.name, "default")))
    rows += [Shown(f"mounts.{one.name}", str(one), one.origin) for one in settings.mounts]
    if settings.notices != NO_SINKS:
        from manager.app import notice_settings

        rows += [Shown(*row) for row in notice_settings.shown(settings.notices)]
    return tuple(rows)


def _folders(environ: Mapping[str, str]) -> tuple[dict[str, Path], str]:
    if home := environ.get("SOLVENT_HOME"):
        root = Path(home).expanduser().absolute()
        below = {"config_dir": "config", "state_dir": "state", "personal_dir": "state", "cache_dir": "cache"}
        return {name: root / folder for name, folder in below.items()}, "SOLVENT_HOME"
    import platformdirs

    state = platformdirs.user_state_path("solvent")
    config, cache = platformdirs.user_config_path("solvent"), platformdirs.user_cache_path("solvent")
    return {"config_dir": config, "state_dir": state, "personal_dir": state, "cache_dir": cache}, "default"


def _read(file: Path, values: dict[str, object], origins: dict[str, str], *, machine: bool) -> None:
    text, document = _document(file)
    problems: list[Problem] = []
    for key, value in document.items():
        line = line_of(text, key)
        if key == "mirror":
            problems += _mirror(file, text, value, values)
        elif key == "git":
            values["git_mode"], wrong = git_settings.read(file, text, value, values["git_mode"])
            origins["git_mode"] = f"{file}:{line_of(text, 'mode', 'git')}"
            problems += wrong
        elif key == "notices":
            from manager.app import notice_settings

            values["notices"], wrong = notice_settings.read(file, text, value, values["notices"])
            problems += wrong
        elif key not in (*_KEYS, *_MACHINES):
            known = [*_KEYS, *_MACHINES, "git", "mirror", "notices"]
            problems.append(Problem(str(file), line, key, "unknown key", did_you_mean(key, known)))
        elif key in _MACHINES and not machine:
            why = "is decided for the whole machine"
            problems.append(Problem(str(file), line, key, why, f"set it in {MACHINE_FILE}"))
        elif key == "mounts":
            from manager.app.mounts import read

            values["mounts"], wrong = read(file, text, value)
            problems += wrong
        else:
            try:
                values[key], origins[key] = _value(key, value), f"{file}:{line}"
            except (ManagerError, ValueError) as error:
                problems.append(Problem(str(file), line, key, str(error)))
    if problems:
        raise _wrong(tuple(problems))
    # A relative path in a file is relative to that file, wherever the command is called from.
    paths = {"catalog", "bundle_signers"} & document.keys()
    values.update({key: file.parent / Path(document[key]).expanduser() for key in paths})


def _mirror(file: Path, text: str, table: object, values: dict[str, object]) -> list[Problem]:
    """Join the table ``[mirror]`` of a file to what the files before it say; give what is wrong with it."""
    if not isinstance(table, dict):
        return [Problem(str(file), line_of(text, "mirror"), "mirror", "must be a table")]
    problems = []
    for fault in mirror_table.faults(table):
        inner = fault.keys[0] == "credentials" and len(fault.keys) > 1
        name, place = (fault.keys[1], "mirror.credentials") if inner else (fault.keys[0], "mirror")
        key = ".".join(map(str, ("mirror", *fault.keys)))
        problems.append(Problem(str(file), line_of(text, str(name), place), key, fault.why, fault.hint))
    if not problems:
        own = mirror_table.read(table, str(file.parent), mirror_table.origins(text, str(file)))
        before = values["mirror"]
        values["mirror"] = merged(before, own) if isinstance(before, Mirrors) else own
    return problems


def _document(file: Path) -> tuple[str, dict[str, Any]]:
    """Give a TOML file's text and content, both empty when there is no such file."""
    try:
        text = file.read_text(encoding="utf-8")
        if not (why := unfit(text)):
            return text, tomllib.loads(text)
        problem = Problem(str(file), 0, "", f"invalid TOML: {why}")
    except (FileNotFoundError, NotADirectoryError):
        return "", {}
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        problem = Problem(str(file), int(found[1]) if found else text.count("\n") + 1, "", f"invalid TOML: {error}")
    except RecursionError:
        problem = Problem(str(file), 0, "", "invalid TOML: nested too deeply")
    except UnicodeDecodeError:
        problem = Problem(str(file), 0, "", "the file is not UTF-8 text")
    except OSError as error:
        problem = Problem(str(file), 0, "", f"cannot be read: {error.strerror}")
    raise _wrong((problem,))


def _value(key: str, value: object) -> object:
    kinds, read = _KEYS[key]
    # To Python true is an integer; to a person it is no number of ports.
    if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
        raise ValueError(f"cannot be a TOML value of type {type(value).__name__}")
    return read(str(value))


def _from_variables(environ: Mapping[str, str], values: dict[str, object], origins: dict[str, str]) -> None:
    # The engine's own variable counts, as it does for the docker command.
    variables = {"engine_url": ["DOCKER_HOST"]}
    for key, read in ({key: read for key, (_, read) in _KEYS.items()} | _TABLED).items():
        if key == "machine_wide":
            continue
        for variable in [*variables.get(key, []), f"SOLVENT_{key.upper()}"]:
            if variable in environ:
                try:
                    values[key] = read(environ[variable])
                except ManagerError as error:
                    raise UsageError(error.message, why=error.why, hint=error.hint, where=variable) from None
                except ValueError as error:
                    raise UsageError(f"{variable} cannot be used", why=str(error), where=variable) from None
                origins[key] = variable
    for key in ("catalog", "bundle_signers"):
        if isinstance(path := values[key], Path):
            values[key] = path.absolute()


def _check_ports(values: dict[str, object], origins: dict[str, str]) -> None:
    first, last = values["port_first"], values["port_last"]
    if isinstance(first, int) and isinstance(last, int) and first > last:
        raise UsageError(
            "the range of ports is empty",
            why=f"port_first = {first} ({origins['port_first']}), port_last = {last} ({origins['port_last']})",
            hint="solvent config show",
        )


def _between(text: str, lowest: float, highest: float) -> float:
    number = float(text) if "." in text else int(text)
    if not lowest <= number <= highest:
        raise ValueError(f"{text} is not between {lowest} and {highest}")
    return number


def _owner() -> str:
    """Give the real user's name as the operating system has it; no variable can change it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"


def _wrong(problems: tuple[Problem, ...]) -> CatalogError:
    return CatalogError("a configuration file is wrong", problems, hint="edit it, or move it away")
