"""How far the probes of a cell are, from the lines that their parent prints as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.sandbox import LONGEST, OUTCOMES, objects, plain
from manager.core.checks import Answer

if TYPE_CHECKING:
    from collections.abc import Callable


class Hearing:
    """Hears a sandbox line by line and says how far it is: ``42 of 110 · errors.deadlock · 1 failed``.

    Lines without the nonce are nobody's. ``chosen`` says whether a probe is asked here; ``excuse`` gives a failure that
    is known as such. What is said is a sign of life: the answers are read from the whole log at the end.
    """

    def __init__(
        self, say: Callable[[str], None], nonce: str, chosen: Callable[[str], bool], excuse: Callable[[Answer], Answer]
    ) -> None:
        self._say = say
        self._nonce = nonce
        self._chosen = chosen
        self._excuse = excuse
        self._all: tuple[str, ...] = ()
        # Of each probe whether its last attempt failed.
        self._answered: dict[str, bool] = {}

    def __call__(self, line: str) -> None:
        """Hear one line, whatever it is."""
        # Garbage is not worth being parsed.
        if self._nonce not in line:
            return
        for one in objects(line):
            if one.get("nonce") != self._nonce:
                continue
            if isinstance(one.get("probes"), list):
                names = (plain(name)[:100] for name in one["probes"])
                self._all = tuple(name for name in names if self._chosen(name))
            elif one.get("outcome") in OUTCOMES and "probe" in one:
                words = (plain(one.get(key) or "")[:LONGEST] for key in ("probe", "outcome", "reason", "signature"))
                answer = self._excuse(Answer(*words))  # type: ignore[arg-type]
                self._answered[answer.probe] = answer.outcome in ("fail", "error")
            elif "asking" in one:
                self._asking(plain(one["asking"])[:100])

    def _asking(self, name: str) -> None:
        failed = sum(self._answered.values())
        bad = f" · {failed} failed" if failed else ""
        self._say(f"{len(self._answered)} of {len(self._all)} · {name}{bad}")
