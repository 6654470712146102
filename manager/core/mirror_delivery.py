"""What pip, uv, npm, apt and R are given inside an environment, so that they ask the mirrors of its place.

The files lie in ``/run/solvent/mirror``, in memory, new at each start. The entry point joins ``ca.pem`` to the image's
own authorities as ``authorities.pem``, takes in ``variables``, and becomes the command. Each tool reads its file as
the machine's, so that a person's own settings still win.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from manager.core.apt import Mirror, keyring_name, logins, options
from manager.core.delivery import PLACE, File

if TYPE_CHECKING:
    from manager.core.reach import Reach

FOLDER = "mirror"
_AT = f"{PLACE}/{FOLDER}"
_AUTHORITIES = f"{_AT}/authorities.pem"
# By these names OpenSSL, requests, curl, Node and git are told whom to trust.
_TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO")
# A shell that an engine starts beside the command has not what the entry point exported.
IN_SHELL = ("/bin/sh", "-c", f'[ ! -r {_AT}/variables ] || . {_AT}/variables; exec "$@"', "sh")


def mirror_files(reach: Reach, suite: str) -> tuple[File, ...]:
    """Give the files for an environment; none when no mirror is set. apt's need the Debian suite that it stands on."""
    texts: dict[str, str | bytes] = {}
    variables = dict(reach.proxy())
    if reach.authorities:
        texts["ca.pem"] = reach.authorities
        variables |= dict.fromkeys(_TRUST, _AUTHORITIES)
    mirrors = reach.mirrors
    if mirrors.python:
        index = reach.opened("python")
        texts["pip/pip.conf"] = f"[global]\nindex-url = {index}\n"
        texts["uv/uv.toml"] = f'[[index]]\nurl = "{index}"\ndefault = true\n'
        variables["XDG_CONFIG_DIRS"] = f"{_AT}:/etc/xdg"
    if mirrors.npm:
        texts["npmrc"] = npmrc(reach)
        variables["NPM_CONFIG_GLOBALCONFIG"] = f"{_AT}/npmrc"
    if mirrors.cran:
        texts["Rprofile"] = _rprofile(reach.opened("cran"))
        variables["R_PROFILE"] = f"{_AT}/Rprofile"
    if mirrors.apt and suite:
        texts |= _apt(reach, suite)
        variables["APT_CONFIG"] = f"{_AT}/apt/apt.conf"
    if variables:
        texts["variables"] = "".join(f"export {name}={_quoted(value)}\n" for name, value in sorted(variables.items()))
    return tuple(
        File(f"{FOLDER}/{name}", text if isinstance(text, bytes) else text.encode()) for name, text in texts.items()
    )


def npmrc(reach: Reach) -> str:
    """Give npm's file: the registry, and its login if it has one."""
    registry = reach.mirrors.npm + "/"
    lines = [f"registry={registry}"]
    if login := reach.login("npm"):
        # npm knows a login by the registry's address without its scheme.
        word = base64.b64encode(f"{login.user}:{login.password.reveal()}".encode()).decode()
        lines.append(f"{re.sub('^https?:', '', registry)}:_auth={word}")
    return "\n".join(lines) + "\n"


def _rprofile(address: str) -> str:
    # R_PROFILE stands in for the site's file, which is read first, as it would have been.
    return (
        'local({ site <- file.path(R.home("etc"), "Rprofile.site")\n'
        "  if (file.exists(site)) sys.source(site, .GlobalEnv) })\n"
        f'options(repos = c(CRAN = "{address}"))\n'
    )


def _apt(reach: Reach, suite: str) -> dict[str, str | bytes]:
    """Give apt's files; its lists and archives go to the user's own cache, because the rest is read-only."""
    mirrors = reach.mirrors
    key = keyring_name(reach.keyring) if reach.keyring else ""
    signer = f"{_AT}/apt/{key}" if key else ""
    lines = Mirror(mirrors.apt, mirrors.apt_security, signer, mirrors.frozen).lines(suite)
    own = [
        f'Dir::Etc::sourcelist "{_AT}/apt/sources.list";',
        'Dir::Etc::sourceparts "-";',
        'Dir::State::Lists "/tmp/apt/lists";',
        'Dir::Cache "/tmp/apt/cache";',
    ]
    login = logins(reach)
    named = options(_AUTHORITIES if reach.authorities else "", f"{_AT}/apt/auth.conf" if login else "")
    files: dict[str, str | bytes] = {"apt/sources.list": "\n".join(lines) + "\n"}
    files["apt/apt.conf"] = "\n".join(own) + "\n" + named
    if key:
        files[f"apt/{key}"] = reach.keyring
    if login:
        files["apt/auth.conf"] = login
    return files


def _quoted(value: str) -> str:
    """Quote a value for a shell: within single quotes only the quote itself means something."""
    return "'" + value.replace("'", "'\\''") + "'"
