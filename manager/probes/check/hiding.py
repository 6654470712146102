"""Secrets are taken out of what is said, before it is cut or changed: what is left of one would not be known again."""

from urllib.parse import quote, quote_plus

# The one of the process, which asks one probe of one source.
_KNOWN = []


def remember(secret):
    """Know a secret from now on; nothing where there is none."""
    _KNOWN[:] = [secret] if secret else []


def hidden(text):
    """Take the secret that is known out of a text."""
    return masked(text, _KNOWN[0]) if _KNOWN else text


def masked(value, secret):
    """Take a secret out of every text, as it is and as a URL writes it."""
    if isinstance(value, dict):
        return {masked(key, secret): masked(one, secret) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [masked(one, secret) for one in value]
    if not isinstance(value, str) or not secret:
        return value
    for form in sorted({secret, quote(secret, safe=""), quote_plus(secret)}, key=len, reverse=True):
        value = value.replace(form, "********")
    return value
