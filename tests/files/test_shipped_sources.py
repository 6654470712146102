"""The shipped sources: what the catalog says of them, and the services that compose makes of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from manager.core.check_words import called
from manager.world import files

REPOSITORY = Path(__file__).parents[2]
SOURCES = files.load(REPOSITORY, shipped=True).sources
SERVED = [one for one in SOURCES if one.service == one.name]
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose/sources.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]


def test_every_server_of_the_catalog_is_a_service_and_the_other_way_round() -> None:
    """What has a profile is started by hand, and no source."""
    own = {name for name, service in SERVICES.items() if "profiles" not in service}

    assert own == {one.name for one in SERVED}
    assert {one.service for one in SOURCES if not one.embedded} == own
    assert {one.name for one in SOURCES if one.embedded} == {"duckdb", "sqlite", "odbc-sqlite"}


@pytest.mark.parametrize("source", SERVED, ids=[one.name for one in SERVED])
def test_a_service_is_walled_in_and_reached_by_its_name(source: Any) -> None:
    """Built on the suite that the catalog says, with a password of its own, limits, and a name that is not its own."""
    service = SERVICES[source.name]

    assert called(dict(source.parameters))["host"] == service["hostname"] == source.name
    assert service["build"]["args"]["BASE"].startswith(f"${{SOLVENT_BASE_{source.suite.upper()}:-")
    assert service["image"].endswith(f":{source.version}")
    assert service["networks"] == {"sources": {"aliases": [f"wrong-{source.name}"]}}
    assert service["secrets"] == [{"source": source.name, "target": "password"}]
    assert COMPOSE["secrets"][source.name]["file"].endswith(f"/{source.name}/password")
    assert (service["cap_drop"], service["read_only"], service["restart"]) == (["ALL"], True, "no")
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit", "cpus", "healthcheck", "tmpfs"} <= service.keys()
    assert not {"ports", "privileged", "environment", "volumes"} & service.keys()
    assert service["labels"]["io.solvent.source"] == service["build"]["labels"]["io.solvent.source"] == source.name
    # Firebird has no TLS; a port of Spark's has it for everybody or for nobody.
    # fakesnow speaks HTTP alone.
    authority = None if source.engine in ("firebird", "spark", "snowflake") else "/run/solvent/ca.pem"
    assert service["labels"].get("io.solvent.authority") == authority


@pytest.mark.parametrize("source", SERVED, ids=[one.name for one in SERVED])
def test_what_comes_from_the_package_index_is_pinned_by_hash_and_told_where_from(source: Any) -> None:
    """And a server from Debian's packages alone is told nothing of an index, so that its image depends on none."""
    told = SERVICES[source.name]["build"]["args"]
    file = REPOSITORY / "compose" / told["SERVER"] / "requirements.txt"

    assert ("INDEX" in told) is file.exists()
    for line in file.read_text().splitlines() if file.exists() else ():
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9._-]+==\S+( --hash=sha256:[0-9a-f]{64})+", line), line


def test_an_emulation_is_called_one() -> None:
    """Whose own server stands behind an engine's name and whose does not: nothing of these is real."""
    emulated = {one.name: one.engine for one in SOURCES if one.kind == "emulated"}

    assert emulated == {
        "moto-5": "s3", "fakesnow-0": "snowflake", "secantus-0": "mongodb", "noida-0": "elasticsearch",
    }  # fmt: skip
    assert not {one.engine for one in SOURCES if one.kind == "real"} & set(emulated.values())


VENDORS = {name: service for name, service in SERVICES.items() if "profiles" in service}


def test_what_was_not_run_here_waits_for_a_profile() -> None:
    """One of each engine whose own server does not run here, and no source of the catalog: no check counts on it."""
    assert {name.partition("-")[0] for name in VENDORS} == {
        "clickhouse", "elasticsearch", "mongodb", "mssql", "oracle", "trino",
    }  # fmt: skip
    assert not VENDORS.keys() & {one.name for one in SOURCES}


@pytest.mark.parametrize("name", VENDORS)
def test_a_vendors_image_keeps_the_same_contract(name: str) -> None:
    """The private network and its second name, a password as a secret, limits, a health check, nothing published."""
    service = VENDORS[name]

    assert service["profiles"] == ["vendor"]
    assert service["hostname"] == name
    assert service["networks"] == {"sources": {"aliases": [f"wrong-{name}"]}}
    assert [one["source"] for one in service["secrets"]] == [name]
    assert COMPOSE["secrets"][name]["file"].endswith(f"/{name}/password")
    assert (service["cap_drop"], service["restart"]) == (["ALL"], "no")
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit", "cpus", "healthcheck", "tmpfs", "logging"} <= service.keys()
    assert not {"ports", "privileged", "volumes", "build"} & service.keys()
    assert not [one for one in service.get("environment", {}) if one.endswith("PASSWORD")]
    assert service["labels"]["io.solvent.source"] == name
