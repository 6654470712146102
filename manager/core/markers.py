"""Markers and requirements (PEP 508), read by one thread at a time.

``packaging`` reads strings in markers by ``ast``, and CPython 3.11 counts the depth of that for all threads together:
two at once may end in SystemError (https://github.com/python/cpython/issues/106905). Trees are made side by side.
"""

from __future__ import annotations

import threading
from functools import lru_cache

from packaging.markers import Marker
from packaging.requirements import Requirement

_TURN = threading.Lock()


def marker(text: str) -> Marker:
    """Read a marker; raises InvalidMarker."""
    with _TURN:
        return _marker(text)


def requirement(text: str) -> Requirement:
    """Read a requirement; raises InvalidRequirement."""
    with _TURN:
        return Requirement(text)


# A lock has some hundred pins and a handful of markers.
_marker = lru_cache(maxsize=512)(Marker)
