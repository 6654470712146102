"""The bill of materials: valid by the official schema, the same bytes for the same build, dates and licences in it."""

from __future__ import annotations

import importlib.resources
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import jsonschema
import pytest
from packageurl import PackageURL
from referencing import Registry, Resource

from manager.core.bill import Subject, bill
from manager.core.catalog import Fact
from manager.core.components import Component
from manager.core.licences import spdx
from manager.core.observed import Build, BuildStatus
from manager.core.package_urls import package_url
from tests.fakes.world import World

COMPONENTS = (
    Component("os", "debian", "13"),
    Component("debian", "libstdc++6", "14.2.0-19", licence="GPL-3+ with GCC exception"),
    Component("debian", "vim", "2:9.1.1230-2+deb13u1", licence="Expat AND GPL-2+"),
    Component("python", "pip", "26.0", "ide", "MIT"),
    Component("python", "pip", "26.0", "kernel", "MIT"),
    Component("python", "torch", "2.9.1+cpu", "kernel"),
    Component("r", "DBI", "1.2.3", licence="LGPL (>= 2.1)"),
    Component("npm", "@vscode/spdlog", "0.15.0", licence="MIT"),
    Component("npm", "@vscode/spdlog", "0.16.0", licence="MIT"),
    Component("vscode", "ms-python.python", "2026.1.0"),
)


@cache
def validator() -> Any:
    """Give the official schema of CycloneDX 1.6, with those that it refers to."""
    folder = importlib.resources.files("cyclonedx.schema._res")
    read = {
        name: json.loads(folder.joinpath(f"{name}.SNAPSHOT.schema.json").read_text(encoding="utf-8"))
        for name in ("bom-1.6", "spdx", "jsf-0.82")
    }
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in read.values()
    )
    return jsonschema.Draft7Validator(read["bom-1.6"], registry=registry)


def subject(*components: Component) -> Subject:
    """Give a build of lab:4 with these components."""
    catalog = World().catalog
    made = Build(
        "lab:4",
        "20261122.1",
        "sha256:" + "ab" * 32,
        "cd" * 32,
        (),
        BuildStatus.PROMOTED,
        datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC),
        7,
        (("sha256:" + "01" * 32, "ide"),),
    )
    facts = (Fact("debian trixie", date(2028, 8, 9), "the security team's page", date(2026, 11, 1)),)
    release = catalog.release("lab:4", date(2026, 11, 21))
    return Subject(catalog.family("lab"), release, made, components or COMPONENTS, "trixie", facts, "0.1.0")


def test_a_bill_is_valid_by_the_official_schema() -> None:
    """Every kind of component, with and without a licence; a document with a wrong key is refused."""
    document = bill(subject())

    assert [error.message for error in validator().iter_errors(document)] == []
    wrong = document | {"components": [{"type": "libary", "name": "x"}]}
    assert list(validator().iter_errors(wrong))


def test_the_same_build_gives_the_same_bytes_and_another_another_serial_number() -> None:
    """The number follows from what the document says."""
    first, again = (json.dumps(bill(subject())) for _ in range(2))
    other = bill(subject(*COMPONENTS[1:]))

    assert first == again
    assert json.loads(first)["serialNumber"] != other["serialNumber"]


def test_the_image_has_its_digest_its_dates_and_depends_on_everything() -> None:
    """Dates are the taxonomy's milestones; each component is there once and by its own reference."""
    document = bill(subject())
    whole = document["metadata"]["component"]

    assert whole["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    found = {one["name"]: one["value"] for one in whole["properties"]}
    assert {name: day for name, day in found.items() if name.startswith("cdx:")} == {
        "cdx:lifecycle:milestone:generalAvailability": "2026-06-18",
        "cdx:lifecycle:milestone:endOfMarketing": "2027-12-18",
        "cdx:lifecycle:milestone:endOfProduction": "2028-02-18",
        "cdx:lifecycle:milestone:endOfSupport": "2028-03-18",
        "cdx:lifecycle:milestone:endOfLife": "2028-03-18",
    }
    references = [one["bom-ref"] for one in document["components"]]
    assert len(set(references)) == len(COMPONENTS)
    assert document["dependencies"][0] == {"ref": whole["bom-ref"], "dependsOn": sorted(references)}
    assert document["components"][0]["properties"] == [
        {"name": "cdx:lifecycle:milestone:endOfSupport", "value": "2028-08-09"}
    ]


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        (COMPONENTS[0], ""),
        (COMPONENTS[1], "pkg:deb/debian/libstdc%2B%2B6@14.2.0-19?distro=debian-13"),
        (COMPONENTS[2], "pkg:deb/debian/vim@2:9.1.1230-2%2Bdeb13u1?distro=debian-13"),
        (COMPONENTS[5], "pkg:pypi/torch@2.9.1%2Bcpu"),
        (COMPONENTS[6], "pkg:cran/DBI@1.2.3"),
        (COMPONENTS[7], "pkg:npm/%40vscode/spdlog@0.15.0"),
        (COMPONENTS[9], "pkg:vscode-extension/ms-python/python@2026.1.0"),
    ],
)
def test_package_urls_are_those_of_the_specification(component: Component, expected: str) -> None:
    """The reference implementation reads them back and writes them the same."""
    found = package_url(component, "debian", "13")

    assert found == expected
    if found:
        read = PackageURL.from_string(found)
        assert read.to_string() == expected
        assert read.version == component.version


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("MIT", "MIT"),
        ("mit or apache-2.0", "MIT OR Apache-2.0"),
        ("Expat AND GPL-2+", "MIT AND GPL-2.0-or-later"),
        ("GPL-3", "GPL-3.0-only"),
        ("LGPLv2.1+", "LGPL-2.1-or-later"),
        ("LGPL (>= 2.1)", "LGPL-2.1-or-later"),
        ("GPL-2 | GPL-3", "GPL-2.0-only OR GPL-3.0-only"),
        ("MIT + file LICENSE", "MIT"),
        ("BSD License", ""),
        ("Apache Software License", ""),
        ("GPL-2+ AND public-domain", ""),
        ("Part of R 4.5.0", ""),
        ("Expat AND GPL-2 OR Artistic", ""),
        ("", ""),
    ],
)
def test_licences_become_expressions_only_where_their_words_mean_one(words: str, expected: str) -> None:
    """What could be several licences stays a name."""
    assert spdx(words) == expected


def test_licences_that_are_not_all_known_are_listed_one_by_one() -> None:
    """An expression stands for itself; of a mixture, what is known has its SPDX name."""
    mixed = Component("debian", "x", "1", licence="Expat AND GPL-2+ AND Beerware-like")
    known = Component("debian", "y", "1", licence="Expat AND GPL-2+")

    first, second = bill(subject(mixed, known))["components"]

    assert [one["license"]["name"] for one in first["licenses"]] == ["MIT", "GPL-2.0-or-later", "Beerware-like"]
    assert second["licenses"] == [{"expression": "MIT AND GPL-2.0-or-later"}]


def test_the_timestamp_is_of_the_build() -> None:
    """Nothing in a bill is of the moment in which it was asked for."""
    there = subject()
    later = replace(there, build=replace(there.build, created=datetime(2026, 11, 23, tzinfo=UTC)))

    assert bill(there)["metadata"]["timestamp"] == "2026-11-22T01:02:03Z"
    assert bill(later)["metadata"]["timestamp"] == "2026-11-23T00:00:00Z"
