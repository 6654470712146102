"""The shape of the catalog's files: pydantic models that judge parsed TOML, and their JSON Schema.

Importing this costs about 0.4 s on a small machine, so it is imported only when files have to be judged.
The models judge and convert nothing: values are made from the TOML itself (:mod:`.values`).
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads the annotations when the models are made
from typing import Annotated, Any, Literal

from pydantic import Field

from manager.core.access import Auth  # noqa: TC001 - as above
from manager.core.lifecycle import NOTICES
from manager.core.names import IDENTIFIER
from manager.world.files.patterns import (
    ADDRESS,
    COMPONENT,
    DIGEST_REFERENCE,
    FAMILY,
    FULL_NAME,
    MODULE,
    PYTHON,
    SHA256,
    SUBJECT,
    VARIABLE,
    VERSION,
    Absolute,
    FamilyId,
    Filled,
    Identifier,
    Index,
    PeriodText,
    R,
    Requirement,
    SizeText,
    SystemPackage,
)
from manager.world.files.shape_adopted import AdoptedFile
from manager.world.files.shape_connectors import ConnectionsFile, ConnectorFile, SuiteFile
from manager.world.files.shape_decisions import DriverDecisionFile, DriversTable
from manager.world.files.strict import Shape


class GitTable(Shape):
    """What happens after a command has edited the catalog."""

    mode: Literal["none"] = "none"


class BaseTable(Shape):
    """Where operating-system bases come from."""

    origin: Literal["auto", "bootstrap", "registry"] = "auto"


class LoginTable(Shape):
    """References (env:, file:, keyring:, exec:) to ``user:password``, by the key that they belong to."""

    python: str = ""
    apt: str = ""
    npm: str = ""
    cran: str = ""
    registry: str = ""
    builds: str = ""
    proxy: str = ""


class MirrorTable(Shape):
    """Where packages and images come from; the values are judged by ``core.mirror_table``."""

    python: str = ""
    apt: str = ""
    apt_security: str = ""
    apt_keyring: str = ""
    npm: str = ""
    cran: str = ""
    registry: str = ""
    builds: str = ""
    ca_bundle: str = ""
    proxy: str = ""
    no_proxy: list[str] = []
    frozen: list[str] = []
    credentials: LoginTable = Field(default_factory=LoginTable)


class ArtifactTable(Shape):
    """A vendor's file that goes into a base: a package, an archive that is unpacked, or a file as it is."""

    name: Identifier
    file: Filled | None = None
    url: Annotated[str, Field(pattern=ADDRESS)] | None = None
    sha256: Annotated[str, Field(pattern=SHA256)]
    licence: Filled
    target: Absolute | None = None
    eula: Annotated[str, Field(pattern=ADDRESS)] | None = None
    eula_accepted_by: Filled | None = None


class SystemTable(Shape):
    """A Debian suite or an image of one's own, the Python that it carries, and the packages of every release on it."""

    suite: Annotated[str, Field(pattern=r"^$|" + IDENTIFIER)] = ""
    python: Annotated[str, Field(pattern=PYTHON)]
    packages: list[SystemPackage]
    image: Annotated[str, Field(pattern=DIGEST_REFERENCE)] = ""
    base: Annotated[str, Field(pattern=DIGEST_REFERENCE)] = ""
    installer: Literal["apt", "dnf"] = "apt"
    artifact: list[ArtifactTable] = []


class SolventFile(Shape):
    """``solvent.toml``: marks a folder as a catalog and holds what all families share."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Identifier
    git: GitTable = Field(default_factory=GitTable)
    base: BaseTable = Field(default_factory=BaseTable)
    mirror: MirrorTable = Field(default_factory=MirrorTable)
    drivers: DriversTable = Field(default_factory=DriversTable)
    systems: Annotated[dict[Identifier, SystemTable], Field(min_length=1)]


class FactTable(Shape):
    """The day on which upstream support of a component ends, and who says so; without ``ends`` it is undecided."""

    component: Annotated[str, Field(pattern=COMPONENT)]
    ends: date | None = None
    source: Filled
    as_of: date


class UpstreamFile(Shape):
    """``images/upstream.toml``: a snapshot of upstream ends of life."""

    fact: list[FactTable]


class ApartTable(Shape):
    """A package that is taken from an index of its own; while none is named, sets go without it."""

    package: Requirement
    imports: list[Annotated[str, Field(pattern=MODULE)]] = []
    index: Index = ""


class SetTable(Shape):
    """Packages that releases include by a common name."""

    id: Identifier
    title: Filled
    packages: list[Requirement]
    imports: list[Annotated[str, Field(pattern=MODULE)]] = []
    system_packages: list[SystemPackage] = []
    apart: list[ApartTable] = []


class SetsFile(Shape):
    """``images/sets.toml``: package sets."""

    set: list[SetTable]


class PolicyTable(Shape):
    """How the day of a release becomes a schedule; ISO 8601 periods."""

    active_for: PeriodText = "P18M"
    deprecate_before: PeriodText = "P90D"
    create_block_before: PeriodText = "P30D"
    restart_block_after: PeriodText = "P90D"
    remove_after: PeriodText = "P365D"
    minimum_notice: PeriodText = "P30D"
    extend_at_most: PeriodText = "P180D"
    notices: list[Annotated[int, Field(ge=0, le=3650)]] = list(NOTICES)
    on_end_of_life: Literal["keep-running", "stop-running"] = "keep-running"
    cap_to_upstream: bool = True


class LaunchTable(Shape):
    """How an image of the family is started and reached."""

    port: Annotated[int, Field(ge=1, le=65535)]
    ready: Absolute
    page: Absolute
    selector: Filled
    auth: Auth = "token"
    home: Absolute = "/home/solvent"
    workspace: Absolute = "/workspace"
    uid: Annotated[int, Field(ge=1, le=65533)] = 1000
    environment: dict[Annotated[str, Field(pattern=VARIABLE)], str] = {}


class PageTable(Shape):
    """What a family that extends may say of the launch: its own IDE's page. The rest is what its files are made for."""

    ready: Absolute | None = None
    page: Absolute | None = None
    selector: Filled | None = None


class ReleaseTable(Shape):
    """What a user chooses. Dates that stand here beat the ones that follow from the policy."""

    line: Identifier
    ide: Requirement
    python: Annotated[str, Field(pattern=PYTHON)]
    system: Identifier
    released: date
    deprecated: date | None = None
    create_block: date | None = None
    end_of_life: date | None = None
    restart_block: date | None = None
    remove_after: date | None = None
    successor: Annotated[str, Field(pattern=FULL_NAME)] = ""
    message: str = ""
    connectors: list[Identifier] = []
    packages: list[Requirement] = []
    sets: list[Identifier] = []
    r: Annotated[str, Field(pattern=R)] = ""
    pins: list[Annotated[str, Field(pattern=VERSION)]] = []
    ide_from: Literal["python", "npm", "vendor"] = "python"
    node: Annotated[str, Field(pattern=r"^$|^[1-9][0-9]*$")] = ""


class KernelTable(Shape):
    """What runs a language of the family, and a cell that shows that it does."""

    name: Identifier
    language: Identifier
    cell: Filled = "1+1"
    expects: str = "2"
    command: list[Filled] = []
    needs: str = ""


class FamilyFile(Shape):
    """``images/*/family.toml``: an IDE as a product line."""

    id: FamilyId
    title: Filled
    owner: Filled
    languages: Annotated[list[Identifier], Field(min_length=1)]
    size_budget: SizeText
    policy: PolicyTable = Field(default_factory=PolicyTable)
    launch: LaunchTable
    kernel: list[KernelTable] = []
    release: Annotated[list[ReleaseTable], Field(min_length=1)]
    system_packages: list[SystemPackage] = []
    build_packages: list[SystemPackage] = []
    artifact: list[ArtifactTable] = []


class ExtendingFile(Shape):
    """``images/*/family.toml`` of a family that extends another: what it adds; all else is that family's.

    Without releases of its own it has those of the other, with their dates.
    """

    id: FamilyId
    title: Filled
    owner: Filled
    extends: Annotated[str, Field(pattern=FAMILY)]
    size_budget: SizeText | None = None
    policy: PolicyTable | None = None
    languages: list[Identifier] = []
    kernel: list[KernelTable] = []
    launch: PageTable | None = None
    packages: list[Requirement] = []
    system_packages: list[SystemPackage] = []
    environment: dict[Annotated[str, Field(pattern=VARIABLE)], str] = {}
    release: Annotated[list[ReleaseTable], Field(min_length=1)] | None = None
    artifact: list[ArtifactTable] = []


class OverrideFile(Shape):
    """``images/overrides/DATE-KIND-SUBJECT.toml``: one decision that beats a schedule; only ever added."""

    kind: Literal["extend", "early-retire", "freeze", "quarantine", "redirect", "acknowledge"]
    subject: Annotated[str, Field(pattern=SUBJECT)]
    day: date
    reason: Filled
    by: Filled
    approved_by: Filled = ""
    from_: Annotated[date | None, Field(alias="from")] = None
    until: date | None = None
    security: bool = False
    to: Annotated[str, Field(pattern=FULL_NAME)] = ""
    message: str = ""


# A family's file has one of two shapes, by whether it has the key ``extends``.
MODELS: dict[str, type[Shape]] = {
    "solvent": SolventFile,
    "upstream": UpstreamFile,
    "sets": SetsFile,
    "family": FamilyFile,
    "connector": ConnectorFile,
    "suite": SuiteFile,
    "connections": ConnectionsFile,
    "override": OverrideFile,
    "decision": DriverDecisionFile,
    "adopted": AdoptedFile,
}
FILES = {
    "solvent": "solvent.toml",
    "upstream": "upstream.toml",
    "sets": "sets.toml",
    "family": "family.toml",
    "connector": "connector.toml",
    "suite": "suite.toml",
    "connections": "connections.toml",
    "override": "overrides/*.toml",
    "decision": "decisions/*.toml",
    "adopted": "adopted.toml",
}


def schema() -> dict[str, Any]:
    """Give one JSON Schema document (2020-12): a property for each kind of file, models in ``$defs``."""
    from pydantic.json_schema import models_json_schema

    models: list[type[Shape]] = [*MODELS.values(), ExtendingFile]
    references, definitions = models_json_schema([(model, "validation") for model in models], title="Solvent catalog")
    properties = {FILES[kind]: references[model, "validation"] for kind, model in MODELS.items()}
    properties[FILES["family"]] = {"anyOf": [properties[FILES["family"]], references[ExtendingFile, "validation"]]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        **definitions,
    }
