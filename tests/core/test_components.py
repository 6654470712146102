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


def test_a_locked_npm_package_is_looked_for() -> None:
    """At its version, of which there may be several; what an archive of npm brings besides has a lock of its own."""
    asked = (Component("npm", "ws", "8.19.0"), Component("npm", "express", "5.2.1"))
    found = (Component("npm", "ws", "7.5.10"), Component("npm", "ws", "8.19.0"), Component("npm", "more", "1.0.0"))

    assert drift((*found, Component("npm", "express", "5.2.1")), asked) == ()
    assert drift((*found, Component("npm", "express", "5.2.0")), asked) == ("npm express 5.2.1 is missing",)


def test_the_packages_of_a_base_are_held_against_what_it_was_made_from() -> None:
    """Each way, where that is known."""
    asked = (Component("debian", "git", "1:2.47.3-0+deb13u1"), Component("debian", "libpq5", "17.6-0+deb13u1"))
    found = (Component("debian", "git", "1:2.47.3-0+deb13u2"), Component("debian", "nmap", "7.95"))

    assert drift((*asked, Component("os", "debian", "13")), asked) == ()
    assert drift(found, asked) == (
        "debian git is 1:2.47.3-0+deb13u2, the lock says 1:2.47.3-0+deb13u1",
        "debian libpq5 is missing, the lock says 17.6-0+deb13u1",
        "debian nmap is 7.95, the lock says nothing",
    )
