"""Operating-system bases: made by mmdebstrap, with every package that they consist of kept beside them.

:mod:`making` runs it, :mod:`archived` is what came of it, :mod:`repository` makes that a source for the next time,
:mod:`hosts` finds this machine's own mirror.
"""

from __future__ import annotations

from manager.world.bases.archived import DebPackage
from manager.world.bases.hosts import host_mirror
from manager.world.bases.making import Base, Vendored, bootstrap, load

__all__ = ["Base", "DebPackage", "Vendored", "bootstrap", "host_mirror", "load"]
