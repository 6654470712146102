"""Secrets on the command line: found in the words as given, so that no message repeats them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_USERINFO = re.compile(r"://[^:/?#\s]*:(?P<secret>[^\s]*)@")
# A token is often given as the user alone.
_LOGIN = re.compile(r"://(?P<secret>[^/?#\s]+)@")
_QUERY = re.compile(
    r"[?&;](?:[\w-]*(?:password|passwd|pwd|passcode|secret|token|access_key|jwt))=(?P<secret>[^&;#\s]+)", re.IGNORECASE
)
_NAMED = re.compile(r"(?:^|[_-])(?:password|passwd|passphrase|passcode|pwd|secret|token|key|jwt)$", re.IGNORECASE)
_REFERENCE = re.compile(r"(?:env|file|keyring|exec):.")
# A shorter secret is a piece of too many innocent words; it is hidden together with what surrounds it.
_SHORT = 4


def secrets_in(arguments: Sequence[str]) -> tuple[str, ...]:
    """Give every text that must not be repeated, longest first: passwords in URLs, secrets given in clear."""
    from urllib.parse import unquote

    found: set[str] = set()
    previous = ""
    for word in arguments:
        option, equals, value = word.partition("=")
        if not (word.startswith("--") and equals):
            option, value = previous, word
        for match in (*_USERINFO.finditer(word), *_QUERY.finditer(word)):
            secret = match["secret"]
            found |= {secret, unquote(secret)} if len(secret) >= _SHORT else {match[0]}
        if option == "--git" and (userinfo := _LOGIN.search(value)):
            found.add(userinfo["secret"])
        name, _, clear = value.partition("=")
        named = option == "--secret" or (option == "--set" and _NAMED.search(name))
        if named and clear and not _REFERENCE.match(clear):
            found.add(clear if len(clear) >= _SHORT else value)
        previous = word
    return tuple(sorted(filter(None, found), key=len, reverse=True))
