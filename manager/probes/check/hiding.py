"""Secrets are taken out of what is said, before it is cut or changed: what is left of one would not be known again."""

from urllib.parse import quote, quote_plus

# The one of the process, which asks one probe of one source.
_KNOWN = []
# The fields of a line that quote drivers and servers; names of measures do so, too.
_QUOTED = ("reason", "signature", "failed", "absent")


def remember(secret):
    """Know a secret from now on; nothing where there is none."""
    _KNOWN[:] = [secret] if secret else []


def hidden(text):
    """Take the secret that is known out of a text."""
    return masked(text, _KNOWN[0]) if _KNOWN else text


def masked(text, secret):
    """Take a secret out of a text, as it is and as a URL writes it."""
    for form in sorted({secret, quote(secret, safe=""), quote_plus(secret)} if secret else (), key=len, reverse=True):
        text = text.replace(form, "********")
    return text


def lined(line, secret):
    """Take a secret out of a line, where others are quoted; the rest are words of ours, which a short one may be in."""
    found = {key: masked(one, secret) if key in _QUOTED else one for key, one in line.items()}
    if "measures" in found:
        found["measures"] = {masked(key, secret): one for key, one in found["measures"].items()}
    return found
