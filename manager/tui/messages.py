"""What threads tell the app; only its handlers change what is seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from manager.app.debts import Owed
    from manager.app.events import Event
    from manager.app.release_views import ReleaseView
    from manager.core.plan import Plan
    from manager.errors import ManagerError
    from manager.tui.deed import Deed
    from manager.tui.errand import Errand
    from manager.tui.form import Form
    from manager.tui.rows import Row


@dataclass
class Listed(Message):
    """All rows of a kind, as they were at a moment, the seconds that reading them took, and what is to be known."""

    kind: str
    rows: Sequence[Row]
    at: datetime
    took: float = 0.0
    notes: Sequence[str] = ()


@dataclass
class Recalled(Message):
    """What is remembered of lists until they are read."""

    lists: Sequence[Listed]


@dataclass
class Unlisted(Message):
    """A kind could not be listed."""

    kind: str
    error: ManagerError


@dataclass
class Scheduled(Message):
    """All releases as they are on a day."""

    views: tuple[ReleaseView, ...]
    day: date


@dataclass
class Indebted(Message):
    """What is owed, and what was."""

    owed: Owed


@dataclass
class Told(Message):
    """What there is to say of one row: tabs of a title and lines."""

    kind: str
    key: str
    tabs: Sequence[tuple[str, str]]


@dataclass
class Reached(Message):
    """Where an environment is reached: its URL, with the token, which no ``repr`` shows."""

    name: str
    url: str = field(repr=False)


@dataclass
class Unreached(Message):
    """It cannot be reached, and why."""

    error: ManagerError


@dataclass
class Said(Message):
    """A line about how far an errand is; only the latest one counts."""

    errand: Errand
    line: str

    def can_replace(self, message: Message) -> bool:
        """Take the place of an older one that nobody has looked at."""
        return isinstance(message, Said) and message.errand is self.errand


@dataclass
class Planned(Message):
    """The plan of an errand is made, and waits for a yes."""

    errand: Errand
    plan: Plan | Deed


@dataclass
class Noted(Message):
    """A line about what an errand comes to."""

    errand: Errand
    line: str


@dataclass
class Offered(Message):
    """What is known to fit into the fields of a form, by option."""

    form: Form
    known: Mapping[str, Sequence[str]]


@dataclass
class Located(Message):
    """Where the thing of a row stands: a file, and its line from 1."""

    path: Path
    line: int


@dataclass
class Judged(Message):
    """What is to be said of a catalog that was read again."""

    text: str


@dataclass
class Hit(Message):
    """Who is hit until a day."""

    day: date
    text: str


@dataclass
class Happened(Message):
    """An event of an errand's plan."""

    errand: Errand
    event: Event


@dataclass
class Ended(Message):
    """An errand is over: well, or with an error."""

    errand: Errand
    error: ManagerError | None = None
