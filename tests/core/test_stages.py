"""The Dockerfile of a stage on a base of one's own, for either installer."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from manager.core.stages import AUTHORITIES, NO_PYTHON, SOURCES, stage
from manager.core.systems import System

BASE = "registry.bank/base@sha256:" + "a" * 64


def script(text: str) -> str:
    """Give the command of the one RUN."""
    (run,) = [line for line in text.replace("\\\n", "").splitlines() if line.startswith("RUN ")]
    return run.removeprefix("RUN ")


def system(**more: object) -> System:
    """Give a system on the base."""
    return System("own", "trixie", ("git", "python3"), python="3.13", base=BASE, **more)  # type: ignore[arg-type]


def test_apt_installs_the_packages_and_the_vendors_ones() -> None:
    """On the base by digest, as root, with archives unpacked last; the Python is asked for."""
    text = stage(system(), BASE, ("odbc.deb",), ("client.tar",))

    lines = text.splitlines()
    assert lines[:2] == [f"FROM {BASE}", "USER 0:0"]
    assert "COPY odbc.deb /tmp/solvent/" in lines
    assert lines[-1] == "ADD client.tar /"
    run = script(text)
    assert "apt-get install --yes --no-install-recommends git python3 /tmp/solvent/odbc.deb" in run
    assert "/usr/bin/python3.13 -c ''" in run
    assert run.index("apt-get install") < run.index("rm -rf /tmp/solvent") < run.index(NO_PYTHON)


def test_dnf_installs_the_packages_and_the_vendors_ones() -> None:
    """Its text is all that is tested here: no rpm repository is reached."""
    run = script(stage(system(installer="dnf"), BASE, ("odbc.rpm",), ()))

    assert "dnf install --assumeyes --setopt=install_weak_deps=False" in run
    assert (
        run.index(" git python3 /tmp/solvent/odbc.rpm") < run.index("dnf clean all") < run.index("/usr/bin/python3.13")
    )
    assert "apt" not in run


def test_a_base_that_is_complete_is_only_asked_for_its_python() -> None:
    """Nothing is installed where no packages are named."""
    run = script(stage(System("own", "", (), python="3.12", base=BASE), BASE, (), ()))

    assert "install" not in run
    assert "/usr/bin/python3.12 -c ''" in run


@pytest.mark.parametrize("installer", ["apt", "dnf"])
def test_the_script_is_one_that_a_shell_reads(installer: str) -> None:
    """Quotes and braces are closed, as the shell of the base will read it."""
    run = script(stage(system(installer=installer), BASE, ("a.deb",), ()))

    assert subprocess.run(["/bin/sh", "-n", "-c", run], capture_output=True, check=False).stderr == b""


def test_sources_and_certificates_are_arguments_and_not_text() -> None:
    """What differs by machine stands in no line; without it the base's own is used."""
    text = stage(system(), BASE, (), ())

    assert {f"ARG {SOURCES}", f"ARG {AUTHORITIES}"} <= set(text.splitlines())
    assert shutil.which("sh")
    assert f'if [ -n "${AUTHORITIES}" ]' in script(text)
