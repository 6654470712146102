"""The ready-made ways to run the nightly as files: systemd, compose and a runner of workflows take them."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.packaging.nights import DEPLOY, Night

if TYPE_CHECKING:
    from pathlib import Path

UNITS = ("solvent-nightly.service", "solvent-nightly.timer")


def unit(name: str) -> configparser.ConfigParser:
    """Read a unit as far as its keys are there once."""
    found = configparser.ConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(DEPLOY / name, encoding="utf-8")
    return found


def verified(folder: Path, change: tuple[str, str] = ("", "")) -> subprocess.CompletedProcess[str]:
    """Have systemd read the units, with a program that is there in the place of the one that they start."""
    program = folder / "solvent"
    program.write_text("#!/bin/sh\n", encoding="ascii")
    program.chmod(0o755)
    start = unit(UNITS[0])["Service"]["ExecStart"].split()[0]
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8").replace(start, str(program)).replace(*change)
        (folder / name).write_text(text, encoding="utf-8")
    places = tuple(str(folder / name) for name in UNITS)
    return subprocess.run(("systemd-analyze", "verify", *places), capture_output=True, text=True, check=False)


needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here (Debian package systemd)"
)


@needs_systemd
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """No unknown key, no value that is none, nothing to say."""
    done = verified(tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.parametrize("change", [("Type=oneshot", "Type=sometimes"), ("OnCalendar=", "OnCalender=")])
def test_a_wrong_unit_would_be_noticed(tmp_path: Path, change: tuple[str, str]) -> None:
    """The negative control: a value and a key that there is not."""
    done = verified(tmp_path, change)

    assert done.returncode or done.stderr


def test_the_unit_counts_findings_as_success_and_makes_up_for_a_lost_night() -> None:
    """What systemd does with exit code 3 is said, and nothing else counts as a success."""
    service, timer = (unit(name) for name in UNITS)

    assert service["Service"]["SuccessExitStatus"] == "3"
    assert service["Service"]["Type"] == "oneshot"
    assert re.fullmatch(r"\d+h", service["Service"]["TimeoutStartSec"])
    assert timer["Timer"]["Persistent"] == "true"
    assert re.fullmatch(r"\d+min", timer["Timer"]["RandomizedDelaySec"])


@pytest.mark.parametrize(("code", "told"), [("3", True), ("0", False), ("1", False)])
def test_the_unit_puts_findings_into_the_journal(code: str, *, told: bool) -> None:
    """As a warning (``<4>``), as a success has no line of systemd's own; a failure has one."""
    words = shlex.split(unit(UNITS[0])["Service"]["ExecStopPost"].replace("$$", "$"))

    done = subprocess.run(
        words, env={"EXIT_STATUS": code, "PATH": os.defpath}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0
    assert done.stdout.startswith("<4>the nightly has findings") is told


COMPOSE: Any = yaml.safe_load((DEPLOY / "nightly.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("client", [("docker", "compose"), ("docker-compose",)], ids=" ".join)
def test_compose_takes_the_service(client: tuple[str, ...]) -> None:
    """Both clients read the file, without any variable set."""
    if not shutil.which(client[0]) or subprocess.run((*client, "version"), capture_output=True, check=False).returncode:
        pytest.skip(f"{' '.join(client)} is not here")
    clean = {name: text for name, text in os.environ.items() if not name.startswith(("SOLVENT", "COMPOSE"))}

    done = subprocess.run(
        (*client, "-f", str(DEPLOY / "nightly.yaml"), "config"), capture_output=True, text=True, env=clean, check=False
    )

    assert done.returncode == 0, done.stderr
    service = yaml.safe_load(done.stdout)["services"]["nightly"]
    assert service["environment"]["SOLVENT_NIGHTLY_AT"] == "03:30"


def test_the_service_has_its_folder_at_the_engine_s_path() -> None:
    """The engine mounts from the machine's paths: inside and outside are one, and its socket is there."""
    service = COMPOSE["services"]["nightly"]
    socket, folder = service["volumes"]

    assert socket == "/var/run/docker.sock:/var/run/docker.sock"
    assert folder == ":".join([service["environment"]["SOLVENT_HOME"]] * 2)


@pytest.mark.parametrize(("last", "well"), [("", True), ("0", True), ("3", True), ("1", False), ("130", False)])
def test_the_service_is_ill_after_a_failure_and_not_for_findings(tmp_path: Path, last: str, *, well: bool) -> None:
    """The health check goes by the exit code of the last nightly; before the first there is none."""
    if last:
        (tmp_path / "last").write_text(f"{last}\n", encoding="ascii")
    _, line = COMPOSE["services"]["nightly"]["healthcheck"]["test"]

    done = subprocess.run(
        ("/bin/sh", "-c", line.replace("$$", "$")),
        env={"SOLVENT_HOME": str(tmp_path), "PATH": os.defpath}, check=False,
    )  # fmt: skip

    assert (done.returncode == 0) is well


WORKFLOW: Any = yaml.safe_load((DEPLOY / "nightly.github.yml").read_text(encoding="utf-8"))
STEPS = {one.get("name", one.get("uses")): one for one in WORKFLOW["jobs"]["check"]["steps"]}


def workflow(night: Night, code: int) -> tuple[int, dict[str, str], str]:
    """Run the step of the nightly as a runner does, in a catalog's clone; give its exit code, outputs and summary."""
    night.ends_with(code)
    (night.home / "nightly.md").write_text("# Nightly\n", encoding="ascii")
    script = f"cd {night.home}/catalog; export RUNNER_TEMP={night.home} GITHUB_OUTPUT={night.home}/output " \
             f"GITHUB_STEP_SUMMARY={night.home}/summary; {STEPS['Nightly']['run']}"  # fmt: skip
    ended, _ = night.run("bash", "-e", "-c", script)
    outputs = (night.home / "output").read_text(encoding="ascii").splitlines()
    return ended, dict(one.split("=") for one in outputs), (night.home / "summary").read_text(encoding="ascii")


@pytest.fixture
def lock(night: Night) -> Path:
    """Give a lock in a clone of a catalog beside the stub."""
    clone = night.home / "catalog"
    git = ("git", "-C", str(clone), "-c", "user.name=ana", "-c", "user.email=ana@example.org")
    subprocess.run(("git", "init", "-q", str(clone)), check=True)
    (clone / "kernel.txt").write_text("psycopg==3.3.8\n", encoding="ascii")
    for words in (("add", "."), ("commit", "-q", "-m", "a lock")):
        subprocess.run((*git, *words), check=True)
    return clone / "kernel.txt"


@pytest.mark.parametrize(("code", "ended"), [(0, 0), (3, 0), (1, 1), (6, 6)])
def test_the_workflow_tells_findings_from_failures(night: Night, lock: Path, code: int, ended: int) -> None:
    """The step itself fails for failures alone; the summary is there in each case, and findings fail a later step."""
    done, outputs, summary = workflow(night, code)

    assert (done, outputs, summary) == (ended, {"code": str(code)}, "# Nightly\n")
    assert STEPS["Findings"] == {"name": "Findings", "if": "steps.nightly.outputs.code == '3'", "run": "exit 3"}


@pytest.mark.parametrize("code", [0, 3])
def test_the_workflow_hands_an_edited_lock_on(night: Night, lock: Path, code: int) -> None:
    """What a nightly promoted is a patch that fits the clone, for the job that opens the pull request."""
    lock.write_text("psycopg==3.3.9\n", encoding="ascii")
    facts = lock.with_name("facts.toml")
    facts.write_text("new = true\n", encoding="ascii")

    _, outputs, _ = workflow(night, code)
    for words in (("reset", "-q", "--hard"), ("apply", "--index", str(night.home / "promoted.patch"))):
        assert facts.exists() is (words[0] == "reset")
        subprocess.run(("git", *words), cwd=lock.parent, check=True)

    assert outputs == {"promoted": "true", "code": str(code)}
    assert (lock.read_text(encoding="ascii"), facts.exists()) == ("psycopg==3.3.9\n", True)


def test_the_workflow_keeps_what_may_write_apart() -> None:
    """What runs drivers may read the repository; the job that opens a pull request runs when there is an edit."""
    jobs = WORKFLOW["jobs"]

    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "permissions" not in jobs["check"]
    assert jobs["propose"]["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert "promoted == 'true'" in jobs["propose"]["if"]
    assert "vars.NIGHTLY_PROMOTES" in jobs["check"]["env"]["SOLVENT_NIGHTLY_PROMOTES"]
    upload = STEPS["actions/upload-artifact@v4"]
    assert upload["if"] == "always()"
    assert "nightly.xml" in upload["with"]["path"]
