"""A Dockerfile: the stage that becomes the image, instruction by instruction."""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING

from manager.core.catalog import Place
from manager.core.recipes import images, installing, variables
from manager.core.recipes.commands import Command, Word, commands, substituted
from manager.core.recipes.instructions import instructions
from manager.core.systems import is_address, kind_of
from manager.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.recipes.instructions import Instruction
    from manager.core.recipes.notes import Notes

_DECIDED = {
    "USER": "environments run as the user solvent (1000)",
    "WORKDIR": "environments start in /workspace",
    "EXPOSE": "the family's launch says where the IDE listens",
    "ENTRYPOINT": "the family's Dockerfile says what is started",
    "CMD": "the family's Dockerfile says what is started",
    "HEALTHCHECK": "the family's Dockerfile has one",
    "LABEL": "builds carry labels of their own",
    "MAINTAINER": "`owner` in family.toml says who answers for it",
    "STOPSIGNAL": "environments are stopped in one way",
    "VOLUME": "home and workspace are volumes",
    "SHELL": "nothing is run to build an image",
}
_PAIR = re.compile(r"""(?P<name>[A-Za-z_][\w.-]*)=(?P<value>(?:"(?:\\[\s\S]|[^"\\])*"|'[^']*'|\\[\s\S]|[^\s"'\\])*)""")
# Where volumes, tmpfs and Solvent's own files lie: what is put there in the image is not seen, or in the way.
_COVERED = ("/home/", "/workspace", "/tmp", "/run", "/root", "/opt/solvent", "/proc", "/sys", "/dev")  # noqa: S108 - where nothing is put
_RECIPES = re.compile(
    r"(?i).*(requirements|constraints|environment|pyproject|renv|conda|packages).*\.(txt|ya?ml|toml|lock|in)"
)
_FOLDER = "put it below files/ in the family's folder, at the path that it has in the image: docs/extending.md"


def read(notes: Notes, text: str, file: str) -> None:
    """Read a Dockerfile; raises UsageError for one without FROM."""
    found = instructions(text)
    starts = [at for at, one in enumerate(found) if one.keyword == "FROM"]
    if not starts:
        raise UsageError(f"{file} has no FROM", why="a Dockerfile names the image that it begins with")
    known: dict[str, str] = {}
    for one in found[: starts[0]]:
        _argument(notes, one, file, known)
    stages = [found[start:end] for start, end in zip(starts, [*starts[1:], len(found)], strict=True)]
    within = _chain(stages, known)
    for at, stage in enumerate(stages):
        if at not in within:
            what = f"stage {_alias(stage[0]) or at}, to line {stage[-1].line}"
            why = "what an earlier stage makes is not made here"
            notes.leave(Place(file, stage[0].line), what, why, "bring its result as [[artifact]]: docs/extending.md")
    for at in within:
        _stage(notes, stages[at], file, known, first=at == within[0])


def _alias(one: Instruction) -> str:
    match = re.search(r"\s+[aA][sS]\s+(\S+)\s*$", one.text)
    return match[1] if match else ""


def _chain(stages: list[tuple[Instruction, ...]], known: dict[str, str]) -> list[int]:
    """Give the last stage and those that it begins with, in their order."""
    names = {_alias(stage[0]).lower(): at for at, stage in enumerate(stages) if _alias(stage[0])}
    chain = [len(stages) - 1]
    while (at := names.get(_image(stages[chain[0]][0], known).lower(), chain[0])) < chain[0]:
        chain.insert(0, at)
    return chain


def _image(one: Instruction, known: dict[str, str]) -> str:
    words = one.text.split()
    return substituted(words[0], known.get)[0] if words else ""


def _stage(notes: Notes, stage: tuple[Instruction, ...], file: str, known: dict[str, str], *, first: bool) -> None:
    if first:
        images.begun(notes, _image(stage[0], known), Place(file, stage[0].line))
    # Only what is declared in a stage is known in it; the values of before FROM are its defaults.
    values = dict(known)
    for one in stage[1:]:
        place = Place(file, one.line)
        if one.keyword == "ARG":
            _argument(notes, one, file, values)
        elif one.keyword == "ENV":
            _environment(notes, one, file, values)
        elif one.keyword == "RUN":
            _run(notes, one, file, values)
        elif one.keyword in ("COPY", "ADD"):
            _copy(notes, one, place, values)
        elif one.keyword in _DECIDED:
            notes.ours(place, f"{one.keyword} {one.text}", _DECIDED[one.keyword])
        else:
            why = "it is for images that are made from this one" if one.keyword == "ONBUILD" else "it is no instruction"
            notes.leave(place, f"{one.keyword} {one.text}", why)


def _pairs(one: Instruction) -> list[tuple[str, str, int]]:
    """Give names and values of an ENV or ARG, each with its offset; quotes are taken away."""
    found = [(match["name"], match["value"], match.start()) for match in _PAIR.finditer(one.text)]
    if not found or not re.match(r"\s*[A-Za-z_][\w.-]*=", one.text):
        # ENV NAME a value with spaces
        name, _, value = one.text.strip().partition(" ")
        return [(name, value.strip(), 0)]
    return [(name, re.sub(r"\\([\s\S])|[\"']", r"\1", value), offset) for name, value, offset in found]


def _argument(notes: Notes, one: Instruction, file: str, known: dict[str, str]) -> None:
    if one.keyword != "ARG":
        return
    for name, value, offset in _pairs(one):
        if variables.secret(notes, name, value):
            why = "it looks like a secret, and building takes none"
            notes.leave(Place(file, one.line_at(offset)), f"ARG {name}", why, "logins of mirrors: docs/mirrors.md")
        elif value:
            known[name] = substituted(value, known.get)[0]


def _environment(notes: Notes, one: Instruction, file: str, known: dict[str, str]) -> None:
    # Within one instruction its variables have the values that they had before it.
    before = dict(known)
    for name, raw, offset in _pairs(one):
        value, sound = substituted(raw, before.get)
        place = Place(file, one.line_at(offset))
        if variables.secret(notes, name, value) or sound:
            variables.take(notes, name, value, place)
            if sound:
                known[name] = value
        elif name == "PATH":
            variables.take(notes, name, "", place)
        else:
            notes.leave(place, f"ENV {name}", "a variable stands in its value", "set it in [environment] in full")


def _run(notes: Notes, one: Instruction, file: str, known: dict[str, str]) -> None:
    for name, value in one.flags:
        if name == "mount" and "secret" in value:
            notes.leave(Place(file, one.line), f"--{name}={value}", "building takes no secret", "docs/mirrors.md")
    if one.text.lstrip().startswith("["):
        _words(notes, one, Place(file, one.line))
        return
    for heredoc in one.heredocs:
        _script(notes, heredoc.text, known, _counting(file, heredoc.text, heredoc.line))
    if not one.heredocs:
        # A continued line ends nothing; its newline was kept so that places can be told.
        _script(notes, one.text.replace("\n", " "), known, lambda offset: Place(file, one.line_at(offset)))
    elif one.text.partition("<<")[0].strip():
        notes.leave(Place(file, one.line), one.text, "a command with a text is not run")


def _counting(file: str, text: str, first: int) -> Callable[[int], Place]:
    return lambda offset: Place(file, first + text.count("\n", 0, offset))


def _script(notes: Notes, script: str, known: dict[str, str], at: Callable[[int], Place]) -> None:
    for command in commands(script, known.get):
        installing.read(notes, command, at)


def _words(notes: Notes, one: Instruction, place: Place) -> None:
    """Read the form ``RUN ["program", "argument"]``, in which no shell takes part."""
    try:
        found = json.loads(one.text)
        given = tuple(Word(text, 0) for text in found if isinstance(text, str))
    except (ValueError, TypeError, RecursionError):
        notes.leave(place, f"RUN {one.text}", "it is neither a command nor a list of words")
        return
    installing.read(notes, Command(one.text, 0, given), lambda _: place)


def _copy(notes: Notes, one: Instruction, place: Place, known: dict[str, str]) -> None:
    text = f"{one.keyword} {one.text}"
    if stage := one.flag("from"):
        why = f"it comes from the stage or image {stage}"
        notes.leave(place, text, why, "bring the files as [[artifact]]: docs/extending.md")
        return
    for heredoc in one.heredocs:
        notes.leave(place, f"{one.keyword} {heredoc.name}", "its text stands in the Dockerfile", _FOLDER)
    paths = [] if one.heredocs else _paths(one, known)
    if len(paths) < 2:
        if not one.heredocs:
            notes.leave(place, text, "it names no file and no target, or a variable that is not known")
        return
    *sources, target = paths
    for source in sources:
        is_inside = target.endswith("/") or len(sources) > 1
        into = posixpath.join(target, posixpath.basename(source)) if is_inside else target
        _file(notes, one, source, into, place)


def _paths(one: Instruction, known: dict[str, str]) -> list[str]:
    if one.text.lstrip().startswith("["):
        try:
            words = [str(word) for word in json.loads(one.text)]
        except (ValueError, TypeError, RecursionError):
            return []
    else:
        words = one.text.split()
    found = [substituted(word, known.get) for word in words]
    return [text for text, _ in found] if all(sound for _, sound in found) else []


def _file(notes: Notes, one: Instruction, source: str, target: str, place: Place) -> None:
    text = f"{one.keyword} {source} {target}"
    if is_address(source):
        _address(notes, one, source, target, place)
        return
    found = notes.beside(source)
    notes.copied[posixpath.basename(target)] = source
    if _RECIPES.fullmatch(source):
        notes.ours(place, text, "what is installed from it is read where it is installed")
    elif not target.startswith("/") or target.startswith(_COVERED):
        why = f"{target} is covered by a volume or is Solvent's own"
        notes.leave(place, text, why, "take a path such as /opt/NAME or /etc; files of people belong into workspaces")
    elif found is None:
        notes.leave(place, text, "no single file of that name lies beside the Dockerfile", _FOLDER)
    elif kind_of(source) != "file":
        why = "an archive or a package is unpacked, installed or run by a later command"
        notes.leave(place, text, why, f"declare it as [[artifact]] with  sha256 = {found.sha256}: docs/extending.md")
    else:
        notes.take("artifact", target, place, name=source, sha256=found.sha256)


def _address(notes: Notes, one: Instruction, source: str, target: str, place: Place) -> None:
    algorithm, _, digest = one.flag("checksum").partition(":")
    sound = algorithm == "sha256" and re.fullmatch(r"[0-9a-f]{64}", digest) and "@" not in source
    if not sound or kind_of(source) != "file" or not target.startswith("/") or target.startswith(_COVERED):
        why = "a file from an address is taken by its SHA-256, to a place that no volume covers"
        notes.leave(place, f"ADD {source} {target}", why, "declare it as [[artifact]]: docs/extending.md")
        return
    notes.take("artifact", target, place, name=source, sha256=digest)
