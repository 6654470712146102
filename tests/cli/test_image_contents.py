"""``solvent image sbom``, ``diff`` and ``notes``: what reaches stdout and stderr, and the exit codes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from manager.core.components import Component
from manager.core.observed import BuildStatus
from tests.cli.conftest import RELEASE

if TYPE_CHECKING:
    from manager.core.observed import Build
    from tests.cli.conftest import World

OLD = (Component("os", "debian", "13"), Component("python", "psycopg", "3.3.8", "kernel", "LGPL-3.0-only"))
NEW = (Component("os", "debian", "13"), Component("python", "psycopg", "3.4.0", "kernel", "LGPL-3.0-only"))


def two_builds(solvent: World) -> Build:
    """Put a promoted build there and a candidate that is newer; give the promoted one."""
    build = solvent.build()
    later = replace(
        build,
        version="20261121.1",
        digest="sha256:" + "9" * 64,
        status=BuildStatus.CANDIDATE,
        created=datetime(2026, 11, 21, tzinfo=UTC),
    )
    solvent.store.add_build(later)
    solvent.store.keep_components(build.digest, OLD)
    solvent.store.keep_components(later.digest, NEW)
    return build


def test_sbom_prints_cyclonedx_and_nothing_else(solvent: World) -> None:
    """The same bytes each time; of the build that the channel points to, or of a version."""
    build = two_builds(solvent)

    ran = solvent("image", "sbom", "jupyterlab")

    assert ran.err == ""
    document = json.loads(ran.out)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["component"]["version"] == build.version
    assert [one.get("purl") for one in document["components"]] == [None, "pkg:pypi/psycopg@3.3.8"]
    assert solvent("image", "sbom", "jupyterlab").raw == ran.raw
    assert "psycopg@3.4.0" in solvent("image", "sbom", f"{RELEASE}@20261121.1").out
    assert len(solvent("image", "sbom", "jupyterlab", "-o", "ndjson").out.splitlines()) == 1


def test_sbom_of_what_was_never_read_says_how_to_bring_the_bytes_back(solvent: World) -> None:
    """A build without a list and without bytes has no bill; no empty one is printed."""
    solvent.store.add_build(replace(solvent.build(), version="20261101.1", digest="sha256:" + "8" * 64))

    ran = solvent("image", "sbom", f"{RELEASE}@20261101.1")

    assert (ran.code, ran.out) == (1, "")
    assert "was never read, and its bytes are missing" in ran.err
    assert f"solvent image build {RELEASE}" in ran.err


def test_unknown_builds_are_named_with_what_there_is(solvent: World) -> None:
    """A version that never was is a usage error; a release without a build is refused, with the next command."""
    two_builds(solvent)

    ran = solvent("image", "notes", f"{RELEASE}@20261121.2")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean 20261121.1?" in ran.err
    ran = solvent("image", "sbom", "jupyterlab:4.5-py3.11")
    assert (ran.code, ran.out) == (5, "")
    assert "solvent image build jupyterlab:4.5-py3.11" in ran.err


def test_diff_classes_each_change(solvent: World) -> None:
    """A table with a line of counts on stderr; JSON has both sides and the counts."""
    build = two_builds(solvent)

    ran = solvent("image", "diff", RELEASE, f"{RELEASE}@20261121.1")

    assert ran.out == (
        "IN             PACKAGE  BEFORE  AFTER  CHANGE\n"
        "python kernel  psycopg  3.3.8   3.4.0  minor\n"
    )  # fmt: skip
    assert f"{RELEASE}@{build.version} to {RELEASE}@20261121.1: 1 minor" in ran.err
    found = solvent("image", "diff", RELEASE, f"{RELEASE}@20261121.1", "-o", "json").json["diff"]
    assert found["from"] == {"release": RELEASE, "version": build.version, "digest": build.digest}
    assert found["counts"] == {"minor": 1}
    assert found["changes"] == [
        {"ecosystem": "python", "prefix": "kernel", "name": "psycopg", "before": "3.3.8", "after": "3.4.0",
         "level": "minor", "direction": "up"}
    ]  # fmt: skip
    back = solvent("image", "diff", f"{RELEASE}@20261121.1", RELEASE)
    assert "minor, back" in back.out


def test_diff_with_a_release_that_was_not_built_reads_its_locks(solvent: World) -> None:
    """Then only Python packages are compared, and it says so."""
    two_builds(solvent)

    ran = solvent("image", "diff", RELEASE, "jupyterlab:4.5-py3.11")

    assert "jupyterlab:4.5-py3.11: not built yet" in ran.err
    assert "debian" not in ran.out
    assert "jupyterlab" in ran.out


def test_notes_are_those_that_were_kept_else_written_now(solvent: World) -> None:
    """A build of before notes were kept is held against the build before it."""
    build = two_builds(solvent)
    solvent.store.keep_notes(build.digest, "# kept\n")

    assert solvent("image", "notes", RELEASE).out == "# kept\n"
    written = solvent("image", "notes", f"{RELEASE}@20261121.1").out
    assert f"Replaces {build.version}" in written
    assert "| psycopg | 3.3.8 | 3.4.0 | minor |" in written
    document = solvent("image", "notes", RELEASE, "-o", "json").json["notes"]
    assert document == {"build": RELEASE, "markdown": "# kept\n"}


def test_verify_ends_with_3_where_something_is_not_as_it_was(solvent: World) -> None:
    """Each check is a row; the error names those that did not pass."""
    build = two_builds(solvent)
    solvent.engine.remove_image(build.digest)

    ran = solvent("image", "verify", RELEASE)

    assert ran.code == 3
    assert ran.out.splitlines()[0].split() == ["CHECK", "OUTCOME", "TOOK", "REASON"]
    assert ran.out.splitlines()[1].startswith("verify.bytes  fail")
    assert f"1 of 1 checks of {RELEASE}@{build.version} did not pass: verify.bytes" in ran.err
    found = solvent("image", "verify", RELEASE, "-o", "json").json["verify"]
    assert (found["release"], found["version"], found["digest"]) == (RELEASE, build.version, build.digest)
    assert [(one["id"], one["outcome"]) for one in found["results"]] == [("verify.bytes", "fail")]
