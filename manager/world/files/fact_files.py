"""What is known of a lock, in the file beside it: it has to be readable.

What speaks of a version that the lock does not pin is found by nobody and goes with the next writing: a lock that was
written by hand, or merged, stays a good one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.lock_facts import read
from manager.world.files.judgement import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.world.files.documents import Folder

_HINT = "remove the file, and have it written:  solvent connector lock --facts"


def check(folder: Folder) -> Iterator[Finding]:
    """Check the form of each file."""
    for file, text in folder.facts.items():
        try:
            read(text.decode())
        except (ValueError, UnicodeDecodeError) as error:
            yield Finding(file, (), str(error), _HINT)
