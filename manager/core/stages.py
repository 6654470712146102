"""The Dockerfile of the stage that adds packages and vendors' files to a base of one's own.

Unlike a bootstrap it runs the base's own installer, so its layers are others each time it is made.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manager.core.systems import System

# Where packages of vendors lie while they are installed, and everything that the installer is told.
_HAND = "/tmp/solvent"  # noqa: S108 - the stage's own
# Arguments: apt's source lines that stand for the base's own, those for a base that names none, and certificates
# beside those that the base trusts. Proxies need no ARG: the engine knows them, and keeps them out of the history.
SOURCES, FALLBACK, AUTHORITIES = "SOLVENT_SOURCES", "SOLVENT_FALLBACK", "SOLVENT_AUTHORITIES"
# Said by the build, and looked for in what it said.
NO_PYTHON = "solvent: the Python of the releases is not there"


def stage(system: System, source: str, packages: tuple[str, ...], archives: tuple[str, ...]) -> str:
    """Give the Dockerfile: from ``source``, with the system's packages and Python, to a base for releases.

    ``packages`` are files of the context (.deb or .rpm), ``archives`` such that are unpacked at /.
    """
    lines = [f"FROM {source}", "USER 0:0", *(f"ARG {name}" for name in (SOURCES, FALLBACK, AUTHORITIES))]
    if packages:
        lines.append(f"COPY {' '.join(packages)} {_HAND}/")
    wanted = [*map(shlex.quote, system.packages), *(f"{_HAND}/{name}" for name in packages)]
    steps = ["set -eu"]
    if wanted:
        steps += _dnf(wanted) if system.installer == "dnf" else _apt(wanted)
    steps += [f"rm -rf {_HAND}", f"/usr/bin/python{system.python} -c '' || {{ echo '{NO_PYTHON}' >&2; exit 1; }}"]
    lines.append("RUN " + "; \\\n    ".join(steps))
    lines += [f"ADD {name} /" for name in archives]
    return "\n".join(lines) + "\n"


def _apt(wanted: list[str]) -> list[str]:
    configuration = f"{_HAND}/apt.conf"
    return [
        f"mkdir -p {_HAND}",
        f": > {configuration}; export DEBIAN_FRONTEND=noninteractive APT_CONFIG={configuration}",
        f'if [ -z "${SOURCES}" ] && ! grep -qrsE "^(deb|URIs:) ?" /etc/apt/sources.list /etc/apt/sources.list.d; '
        f'then {SOURCES}="${FALLBACK}"; fi',
        f'if [ -n "${SOURCES}" ]; then printf "%s\\n" "${SOURCES}" > {_HAND}/sources.list; '
        f"printf '%s\\n' 'Dir::Etc::sourcelist \"{_HAND}/sources.list\";' 'Dir::Etc::sourceparts \"-\";'"
        f" >> {configuration}; fi",
        *_trusting(f"printf '%s\\n' 'Acquire::https::CaInfo \"{_HAND}/ca.pem\";' >> {configuration}"),
        "apt-get update",
        f"apt-get install --yes --no-install-recommends {' '.join(wanted)}",
        "rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/log/apt /var/log/dpkg.log",
    ]


def _dnf(wanted: list[str]) -> list[str]:
    options = "--setopt=install_weak_deps=False --setopt=localpkg_gpgcheck=0 --nodocs"
    return [
        f"mkdir -p {_HAND}",
        "options=",
        *_trusting(f"options=--setopt=sslcacert={_HAND}/ca.pem"),
        f"dnf install --assumeyes {options} $options {' '.join(wanted)}",
        "dnf clean all",
        "rm -rf /var/cache/dnf /var/log/dnf* /var/log/hawkey.log",
    ]


def _trusting(then: str) -> list[str]:
    """Join certificates to those of the base, in a file that goes again."""
    known = "/etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt"
    return [
        f'if [ -n "${AUTHORITIES}" ]; then {{ cat {known} 2>/dev/null || true; printf "%s\\n" "${AUTHORITIES}"; }}'
        f" > {_HAND}/ca.pem; {then}; fi"
    ]
