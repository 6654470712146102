"""The part of the public Python API that checks drivers against servers, and says what is known of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manager.app.data_sources import DataSources
from manager.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.checking.planning import CheckPlan
    from manager.app.checking.wanted import CheckRequest
    from manager.core.checks import Run
    from manager.core.matrix import Mark, Matrix
    from manager.core.plan import Plan
    from manager.core.turns import Turn


class Compatibility(DataSources):
    """Does this driver, in this release, against this server, still do what people rely on?"""

    def plan_check(self, request: CheckRequest) -> Iterator[str | CheckPlan]:
        """Plan a run of checks: lines of progress, then the plan.

        Raises UsageError for unknown names, Refused where nothing can be checked.
        """
        from manager.app.checking import planning

        return planning.planned(self, request)

    def plan_source_test(self, name: str, release: str = "", driver: str = "") -> Iterator[str | CheckPlan]:
        """Plan to ask a person's own source what connecting there comes to; raises UsageError, Refused."""
        from manager.app import own_sources
        from manager.app.checking import planning

        return planning.planned(self, own_sources.request(self, name, release, driver))

    def plan_set_promotion(self, name: str, release: str = "", set_hash: str = "") -> Iterator[str | Plan]:
        """Plan to have a set that was checked, and in which a connector moves, become the release's own.

        It is the newest, or the one whose hash begins as it is named.
        """
        from manager.app.checking import promoting

        return promoting.planned(self, name, release, set_hash)

    def plan_set_rollback(self, name: str, release: str) -> Iterator[str | Plan]:
        """Plan to go back to the verified set of before, in which a connector was another one."""
        from manager.app.checking import promoting

        return promoting.rollback(self, name, release)

    def matrix(self) -> Matrix:
        """Give what was verified with what, of the sets that active releases have now."""
        from manager.app.checking import compatible

        return compatible.of(self)

    def turn(self, mark: Mark) -> Turn | None:
        """Say what changed between the last pass of a blocked mark's place and the first failure after it.

        None for a mark that is not blocked.
        """
        from manager.app.checking import compatible

        return compatible.turned(self, mark)

    def check_runs(self, limit: int = 20) -> tuple[Run, ...]:
        """List the newest runs, without what their probes answered."""
        return self.store.checks.runs(limit)

    def check_run(self, name: str = "") -> Run:
        """Show a run by the beginning of its id, the newest without one; raises UsageError."""
        found = self.store.checks.run(name)
        if found is None:
            what = f"there is no check run {name!r}" if name else "nothing was checked yet"
            raise UsageError(what, hint="see what there is:  solvent check list" if name else "solvent check run")
        return found
