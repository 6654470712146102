"""What systems and families bring into bases and environments, held against what can be brought in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from manager.core.secrecy import url_has_password
from manager.core.systems import kind_of
from manager.core.variables import is_reserved
from manager.world.files import extending
from manager.world.files.consistency import Sound, systems_of, tables, twice
from manager.world.files.judgement import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from manager.world.files.documents import Folder, Keys, Kind

_SUFFIX = {"apt": "rpm", "dnf": "deb"}


@dataclass(frozen=True, slots=True)
class Spread:
    """Families that were written out in full, and what was found wrong with what they extend.

    ``extending`` maps their files to what each says itself.
    """

    findings: tuple[Finding, ...]
    extending: dict[str, dict[str, Any]] = field(hash=False)

    def told(self, findings: Iterable[Finding]) -> list[Finding]:
        """Add these to findings about families, which get keys that stand in the file itself."""
        return [*self.findings, *(self._own(one) for one in findings)]

    def _own(self, one: Finding) -> Finding:
        says = self.extending.get(one.file)
        if says is None:
            return one
        if one.keys[:1] == ("release",) and "release" not in says:
            return replace(one, keys=("extends",), why=f"a release of {says.get('extends')}: {one.why}")
        return replace(one, keys=one.keys[1:]) if one.keys[:2] == ("launch", "environment") else one


def spread(folder: Folder, sound: dict[Kind, list[Sound]]) -> Spread:
    """Write out in ``sound`` the families that extend another; one that cannot be is left out of it."""
    own = tuple(extending.Written(folder, file, b"", data, data) for file, data in sound["family"])
    shipped = extending.families(folder.shipped)
    findings: list[Finding] = []
    full: list[Sound] = []
    for one in own:
        try:
            full.append((one.file, extending.written_out(extending.lineage(one, own, shipped))[-1].data))
        except extending.NotExtended as error:
            findings.append(Finding(one.file, ("extends",), error.why, error.hint))
    sound["family"][:] = full
    return Spread(tuple(findings), {one.file: one.says for one in own if "extends" in one.says})


def check(sound: dict[Kind, list[Sound]]) -> Iterator[Finding]:
    """Check systems, and the artifacts and variables of families; each family is written out in full."""
    systems = systems_of(sound) or {}
    solvent = sound["solvent"][0][0] if sound["solvent"] else ""
    for name, table in systems.items():
        yield from _system(solvent, ("systems", name), table)
        yield from _artifacts(solvent, ("systems", name), table, {str(table.get("installer", "apt"))})
    for file, data in sound["family"]:
        asked = {str(one.get("system")) for _, one in tables(data, "release")}
        used = {name: systems[name] for name in asked if name in systems}
        yield from _artifacts(file, (), data, {str(one.get("installer", "apt")) for one in used.values()})
        for variable in _variables(data):
            if is_reserved(variable):
                why = f"{variable} is set by the launch itself"
                yield Finding(file, ("launch", "environment", variable), why, "take another name")


def _variables(data: dict[str, Any]) -> list[str]:
    launch = data.get("launch")
    return list(launch.get("environment") or {}) if isinstance(launch, dict) else []


def _system(file: str, keys: Keys, table: dict[str, Any]) -> Iterator[Finding]:
    base, image = table.get("base"), table.get("image")
    if not base and not table.get("suite"):
        yield Finding(
            file, (*keys, "suite"), "is missing", "a Debian suite to bootstrap, or an image of your own as base"
        )
    if base and image:
        hint = "base is an image of your own that packages go into; image is this system made elsewhere, complete"
        yield Finding(file, (*keys, "image"), "cannot stand beside base", hint)
    if table.get("installer") == "dnf" and not base:
        yield Finding(file, (*keys, "installer"), "dnf needs a base", "a bootstrap makes Debian suites, with apt")


def _artifacts(file: str, around: Keys, data: dict[str, Any], installers: set[str]) -> Iterator[Finding]:
    found = [((*around, "artifact", index), one) for index, one in tables(data, "artifact")]
    yield from twice("artifact", [(file, (*keys, "name"), one["name"]) for keys, one in found if "name" in one])
    for keys, one in found:
        path, address = one.get("file"), one.get("url")
        if (path is None) == (address is None):
            yield Finding(file, keys, "needs either file or url", "a file below the catalog, or an address")
            continue
        if path is not None and (PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts):
            yield Finding(file, (*keys, "file"), "leads out of the catalog", "a path relative to solvent.toml")
        if address is not None and url_has_password(address):
            yield Finding(
                file, (*keys, "url"), "a secret in a shared place", "an address without user name and password"
            )
        if "eula" in one and "eula_accepted_by" not in one:
            hint = 'who has read and accepted them, for example  eula_accepted_by = "Ana Silva, legal, 2026-11-02"'
            yield Finding(file, (*keys, "eula"), "its terms are not accepted: eula_accepted_by is missing", hint)
        yield from _kind(file, keys, one, kind_of(str(path or address)), installers)


def _kind(file: str, keys: Keys, one: dict[str, Any], kind: str, installers: set[str]) -> Iterator[Finding]:
    if kind in ("deb", "rpm"):
        if "target" in one:
            yield Finding(file, (*keys, "target"), "a package has its own places", "leave target out")
        for installer in sorted(installers):
            if _SUFFIX.get(installer) == kind:
                yield Finding(file, keys, f"{installer} installs no .{kind}")
    elif "target" not in one:
        what = "the folder that it is unpacked to" if kind == "archive" else "the path that it is placed at"
        yield Finding(file, (*keys, "target"), "is missing", what)
