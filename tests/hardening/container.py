"""Section 5: running containers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.hardening.check import Check

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hardening.seen import Seen

# What the benchmark names, the engine's own folders, and everything below them.
_SENSITIVE = ("/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr", "/root", "/run", "/var/run", "/var/lib/docker")


def _options(seen: Seen) -> tuple[str, ...]:
    return tuple(seen.host.get("SecurityOpt") or ())


def _offers(seen: Seen, name: str) -> bool:
    return any(f"name={name}" in one for one in seen.security)


def _apparmor(seen: Seen) -> str:
    if "apparmor=unconfined" in _options(seen):
        return "AppArmor is switched off"
    lacking = _offers(seen, "apparmor") and not seen.container.get("AppArmorProfile")
    return "the engine has AppArmor, and the container no profile" if lacking else ""


def _selinux(seen: Seen) -> str:
    if any(one.startswith("label") and "disable" in one for one in _options(seen)):
        return "SELinux is switched off"
    lacking = _offers(seen, "selinux") and not seen.container.get("ProcessLabel")
    return "the engine has SELinux, and the container no label" if lacking else ""


def _capabilities(seen: Seen) -> str:
    if seen.host.get("CapAdd"):
        return f"it has {', '.join(seen.host['CapAdd'])}"
    return "" if "ALL" in (seen.host.get("CapDrop") or ()) else "capabilities are left to it"


def _not(key: str, *bad: object) -> Callable[[Seen], str]:
    """Judge that a value of the host's configuration is none of these."""
    return lambda seen: f"{key} is {seen.host.get(key)}" if seen.host.get(key) in bad else ""


def _limited(key: str) -> Callable[[Seen], str]:
    return lambda seen: "" if (seen.host.get(key) or 0) > 0 else f"{key} is not limited"


def _folders(seen: Seen) -> str:
    sources = [one["Source"] for one in seen.container.get("Mounts") or () if one.get("Type") == "bind"]
    sources += [one.partition(":")[0] for one in seen.host.get("Binds") or ()]
    bad = (one for one in sources if one == "/" or any(one == far or one.startswith(f"{far}/") for far in _SENSITIVE))
    return ", ".join(sorted(bad))


def _socket(seen: Seen) -> str:
    sources = [str(one.get("Source", "")) for one in seen.container.get("Mounts") or ()]
    sources += [one.partition(":")[0] for one in seen.host.get("Binds") or ()]
    return ", ".join(sorted(one for one in sources if re.search(r"(docker|containerd|podman)\.sock$", one)))


def _sshd(seen: Seen) -> str:
    return ", ".join(one for one in seen.programs if re.search(r"(^|/)(sshd|dropbear|telnetd)\b", one))


def _published(seen: Seen) -> list[tuple[str, str]]:
    bindings = seen.host.get("PortBindings") or {}
    return [(one.get("HostIp", ""), one.get("HostPort", "")) for each in bindings.values() for one in each or ()]


def _privileged_ports(seen: Seen) -> str:
    return ", ".join(port for _, port in _published(seen) if not port.isdecimal() or int(port) < 1024)


def _needed_ports(seen: Seen) -> str:
    if seen.host.get("PublishAllPorts"):
        return "every port is published"
    count = len(seen.host.get("PortBindings") or {})
    return "" if count <= 1 else f"{count} ports are published"


def _loopback(seen: Seen) -> str:
    return ", ".join(
        f"{address or 'every address'}:{port}" for address, port in _published(seen) if address != "127.0.0.1"
    )


def _network(seen: Seen) -> str:
    return "it has the host's network" if seen.host.get("NetworkMode") == "host" else ""


def _bridge(seen: Seen) -> str:
    joined = seen.container.get("NetworkSettings", {}).get("Networks") or {}
    names = {seen.host.get("NetworkMode", ""), *joined}
    return "it is on the default bridge" if names & {"", "bridge", "default"} else ""


def _restarts(seen: Seen) -> str:
    policy = seen.host.get("RestartPolicy") or {}
    name, most = policy.get("Name", ""), policy.get("MaximumRetryCount", 0)
    fine = name in ("", "no") or (name == "on-failure" and 0 < most <= 5)
    return "" if fine else f"it is started again for ever: {name}"


def _devices(seen: Seen) -> str:
    found = [*(seen.host.get("Devices") or ()), *(seen.host.get("DeviceRequests") or ())]
    return f"{len(found)} devices of the host" if found else ""


def _limits(seen: Seen) -> str:
    core = [one for one in seen.host.get("Ulimits") or () if one["Name"] == "core"]
    return "" if core and core[0]["Hard"] == 0 else "core files are written"


def _parent(seen: Seen) -> str:
    return f"its control group lies in {seen.host['CgroupParent']}" if seen.host.get("CgroupParent") else ""


def _propagation(seen: Seen) -> str:
    mounts = seen.container.get("Mounts") or ()
    return ", ".join(one["Destination"] for one in mounts if "shared" in (one.get("Propagation") or ""))


def _seccomp(seen: Seen) -> str:
    if any(re.fullmatch(r"seccomp[=:]unconfined", one) for one in _options(seen)):
        return "seccomp is switched off"
    return "" if _offers(seen, "seccomp") else "the engine has no seccomp"


def _no_new_privileges(seen: Seen) -> str:
    fine = any(one in ("no-new-privileges", "no-new-privileges:true") for one in _options(seen))
    return "" if fine else "its processes may gain privileges"


def _healthy(seen: Seen) -> str:
    if ((seen.container["Config"].get("Healthcheck") or {}).get("Test") or [""])[0] in ("", "NONE"):
        return "nobody asks whether it is well"
    told = (seen.container.get("State", {}).get("Health") or {}).get("Status", "starting")
    return "" if told in ("healthy", "starting") else f"it is {told}"


def _by_digest(seen: Seen) -> str:
    asked = str(seen.container["Config"].get("Image", ""))
    return "" if re.fullmatch(r"sha256:[0-9a-f]{64}", asked) else f"it was made from the tag {asked}, which may move"


CHECKS = (
    Check("5.1", "AppArmor", "met", "the engine's default profile, where it has AppArmor; never off", _apparmor),
    Check("5.2", "SELinux", "met", "the engine's own label, where the engine has SELinux; never off", _selinux),
    Check("5.3", "only needed capabilities", "met", "every capability is dropped, none is added", _capabilities),
    Check("5.4", "not privileged", "met", "no option makes it so", _not("Privileged", True)),
    Check(
        "5.5", "no sensitive folders of the host", "met",
        "volumes; a folder of the host only where the administrator's list names it, which is empty by default",
        _folders,
    ),
    Check("5.6", "no ssh server", "met", "none is installed; the person comes over HTTP with a token", _sshd),
    Check("5.7", "no privileged ports of the host", "met", "ports come from a range above 1024", _privileged_ports),
    Check("5.8", "only needed ports", "met", "one port, the IDE's", _needed_ports),
    Check("5.9", "not the host's network", "met", "it is refused", _network),
    Check("5.10", "a limit of memory", "met", "one by default, and no swap beyond it", _limited("Memory")),
    Check("5.11", "a share of the processor", "met", "a limit of processors by default", _limited("NanoCpus")),
    Check("5.12", "a read-only root file system", "met", "always", _not("ReadonlyRootfs", False, None)),
    Check("5.13", "ports on one address", "met", "127.0.0.1 alone", _loopback),
    Check(
        "5.14", "at most five restarts", "met",
        "none: after a reboot `solvent env start --all` asks what may start", _restarts,
    ),
    Check("5.15", "not the host's processes", "met", "a process namespace of its own", _not("PidMode", "host")),
    Check("5.16", "not the host's IPC", "met", "an IPC namespace of its own", _not("IpcMode", "host", "shareable")),
    Check("5.17", "no devices of the host", "met", "none", _devices),
    Check("5.18", "limits of the kernel", "met", "no core files, which would hold secrets", _limits),
    Check("5.19", "mounts are not shared", "met", "nothing that is mounted later goes in or out", _propagation),
    Check("5.20", "not the host's UTS", "met", "a host name of its own", _not("UTSMode", "host")),
    Check("5.21", "seccomp is on", "met", "the engine's default profile", _seccomp),
    Check(
        "5.22", "no privileged exec", "elsewhere",
        "Solvent never asks for it; whoever may use the engine may, and its audit shows it",
    ),
    Check(
        "5.23", "no exec as root", "elsewhere",
        "Solvent runs commands as the image's user; whoever may use the engine may do otherwise",
    ),
    Check("5.24", "the engine's own control group", "met", "no other parent is named", _parent),
    Check("5.25", "no new privileges", "met", "always", _no_new_privileges),
    Check("5.26", "health is looked at while it runs", "met", "the engine repeats the image's check", _healthy),
    Check("5.27", "the image that is meant", "met", "containers are made from a digest, never from a tag", _by_digest),
    Check("5.28", "a limit of processes", "met", "one by default", _limited("PidsLimit")),
    Check("5.29", "not the default bridge", "met", "a network of the realm, whose containers reach no other", _bridge),
    Check(
        "5.30", "not the host's user namespace", "met", "what the engine has holds: nothing asks for the host's",
        _not("UsernsMode", "host"),
    ),
    Check(
        "5.31", "no socket of the engine", "met",
        "nothing of the host is mounted but what the administrator's list names", _socket,
    ),
)  # fmt: skip
