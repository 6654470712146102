"""Posts JSON to a webhook, again after a while where that may help."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from manager.core.reach import AS_IT_IS
from manager.errors import Failed, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.reach import Reach

# Seconds between the attempts; one more attempt than pauses is made.
PAUSES = (0.5, 2.0)
# A service that is overloaded says how long to stay away; nobody waits longer than this for one.
_LONGEST = 10.0
_SECONDS = 10.0
# Codes after which the same request may succeed: timeouts, too many requests.
_AGAIN = frozenset({408, 425, 429})


def post(
    address: str,
    body: bytes,
    headers: dict[str, str],
    reach: Reach = AS_IT_IS,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Post until the server takes it; the address may be a secret and is not repeated.

    Raises Unreachable when it does not answer or not in time, after every attempt; Failed when it refuses.
    """
    from manager.web_client import NotAnswered, posted

    words, wait = "", 0.0
    for planned in (0.0, *PAUSES):
        if words:
            pause(max(planned, wait))
        try:
            reply = posted(address, body, headers, reach, _SECONDS)
        except NotAnswered as error:
            words, wait = error.words, 0.0
            if error.state == "not trusted":
                raise Unreachable("its certificate is not trusted", why=words, hint="see  mirror.ca_bundle") from None
            continue
        if 200 <= reply.status < 300:
            return
        words, wait = f"it answers {reply.status}", min(reply.wait, _LONGEST)
        if reply.status < 500 and reply.status not in _AGAIN:
            raise Failed(words, hint="see whether the address and the form of the body are right")
    raise Unreachable(words)
