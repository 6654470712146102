"""Plans for bases: the operating systems that images stand on, and the one that looks at pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.core.build_actions import MakeBase
from manager.core.ingredients import BROWSER, base_key
from manager.core.plan import Step
from manager.core.systems import declared
from manager.errors import CatalogError, Problem

if TYPE_CHECKING:
    from manager.core.catalog import Catalog
    from manager.core.observed import Observed


def base_step(catalog: Catalog, observed: Observed, system_id: str, cause: str) -> list[Step]:
    """Plan a base that the engine lacks; an empty list when it is there."""
    system, plain = catalog.system(system_id), catalog.system(declared(system_id))
    key = base_key(system)
    if observed.base(key) is not None:
        return []
    if base_key(plain) == key:
        # Nothing is added to it: all that stand on it share one base, and a plan has one step for it.
        system = plain
    return [
        Step(
            id=f"base:{system.id}",
            kind="make base",
            target=system.id,
            cause=cause,
            do=MakeBase(system.id, key),
            after=f"{system.base or system.suite}, {len(system.packages)} packages asked for"
            + (f", with {', '.join(one.name for one in system.artifacts)}" if system.artifacts else ""),
        )
    ]


def browser_step(catalog: Catalog, observed: Observed) -> list[Step]:
    """Plan the base that a build's page is looked at in; raises CatalogError where the catalog has no such system."""
    if all(system.id != BROWSER for system in catalog.systems):
        problem = Problem("solvent.toml", 0, f"systems.{BROWSER}", "is missing: the page of a build is looked at in it")
        raise CatalogError(
            "no build can be proven", (problem,), hint="copy that table from the shipped catalog:  solvent init DIR"
        )
    return base_step(catalog, observed, BROWSER, "the page of a build is looked at in it")
