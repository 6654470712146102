"""The Dockerfile of the stage that adds packages and vendors' files to a base of one's own.

Unlike a bootstrap it runs the base's own installer, so its layers are others each time it is made.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from manager.core.systems import System

# Where packages of vendors lie while they are installed, and everything that the installer is told.
HAND = "/tmp/solvent"  # noqa: S108 - the stage's own
# Arguments: apt's source lines that stand for the base's own and the key that signs them in base64, the lines for a
# base that names none, and certificates beside those that the base trusts. A build keeps them in the image's history,
# so nothing of them may be secret.
SOURCES, KEY, FALLBACK, AUTHORITIES = "SOLVENT_SOURCES", "SOLVENT_KEY", "SOLVENT_FALLBACK", "SOLVENT_AUTHORITIES"
# Said by the build, and looked for in what it said.
NO_PYTHON = "solvent: the Python of the releases is not there"


def stage(
    system: System, source: str, packages: tuple[str, ...], archives: tuple[str, ...], key: str = "apt-key.gpg"
) -> str:
    """Give the Dockerfile: from ``source``, with the system's packages and Python, to a base for releases.

    ``packages`` are files of the context (.deb or .rpm), ``archives`` such that are unpacked at /; ``key`` is the name
    that the mirror's key gets below :data:`HAND`.
    """
    lines = [f"FROM {source}", "USER 0:0", *(f"ARG {name}" for name in (SOURCES, KEY, FALLBACK, AUTHORITIES))]
    if packages:
        lines.append(f"COPY {' '.join(packages)} {HAND}/")
    wanted = [*map(shlex.quote, system.packages), *(f"{HAND}/{name}" for name in packages)]
    # Not -u: an argument that is not given is no variable.
    steps = ["set -e"]
    if wanted:
        steps += _dnf(wanted) if system.installer == "dnf" else _apt(wanted, key)
    steps += [f"rm -rf {HAND}", f"/usr/bin/python{system.python} -c '' || {{ echo '{NO_PYTHON}' >&2; exit 1; }}"]
    lines.append("RUN " + "; \\\n    ".join(steps))
    lines += [f"ADD {name} /" for name in archives]
    return "\n".join(lines) + "\n"


def _apt(wanted: list[str], key: str) -> list[str]:
    configuration = f"{HAND}/apt.conf"
    return [
        f"mkdir -p {HAND}",
        f": > {configuration}; export DEBIAN_FRONTEND=noninteractive APT_CONFIG={configuration}",
        f'if [ -z "${SOURCES}" ] && ! grep -qrsE "^(deb|URIs:) ?" /etc/apt/sources.list /etc/apt/sources.list.d; '
        f'then {SOURCES}="${FALLBACK}"; fi',
        f'if [ -n "${SOURCES}" ]; then printf "%s\\n" "${SOURCES}" > {HAND}/sources.list; '
        f"printf '%s\\n' 'Dir::Etc::sourcelist \"{HAND}/sources.list\";' 'Dir::Etc::sourceparts \"-\";'"
        f" >> {configuration}; fi",
        f'[ -z "${KEY}" ] || printf "%s" "${KEY}" | base64 -d > {HAND}/{key}',
        *_trusting(f"printf '%s\\n' 'Acquire::https::CaInfo \"{HAND}/ca.pem\";' >> {configuration}"),
        "apt-get update",
        f"apt-get install --yes --no-install-recommends {' '.join(wanted)}",
        "rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/log/apt /var/log/dpkg.log",
    ]


def _dnf(wanted: list[str]) -> list[str]:
    options = "--setopt=install_weak_deps=False --setopt=localpkg_gpgcheck=0 --nodocs"
    return [
        f"mkdir -p {HAND}",
        "options=",
        *_trusting(f"options=--setopt=sslcacert={HAND}/ca.pem"),
        f"dnf install --assumeyes {options} $options {' '.join(wanted)}",
        "dnf clean all",
        "rm -rf /var/cache/dnf /var/log/dnf* /var/log/hawkey.log",
    ]


def _trusting(then: str) -> list[str]:
    """Join certificates to those of the base, in a file that goes again."""
    known = "/etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt"
    return [
        f'if [ -n "${AUTHORITIES}" ]; then {{ cat {known} 2>/dev/null || true; printf "%s\\n" "${AUTHORITIES}"; }}'
        f" > {HAND}/ca.pem; {then}; fi"
    ]
