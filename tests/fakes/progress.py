"""Progress of a step that nobody watches."""

from __future__ import annotations


class Quiet:
    """Takes what is said, and keeps nothing of it."""

    def say(self, line: str) -> None:
        """Say nothing."""
