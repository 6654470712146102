"""What is done with builds besides making and moving them: sent, taken over, judged, compared and read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manager.tui import known
from manager.tui.action import Action, Field
from manager.tui.deed import Deed, followed
from manager.tui.rows import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from manager.app.manager import Manager
    from manager.core.plan import Plan
    from manager.tui.action import Rows, Written


def _push(manager: Manager, rows: Rows, said: Written) -> Plan:
    return manager.plan_push(tuple(row.name for row in rows), to=said.get("--to", ""))


def _verify(manager: Manager, rows: Rows, _said: Written) -> Deed:
    name = rows[0].name

    def do() -> Iterator[str]:
        from manager.errors import FindingsError

        found = yield from followed(manager.verify(name))
        for one in found.results:
            yield f"  {one.outcome:<8} {one.probe}  {one.reason}"
        if found.wrong:
            raise FindingsError(f"{len(found.wrong)} of {len(found.results)} checks of {found.build} did not pass")
        yield f"{found.build} is as it was: {len(found.results)} checks"

    return Deed(f"reads the bytes of {name}'s build out of the engine, and holds them against what is known of it", do)


def _diff(manager: Manager, rows: Rows, said: Written) -> Deed:
    before, after = rows[0].name, said["AFTER"]

    def do() -> Iterator[str]:
        from manager.core.package_diff import counted

        found = manager.diff(before, after)
        yield from found.notes
        counts = ", ".join(f"{number} {level}" for level, number in counted(found.changes).items())
        yield f"{found.before} to {found.after}: {counts or 'no package differs'}"
        # One line for the drawer, however many packages there are: it is drawn with each.
        yield "\n".join(
            f"  {one.level:<8} {one.group:<8} {one.name}  {one.before or '-'} -> {one.after or '-'}"
            for one in found.changes
        )

    return Deed(f"compares the packages in the builds of {before} and {after}; nothing changes", do)


def _contents(manager: Manager, rows: Rows, _said: Written) -> Deed:
    name = rows[0].name

    def do() -> Iterator[str]:
        found: list[dict[str, Any]] = manager.bill(name)["components"]
        yield f"{len(found)} packages; the command gives them as CycloneDX"
        yield "\n".join(f"  {one.get('purl') or one['name']}  {_licence(one)}" for one in found)

    return Deed(f"lists what is really inside the build of {name}, with licences where they are known", do)


def _licence(component: dict[str, Any]) -> str:
    found = (one.get("expression") or one.get("license", {}) for one in component.get("licenses", ()))
    return ", ".join(one if isinstance(one, str) else one.get("id") or one.get("name", "") for one in found)


def _notes(manager: Manager, rows: Rows, _said: Written) -> Deed:
    name = rows[0].name

    def do() -> Iterator[str]:
        yield manager.release_notes(name)

    return Deed(f"shows the release notes of {name}'s build", do)


_IMAGE = ("release",)
BUILDS = (
    Action("push", "H", "push", "Send its promoted build to a registry, from where others pull it.", _IMAGE, "marked",
        words("image", "push"), _push, changes=True, parts=True,
        fields=(Field("--to", "HOST[:PORT]/PATH  [default: builds of the table mirror]"),)),
    Action("pull", "", "pull", "Take over a build that another machine pushed: it is proven here.", _IMAGE, "none",
        lambda _rows: ("image", "pull"), lambda manager, _rows, said: manager.plan_adopt(said["REFERENCE"]),
        changes=True, fields=(Field("REFERENCE", "what image push printed", needed=True),)),
    Action("verify", "V", "verify", "Hold its build against what is known of it, to the byte.", _IMAGE, "one",
        words("image", "verify"), _verify, changes=True),
    Action("diff", "v", "diff", "Which packages differ from another release or build.", _IMAGE, "one",
        words("image", "diff"), _diff, changes=True,
        fields=(Field("AFTER", "with FAMILY[:RELEASE][@VERSION]", needed=True, known=known.releases),)),
    Action("sbom", "", "contents", "What is really inside its build, with licences.", _IMAGE, "one",
        words("image", "sbom"), _contents, changes=True),
    Action("notes", "", "notes", "What its build brought, as release notes.", _IMAGE, "one", words("image", "notes"),
        _notes),
)  # fmt: skip
