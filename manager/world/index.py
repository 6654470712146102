"""Asks a mirror over HTTP whether it answers, whether its certificate is trusted, and whether it lets one in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from manager.core.reach import Reach

State = Literal["answers", "silent", "not trusted", "login refused", "proxy refused"]
_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back from an address; ``words`` say it in the mirror's or the system's own."""

    state: State
    words: str


def ask(reach: Reach, key: str, address: str) -> Heard:
    """Ask an address with the login of a key, through the proxy, trusting the authorities; raises nothing.

    An answer that there is no such page is an answer: not every mirror has something at its top.
    """
    from manager.web_client import NotAnswered, answer

    try:
        with answer(address, reach, key, _SECONDS) as found:
            status = found.status_code
    except NotAnswered as error:
        return Heard(error.state, error.words)
    states: dict[int, State] = {401: "login refused", 403: "login refused", 407: "proxy refused"}
    if status >= 500:
        return Heard("silent", f"it answers {status}")
    return Heard(states.get(status, "answers"), f"it answers {status}")
