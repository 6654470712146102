"""Commands of a RUN that install something: apt, pip, conda, R; and those that only serve the building."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from manager.core.recipes import conda, r, requirements
from manager.core.recipes.requirements import MIRROR

if TYPE_CHECKING:
    from collections.abc import Callable

    from manager.core.catalog import Place
    from manager.core.recipes.commands import Command, Word
    from manager.core.recipes.notes import Notes

_PACKAGE = re.compile(r"(?P<name>[a-z0-9][a-z0-9+.-]+)(:(amd64|arm64|any))?(?P<version>=\S+)?(/\S+)?")
# Options that take the next word as their value, of any of the installers.
_APT_VALUES = {"-o", "-t", "-c", "--option", "--target-release"}
_PIP_VALUES = {*requirements.OPTIONS, "-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-t", "--target",
               "--prefix", "--root", "--timeout", "--retries", "--cache-dir", "--progress-bar", "--only-binary",
               "--python", "--python-version", "--index-strategy"} - {"--no-index", "--pre", "--no-deps"}  # fmt: skip
_PIP_TELLING = {"-e", "--editable", "-r", "--requirement", "-c", "--constraint", *requirements.OPTIONS}
_CONDA_VALUES = {"-n", "--name", "-p", "--prefix", "-c", "--channel", "--solver", "-f", "--file"}
_CONDA = ("conda", "mamba", "micromamba")
_OTHER_INSTALLERS = ("apk", "dnf", "yum", "microdnf", "zypper", "snap", "pacman")
_HOUSEKEEPING = ("fix-permissions", "set", "true", ":", "ldconfig", "echo", "shopt")
_TEMPORARY = re.compile(r"/var/lib/apt|/var/cache|/tmp|/var/tmp|/root/\.cache|.*/\.cache|.*/pkgs|.*/__pycache__")
_R_INSTALLS = re.compile(r"install\.packages\s*\(\s*(?:pkgs\s*=\s*)?(?:c\s*\()?(?P<names>[^)]*)")
_QUOTED = re.compile(r"(?:^|[,(\s])[\"'](?P<name>[A-Za-z][A-Za-z0-9.]*)[\"']")
_ITSELF = "the base and the locks have what is installed, and nothing of how"


def read(notes: Notes, command: Command, at: Callable[[int], Place]) -> None:
    """Take what a command installs, or say why not; ``at`` gives the place of an offset."""
    words, name, place = command.words, command.name, at(command.offset)
    arguments = words[1:]
    if name.startswith("python") and [one.text for one in arguments[:2]] == ["-m", "pip"]:
        name, arguments = "pip", arguments[2:]
    if name == "uv" and arguments and arguments[0].text == "pip":
        name, arguments = "pip", arguments[1:]
    if not words:
        what = "the shell decides, repeats, pipes or redirects here, and nothing of it is run to find out"
        notes.leave(place, command.text, what, _instead(command.text))
    elif name in ("apt-get", "apt", "aptitude"):
        _apt(notes, arguments, command, at)
    elif re.fullmatch(r"pip[0-9.]*", name):
        _pip(notes, arguments, command, at)
    elif name in _CONDA:
        _conda(notes, arguments, command, at)
    elif name in ("R", "Rscript", "install2.r"):
        _r(notes, name, arguments, command, at)
    elif name in _OTHER_INSTALLERS:
        why = "its packages are named for another distribution than Debian"
        notes.leave(place, command.text, why, "add Debian's names to system_packages")
    elif name in _HOUSEKEEPING or (
        name == "rm" and all(one.text.startswith("-") or _TEMPORARY.match(one.text) for one in arguments)
    ):
        notes.ours(place, command.text, _ITSELF)
    else:
        notes.leave(place, command.text, "a command is not run: a release consists of packages and files", _instead(""))


def _instead(text: str) -> str:
    if re.search(r"pip|conda|apt", text):
        return "add what it installs to packages or system_packages"
    return "bring its result as a file: files/ in the family's folder, or [[artifact]]: docs/extending.md"


def _split(arguments: tuple[Word, ...], valued: set[str]) -> tuple[list[tuple[str, str, Word]], list[Word]]:
    """Tell options, with their values, from what remains."""
    options, rest = list[tuple[str, str, "Word"]](), list["Word"]()
    left = list(arguments)
    while left:
        one = left.pop(0)
        name, equals, value = one.text.partition("=")
        if not one.text.startswith("-"):
            rest.append(one)
        elif name in valued and not equals and left:
            following = left.pop(0)
            options.append((name, following.text, following))
        else:
            options.append((name, value, one))
    return options, rest


def _apt(notes: Notes, arguments: tuple[Word, ...], command: Command, at: Callable[[int], Place]) -> None:
    _, rest = _split(arguments, _APT_VALUES)
    place = at(command.offset)
    verb = rest[0].text if rest else ""
    if verb in ("update", "upgrade", "dist-upgrade", "full-upgrade", "clean", "autoclean", "autoremove"):
        notes.ours(place, command.text, _ITSELF)
        return
    if verb != "install":
        notes.leave(place, command.text, "it installs nothing", "a base holds what it names, and what that needs")
        return
    for one in rest[1:]:
        where, match = at(one.offset), _PACKAGE.fullmatch(one.text)
        if not one.known:
            notes.leave(where, one.text, "a variable or a command stands in it", "add its value to system_packages")
        elif one.text.endswith(".deb"):
            notes.leave(where, one.text, "it is a vendor's package", "declare it as [[artifact]]: docs/extending.md")
        elif match is None:
            notes.leave(where, one.text, "it is no name of a Debian package")
        else:
            version = f"the base locks Debian's version, not {match['version'][1:]}" if match["version"] else ""
            notes.take("system_packages", match["name"], where, assumed=version)


def _pip(notes: Notes, arguments: tuple[Word, ...], command: Command, at: Callable[[int], Place]) -> None:
    options, rest = _split(arguments, _PIP_VALUES)
    place = at(command.offset)
    if not rest or rest[0].text != "install":
        if rest and rest[0].text in ("cache", "config", "check", "list"):
            notes.ours(place, command.text, _ITSELF)
        else:
            notes.leave(place, command.text, "it installs nothing", "leave the package out of packages")
        return
    for name, value, word in options:
        where = at(word.offset)
        if not word.known and name in _PIP_TELLING:
            notes.leave(where, f"{name} {value}", "a variable stands in it, whose value is not known here")
        elif name in _PIP_TELLING:
            requirements.option(notes, name, _beside(notes, value) if name in ("-r", "--requirement") else value, where)
    for one in rest[1:]:
        if one.known:
            requirements.requirement(notes, one.text, at(one.offset))
        else:
            why = "a variable or a command stands in it, whose value is not known here"
            notes.leave(at(one.offset), one.text, why, "add it to packages")


def _beside(notes: Notes, path: str) -> str:
    """Give where a file in the image was copied from; without a copy its own path is looked for."""
    return notes.copied.get(path.rpartition("/")[2], path)


def _conda(notes: Notes, arguments: tuple[Word, ...], command: Command, at: Callable[[int], Place]) -> None:
    options, rest = _split(arguments, _CONDA_VALUES)
    verbs = [one.text for one in rest[:2]]
    place = at(command.offset)
    named = [(value, word) for name, value, word in options if name in ("-f", "--file")]
    for name, value, word in options:
        if name in ("-c", "--channel"):
            why = "packages come from the index of Python packages, not from channels"
            notes.leave(at(word.offset), f"channel {value}", why, MIRROR)
    if verbs[:1] in (["clean"], ["config"], ["init"], ["activate"]) or verbs == ["env", "list"]:
        notes.ours(place, command.text, _ITSELF)
    elif verbs[:1] == ["env"] or verbs[:1] in (["create"], ["install"], ["update"]):
        for value, word in named:
            _environment(notes, _beside(notes, value), at(word.offset))
        for one in rest[1:] if verbs[:1] != ["env"] else ():
            if one.known:
                conda.specification(notes, one.text, at(one.offset))
            else:
                notes.leave(at(one.offset), one.text, "a variable or a command stands in it", "add it to packages")
    else:
        notes.leave(place, command.text, "it installs nothing that is understood")


def _environment(notes: Notes, path: str, place: Place) -> None:
    """An environment.yml needs a reader of its own, which a person starts by its name."""
    why = "an environment.yml is a recipe of its own"
    notes.leave(place, f"--file {path}", why, f"make the release from it instead:  --from {path}")


def _r(notes: Notes, name: str, arguments: tuple[Word, ...], command: Command, at: Callable[[int], Place]) -> None:
    place = at(command.offset)
    if name == "install2.r":
        names = [one.text for one in arguments if not one.text.startswith("-")]
    else:
        calls = _R_INSTALLS.finditer(" ".join(one.text for one in arguments))
        names = [match["name"] for call in calls for match in _QUOTED.finditer(call["names"])]
    if not names:
        notes.leave(place, command.text, "a command is not run: a release consists of packages and files", _instead(""))
    for one in names:
        r.package(notes, one, place)
