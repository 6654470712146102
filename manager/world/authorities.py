"""Certificate authorities: this machine's own, and a bundle that a company adds."""

from __future__ import annotations

import os
import re
import ssl
from pathlib import Path

from manager.errors import UsageError

# Where OpenSSL looks unless told otherwise, and where Debian and Red Hat keep the same.
_KNOWN = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
# What Debian's package ca-certificates brings; what somebody added lies elsewhere.
_SHIPPED = Path("/usr/share/ca-certificates")
_CERTIFICATE = re.compile(
    r"-----BEGIN (?:TRUSTED )?CERTIFICATE-----.+?-----END (?:TRUSTED )?CERTIFICATE-----", re.DOTALL
)


def system() -> str:
    """Give the certificates that programs of this machine trust, as PEM; nothing where it keeps none in a file."""
    named = (os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, *_KNOWN)
    for place in filter(None, named):
        try:
            return Path(place).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
    return ""


def added(shipped: Path = _SHIPPED) -> str:
    """Give the authorities, as PEM, that this machine trusts besides those that Debian's package ``shipped``.

    Where nothing tells the two apart, as on other distributions, there is nothing to give.
    """
    known = {_plain(one) for file in shipped.rglob("*.crt") for one in _CERTIFICATE.findall(file.read_text())}
    if not known:
        return ""
    return "".join(f"{one}\n" for one in _CERTIFICATE.findall(system()) if _plain(one) not in known)


def _plain(certificate: str) -> str:
    return "".join(certificate.split())


def bundle(path: str) -> str:
    """Give the certificates of a bundle, as PEM and nothing else of the file.

    Raises UsageError for a file that is not there, that holds none, or that holds a private key.
    """
    hint = "see  mirror.ca_bundle  in  solvent config show"
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"the CA bundle {path} cannot be read", why=error.strerror or "", hint=hint) from None
    if "PRIVATE KEY-----" in text:
        why = "environments are given this file: a key has no place in it"
        raise UsageError(f"the CA bundle {path} holds a private key", why=why, hint=hint)
    found = _CERTIFICATE.findall(text)
    if not found:
        raise UsageError(f"the CA bundle {path} holds no certificate", why="it has to be PEM", hint=hint)
    return "\n".join(found) + "\n"


def keyring(path: str) -> bytes:
    """Give the key that signs a Debian mirror; raises UsageError."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        hint = "see  mirror.apt_keyring  in  solvent config show"
        raise UsageError(f"the key {path} cannot be read", why=error.strerror or "", hint=hint) from None
