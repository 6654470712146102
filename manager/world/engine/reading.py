"""Docker's JSON as the core's values."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Literal, cast

from manager.core.containers import Mount
from manager.core.observed import Container, EngineInfo, Image, Network, Published, Volume

State = Literal["created", "running", "paused", "restarting", "exited", "dead"]
_ENDED = ("exited", "dead")
# Mounts that hold files, by the key of what they are made of; what lies in memory holds nobody's.
_FILES = {"volume": "Name", "bind": "Source"}


def engine(version: dict[str, Any], about: dict[str, Any], api: str) -> EngineInfo:
    """Read the answers of ``/version`` and ``/info``."""
    return EngineInfo(
        name=(version.get("Platform") or {}).get("Name") or "Docker",
        version=version.get("Version", ""),
        api=api,
        os=version.get("Os", ""),
        architecture=version.get("Arch", ""),
        root=about.get("DockerRootDir", ""),
        cpus=about.get("NCPU", 0),
        id=about.get("ID", ""),
    )


def listed(row: dict[str, Any]) -> Container:
    """Read a container from a list, which knows the ports of running ones only."""
    state = _state(row["State"])
    return Container(
        id=row["Id"],
        name=_name(row["Names"]),
        image=row["ImageID"],
        state=state,
        labels=row.get("Labels") or {},
        created=datetime.fromtimestamp(row["Created"], UTC),
        networks=tuple(sorted((row.get("NetworkSettings") or {}).get("Networks") or {})),
        exit_code=_ended(row.get("Status", "")) if state in _ENDED else None,
        reference=row.get("Image", ""),
        published=_published(
            [(port.get("IP"), port.get("PublicPort"), port["PrivatePort"]) for port in row.get("Ports") or ()]
        ),
        mounts=_mounts(row.get("Mounts")),
    )


def inspected(found: dict[str, Any]) -> Container:
    """Read a container from its inspection."""
    state = _state(found["State"]["Status"])
    asked = found["HostConfig"].get("PortBindings") or {}
    given = found["NetworkSettings"].get("Ports") or {}
    both = [item for ports in (asked, given) for item in ports.items()]
    return Container(
        id=found["Id"],
        name=_name([found["Name"]]),
        image=found["Image"],
        state=state,
        labels=found["Config"].get("Labels") or {},
        created=instant(found["Created"]),
        networks=tuple(sorted(found["NetworkSettings"].get("Networks") or {})),
        exit_code=found["State"]["ExitCode"] if state in _ENDED else None,
        reference=found["Config"].get("Image", ""),
        published=_published(
            [(at.get("HostIp"), at.get("HostPort"), port.split("/")[0]) for port, places in both for at in places or ()]
        ),
        mounts=_mounts(found.get("Mounts")),
    )


def image(found: dict[str, Any]) -> Image:
    """Read an image, from a list or from its inspection; only the latter knows layers."""
    created = found.get("Created") or 0
    return Image(
        digest=found["Id"],
        references=tuple(sorted(tag for tag in found.get("RepoTags") or () if tag != "<none>:<none>")),
        labels=found.get("Labels") or (found.get("Config") or {}).get("Labels") or {},
        created=datetime.fromtimestamp(created, UTC) if isinstance(created, int) else instant(created),
        size=found.get("Size", 0),
        layers=tuple((found.get("RootFS") or {}).get("Layers") or ()),
    )


def volume(found: dict[str, Any]) -> Volume:
    """Read a volume."""
    return Volume(found["Name"], found.get("Labels") or {}, found.get("CreatedAt") or "")


def network(found: dict[str, Any]) -> Network:
    """Read a network."""
    return Network(found["Name"], found.get("Labels") or {}, bool(found.get("Internal")))


def instant(text: str) -> datetime:
    """Read an RFC 3339 time with up to nine decimals; Python keeps six of them."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).astimezone(UTC)


def _ended(status: str) -> int | None:
    """Read the exit code from "Exited (137) 2 hours ago"; lists have it nowhere else."""
    found = re.match(r"Exited \((\d+)\)", status)
    return int(found[1]) if found else None


def _name(names: list[str]) -> str:
    # A linked container has more names, "/other/alias"; its own is the one with a single slash.
    own = names[0] if len(names) == 1 else next(name for name in names if name.count("/") == 1)
    return own.removeprefix("/")


def _state(word: str) -> State:
    # "removing" lasts for moments: to a reader it is as good as dead.
    return "dead" if word == "removing" else cast("State", word)


def _published(ports: list[tuple[object, object, object]]) -> tuple[Published, ...]:
    # Most have none or one, and a list may have ten thousand containers.
    if not ports:
        return ()
    # A binding without an address is one on every address.
    seen = {(str(address or "0.0.0.0"), int(str(host)), int(str(port))) for address, host, port in ports if host}  # noqa: S104 - read, not bound
    return tuple([Published(*one) for one in sorted(seen)])


def _mounts(found: list[dict[str, Any]] | None) -> tuple[Mount, ...]:
    """Read volumes and host folders, by their place in the container."""
    held = [one for one in found or () if one.get("Type") in _FILES]
    if len(held) > 1:
        held.sort(key=itemgetter("Destination"))
    return tuple(
        [Mount(str(one.get(_FILES[one["Type"]]) or ""), one["Destination"], not one["RW"], one["Type"]) for one in held]
    )
