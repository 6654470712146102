"""The schedule for other programs, in the shape of endoflife.date: a product a family, a cycle a release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.core.endings import plain
from manager.core.lifecycle import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from manager.core.catalog import Catalog, Family, Release
    from manager.core.observed import Build

# The version of endoflife.date's API whose response "all products, with all their details" this is.
SCHEMA_VERSION = "1.1.0"


def products(catalog: Catalog, latest: Mapping[str, Build], today: date) -> dict[str, Any]:
    """Give every family with its releases, as they stand on a day; ``latest`` are promoted builds by release.

    The same day and the same schedule give the same bytes.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": f"{today}T00:00:00+00:00",
        "total": len(catalog.families),
        "result": [_product(catalog, family, latest, today) for family in catalog.families],
    }


def _product(catalog: Catalog, family: Family, latest: Mapping[str, Build], today: date) -> dict[str, Any]:
    newest_first = sorted(family.releases, key=lambda one: (one.schedule.released, one.line), reverse=True)
    return {
        "name": family.id,
        "aliases": [],
        "label": family.title,
        "category": "app",
        "tags": ["app", *family.languages],
        "versionCommand": None,
        "identifiers": [],
        "labels": {
            "eoas": "Active",
            "discontinued": "New environments",
            "eol": "Supported",
            "eoes": None,
        },
        "links": {"icon": None, "html": f"urn:solvent:{family.id}", "releasePolicy": None},
        "releases": [_cycle(catalog, release, latest.get(release.name), today) for release in newest_first],
    }


def _cycle(catalog: Catalog, release: Release, build: Build | None, today: date) -> dict[str, Any]:
    dates, stage = release.schedule, release.stage(today)
    successor = catalog.successor(release, today)
    return {
        "name": release.line,
        "codename": None,
        "label": release.line,
        "releaseDate": dates.released.isoformat(),
        "isLts": False,
        "ltsFrom": None,
        "isEoas": today >= dates.deprecated,
        "eoasFrom": dates.deprecated.isoformat(),
        "isDiscontinued": today >= dates.create_block,
        "discontinuedFrom": dates.create_block.isoformat(),
        "isEol": stage is Stage.RETIRED,
        "eolFrom": dates.end_of_life.isoformat(),
        "isMaintained": stage in (Stage.ACTIVE, Stage.DEPRECATED),
        "latest": {"name": build.version, "date": build.created.date().isoformat(), "link": None} if build else None,
        "custom": {
            "stage": stage.value,
            "restartBlock": dates.restart_block.isoformat(),
            "removeAfter": dates.remove_after.isoformat(),
            "boundBy": dates.bound_by,
            "successor": successor.name if successor else None,
            "message": plain(release.message) or None,
        },
    }
