"""The catalog's files become a Catalog, or every problem in them at once."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from manager.core.amounts import many
from manager.core.catalog import Catalog
from manager.core.cooling import COOL_DOWN
from manager.core.lifecycle import Period
from manager.core.systems import with_additions
from manager.errors import CatalogError, Problem
from manager.world.files import adopted, documents, extending, families, values
from manager.world.files.mirror import mirror_findings, mirrors

if TYPE_CHECKING:
    from manager.core.catalog import BaseOrigin
    from manager.core.connectors import Connector
    from manager.core.sharing import SharedConnection
    from manager.world.files.documents import Document, Folder
    from manager.world.files.judgement import Finding

# How many catalogs the record of judged ones remembers.
_REMEMBERED = 32


def load(root: Path, shipped: bool, record: Path | None = None) -> Catalog:
    """Read and check the catalog below ``root``.

    ``record`` may name a file of this person's cache that remembers, by digest, contents that were judged
    before and found right; judging needs pydantic, whose import takes longer than all the rest. Without it the
    files are judged each time. Raises CatalogError with every problem, sorted by file and line.
    """
    root = root.resolve()
    if not (root / "solvent.toml").is_file():
        raise CatalogError(f"{root} is not a catalog: it has no solvent.toml", hint="make one:  solvent init DIR")
    folder = extending.with_shipped(documents.read(root, shipped))
    mark = _mark(folder)
    if folder.problems or not _remembered(record, mark):
        problems = problems_of(folder)
        if problems:
            raise CatalogError(_headline(len(problems), root), problems)
        _remember(record, mark)
    return _catalog(folder, shipped)


def _headline(count: int, root: Path) -> str:
    return f"{many(count, 'problem')} in the catalog {root}"


def _catalog(folder: Folder, shipped: bool) -> Catalog:
    solvent = folder.of("solvent")[0].data
    systems = tuple(values.system(name, table, folder.root) for name, table in solvent["systems"].items())
    suites = {system.id: system.suite for system in systems}
    facts = tuple(fact for document in folder.of("upstream") for fact in values.facts(document))
    known = {fact.component: fact for fact in facts}
    origin: BaseOrigin = solvent.get("base", {}).get("origin", "auto")
    sets = tuple(one for document in folder.of("sets") for one in values.package_sets(document))
    own, theirs = extending.families(folder), extending.families(folder.shipped)
    said = {PurePosixPath(one.file).parent: one for one in folder.of("suite")}
    connectors = tuple(
        values.connector(one, said.get(PurePosixPath(one.file).parent)) for one in folder.of("connector")
    )
    found = tuple(
        families.family(extending.written_out(extending.lineage(one, own, theirs)), suites, known, sets, connectors)
        for one in own
    )
    return Catalog(
        root=str(folder.root),
        shipped=shipped,
        content=folder.content,
        systems=(*systems, *with_additions(systems, found, sets, connectors, origin)),
        families=adopted.joined(found, folder.of("adopted"), known),
        connectors=connectors,
        base_origin=origin,
        git_mode=solvent.get("git", {}).get("mode", "none"),
        name=solvent["name"],
        facts=facts,
        connections=_shared(folder, connectors),
        mirror=mirrors(folder),
        sets=sets,
        overrides=tuple(values.override(one.file, one.data) for one in folder.of("override")),
        driver_decisions=tuple(values.decision(one.file, one.data) for one in folder.of("decision")),
        cool_down=Period.parse(solvent.get("drivers", {}).get("cool_down", str(COOL_DOWN))),
    )


def _shared(folder: Folder, connectors: tuple[Connector, ...]) -> tuple[SharedConnection, ...]:
    documents = folder.of("connections")
    if not documents:
        return ()
    from manager.world.files import sharing

    known = {connector.id: connector for connector in connectors}
    return tuple(one for document in documents for one in sharing.connections(document, known))


def problems_of(folder: Folder) -> tuple[Problem, ...]:
    """Give everything that is wrong in files that were read, sorted by file and line."""
    from manager.world.files import (
        additions,
        consistency,
        driver_decisions,
        fact_files,
        overrides,
        sets,
        sharing,
        suites,
        wiring,
    )
    from manager.world.files.judgement import judge, without

    findings: list[Finding] = []
    sound: dict[documents.Kind, list[consistency.Sound]] = {
        "solvent": [],
        "upstream": [],
        "sets": [],
        "family": [],
        "connector": [],
        "suite": [],
        "connections": [],
        "override": [],
        "decision": [],
        "adopted": [],
    }
    for document in folder.documents:
        wrong = judge(document)
        findings += wrong
        if document.kind not in ("override", "decision") or not wrong:
            sound[document.kind].append((document.file, without(document, wrong)))
    unread = {problem.file for problem in folder.problems}
    extended = additions.spread(folder, sound)
    unread |= {one.file for one in extended.findings}
    systems = consistency.systems_of(sound)
    findings += consistency.check(sound, unread)
    carried = {name: str(table.get("suite", "")) for name, table in (systems or {}).items()}
    findings += overrides.check(sound, carried, unread)
    findings += sets.check(sound, unread)
    findings += wiring.check(sound["connector"], None if systems is None else carried)
    findings += suites.check(sound["suite"], sound["connector"], unread, systems)
    unknown = any(file.startswith("connectors/") for file in unread)
    if not unknown:
        findings += driver_decisions.check(sound["decision"], sound["connector"])
    findings += sharing.check(sound["connections"], sound["connector"], not unknown)
    findings += mirror_findings(sound["solvent"])
    findings += fact_files.check(folder)
    findings = extended.told([*findings, *additions.check(sound)])
    return _placed(folder, findings)


def _placed(folder: Folder, findings: list[Finding]) -> tuple[Problem, ...]:
    """Give findings their lines and sort them with the problems of reading."""
    from manager.world.files.positions import lines, nearest, spelled

    texts: dict[str, Document] = {document.file: document for document in folder.documents}
    known = {file: lines(texts[file].text) for file in {one.file for one in findings} if file in texts}
    problems = [
        Problem(
            one.file,
            nearest(known[one.file], one.keys) if one.file in known else 0,
            spelled(one.keys),
            one.why,
            one.hint,
        )
        for one in findings
    ]
    return tuple(sorted({*folder.problems, *problems}, key=lambda one: (one.file, one.line, one.key, one.why)))


def _mark(folder: Folder) -> str:
    """Digest what a judgement depends on: the catalog's content, and the rules in this package."""
    rules = hashlib.sha256()
    for module in sorted(Path(__file__).parent.glob("*.py")):
        rules.update(module.read_bytes())
    return f"{folder.content}{rules.hexdigest()[:16]}"


def _remembered(record: Path | None, mark: str) -> bool:
    try:
        return record is not None and mark in record.read_text().split()
    except (OSError, UnicodeDecodeError):
        return False


def _remember(record: Path | None, mark: str) -> None:
    if record is None:
        return
    from manager.whole_files import write_private

    try:
        known = record.read_text().split() if record.is_file() else []
        write_private(record, "\n".join([*known[-_REMEMBERED + 1 :], mark]) + "\n")
    except (OSError, UnicodeDecodeError):
        return  # a cache that cannot be written only costs time
