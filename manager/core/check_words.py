"""What probes are told of a connection: their own words for parameters, which connectors without SQL name otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of Redis: the account, and the number of its database. Of S3: the key, which is one.
_CALLED = {"username": "user", "db": "database", "aws_access_key_id": "user", "region_name": "region"}


def called(values: Mapping[str, str]) -> dict[str, str]:
    """Give parameters by the names that probes have for them; those that they have none for keep theirs.

    An address of S3 becomes host and port, and ``tls`` where it is one with TLS.
    """
    words = {_CALLED.get(name, name): value for name, value in values.items()}
    where = urlsplit(words.pop("endpoint_url", ""))
    if where.hostname:
        secure = where.scheme == "https"
        words |= {"host": where.hostname, "port": str(where.port or (443 if secure else 80))}
        words |= {"tls": "verify-full"} if secure else {}
    return words
