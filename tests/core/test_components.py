"""What is inside a build, held against what the locks say."""

from __future__ import annotations

from manager.core.components import Component, drift

LOCKED = (Component("python", "psycopg", "3.3.9", "kernel"), Component("python", "jupyterlab", "4.6.1", "ide"))


def test_what_the_locks_say_does_not_drift() -> None:
    """Licences, and packages that no lock speaks of, do not count."""
    found = (
        Component("python", "psycopg", "3.3.9", "kernel", "LGPL-3.0-only"),
        Component("python", "jupyterlab", "4.6.1", "ide"),
        Component("debian", "libpq5", "17.6-0+deb13u1"),
    )

    assert drift(found, LOCKED) == ()


def test_each_package_that_drifts_is_named() -> None:
    """Another version, a missing package and one that no lock has; each prefix by itself."""
    found = (Component("python", "psycopg", "3.3.8", "kernel"), Component("python", "psycopg", "3.3.9", "ide"))

    assert drift(found, LOCKED) == (
        "ide jupyterlab is missing, the lock says 4.6.1",
        "ide psycopg is 3.3.9, the lock says nothing",
        "kernel psycopg is 3.3.8, the lock says 3.3.9",
    )
