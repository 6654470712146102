"""``solvent image``: what reaches stdout and stderr, and the exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app import releases
from manager.app.release_views import BuildResult
from tests.cli.conftest import RELEASE

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import World


def test_list_shows_what_may_be_launched(solvent: World) -> None:
    """Active and deprecated releases in an aligned table, with what comes next and when."""
    solvent.build()
    shown = ("RELEASE", "jupyterlab:", "jupyterlab-data:", "rstudio:")

    ran = solvent("image", "list")

    assert "".join(line for line in ran.out.splitlines(True) if line.startswith(shown)) == (
        "RELEASE                     STAGE       BUILD           ENVIRONMENTS  NEXT                 SUCCESSOR\n"
        "rstudio:2026.08-r4.5        active      not built here  0             deprecated in 365 d  -\n"
        "jupyterlab:4.6-py3.13       active      20261120.1      0             deprecated in 393 d  -\n"
        "jupyterlab-data:4.6-py3.13  active      -               0             deprecated in 393 d  -\n"
        "jupyterlab:4.5-py3.11       active      -               0             deprecated in 180 d  -\n"
        "jupyterlab:4.4-py3.11       deprecated  -               0             retired in 43 d      "
        "jupyterlab:4.5-py3.11\n"
    )


def test_all_shows_retired_releases_too(solvent: World) -> None:
    """They are shown for ever, behind ``--all``; and ``--as-of`` moves what is retired."""
    assert "jupyterlab:4.2-py3.9        retired" in solvent("image", "list", "--all").out
    assert "jupyterlab:4.2-py3.9" in solvent("image", "list", "--as-of", "2025-01-01", "-q").out.split()


def test_list_as_json_has_the_keys_of_schema_1(solvent: World) -> None:
    """The keys of schema 1 are there; a release without a build has null, and says so if it cannot have one here."""
    solvent.build()

    listed = {one["release"]: one for one in solvent("image", "list", "-o", "json").json["releases"]}
    with_build, without = listed[RELEASE], listed["rstudio:2026.08-r4.5"]

    named = {"family", "release", "stage", "python", "ide_version", "os", "build", "environments", "next_change",
             "successor"}  # fmt: skip
    assert named <= with_build.keys()
    assert {"version", "digest", "status", "bytes", "created"} <= with_build["build"].keys()
    assert (with_build["not_built_here"], without["build"]) == (None, None)
    assert without["not_built_here"].startswith("not built here: rstudio-server-")


def test_show_gives_dates_builds_and_evidence(solvent: World) -> None:
    """A bare family means its newest active release."""
    solvent.build()

    ran = solvent("image", "show", "jupyterlab")

    assert ran.out.splitlines()[0].split() == ["release", RELEASE]
    assert "\nbuilds\nVERSION     STATUS    BYTES    SIZE" in ran.out
    assert "\nevidence of the current build\nPROBE  OUTCOME  TOOK   REASON\npage   pass     1.2 s  -\n" in ran.out
    assert solvent("image", "show", "jupyterlab", "-o", "json").json["release"]["builds"][0]["status"] == "promoted"


def test_show_names_package_sets_and_what_they_go_without(solvent: World) -> None:
    """A release without any has no such line; JSON lists them apart."""
    shown = solvent("image", "show", "jupyterlab-data")

    assert "\nsets           data-science, ml (without torch), debt-tools\n" in shown.out
    assert "\nsets " not in solvent("image", "show", "jupyterlab").out
    sets = solvent("image", "show", "jupyterlab-data", "-o", "json").json["release"]["sets"]
    assert [(one["name"], one["without"]) for one in sets] == [
        ("data-science", []), ("ml", ["torch"]), ("debt-tools", []),
    ]  # fmt: skip


def test_build_asks_for_names_or_all(solvent: World) -> None:
    """Neither and both are usage errors."""
    for words in (("image", "build"), ("image", "build", "jupyterlab", "--all")):
        ran = solvent(*words)
        assert (ran.code, ran.out) == (2, "")
        assert "name the releases to build, or say --all" in ran.err


def test_build_dry_run_gives_each_step_its_cause(solvent: World) -> None:
    """The plan says why; its JSON is that of ``lifecycle plan``."""
    ran = solvent("image", "build", RELEASE, "--dry-run")

    assert ran.code == 0
    assert f"build image {RELEASE} 20261121.1" in ran.out
    assert "because" in ran.out
    plan = solvent("image", "build", RELEASE, "--check", "-o", "json")
    assert plan.code == 3
    assert {"as_of", "fingerprint", "steps", "notes"} <= plan.json.keys()


def test_build_with_nothing_changed_says_reused(solvent: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty plan changes nothing, exits 0 and still shows the build."""
    from dataclasses import replace

    from manager.app.manager import Manager

    build = solvent.build()
    plan_build = Manager.plan_build

    def empty(manager: Manager, names: tuple[str, ...], **more: bool) -> object:
        return replace(plan_build(manager, names, **more), steps=(), notes=(f"{RELEASE} is up to date",))

    monkeypatch.setattr(Manager, "plan_build", empty)
    monkeypatch.setattr(
        releases,
        "build_results",
        lambda manager, _plan, done: (
            BuildResult(manager.catalog.release(RELEASE, manager.today), build, 0.0, done is None, ()),
        ),
    )

    ran = solvent("image", "build", RELEASE)

    assert ran.code == 0
    assert ran.out.splitlines()[1].split()[:4] == [RELEASE, "20261120.1", "promoted", "reused"]
    assert "nothing to do" in ran.err
    built = solvent("image", "build", RELEASE, "-o", "json").json["builds"][0]
    assert {"family", "release", "version", "digest", "layers", "spec_hash", "status", "seconds", "reused",
            "reasons"} <= built.keys()  # fmt: skip


def test_lock_of_the_shipped_catalog_is_refused(solvent: World) -> None:
    """It is read-only, and the hint says how to get one of one's own."""
    ran = solvent("image", "lock", RELEASE)

    assert (ran.code, ran.out) == (5, "")
    assert "solvent init DIR" in ran.err
