"""What people see inside an environment whose release ends: in a new terminal, and in JupyterLab.

The files lie in ``/run/solvent/notices``, in memory. ``message`` is text for a terminal; ``notice.json`` is for
programs, an object with ``id``, ``title``, ``short`` (a line for a notification) and ``text``. Neither is there as
long as there is nothing to say. Every family is given the same; what shows it is the family's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from manager.core.delivery import File
from manager.core.endings import ending, headline, sentences, way_out
from manager.core.notices import reached
from manager.core.plan import digest_of

if TYPE_CHECKING:
    from datetime import date

    from manager.core.catalog import Catalog, Release
    from manager.core.endings import Ending

FOLDER = "notices"
TEXT, OBJECT = f"{FOLDER}/message", f"{FOLDER}/notice.json"
PATHS = (TEXT, OBJECT)


def spoken(catalog: Catalog, release: Release, today: date) -> Ending | None:
    """Give what the environments of a release show on a day; None before its first milestone and deprecation."""
    if today < release.schedule.deprecated and reached(release, today) is None:
        return None
    return ending(catalog, release, today)


def digest(found: Ending | None, today: date) -> str:
    """Tell one message from another, whatever environment shows it; "" for nothing to say."""
    return digest_of([headline(found, today), *sentences(found, today)])[:20] if found else ""


def files(found: Ending | None, today: date, environment: str) -> tuple[File, ...]:
    """Give the files for an environment."""
    if found is None:
        return ()
    title, said = headline(found, today), sentences(found, today)
    if found.successor:
        said = (*said, f"Move:  {way_out(found, environment)}")
    after = f" Its successor is {found.successor}." if found.successor else ""
    shown = {"id": digest(found, today), "title": title, "short": f"{title}.{after}", "text": "\n".join(said)}
    return (
        File(TEXT, "\n".join((f"{title}", *(f"  {line}" for line in said), "")).encode()),
        File(OBJECT, json.dumps(shown, ensure_ascii=False).encode()),
    )
