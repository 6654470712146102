"""An image that does not pass is not promoted; what can be wrong with an image is wrong with one of these.

What a container may do, and where it has its memory, is wrong with containers of tests/probes/test_inside.py; pages are
wrong in tests/probes/test_page.py, processes of kernels in tests/probes/test_cell.py.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from manager.app import contents
from manager.app.contents import strayed
from manager.app.proving.container import running
from manager.app.proving.health import told
from manager.app.proving.image import described, size
from manager.app.proving.inside import confined, logins, started
from manager.app.proving.languages import spoken
from manager.core.actions import CreateEnvironment
from manager.core.builds import layer_groups
from manager.core.environments import LaunchRequest
from manager.core.ingredients import base_key, ingredients, spec_hash
from manager.core.observed import BuildStatus
from tests.system.support_proving import derived, page_of, spoilt
from tests.system.support_running import managed
from tests.system.world import docker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from manager.app.manager import Manager
    from manager.core.evidence import Result
    from manager.core.observed import Build
    from tests.system.world import World

pytestmark = [pytest.mark.engine, pytest.mark.slow]

RELEASE = "jupyterlab:4.6-py3.13"
KERNEL = "/opt/solvent/kernel/lib/python3.13/site-packages"
IDE = "/opt/solvent/ide/lib/python3.13/site-packages"
ENTRYPOINT = "/opt/solvent/bin/entrypoint"
HEALTHY = "/opt/solvent/bin/healthy"
SPEC = "/opt/solvent/jupyter/kernels/python3/kernel.json"
CONFIG = "/etc/jupyter/jupyter_server_config.py"


@pytest.fixture(scope="module")
def manager(ready_world: World) -> Iterator[Manager]:
    """Give a Manager of this process in the world."""
    with managed(ready_world) as made:
        yield made


@pytest.fixture(scope="module")
def good(manager: Manager) -> Build:
    """Give the promoted build that the broken ones are made from."""
    digest = manager.store.channels()[RELEASE, "stable"]
    return next(build for build in manager.store.builds() if build.digest == digest)


@pytest.fixture(scope="module")
def broken(manager: Manager, good: Build) -> Iterator[Callable[[str], str]]:
    """Give a function that makes an image of the good one and one shell command; gives its digest."""
    with ExitStack() as stack:
        yield lambda command: stack.enter_context(derived(manager, good.digest, spoilt(command)))


@pytest.fixture(autouse=True)
def forgotten(manager: Manager, good: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was read inside of a broken image be forgotten: the database knows no such build, nor its labels."""
    keep = manager.store.keep_components
    known = {build.digest for build in manager.store.builds()}
    monkeypatch.setattr(
        manager.store, "keep_components", lambda digest, found: digest in known and keep(digest, found), raising=True
    )
    monkeypatch.setattr(contents, "strayed", lambda *_words: ())


def _asked(manager: Manager, digest: str) -> dict[str, Result]:
    """Ask everything of an image but its page; give the answers by probe."""
    release = manager.catalog.release(RELEASE, manager.today)
    family = manager.catalog.family(release.family)
    with running(manager, digest, family, manager.names.labels("sandbox")) as subject:
        start = started(manager, subject)
        if start.outcome != "pass":
            return {start.probe: start}
        inside = (*confined(manager, subject), logins(manager, subject))
        held = contents.prove(manager, digest, release, subject.container)
        return {one.probe: one for one in (start, *inside, *held, *spoken(manager, subject, release))}


def _wrong(results: dict[str, Result]) -> dict[str, str]:
    return {probe: result.outcome for probe, result in results.items() if result.outcome != "pass"}


def test_the_good_image_passes_and_starts_without_a_network(manager: Manager, good: Build) -> None:
    """Everything inside is as it must be; the start was in a container without any network."""
    results = _asked(manager, good.digest)

    assert _wrong(results) == {}
    assert {"image.starts-offline", "image.logins", "inside.capabilities", "inside.leaks"} <= results.keys()
    assert {"contents.lock", "inside.volume-/home/solvent", "inside.health"} <= results.keys()
    assert {"language.python3", "kernel.imports-psycopg", "kernel.without-jupyterlab"} <= results.keys()
    assert results["image.starts-offline"].seconds > 0


# What is wrong independently of the rest, and so all at once in one image: the probe, what breaks it, and the reason.
FAULTS = (
    ("contents.lock", f"rm -r {KERNEL}/tzdata-*.dist-info", "kernel tzdata is missing"),
    ("contents.lock", f"rm -r {IDE}/tornado-*.dist-info", "ide tornado is missing"),
    (
        "contents.lock",
        f"mkdir {KERNEL}/extra-1.0.dist-info && printf 'Name: extra\\nVersion: 1.0\\n' "
        f">{KERNEL}/extra-1.0.dist-info/METADATA",
        "kernel extra is 1.0",
    ),
    (
        "contents.lock",
        "sed -i '/^Package: less$/,/^$/s/^Version: .*/Version: 0/' /var/lib/dpkg/status",
        "debian less is 0",
    ),
    ("kernel.imports-psycopg", f"rm {KERNEL}/psycopg/connection.py", "No module named"),
    ("kernel.without-jupyterlab", f"echo {IDE} >{KERNEL}/more.pth", "jupyterlab can be imported"),
    (
        "kernel.prefix",
        f"ln -s kernel /opt/solvent/other && sed -i s,/opt/solvent/kernel,/opt/solvent/other, {SPEC}",
        "it runs from /opt/solvent/other, not /opt/solvent/kernel",
    ),
    ("test.notebook", "rm /usr/bin/git", "git"),
    ("inside.listens", f"sed -i 's/0.0.0.0/127.0.0.1/' {CONFIG}", "loopback alone"),
    ("inside.health", f"printf '#!/bin/sh\\nexit 1\\n' >{HEALTHY}", "healthy ended with 1"),
    (
        "image.logins",
        "echo machine index.invalid login ana password opensesame >/root/.netrc && chmod 600 /root/.netrc",
        "/root/.netrc",
    ),
)


def test_each_fault_fails_its_probe(manager: Manager, broken: Callable[[str], str]) -> None:
    """Many things are wrong, the probe for each says so with the reason, and no other probe does."""
    results = _asked(manager, broken(" && ".join(command for _, command, _ in FAULTS)))

    assert _wrong(results) == {probe: "fail" for probe, _, _ in FAULTS}
    assert [(probe, reason) for probe, _, reason in FAULTS if reason not in results[probe].reason] == []


@pytest.mark.parametrize(
    ("command", "probe", "reason"),
    [
        (
            f"sed -i 's|^exec|cp /run/solvent/token /home/solvent/.token; exec|' {ENTRYPOINT}",
            "inside.leaks",
            "/home/solvent/.token holds what /run/solvent/token holds",
        ),
        (
            f"sed -i 's|^exec|export TOKEN=\"$(cat /run/solvent/token)\"; exec|' {ENTRYPOINT}",
            "inside.leaks",
            "/environ holds what /run/solvent/token holds",
        ),
        (
            f"sed -i 's,^exec,[ -e /sys/class/net/eth0 ] || {{ echo no network; exit 1; }}; exec,' {ENTRYPOINT}",
            "image.starts-offline",
            "no network",
        ),
    ],
    ids=["token-file", "token-variable", "network"],
)
def test_a_broken_image_fails_its_probe(
    manager: Manager, broken: Callable[[str], str], command: str, probe: str, reason: str
) -> None:
    """One thing is wrong, the probe for it says so with the reason, and no other probe does."""
    results = _asked(manager, broken(command))

    assert _wrong(results) == {probe: "fail"}
    assert reason in results[probe].reason


def test_an_image_whose_kernel_does_not_start_has_no_language(manager: Manager, broken: Callable[[str], str]) -> None:
    """Whatever would have run in it is no pass; what does not need it is one."""
    results = _asked(manager, broken(f"rm {KERNEL}/ipykernel/kernelapp.py"))

    assert _wrong(results) == {
        "language.python3": "fail",
        "line.python": "fail",
        "kernel": "error",
        "test.notebook": "fail",
        "test.start": "fail",
    }


def test_an_image_beyond_its_budget_fails(manager: Manager, good: Build) -> None:
    """The size is compared with the family's budget, to the byte."""
    family = manager.catalog.family("jupyterlab")
    image = manager.engine.image(good.digest)
    assert image is not None

    enough = size(manager, good.digest, replace(family, size_budget=image.size))
    short = size(manager, good.digest, replace(family, size_budget=image.size - 1))

    assert (enough.outcome, short.outcome) == ("pass", "fail")
    assert str(image.size) in short.reason


@pytest.mark.parametrize(
    ("change", "told_by_it"),
    [
        ("USER 1000:1000", ("pass", "")),
        ("HEALTHCHECK NONE", ("fail", "the image has no health check")),
        (f"RUN printf '#!/bin/sh\\nexit 0\\n' >{HEALTHY}", ("fail", "it says that all is well where no IDE runs")),
        ("HEALTHCHECK CMD true", ("fail", "it says that all is well where no IDE runs")),
    ],
    ids=["good", "none", "always-well", "shell"],
)
def test_a_health_check_that_tells_nothing_fails(
    manager: Manager, good: Build, change: str, told_by_it: tuple[str, str]
) -> None:
    """There has to be one, and it has to notice that the IDE does not run."""
    with derived(manager, good.digest, f"USER 0\n{change}") as digest:
        found = told(manager, digest, manager.names.labels("sandbox"))

    assert (found.probe, found.outcome, found.reason) == ("image.health", *told_by_it)


def test_an_image_with_other_labels_than_its_build_fails(manager: Manager, good: Build) -> None:
    """What the catalog says of the release, and what the database knows of the build."""
    release = manager.catalog.release(RELEASE, manager.today)

    assert strayed(manager, good.digest, release) == ()
    assert strayed(manager, good.digest, release, {"team": "risk"}) == ("the label team is missing, not risk",)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("USER 0\nRUN true", ""),
        ("ENV DATABASE_PASSWORD=opensesame", "the variable DATABASE_PASSWORD"),
        ("LABEL team.api_key=0123456789abcdef", "the label team.api_key"),
        ("RUN true https://ana:opensesame@index.invalid/simple", "the command of a layer: "),
        ('CMD ["/opt/solvent/bin/ide", "--token", "opensesame"]', "its Cmd: "),
        ('ENTRYPOINT ["/opt/solvent/bin/entrypoint", "--password", "opensesame"]', "its Entrypoint: "),
        ('HEALTHCHECK CMD ["curl", "--user", "ana:opensesame", "http://127.0.0.1"]', "its Healthcheck: "),
    ],
)
def test_an_image_that_tells_a_secret_fails(manager: Manager, good: Build, change: str, named: str) -> None:
    """Everybody who can pull it reads its variables, its labels and its history; the secret is not repeated."""
    with derived(manager, good.digest, change) as digest:
        found = described(manager, digest)

    assert (found.outcome, found.reason.startswith(named)) == ("fail" if named else "pass", True)
    assert "opensesame" not in found.reason


def test_a_page_that_says_jupyterlab_error_fails(manager: Manager, broken: Callable[[str], str]) -> None:
    """The server is well, its page is not: the browser reads what a person would read."""
    results, credential = page_of(
        manager, broken("rm /opt/solvent/ide/share/jupyter/lab/static/index.html"), manager.catalog.family("jupyterlab")
    )

    assert _wrong(results)["page.loads"] == "fail"
    assert "JupyterLab Error" in results["page.loads"].reason
    assert results["page.refuses"].outcome == "pass"
    assert credential not in str(results)


@pytest.fixture
def changed(ready_world: World, tmp_path: Path) -> Path:
    """Give a catalog of one's own in which one file of the family differs, so that a build is due."""
    catalog = tmp_path / "catalog"
    ready_world("init", str(catalog))
    with (catalog / "images/jupyterlab/files" / CONFIG.lstrip("/")).open("a") as file:
        file.write(f"# {secrets.token_hex(8)}\n")
    return catalog


@pytest.fixture
def candidate(
    ready_world: World, manager: Manager, good: Build, broken: Callable[[str], str], changed: Path
) -> Iterator[Build]:
    """Record a candidate of what that catalog says; its image lets everybody in."""
    digest = broken(f"echo \"c.IdentityProvider.token = ''\" >>{CONFIG}")
    with managed(ready_world, changed) as other:
        release = other.catalog.release(RELEASE, other.today)
        base = other.observe().base(base_key(other.catalog.system(release.system)))
        assert base is not None
        groups = layer_groups(other.catalog, release)
        parts = ingredients(other.catalog.family(release.family), release, groups, base.digest)
    made = replace(
        good,
        digest=digest,
        version=f"broken-{secrets.token_hex(3)}",
        status=BuildStatus.CANDIDATE,
        inputs=parts,
        spec_hash=spec_hash(parts),
        created=manager.clock.now(),
    )
    manager.store.add_build(made)
    yield made
    manager.store.set_status(digest, BuildStatus.FAILED, "a test made it")


def test_a_build_that_does_not_pass_is_not_promoted(
    ready_world: World, manager: Manager, good: Build, candidate: Build, changed: Path
) -> None:
    """The command ends with 1 and says which checks failed; channel, reference and launches stay where they were."""
    done = ready_world("image", "build", RELEASE, "--catalog", str(changed), code=1)

    evidence = {one.probe: one.outcome for one in manager.store.evidence(candidate.digest)}
    wrong = {probe for probe, outcome in evidence.items() if outcome != "pass"}
    assert "page.refuses" in wrong
    assert "page.refuses fail" in done.stderr
    assert f"solvent image show {RELEASE}" in done.stderr
    assert manager.store.channels()[RELEASE, "stable"] == good.digest
    statuses = {one.digest: one.status for one in manager.store.builds()}
    assert (statuses[good.digest], statuses[candidate.digest]) == (BuildStatus.PROMOTED, BuildStatus.CANDIDATE)
    following = docker("inspect", "--format", "{{.Id}}", manager.names.image("jupyterlab", "4.6-py3.13")).strip()
    assert following == good.digest
    with managed(ready_world, changed) as other:
        (create,) = (
            step.do
            for step in other.plan_launch(LaunchRequest(RELEASE, name="after-a-failure")).steps
            if isinstance(step.do, CreateEnvironment)
        )
    assert create.spec.image == good.digest


def test_the_evidence_of_a_promoted_build_is_shown(ready_world: World, good: Build) -> None:
    """Each check is there with its outcome, all of the digest that is launched, and all passed."""
    shown = ready_world.json("image", "show", RELEASE)["release"]

    probes = {one["id"]: one["outcome"] for one in shown["evidence"]}
    assert set(probes.values()) == {"pass"}
    assert {"image.health", "image.size", "image.starts-offline", "page.loads", "page.refuses"} <= probes.keys()
