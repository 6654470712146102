"""What threads tell the app; only its handlers change what is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from manager.app.events import Event
    from manager.core.plan import Plan
    from manager.errors import ManagerError
    from manager.tui.errand import Errand
    from manager.tui.rows import Row


class Listed(Message):
    """All rows of a kind, as they were at a moment; ``notes`` are what a reader has to know besides."""

    def __init__(self, kind: str, rows: Sequence[Row], at: datetime) -> None:
        super().__init__()
        self.kind, self.rows, self.at = kind, rows, at


class Unlisted(Message):
    """A kind could not be listed."""

    def __init__(self, kind: str, error: ManagerError) -> None:
        super().__init__()
        self.kind, self.error = kind, error


class Told(Message):
    """What there is to say of one row: tabs of a title and lines."""

    def __init__(self, kind: str, key: str, tabs: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.kind, self.key, self.tabs = kind, key, tabs


class Reached(Message):
    """Where an environment is reached: its URL, with the token."""

    def __init__(self, name: str, url: str) -> None:
        super().__init__()
        self.name, self.url = name, url


class Unreached(Message):
    """It cannot be reached, and why."""

    def __init__(self, error: ManagerError) -> None:
        super().__init__()
        self.error = error


class OfErrand(Message):
    """Something about an errand."""

    def __init__(self, errand: Errand) -> None:
        super().__init__()
        self.errand = errand


class Said(OfErrand):
    """A line about how far it is; only the latest one counts."""

    def __init__(self, errand: Errand, line: str) -> None:
        super().__init__(errand)
        self.line = line

    def can_replace(self, message: Message) -> bool:
        """Take the place of an older one that nobody has looked at."""
        return isinstance(message, Said) and message.errand is self.errand


class Planned(OfErrand):
    """Its plan is made, and waits for a yes."""

    def __init__(self, errand: Errand, plan: Plan) -> None:
        super().__init__(errand)
        self.plan = plan


class Happened(OfErrand):
    """An event of its plan."""

    def __init__(self, errand: Errand, event: Event) -> None:
        super().__init__(errand)
        self.event = event


class Ended(OfErrand):
    """It is over: well, or with an error."""

    def __init__(self, errand: Errand, error: ManagerError | None = None) -> None:
        super().__init__(errand)
        self.error = error
