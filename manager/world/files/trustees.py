"""Places of catalogs that this person trusts. A catalog is code: its Dockerfiles and probes run."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from manager.errors import Failed, Refused
from manager.whole_files import alone, write_private

if TYPE_CHECKING:
    from pathlib import Path


def is_trusted(root: Path, record: Path) -> bool:
    """Say whether a place was trusted; raises Refused when others may write the record, Failed when it is broken."""
    return str(root.resolve()) in _places(record)


def trust(root: Path, record: Path) -> None:
    """Trust a place from now on, whatever lies there later; the record is made with mode 0600.

    Raises as :func:`is_trusted` does, and Failed when the record cannot be written.
    """
    place = str(root.resolve())
    try:
        record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Two who trust at once do not lose one of the places.
        with alone(record.parent):
            places = _places(record)
            if place not in places:
                write_private(record, json.dumps(sorted([*places, place]), indent=1) + "\n")
    except OSError as error:
        raise Failed(f"cannot write {record}", why=str(error.strerror)) from error


def _places(record: Path) -> list[str]:
    try:
        with record.open() as file:
            status = os.fstat(file.fileno())
            if status.st_mode & 0o022 or status.st_uid not in (0, os.geteuid()):
                raise Refused(f"{record} is not believed: somebody else may write it", hint=f"chmod 600 {record}")
            places = json.load(file)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise Failed(f"cannot read {record}", why=str(error), hint=f"remove it:  rm {record}") from error
    if not isinstance(places, list) or not all(isinstance(place, str) for place in places):
        raise Failed(f"cannot read {record}", why="not a list of places", hint=f"remove it:  rm {record}")
    return places
