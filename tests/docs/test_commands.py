"""Every command is documented, and what help and documentation show can be typed."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest

from manager.cli.pages import CommonOption, Page
from manager.cli.reference import commands, reference
from manager.cli.tree import COMMANDS, root

REPOSITORY = Path(__file__).parents[2]
ALL = {path: (command, context) for path, command, context in commands()}


def test_the_reference_is_up_to_date() -> None:
    """docs/cli.md is what the commands give: ``python -m manager.cli.reference docs/cli.md``."""
    assert (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8") == reference()


def test_the_commands_of_this_version_are_there() -> None:
    """Each of them, and no other: a command without behaviour is not shown."""
    assert {path.removeprefix("solvent").strip() for path in ALL} == {
        "", "quickstart", "status", "doctor", "init", "completion", "refresh", "affected",
        "catalog", "catalog validate", "catalog schema", "catalog diff", "catalog accept", "catalog trust",
        "image", "image list", "image show", "image new", "image lock", "image build",
        "image push", "image pull", "image promote", "image rollback", "image quarantine", "image unquarantine",
        "image prune", "image sbom", "image diff", "image notes", "image verify",
        "lifecycle", "lifecycle list", "lifecycle plan", "lifecycle apply", "lifecycle why", "lifecycle extend",
        "lifecycle retire", "lifecycle freeze", "lifecycle redirect", "lifecycle acknowledge", "lifecycle feed",
        "lifecycle impact",
        "connector", "connector list", "connector params", "connector show", "connector explain",
        "connector hold", "connector unhold", "connector quarantine", "connector unquarantine",
        "connector lock", "connector suspend", "connector unsuspend",
        "connector matrix", "connector promote", "connector rollback",
        "check", "check plan", "check run", "check list", "check show", "nightly", "tui",
        "connection", "connection add", "connection list", "connection show", "connection test", "connection lint",
        "connection remove",
        "source", "source list", "source start", "source stop", "source add", "source test", "source remove",
        "env", "env launch", "env list", "env show", "env logs", "env shell", "env open", "env stop", "env start",
        "env remove", "env upgrade",
        "workspace", "workspace list", "workspace show", "workspace remove",
        "debt",
        "adopt", "adopt scan", "adopt image", "adopt environment",
        "bundle", "bundle create", "bundle load",
        "config", "config show", "config path",
    }  # fmt: skip


@pytest.mark.parametrize("path", ALL)
def test_every_page_opens_with_two_examples_that_can_be_typed(path: str) -> None:
    """Each example parses, and belongs to its page."""
    command, context = ALL[path]

    page = command.get_help(context)

    assert page.startswith("Examples:\n  ")
    assert len(command.examples) == 2
    for example in command.examples:
        assert f"  {example}\n" in page
        words = _words(example)
        assert " ".join(["solvent", *words]).startswith(path) or path == "solvent"
        _parse(root, words)


@pytest.mark.parametrize("path", ALL)
def test_every_command_and_option_says_what_it_is(path: str) -> None:
    """No page without a sentence, no option without help; every command but a group takes the shared options."""
    command, _ = ALL[path]

    assert command.help
    assert all(one.help for one in command.params if isinstance(one, click.Option))
    if not isinstance(command, click.Group):
        assert {"form", "quiet", "catalog", "as_of", "no_input", "progress", "color"} <= {
            one.name for one in command.params if isinstance(one, CommonOption)
        }


def test_a_wrong_example_would_be_noticed() -> None:
    """The check above tells a misspelt option and a missing command."""
    with pytest.raises(click.NoSuchOption):
        _parse(root, ["env", "list", "--everybody"])
    with pytest.raises(Exception, match="no such command"):
        _parse(root, ["env", "lunch"])


def test_the_table_names_what_it_finds() -> None:
    """Each entry of the lazy top level leads to a command of that name."""
    context = click.Context(root)
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert isinstance(command, Page)
        assert command.name == name


def _words(example: str) -> list[str]:
    """Give the words of ``solvent`` in an example: of a substitution what is inside, of a pipe what is before."""
    inside = example.partition("$(")[2].partition(")")[0] or example
    return shlex.split(inside.partition(" > ")[0])[1:]


def _parse(command: click.Command, words: list[str]) -> None:
    """Parse words as the command line does, without running anything."""
    context = click.Context(command, info_name="solvent")
    with context:
        if isinstance(command, click.Group) and words:
            name, inner, rest = command.resolve_command(context, words)
            assert inner is not None, name
            _parse(inner, rest)
        elif not isinstance(command, click.Group):
            command.make_context("solvent", words)
